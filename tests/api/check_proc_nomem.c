/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#include "forbid-bpf.h"
#include "nomem.h"

static size_t nprocs, nfindings;
static char user_name[64], want_name[64];
static char all_fields[2048]; /* those too that have to be named */

static void name_all_fields(void)
{
	size_t n = 0;

	for (size_t f = 0; f < sm_kind_nfields(SM_KIND_PROCESS); f++) {
		n += (size_t)snprintf(all_fields + n, sizeof(all_fields) - n,
				      "%s%s", f > 0 ? "," : "",
				      sm_kind_field_name(SM_KIND_PROCESS, f));
		if (n >= sizeof(all_fields))
			abort();
	}
}

static int is_whole(const sm_finding *f)
{
	return sm_finding_id(f)[0] && sm_finding_key(f)[0] &&
	       sm_finding_subject(f)[0] && sm_finding_title(f)[0] &&
	       sm_finding_why(f)[0] && sm_finding_next_step(f)[0] &&
	       sm_finding_nattack(f) > 0;
}

static int count(const sm_event *ev, void *user)
{
	const sm_proc *p = sm_record_proc(sm_event_record(ev));

	(void)user;
	if (p)
		strncpy(user_name, sm_proc_user(p), sizeof(user_name) - 1);
	nprocs += p && sm_event_kind(ev) == SM_EVENT_RECORD;
	nfindings += is_whole(sm_record_finding(sm_event_record(ev)));
	return SM_CONTINUE;
}

static int set_options(sm_proc_opts *o, int sort)
{
	int r = sm_proc_opts_set_pid(o, getpid());

	if (r == 0)
		r = sm_proc_opts_set_fields(o, all_fields);
	if (r == 0)
		r = sm_proc_opts_set_interval_ms(o, 1);
	if (r == 0)
		r = sm_proc_opts_set_sort(o, sort);
	if (r == 0)
		r = sm_proc_opts_set_memory_threshold(o, 0.0000001);
	return r == 0 ? sm_proc_opts_add_important(o, "no such process") : r;
}

/* The whole truth, or "not enough memory": libc can do without some of it. */
static void list(void *user)
{
	sm_proc_opts *o = NULL;
	sm_ctx *ctx = NULL;
	int r = sm_ctx_new(&ctx), failed;

	nprocs = nfindings = 0;
	if (r == 0)
		r = sm_proc_opts_new(ctx, &o);
	if (r == 0)
		r = set_options(o, *(const int *)user);
	if (r == 0)
		r = sm_list_processes(ctx, o, count, NULL);
	failed = nomem_pause();
	if (failed && r != 0) {
		ck_assert_int_eq(r, -ENOMEM);
	} else {
		ck_assert_int_eq(r, 0);
		ck_assert_uint_eq(nprocs, 1);
		ck_assert_uint_ge(nfindings, 2);
		ck_assert_str_eq(user_name, want_name);
	}
	sm_proc_opts_free(o);
	sm_ctx_unref(ctx);
}

static void sweep_list(int sort)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_gt(nomem_sweep(list, &sort), 20);
	close(fd);
}

/* Thousands of lists of all processes take a minute: where this user may, the sweep is
 * alone with its parent in a /proc of its own. 77: it may not. */
static int sweep_alone(int sort)
{
	pid_t pid;
	int status;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	pid = fork();
	if (pid == 0) {
		if (mount("proc", "/proc", "proc", 0, NULL) < 0)
			_exit(77);
		sweep_list(sort);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

START_TEST(a_list_survives_any_failed_allocation)
{
	int status = 77;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(sweep_alone(_i));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		sweep_list(_i);
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

/* A tree of so many that two threads share the work. */
#define TREE 200
static char root[64];

static void write_process(int pid)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/%d", root, pid);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/proc/%d/stat", root, pid);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "%d (p) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n",
		pid, pid);
	ck_assert_int_eq(fclose(f), 0);
}

static void make_tree(void)
{
	char path[128];

	snprintf(root, sizeof(root), "/tmp/check_proc_nomem.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/proc", root);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	for (int pid = 1; pid <= TREE; pid++)
		write_process(pid);
}

static void remove_tree(void)
{
	char path[128];

	for (int pid = 1; pid <= TREE; pid++) {
		snprintf(path, sizeof(path), "%s/proc/%d/stat", root, pid);
		ck_assert_int_eq(unlink(path), 0);
		snprintf(path, sizeof(path), "%s/proc/%d", root, pid);
		ck_assert_int_eq(rmdir(path), 0);
	}
	snprintf(path, sizeof(path), "%s/proc", root);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(root), 0);
}

struct plan {
	const char *root;
	uint32_t threads;
	int backend, rounds; /* rounds 0: one list */
	size_t want;	     /* rows of the process, or of all */
	int32_t pid;	     /* 0: all */
	int left;
	size_t rows;
};

static int count_rows(const sm_event *ev, void *user)
{
	struct plan *p = user;
	const sm_proc *proc = sm_record_proc(sm_event_record(ev));

	p->rows += proc && (!p->pid || sm_proc_pid(proc) == p->pid);
	return sm_event_kind(ev) == SM_EVENT_ROUND && --p->left == 0
		       ? SM_STOP
		       : SM_CONTINUE;
}

static int set_plan(sm_ctx *ctx, sm_proc_opts *o, const struct plan *p)
{
	int r = p->root ? sm_ctx_set_sysroot(ctx, p->root) : 0;

	if (r == 0)
		r = sm_proc_opts_set_checks(o, 0);
	if (r == 0)
		r = sm_proc_opts_set_interval_ms(o, 0);
	if (r == 0)
		r = sm_proc_opts_set_fields(o, p->root ? "pid,name,start"
						       : "pid,rss,start");
	if (r == 0)
		r = sm_proc_opts_set_threads(o, p->threads);
	if (r == 0)
		r = sm_proc_opts_set_backend(o, p->backend);
	return r == 0 ? sm_proc_opts_set_watch_ms(o, p->rounds > 0) : r;
}

