/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fail-alloc.h"
#include "report-sample.h"
#include "report/format.h"
#include "suite.h"

static struct smi_arena arena;
static struct smi_buf buf;
static sm_ctx *ctx;
static sm_report *report;
static sm_report_opts *opts;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	buf = (struct smi_buf){ 0 };
	ctx = sample_ctx();
	opts = sample_opts(ctx);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
}

static void teardown(void)
{
	sm_report_opts_free(opts);
	sm_report_free(report);
	sm_ctx_unref(ctx);
	smi_buf_free(&buf);
	smi_arena_free(&arena);
}

static const char *object(const sm_record *rec, const char *fields)
{
	struct smi_fieldlist list = { .n = 0 };
	struct smi_fieldset set;
	struct smi_span bad;

	ck_assert_int_eq(smi_fields_parse(rec->kind, fields, &set, &list, &bad),
			 0);
	smi_buf_clear(&buf);
	smi_json_record(&buf, smi_kind(rec->kind), &list, rec);
	return smi_buf_cstr(&buf);
}

static void add(const sm_record *rec)
{
	ck_assert_int_eq(sample_tell(sm_report_collect, report, rec), 0);
}

START_TEST(members_are_those_chosen_in_their_order)
{
	sm_record *p = sample_port(&arena, "203.0.113.9", 22, "open");

	ck_assert_str_eq(object(p, "port,address,pid"),
			 "{\"type\":\"port\",\"port\":22,\"address\":"
			 "\"203.0.113.9\",\"pid\":411}");
}
END_TEST

START_TEST(what_is_not_known_has_no_member)
{
	sm_record *p = sample_port(&arena, "203.0.113.9", 80, "open");

	ck_assert_str_eq(object(p, "hostname,port,service,pid"),
			 "{\"type\":\"port\",\"port\":80}");
	smi_set_const(p, SMI_PORT_SERVICE, "");
	smi_set_int(p, SMI_PORT_TIME, SM_TIME_NONE);
	smi_set_real(p, SMI_PORT_RTT_MS, __builtin_nan(""));
	ck_assert_str_eq(object(p, "port,service,time,rtt_ms"),
			 "{\"type\":\"port\",\"port\":80}");
}
END_TEST

START_TEST(each_type_has_its_json_form)
{
	sm_record *p = sample_process(&arena, 7, "a\"b", 12.5);

	ck_assert_str_eq(object(p, "pid,cpu_percent,start,args,kernel_thread"),
			 "{\"type\":\"process\",\"pid\":7,\"cpu_percent\":12.5,"
			 "\"start\":\"2026-08-04T10:00:00Z\",\"args\":["
			 "\"a\\\"b\",\"-D\"],"
			 "\"kernel_thread\":false}");
}
END_TEST

START_TEST(evidence_is_a_list_of_whole_records)
{
	sm_record *f = sample_finding(&arena, "f", SM_SEV_HIGH, "t");
	const char *text = object(f, "evidence,count");

	ck_assert_ptr_nonnull(
		strstr(text, "{\"type\":\"finding\",\"evidence\":[{\"type\":"
			     "\"event\",\"id\":\"e"));
	ck_assert_ptr_nonnull(strstr(text, "\"user\":\"root\""));
	ck_assert_ptr_nonnull(strstr(text, "}],\"count\":12}"));
}
END_TEST

START_TEST(dotted_names_are_one_nested_object_wherever_they_stand)
{
	static const struct smi_field fields[] = {
		{ "tls.version", "", SM_TYPE_STR },
		{ "port", "", SM_TYPE_INT },
		{ "tls.cert.subject", "", SM_TYPE_STR },
		{ "tls.cert.serial", "", SM_TYPE_INT },
		{ "tls.cipher", "", SM_TYPE_STR },
	};
	static const struct smi_kind kind = { "k", fields, 5, 5, -1 };
	const struct smi_fieldlist list = { { 0, 1, 2, 3, 4 }, 5 };
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);

	smi_set_const(r, 0, "1.3");
	smi_set_int(r, 1, 443);
	smi_set_const(r, 2, "cn");
	smi_set_int(r, 3, 5);
	smi_json_record(&buf, &kind, &list, r);
	ck_assert_str_eq(
		smi_buf_cstr(&buf),
		"{\"type\":\"k\",\"tls\":{\"version\":\"1.3\",\"cert\":"
		"{\"subject\":\"cn\",\"serial\":5}},\"port\":443}");
}
END_TEST

