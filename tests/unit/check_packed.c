/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/stat.h>

#include "fail-alloc.h"
#include "log-rig.h"
#include "logsrc/packed.h"
#include "suite.h"

/* The tools are the other side: what they pack, we read. */
static const struct {
	const char *name, *pack, *big;
	const struct smi_unpack_ops *ops;
	int feature;
} formats[] = {
	{ "gzip", "gzip -c", "gzip -9 -c", &smi_unpack_gzip, SM_FEATURE_GZIP },
	{ "xz", "xz -1 -c", "xz -9 -c", &smi_unpack_xz, SM_FEATURE_XZ },
	{ "zstd", "zstd -q -c", "zstd -q -19 -c", &smi_unpack_zstd,
	  SM_FEATURE_ZSTD },
	{ "bzip2", "bzip2 -c", "bzip2 -9 -c", &smi_unpack_bzip2,
	  SM_FEATURE_BZIP2 },
};

static bool sh(const char *fmt, ...) SMI_PRINTF(1, 2);
static bool sh(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	return system(cmd) == 0;
}

/* Is there a tool that packs, and does this build unpack? */
static bool can(int i)
{
	if (formats[i].ops->open &&
	    sh("command -v %s >/dev/null", formats[i].name))
		return true;
	printf("SKIP: %s: no tool, or built without it\n", formats[i].name);
	return false;
}

static void put_lines(const char *name, int from, int n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	for (int i = from; i < from + n; i++)
		smi_buf_printf(&b, "Aug  4 10:%02d:%02d web a: %d\n",
			       i / 60 % 60, i % 60, i);
	ck_assert_int_eq(smi_buf_error(&b), 0);
	put(name, b.p, b.len);
}

static size_t size_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(name, &st), 0);
	return (size_t)st.st_size;
}

START_TEST(a_packed_file_is_the_plain_one)
{
	SMI_CLEANUP(seen_free) struct seen plain = { 0 }, packed = { 0 };

	if (!can(_i))
		return;
	/* More than any buffer holds. */
	put_lines("a", 0, 20000);
	ck_assert_int_eq(run_files(&plain, "a", NULL, NULL), 0);
	ck_assert(sh("mv a b && %s <b >a", formats[_i].pack));
	ck_assert_int_eq(run_files(&packed, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&packed.lines), text_of(&plain.lines));
	ck_assert_str_eq(text_of(&packed.coverage), text_of(&plain.coverage));
	ck_assert_str_eq(text_of(&packed.notices), "");
	ck_assert_int_eq(sm_has_feature(formats[_i].feature), 1);
	ck_assert_uint_eq(packed.total, size_of("a"));
}
END_TEST

START_TEST(members_that_follow_one_another_are_one_file)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("1", "Aug  4 10:00:01 web a: 1\nAug  4 10:0");
	put_text("2", "");
	put_text("3", "0:02 web a: 2\n");
	ck_assert(sh("for i in 1 2 3; do %s <$i; done >a", formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.lines), "a:1@0 2026-08-04T10:00:01Z 1\n"
					    "a:2@25 2026-08-04T10:00:02Z 2\n");
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

START_TEST(zeros_behind_the_last_member_are_padding)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(
		sh("%s <1 >a && head -c 512 /dev/zero >>a", formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.lines), "a:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

START_TEST(what_follows_the_last_member_is_told)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(sh("%s <1 >a && echo evil >>a", formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.lines), "a:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_str_eq(text_of(&s.notices),
			 "84 a has something behind its compressed data that "
			 "was not read\n");
}
END_TEST

