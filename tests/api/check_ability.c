/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#include "nomem.h"

static sm_ctx *ctx;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void teardown(void)
{
	sm_ctx_unref(ctx);
}

static const char *member(const sm_record *rec, const char *name)
{
	int field = sm_kind_field(SM_KIND_ABILITY, name);

	ck_assert_int_ge(field, 0);
	return sm_record_field_str(rec, (size_t)field);
}

struct seen {
	unsigned n, missing, notices;
	char names[2000]; /* " name=status" each */
};

static int take(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	struct seen *s = user;
	char entry[200];

	if (sm_event_kind(ev) == SM_EVENT_NOTICE)
		s->notices++;
	if (sm_record_kind(rec) != SM_KIND_ABILITY)
		return SM_CONTINUE;
	snprintf(entry, sizeof(entry), " %s=", member(rec, "name"));
	ck_assert_msg(!strstr(s->names, entry), "%s twice", entry);
	strncat(s->names, entry, sizeof(s->names) - strlen(s->names) - 1);
	strncat(s->names, member(rec, "status"),
		sizeof(s->names) - strlen(s->names) - 1);
	ck_assert(!strcmp(member(rec, "status"), "ok") ||
		  !strcmp(member(rec, "status"), "limited") ||
		  !strcmp(member(rec, "status"), "missing"));
	/* A sentence with nothing left to fill in, and a way out of what is less. */
	ck_assert(strlen(member(rec, "text")) > 10);
	ck_assert(!strpbrk(member(rec, "text"), "{}?"));
	ck_assert(!strpbrk(member(rec, "next_step"), "{}?"));
	if (!strcmp(member(rec, "status"), "ok"))
		ck_assert_str_eq(member(rec, "next_step"), "");
	ck_assert_int_ne(*member(rec, "part"), '\0');
	s->missing += !strcmp(member(rec, "status"), "missing");
	s->n++;
	return SM_CONTINUE;
}

START_TEST(each_ability_is_told_once_in_a_sentence)
{
	static const char *const some[] = {
		" raw-sockets=",    " own-sockets=ok", " proc=ok",
		" process-events=", " journal=",       " found-logs=",
		" gzip=",	    " time-zone=",     " builtin-rules=",
		" sqlite=",	    " tls=",	       " descriptors=",
	};
	struct seen s = { 0 };

	ck_assert_int_eq(sm_list_abilities(ctx, take, &s), 0);
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++)
		ck_assert_msg(strstr(s.names, some[i]) != NULL, "%s in %s",
			      some[i], s.names);
	ck_assert_uint_ge(s.n, 15);
}
END_TEST

START_TEST(what_agrees_with_features_is_told)
{
	struct seen s = { 0 };

	ck_assert_int_eq(sm_list_abilities(ctx, take, &s), 0);
	ck_assert_int_eq(strstr(s.names, " gzip=ok") != NULL,
			 sm_has_feature(SM_FEATURE_GZIP));
	ck_assert_int_eq(strstr(s.names, " sqlite=ok") != NULL,
			 sm_has_feature(SM_FEATURE_SQLITE));
	ck_assert_int_eq(strstr(s.names, " tls=ok") != NULL,
			 sm_has_feature(SM_FEATURE_TLS));
	if (geteuid() == 0)
		ck_assert_ptr_nonnull(strstr(s.names, " other-users=ok"));
}
END_TEST

START_TEST(an_empty_sysroot_has_neither_proc_nor_logs)
{
	char dir[] = "/tmp/check_ability.XXXXXX";
	struct seen s = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, dir), 0);
	ck_assert_int_eq(sm_list_abilities(ctx, take, &s), 0);
	rmdir(dir);
	ck_assert_ptr_nonnull(strstr(s.names, " proc=missing"));
	ck_assert_ptr_nonnull(strstr(s.names, " found-logs=missing"));
	ck_assert_uint_eq(s.missing, 2);
}
END_TEST

