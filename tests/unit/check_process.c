/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "detect/check.h"
#include "record/build.h"
#include "suite.h"

/* Hands made-up processes to the stage: no /proc is needed. */
struct made {
	const char *name, *exe, *argv0, *user, *id;
	int pid, state;
	bool kernel_thread, bystander;
	double cpu, memory; /* 0: not known */
	int nlink;	    /* -1: not known */
	int dir_mode;
};

static const struct made *made;
static size_t nmade, made_at;
static int made_end;

static sm_ctx *ctx;
static struct smi_detect_proc_opts opts;
static sm_record *found[16];
static size_t nfound;

static void set_str(sm_record *r, unsigned field, const char *s)
{
	if (s)
		smi_set_const(r, field, s);
}

static sm_record *make(struct smi_arena *a, const struct made *m)
{
	sm_record *r = smi_rec_new(a, SM_KIND_PROCESS);

	smi_set_int(r, SMI_PROC_PID, m->pid);
	smi_set_int(r, SMI_PROC_TIME, 1000);
	smi_set_int(r, SMI_PROC_STATE_CODE, m->state);
	smi_set_int(r, SMI_PROC_KERNEL_THREAD, m->kernel_thread);
	set_str(r, SMI_PROC_ID, m->id);
	set_str(r, SMI_PROC_USER, m->user);
	set_str(r, SMI_PROC_EXE, m->exe);
	if (m->name) {
		set_str(r, SMI_PROC_NAME, m->name);
		smi_set_raw(a, r, SMI_PROC_NAME_RAW, smi_span_str(m->name));
	}
	if (m->argv0)
		smi_set_strs(a, r, SMI_PROC_ARGS, &m->argv0, 1);
	if (m->bystander)
		smi_set_int(r, SMI_PROC_BYSTANDER, 1);
	if (m->cpu > 0)
		smi_set_real(r, SMI_PROC_CPU_PERCENT, m->cpu);
	if (m->memory > 0)
		smi_set_real(r, SMI_PROC_MEMORY_PERCENT, m->memory);
	if (m->nlink >= 0)
		smi_set_int(r, SMI_PROC_EXE_NLINK, m->nlink);
	smi_set_int(r, SMI_PROC_EXE_DIR_MODE, m->dir_mode);
	return r;
}

static int start(void *src, struct smi_out *out)
{
	(void)src;
	(void)out;
	made_at = 0;
	return 0;
}

static int step(void *src, struct smi_out *out)
{
	(void)src;
	if (made_at == nmade)
		return made_end;
	return smi_out_record(out, make(smi_out_arena(out), &made[made_at++])) <
			       0
		       ? -ENOMEM
		       : 1;
}

static void free_nothing(void *src)
{
	(void)src;
}

static const struct smi_source_ops made_ops = {
	.name = "made", .start = start, .step = step, .free = free_nothing
};

static int keep(const sm_event *ev, void *user)
{
	(void)user;
	if (sm_event_kind(ev) == SM_EVENT_FINDING && nfound < SMI_COUNT(found))
		found[nfound++] = sm_record_ref(sm_event_record(ev));
	return 0;
}

static void forget(void)
{
	while (nfound > 0)
		sm_record_unref(found[--nfound]);
}

static int judge(const struct made *list, size_t n)
{
	void *stage;
	sm_job *job;

	forget();
	made = list;
	nmade = n;
	ck_assert_int_eq(smi_job_new(ctx, &made_ops, NULL, &job), 0);
	ck_assert_int_eq(smi_detect_proc_new(ctx, &opts, &stage), 0);
	ck_assert_int_eq(smi_job_add_stage(job, &smi_detect_proc_ops, stage),
			 0);
	return smi_job_verb(job, keep, NULL);
}

static const sm_finding *finding(size_t i)
{
	ck_assert_uint_lt(i, nfound);
	return sm_record_finding(found[i]);
}

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	made_end = 0;
	opts = (struct smi_detect_proc_opts){ .checks = true };
	opts.thresholds[SMI_LOAD_CPU] = opts.thresholds[SMI_LOAD_MEMORY] = 80;
}

static void teardown(void)
{
	forget();
	sm_ctx_unref(ctx);
}

/* Nothing is wrong with it. */
#define ORDINARY_OF(name_, user_, id_, pid_)                                   \
	.name = (name_), .exe = "/usr/bin/web", .user = (user_), .id = (id_),  \
	.pid = (pid_), .state = 'S', .nlink = 1
#define ORDINARY ORDINARY_OF("web", "carl", "00", 42)

