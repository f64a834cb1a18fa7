/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail-alloc.h"
#include "log-rig.h"
#include "logsrc/position.h"
#include "suite.h"

static int doubts(const sm_event *ev, void *user)
{
	const sm_coverage *c = sm_record_coverage(sm_event_record(ev));

	if (c)
		smi_buf_printf(user, "%s %d %d %d %d %d %d\n",
			       sm_coverage_source(c),
			       (int)sm_coverage_untimed(c),
			       (int)sm_coverage_backwards(c),
			       (int)sm_coverage_year_guessed(c),
			       (int)sm_coverage_date_guessed(c),
			       (int)sm_coverage_ambiguous(c),
			       (int)sm_coverage_nonexistent(c));
	return 0;
}

START_TEST(each_file_of_a_family_tells_what_its_times_left_in_doubt)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_log_from from[] = { { SMI_LOG_FILE, "a.log.1", -1 },
				       { SMI_LOG_FILE, "a.log", -1 } };
	struct smi_log_source_opts o = opts_of(from, 2);
	sm_job *job = NULL;
	void *src;

	o.zone = "CET-1CEST,M3.5.0,M10.5.0/3";
	put_text("a.log.1", "no stamp\n"
			    "Oct 26 01:30:00 web a: year roll\n"
			    "Dec 31 23:59:59 web a: x\n");
	put_text("a.log", "Jan  1 00:00:01 web a: x\n"
			  "Mar 29 02:30:00 web a: never\n"
			  "Mar 29 03:30:00 web a: x\n"
			  "Mar 29 03:20:00 web a: set back\n"
			  "Mar 29 03:19:30 web a: overtaken\n"
			  "  goes on\n"
			  "04/05/2026 10:00:00 x\n");
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	ck_assert_int_eq(smi_job_verb(job, doubts, &b), 0);
	ck_assert_str_eq(text_of(&b), "a.log.1 1 0 2 0 0 0\n"
				      "a.log 1 1 5 1 0 1\n");
}
END_TEST

static int silences(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	char from[SMI_TIME_STRLEN], to[SMI_TIME_STRLEN];

	if (sm_record_kind(r) == SM_KIND_COVERAGE)
		smi_buf_printf(
			user, "%s %s %s\n",
			sm_record_field_str(r, SMI_COVERAGE_SOURCE),
			smi_time_format(smi_rec_time(r, SM_KIND_COVERAGE,
						     SMI_COVERAGE_SILENT_FROM),
					from),
			smi_time_format(smi_rec_time(r, SM_KIND_COVERAGE,
						     SMI_COVERAGE_SILENT_TO),
					to));
	return 0;
}

START_TEST(each_log_tells_its_longest_time_without_a_line_from_an_hour_on)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_log_from from[] = { { SMI_LOG_FILE, "a.log", -1 },
				       { SMI_LOG_FILE, "b.log", -1 } };
	struct smi_log_source_opts o = opts_of(from, 2);
	sm_job *job = NULL;
	void *src;

	/* an earlier line in between ends no silence */
	put_text("a.log", "2026-08-01T10:00:00Z web a: x\n"
			  "2026-08-01T13:00:00Z web a: x\n"
			  "2026-08-01T12:00:00Z web a: x\n"
			  "2026-08-01T18:00:00Z web a: x\n"
			  "2026-08-01T22:00:00Z web a: x\n");
	put_text("b.log", "2026-08-01T10:00:00Z web b: x\n"
			  "2026-08-01T10:59:59Z web b: x\n");
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	ck_assert_int_eq(smi_job_verb(job, silences, &b), 0);
	ck_assert_str_eq(text_of(&b),
			 "b.log  \n"
			 "a.log 2026-08-01T13:00:00Z 2026-08-01T18:00:00Z\n");
}
END_TEST

