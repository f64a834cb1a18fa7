/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/opts.h"
#include "fail-alloc.h"

static sm_ctx *ctx;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void teardown(void)
{
	sm_ctx_unref(ctx);
}

START_TEST(out_of_memory_is_an_error_and_out_is_untouched)
{
	sm_ctx *other = NULL;

	fail_alloc_at(1);
	ck_assert_int_eq(sm_ctx_new(&other), -ENOMEM);
	fail_alloc_off();
	ck_assert_ptr_null(other);
}
END_TEST

START_TEST(errors_outside_the_closed_set_become_eio)
{
	static const int closed[] = { EINVAL,  ENOMEM,	  ENOENT, EACCES, EPERM,
				      EBADMSG, ENOTSUP,	  ERANGE, E2BIG,  EBUSY,
				      EAGAIN,  ECANCELED, EIO,	  EPIPE };

	for (int e = 1; e < 134; e++) {
		int want = -EIO;

		for (size_t i = 0; i < SMI_COUNT(closed); i++)
			if (closed[i] == e)
				want = -e;
		ck_assert_int_eq(smi_rc(-e), want);
	}
	ck_assert_int_eq(smi_rc(0), 0);
	ck_assert_int_eq(smi_rc(7), 7);
}
END_TEST

START_TEST(a_sentence_with_hostile_text_is_harmless_and_not_escaped_twice)
{
	ck_assert_int_eq(
		smi_fail(ctx, -ENOENT, "no file %s", "a\x1b]0;x\x07\n"),
		-ENOENT);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "no file a\\x1b]0;x\\x07\\x0a");
	smi_fail(ctx, -ENOENT, "again: no file a\\x1b \xff");
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "again: no file a\\x1b \\xff");
}
END_TEST

START_TEST(an_endless_sentence_is_cut_between_characters)
{
	char text[3001];

	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	smi_fail(ctx, -EIO, "%s", text);
	ck_assert_uint_lt(strlen(sm_ctx_errmsg(ctx)), 1024);
	ck_assert_uint_eq(strlen(sm_ctx_errmsg(ctx)) % 2, 0);
	ck_assert_ptr_null(strchr(sm_ctx_errmsg(ctx), '\\'));
}
END_TEST

START_TEST(the_first_failure_of_options_stays)
{
	struct smi_opts o;

	smi_opts_init(&o, ctx);
	ck_assert_int_eq(smi_opts_check(&o, ctx), 0);
	ck_assert_int_eq(smi_opts_fail(&o, -EINVAL, "port %d is no port", 0),
			 -EINVAL);
	ck_assert_int_eq(smi_opts_fail(&o, -ERANGE, "too many"), -ERANGE);
	smi_fail(ctx, -EIO, "meanwhile");
	ck_assert_int_eq(smi_opts_check(&o, ctx), -EINVAL);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "port 0 is no port");
	ck_assert_int_eq(smi_opts_check(NULL, ctx), 0);
	smi_opts_done(&o);
}
END_TEST

struct logged {
	int n, level;
	char module[16], text[128];
};

static void keep_log(int level, const char *module, const char *msg, void *user)
{
	struct logged *l = user;

	l->n++;
	l->level = level;
	snprintf(l->module, sizeof(l->module), "%s", module);
	snprintf(l->text, sizeof(l->text), "%s", msg);
}

START_TEST(the_log_hook_gets_finished_lines_up_to_its_level)
{
	struct logged l = { 0 };

	smi_log(ctx, SM_LOG_ERROR, "test", "nobody hears this");
	sm_ctx_set_log(ctx, SM_LOG_INFO, keep_log, &l);
	smi_log(ctx, SM_LOG_DEBUG, "test", "too fine");
	smi_log(ctx, SM_LOG_INFO, "test", "%d files\n", 3);
	ck_assert_int_eq(l.n, 1);
	ck_assert_int_eq(l.level, SM_LOG_INFO);
	ck_assert_str_eq(l.module, "test");
	ck_assert_str_eq(l.text, "3 files\\x0a");
	sm_ctx_set_log(ctx, SM_LOG_INFO, NULL, NULL);
	smi_log(ctx, SM_LOG_ERROR, "test", "off again");
	ck_assert_int_eq(l.n, 1);
}
END_TEST

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(
	the_host_is_the_one_below_the_sysroot_and_its_machine_id_is_not_shown)
{
	char dir[] = "/tmp/check_ctx.XXXXXX", path[64], first[SMI_ID_STRLEN];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/etc", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	write_file(path, "hostname", "web01\n");
	write_file(path, "machine-id", "0123456789abcdef0123456789abcdef\n");
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, dir), 0);
	ck_assert_str_eq(smi_ctx_hostname(ctx), "web01");
	memcpy(first, smi_ctx_host_id(ctx), sizeof(first));
	ck_assert_uint_eq(strlen(first), 32);
	ck_assert_str_ne(first, "0123456789abcdef0123456789abcdef");
	write_file(path, "machine-id", "1123456789abcdef0123456789abcdef\n");
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, dir), 0);
	ck_assert_str_ne(smi_ctx_host_id(ctx), first);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "/"), 0);
	snprintf(path, sizeof(path), "rm -r %s", dir);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

