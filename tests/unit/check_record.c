/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "fail-alloc.h"
#include "record/build.h"
#include "record/id.h"
#include "record/schema.h"

static struct smi_arena arena;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
}

static void teardown(void)
{
	smi_arena_free(&arena);
}

/* One record with every type of value, and another inside. */
static sm_record *make_finding(void)
{
	static const char *const attack[] = { "T1110", "T1110.001" };
	sm_record *event = smi_rec_new(&arena, SM_KIND_EVENT);
	sm_record *r = smi_rec_new(&arena, SM_KIND_FINDING);
	const sm_record **list = smi_arena_alloc(&arena, sizeof(*list));

	if (!list)
		return NULL;
	list[0] = event;
	smi_set_text(&arena, event, SMI_EVENT_USER, SMI_SPAN("a\x1b[31m"));
	smi_set_raw(&arena, event, SMI_EVENT_RAW, SMI_SPAN("x\0y"));
	smi_set_int(event, SMI_EVENT_FAILURE, 1);
	smi_set_text(&arena, r, SMI_FINDING_RULE, SMI_SPAN("brute-force"));
	smi_set_severity(r, SM_SEV_HIGH);
	smi_set_int(r, SMI_FINDING_COUNT, 17);
	smi_set_int(r, SMI_FINDING_FIRST, INT64_C(1785837601500000000));
	smi_set_strs(&arena, r, SMI_FINDING_ATTACK, attack, 2);
	smi_set_recs(&arena, r, SMI_FINDING_EVIDENCE, list, 1);
	return r;
}

static void check_finding(const sm_record *r)
{
	const sm_finding *f = sm_record_finding(r);
	const sm_record *event = sm_finding_evidence(f, 0);
	struct smi_span raw = smi_rec_raw(event, SM_KIND_EVENT, SMI_EVENT_RAW);

	ck_assert_str_eq(sm_finding_rule(f), "brute-force");
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
	ck_assert_uint_eq(sm_finding_count(f), 17);
	ck_assert_int_eq(sm_finding_first(f), INT64_C(1785837601500000000));
	ck_assert_int_eq(sm_finding_last(f), SM_TIME_NONE);
	ck_assert_uint_eq(sm_finding_nattack(f), 2);
	ck_assert_str_eq(sm_finding_attack(f, 1), "T1110.001");
	ck_assert_uint_eq(sm_finding_nevidence(f), 1);
	ck_assert_str_eq(smi_rec_str(event, SM_KIND_EVENT, SMI_EVENT_USER),
			 "a\\x1b[31m");
	ck_assert_uint_eq(raw.len, 3);
	ck_assert_mem_eq(raw.p, "x\0y", 3);
}

START_TEST(a_reference_to_an_arena_record_is_a_copy_that_outlives_it)
{
	sm_record *kept = sm_record_ref(make_finding());

	smi_arena_free(&arena);
	ck_assert_ptr_nonnull(kept);
	check_finding(kept);
	ck_assert_ptr_eq(sm_record_ref(kept), kept);
	sm_record_unref(kept);
	sm_record_unref(kept);
}
END_TEST

START_TEST(a_nested_record_can_be_kept_alone)
{
	sm_record *kept = sm_record_ref(make_finding());
	sm_record *event = sm_record_ref(
		sm_record_field_record(kept, SMI_FINDING_EVIDENCE, 0));

	sm_record_unref(kept);
	ck_assert_str_eq(smi_rec_str(event, SM_KIND_EVENT, SMI_EVENT_USER),
			 "a\\x1b[31m");
	sm_record_unref(event);
}
END_TEST

START_TEST(packed_records_come_back_whole)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	sm_record *back = NULL;
	size_t used = 0;

	smi_rec_pack(&b, make_finding());
	smi_buf_str(&b, "rest");
	ck_assert_int_eq(smi_rec_unpack(&arena, smi_buf_span(&b), &used, &back),
			 0);
	ck_assert_uint_eq(used, b.len - 4);
	check_finding(back);
}
END_TEST

