/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "detect/ini.h"
#include "fail-alloc.h"
#include "suite.h"

static struct smi_arena arena;
static struct smi_ini ini;
static struct smi_ini_error err;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ini = (struct smi_ini){ { 0 } };
	err = (struct smi_ini_error){ 0 };
}

static void teardown(void)
{
	smi_ini_free(&ini);
	smi_arena_free(&arena);
}

static int parse(const char *text)
{
	return smi_ini_parse(&ini, &arena, smi_span_str(text), &err);
}

/* The value of the last entry of that name. */
static void is(const char *name, const char *want)
{
	for (size_t i = ini.entries.n; i-- > 0;) {
		const struct smi_ini_entry *e = &ini.entries.v[i];

		if (!smi_span_eq_str(e->name, name))
			continue;
		if (!smi_span_eq_str(e->value, want))
			ck_abort_msg("%s is \"%.*s\", not \"%s\"", name,
				     (int)e->value.len, e->value.p, want);
		return;
	}
	ck_abort_msg("there is no %s", name);
}

START_TEST(deeper_lines_continue_a_value)
{
	ck_assert_int_eq(parse("[a]\nx = 1\n   2\n\n  3\ny = 4\n"), 0);
	is("x", "1\n2\n\n3");
	is("y", "4");
}
END_TEST

START_TEST(a_comment_within_a_value_leaves_no_line)
{
	ck_assert_int_eq(parse("[a]\nx = 1\n# no\n  2 ; nor this\n  ;3\ny="),
			 0);
	is("x", "1\n2");
	is("y", "");
}
END_TEST

START_TEST(a_semicolon_or_a_hash_in_a_word_is_a_part_of_it)
{
	ck_assert_int_eq(parse("[a]\nx = a;b # c\n"), 0);
	is("x", "a;b # c");
}
END_TEST

START_TEST(the_first_sign_ends_the_name_which_is_lower_case)
{
	ck_assert_int_eq(parse("[a]\nXy : a=b\r\nz=c:d\r"), 0);
	is("xy", "a=b");
	is("z", "c:d");
}
END_TEST

START_TEST(entries_know_their_section_and_line)
{
	ck_assert_int_eq(parse("[DEFAULT]\n\nx = 1\n[B c]\ny = 2\n"), 0);
	ck_assert_uint_eq(ini.entries.n, 4);
	ck_assert(smi_span_eq_str(ini.entries.v[1].section, "DEFAULT"));
	ck_assert_uint_eq(ini.entries.v[1].line, 3);
	ck_assert(smi_span_eq_str(ini.entries.v[3].section, "B c"));
	ck_assert_uint_eq(ini.entries.v[3].line, 5);
}
END_TEST

/* Python refuses each of these too. */
static const struct {
	const char *text;
	uint32_t line;
	const char *says;
} bad[] = {
	{ "x = 1\n", 1, "before the first [section]" },
	{ "[a]\nx = 1\n[a]\n", 3, "the section is here twice" },
	{ "[a]\nx = 1\ny = 2\nX = 3\n", 4, "twice" },
	{ "[a]\nword\n", 2, "neither" },
	{ "[a]\n\n= 1\n", 3, "no name" },
	{ "[a]\nx = \xff\n", 0, "UTF-8" },
};

START_TEST(what_python_refuses_is_refused_with_its_line)
{
	ck_assert_int_eq(parse(bad[_i].text), -EBADMSG);
	ck_assert_uint_eq(err.line, bad[_i].line);
	ck_assert_ptr_nonnull(strstr(err.text, bad[_i].says));
}
END_TEST

START_TEST(options_have_a_limit)
{
	struct smi_buf b = { 0 };

	smi_buf_str(&b, "[a]\n");
	for (int i = 0; i < SMI_INI_MAX_ENTRIES; i++)
		smi_buf_printf(&b, "x%d=\n", i);
	ck_assert_int_eq(parse(smi_buf_cstr(&b)), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "20000"));
	smi_buf_free(&b);
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	fail_alloc_at(_i + 1);
	ck_assert_int_eq(parse("[a]\nx = 1\n  2\n[b]\ny = 3\n"), -ENOMEM);
	fail_alloc_off();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ini");
	TCase *tc = tcase_create("parse");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, deeper_lines_continue_a_value);
	tcase_add_test(tc, a_comment_within_a_value_leaves_no_line);
	tcase_add_test(tc, a_semicolon_or_a_hash_in_a_word_is_a_part_of_it);
	tcase_add_test(tc, the_first_sign_ends_the_name_which_is_lower_case);
	tcase_add_test(tc, entries_know_their_section_and_line);
	tcase_add_loop_test(tc, what_python_refuses_is_refused_with_its_line, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, options_have_a_limit);
	tcase_add_loop_test(tc, out_of_memory_is_an_error, 0, 4);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
