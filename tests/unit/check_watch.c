/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "detect/check.h"
#include "detect/watch.h"
#include "record/build.h"
#include "suite.h"

/*
 * Looks of made-up processes, a letter each: h is busy and i idle (the same process),
 * d runs a deleted program, s and S are sshd, of which S began later; x is a crowd of
 * SMI_WATCH_MAX + 5 that run deleted programs. n and N run deleted programs, too, and
 * have no id. A space ends a look.
 */
static const char *looks;
static size_t at;
static int round_no;

static sm_ctx *ctx;
static struct smi_detect_proc_opts opts;
static struct smi_buf told;

static void make(struct smi_out *out, int pid, const char *name, double cpu,
		 int nlink, int start)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *r = smi_rec_new(a, SM_KIND_PROCESS);
	char id[16];

	snprintf(id, sizeof(id), "%d.%d", pid, start);
	if (strcmp(name, "nameless") != 0)
		smi_set_text(a, r, SMI_PROC_ID, smi_span_str(id));
	smi_set_int(r, SMI_PROC_START_TICKS, start);
	smi_set_int(r, SMI_PROC_PID, pid);
	smi_set_int(r, SMI_PROC_PPID, 1);
	smi_set_int(r, SMI_PROC_STATE_CODE, 'S');
	smi_set_int(r, SMI_PROC_TIME, 1000 + round_no);
	smi_set_int(r, SMI_PROC_START, start);
	smi_set_const(r, SMI_PROC_NAME, name);
	smi_set_raw(a, r, SMI_PROC_NAME_RAW, smi_span_str(name));
	smi_set_const(r, SMI_PROC_EXE,
		      name[0] == 's' ? "/usr/sbin/sshd" : "/usr/bin/web");
	smi_set_real(r, SMI_PROC_CPU_PERCENT, cpu);
	smi_set_int(r, SMI_PROC_EXE_NLINK, nlink);
	ck_assert_int_eq(smi_out_judge(out, r), 0);
}

static void make_letter(struct smi_out *out, char letter)
{
	switch (letter) {
	case 'h':
		make(out, 7, "web", 90, 1, 50);
		break;
	case 'i':
		make(out, 7, "web", 1, 1, 50);
		break;
	case 'd':
		make(out, 9, "gone", 1, 0, 60);
		break;
	case 's':
		make(out, 11, "sshd", 1, 1, 100);
		break;
	case 'S':
		make(out, 12, "sshd", 1, 1, 200);
		break;
	case 'n':
		make(out, 13, "nameless", 1, 0, 60);
		break;
	case 'N':
		make(out, 13, "nameless", 1, 0, 70);
		break;
	case 'x':
		for (int i = 0; i < SMI_WATCH_MAX + 5; i++)
			make(out, 1000 + i, "gone", 1, 0, 60);
		break;
	default:
		break;
	}
}

static int step(void *src, struct smi_out *out)
{
	(void)src;
	for (; looks[at] && looks[at] != ' '; at++)
		make_letter(out, looks[at]);
	ck_assert_int_ge(smi_out_round(out), 0);
	if (!looks[at])
		return 0;
	at++;
	return 1;
}

static int start(void *src, struct smi_out *out)
{
	(void)src;
	(void)out;
	at = 0;
	round_no = 1;
	return 0;
}

static void free_nothing(void *src)
{
	(void)src;
}

static const struct smi_source_ops made_ops = {
	.name = "made", .start = start, .step = step, .free = free_nothing
};

/* "1 cpu_hog open 3 1001-1003;": look, kind, state, looks in which it was there. */
static int note(const sm_event *ev, void *user)
{
	const sm_finding *f = sm_record_finding(sm_event_record(ev));

	(void)user;
	round_no += sm_event_kind(ev) == SM_EVENT_ROUND;
	if (sm_event_kind(ev) == SM_EVENT_FINDING)
		smi_buf_printf(
			&told, "%d %s %s %u;", round_no, sm_finding_kind(f),
			sm_finding_state(f) == SM_FINDING_OPEN ? "open"
							       : "closed",
			(unsigned)sm_finding_count(f));
	if (sm_event_kind(ev) == SM_EVENT_NOTICE)
		smi_buf_printf(
			&told, "%d %s;", round_no,
			sm_notice_text(sm_record_notice(sm_event_record(ev))));
	return 0;
}