static int stop(const sm_event *ev, void *user)
{
	(void)ev;
	++*(int *)user;
	return 7;
}

START_TEST(the_callback_ends_the_list)
{
	int calls = 0;

	ck_assert_int_eq(sm_list_abilities(ctx, stop, &calls), 7);
	ck_assert_int_eq(calls, 1);
}
END_TEST

static int keep(const sm_event *ev, void *user)
{
	*(sm_record **)user = sm_record_ref(sm_event_record(ev));
	return SM_CONTINUE;
}

START_TEST(a_row_of_ones_own_is_filled_and_may_be_kept)
{
	const char *args[] = { "file", "/etc/x" };
	char name[] = "mine";
	sm_record *rec = NULL;

	ck_assert_int_eq(sm_tell_ability(ctx, name, "ports", SM_ABILITY_LIMITED,
					 "No {file}.", "Write {file}.", args, 2,
					 keep, &rec),
			 0);
	memset(name, 'x', sizeof(name) - 1);
	ck_assert_str_eq(member(rec, "name"), "mine");
	ck_assert_str_eq(member(rec, "status"), "limited");
	ck_assert_str_eq(member(rec, "text"), "No /etc/x.");
	ck_assert_str_eq(member(rec, "next_step"), "Write /etc/x.");
	sm_record_unref(rec);
}
END_TEST

START_TEST(a_wrong_row_is_refused)
{
	const char *args[] = { "a", NULL };
	int calls = 0;

	ck_assert_int_eq(sm_list_abilities(NULL, stop, &calls), -EINVAL);
	ck_assert_int_eq(sm_list_abilities(ctx, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_job_new_abilities(ctx, NULL), -EINVAL);
	for (int status = 0; status < 5; status += 4)
		ck_assert_int_eq(sm_tell_ability(ctx, "n", "p", status, "t",
						 NULL, NULL, 0, stop, &calls),
				 -EINVAL);
	ck_assert_int_eq(sm_tell_ability(ctx, "n", "p", SM_ABILITY_OK, "t",
					 NULL, args, 1, stop, &calls),
			 -EINVAL);
	ck_assert_int_eq(sm_tell_ability(ctx, "n", "p", SM_ABILITY_OK, "t",
					 NULL, args, 2, stop, &calls),
			 -EINVAL);
	ck_assert_int_eq(sm_tell_ability(ctx, NULL, "p", SM_ABILITY_OK, "t",
					 NULL, NULL, 0, stop, &calls),
			 -EINVAL);
	ck_assert_int_eq(calls, 0);
}
END_TEST

static int count(const sm_event *ev, void *user)
{
	(void)ev;
	++*(int *)user;
	return SM_CONTINUE;
}

static void tell_once(void *user)
{
	const char *args[] = { "a", "b" };
	int calls = 0, failed;
	int r = sm_tell_ability(user, "n", "p", SM_ABILITY_OK, "{a}", "{a}",
				args, 2, count, &calls);

	failed = nomem_pause();
	ck_assert_int_eq(r, failed ? -ENOMEM : 0);
	ck_assert_int_eq(calls, !failed);
}

START_TEST(a_row_survives_any_failed_allocation)
{
	ck_assert_int_ge(nomem_sweep(tell_once, ctx), 1);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("ability");
	TCase *tc = tcase_create("ability");
	SRunner *sr;
	int failed;

	(void)argc;
	nomem_preload(argv);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_ability_is_told_once_in_a_sentence);
	tcase_add_test(tc, what_agrees_with_features_is_told);
	tcase_add_test(tc, an_empty_sysroot_has_neither_proc_nor_logs);
	tcase_add_test(tc, the_callback_ends_the_list);
	tcase_add_test(tc, a_row_of_ones_own_is_filled_and_may_be_kept);
	tcase_add_test(tc, a_wrong_row_is_refused);
	tcase_add_test(tc, a_row_survives_any_failed_allocation);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
