/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/spill.h"
#include "fail-alloc.h"
#include "report-sample.h"
#include "suite.h"

static char dir[64];
static struct smi_arena arena;
static struct smi_spill spill;
static sm_ctx *ctx;

/* Runs outside of the tests: what they leave goes, also when they fail. */
static void make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/sysmon-spill-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	rmdir(dir);
}

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ctx = sample_ctx();
	smi_spill_init(&spill, ctx);
	spill.memory = 65536;
}

static void teardown(void)
{
	smi_spill_done(&spill);
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
	/* nothing in it has a name */
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
}

static int add(int number)
{
	char user[32];
	sm_record *e;

	snprintf(user, sizeof(user), "user-%d", number);
	smi_arena_reset(&arena);
	e = sample_event(&arena, number, user);
	return e && !smi_arena_error(&arena) ? smi_spill_add(&spill, dir, e)
					     : -ENOMEM;
}

static int check_next(const sm_record *rec, void *user)
{
	int *expected = user;
	char name[32];

	++*expected;
	snprintf(name, sizeof(name), "user-%d", *expected);
	ck_assert_str_eq(smi_rec_str(rec, SM_KIND_EVENT, SMI_EVENT_USER), name);
	ck_assert_int_eq(smi_rec_int(rec, SM_KIND_EVENT, SMI_EVENT_NUMBER),
			 *expected);
	ck_assert_int_eq(rec->kind, SM_KIND_EVENT);
	return 0;
}

static int check_all(void)
{
	int n = 0;

	ck_assert_int_eq(smi_spill_each(&spill, check_next, &n), 0);
	return n;
}

START_TEST(records_come_back_in_their_order_as_often_as_asked)
{
	for (int i = 1; i <= 5000; i++) {
		ck_assert_int_eq(add(i), 0);
		/* with nothing, something and much in the file */
		if (i == 10 || i == 400 || i == 5000)
			ck_assert_int_eq(check_all(), i);
	}
	ck_assert_int_ge(spill.fd, 0);
	ck_assert_uint_gt(spill.file_len, 0);
	ck_assert_uint_gt(spill.tail.len, 0);
	ck_assert_uint_gt(spill.kept.n, 0);
	ck_assert_uint_eq(spill.n, 5000);
	ck_assert_int_eq(check_all(), 5000);
}
END_TEST

START_TEST(memory_stays_below_the_limit_and_a_buffer)
{
	for (int i = 1; i <= 5000; i++)
		ck_assert_int_eq(add(i), 0);
	ck_assert_uint_lt(smi_arena_size(&spill.arena) + spill.tail.cap,
			  1 << 20);
}
END_TEST

START_TEST(a_record_larger_than_the_buffer_comes_back)
{
	static char big[1 << 20];
	sm_record *e = sample_event(&arena, 1, "user-1");

	memset(big, 'x', sizeof(big) - 1);
	smi_set_const(e, SMI_EVENT_MESSAGE, big);
	spill.memory = 0;
	ck_assert_int_eq(smi_spill_add(&spill, dir, e), 0);
	for (int i = 2; i <= 2000; i++)
		ck_assert_int_eq(add(i), 0);
	ck_assert_int_eq(check_all(), 2000);
}
END_TEST

static int stop_at_three(const sm_record *rec, void *user)
{
	int *n = user;

	ck_assert_ptr_nonnull(rec);
	return ++*n == 3 ? 33 : 0;
}

START_TEST(a_walk_ends_with_what_the_function_gives)
{
	int n = 0;

	spill.memory = 0;
	for (int i = 1; i <= 10; i++)
		ck_assert_int_eq(add(i), 0);
	ck_assert_int_eq(smi_spill_each(&spill, stop_at_three, &n), 33);
	ck_assert_int_eq(n, 3);
}
END_TEST

START_TEST(without_a_directory_there_is_a_limit_and_nothing_is_lost)
{
	sm_record *e = sample_event(&arena, 1, "user-1");
	int n = 0, r;

	while ((r = smi_spill_add(&spill, NULL, e)) == 0)
		n++;
	ck_assert_int_eq(r, -E2BIG);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "no directory"));
	ck_assert_int_gt(n, 10);
	ck_assert_uint_eq(spill.n, (size_t)n);
	ck_assert_uint_eq(spill.kept.n, (size_t)n);
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_named)
{
	sm_record *e = sample_event(&arena, 1, "user-1");

	spill.memory = 0;
	ck_assert_int_eq(smi_spill_add(&spill, "/nonexistent/x", e), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "'/nonexistent/x'"));
}
END_TEST

START_TEST(a_full_disk_is_an_error_and_what_was_there_stays)
{
	struct rlimit small = { 300000, RLIM_INFINITY };
	int n = 0, r;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	spill.memory = 0;
	while ((r = add(n + 1)) == 0)
		n++;
	ck_assert_int_eq(r, -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), dir));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "File too large"));
	ck_assert_int_eq(check_all(), n);
	/* and once there is room again it goes on */
	small.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(add(n + 1), 0);
	ck_assert_int_eq(check_all(), n + 1);
}
END_TEST

