/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"
#include "record/from-json.h"
#include "record/schema.h"
#include "suite.h"

static struct smi_arena a;

static void setup(void)
{
	a = (struct smi_arena){ 0 };
}

static void teardown(void)
{
	smi_arena_free(&a);
}

static int parse(const char *text, sm_record **out)
{
	return smi_rec_from_json(&a, smi_span_str(text), out);
}

START_TEST(members_of_every_type_are_read)
{
	sm_record *r = NULL;

	ck_assert_int_eq(
		parse(" {\"port\":443,\"type\":\"port\",\"rtt_ms\":0.25,"
		      "\"time\":\"2026-08-04T10:00:00Z\",\"state\":\"open\","
		      "\"tls\":{\"version\":\"TLSv1.3\",\"san\":[\"a\","
		      "\"b\\u00e9\"],\"self_signed\":true,\"new\":{}},"
		      "\"later\":[{\"x\":null}]} ",
		      &r),
		0);
	ck_assert_int_eq(smi_rec_int(r, SM_KIND_PORT, SMI_PORT_NUMBER), 443);
	ck_assert_double_eq(smi_rec_real(r, SM_KIND_PORT, SMI_PORT_RTT_MS),
			    0.25);
	ck_assert_int_eq(smi_rec_time(r, SM_KIND_PORT, SMI_PORT_TIME),
			 INT64_C(1785837600000000000));
	ck_assert_int_eq(smi_rec_int(r, SM_KIND_PORT, SMI_PORT_STATE_CODE),
			 SM_PORT_OPEN);
	ck_assert_str_eq(smi_rec_str(r, SM_KIND_PORT, SMI_PORT_TLS_VERSION),
			 "TLSv1.3");
	ck_assert_uint_eq(smi_rec_strs(r, SM_KIND_PORT, SMI_PORT_TLS_SAN)->n,
			  2);
	ck_assert_str_eq(smi_rec_strs(r, SM_KIND_PORT, SMI_PORT_TLS_SAN)->v[1],
			 "b\xc3\xa9");
	ck_assert_int_eq(smi_rec_int(r, SM_KIND_PORT, SMI_PORT_TLS_SELF_SIGNED),
			 1);
}
END_TEST

START_TEST(a_finding_has_its_evidence_and_its_numbers)
{
	sm_record *r = NULL;
	const sm_finding *f;

	ck_assert_int_eq(parse("{\"type\":\"finding\",\"severity\":\"high\","
			       "\"state\":\"closed\",\"evidence\":[{\"type\":"
			       "\"event\",\"outcome\":\"failure\"}]}",
			       &r),
			 0);
	f = sm_record_finding(r);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
	ck_assert_int_eq(sm_finding_state(f), SM_FINDING_CLOSED);
	ck_assert_uint_eq(sm_finding_nevidence(f), 1);
	ck_assert_int_eq(sm_logevent_outcome(
				 sm_record_logevent(sm_finding_evidence(f, 0))),
			 SM_OUTCOME_FAILURE);
}
END_TEST

START_TEST(text_that_was_escaped_stays_and_what_was_not_is)
{
	sm_record *r = NULL;

	ck_assert_int_eq(parse("{\"type\":\"notice\",\"text\":\"\\\\x1b[m\","
			       "\"source\":\"\\u001b\\u0000\"}",
			       &r),
			 0);
	ck_assert_str_eq(sm_notice_text(sm_record_notice(r)), "\\x1b[m");
	ck_assert_str_eq(sm_notice_source(sm_record_notice(r)), "\\x1b\\x00");
}
END_TEST

static const struct {
	int rc;
	const char *text;
} bad[] = {
	{ -EBADMSG, "" },
	{ -EBADMSG, "[]" },
	{ -EBADMSG, "{}" },
	{ -EBADMSG, "{\"type\":1}" },
	{ -ENOENT, "{\"type\":\"spaceship\"}" },
	{ -EBADMSG, "{\"type\":\"port\"" },
	{ -EBADMSG, "{\"type\":\"port\"}x" },
	{ -EBADMSG, "{\"type\":\"port\",\"port\":\"1\"}" },
	{ -EBADMSG, "{\"type\":\"port\",\"port\":1.5}" },
	{ -EBADMSG, "{\"type\":\"port\",\"port\":99999999999999999999}" },
	{ -EBADMSG, "{\"type\":\"port\",\"address\":null}" },
	{ -EBADMSG, "{\"type\":\"port\",\"time\":\"noon\"}" },
	{ -EBADMSG, "{\"type\":\"port\",\"rtt_ms\":1e5}" },
	{ -EBADMSG, "{\"type\":\"port\",\"tls\":{\"san\":[1]}}" },
	{ -EBADMSG, "{\"type\":\"finding\",\"evidence\":[{}]}" },
};

START_TEST(what_is_no_record_is_refused)
{
	sm_record *r = NULL;

	ck_assert_int_eq(parse(bad[_i].text, &r), bad[_i].rc);
	ck_assert_ptr_null(r);
}
END_TEST

static int parse_many(const char *head, const char *one, int n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	sm_record *r = NULL;

	smi_buf_str(&b, head);
	for (int i = 0; i < n; i++) {
		smi_buf_str(&b, i ? "," : "");
		smi_buf_str(&b, one);
	}
	smi_buf_str(&b, "]}");
	return parse(smi_buf_cstr(&b), &r);
}

START_TEST(one_record_has_so_much_in_it_and_no_more)
{
	const char *finding = "{\"type\":\"finding\",\"evidence\":[";
	const char *process = "{\"type\":\"process\",\"args\":[";

	ck_assert_int_eq(parse_many(finding, "{\"type\":\"line\"}", 9999), 0);
	ck_assert_int_eq(parse_many(finding, "{\"type\":\"line\"}", 10000),
			 -E2BIG);
	ck_assert_int_eq(parse_many(process, "\"\"", 1000000), 0);
	ck_assert_int_eq(parse_many(process, "\"\"", 1000001), -E2BIG);
}
END_TEST

START_TEST(findings_in_findings_end)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	sm_record *r = NULL;

	for (int i = 0; i < 5000; i++)
		smi_buf_str(&b, "{\"type\":\"finding\",\"evidence\":[");
	ck_assert_int_eq(parse(smi_buf_cstr(&b), &r), -EBADMSG);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	const char *text =
		"{\"type\":\"finding\",\"title\":\"a\\n\",\"attack\":"
		"[\"T1\"],\"evidence\":[{\"type\":\"line\"}]}";
	sm_record *r = NULL;
	int rc;

	for (int n = 1;; n++) {
		smi_arena_free(&a);
		a = (struct smi_arena){ 0 };
		fail_alloc_at(n);
		rc = parse(text, &r);
		fail_alloc_at(0);
		if (rc == 0)
			break;
		ck_assert_int_eq(rc, -ENOMEM);
		ck_assert_int_lt(n, 100);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("from-json");
	TCase *tc = tcase_create("record");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, members_of_every_type_are_read);
	tcase_add_test(tc, a_finding_has_its_evidence_and_its_numbers);
	tcase_add_test(tc, text_that_was_escaped_stays_and_what_was_not_is);
	tcase_add_loop_test(tc, what_is_no_record_is_refused, 0,
			    SMI_COUNT(bad));
	tcase_add_test(tc, one_record_has_so_much_in_it_and_no_more);
	tcase_add_test(tc, findings_in_findings_end);
	tcase_add_test(tc, out_of_memory_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