START_TEST(a_sysroot_that_is_no_directory_is_refused_and_the_old_one_stays)
{
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "/nonexistent"), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "/nonexistent"));
	ck_assert_int_lt(sm_ctx_set_sysroot(ctx, "/etc/passwd"), 0);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, NULL), -EINVAL);
	ck_assert_int_eq(ctx->root.fd, -1);
}
END_TEST

START_TEST(objects_keep_their_context_alive)
{
	struct smi_opts o;

	smi_opts_init(&o, ctx);
	sm_ctx_unref(ctx);
	smi_opts_fail(&o, -EINVAL, "still here");
	ck_assert_str_eq(o.ctx->errmsg, "still here");
	ctx = sm_ctx_ref(o.ctx);
	smi_opts_done(&o);
}
END_TEST

static const struct {
	int kind;
	const char *fields;
	int error;
	const char *says;
} field_mistakes[] = {
	{ SM_KIND_PORT, "port,nothing", -ENOENT,
	  "port records have no field 'nothing'" },
	/* As ps, top and others call it; as somebody might; as it is mistyped. */
	{ SM_KIND_PROCESS, "pid,mem", -ENOENT,
	  "process records have no field 'mem'; did you mean "
	  "'memory_percent'?" },
	{ SM_KIND_PROCESS, "command", -ENOENT,
	  "process records have no field 'command'; did you mean "
	  "'cmdline'?" },
	{ SM_KIND_PROCESS, "thread", -ENOENT,
	  "process records have no field 'thread'; did you mean 'threads'?" },
	{ SM_KIND_PROCESS, "unti", -ENOENT,
	  "process records have no field 'unti'; did you mean 'unit'?" },
	{ SM_KIND_PROCESS, "gpu", -ENOENT,
	  "process records have no field 'gpu'; did you mean 'cpu'?" },
	{ SM_KIND_PROCESS, "%MEM", -ENOENT,
	  "process records have no field '%MEM'" },
	{ SM_KIND_PORT, "ip", -ENOENT,
	  "port records have no field 'ip'; did you mean 'address'?" },
	{ SM_KIND_PORT, "a_name_of_more_letters_than_any_field_of_ours_has",
	  -ENOENT,
	  "port records have no field "
	  "'a_name_of_more_letters_than_any_field_of_ours_has'" },
	{ SM_KIND_EVENT, "user, time ,user", -EINVAL,
	  "the field 'user' is named twice" },
	{ SM_KIND_PROCESS, "pid,,name", -EINVAL,
	  "the list of fields 'pid,,name' lacks a name" },
	{ SM_KIND_PROCESS, "", -EINVAL, "the list of fields '' lacks a name" },
	{ 99, "pid", -EINVAL, "99 is no kind of record" },
};

START_TEST(a_bad_list_of_fields_names_the_field_and_changes_nothing)
{
	struct smi_fieldset set = { { 0 } };
	struct smi_fieldlist list = { .n = 7 };
	struct smi_opts o;

	smi_opts_init(&o, ctx);
	smi_fieldset_add(&set, 5);
	ck_assert_int_eq(smi_opts_set_fields(&o, field_mistakes[_i].kind,
					     field_mistakes[_i].fields, &set,
					     &list),
			 field_mistakes[_i].error);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), field_mistakes[_i].says);
	ck_assert(smi_fieldset_has(&set, 5) && !smi_fieldset_has(&set, 0));
	ck_assert_uint_eq(list.n, 7);
	ck_assert_int_eq(smi_opts_check(&o, ctx), field_mistakes[_i].error);
	smi_opts_done(&o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ctx");
	TCase *tc = tcase_create("ctx");
	SRunner *run = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, out_of_memory_is_an_error_and_out_is_untouched);
	tcase_add_test(tc, errors_outside_the_closed_set_become_eio);
	tcase_add_test(
		tc,
		a_sentence_with_hostile_text_is_harmless_and_not_escaped_twice);
	tcase_add_test(tc, an_endless_sentence_is_cut_between_characters);
	tcase_add_test(tc, the_first_failure_of_options_stays);
	tcase_add_loop_test(
		tc, a_bad_list_of_fields_names_the_field_and_changes_nothing, 0,
		SMI_COUNT(field_mistakes));
	tcase_add_test(tc, the_log_hook_gets_finished_lines_up_to_its_level);
	tcase_add_test(
		tc,
		the_host_is_the_one_below_the_sysroot_and_its_machine_id_is_not_shown);
	tcase_add_test(
		tc,
		a_sysroot_that_is_no_directory_is_refused_and_the_old_one_stays);
	tcase_add_test(tc, objects_keep_their_context_alive);
	suite_add_tcase(s, tc);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