START_TEST(hidden_values_are_never_shown)
{
	char *text;

	add(sample_process(&arena, 7, "x", 1));
	add(sample_event(&arena, 1, "root"));
	add(sample_finding(&arena, "f", SM_SEV_HIGH, "t"));
	for (int format = 1; format <= SM_FORMAT_TABLE; format++) {
		if (!*sm_format_name(format))
			continue;
		text = sample_write(report, format, opts);
		ck_assert_ptr_null(strstr(text, "unseen"));
		ck_assert_ptr_null(strstr(text, "raw line"));
		ck_assert_ptr_null(strstr(text, "code"));
		free(text);
	}
}
END_TEST

START_TEST(an_empty_report_has_all_arrays_and_a_summary)
{
	char *text = sample_write(report, SM_FORMAT_JSON, opts);

	ck_assert_ptr_nonnull(
		strstr(text, "{\"schema\":\"sysmon/"
			     "1\",\"generated\":\"2026-08-04T10:00:00Z\""
			     ",\n\"host\":{\"hostname\":\"web1\",\"id\":\""));
	ck_assert_ptr_nonnull(
		strstr(text, "\"os\":\"Example \\\"Linux\\\" 12\",\"kernel\":"
			     "\"6.1.0-example\",\"arch\":\"x86_64\"},\n"
			     "\"ports\":[],\n\"processes\":[],\n\"events\":[],"
			     "\n\"findings\":[],\n\"notices\":[],\n"
			     "\"coverage\":[],\n\"summary\":{"));
	/* /etc/machine-id itself is a secret of the machine */
	ck_assert_ptr_null(strstr(text, "0123456789abcdef0123456789abcdef"));
	free(text);
}
END_TEST

START_TEST(ports_are_sorted_by_address_and_number)
{
	static const char *const order[] = { "203.0.113.9", "22,", "8080,",
					     "203.0.113.10", "2001:db8::7" };
	char *text, *p;

	add(sample_port(&arena, "2001:db8::7", 1, "open"));
	add(sample_port(&arena, "203.0.113.10", 2, "open"));
	add(sample_port(&arena, "203.0.113.9", 8080, "open"));
	add(sample_port(&arena, "203.0.113.9", 22, "open"));
	text = p = sample_write(report, SM_FORMAT_NDJSON, opts);
	for (size_t i = 0; i < SMI_COUNT(order); i++) {
		p = strstr(p, order[i]);
		ck_assert_msg(p, "%s is not in its place", order[i]);
	}
	free(text);
}
END_TEST

static sm_record *port_finding(const char *title, int64_t first,
			       const char *address, int port)
{
	sm_record *f = sample_finding(&arena, title, SM_SEV_LOW, title);
	const sm_record **seen = smi_arena_alloc(&arena, sizeof(sm_record *));

	ck_assert_ptr_nonnull(seen);
	seen[0] = sample_port(&arena, address, port, "open");
	smi_set_int(f, SMI_FINDING_FIRST, first);
	smi_set_int(f, SMI_FINDING_PORT, port);
	smi_set_recs(&arena, f, SMI_FINDING_EVIDENCE, seen, 1);
	return f;
}

START_TEST(findings_of_ports_are_sorted_by_port_however_they_were_found)
{
	static const char *const order[] = { "of a log", "nine 22", "nine 80",
					     "ten 22" };
	char *text, *at;

	add(port_finding("ten 22", 1, "10.0.0.10", 22));
	add(port_finding("nine 80", 2, "10.0.0.9", 80));
	add(port_finding("nine 22", 3, "10.0.0.9", 22));
	add(sample_finding(&arena, "l", SM_SEV_LOW, "of a log"));
	text = sample_write(report, SM_FORMAT_JSON, opts);
	at = text;
	for (size_t i = 0; i < SMI_COUNT(order); i++) {
		at = strstr(at, order[i]);
		ck_assert_msg(at, "%s is missing, or before the others",
			      order[i]);
	}
	free(text);
}
END_TEST

