/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

#include "fail-alloc.h"
#include "log-rig.h"
#include "logsrc/reader.h"
#include "logsrc/wake.h"
#include "suite.h"

/* 2026-08-04T10:00:00Z; the machine runs for 100 s then. */
#define NOW    INT64_C(1785837600000000000)
#define UPTIME (100 * SMI_SEC)

static int64_t wall(void *user)
{
	(void)user;
	return NOW;
}

static int64_t mono(void *user)
{
	(void)user;
	return UPTIME;
}

static const struct smi_clock fixed = { wall, mono, NULL };

/* A pipe of packets gives a record a read, as the device does. */
static int device[2];
static struct smi_reader *reader;

static void open_device(void)
{
	ck_assert_int_eq(pipe2(device, O_DIRECT | O_NONBLOCK | O_CLOEXEC), 0);
	ck_assert_int_eq(
		smi_reader_kmsg_of_fd(ctx, device[0], "/dev/kmsg", &reader), 0);
}

static void close_device(void)
{
	reader->ops->free(reader);
	close(device[1]);
}

static void kmsg_setup(void)
{
	setup();
	ctx->clock = &fixed;
	open_device();
}

static void kmsg_teardown(void)
{
	close_device();
	teardown();
}

static void record(const char *text)
{
	ck_assert_int_eq(smi_write_all(device[1], text, strlen(text)), 0);
}

/* The next line has this message. */
static void gives(const char *message)
{
	ck_assert_int_eq(reader->ops->next(reader, NULL), 1);
	ck_assert(smi_span_eq_str(reader->line.message, message));
}

START_TEST(each_record_is_a_line_of_its_time)
{
	record("6,7,40000000,-;usb 1-1: new device\n SUBSYSTEM=usb\n"
	       " DEVICE=c189:0\n");
	record("30,8,99500000,c,caller=T1;systemd[1]: a\\x1b[31m \\x5cx\\n\n");
	gives("usb 1-1: new device");
	ck_assert(smi_span_eq_str(reader->line.program, "kernel"));
	ck_assert_str_eq(reader->line.header, "kmsg");
	ck_assert_int_eq(reader->line.time, NOW - 60 * SMI_SEC);
	ck_assert_uint_eq(reader->line.number, 1);
	ck_assert(smi_span_eq_str(reader->line.raw,
				  "6,7,40000000,-;usb 1-1: new device"));
	gives("a\x1b[31m \\x\\n");
	ck_assert(smi_span_eq_str(reader->line.program, "systemd"));
	ck_assert_int_eq(reader->line.pid, 1);
	ck_assert_int_eq(reader->line.time, NOW - SMI_SEC / 2);
	ck_assert_int_eq(reader->ops->next(reader, NULL), 0);
	ck_assert_uint_eq(reader->counts.lost, 0);
}
END_TEST

START_TEST(records_that_were_overwritten_are_counted)
{
	/* What was overwritten long ago is no news. */
	record("6,40,1,-;a\n");
	record("6,41,1,-;b\n");
	record("6,45,1,-;c\n");
	record("6,46,1,-;d\n");
	gives("a");
	gives("b");
	ck_assert_uint_eq(reader->counts.lost, 0);
	gives("c");
	gives("d");
	ck_assert_uint_eq(reader->counts.lost, 3);
}
END_TEST

START_TEST(it_goes_on_behind_what_was_told)
{
	struct smi_position p = { .told = 2 };

	record("6,40,1,-;a\n");
	record("6,41,1,-;b\n");
	record("6,42,1,-;c\n");
	gives("a");
	gives("b");
	ck_assert_int_eq(reader->ops->mark(reader, &p), 0);
	if (!p.known) {
		puts("SKIP: kmsg: going on: no boot_id here");
		return;
	}
	gives("c");
	close_device();
	open_device();
	ck_assert_int_eq(reader->ops->resume(reader, &ctx->root, &p), 0);
	ck_assert_uint_eq(reader->again, 2);
	record("6,40,1,-;a\n");
	record("6,41,1,-;b\n");
	record("6,42,1,-;c\n");
	gives("b");
	ck_assert_uint_eq(reader->line.number, 2);
	ck_assert_uint_eq(reader->again, 2);
	gives("c");
	ck_assert_uint_eq(reader->counts.lost, 0);
	/* All of it was overwritten meanwhile, and three more. */
	close_device();
	open_device();
	ck_assert_int_eq(reader->ops->resume(reader, &ctx->root, &p), 0);
	record("6,46,1,-;e\n");
	gives("e");
	ck_assert_uint_eq(reader->again, 0);
	ck_assert_uint_eq(reader->counts.lost, 3);
	/* Another run of the machine counts from 0. */
	p.cursor[0] ^= 1;
	ck_assert_int_eq(reader->ops->resume(reader, &ctx->root, &p), -ENODATA);
	smi_position_done(&p);
}
END_TEST

