/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report-sample.h"
#include "suite.h"

/* What the formats for people say, beyond the looks that golden files keep. */
static struct smi_arena arena;
static sm_ctx *ctx;
static sm_report *report;
static sm_report_opts *opts;
static char *text;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ctx = sample_ctx();
	opts = sample_opts(ctx);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
}

static void teardown(void)
{
	free(text);
	text = NULL;
	sm_report_opts_free(opts);
	sm_report_free(report);
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
}

static void tell(const sm_record *rec)
{
	ck_assert_int_eq(sample_tell(sm_report_collect, report, rec), 0);
}

static void write_as(int format)
{
	free(text);
	text = sample_write(report, format, opts);
}

static void says(const char *what)
{
	ck_assert_msg(strstr(text, what), "no '%s' in:\n%s", what, text);
}

static void hides(const char *what)
{
	ck_assert_msg(!strstr(text, what), "'%s' in:\n%s", what, text);
}

/* A finding of count events that kept n of them, each with weight; the last
 * uncounted of them are beyond the count. */
static void tell_finding(int count, size_t n, int weight, int uncounted)
{
	sm_record *f = sample_finding(&arena, "f", SM_SEV_HIGH, "title");
	const sm_record *kept[16];
	char message[16];

	ck_assert_uint_le(n, SMI_COUNT(kept));
	for (size_t i = 0; i < n; i++) {
		sm_record *e = sample_event(&arena, (int)i + 1, "root");

		snprintf(message, sizeof(message), "record-%zu.", i + 1);
		smi_set_text(&arena, e, SMI_EVENT_MESSAGE,
			     smi_span_str(message));
		smi_set_int(e, SMI_EVENT_COUNT, weight);
		kept[i] = e;
	}
	smi_set_recs(&arena, f, SMI_FINDING_EVIDENCE, kept, n);
	smi_set_int(f, SMI_FINDING_COUNT, count);
	smi_set_int(f, SMI_FINDING_UNCOUNTED, uncounted);
	tell(f);
	write_as(SM_FORMAT_TXT);
}

static const struct {
	int count;
	size_t n;
	int weight, uncounted;
	const char *gap, *before, *after;
} gaps[] = {
	{ 10000, 6, 1, 0, "9,994 of 10,000 events are", "record-3.",
	  "record-4." },
	/* the login that was accepted is not one of those that failed */
	{ 10000, 7, 1, 1, "9,994 of 10,000 events are", "record-3.",
	  "record-4." },
	{ 8, 7, 1, 0, "1 of 8 events is", "record-3.", "record-4." },
	{ 20, 6, 3, 0, "2 of 20 events are", "record-3.", "record-4." },
	{ 10, 10, 1, 0, "3 of 10 events are", "record-3.", "record-7." },
	{ 12, 2, 1, 0, "10 of 12 events are", "record-1.", "record-2." },
	{ 12, 1, 1, 0, "11 of 12 events are", "record-1.", "next step" },
};

START_TEST(a_finding_says_between_first_and_last_how_many_it_does_not_show)
{
	char last[16], *gap;

	tell_finding(gaps[_i].count, gaps[_i].n, gaps[_i].weight,
		     gaps[_i].uncounted);
	says(gaps[_i].gap);
	gap = strstr(text, gaps[_i].gap);
	ck_assert(strstr(text, gaps[_i].before) < gap);
	ck_assert(strstr(text, gaps[_i].after) > gap);
	snprintf(last, sizeof(last), "record-%zu.", gaps[_i].n);
	says(last);
}
END_TEST

static const struct {
	int count;
	size_t n;
	int weight, uncounted;
} wholes[] = {
	{ 6, 6, 1, 0 }, { 6, 7, 1, 1 }, { 7, 7, 1, 0 }, { 1, 1, 1, 0 },
	{ 6, 2, 3, 0 }, { 1, 2, 1, 0 }, { 0, 0, 1, 1 },
};

START_TEST(a_finding_with_all_its_events_says_of_none_that_it_is_not_shown)
{
	char line[16];

	tell_finding(wholes[_i].count, wholes[_i].n, wholes[_i].weight,
		     wholes[_i].uncounted);
	hides("not shown");
	for (size_t i = 1; i <= wholes[_i].n; i++) {
		snprintf(line, sizeof(line), "record-%zu.", i);
		says(line);
	}
}
END_TEST