START_TEST(an_export_of_the_journal_is_read_entry_by_entry)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("a.export", "__CURSOR=s=0;i=1;b=2;m=3;t=4;x=5\n__REALTIME_"
			     "TIMESTAMP=1785837601000000\n"
			     "SYSLOG_IDENTIFIER=sshd\nMESSAGE=Failed one\n\n"
			     "__CURSOR=s=0;i=2;b=2;m=3;t=4;x=5\n__REALTIME_"
			     "TIMESTAMP=1785837602000000\n"
			     "MESSAGE=Aug  4 09:00:00 web sshd[1]: quoted\n\n");
	ck_assert_int_eq(run_files(&s, "a.export", NULL, NULL), 0);
	/* The offset is that of the entry's first byte. */
	ck_assert_str_eq(text_of(&s.lines),
			 "a.export:1@0 2026-08-04T10:00:01Z Failed one\n"
			 "a.export:2@114 2026-08-04T10:00:02Z "
			 "Aug  4 09:00:00 web sshd[1]: quoted\n");
	ck_assert_str_eq(
		text_of(&s.coverage),
		"a.export lines 2 matched 1 unparsed 0 skipped 0 bytes "
		"230 2026-08-04T10:00:01Z 2026-08-04T10:00:02Z\n");
}
END_TEST

/* Who can write the first line of a log must not hide the others. */
START_TEST(a_log_that_begins_like_an_export_is_read_line_by_line)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	/* The length of the value is more than there is. */
	put_text("a.log", "__CURSOR=s=0;i=1;b=2;m=3;t=4;x=5\nMESSAGE\n"
			  "      \n"
			  "Aug  4 10:00:01 web sshd[1]: Failed one\n");
	put_text("b.log", "__CURSOR=s=0;i=1;b=2;m=3;t=4;x=5\nMESSAGE=x\n"
			  "Aug  4 10:00:01 web sshd[1]: Failed one\n");
	ck_assert_int_eq(run_files(&s, "b.log", "a.log", NULL), 0);
	ck_assert_ptr_nonnull(strstr(text_of(&s.lines), "b.log:3@43 "));
	ck_assert_ptr_nonnull(
		strstr(text_of(&s.coverage), "b.log lines 2 matched 1 "));
	ck_assert_str_eq(
		text_of(&s.notices),
		"0 a.log breaks the form of a journal export (times: 1): what "
		"is no field there was read as lines\n"
		"0 b.log breaks the form of a journal export (times: 1): what "
		"is no field there was read as lines\n");
}
END_TEST

START_TEST(each_line_has_its_number_offset_time_and_text)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("a.log", "Aug  4 10:00:01 web sshd[1]: Failed one\r\n"
			  "  a line without a stamp\n"
			  "Aug  4 10:00:02 web sshd[1]: two\x1b[31m");
	ck_assert_int_eq(run_files(&s, "a.log", NULL, NULL), 0);
	ck_assert_str_eq(
		text_of(&s.lines),
		"a.log:1@0 2026-08-04T10:00:01Z Failed one\n"
		"a.log:2@41 2026-08-04T10:00:01Z   a line without a stamp\n"
		"a.log:3@66 2026-08-04T10:00:02Z two\\x1b[31m\n");
	ck_assert_str_eq(text_of(&s.coverage),
			 "a.log lines 3 matched 1 unparsed 1 skipped 0 "
			 "bytes 103 2026-08-04T10:00:01Z "
			 "2026-08-04T10:00:02Z\n");
	ck_assert_str_eq(text_of(&s.notices), "");
	ck_assert_uint_eq(s.total, 103);
}
END_TEST

START_TEST(a_rotated_family_is_one_stream_oldest_first)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	/* The year turns between the files, and the stamps have none. */
	put_text("x.log.2", "Dec 31 23:00:00 web a: 1\n");
	put_text("x.log.1",
		 "Dec 31 23:59:59 web a: 2\nJan  1 00:00:00 web a: 3\n");
	put_text("x.log", "Jan  1 00:00:01 web a: 4\n");
	ck_assert_int_eq(run_files(&s, "x.log", "x.log.1", "x.log.2"), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "x.log.2:1@0 2025-12-31T23:00:00Z 1\n"
			 "x.log.1:1@0 2025-12-31T23:59:59Z 2\n"
			 "x.log.1:2@25 2026-01-01T00:00:00Z 3\n"
			 "x.log:1@0 2026-01-01T00:00:01Z 4\n");
}
END_TEST

