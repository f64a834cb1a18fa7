/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dl-journal.h"
#include "logsrc/log.h"
#include "suite.h"

/* Journal files are written by systemd's own tool from its export format
 * (systemd.io/JOURNAL_EXPORT_FORMATS). */
#define REMOTE	"/lib/systemd/systemd-journal-remote"
#define MACHINE "0123456789abcdef0123456789abcdef"

static char dir[64];
static sm_ctx *ctx;
static struct smi_buf seen, notices;

static void entry(FILE *f, int second, const char *fields)
{
	fprintf(f,
		"__REALTIME_TIMESTAMP=17858376%02d500000\n"
		"__MONOTONIC_TIMESTAMP=%d000000\n"
		"_BOOT_ID=" MACHINE "\n_HOSTNAME=web\n",
		second, second);
	fputs(fields, f);
	putc('\n', f);
}

static void write_export(FILE *f)
{
	static const char two_lines[] = "MESSAGE\n\x0c\0\0\0\0\0\0\0"
					"one\x1b\ntwo\xff tx";

	entry(f, 1,
	      "SYSLOG_IDENTIFIER=sshd\n_PID=411\n_SYSTEMD_UNIT=ssh.service\n"
	      "MESSAGE=Failed password for root from 203.0.113.9 port 5 "
	      "ssh2\n");
	entry(f, 2, "_COMM=app\n_PID=7\nMESSAGE=no identifier\n");
	/* Its own stamp counts, not that of its arrival. */
	entry(f, 3,
	      "SYSLOG_IDENTIFIER=kernel\nMESSAGE=early\n"
	      "_SOURCE_REALTIME_TIMESTAMP=1785837602750000\n");
	/* Who may say anything must not pass for another unit's lines. */
	entry(f, 4,
	      "SYSLOG_IDENTIFIER=evil\n_UID=1000\nUNIT=ssh.service\n"
	      "MESSAGE=forged\n");
	entry(f, 5,
	      "SYSLOG_IDENTIFIER=systemd\n_UID=0\nUNIT=ssh.service\n"
	      "MESSAGE=Started\n");
	fprintf(f, "__REALTIME_TIMESTAMP=1785837606500000\n"
		   "__MONOTONIC_TIMESTAMP=6000000\n_BOOT_ID=" MACHINE
		   "\n_HOSTNAME=web\nSYSLOG_IDENTIFIER=x\n");
	fwrite(two_lines, 1, sizeof(two_lines) - 1, f);
	fputs("\n\n", f);
	entry(f, 7, "SYSLOG_IDENTIFIER=empty\n");
	fputs("__REALTIME_TIMESTAMP=1785837608500000\n"
	      "__MONOTONIC_TIMESTAMP=8000000\n_BOOT_ID=" MACHINE
	      "\n_HOSTNAME=web\nSYSLOG_IDENTIFIER=long\nMESSAGE=",
	      f);
	for (int i = 0; i < 70000; i++)
		putc('x', f);
	fputs("\n\n", f);
}

