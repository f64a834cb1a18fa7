/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

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
	nprocs += sm_event_kind(ev) == SM_EVENT_RECORD;
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

START_TEST(a_list_survives_any_failed_allocation)
{
	int sort = _i, fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_gt(nomem_sweep(list, &sort), 20);
	close(fd);
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
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