START_TEST(findings_are_sorted_by_severity_and_a_later_one_replaces)
{
	char *text;

	add(sample_finding(&arena, "aa", SM_SEV_LOW, "low one"));
	add(sample_finding(&arena, "bb", SM_SEV_LOW, "before it rose"));
	add(sample_finding(&arena, "cc", SM_SEV_HIGH, "high one"));
	add(sample_finding(&arena, "bb", SM_SEV_CRITICAL, "after it rose"));
	ck_assert_uint_eq(sm_report_size(report, SM_KIND_FINDING), 3);
	ck_assert_int_eq(sm_report_worst(report), SM_SEV_CRITICAL);
	text = sample_write(report, SM_FORMAT_JSON, opts);
	ck_assert_ptr_null(strstr(text, "before it rose"));
	ck_assert(strstr(text, "after it rose") < strstr(text, "high one"));
	ck_assert(strstr(text, "high one") < strstr(text, "low one"));
	ck_assert_ptr_nonnull(strstr(text,
				     "\"findings\":3,\"critical\":1,\"high\":1,"
				     "\"medium\":0,\"low\":1,\"info\":0"));
	free(text);
}
END_TEST

START_TEST(findings_below_the_least_severity_are_left_out)
{
	char *text;

	add(sample_finding(&arena, "aa", SM_SEV_LOW, "low one"));
	add(sample_finding(&arena, "cc", SM_SEV_HIGH, "high one"));
	ck_assert_int_eq(sm_report_opts_set_min_severity(opts, SM_SEV_MEDIUM),
			 0);
	text = sample_write(report, SM_FORMAT_JSON, opts);
	ck_assert_ptr_null(strstr(text, "low one"));
	ck_assert_ptr_nonnull(strstr(text, "high one"));
	ck_assert_ptr_nonnull(strstr(text, "\"findings\":1,"));
	free(text);
}
END_TEST

START_TEST(the_summary_counts_what_is_in_the_report)
{
	char *text;

	ck_assert_int_eq(sample_tell_all(&arena, sm_report_collect, report), 0);
	text = sample_write(report, SM_FORMAT_NDJSON, opts);
	ck_assert_ptr_nonnull(
		strstr(text, "\"hostname\":\"web1\",\"ports\":4,\"open\":3,"
			     "\"processes\":2,\"events\":3,\"findings\":2,"
			     "\"critical\":0,\"high\":1,\"medium\":1,\"low\":0,"
			     "\"info\":0,\"notices\":1,\"lines\":1000,"
			     "\"bytes\":100000,\"allowed\":0}\n"));
	free(text);
}
END_TEST

START_TEST(without_a_fixed_time_the_summary_has_the_run)
{
	static const char *const names[] = {
		"\"id\":", "\"start\":", "\"wall_seconds\":",
		"\"cpu_seconds\":", "\"peak_memory\":"
	};
	char *fixed = sample_write(report, SM_FORMAT_NDJSON, opts);
	char *run = sample_write(report, SM_FORMAT_NDJSON, NULL);

	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		ck_assert_ptr_null(strstr(fixed, names[i]));
		ck_assert_ptr_nonnull(strstr(run, names[i]));
	}
	free(fixed);
	free(run);
}
END_TEST

START_TEST(a_fixed_time_gives_the_same_bytes)
{
	char *first, *second;

	ck_assert_int_eq(sample_tell_all(&arena, sm_report_collect, report), 0);
	for (int format = 1; format <= SM_FORMAT_TABLE; format++) {
		if (!*sm_format_name(format))
			continue;
		first = sample_write(report, format, opts);
		second = sample_write(report, format, opts);
		ck_assert_str_eq(first, second);
		free(first);
		free(second);
	}
}
END_TEST