static const struct {
	struct made process;
	const char *kind; /* NULL: nothing is found */
} cases[] = {
	{ { ORDINARY }, NULL },
	{ { ORDINARY, .cpu = 80 }, NULL },
	{ { ORDINARY, .cpu = 80.1 }, "cpu_hog" },
	{ { ORDINARY, .cpu = 800 }, "cpu_hog" },
	{ { ORDINARY, .memory = 80 }, NULL },
	{ { ORDINARY, .memory = 80.1 }, "memory_hog" },
	{ { ORDINARY, .dir_mode = 040777 }, "exe_world_writable_dir" },
	{ { ORDINARY, .dir_mode = 041777 }, NULL },
	{ { ORDINARY, .dir_mode = 040775 }, NULL },
	{ { .name = "x", .pid = 1, .exe = "/x", .nlink = 0 }, "exe_deleted" },
	{ { .name = "x", .pid = 1, .exe = "/x (deleted)", .nlink = 1 }, NULL },
	{ { .name = "x", .pid = 1, .exe = "/x (deleted)", .nlink = -1 }, NULL },
};

START_TEST(a_process_is_found_by_what_is_wrong_with_it_alone)
{
	ck_assert_int_eq(judge(&cases[_i].process, 1), 0);
	ck_assert_uint_eq(nfound, cases[_i].kind != NULL);
	if (cases[_i].kind)
		ck_assert_str_eq(sm_finding_kind(finding(0)), cases[_i].kind);
}
END_TEST

START_TEST(a_finding_says_what_was_compared_with_what)
{
	const struct made m = { ORDINARY, .cpu = 123.4 };
	const sm_finding *f;

	opts.thresholds[SMI_LOAD_CPU] = 99.5;
	ck_assert_int_eq(judge(&m, 1), 0);
	f = finding(0);
	ck_assert_str_eq(sm_finding_title(f),
			 "web (pid 42) uses 123.4 % of a processor");
	ck_assert_str_eq(sm_finding_why(f),
			 "Between two looks it used 123.4 % of one processor; "
			 "the threshold is 99.5 %.");
	ck_assert_ptr_nonnull(strstr(sm_finding_next_step(f), "If carl does"));
	ck_assert_str_eq(sm_finding_subject(f), "web (pid 42)");
	ck_assert_str_eq(sm_finding_user(f), "carl");
	ck_assert_int_eq(sm_finding_pid(f), 42);
	ck_assert_int_eq(sm_finding_first(f), 1000);
	ck_assert_int_eq(sm_finding_last(f), 1000);
	ck_assert_uint_eq(sm_finding_count(f), 1);
	ck_assert_str_eq(sm_finding_attack(f, 0), "T1496");
	ck_assert_int_eq(sm_proc_pid(sm_record_proc(sm_finding_evidence(f, 0))),
			 42);
}
END_TEST

START_TEST(the_key_is_that_of_the_program_and_the_id_that_of_the_process)
{
	const struct made list[] = {
		{ ORDINARY, .cpu = 90 },
		{ ORDINARY_OF("web", "carl", "01", 43), .cpu = 95 },
		{ ORDINARY_OF("web", "eve", "02", 44), .cpu = 90 },
		{ ORDINARY_OF("db", "carl", "03", 45), .cpu = 90 },
	};

	ck_assert_int_eq(judge(list, SMI_COUNT(list)), 0);
	ck_assert_uint_eq(nfound, 4);
	ck_assert_str_eq(sm_finding_key(finding(0)),
			 sm_finding_key(finding(1)));
	ck_assert_str_ne(sm_finding_key(finding(0)),
			 sm_finding_key(finding(2)));
	ck_assert_str_ne(sm_finding_key(finding(0)),
			 sm_finding_key(finding(3)));
	ck_assert_str_ne(sm_finding_id(finding(0)), sm_finding_id(finding(1)));
	ck_assert_str_ne(sm_finding_id(finding(0)), sm_finding_key(finding(0)));
}
END_TEST

START_TEST(a_hostile_name_comes_into_no_sentence_unescaped)
{
	/* What the source makes of "\x1b[2J{pid}". */
	const struct made m = {
		.name = "\\x1b[2J{pid}", .pid = 7, .cpu = 99, .nlink = 1
	};

	ck_assert_int_eq(judge(&m, 1), 0);
	ck_assert_str_eq(sm_finding_title(finding(0)),
			 "\\x1b[2J{pid} (pid 7) uses 99 % of a processor");
	ck_assert_str_eq(sm_finding_subject(finding(0)),
			 "\\x1b[2J{pid} (pid 7)");
}
END_TEST

START_TEST(a_process_without_a_name_is_told_as_one)
{
	const struct made m = { .name = "", .pid = 9, .exe = "/x", .nlink = 0 };

	ck_assert_int_eq(judge(&m, 1), 0);
	ck_assert_str_eq(sm_finding_subject(finding(0)), "process 9");
	ck_assert_str_eq(sm_finding_title(finding(0)),
			 "(no name) (pid 9) runs a program that has been "
			 "deleted");
}
END_TEST

