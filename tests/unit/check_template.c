/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "logsrc/template.h"
#include "suite.h"

static const struct {
	const char *text, *masked;
} cases[] = {
	{ "Connection closed by 203.0.113.9 port 51515 [preauth]",
	  "Connection closed by <ip> port <n> [preauth]" },
	{ "Connection from 2001:db8::7 port 22 on fe80::1:22",
	  "Connection from <ip> port <n> on <ip>" },
	{ "peer 203.0.113.9:51515, 203.0.113.10.", "peer <ip>:<n>, <ip>." },
	{ "Failed password for invalid user bob from 203.0.113.9 port 5 ssh2",
	  "Failed password for invalid user <name> from <ip> port <n> ssh<n>" },
	{ "Accepted publickey for root from 203.0.113.9",
	  "Accepted publickey for <name> from <ip>" },
	{ "session opened for user root(uid=0) by (uid=0)",
	  "session opened for user <name> by (uid=<n>)" },
	{ "took 1.25 s, 17 items", "took <n>.<n> s, <n> items" },
	{ "at 0x7ffd12345678 in deadbeef01234567", "at <hex> in <hex>" },
	{ "open \"/etc/shadow\" 'a b' failed", "open <str> <str> failed" },
	{ "can't open an \"unended", "can't open an \"unended" },
	{ "eth0: link up", "eth<n>: link up" },
	{ "usb 1-1.2: new device", "usb <n>-<n>.<n>: new device" },
	{ "", "" },
	{ "::", "<ip>" },
	{ "Foo::Bar and Beef::Cake", "Foo::Bar and Beef::Cake" },
};

START_TEST(what_varies_is_masked)
{
	char out[SMI_TEMPLATE_LEN];
	size_t n = smi_template_mask(smi_span_str(cases[_i].text), out);

	ck_assert_msg(smi_span_eq_str(smi_span_of(out, n), cases[_i].masked),
		      "\"%s\" became \"%.*s\"", cases[_i].text, (int)n, out);
}
END_TEST

START_TEST(a_text_cut_at_any_byte_is_read_within_its_bounds)
{
	const char *text = cases[_i].text;

	for (size_t len = 0; len <= strlen(text); len++) {
		/* On the heap, so that a byte too far is seen. */
		SMI_AUTOFREE char *copy = smi_memdup(text, len);
		char out[SMI_TEMPLATE_LEN];

		smi_template_mask(smi_span_of(copy, len), out);
	}
}
END_TEST

static struct smi_templates t;

static void add(const char *program, const char *message, int made)
{
	struct smi_line line = { .raw = smi_span_str(message),
				 .message = smi_span_str(message),
				 .program = smi_span_str(program),
				 .header = "x" };

	smi_templates_add(&t, &line, made);
}

START_TEST(lines_of_one_form_and_program_are_counted_together)
{
	memset(&t, 0, sizeof(t));
	add("sshd", "closed by 203.0.113.9", 0);
	add("sshd", "opened by 203.0.113.9", SMI_LINE_TAKEN);
	add("sshd", "opened by 203.0.113.9", SMI_LINE_TAKEN | SMI_LINE_TELLS);
	add("app", "closed by 203.0.113.9", 0);
	add("sshd", "closed by 203.0.113.10", 0);
	smi_templates_sort(&t);
	ck_assert_uint_eq(t.n, 2);
	ck_assert_uint_eq(t.v[0].count, 2);
	ck_assert_mem_eq(t.v[0].sample, "closed by 203.0.113.9",
			 t.v[0].sample_len);
	ck_assert_uint_eq(t.nprograms, 2);
	ck_assert_mem_eq(t.programs[0].name, "sshd", 4);
	ck_assert_uint_eq(t.programs[0].lines, 4);
	ck_assert_uint_eq(t.programs[0].matched, 2);
	ck_assert_uint_eq(t.programs[0].harmless, 1);
}
END_TEST

/* Space saving never counts too low, nor higher than its error says. */
START_TEST(of_more_forms_than_fit_the_frequent_ones_are_kept)
{
	memset(&t, 0, sizeof(t));
	for (int i = 0; i < 20000; i++) {
		char text[40], program[16];
		int k = i;

		for (size_t n = 0; n < 16; n++, k /= 2)
			text[n] = k % 2 ? 'x' : 'y';
		text[16] = '\0';
		snprintf(program, sizeof(program), "p%c%c", 'a' + i / 26 % 26,
			 'a' + i % 26);
		add(program, text, false);
		if (i % 10 == 0)
			add("sshd", "often", false);
	}
	smi_templates_sort(&t);
	ck_assert_uint_eq(t.n, SMI_TEMPLATES);
	ck_assert_mem_eq(t.v[0].text, "often", 5);
	ck_assert_uint_ge(t.v[0].count, 2000);
	ck_assert_uint_le(t.v[0].count - t.v[0].error, 2000);
	ck_assert_uint_eq(t.nprograms, SMI_PROGRAMS);
	ck_assert_uint_gt(t.others.lines, 10000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("template");
	TCase *tc = tcase_create("template");

	tcase_add_loop_test(tc, what_varies_is_masked, 0, SMI_COUNT(cases));
	tcase_add_loop_test(tc,
			    a_text_cut_at_any_byte_is_read_within_its_bounds, 0,
			    SMI_COUNT(cases));
	tcase_add_test(tc, lines_of_one_form_and_program_are_counted_together);
	tcase_add_test(tc, of_more_forms_than_fit_the_frequent_ones_are_kept);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