START_TEST(of_a_truncated_file_what_there_is_is_read_and_the_rest_told)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	const char *first = "a:1@0 2026-08-04T10:00:00Z 0\n";

	if (!can(_i))
		return;
	put_lines("1", 0, 20000);
	ck_assert(sh("head -c 300000 /dev/urandom | od -An -tx1 -w32 >>1"));
	ck_assert(sh("%s <1 >2 && head -c -100 2 >a", formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert(smi_span_starts(smi_buf_span(&s.lines), smi_span_str(first)));
	ck_assert_ptr_nonnull(strstr(text_of(&s.lines), " 19999\n"));
	ck_assert_str_eq(text_of(&s.notices),
			 "61 a ends in the middle of its compressed data: "
			 "what there is was read\n");
}
END_TEST

START_TEST(damaged_data_is_told)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	SMI_AUTOCLOSE int fd = -1;
	size_t size;

	if (!can(_i))
		return;
	put_lines("1", 0, 20000);
	ck_assert(sh("%s <1 >a", formats[_i].pack));
	size = size_of("a");
	fd = open("a", O_WRONLY);
	ck_assert_int_eq(pwrite(fd, "damaged here", 12, (off_t)size / 2), 12);
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.notices),
			 "74 a is damaged: its compressed data could be "
			 "unpacked in part only\n");
}
END_TEST

START_TEST(a_packed_stream_is_unpacked)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FD, "-", -1 };
	struct smi_log_source_opts o;
	FILE *pipe;

	if (!can(_i))
		return;
	put_lines("1", 0, 20000);
	ck_assert(sh("%s <1 >a", formats[_i].pack));
	pipe = popen("cat a", "r");
	ck_assert_ptr_nonnull(pipe);
	from.fd = fileno(pipe);
	o = opts_of(&from, 1);
	ck_assert_int_eq(run(&o, &s), 0);
	ck_assert_int_eq(pclose(pipe), 0);
	ck_assert_ptr_nonnull(strstr(text_of(&s.lines), " 19999\n"));
	ck_assert_ptr_nonnull(
		strstr(text_of(&s.coverage), "- lines 20000 matched 0"));
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

/* A sanitizer keeps what was freed for a while. */
#ifdef __SANITIZE_ADDRESS__
#define MORE_KIB (256 * 1024)
#else
#define MORE_KIB (12 * 1024)
#endif

/* Of members of 16 MiB, so that it is quickly made. */
START_TEST(a_line_without_end_takes_little_memory)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct rusage before, after;
	int members = 4;
	char want[128];

	if (!can(_i) || !suite_forks())
		return;
	ck_assert(sh("head -c 16M /dev/zero | %s >1 && n=%d && "
		     "while [ $n -gt 0 ]; do cat 1; n=$((n - 1)); done >a",
		     formats[_i].pack, members));
	getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	getrusage(RUSAGE_SELF, &after);
	snprintf(want, sizeof(want),
		 "a lines 1 matched 0 unparsed 0 skipped 1 bytes %d  \n",
		 members * 16 * 1024 * 1024);
	ck_assert_str_eq(text_of(&s.coverage), want);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, MORE_KIB);
}
END_TEST

START_TEST(the_best_levels_of_the_tools_are_read)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(sh("cat 1 | %s >a", formats[_i].big));
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.lines), "a:1@0 2026-08-04T10:00:01Z 1\n");
}
END_TEST

static const struct {
	int format;
	const char *pack;
} huge[] = {
	{ 1, "xz --lzma2=preset=0,dict=65MiB -c" },
	{ 2, "zstd -q -1 --long=28 -c" },
};

START_TEST(a_window_that_takes_too_much_memory_is_refused)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(huge[_i].format))
		return;
	ck_assert(sh("echo x | %s >a", huge[_i].pack));
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.notices),
			 "27 a was compressed with a window of more than 64 "
			 "MiB, which is not unpacked\n");
}
END_TEST