START_TEST(every_cut_of_packed_bytes_is_refused)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	sm_record *back = NULL;
	size_t used = 0;

	smi_rec_pack(&b, make_finding());
	for (size_t n = 0; n < b.len; n++)
		ck_assert_int_eq(smi_rec_unpack(&arena, smi_span_of(b.p, n),
						&used, &back),
				 -EBADMSG);
	ck_assert_ptr_null(back);
}
END_TEST

START_TEST(packed_bytes_with_any_byte_changed_are_safe_to_read)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	smi_rec_pack(&b, make_finding());
	for (size_t i = 0; i < b.len; i++) {
		SMI_AUTOFREE char *copy = smi_memdup(b.p, b.len);
		sm_record *back;
		size_t used;
		int r;

		copy[i] ^= (char)0xff;
		r = smi_rec_unpack(&arena, smi_span_of(copy, b.len), &used,
				   &back);
		ck_assert(r == 0 || r == -EBADMSG);
		smi_arena_reset(&arena);
	}
}
END_TEST

START_TEST(out_of_memory_while_copying_is_null_and_while_building_is_told)
{
	sm_record *r = make_finding();

	fail_alloc_at(1);
	ck_assert_ptr_null(sm_record_ref(r));
	fail_alloc_off();
	smi_arena_free(&arena);
	fail_alloc_from(1);
	ck_assert_ptr_null(make_finding());
	ck_assert_int_eq(smi_arena_error(&arena), -ENOMEM);
	fail_alloc_off();
}
END_TEST

START_TEST(getters_are_neutral_for_null_other_kinds_and_unknown_fields)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PORT);

	ck_assert_ptr_null(sm_record_finding(r));
	ck_assert_ptr_null(sm_record_notice(NULL));
	ck_assert_int_eq(sm_record_kind(NULL), 0);
	ck_assert_str_eq(sm_record_id(r), "");
	ck_assert_str_eq(sm_finding_title(NULL), "");
	ck_assert_int_eq(sm_finding_first(NULL), SM_TIME_NONE);
	ck_assert_int_eq(sm_record_has_field(r, SMI_PORT_ADDRESS), 0);
	ck_assert_int_eq(sm_record_field_int(r, SMI_PORT_TIME), SM_TIME_NONE);
	ck_assert_int_eq(sm_record_field_int(r, 10000), 0);
	ck_assert_str_eq(sm_record_field_str(r, SMI_PORT_NUMBER), "");
	ck_assert_uint_eq(sm_record_field_nitems(r, SMI_PORT_ADDRESS), 0);
	ck_assert_ptr_null(sm_record_field_record(r, 0, 0));
}
END_TEST

START_TEST(hidden_values_have_no_field_number)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PORT);

	smi_set_int(r, SMI_PORT_RTT_NS, 5);
	ck_assert_int_eq(sm_record_has_field(r, SMI_PORT_RTT_NS), 0);
	ck_assert_int_eq(sm_record_field_int(r, SMI_PORT_RTT_NS), 0);
	ck_assert_str_eq(sm_kind_field_name(SM_KIND_PORT, SMI_PORT_RTT_NS), "");
}
END_TEST