START_TEST(a_file_that_somebody_changed_is_noticed)
{
	char noise[64];
	int n = 0;

	memset(noise, 0xee, sizeof(noise));
	spill.memory = 0;
	for (int i = 1; i <= 2000; i++)
		ck_assert_int_eq(add(i), 0);
	/* behind the length of the first record */
	ck_assert_int_eq(pwrite(spill.fd, noise, sizeof(noise), 4),
			 sizeof(noise));
	ck_assert_int_eq(smi_spill_each(&spill, check_next, &n), -EBADMSG);
	ck_assert_int_eq(ftruncate(spill.fd, 10), 0);
	ck_assert_int_eq(smi_spill_each(&spill, check_next, &n), -EIO);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error_and_loses_nothing)
{
	int r = -1, n = 0;

	for (int at = 1; r; at++) {
		smi_spill_done(&spill);
		smi_spill_init(&spill, ctx);
		spill.memory = 4096;
		fail_alloc_at(at);
		for (n = 0, r = 0; n < 60 && r == 0; n++)
			r = add(n + 1);
		if (r == 0)
			r = smi_spill_each(&spill, stop_at_three, &(int){ 9 });
		fail_alloc_off();
		ck_assert(r == 0 || r == -ENOMEM);
		ck_assert_int_eq(check_all(), (int)spill.n);
		ck_assert_int_ge((int)spill.n, r ? n - 1 : n);
	}
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__)
struct lines {
	size_t n;
};

static int count_lines(const void *data, size_t len, void *user)
{
	struct lines *l = user;

	for (const char *p = data, *e = p + len;
	     (p = memchr(p, '\n', (size_t)(e - p))); p++)
		l->n++;
	return 0;
}

static size_t address_space(void)
{
	size_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%zu", &pages), 1);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

START_TEST(two_hundred_thousand_events_go_through_every_format_in_little_memory)
{
	struct rlimit limit = { address_space() + (32 << 20), RLIM_INFINITY };
	struct lines lines = { 0 };
	sm_report *report;

	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(sm_report_set_spill_dir(report, dir), 0);
	for (int i = 1; i <= 200000; i++) {
		smi_arena_reset(&arena);
		ck_assert_int_eq(sample_tell(sm_report_collect, report,
					     sample_event(&arena, i, "root")),
				 0);
	}
	ck_assert_uint_eq(sm_report_size(report, SM_KIND_EVENT), 200000);
	ck_assert_ptr_nonnull(sm_report_at(report, SM_KIND_EVENT, 0));
	ck_assert_ptr_null(sm_report_at(report, SM_KIND_EVENT, 199999));
	for (int format = 1; format <= SM_FORMAT_TABLE; format++) {
		if (!*sm_format_name(format))
			continue;
		lines.n = 0;
		ck_assert_int_eq(sm_report_write(report, format, NULL,
						 count_lines, &lines),
				 0);
		/* these count events */
		if (format == SM_FORMAT_TXT || format == SM_FORMAT_MD ||
		    format == SM_FORMAT_PROM || format == SM_FORMAT_NMAP_XML) {
			ck_assert_uint_lt(lines.n, 100);
			continue;
		}
		if (format == SM_FORMAT_HTML) {
			ck_assert_uint_lt(lines.n, 1000);
			continue;
		}
		ck_assert_uint_ge(lines.n, 200001);
		ck_assert_uint_lt(lines.n, 200020);
	}
	sm_report_free(report);
}
END_TEST
#endif

int main(void)
{
	Suite *s = suite_create("spill");
	TCase *tc = tcase_create("spill");

	tcase_add_unchecked_fixture(tc, make_dir, remove_dir);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, records_come_back_in_their_order_as_often_as_asked);
	tcase_add_test(tc, memory_stays_below_the_limit_and_a_buffer);
	tcase_add_test(tc, a_record_larger_than_the_buffer_comes_back);
	tcase_add_test(tc, a_walk_ends_with_what_the_function_gives);
	tcase_add_test(
		tc, without_a_directory_there_is_a_limit_and_nothing_is_lost);
	tcase_add_test(tc, a_directory_that_is_not_there_is_named);
	tcase_add_test(tc, a_full_disk_is_an_error_and_what_was_there_stays);
	tcase_add_test(tc, a_file_that_somebody_changed_is_noticed);
	tcase_add_test(tc,
		       every_failed_allocation_is_an_error_and_loses_nothing);
#if !defined(__SANITIZE_ADDRESS__)
	if (suite_forks())
		tcase_add_test(
			tc,
			two_hundred_thousand_events_go_through_every_format_in_little_memory);
#endif
	suite_add_tcase(s, tc);
	return suite_run(s);
}