START_TEST(different_logs_are_merged_by_time)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("a", "Aug  4 10:00:01 web a: 1\n"
		      "rides with the line before it\n"
		      "Aug  4 10:00:05 web a: 5\n"
		      "Aug  4 10:00:05 web a: 6\n"
		      "Aug  4 10:00:09 web a: 9\n");
	put_text("b", "Aug  4 10:00:02 web b: 2\n"
		      "Aug  4 10:00:05 web b: 7\n"
		      "Aug  4 10:00:04 web b: 8, late\n");
	put_text("c", "2026-08-04T10:00:02.5+00:00 web c: 3\n"
		      "Aug  4 10:00:10 web c: 10\n");
	ck_assert_int_eq(run_files(&s, "a", "b", "c"), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "a:1@0 2026-08-04T10:00:01Z 1\n"
			 "a:2@25 2026-08-04T10:00:01Z rides with the line "
			 "before it\n"
			 "b:1@0 2026-08-04T10:00:02Z 2\n"
			 "c:1@0 2026-08-04T10:00:02.5Z 3\n"
			 "a:3@55 2026-08-04T10:00:05Z 5\n"
			 "a:4@80 2026-08-04T10:00:05Z 6\n"
			 "b:2@25 2026-08-04T10:00:05Z 7\n"
			 "b:3@50 2026-08-04T10:00:04Z 8, late\n"
			 "a:5@105 2026-08-04T10:00:09Z 9\n"
			 "c:2@37 2026-08-04T10:00:10Z 10\n");
}
END_TEST

START_TEST(a_file_that_is_named_twice_is_read_once)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("a", "Aug  4 10:00:01 web a: 1\n");
	ck_assert_int_eq(link("a", "b"), 0);
	ck_assert_int_eq(symlink("a", "c"), 0);
	ck_assert_int_eq(run_files(&s, "a", "b", "c"), 0);
	ck_assert_str_eq(text_of(&s.lines), "a:1@0 2026-08-04T10:00:01Z 1\n");
}
END_TEST

START_TEST(a_span_of_time_includes_both_its_ends)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FILE, "a", -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);

	put_text("a", "no time yet\n"
		      "Aug  4 10:00:01 web a: 1\n"
		      "Aug  4 10:00:02 web a: 2\n"
		      "Aug  4 10:00:03 web a: 3\n"
		      "Aug  4 10:00:04 web a: 4\n");
	ck_assert(smi_time_parse(SMI_SPAN("2026-08-04T10:00:02Z"), &o.since));
	ck_assert(smi_time_parse(SMI_SPAN("2026-08-04T10:00:03Z"), &o.until));
	ck_assert_int_eq(run(&o, &s), 0);
	ck_assert_str_eq(text_of(&s.lines), "a:3@37 2026-08-04T10:00:02Z 2\n"
					    "a:4@62 2026-08-04T10:00:03Z 3\n");
}
END_TEST

START_TEST(a_long_line_is_left_out_counted_and_told)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	static char xs[65537];

	memset(xs, 'x', sizeof(xs));
	put_text("a", "Aug  4 10:00:01 web a: 1\n");
	put("a", xs, sizeof(xs));
	put_text("a", "\nAug  4 10:00:02 web a: 2\n");
	ck_assert_int_eq(run_files(&s, "a", NULL, NULL), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "a:1@0 2026-08-04T10:00:01Z 1\n"
			 "a:3@65563 2026-08-04T10:00:02Z 2\n");
	ck_assert_str_eq(text_of(&s.notices),
			 "90 1 lines of a were left out: longer than 64 KiB\n");
	ck_assert_str_eq(text_of(&s.coverage),
			 "a lines 3 matched 0 unparsed 0 skipped 1 bytes 65588 "
			 "2026-08-04T10:00:01Z 2026-08-04T10:00:02Z\n");
}
END_TEST

