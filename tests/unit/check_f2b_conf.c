/* SPDX-License-Identifier: MIT */
#include "f2b-rig.h"

START_TEST(local_files_includes_and_options_come_over_one_another)
{
	tree_text("filter.d/common.conf", "[DEFAULT]\n_d = common\n_p = p\n"
					  "[Init]\nmode = one\n");
	tree_text("filter.d/f.local",
		  "[Definition]\nfailregex = %(known/failregex)s\n"
		  "  ^ local <HOST>$\n");
	filter("[INCLUDES]\nbefore = common.conf\n"
	       "[Definition]\n_d = own\nre-one = 1\nre-two = 2\n"
	       "failregex = ^ %(_d)s %(_p)s <re-<mode>> <HOST>$\n");
	ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban:f[mode=two]"), 1);
	ck_assert_str_eq(sm_ruleset_id(rig.rules, 1), "fail2ban-f-2");
	rig_run(&rig, "Aug  4 10:00:01 own p 1 192.0.2.1\n"
		      "Aug  4 10:00:02 own p 2 192.0.2.2\n"
		      "Aug  4 10:00:03 own p 3 192.0.2.3\n"
		      "Aug  4 10:00:04 local 192.0.2.4\n");
	ck_assert_uint_eq(failures(), 3);
	ck_assert_str_eq(peer(0), "192.0.2.1");
	ck_assert_str_eq(peer(1), "192.0.2.2");
	ck_assert_str_eq(peer(2), "192.0.2.4");
}
END_TEST

/* A filter, the line of what is wrong in it, and a part of the sentence. */
static const struct {
	const char *text;
	uint32_t line;
	const char *says;
} bad[] = {
	{ FILTER("failregex = <HOST>("), 2, "failregex" },
	{ FILTER("failregex = no address"), 2, "it catches no <HOST>" },
	{ FILTER("x = 1\n"), 0, "no failregex" },
	{ FILTER("failregex = %(gone)s <HOST>"), 2, "no option \"gone\"" },
	{ FILTER("failregex = 5% <HOST>"), 2, "% must be followed" },
	{ FILTER("a = %(b)s\nb = %(a)s\nfailregex = %(a)s <HOST>"), 4,
	  "a loop?" },
	{ FILTER("a = <b>\nb = <a>\nfailregex = <a> <HOST>"), 4,
	  "leads back to itself" },
	{ FILTER("a = xx<b><b><b><b><b><b><b><b>\nb = <c><c><c><c><c><c><c>\n"
		 "c = yyyyyyyyyyyyyyyyyyyyyy<a>\nfailregex = <a> <HOST>"),
	  5, "failregex" },
	{ FILTER("failregex = \\K<HOST>"), 2, "escape" },
	{ FILTER("failregex = (?R)<HOST>"), 2, "not supported" },
	{ FILTER("failregex = <HOST>\ndatepattern = %%Q"), 3, "datepattern" },
	{ FILTER("failregex = <HOST>\nmaxlines = x"), 3, "maxlines" },
	{ "[INCLUDES]\nbefore = f.conf\n", 2, "a loop" },
	{ "x = 1\n", 1, "before the first [section]" },
	{ "[Definition]\nfailregex = <HOST>\nfailregex = a <HOST>\n", 3,
	  "twice" },
};

START_TEST(what_is_wrong_is_told_with_file_and_line)
{
	tree_text("filter.d/f.conf", bad[_i].text);
	ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban:f"), 0);
	ck_assert_uint_eq(sm_ruleset_size(rig.rules), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rig.rules), 1);
	ck_assert_int_eq(sm_ruleset_problem_severity(rig.rules, 0),
			 SM_SEV_HIGH);
	if (!strstr(sm_ruleset_problem(rig.rules, 0), bad[_i].says))
		ck_abort_msg("%s", sm_ruleset_problem(rig.rules, 0));
	ck_assert_uint_eq(sm_ruleset_problem_line(rig.rules, 0), bad[_i].line);
	ck_assert_ptr_nonnull(strstr(sm_ruleset_problem_file(rig.rules, 0),
				     "/filter.d/f.conf"));
}
END_TEST