static void run_plan(void *user)
{
	struct plan *p = user;
	sm_proc_opts *o = NULL;
	sm_ctx *ctx = NULL;
	int r = sm_ctx_new(&ctx), failed;

	p->rows = 0;
	p->left = p->rounds;
	if (r == 0)
		r = sm_proc_opts_new(ctx, &o);
	if (r == 0)
		r = set_plan(ctx, o, p);
	if (r == 0)
		r = sm_list_processes(ctx, o, count_rows, p);
	failed = nomem_pause();
	if (failed && r != 0 && r != SM_STOP) {
		ck_assert_int_eq(r, -ENOMEM);
	} else {
		ck_assert_int_eq(r, p->rounds ? SM_STOP : 0);
		ck_assert_uint_eq(p->rows, p->want);
	}
	sm_proc_opts_free(o);
	sm_ctx_unref(ctx);
}

START_TEST(threads_survive_any_failed_allocation)
{
	struct plan p = { .root = root, .threads = 2, .want = TREE };

	make_tree();
	ck_assert_int_gt(nomem_sweep(run_plan, &p), 20);
	remove_tree();
}
END_TEST

START_TEST(a_watch_that_keeps_files_survives_any_failed_allocation)
{
	struct plan p = {
		.threads = 1,
		.backend = SM_PROC_BACKEND_KEPT,
		.rounds = 2,
		.want = 2,
		.pid = getpid(),
	};

	ck_assert_int_gt(nomem_sweep(run_plan, &p), 20);
}
END_TEST

/* One that begins and ends while events are taken. */
struct follow {
	sm_job *job;
	pid_t pid;
	bool exec;
};

static void start_child(struct follow *f)
{
	f->pid = fork();
	if (f->pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
}

static void take_event(struct follow *f, const sm_event *ev)
{
	const sm_record *rec = sm_event_record(ev);
	size_t event = (size_t)sm_kind_field(SM_KIND_PROCESS, "event");
	size_t way =
		(size_t)sm_kind_field(SM_KIND_SUMMARY, "process_event_source");

	if (sm_record_kind(rec) == SM_KIND_SUMMARY &&
	    sm_record_has_field(rec, way) && !f->pid)
		start_child(f);
	if (sm_record_proc(rec) && f->pid > 0 &&
	    sm_proc_pid(sm_record_proc(rec)) == f->pid &&
	    !strcmp(sm_record_field_str(rec, event), "exec"))
		f->exec = true;
}

static int drive(struct follow *f)
{
	const sm_event *ev;
	int r = 1;

	while (!f->exec && (r == 1 || r == -EAGAIN)) {
		struct pollfd p = { .fd = sm_job_fd(f->job), .events = POLLIN };

		r = sm_job_next(f->job, &ev);
		if (r == 1)
			take_event(f, ev);
		else if (r == -EAGAIN)
			poll(&p, 1, 10000);
	}
	return f->exec ? 0 : r;
}

static void follow(void *unused)
{
	struct follow f = { 0 };
	sm_proc_opts *o = NULL;
	sm_ctx *ctx = NULL;
	int r = sm_ctx_new(&ctx), failed;

	(void)unused;
	if (r == 0)
		r = sm_proc_opts_new(ctx, &o);
	if (r == 0)
		r = sm_proc_opts_set_checks(o, 0);
	if (r == 0)
		r = sm_proc_opts_set_interval_ms(o, 0);
	if (r == 0)
		r = sm_proc_opts_set_fields(o, "pid,name,args");
	if (r == 0)
		r = sm_proc_opts_set_follow(o, 1);
	if (r == 0)
		r = sm_job_new_proc(ctx, o, &f.job);
	if (r == 0)
		r = drive(&f);
	failed = nomem_pause();
	if (f.pid > 0)
		ck_assert_int_eq(waitpid(f.pid, NULL, 0), f.pid);
	if (failed && r != 0)
		ck_assert_int_eq(r, -ENOMEM);
	else
		ck_assert(f.exec);
	sm_job_free(f.job);
	sm_proc_opts_free(o);
	sm_ctx_unref(ctx);
}

/* A program takes long to be loaded, each time: the kernel's messages stand in. */
START_TEST(following_survives_any_failed_allocation)
{
	forbid_bpf(EPERM);
	ck_assert_int_gt(nomem_sweep(follow, NULL), 20);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("proc_nomem");
	TCase *tc = tcase_create("proc_nomem");
	SRunner *sr = srunner_create(s);
	const struct passwd *pw;
	int failed;

	(void)argc;
	nomem_preload(argv);
	/* glibc 2.36 crashes when its first look into the user database gets
	 * no memory: that one is made here. */
	pw = getpwuid(getuid());
	if (pw)
		strncpy(want_name, pw->pw_name, sizeof(want_name) - 1);
	else
		snprintf(want_name, sizeof(want_name), "%u", getuid());
	name_all_fields();
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, a_list_survives_any_failed_allocation,
			    SM_PROC_BY_PID, SM_PROC_BY_CPU + 1);
	tcase_add_test(tc, threads_survive_any_failed_allocation);
	tcase_add_test(tc,
		       a_watch_that_keeps_files_survives_any_failed_allocation);
	tcase_add_test(tc, following_survives_any_failed_allocation);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
