/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail-alloc.h"
#include "report-sample.h"
#include "suite.h"

/* What is drawn of changes and times; and each format of a report, when memory is
 * out. */
#define DAY (INT64_C(86400) * SMI_SEC)

static struct smi_arena arena;
static sm_ctx *ctx;
static sm_report *report, *before;
static sm_report_opts *opts;
static char *text;
static int64_t now;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ctx = sample_ctx();
	opts = sample_opts(ctx);
	ck_assert(smi_time_parse(SMI_SPAN("2026-08-04T10:00:00Z"), &now));
	ck_assert_int_eq(sm_report_opts_set_time(opts, now), 0);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(sm_report_new(ctx, &before), 0);
}

static void teardown(void)
{
	free(text);
	text = NULL;
	sm_report_opts_free(opts);
	sm_report_free(report);
	sm_report_free(before);
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
}

static void tell(const sm_record *rec)
{
	ck_assert_int_eq(sample_tell(sm_report_collect, report, rec), 0);
}

static void says(const char *what)
{
	if (!text)
		text = sample_write(report, SM_FORMAT_HTML, opts);
	ck_assert_msg(strstr(text, what), "no '%s' in the page", what);
}

/* A finding of so long ago; of what the run saw when rec is no event. */
static void find(int i, int64_t ago, const sm_record *rec)
{
	char id[32];
	sm_record *f;

	snprintf(id, sizeof(id), "f%d", i);
	f = sample_finding(&arena, id, SM_SEV_HIGH, "title");
	smi_set_int(f, SMI_FINDING_FIRST, now - ago);
	smi_set_int(f, SMI_FINDING_LAST, now - ago);
	smi_set_recs(&arena, f, SMI_FINDING_EVIDENCE, &rec, 1);
	tell(f);
}

START_TEST(findings_of_a_run_stand_behind_those_of_logs)
{
	const sm_record *event = sample_event(&arena, 1, "root");
	const sm_record *proc = sample_process(&arena, 7, "x", 1);

	for (int i = 0; i < 20; i++)
		find(i, 300 * DAY + i * 3600 * SMI_SEC, event);
	find(20, 900 * DAY, event);
	find(21, 400 * DAY, proc);
	find(22, 0, event);
	says("A column is 1 hour; times are UTC. The last one is what this run "
	     "saw itself: 2. Left out: 1 earlier.");
	says("<th scope=\"row\">this run</th><td class=\"n\">0</td>"
	     "<td class=\"n\">2</td>");
}
END_TEST

START_TEST(what_is_spread_over_a_year_is_told_by_days)
{
	const sm_record *event = sample_event(&arena, 1, "root");

	for (int i = 1; i < 36; i++)
		find(i, i * 10 * DAY, event);
	says("Findings by day and severity");
	says("A column is 8 days; times are UTC.");
	ck_assert_ptr_null(strstr(text, "Left out"));
}
END_TEST

static void put_changes(void)
{
	static const char *const states[] = { "open", "listening" };

	for (int i = 0; i < 4; i++)
		for (size_t k = 0; k < SMI_COUNT(states); k++) {
			sm_record *p = sample_port(&arena, "192.0.2.7", 20 + i,
						   states[k]);

			if (i != 3)
				tell(p);
			if (i != 0)
				ck_assert_int_eq(sample_tell(sm_report_collect,
							     before, p),
						 0);
		}
	find(1, DAY, sample_event(&arena, 1, "root"));
	tell(sample_process(&arena, 7, "sshd", 50));
	ck_assert_int_eq(sample_tell(sm_report_collect, before,
				     sample_process(&arena, 8, "init", 1)),
			 0);
	ck_assert_int_eq(sm_report_compare(report, before), 0);
}

START_TEST(ports_are_drawn_as_before_new_and_gone)
{
	put_changes();
	says("<th scope=\"col\" class=\"n\">open as before</th>");
	/* no host tells that the ports were scanned twice: listeners alone */
	says("<tr><th scope=\"row\">192.0.2.7</th><td class=\"n\">3</td>"
	     "<td class=\"n\">2</td><td class=\"n\">1</td>"
	     "<td class=\"n\">0</td><td class=\"n\">1</td>");
	says("<tr><th scope=\"row\">tcp 23</th><td class=\"n\">0</td>"
	     "<td class=\"n\">0</td><td class=\"n\">0</td>"
	     "<td class=\"n\">0</td><td class=\"n\">1</td>");
}
END_TEST

static const int formats[] = { SM_FORMAT_HTML, SM_FORMAT_TXT, SM_FORMAT_MD,
			       SM_FORMAT_NMAP_XML };

/* Whole, or an error that says so: no matter which allocation fails. */
START_TEST(a_report_is_whole_or_refused_when_memory_is_out)
{
	char *whole;
	int r = -ENOMEM, n = 0;

	put_changes();
	for (int i = 2; i < 6; i++)
		find(i, i * DAY, sample_event(&arena, i, "root"));
	tell(sample_coverage(&arena, "a.log", 5));
	whole = sample_write(report, formats[_i], opts);
	while (r < 0) {
		struct smi_buf b = { 0 };

		fail_alloc_at(++n);
		r = sm_report_write(report, formats[_i], opts, sample_keep, &b);
		/* sample_keep() itself may be what has none */
		ck_assert_msg(r == 0 || r == -ENOMEM || r == -EIO, "%d: %d", n,
			      r);
		if (fail_alloc_count() < n) {
			fail_alloc_off();
			ck_assert_int_eq(r, 0);
			ck_assert_str_eq(smi_buf_cstr(&b), whole);
		} else {
			fail_alloc_off();
			ck_assert_msg(r < 0, "call %d is not told", n);
		}
		smi_buf_free(&b);
	}
	ck_assert_int_gt(n, 10);
	free(whole);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("html");
	TCase *tc = tcase_create("html");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, findings_of_a_run_stand_behind_those_of_logs);
	tcase_add_test(tc, what_is_spread_over_a_year_is_told_by_days);
	tcase_add_test(tc, ports_are_drawn_as_before_new_and_gone);
	tcase_add_loop_test(tc, a_report_is_whole_or_refused_when_memory_is_out,
			    0, SMI_COUNT(formats));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