START_TEST(the_stream_has_the_same_objects_as_the_report)
{
	sm_writer *w;
	char *whole, *line, *rest;

	ck_assert_int_eq(sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, sample_keep,
				       &buf, &w),
			 0);
	ck_assert_int_eq(sample_tell_all(&arena, sm_writer_collect, w), 0);
	ck_assert_int_eq(sample_tell_all(&arena, sm_report_collect, report), 0);
	ck_assert_int_eq(sm_writer_finish(w), 0);
	whole = rest = sample_write(report, SM_FORMAT_NDJSON, opts);
	ck_assert_uint_eq(strlen(whole), buf.len);
	while ((line = strsep(&rest, "\n")) && *line)
		ck_assert_ptr_nonnull(strstr(smi_buf_cstr(&buf), line));
	free(whole);
	sm_writer_free(w);
}
END_TEST

START_TEST(the_stream_writes_while_the_work_goes_on)
{
	sm_writer *w;

	ck_assert_int_eq(sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, sample_keep,
				       &buf, &w),
			 0);
	ck_assert_int_eq(sample_tell(sm_writer_collect, w,
				     sample_event(&arena, 1, "root")),
			 0);
	ck_assert_ptr_nonnull(strstr(smi_buf_cstr(&buf), "\"user\":\"root\""));
	sm_writer_free(w);
}
END_TEST

START_TEST(a_flushed_stream_has_handed_on_everything)
{
	sm_writer *w;

	ck_assert_int_eq(sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, sample_keep,
				       &buf, &w),
			 0);
	sample_tell(sm_writer_collect, w, sample_event(&arena, 1, "root"));
	sample_tell(sm_writer_collect, w, sample_event(&arena, 2, "eve"));
	ck_assert_int_eq(sm_writer_flush(w), 0);
	ck_assert_ptr_nonnull(strstr(smi_buf_cstr(&buf), "\"user\":\"eve\""));
	sm_writer_free(w);
	ck_assert_int_eq(sm_writer_flush(NULL), -EINVAL);
}
END_TEST

START_TEST(a_finding_that_comes_again_is_streamed_twice_and_counted_once)
{
	sm_writer *w;

	ck_assert_int_eq(sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, sample_keep,
				       &buf, &w),
			 0);
	sample_tell(sm_writer_collect, w,
		    sample_finding(&arena, "aa", SM_SEV_LOW, "t1"));
	sample_tell(sm_writer_collect, w,
		    sample_finding(&arena, "aa", SM_SEV_HIGH, "t2"));
	ck_assert_int_eq(sm_writer_finish(w), 0);
	ck_assert_ptr_nonnull(strstr(smi_buf_cstr(&buf), "\"title\":\"t1\""));
	ck_assert_ptr_nonnull(strstr(buf.p, "\"title\":\"t2\""));
	ck_assert_ptr_nonnull(strstr(buf.p,
				     "\"findings\":1,\"critical\":0,"
				     "\"high\":1,\"medium\":0,\"low\":0"));
	ck_assert_int_eq(sm_writer_finish(w), -EINVAL);
	ck_assert_int_eq(sample_tell(sm_writer_collect, w,
				     sample_event(&arena, 1, "root")),
			 -EINVAL);
	sm_writer_free(w);
}
END_TEST

START_TEST(a_finding_that_closes_is_counted_once_by_its_last_severity)
{
	sm_record *open, *closed;
	sm_writer *w;

	ck_assert_int_eq(sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, sample_keep,
				       &buf, &w),
			 0);
	open = sample_finding(&arena, "aa", SM_SEV_LOW, "t1");
	smi_set_int(open, SMI_FINDING_STATE_CODE, SM_FINDING_OPEN);
	closed = sample_finding(&arena, "aa", SM_SEV_HIGH, "t2");
	smi_set_int(closed, SMI_FINDING_STATE_CODE, SM_FINDING_CLOSED);
	sample_tell(sm_writer_collect, w, open);
	sample_tell(sm_writer_collect, w, closed);
	ck_assert_int_eq(sm_writer_finish(w), 0);
	ck_assert_ptr_nonnull(smi_buf_cstr(&buf));
	ck_assert_ptr_nonnull(strstr(buf.p, "\"findings\":1,\"critical\":0,"
					    "\"high\":1,\"medium\":0,"
					    "\"low\":0"));
	sm_writer_free(w);
}
END_TEST