START_TEST(a_source_that_cannot_be_read_is_told_and_the_rest_is_read)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("good", "Aug  4 10:00:01 web a: 1\n");
	put("bad.lz4", "\x04\x22\x4d\x18\0\0\0\0", 8);
	ck_assert_int_eq(mkdir("folder", 0755), 0);
	ck_assert_int_eq(run_files(&s, "folder", "good", "bad.lz4"), 0);
	ck_assert_str_eq(text_of(&s.lines),
			 "good:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_str_eq(
		text_of(&s.notices),
		"21 folder is a directory: name the files in it\n"
		"95 bad.lz4 is compressed with lz4: unpack it first\n");
}
END_TEST

static const struct {
	const char *name;
	int rc;
	const char *text;
} unreadable[] = {
	{ "nothing", -ENOENT,
	  "nothing cannot be read: No such file or "
	  "directory" },
	{ "/etc", -EINVAL, "/etc is a directory: name the files in it" },
	{ "/dev/zero", -EINVAL,
	  "/dev/zero is a device: a log is a file, a pipe or a terminal" },
	{ "a\nb", -ENOENT,
	  "a\\x0ab cannot be read: No such file or "
	  "directory" },
};

START_TEST(without_any_readable_source_the_call_fails_and_says_why)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	ck_assert_int_eq(run_files(&s, unreadable[_i].name, NULL, NULL),
			 unreadable[_i].rc);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), unreadable[_i].text);
	/* The report of the job says it too. */
	ck_assert_ptr_nonnull(strstr(text_of(&s.notices), unreadable[_i].text));
}
END_TEST

START_TEST(a_file_without_permission_is_an_error)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	if (geteuid() == 0 && seteuid(65534) < 0) {
		puts("SKIP: a file without permission: cannot become nobody");
		return;
	}
	put_text("/tmp/check_log_source.secret", "x");
	ck_assert_int_eq(chmod("/tmp/check_log_source.secret", 0), 0);
	ck_assert_int_eq(
		run_files(&s, "/tmp/check_log_source.secret", NULL, NULL),
		-EACCES);
	unlink("/tmp/check_log_source.secret");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(an_empty_file_and_dev_null_are_empty_logs)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };

	put_text("empty", "");
	ck_assert_int_eq(run_files(&s, "empty", "/dev/null", NULL), 0);
	ck_assert_str_eq(text_of(&s.lines), "");
	ck_assert_str_eq(
		text_of(&s.coverage),
		"empty lines 0 matched 0 unparsed 0 skipped 0 bytes 0  \n"
		"/dev/null lines 0 matched 0 unparsed 0 skipped 0 bytes 0  \n");
}
END_TEST

START_TEST(a_pipe_is_waited_for_and_stays_open)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	int ends[2];
	struct smi_log_from from = { SMI_LOG_FD, "-", -1 };
	struct smi_log_source_opts o;
	const sm_event *ev;
	sm_job *job;
	void *src;
	int r;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	from.fd = ends[0];
	o = opts_of(&from, 1);
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), -EAGAIN);
	ck_assert_int_eq(write(ends[1], "Aug  4 10:00:01 web a: 1\nAug", 28),
			 28);
	while ((r = sm_job_next(job, &ev)) == 1)
		collect(ev, &s);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_str_eq(text_of(&s.lines), "-:1@0 2026-08-04T10:00:01Z 1\n");
	ck_assert_int_eq(write(ends[1], "  4 10:00:02 web a: 2", 21), 21);
	close(ends[1]);
	ck_assert_int_eq(sm_job_run(job, collect, &s), 0);
	ck_assert_str_eq(text_of(&s.lines), "-:1@0 2026-08-04T10:00:01Z 1\n"
					    "-:2@25 2026-08-04T10:00:02Z 2\n");
	sm_job_free(job);
	ck_assert_int_eq(fcntl(ends[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(ends[0]);
}
END_TEST

START_TEST(a_cancelled_scan_tells_how_far_it_came)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FILE, "a", -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);
	const sm_event *ev;
	sm_job *job;
	void *src;

	for (int i = 0; i < 1000; i++)
		put_text("a", "Aug  4 10:00:01 web a: x\n");
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	sm_job_cancel(job);
	ck_assert_int_eq(sm_job_run(job, collect, &s), -ECANCELED);
	sm_job_free(job);
	ck_assert(smi_span_starts(smi_buf_span(&s.coverage),
				  SMI_SPAN("a lines 256 ")));
}
END_TEST