START_TEST(what_is_no_record_is_an_error)
{
	record("hello\n");
	ck_assert_int_eq(reader->ops->next(reader, NULL), -EBADMSG);
}
END_TEST

START_TEST(who_follows_it_waits_for_more_until_he_stops)
{
	struct smi_wake wake = SMI_WAKE_NONE;

	ck_assert_int_eq(reader->ops->follow(reader, &ctx->root, &wake), 0);
	record("6,40,1,-;a\n");
	gives("a");
	ck_assert_int_eq(reader->ops->next(reader, NULL), -EAGAIN);
	record("6,41,1,-;b\n");
	gives("b");
	reader->ops->stop(reader);
	ck_assert_int_eq(reader->ops->next(reader, NULL), 0);
}
END_TEST

START_TEST(a_copy_of_it_has_the_same_lines)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("copy", "6,7,40000000,-;usb 1-1: new device\n SUBSYSTEM=usb\n"
			 " DEVICE=c189:0\n30,8,99500000,c;app: \\x41\n"
			 " lower=case\nno record\n SUBSYSTEM=usb\n");
	ck_assert_int_eq(run_files(&s, "copy", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.lines), "copy:1@0 - usb 1-1: new device\n"
					    "copy:4@65 - A\n"
					    "copy:5@91 -  lower=case\n"
					    "copy:6@103 - no record\n"
					    "copy:7@113 -  SUBSYSTEM=usb\n");
}
END_TEST

/* What opening it and a line with an escape take. */
static int open_and_read(int fd)
{
	struct smi_reader *r;
	int n = smi_reader_kmsg_of_fd(ctx, fd, "/dev/kmsg", &r);

	if (n < 0)
		return n;
	n = r->ops->next(r, NULL);
	r->ops->free(r);
	return n;
}

START_TEST(every_allocation_that_fails_is_an_error)
{
	int failures = 0;

	for (int n = 1, ok = 0; !ok; n++) {
		int r;

		ck_assert_int_lt(n, 100);
		record("6,7,1,-;a\\x41\n");
		fail_alloc_at(n);
		r = open_and_read(dup(device[0]));
		ok = fail_alloc_count() < n;
		fail_alloc_off();
		ck_assert_int_eq(r, ok ? 1 : -ENOMEM);
		failures += !ok;
	}
	ck_assert_int_ge(failures, 3);
}
END_TEST

/* The lines of the real one, without the last minute's: more may come any time. */
static int run_real(struct seen *s)
{
	/* One log, whatever it is called. */
	struct smi_log_from from[] = { { SMI_LOG_FILE, "/dev/kmsg", -1 },
				       { SMI_LOG_FILE, "/dev/../dev/kmsg",
					 -1 } };
	struct smi_log_source_opts o = opts_of(from, 2);

	o.now = INT64_MIN;
	o.until = smi_now_wall(ctx) - 60 * SMI_SEC;
	return run(&o, s);
}

START_TEST(the_device_is_read_to_its_end)
{
	SMI_CLEANUP(seen_free) struct seen a = { 0 }, b = { 0 };
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char byte[8192];

	ctx->clock = &smi_clock_system;
	if (fd < 0 || read(fd, byte, sizeof(byte)) <= 0) {
		puts("SKIP: kmsg: the kernel's log cannot be read");
		close(fd);
		return;
	}
	close(fd);
	ck_assert_int_eq(run_real(&a), 0);
	ck_assert_int_eq(run_real(&b), 0);
	ck_assert_uint_gt(a.lines.len, 0);
	/* With the same times too, but for what left the minute or the ring. */
	if (a.lines.len == b.lines.len)
		ck_assert_str_eq(text_of(&a.lines), text_of(&b.lines));
	ck_assert_ptr_nonnull(strstr(text_of(&a.coverage), "/dev/kmsg lines "));
	ck_assert_ptr_null(strstr(text_of(&a.coverage), "/dev/../"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kmsg");
	TCase *tc = tcase_create("kmsg");

	tcase_add_checked_fixture(tc, kmsg_setup, kmsg_teardown);
	tcase_add_test(tc, each_record_is_a_line_of_its_time);
	tcase_add_test(tc, records_that_were_overwritten_are_counted);
	tcase_add_test(tc, it_goes_on_behind_what_was_told);
	tcase_add_test(tc, what_is_no_record_is_an_error);
	tcase_add_test(tc, who_follows_it_waits_for_more_until_he_stops);
	tcase_add_test(tc, a_copy_of_it_has_the_same_lines);
	tcase_add_test(tc, every_allocation_that_fails_is_an_error);
	tcase_add_test(tc, the_device_is_read_to_its_end);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