static int refuse(const void *data, size_t len, void *user)
{
	int *calls = user;

	ck_assert_ptr_nonnull(data);
	ck_assert_uint_gt(len, 0);
	++*calls;
	return 77;
}

START_TEST(what_the_function_gives_ends_the_writing)
{
	int calls = 0;
	sm_writer *w;

	add(sample_event(&arena, 1, "root"));
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_JSON, opts, refuse, &calls),
		77);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(
		sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, refuse, &calls, &w),
		0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(sample_tell(sm_writer_collect, w,
					     sample_event(&arena, 1, "root")),
				 77);
	ck_assert_int_eq(sm_writer_finish(w), 77);
	ck_assert_int_eq(calls, 2);
	sm_writer_free(w);
}
END_TEST

/* One report collected and written, and one writer, in a format. */
static int collect_and_write(int format)
{
	struct smi_arena a = { 0 };
	struct smi_buf out = { 0 };
	sm_report *r = NULL;
	sm_writer *w = NULL;
	int rc = sm_report_new(ctx, &r);

	if (rc == 0)
		rc = sample_tell_all(&a, sm_report_collect, r);
	if (rc == 0)
		rc = sm_report_write(r, format, opts, sample_keep, &out);
	if (rc == 0)
		rc = sm_writer_new(ctx, format, opts, sample_keep, &out, &w);
	if (rc == 0)
		rc = sample_tell_all(&a, sm_writer_collect, w);
	if (rc == 0)
		rc = sm_writer_finish(w);
	sm_writer_free(w);
	sm_report_free(r);
	smi_buf_free(&out);
	smi_arena_free(&a);
	return rc;
}

START_TEST(every_failed_allocation_is_an_error)
{
	if (!*sm_format_name(_i))
		return;
	for (int n = 1, rc = -1; rc; n++) {
		fail_alloc_at(n);
		rc = collect_and_write(_i);
		ck_assert(rc == 0 || rc == -ENOMEM);
		ck_assert(rc || fail_alloc_count() < n);
		fail_alloc_from(n);
		ck_assert_int_eq(collect_and_write(_i), rc);
		fail_alloc_off();
		ck_assert_int_lt(n, 10000);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("record");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, members_are_those_chosen_in_their_order);
	tcase_add_test(tc, what_is_not_known_has_no_member);
	tcase_add_test(tc, each_type_has_its_json_form);
	tcase_add_test(tc, evidence_is_a_list_of_whole_records);
	tcase_add_test(tc,
		       dotted_names_are_one_nested_object_wherever_they_stand);
	tcase_add_test(tc, hidden_values_are_never_shown);
	suite_add_tcase(s, tc);
	tc = tcase_create("document");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_report_has_all_arrays_and_a_summary);
	tcase_add_test(tc, ports_are_sorted_by_address_and_number);
	tcase_add_test(
		tc,
		findings_of_ports_are_sorted_by_port_however_they_were_found);
	tcase_add_test(
		tc, findings_are_sorted_by_severity_and_a_later_one_replaces);
	tcase_add_test(tc, findings_below_the_least_severity_are_left_out);
	tcase_add_test(tc, the_summary_counts_what_is_in_the_report);
	tcase_add_test(tc, without_a_fixed_time_the_summary_has_the_run);
	tcase_add_test(tc, a_fixed_time_gives_the_same_bytes);
	tcase_add_loop_test(tc, every_failed_allocation_is_an_error, 1,
			    SM_FORMAT_TABLE + 1);
	suite_add_tcase(s, tc);
	tc = tcase_create("stream");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_stream_has_the_same_objects_as_the_report);
	tcase_add_test(tc, the_stream_writes_while_the_work_goes_on);
	tcase_add_test(tc, a_flushed_stream_has_handed_on_everything);
	tcase_add_test(
		tc,
		a_finding_that_comes_again_is_streamed_twice_and_counted_once);
	tcase_add_test(
		tc, a_finding_that_closes_is_counted_once_by_its_last_severity);
	tcase_add_test(tc, what_the_function_gives_ends_the_writing);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