START_TEST(logs_are_found_below_a_sysroot)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FOUND, NULL, -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);

	ck_assert_int_eq(system("mkdir -p root/var/log/nginx root/etc"), 0);
	put_text("root/var/log/auth.log", "Aug  4 10:00:03 web a: 3\n");
	put_text("root/var/log/auth.log.1", "Aug  4 10:00:01 web a: 1\n");
	put("root/var/log/auth.log.2.lz4", "\x04\x22\x4d\x18", 4);
	put_text("root/var/log/syslog", "Aug  4 10:00:02 web a: 2\n");
	put_text("root/var/log/messages", "Aug  4 10:00:02 web a: twin\n");
	put_text("root/var/log/other.log", "Aug  4 10:00:02 web a: none\n");
	put_text("root/var/log/nginx/site-error.log",
		 "2026/08/04 10:00:04 [error] 1#2: 4\n");
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(&o, &s), 0);
	ck_assert_str_eq(
		text_of(&s.lines),
		"/var/log/auth.log.1:1@0 2026-08-04T10:00:01Z 1\n"
		"/var/log/syslog:1@0 2026-08-04T10:00:02Z 2\n"
		"/var/log/auth.log:1@0 2026-08-04T10:00:03Z 3\n"
		"/var/log/nginx/site-error.log:1@0 2026-08-04T10:00:04Z 4\n");
	ck_assert_str_eq(text_of(&s.notices),
			 "0 1 compressed logs were left out, because they "
			 "cannot be unpacked here, of them "
			 "/var/log/auth.log.2.lz4\n");
}
END_TEST

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static const char *const docker[] = { "c", "c/", "c/" ID "0", "c/" ID "1" };

START_TEST(logs_of_containers_are_found_with_their_elders)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	static const char one[] = "c/" ID "0/" ID "0-json.log.1:1@0 "
				  "2026-08-04T10:00:01Z 1\n",
			  two[] = "c/" ID "0/" ID "0-json.log:1@0 "
				  "2026-08-04T10:00:02Z 2\n",
			  three[] = "c/" ID "1/" ID "1-json.log:1@0 "
				    "2026-08-04T10:00:03Z 3\n";

	ck_assert_int_eq(system("mkdir -p c/" ID "0/mounts c/" ID "1 c/tmp"),
			 0);
	put_text("c/" ID "0/" ID "0-json.log", "Aug  4 10:00:02 web a: 2\n");
	put_text("c/" ID "0/" ID "0-json.log.1", "Aug  4 10:00:01 web a: 1\n");
	put_text("c/" ID "0/config.v2.json", "{}\n");
	put_text("c/" ID "1/" ID "1-json.log", "Aug  4 10:00:03 web a: 3\n");
	ck_assert_int_eq(run_files(&s, docker[_i], NULL, NULL), 0);
	ck_assert_int_eq(!!strstr(text_of(&s.lines), one), _i < 3);
	ck_assert_int_eq(!!strstr(text_of(&s.lines), two), _i < 3);
	ck_assert_int_eq(!!strstr(text_of(&s.lines), three), _i != 2);
	ck_assert_str_eq(text_of(&s.notices), "");
}
END_TEST