static void is_too_large(struct smi_buf *text)
{
	tree_text("filter.d/f.conf", smi_buf_cstr(text));
	ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban:f"), 0);
	ck_assert_ptr_nonnull(
		strstr(sm_ruleset_problem(rig.rules, 0), "too large"));
	smi_buf_free(text);
}

START_TEST(values_that_double_over_and_over_are_refused)
{
	struct smi_buf b = { 0 };

	smi_buf_str(&b, "[Definition]\na0 = xxxxxxxxxxxxxxxx\n");
	for (int i = 1; i < 9; i++) {
		smi_buf_printf(&b, "a%d = ", i);
		for (int k = 0; k < 40; k++)
			smi_buf_printf(&b, "%%(a%d)s", i - 1);
		smi_buf_char(&b, '\n');
	}
	smi_buf_str(&b, "failregex = %(a8)s <HOST>\n");
	is_too_large(&b);
}
END_TEST

START_TEST(a_file_that_an_include_misses_is_a_remark)
{
	filter("[INCLUDES]\nbefore = gone.conf\nafter = gone.local\n"
	       "[Definition]\nfailregex = <HOST>\n");
	ck_assert_uint_eq(sm_ruleset_nproblems(rig.rules), 1);
	ck_assert_int_eq(sm_ruleset_problem_severity(rig.rules, 0), SM_SEV_LOW);
	ck_assert_uint_eq(sm_ruleset_problem_line(rig.rules, 0), 2);
}
END_TEST

static const char *const bad_specs[] = {
	"fail2ban:",	 "fail2ban:../f",     "fail2ban:f[",
	"fail2ban:f[a]", "fail2ban:f[a=\"b]", "fail2ban:[a=b]",
};

START_TEST(a_spec_that_is_none_is_refused)
{
	ck_assert_int_eq(sm_ruleset_add(rig.rules, bad_specs[_i]), -EINVAL);
	ck_assert_int_gt((int)strlen(sm_ctx_errmsg(rig.ctx)), 10);
}
END_TEST

START_TEST(a_filter_that_is_not_there_is_named)
{
	ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban:gone"), -ENOENT);
	ck_assert_ptr_nonnull(
		strstr(sm_ctx_errmsg(rig.ctx), "/filter.d/gone.conf"));
}
END_TEST

/* 0: all was as it should be; else -ENOMEM. */
static int load_and_run(void)
{
	sm_ruleset *rs = rig.rules;
	int r = sm_ruleset_add(rs, "fail2ban-jails:");

	if (r < 0)
		return r;
	ck_assert_int_eq(r, 2);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	r = rig_try(&rig, SMI_SPAN("Aug  4 10:00:01 d[1]: from 198.51.100.77\n"
				   "Aug  4 10:00:02 d[1]: bad user b\xff\n"));
	if (r == 0)
		ck_assert_uint_eq(failures(), 1);
	return r;
}

START_TEST(many_tags_in_a_long_value_are_refused_before_the_memory_is_gone)
{
	struct smi_buf b = { 0 };

	smi_buf_str(&b, "[Definition]\n");
	for (int i = 0; i < 1000; i++)
		smi_buf_printf(&b, "t%d = a\n", i);
	smi_buf_str(&b, "failregex = ^");
	smi_buf_fill(&b, 'x', 200000);
	for (int i = 0; i < 1000; i++)
		smi_buf_printf(&b, "<t%d>", i);
	smi_buf_str(&b, " <HOST>$\n");
	is_too_large(&b);
}
END_TEST

START_TEST(a_fifo_that_a_wildcard_finds_is_left_out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	filter(FILTER("failregex = ^ <HOST>$"));
	tree_fifo("a.fifo");
	smi_buf_printf(
		&b, "[f]\nenabled = 1\nfilter = f\nlogpath = %s/*.fifo\n", dir);
	tree_text("jail.conf", smi_buf_cstr(&b));
	ck_assert_int_lt(sm_ruleset_add(rig.rules, "fail2ban-jails:"), 1);
	ck_assert_uint_ge(sm_ruleset_nproblems(rig.rules), 1);
	ck_assert_ptr_nonnull(
		strstr(sm_ruleset_problem(rig.rules, 0), "is a FIFO"));
}
END_TEST