START_TEST(a_name_does_not_make_a_packed_file)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("a.gz", "Aug  4 10:00:01 web a: 1\n");
	put_text("b.xz", "");
	ck_assert_int_eq(run_files(&s, "a.gz", "b.xz", NULL), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "a.gz:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

START_TEST(a_file_and_its_packed_twin_are_read_once)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("x.log", "Aug  4 10:00:02 web a: 2\n");
	put_text("x.log.1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(sh("%s <x.log.1 >x.log.1.gz", formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "x.log.1.gz", "x.log", "x.log.1"), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "x.log.1:1@0 2026-08-04T10:00:01Z 1\n"
			 "x.log:1@0 2026-08-04T10:00:02Z 2\n");
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

/* The packer has made it and not written it yet. */
START_TEST(a_packed_twin_that_is_still_empty_is_no_truncated_file)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(0))
		return;
	put_text("x.log.1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(sh("gzip <x.log.1 | head -c 12 >x.log.1.gz"));
	ck_assert_int_eq(run_files(&s, "x.log.1", "x.log.1.gz", NULL), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "x.log.1:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

START_TEST(a_damaged_packed_twin_is_told_and_not_passed_over)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(0))
		return;
	put_text("x.log.1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(sh("(gzip <x.log.1 | head -c 10; yes | head -c 99) "
		     ">x.log.1.gz"));
	ck_assert_int_eq(run_files(&s, "x.log.1", "x.log.1.gz", NULL), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "x.log.1:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_ptr_nonnull(strstr(text_of(&s.notices), "is damaged"));
}
END_TEST

/* Whoever can make a file beside it must not take it out of the reading. */
START_TEST(a_short_file_hides_no_packed_one)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	ck_assert(sh("yes 'Aug  4 10:00:01 web a: 1' | head -n 300 >x.log.1"));
	ck_assert(sh("(cat x.log.1; echo 'Aug  4 10:00:02 web a: last') | "
		     "%s >x.log.1.gz",
		     formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "x.log.1", "x.log.1.gz", NULL), 0);
	ck_assert_ptr_nonnull(strstr(text_of(&s.lines), " last\n"));
	ck_assert_ptr_nonnull(strstr(text_of(&s.coverage), " lines 301 "));
	ck_assert_str_eq(text_of(&s.notices),
			 "0 x.log.1 is shorter than its packed twin, which is "
			 "read instead of it\n");
}
END_TEST

START_TEST(another_file_with_a_twins_name_is_read_too)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("x.log.1", "Aug  4 10:00:01 web a: 1\n");
	put_text("y", "Aug  4 10:00:00 web a: 0\n");
	ck_assert(sh("%s <y >x.log.1.gz", formats[_i].pack));
	ck_assert_int_eq(run_files(&s, "x.log.1", "x.log.1.gz", NULL), 0);
	ck_assert_ptr_nonnull(strstr(text_of(&s.lines), " 0\n"));
	ck_assert_ptr_nonnull(strstr(text_of(&s.lines), " 1\n"));
}
END_TEST

START_TEST(a_packed_family_is_one_stream_however_it_is_named)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (!can(_i))
		return;
	put_text("x.log", "Jan  1 00:00:01 web a: 4\n");
	put_text("x.log-20260101", "Jan  1 00:00:00 web a: 3\n");
	put_text("y", "Dec 31 23:00:00 web a: 2\n");
	ck_assert(sh("%s <y >x.log-20251231.gz", formats[_i].pack));
	ck_assert_int_eq(
		run_files(&s, "x.log", "x.log-20251231.gz", "x.log-20260101"),
		0);
	ck_assert_str_eq(text_of(&s.lines),
			 "x.log-20251231.gz:1@0 2025-12-31T23:00:00Z 2\n"
			 "x.log-20260101:1@0 2026-01-01T00:00:00Z 3\n"
			 "x.log:1@0 2026-01-01T00:00:01Z 4\n");
}
END_TEST

START_TEST(packed_elders_are_found_too)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FOUND, NULL, -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);

	if (!can(_i))
		return;
	ck_assert(sh("mkdir -p root/var/log root/etc"));
	put_text("root/var/log/auth.log", "Aug  4 10:00:03 web a: 3\n");
	put_text("y", "Aug  4 10:00:02 web a: 2\n");
	ck_assert(sh("%s <y >root/var/log/auth.log.2.gz", formats[_i].pack));
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(&o, &s), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "/var/log/auth.log.2.gz:1@0 2026-08-04T10:00:02Z 2\n"
			 "/var/log/auth.log:1@0 2026-08-04T10:00:03Z 3\n");
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *name; /* NULL: none */
	bool more;
} marks[] = {
	{ "", 0, NULL, true },
	{ "\x1f", 1, NULL, true },
	{ "\x1f\x8b\x08", 3, "gzip", false },
	{ "\x1f\x8b\x07", 3, NULL, false },
	{ "\xfd"
	  "7zXZ",
	  5, NULL, true },
	{ "\xfd"
	  "7zXZ\0",
	  6, "xz", false },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", false },
	{ "\x5f\x2a\x4d\x18", 4, "zstd", false },
	{ "\x60\x2a\x4d\x18", 4, NULL, false },
	{ "BZh91AY", 7, "bzip2", false },
	{ "BZh", 3, NULL, true },
	{ "BZhello", 7, NULL, false },
	{ "B", 1, NULL, true },
	{ "Aug  4", 6, NULL, false },
};