START_TEST(logs_that_were_found_empty_are_shown_and_are_not_all_is_well)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FOUND, NULL, -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);

	ck_assert_int_eq(system("mkdir -p root/var/log root/etc"), 0);
	put_text("root/var/log/auth.log", "");
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(&o, &s), 0);
	ck_assert_ptr_nonnull(
		strstr(text_of(&s.coverage), "/var/log/auth.log lines 0 "));
	ck_assert_ptr_nonnull(strstr(text_of(&s.notices),
				     "no log with a line in it was found"));
}
END_TEST

START_TEST(where_no_log_is_found_the_places_are_named)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FOUND, NULL, -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);

	ck_assert_int_eq(system("mkdir -p root/var/log"), 0);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(&o, &s), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "auth.log"));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "journal"));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "/var/log/nginx"));
}
END_TEST

START_TEST(every_allocation_that_fails_is_an_error)
{
	static char xs[70000];

	memset(xs, 'x', sizeof(xs));
	put_text("a", "Aug  4 10:00:01 web a: 1\n");
	put("a", xs, sizeof(xs));
	put_text("b", "Aug  4 10:00:02 web b: 2\n");
	for (int n = 1, ok = 0; !ok; n++) {
		SMI_CLEANUP(seen_free) struct seen s = { 0 };

		ck_assert_int_lt(n, 1000);
		if (_i)
			fail_alloc_from(n);
		else
			fail_alloc_at(n);

		int r = run_files(&s, "a", "nothing", "b");

		ok = fail_alloc_count() < n;
		fail_alloc_off();
		/* What the test itself adds to its text may fail too. */
		if (s.lines.failed || s.notices.failed || s.coverage.failed)
			continue;
		ck_assert_int_eq(r, ok ? 0 : -ENOMEM);
		if (!ok)
			ck_assert_str_eq(sm_ctx_errmsg(ctx),
					 "not enough memory");
	}
}
END_TEST

static int64_t passed;

static int64_t mono(void *user)
{
	(void)user;
	return SMI_SEC + passed;
}

static int64_t wall(void *user)
{
	return smi_clock_system.wall(user);
}