static void setup(void)
{
	FILE *f;

	strcpy(dir, "/tmp/check_journal.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	f = fopen("export", "w");
	ck_assert_ptr_nonnull(f);
	write_export(f);
	fclose(f);
	ck_assert_int_eq(system("mkdir -p root/var/log/journal/" MACHINE
				" && " REMOTE
				" --output=root/var/log/journal/" MACHINE
				"/system.journal export >remote.out 2>&1"),
			 0);
}

static void teardown(void)
{
	char cmd[96];

	sm_ctx_unref(ctx);
	smi_buf_free(&seen);
	smi_buf_free(&notices);
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static int collect(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	const sm_line *l = sm_record_line(r);
	char time[SMI_TIME_STRLEN];

	(void)user;
	if (l)
		smi_buf_printf(&seen, "%s:%d %s %s %s[%d] %s\n",
			       sm_line_file(l), (int)sm_line_number(l),
			       smi_time_format(sm_line_time(l), time),
			       sm_line_host(l), sm_line_program(l),
			       sm_line_pid(l), sm_line_message(l));
	else if (sm_record_notice(r))
		smi_buf_printf(&notices, "%d %s\n",
			       sm_notice_errno(sm_record_notice(r)),
			       sm_notice_text(sm_record_notice(r)));
	return 0;
}

static int run(enum smi_log_what what, const char *name, const char *since,
	       const char *until)
{
	struct smi_log_from from = { what, name, -1 };
	struct smi_log_source_opts o = {
		.from = &from,
		.nfrom = 1,
		.since = INT64_MIN,
		.until = INT64_MAX,
		.now = INT64_MIN,
		.lines = true,
		.fields = smi_fieldset_default(SM_KIND_LINE),
	};
	sm_job *job;
	void *src;

	if (since)
		ck_assert(smi_time_parse(smi_span_str(since), &o.since));
	if (until)
		ck_assert(smi_time_parse(smi_span_str(until), &o.until));
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	return smi_job_verb(job, collect, NULL);
}

#define ALL(file)                                                              \
	file ":1 2026-08-04T10:00:01.5Z web sshd[411] Failed password for "    \
	     "root from 203.0.113.9 port 5 ssh2\n" file                        \
	     ":2 2026-08-04T10:00:02.5Z web app[7] no identifier\n" file       \
	     ":3 2026-08-04T10:00:02.75Z web kernel[0] early\n" file           \
	     ":4 2026-08-04T10:00:04.5Z web evil[0] forged\n" file             \
	     ":5 2026-08-04T10:00:05.5Z web systemd[0] Started\n" file         \
	     ":6 2026-08-04T10:00:06.5Z web x[0] one\\x1b\\x0atwo\\xff "       \
	     "tx\n" file ":7 2026-08-04T10:00:07.5Z web empty[0] \n"

START_TEST(entries_are_lines_with_their_own_fields)
{
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(SMI_LOG_JOURNAL, NULL, NULL, NULL), 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("journal"));
	ck_assert_str_eq(smi_buf_cstr(&notices),
			 "90 1 lines of journal were left out: longer than "
			 "64 KiB\n");
}
END_TEST

START_TEST(a_journal_file_or_a_directory_of_them_can_be_named)
{
	ck_assert_int_eq(rename("root/var/log/journal/" MACHINE, "d"), 0);
	ck_assert_int_eq(run(SMI_LOG_FILE, "d/system.journal", NULL, NULL), 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("d/system.journal"));
	smi_buf_clear(&seen);
	ck_assert_int_eq(run(SMI_LOG_FILE, "d", NULL, NULL), 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("d"));
}
END_TEST

START_TEST(a_unit_has_its_own_lines_and_those_about_it)
{
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(SMI_LOG_JOURNAL, "ssh", NULL, NULL), 0);
	ck_assert_str_eq(
		smi_buf_cstr(&seen),
		"journal:ssh:1 2026-08-04T10:00:01.5Z web sshd[411] Failed "
		"password for root from 203.0.113.9 port 5 ssh2\n"
		"journal:ssh:2 2026-08-04T10:00:05.5Z web systemd[0] "
		"Started\n");
	ck_assert_int_eq(run(SMI_LOG_JOURNAL, "nothing.service", NULL, NULL),
			 -ENOENT);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "journal:nothing.service has no "
					     "entries that can be read");
}
END_TEST

START_TEST(a_span_of_time_is_sought_in_the_journal)
{
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(SMI_LOG_JOURNAL, NULL, "2026-08-04T10:00:02.5Z",
			     "2026-08-04T10:00:02.75Z"),
			 0);
	ck_assert_str_eq(
		smi_buf_cstr(&seen),
		"journal:2 2026-08-04T10:00:02.5Z web app[7] no identifier\n"
		"journal:3 2026-08-04T10:00:02.75Z web kernel[0] early\n");
}
END_TEST

static void write_more(const char *message)
{
	FILE *f = fopen("more", "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"__REALTIME_TIMESTAMP=1785837620500000\n"
		"__MONOTONIC_TIMESTAMP=20000000\n_BOOT_ID=" MACHINE
		"\n_HOSTNAME=web\nSYSLOG_IDENTIFIER=new\nMESSAGE=%s\n\n",
		message);
	fclose(f);
	ck_assert_int_eq(system(REMOTE " --output=d/more.journal more "
				       ">remote.out 2>&1"),
			 0);
}