START_TEST(a_format_is_known_by_its_first_bytes)
{
	struct smi_span head = smi_span_of(marks[_i].bytes, marks[_i].len);
	bool more;
	const struct smi_pack *p = smi_pack_find(head, &more);

	if (marks[_i].name)
		ck_assert_str_eq(p->name, marks[_i].name);
	else
		ck_assert_ptr_null(p);
	ck_assert_int_eq(more, marks[_i].more);
}
END_TEST

START_TEST(every_allocation_that_fails_is_an_error)
{
	if (!can(_i))
		return;
	put_text("1", "Aug  4 10:00:01 web a: 1\n");
	ck_assert(sh("%s <1 >a", formats[_i].pack));
	for (int n = 1, ok = 0; !ok; n++) {
		SMI_CLEANUP(seen_free) struct seen s = { 0 };
		int r;

		ck_assert_int_lt(n, 1000);
		fail_alloc_at(n);
		r = run_files(&s, "a", NULL, NULL);
		ok = fail_alloc_count() < n;
		fail_alloc_off();
		if (s.lines.failed || s.notices.failed || s.coverage.failed)
			continue;
		ck_assert_int_eq(r, ok ? 0 : -ENOMEM);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("packed");
	TCase *tc = tcase_create("packed");
	const int n = SMI_COUNT(formats);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_packed_file_is_the_plain_one, 0, n);
	tcase_add_loop_test(tc, members_that_follow_one_another_are_one_file, 0,
			    n);
	tcase_add_loop_test(tc, zeros_behind_the_last_member_are_padding, 0, n);
	tcase_add_loop_test(tc, what_follows_the_last_member_is_told, 0, n);
	tcase_add_loop_test(
		tc, of_a_truncated_file_what_there_is_is_read_and_the_rest_told,
		0, n);
	tcase_add_loop_test(tc, damaged_data_is_told, 0, n);
	tcase_add_loop_test(tc, a_packed_stream_is_unpacked, 0, n);
	tcase_add_loop_test(tc, a_line_without_end_takes_little_memory, 0, n);
	tcase_add_loop_test(tc, the_best_levels_of_the_tools_are_read, 0, n);
	tcase_add_loop_test(tc, a_window_that_takes_too_much_memory_is_refused,
			    0, SMI_COUNT(huge));
	tcase_add_loop_test(tc, a_file_and_its_packed_twin_are_read_once, 0, n);
	tcase_add_test(tc,
		       a_packed_twin_that_is_still_empty_is_no_truncated_file);
	tcase_add_test(tc, a_damaged_packed_twin_is_told_and_not_passed_over);
	tcase_add_loop_test(tc, a_short_file_hides_no_packed_one, 0, n);
	tcase_add_loop_test(tc, another_file_with_a_twins_name_is_read_too, 0,
			    n);
	tcase_add_loop_test(
		tc, a_packed_family_is_one_stream_however_it_is_named, 0, n);
	tcase_add_loop_test(tc, packed_elders_are_found_too, 0, n);
	tcase_add_test(tc, a_name_does_not_make_a_packed_file);
	tcase_add_loop_test(tc, a_format_is_known_by_its_first_bytes, 0,
			    SMI_COUNT(marks));
	tcase_add_loop_test(tc, every_allocation_that_fails_is_an_error, 0, n);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