START_TEST(what_a_port_said_is_told_by_its_getters)
{
	static const char *const sans[] = { "example.org", "192.0.2.1" };
	sm_record *r = smi_rec_new(&arena, SM_KIND_PORT);
	const sm_port *p = sm_record_port(r);
	size_t len = 1;

	ck_assert_str_eq(sm_port_banner(p, &len), "");
	ck_assert_uint_eq(len, 0);
	ck_assert_ptr_null(sm_port_tls(p));
	smi_set_const(r, SMI_PORT_PRODUCT, "nginx");
	smi_set_const(r, SMI_PORT_VERSION, "1.22.1");
	smi_set_const(r, SMI_PORT_INFO, "a title");
	smi_set_raw(&arena, r, SMI_PORT_BANNER_RAW, SMI_SPAN("a\0\033"));
	smi_set_strs(&arena, r, SMI_PORT_TLS_SAN, sans, 2);
	smi_set_int(r, SMI_PORT_TLS_SELF_SIGNED, 1);
	smi_set_int(r, SMI_PORT_TLS_NOT_AFTER, 5);
	ck_assert_str_eq(sm_port_product(p), "nginx");
	ck_assert_str_eq(sm_port_version(p), "1.22.1");
	ck_assert_str_eq(sm_port_info(p), "a title");
	ck_assert_int_eq(memcmp(sm_port_banner(p, &len), "a\0\033", 3), 0);
	ck_assert_uint_eq(len, 3);
	ck_assert_ptr_nonnull(sm_port_tls(p));
	ck_assert_uint_eq(sm_tls_nsan(sm_port_tls(p)), 2);
	ck_assert_str_eq(sm_tls_san(sm_port_tls(p), 1), "192.0.2.1");
	ck_assert_str_eq(sm_tls_san(sm_port_tls(p), 2), "");
	ck_assert_int_eq(sm_tls_self_signed(sm_port_tls(p)), 1);
	ck_assert_int_eq(sm_tls_not_after(sm_port_tls(p)), 5);
	ck_assert_int_eq(sm_tls_not_before(sm_port_tls(p)), SM_TIME_NONE);
	ck_assert_str_eq(sm_tls_subject(sm_port_tls(p)), "");
}
END_TEST

START_TEST(every_field_is_found_by_its_name_and_has_an_ecs_name_and_a_type)
{
	int kind = _i;

	ck_assert_int_eq(sm_kind_by_name(sm_kind_name(kind)), kind);
	ck_assert_uint_gt(sm_kind_nfields(kind), 0);
	for (size_t f = 0; f < sm_kind_nfields(kind); f++) {
		const char *name = sm_kind_field_name(kind, f);

		ck_assert_int_eq(sm_kind_field(kind, name), (int)f);
		ck_assert_str_ne(sm_kind_field_ecs(kind, f), "");
		ck_assert_int_ne(sm_kind_field_type(kind, f), SM_TYPE_NONE);
		ck_assert_int_lt(sm_kind_field_type(kind, f), SMI_TYPE_RAW);
	}
}
END_TEST

/* Whether the list of them, a name and a type a line, has it. */
static bool is_of_ecs(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[256];
	bool is = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/data/ecs-fields.txt",
		 srcdir ? srcdir : ".");
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (!is && fgets(line, sizeof(line), f)) {
		line[strcspn(line, " ")] = '\0';
		is = !strcmp(line, name);
	}
	fclose(f);
	return is;
}

START_TEST(every_ecs_name_is_one_of_the_schema_or_below_ours)
{
	for (size_t f = 0; f < sm_kind_nfields(_i); f++) {
		const char *ecs = sm_kind_field_ecs(_i, f);

		ck_assert_msg(!strncmp(ecs, "sysmon.", 7) || is_of_ecs(ecs),
			      "%s of %s", ecs, sm_kind_name(_i));
	}
}
END_TEST

START_TEST(unknown_kinds_fields_and_severities_are_refused)
{
	ck_assert_int_eq(sm_kind_by_name("ports"), -ENOENT);
	ck_assert_int_eq(sm_kind_by_name(NULL), -ENOENT);
	ck_assert_str_eq(sm_kind_name(SMI_NKINDS + 1), "");
	ck_assert_str_eq(sm_kind_name(0), "");
	ck_assert_int_eq(sm_kind_field(SM_KIND_PORT, "colour"), -ENOENT);
	ck_assert_int_eq(sm_severity_by_name("fatal"), -ENOENT);
	ck_assert_int_eq(sm_severity_by_name("high"), SM_SEV_HIGH);
	ck_assert_str_eq(sm_severity_name(41), "");
}
END_TEST