START_TEST(who_waits_for_the_writer_of_a_fifo_is_told_once)
{
	static const struct smi_clock clock = { wall, mono, NULL };
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from = { SMI_LOG_FILE, "f", -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);
	const sm_event *ev;
	sm_job *job;
	void *src;
	int r, fd;

	ctx->clock = &clock;
	passed = 0;
	ck_assert_int_eq(mkfifo("f", 0600), 0);
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	for (int i = 0; i < 4; i++) {
		while ((r = sm_job_next(job, &ev)) == 1)
			collect(ev, &s);
		ck_assert_int_eq(r, -EAGAIN);
		ck_assert_str_eq(text_of(&s.notices),
				 i < 2 ? ""
				       : "0 f is a FIFO: lines are waited for "
					 "until its writer closes it\n");
		passed += SMI_SEC * 6 / 10;
	}
	fd = open("f", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(smi_write_all(fd, "x\n", 2), 0);
	close(fd);
	ck_assert_int_eq(sm_job_run(job, collect, &s), 0);
	ck_assert_str_eq(text_of(&s.lines), "f:1@0 - x\n");
	sm_job_free(job);
}
END_TEST

START_TEST(a_file_whose_place_a_fifo_takes_while_it_is_read_is_read_to_its_end)
{
	SMI_CLEANUP(seen_free) struct seen s = { 0 };
	struct smi_log_from from[] = { { SMI_LOG_FILE, "a", -1 },
				       { SMI_LOG_FILE, "a.1", -1 } };
	struct smi_log_source_opts o = opts_of(from, 2);
	const sm_event *ev;
	sm_job *job;
	void *src;

	put_text("a.1", "1\n");
	put_text("a", "2\n");
	o.state = "state";
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	collect(ev, &s);
	ck_assert_int_eq(unlink("a") | unlink("a.1"), 0);
	ck_assert_int_eq(mkfifo("a", 0600) | mkfifo("a.1", 0600), 0);
	ck_assert_int_eq(sm_job_run(job, collect, &s), 0);
	sm_job_free(job);
	/* Nor does the next run open one that it was not told of. */
	ck_assert_int_eq(unlink("a"), 0);
	put_text("a", "3\n");
	o.nfrom = 1;
	ck_assert_int_eq(run(&o, &s), 0);
	ck_assert_str_eq(text_of(&s.lines), "a.1:1@0 - 1\na:1@0 - 2\n"
					    "a:1@0 - 3\n");
}
END_TEST

START_TEST(however_many_logs_there_were_their_positions_can_be_read)
{
	SMI_CLEANUP(smi_positions_free) struct smi_positions ps = { 0 };
	SMI_CLEANUP(smi_positions_free) struct smi_positions again = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	char name[32];

	for (int i = 0; i < 10003; i++) {
		struct smi_position p = { .known = true, .time = i };

		snprintf(name, sizeof(name), "%05d", i * 7919 % 10007);
		ck_assert_int_eq(smi_positions_set(&ps, name, &p), 0);
	}
	smi_positions_write(&ps, &b);
	ck_assert_int_eq(smi_positions_read(&again, smi_buf_span(&b)), 0);
	ck_assert_uint_eq(again.v.n, 10000);
	/* Number 2 was told longest ago but for the three that are gone. */
	ck_assert_ptr_null(smi_positions_find(&again, "00000"));
	snprintf(name, sizeof(name), "%05d", 2 * 7919 % 10007);
	ck_assert_ptr_null(smi_positions_find(&again, name));
	snprintf(name, sizeof(name), "%05d", 3 * 7919 % 10007);
	ck_assert_ptr_nonnull(smi_positions_find(&again, name));
	snprintf(name, sizeof(name), "%05d", 10002 * 7919 % 10007);
	ck_assert_ptr_nonnull(smi_positions_find(&again, name));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log source");
	TCase *tc = tcase_create("log source");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, each_file_of_a_family_tells_what_its_times_left_in_doubt);
	tcase_add_test(
		tc,
		each_log_tells_its_longest_time_without_a_line_from_an_hour_on);
	tcase_add_test(tc, an_export_of_the_journal_is_read_entry_by_entry);
	tcase_add_test(tc,
		       a_log_that_begins_like_an_export_is_read_line_by_line);
	tcase_add_test(tc, each_line_has_its_number_offset_time_and_text);
	tcase_add_test(tc, a_rotated_family_is_one_stream_oldest_first);
	tcase_add_test(tc, different_logs_are_merged_by_time);
	tcase_add_test(tc, a_file_that_is_named_twice_is_read_once);
	tcase_add_test(tc, a_span_of_time_includes_both_its_ends);
	tcase_add_test(tc, a_long_line_is_left_out_counted_and_told);
	tcase_add_test(
		tc, a_source_that_cannot_be_read_is_told_and_the_rest_is_read);
	tcase_add_loop_test(
		tc, without_any_readable_source_the_call_fails_and_says_why, 0,
		SMI_COUNT(unreadable));
	tcase_add_test(tc, a_file_without_permission_is_an_error);
	tcase_add_test(tc, an_empty_file_and_dev_null_are_empty_logs);
	tcase_add_test(tc, a_pipe_is_waited_for_and_stays_open);
	tcase_add_test(tc, a_cancelled_scan_tells_how_far_it_came);
	tcase_add_test(tc, logs_are_found_below_a_sysroot);
	tcase_add_loop_test(tc, logs_of_containers_are_found_with_their_elders,
			    0, SMI_COUNT(docker));
	tcase_add_test(tc, where_no_log_is_found_the_places_are_named);
	tcase_add_loop_test(tc, every_allocation_that_fails_is_an_error, 0, 2);
	tcase_add_test(tc, who_waits_for_the_writer_of_a_fifo_is_told_once);
	tcase_add_test(
		tc,
		logs_that_were_found_empty_are_shown_and_are_not_all_is_well);
	tcase_add_test(
		tc, however_many_logs_there_were_their_positions_can_be_read);
	tcase_add_test(
		tc,
		a_file_whose_place_a_fifo_takes_while_it_is_read_is_read_to_its_end);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