START_TEST(a_logpath_that_goes_up_behind_a_wildcard_is_refused)
{
	static const char *const paths[] = { "/*/../*/../*/x", "/*/*/*/*/*" };

	filter(FILTER("failregex = ^ <HOST>$"));
	for (size_t i = 0; i < SMI_COUNT(paths); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			 "[f]\nenabled = 1\nfilter = f\nlogpath = %s\n",
			 paths[i]);
		tree_text("jail.conf", text);
		teardown_rig();
		setup_rig();
		ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban-jails:"),
				 0);
		ck_assert_uint_eq(sm_ruleset_nproblems(rig.rules), 1);
		ck_assert_ptr_nonnull(
			strstr(sm_ruleset_problem(rig.rules, 0), "wildcard"));
	}
}
END_TEST

START_TEST(any_failed_allocation_is_an_error)
{
	bool from_on = _i == 1;
	int r = -ENOMEM, n;

	tree_text("filter.d/f.conf", SESSION);
	tree_text("filter.d/f.local", "[Init]\nmode = x\n");
	tree_text("jail.conf", "[f]\nenabled = 1\nfilter = %(__name__)s\n"
			       "findtime = 1h\nlogpath = /none\n"
			       "ignoreip = 192.0.2.9\n"
			       "failregex = %(known/failregex)s\n");
	for (n = 1; r != 0; n++) {
		teardown_rig();
		setup_rig();
		(from_on ? fail_alloc_from : fail_alloc_at)(n);
		r = load_and_run();
		fail_alloc_off();
		if (r != 0)
			ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_gt(n, 200);
}
END_TEST

/* Whom a jail leaves alone by ignoreself: each machine has these two addresses. */
static const struct {
	const char *option;
	size_t failures;
} selves[] = {
	{ "", 1 },
	{ "ignoreself = true\n", 1 },
	{ "ignoreself = false\n", 3 },
	{ "ignoreself = false\nignoreip = ::1, 198.51.100.0/24\n", 1 },
	{ "ignoreip = 198.51.100.77\n", 0 },
};

START_TEST(a_jail_leaves_the_machine_itself_alone)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	tree_text("filter.d/f.conf",
		  FILTER("failregex = ^ d\\[1\\]: bad <HOST>$"));
	smi_buf_printf(&b, "[f]\nenabled = 1\nfilter = f\nlogpath = /none\n%s",
		       selves[_i].option);
	tree_text("jail.conf", smi_buf_cstr(&b));
	ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban-jails:"), 2);
	rig_run(&rig, "Aug  4 10:00:01 d[1]: bad 127.0.0.1\n"
		      "Aug  4 10:00:02 d[1]: bad ::1\n"
		      "Aug  4 10:00:03 d[1]: bad 198.51.100.77\n");
	ck_assert_uint_eq(failures(), selves[_i].failures);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("f2b-conf");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_jail_leaves_the_machine_itself_alone, 0,
			    (int)SMI_COUNT(selves));
	tcase_add_test(tc,
		       local_files_includes_and_options_come_over_one_another);
	tcase_add_loop_test(tc, what_is_wrong_is_told_with_file_and_line, 0,
			    (int)SMI_COUNT(bad));
	tcase_add_test(tc, values_that_double_over_and_over_are_refused);
	tcase_add_test(tc, a_file_that_an_include_misses_is_a_remark);
	tcase_add_loop_test(tc, a_spec_that_is_none_is_refused, 0,
			    (int)SMI_COUNT(bad_specs));
	tcase_add_test(tc, a_filter_that_is_not_there_is_named);
	tcase_add_test(
		tc,
		many_tags_in_a_long_value_are_refused_before_the_memory_is_gone);
	tcase_add_test(tc, a_fifo_that_a_wildcard_finds_is_left_out);
	tcase_add_test(tc, a_logpath_that_goes_up_behind_a_wildcard_is_refused);
	tcase_add_loop_test(tc, any_failed_allocation_is_an_error, 0, 2);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