START_TEST(a_field_list_keeps_its_order_and_names_what_is_wrong)
{
	struct smi_fieldset set;
	struct smi_fieldlist list;
	struct smi_span bad;

	ck_assert_int_eq(smi_fields_parse(SM_KIND_PROCESS, "rss, pid", &set,
					  &list, &bad),
			 0);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(list.f[0], SMI_PROC_RSS);
	ck_assert_int_eq(list.f[1], SMI_PROC_PID);
	ck_assert(smi_fieldset_has(&set, SMI_PROC_PID));
	ck_assert(!smi_fieldset_has(&set, SMI_PROC_PPID));
	ck_assert_int_eq(smi_fields_parse(SM_KIND_PROCESS, "pid,color", &set,
					  NULL, &bad),
			 -ENOENT);
	ck_assert(smi_span_eq_str(bad, "color"));
	ck_assert_int_eq(
		smi_fields_parse(SM_KIND_PROCESS, "pid,pid", &set, NULL, &bad),
		-EINVAL);
	ck_assert_int_eq(
		smi_fields_parse(SM_KIND_PROCESS, "", &set, NULL, &bad),
		-EINVAL);
	ck_assert_int_eq(
		smi_fields_parse(SM_KIND_PROCESS, "pid,,rss", &set, NULL, &bad),
		-EINVAL);
	/* What is hidden cannot be asked for. */
	ck_assert_int_eq(
		smi_fields_parse(SM_KIND_PROCESS, "boot_id", &set, NULL, &bad),
		-ENOENT);
}
END_TEST

START_TEST(parts_of_an_id_cannot_be_shifted_into_each_other)
{
	char a[SMI_ID_STRLEN], b[SMI_ID_STRLEN];
	struct smi_id id;

	smi_id_begin(&id);
	smi_id_part(&id, SMI_SPAN("ab"));
	smi_id_part(&id, SMI_SPAN("c"));
	smi_id_end(&id, a);
	smi_id_begin(&id);
	smi_id_part(&id, SMI_SPAN("a"));
	smi_id_part(&id, SMI_SPAN("bc"));
	smi_id_end(&id, b);
	ck_assert_str_ne(a, b);
	ck_assert_uint_eq(strspn(a, "0123456789abcdef"), 32);
	ck_assert_uint_eq(strlen(a), 32);
}
END_TEST

START_TEST(times_are_read_as_rfc_3339_or_left_alone)
{
	int64_t t = 7;

	ck_assert_int_eq(sm_time_parse("2026-08-04T10:00:01+02:00", &t), 0);
	ck_assert_int_eq(t, INT64_C(1785830401000000000));
	t = 7;
	ck_assert_int_eq(sm_time_parse("yesterday", &t), -EINVAL);
	ck_assert_int_eq(sm_time_parse(NULL, &t), -EINVAL);
	ck_assert_int_eq(t, 7);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("record");
	TCase *tc = tcase_create("record");
	SRunner *run = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, a_reference_to_an_arena_record_is_a_copy_that_outlives_it);
	tcase_add_test(tc, a_nested_record_can_be_kept_alone);
	tcase_add_test(tc, packed_records_come_back_whole);
	tcase_add_test(tc, every_cut_of_packed_bytes_is_refused);
	tcase_add_test(tc, packed_bytes_with_any_byte_changed_are_safe_to_read);
	tcase_add_test(
		tc,
		out_of_memory_while_copying_is_null_and_while_building_is_told);
	tcase_add_test(
		tc,
		getters_are_neutral_for_null_other_kinds_and_unknown_fields);
	tcase_add_test(tc, hidden_values_have_no_field_number);
	tcase_add_test(tc, what_a_port_said_is_told_by_its_getters);
	tcase_add_loop_test(tc,
			    every_ecs_name_is_one_of_the_schema_or_below_ours,
			    1, SMI_NKINDS + 1);
	tcase_add_loop_test(
		tc,
		every_field_is_found_by_its_name_and_has_an_ecs_name_and_a_type,
		1, SMI_NKINDS + 1);
	tcase_add_test(tc, unknown_kinds_fields_and_severities_are_refused);
	tcase_add_test(tc,
		       a_field_list_keeps_its_order_and_names_what_is_wrong);
	tcase_add_test(tc, parts_of_an_id_cannot_be_shifted_into_each_other);
	tcase_add_test(tc, times_are_read_as_rfc_3339_or_left_alone);
	suite_add_tcase(s, tc);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