static sm_record *host(const char *address, int open, int closed, int filtered)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_HOST);

	smi_set_text(&arena, r, SMI_HOST_ADDRESS, smi_span_str(address));
	smi_set_const(r, SMI_HOST_STATE, open + closed ? "up" : "unknown");
	smi_set_int(r, SMI_HOST_OPEN, open);
	smi_set_int(r, SMI_HOST_CLOSED, closed);
	smi_set_int(r, SMI_HOST_FILTERED, filtered);
	return r;
}

START_TEST(what_was_probed_counts_and_not_what_is_shown_of_it)
{
	static const int formats[] = { SM_FORMAT_TXT, SM_FORMAT_TABLE };

	tell(sample_port(&arena, "203.0.113.9", 22, "open"));
	tell(host("203.0.113.9", 1, 65000, 534));
	write_as(formats[_i]);
	says("65,535 ports of 1 host (1 open)");
	tell(host("203.0.113.10", 0, 0, 1000));
	write_as(formats[_i]);
	says("66,535 ports of 2 hosts (1 open)");
}
END_TEST

START_TEST(the_method_of_all_hosts_is_named)
{
	sm_record *r = host("203.0.113.9", 1, 2, 3);

	smi_set_const(r, SMI_HOST_METHOD, "syn");
	tell(r);
	tell(host("203.0.113.10", 1, 0, 0));
	write_as(SM_FORMAT_TXT);
	says("7 ports of 2 hosts (2 open) by syn");
	r = host("203.0.113.11", 1, 0, 0);
	smi_set_const(r, SMI_HOST_METHOD, "connect");
	tell(r);
	write_as(SM_FORMAT_TXT);
	says("8 ports of 3 hosts (3 open)\n");
}
END_TEST

START_TEST(a_host_that_was_not_probed_is_none_that_was)
{
	sm_record *nameless = smi_rec_new(&arena, SM_KIND_HOST);

	smi_set_const(nameless, SMI_HOST_STATE, "unknown");
	tell(nameless);
	write_as(SM_FORMAT_TXT);
	says("looked at nothing");
	tell(host("203.0.113.9", 0, 1, 0));
	write_as(SM_FORMAT_TXT);
	says("looked at 1 port of 1 host (0 open)");
}
END_TEST

static void tell_silent(int from, int to)
{
	char address[32];

	for (int i = from; i <= to; i++) {
		snprintf(address, sizeof(address), "198.51.100.%d", i);
		tell(host(address, 0, 0, 10));
	}
}

START_TEST(many_hosts_without_an_answer_are_one_line)
{
	static const int formats[] = { SM_FORMAT_TXT, SM_FORMAT_TABLE };

	tell_silent(1, 5);
	tell(host("203.0.113.9", 1, 9, 0));
	write_as(formats[_i]);
	says("198.51.100.5");
	says("203.0.113.9");
	hides("gave no answer");
	tell_silent(6, 60);
	write_as(formats[_i]);
	hides("198.51.100.");
	says("203.0.113.9");
	hides("more");
	says("\n60 hosts gave no answer: state unknown\n");
}
END_TEST

START_TEST(hosts_that_all_gave_no_answer_need_no_table)
{
	tell_silent(1, 6);
	write_as(SM_FORMAT_TXT);
	says("-----\n6 hosts gave no answer: state unknown\n");
	hides("none");
	write_as(SM_FORMAT_CSV);
	says("198.51.100.6");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("people");
	TCase *tc = tcase_create("people");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
		tc,
		a_finding_says_between_first_and_last_how_many_it_does_not_show,
		0, SMI_COUNT(gaps));
	tcase_add_loop_test(
		tc,
		a_finding_with_all_its_events_says_of_none_that_it_is_not_shown,
		0, SMI_COUNT(wholes));
	tcase_add_loop_test(
		tc, what_was_probed_counts_and_not_what_is_shown_of_it, 0, 2);
	tcase_add_test(tc, the_method_of_all_hosts_is_named);
	tcase_add_test(tc, a_host_that_was_not_probed_is_none_that_was);
	tcase_add_loop_test(tc, many_hosts_without_an_answer_are_one_line, 0,
			    2);
	tcase_add_test(tc, hosts_that_all_gave_no_answer_need_no_table);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