START_TEST(a_threshold_of_zero_and_checks_that_are_off_find_nothing)
{
	const struct made m = { ORDINARY, .cpu = 500, .memory = 99 };
	const struct made gone = { .name = "x", .exe = "/x", .nlink = 0 };
	struct smi_fieldset needs;

	opts = (struct smi_detect_proc_opts){ 0 };
	ck_assert_int_eq(judge(&m, 1), 0);
	ck_assert_uint_eq(nfound, 0);
	ck_assert_int_eq(judge(&gone, 1), 0);
	ck_assert_uint_eq(nfound, 0);
	needs = smi_detect_proc_needs(&opts);
	ck_assert(smi_fieldset_empty(&needs));
}
END_TEST

START_TEST(what_a_check_reads_is_needed)
{
	struct smi_fieldset needs;

	opts.thresholds[SMI_LOAD_MEMORY] = 0;
	opts.checks = false;
	needs = smi_detect_proc_needs(&opts);
	ck_assert(smi_fieldset_has(&needs, SMI_PROC_CPU_PERCENT));
	ck_assert(smi_fieldset_has(&needs, SMI_PROC_NAME));
	ck_assert(!smi_fieldset_has(&needs, SMI_PROC_MEMORY_PERCENT));
	ck_assert(!smi_fieldset_has(&needs, SMI_PROC_EXE_NLINK));
	ck_assert(!smi_fieldset_has(&needs, SMI_PROC_ARGS));
}
END_TEST

static const struct {
	struct made process;
	bool runs; /* something that goes by the name "sshd" */
} running[] = {
	{ { .name = "sshd", .state = 'S' }, true },
	{ { .name = "sshd", .state = 'Z' }, false },
	{ { .name = "sshd", .state = 'I', .kernel_thread = true }, false },
	{ { .name = "sshd2", .state = 'S' }, false },
	{ { .name = "SSHD", .state = 'S' }, false },
	{ { .name = "x", .exe = "/usr/sbin/sshd", .state = 'S' }, true },
	{ { .name = "x", .exe = "/usr/sbin/sshd (deleted)", .state = 'S' },
	  true },
	{ { .name = "x", .exe = "/usr/sbin/sshd/x", .state = 'S' }, false },
	{ { .name = "x", .argv0 = "/opt/sshd", .state = 'R' }, true },
	{ { .name = "x", .argv0 = "sshd", .state = 'R' }, true },
	{ { .name = "x", .argv0 = "sshd: root [priv]", .state = 'R' }, false },
	{ { .name = "sshd", .state = 'S', .bystander = true, .cpu = 500 },
	  true },
};

START_TEST(a_name_runs_when_a_live_process_goes_by_it)
{
	static const char *const names[] = { "sshd" };

	opts.checks = false;
	opts.important = names;
	opts.nimportant = 1;
	ck_assert_int_eq(judge(&running[_i].process, 1), 0);
	ck_assert_uint_eq(nfound, !running[_i].runs);
	if (running[_i].runs)
		return;
	ck_assert_str_eq(sm_finding_kind(finding(0)), "important_missing");
	ck_assert_str_eq(sm_finding_title(finding(0)), "sshd does not run");
	ck_assert_uint_eq(sm_finding_nevidence(finding(0)), 0);
}
END_TEST

START_TEST(nothing_is_missing_where_not_all_was_seen)
{
	static const char *const names[] = { "sshd" };
	const struct made m = { ORDINARY };

	opts.important = names;
	opts.nimportant = 1;
	made_end = -EIO;
	ck_assert_int_eq(judge(&m, 1), -EIO);
	ck_assert_uint_eq(nfound, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("process");
	TCase *tc = tcase_create("process");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc,
			    a_process_is_found_by_what_is_wrong_with_it_alone,
			    0, SMI_COUNT(cases));
	tcase_add_test(tc, a_finding_says_what_was_compared_with_what);
	tcase_add_test(
		tc,
		the_key_is_that_of_the_program_and_the_id_that_of_the_process);
	tcase_add_test(tc, a_hostile_name_comes_into_no_sentence_unescaped);
	tcase_add_test(
		tc, a_threshold_of_zero_and_checks_that_are_off_find_nothing);
	tcase_add_test(tc, a_process_without_a_name_is_told_as_one);
	tcase_add_test(tc, what_a_check_reads_is_needed);
	tcase_add_loop_test(tc, a_name_runs_when_a_live_process_goes_by_it, 0,
			    SMI_COUNT(running));
	tcase_add_test(tc, nothing_is_missing_where_not_all_was_seen);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