static sm_job *new_job(const char *state, bool follow)
{
	static const struct smi_log_from from = { SMI_LOG_FILE, "d", -1 };
	struct smi_log_source_opts o = {
		.from = &from,
		.nfrom = 1,
		.since = INT64_MIN,
		.until = INT64_MAX,
		.now = INT64_MIN,
		.lines = true,
		.follow = follow,
		.state = state,
		.fields = smi_fieldset_default(SM_KIND_LINE),
	};
	sm_job *job;
	void *src;

	ck_assert_int_eq(rename("root/var/log/journal/" MACHINE, "d"), 0);
	ck_assert_int_eq(smi_log_source_new(ctx, &o, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_log_source_ops, src, &job), 0);
	return job;
}

#define NEW "d:9 2026-08-04T10:00:20.5Z web new[0] more\n"

START_TEST(a_followed_journal_tells_new_entries)
{
	sm_job *job = new_job(NULL, true);
	struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };
	const sm_event *ev;
	int r;

	while ((r = sm_job_next(job, &ev)) == 1)
		collect(ev, NULL);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("d"));
	write_more("more");
	for (int i = 0; i < 50 && !strstr(smi_buf_cstr(&seen), NEW); i++) {
		ck_assert_int_eq(poll(&p, 1, 10000), 1);
		while ((r = sm_job_next(job, &ev)) == 1)
			collect(ev, NULL);
		ck_assert_int_eq(r, -EAGAIN);
	}
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("d") NEW);
	sm_job_free(job);
}
END_TEST

START_TEST(a_journal_goes_on_behind_the_entry_that_was_told_last)
{
	ck_assert_int_eq(smi_job_verb(new_job("state", false), collect, NULL),
			 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("d"));
	smi_buf_clear(&seen);
	ck_assert_int_eq(rename("d", "root/var/log/journal/" MACHINE), 0);
	ck_assert_int_eq(smi_job_verb(new_job("state", false), collect, NULL),
			 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), "");
	write_more("more");
	ck_assert_int_eq(rename("d", "root/var/log/journal/" MACHINE), 0);
	ck_assert_int_eq(smi_job_verb(new_job("state", false), collect, NULL),
			 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), NEW);
}
END_TEST

START_TEST(what_is_no_journal_is_an_error)
{
	FILE *f = fopen("x.journal", "w");

	ck_assert_ptr_nonnull(f);
	fputs("not a journal\n", f);
	fclose(f);
	ck_assert_int_eq(run(SMI_LOG_FILE, "x.journal", NULL, NULL), -ENOENT);
	ck_assert_int_eq(run(SMI_LOG_FILE, "nothing.journal", NULL, NULL),
			 -ENOENT);
	ck_assert_int_eq(truncate("root/var/log/journal/" MACHINE
				  "/system.journal",
				  5000),
			 0);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(SMI_LOG_JOURNAL, NULL, NULL, NULL), -ENOENT);
}
END_TEST

START_TEST(the_journal_is_found_before_the_files_that_say_the_same)
{
	FILE *f = fopen("root/var/log/auth.log", "w");

	ck_assert_ptr_nonnull(f);
	fputs("Aug  4 10:00:01 web sshd[411]: the same again\n", f);
	fclose(f);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "root"), 0);
	ck_assert_int_eq(run(SMI_LOG_FOUND, NULL, NULL, NULL), 0);
	ck_assert_str_eq(smi_buf_cstr(&seen), ALL("journal"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *tc = tcase_create("journal");
	struct smi_dl dl = { NULL };
	struct smi_sd sd;
	char why[256];

	if (access(REMOTE, X_OK) < 0) {
		puts("SKIP: journal: no " REMOTE);
		return 77;
	}
	if (smi_dl_journal(&dl, &sd, why, sizeof(why)) < 0) {
		printf("SKIP: journal: %s\n", why);
		return 77;
	}
	smi_dl_close(&dl);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, entries_are_lines_with_their_own_fields);
	tcase_add_test(tc, a_journal_file_or_a_directory_of_them_can_be_named);
	tcase_add_test(tc, a_unit_has_its_own_lines_and_those_about_it);
	tcase_add_test(tc, a_span_of_time_is_sought_in_the_journal);
	tcase_add_test(tc, a_followed_journal_tells_new_entries);
	tcase_add_test(tc,
		       a_journal_goes_on_behind_the_entry_that_was_told_last);
	tcase_add_test(tc, what_is_no_journal_is_an_error);
	tcase_add_test(tc,
		       the_journal_is_found_before_the_files_that_say_the_same);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