static const char *watch(const char *what)
{
	void *stage;
	sm_job *job;

	looks = what;
	smi_buf_clear(&told);
	ck_assert_int_eq(smi_job_new(ctx, &made_ops, NULL, &job), 0);
	ck_assert_int_eq(smi_detect_proc_new(ctx, &opts, &stage), 0);
	ck_assert_int_eq(smi_job_add_stage(job, &smi_detect_proc_ops, stage),
			 0);
	ck_assert_int_eq(smi_job_verb(job, note, NULL), 0);
	return smi_buf_cstr(&told);
}

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	opts = (struct smi_detect_proc_opts){ .checks = true, .watch = true };
	opts.thresholds[SMI_LOAD_CPU] = 80;
}

static void teardown(void)
{
	smi_buf_free(&told);
	sm_ctx_unref(ctx);
}

static const struct {
	const char *looks, *told;
} cases[] = {
	/* Three of five looks, together or not. */
	{ "h h", "" },
	{ "h h h", "3 cpu_hog open 3;4 cpu_hog closed 3;" },
	{ "h i h i h", "5 cpu_hog open 3;6 cpu_hog closed 3;" },
	{ "h i i h i i h i i h", "" },
	/* It stays open while it was there in one of five. */
	{ "h h h i i i i i i", "3 cpu_hog open 3;8 cpu_hog closed 3;" },
	{ "h h h i i i i h i", "3 cpu_hog open 3;10 cpu_hog closed 4;" },
	/* And opens again behind that. */
	{ "h h h i i i i i i h h h",
	  "3 cpu_hog open 3;8 cpu_hog closed 3;12 cpu_hog open 3;"
	  "13 cpu_hog closed 3;" },
	/* Who has ended is busy no more. */
	{ "h h h - - - - - -", "3 cpu_hog open 3;8 cpu_hog closed 3;" },
	/* What does not come and go is told at once, and once. */
	{ "d d d d d d d d", "1 exe_deleted closed 1;" },
	{ "d - - d", "1 exe_deleted closed 1;" },
	/* By number and start where the boot has no id. */
	{ "n nN n", "1 exe_deleted closed 1;2 exe_deleted closed 1;" },
};

START_TEST(a_finding_is_told_once_and_a_load_when_it_lasts)
{
	ck_assert_str_eq(watch(cases[_i].looks), cases[_i].told);
}
END_TEST

static const struct {
	const char *looks, *told;
} important[] = {
	{ "s s s", "" },
	{ "s - s s s s", "" },
	{ "s s - - - s",
	  "5 important_missing open 3;7 important_missing closed 3;" },
	{ "s s S S", "3 important_restarted closed 1;" },
	/* A second one beside it is no restart. */
	{ "s sS s", "" },
	{ "s - S", "3 important_restarted closed 1;" },
};

START_TEST(an_important_process_is_missed_after_three_looks_and_its_heir_told)
{
	static const char *const names[] = { "sshd" };

	opts.important = names;
	opts.nimportant = 1;
	ck_assert_str_eq(watch(important[_i].looks), important[_i].told);
}
END_TEST

START_TEST(what_is_remembered_has_a_limit_and_what_is_beyond_is_counted)
{
	const char *text = watch("x x");

	ck_assert_ptr_nonnull(strstr(text, "1 5 findings of one look"));
	ck_assert_ptr_nonnull(strstr(text, "2 5 findings of one look"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("watch");
	TCase *tc = tcase_create("watch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_finding_is_told_once_and_a_load_when_it_lasts,
			    0, SMI_COUNT(cases));
	tcase_add_loop_test(
		tc,
		an_important_process_is_missed_after_three_looks_and_its_heir_told,
		0, SMI_COUNT(important));
	tcase_add_test(
		tc,
		what_is_remembered_has_a_limit_and_what_is_beyond_is_counted);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
