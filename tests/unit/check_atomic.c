/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomic.h"
#include "fail-alloc.h"
#include "report-sample.h"
#include "report/format.h"
#include "report/sink.h"
#include "suite.h"

static char base[64], dir[96], path[128];
static sm_ctx *ctx;
static sm_report *report;

static void put(const char *name, const char *text)
{
	char p[256];
	FILE *f;

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	f = fopen(p, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static const char *get(const char *name)
{
	static char text[4096];
	char p[256];
	FILE *f;

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	f = fopen(p, "r");
	if (!f)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* How many files are there, the hidden ones too. */
static int files(void)
{
	DIR *d = opendir(dir);
	int n = -2;

	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Runs outside of the tests: what they leave goes, also when they fail. */
static void make_base(void)
{
	snprintf(base, sizeof(base), "/tmp/sysmon-atomic-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
}

static void remove_base(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", base);
	ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "%s/%d", base, (int)getpid());
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	snprintf(path, sizeof(path), "%s/out.json", dir);
	ctx = sample_ctx();
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
}

static void teardown(void)
{
	remove_base();
	ck_assert_int_eq(mkdir(base, 0700), 0);
	sm_report_free(report);
	sm_ctx_unref(ctx);
}

START_TEST(a_file_appears_whole_with_mode_0600_and_nothing_beside_it)
{
	struct stat st;

	ck_assert_int_eq(
		sm_report_write_file(report, SM_FORMAT_JSON, NULL, path), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(files(), 1);
	ck_assert_ptr_nonnull(strstr(get("out.json"), "\"schema\""));
}
END_TEST

START_TEST(an_old_file_is_replaced_and_never_written_into)
{
	char copy[256];

	put("out.json", "old");
	snprintf(copy, sizeof(copy), "%s/hardlink", dir);
	ck_assert_int_eq(link(path, copy), 0);
	ck_assert_int_eq(
		sm_report_write_file(report, SM_FORMAT_JSON, NULL, path), 0);
	ck_assert_ptr_nonnull(strstr(get("out.json"), "\"schema\""));
	ck_assert_str_eq(get("hardlink"), "old");
}
END_TEST

START_TEST(an_umask_does_not_change_the_mode)
{
	struct stat st;

	umask(0777);
	ck_assert_int_eq(
		sm_report_write_file(report, SM_FORMAT_JSON, NULL, path), 0);
	umask(022);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

static void make_link(void)
{
	char target[256];

	put("victim", "victim");
	snprintf(target, sizeof(target), "%s/victim", dir);
	ck_assert_int_eq(symlink(target, path), 0);
}

static void make_dangling(void)
{
	char target[256];

	snprintf(target, sizeof(target), "%s/nothing", dir);
	ck_assert_int_eq(symlink(target, path), 0);
}

static void make_directory(void)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void make_pipe(void)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static const struct {
	void (*make)(void);
	const char *path, *says;
	int error;
} refused[] = {
	{ make_link, NULL, "symbolic link", -EINVAL },
	{ make_dangling, NULL, "symbolic link", -EINVAL },
	{ make_directory, NULL, "directory", -EINVAL },
	{ make_pipe, NULL, "pipe", -EINVAL },
	{ NULL, "/dev/null", "device", -EINVAL },
	{ NULL, "/dev/stdout", "standard output", -EINVAL },
	{ NULL, "", "names no file", -EINVAL },
	{ NULL, "/", "names no file", -EINVAL },
	{ NULL, "/tmp/..", "names no file", -EINVAL },
	{ NULL, "/nonexistent/out.json", "'/nonexistent'", -ENOENT },
};

START_TEST(what_is_no_regular_file_is_refused_and_left_alone)
{
	const char *target = refused[_i].path ? refused[_i].path : path;
	struct stat before = { 0 }, after = { 0 };

	if (refused[_i].make)
		refused[_i].make();
	lstat(target, &before);
	ck_assert_int_eq(
		sm_report_write_file(report, SM_FORMAT_JSON, NULL, target),
		refused[_i].error);
	ck_assert_msg(strstr(sm_ctx_errmsg(ctx), refused[_i].says),
		      "the sentence is: %s", sm_ctx_errmsg(ctx));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), target));
	lstat(target, &after);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_mtime, after.st_mtime);
	if (get("victim"))
		ck_assert_str_eq(get("victim"), "victim");
}
END_TEST

START_TEST(a_link_that_appears_meanwhile_is_not_followed)
{
	sm_writer *w;

	ck_assert_int_eq(
		sm_writer_new_file(ctx, SM_FORMAT_NDJSON, NULL, path, &w), 0);
	make_link();
	ck_assert_int_eq(sm_writer_finish(w), -EINVAL);
	sm_writer_free(w);
	ck_assert_str_eq(get("victim"), "victim");
	ck_assert_int_eq(files(), 2);
}
END_TEST

START_TEST(a_writer_that_does_not_finish_leaves_the_old_file_and_no_other)
{
	sm_writer *w;

	put("out.json", "old");
	ck_assert_int_eq(
		sm_writer_new_file(ctx, SM_FORMAT_NDJSON, NULL, path, &w), 0);
	sm_writer_free(w);
	ck_assert_str_eq(get("out.json"), "old");
	ck_assert_int_eq(files(), 1);
}
END_TEST

START_TEST(a_file_that_is_too_large_leaves_the_old_one_and_says_so)
{
	struct rlimit small = { 64, RLIM_INFINITY };
	int r;

	put("out.json", "old");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = sm_report_write_file(report, SM_FORMAT_JSON, NULL, path);
	/* Check writes a file too. */
	small.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &small);
	ck_assert_int_eq(r, -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "File too large"));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
	ck_assert_str_eq(get("out.json"), "old");
	ck_assert_int_eq(files(), 1);
}
END_TEST

START_TEST(a_full_disk_is_named)
{
	struct smi_fd_out out = { ctx, open("/dev/full", O_WRONLY), "/x/y" };

	ck_assert_int_ge(out.fd, 0);
	ck_assert_int_eq(smi_fd_write("x", 1, &out), -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "'/x/y'"));
	ck_assert_ptr_nonnull(
		strstr(sm_ctx_errmsg(ctx), "No space left on device"));
	close(out.fd);
}
END_TEST

START_TEST(a_pipe_without_a_reader_gives_epipe_and_no_signal)
{
	sigset_t before, after;
	int fds[2];

	signal(SIGPIPE, SIG_DFL);
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[0]);
	sigprocmask(SIG_SETMASK, NULL, &before);
	ck_assert_int_eq(
		sm_report_write_fd(report, SM_FORMAT_JSON, NULL, fds[1]),
		-EPIPE);
	sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert_int_eq(sigismember(&before, SIGPIPE), 0);
	ck_assert_int_eq(sigismember(&after, SIGPIPE), 0);
	sigpending(&after);
	ck_assert_int_eq(sigismember(&after, SIGPIPE), 0);
	close(fds[1]);
}
END_TEST

START_TEST(every_failed_allocation_leaves_the_old_file)
{
	put("out.json", "old");
	for (int n = 1, r = -1; r; n++) {
		fail_alloc_at(n);
		r = sm_report_write_file(report, SM_FORMAT_JSON, NULL, path);
		fail_alloc_off();
		ck_assert(r == 0 || r == -ENOMEM);
		if (r)
			ck_assert_str_eq(get("out.json"), "old");
		ck_assert_int_eq(files(), 1);
	}
}
END_TEST

static void append(char *name, size_t size, const char *more)
{
	size_t len = strlen(name);

	ck_assert_uint_lt((size_t)snprintf(name + len, size - len, "%s", more),
			  size - len);
}

static int write_set(const char *where)
{
	return sm_report_write_dir(report, SM_FORMAT_CSV, NULL, where);
}

START_TEST(a_directory_gets_a_file_of_each_section_and_nothing_else)
{
	struct stat st;

	append(dir, sizeof(dir), "/set");
	snprintf(path, sizeof(path), "%s///", dir);
	umask(0077);
	ck_assert_int_eq(write_set(path), 0);
	ck_assert_int_eq(files(), SMI_NSECTIONS + 1);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_str_eq(get("notices.csv"), "text,source,errno\r\n");
	ck_assert_ptr_nonnull(strstr(get("summary.csv"), ",wall_seconds,"));
	ck_assert_int_eq(write_set(dir), 0);
	ck_assert_int_eq(files(), SMI_NSECTIONS + 1);
}
END_TEST

START_TEST(root_writes_no_set_where_others_may_write)
{
	static const struct {
		mode_t mode;
		gid_t group;
		int r;
	} rows[] = {
		{ 0777, 0, -EPERM }, { 01777, 0, -EPERM }, { 0775, 1, -EPERM },
		{ 0775, 0, 0 },	     { 0755, 1, 0 },
	};

	if (geteuid() != 0)
		return;
	for (size_t i = 0; i < SMI_COUNT(rows); i++) {
		ck_assert_int_eq(chown(dir, 0, rows[i].group), 0);
		ck_assert_int_eq(chmod(dir, rows[i].mode), 0);
		ck_assert_int_eq(write_set(dir), rows[i].r);
		ck_assert_int_eq(files(), rows[i].r ? 0 : SMI_NSECTIONS + 1);
		if (rows[i].r)
			ck_assert_ptr_nonnull(
				strstr(sm_ctx_errmsg(ctx), "may write it"));
	}
}
END_TEST

START_TEST(no_ending_of_a_path_follows_a_link)
{
	static const char *const endings[] = { "", "/", "/.", "/./",
					       "//.///./" };
	char link[112];

	snprintf(link, sizeof(link), "%s/link", dir);
	ck_assert_int_eq(symlink(".", link), 0);
	for (size_t i = 0; i < SMI_COUNT(endings); i++) {
		snprintf(path, sizeof(path), "%s%s", link, endings[i]);
		ck_assert_int_eq(write_set(path), -EINVAL);
		ck_assert_int_eq(files(), 1);
	}
	snprintf(path, sizeof(path), "%s/./", dir);
	ck_assert_int_eq(write_set(path), 0);
}
END_TEST

START_TEST(a_directory_that_was_made_goes_when_nothing_was_written)
{
	struct rlimit small = { 8, RLIM_INFINITY };
	int r;

	snprintf(path, sizeof(path), "%s/set", dir);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = write_set(path);
	small.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &small);
	ck_assert_int_eq(r, -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "File too large"));
	ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(one_file_that_cannot_be_replaced_leaves_all_old_ones)
{
	char link[256];

	put("summary.csv", "old");
	put("changes.csv", "old");
	snprintf(link, sizeof(link), "%s/%s", dir,
		 _i ? "templates.csv" : "runs.csv");
	ck_assert_int_eq(symlink("changes.csv", link), 0);
	ck_assert_int_eq(write_set(dir), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), link));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "symbolic link"));
	ck_assert_str_eq(get("changes.csv"), "old");
	ck_assert_str_eq(get("summary.csv"), "old");
	ck_assert_int_eq(files(), 3);
}
END_TEST

START_TEST(a_directory_behind_a_link_is_refused)
{
	char target[256];

	snprintf(target, sizeof(target), "%s/target", dir);
	ck_assert_int_eq(mkdir(target, 0700), 0);
	ck_assert_int_eq(symlink(target, path), 0);
	ck_assert_int_eq(write_set(path), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "symbolic link"));
	append(path, sizeof(path), "/");
	ck_assert_int_eq(write_set(path), -EINVAL);
	append(dir, sizeof(dir), "/target");
	ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(only_csv_is_a_file_of_each_section)
{
	snprintf(path, sizeof(path), "%s/set", dir);
	for (int f = SM_FORMAT_TXT; f <= SM_FORMAT_TABLE; f++) {
		if (f == SM_FORMAT_CSV)
			continue;
		ck_assert_int_eq(sm_report_write_dir(report, f, NULL, path),
				 -EINVAL);
		ck_assert_ptr_nonnull(
			strstr(sm_ctx_errmsg(ctx), sm_format_name(f)));
	}
	ck_assert_int_eq(sm_report_write_dir(report, 99, NULL, path), -EINVAL);
	ck_assert_int_eq(write_set(""), -EINVAL);
	ck_assert_int_eq(write_set("/nonexistent/set"), -ENOENT);
	ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(every_failed_allocation_leaves_all_old_files)
{
	put("summary.csv", "old");
	put("changes.csv", "old");
	for (int n = 1, r = -1; r; n++) {
		fail_alloc_at(n);
		r = write_set(dir);
		fail_alloc_off();
		ck_assert(r == 0 || r == -ENOMEM);
		if (r) {
			ck_assert_str_eq(get("changes.csv"), "old");
			ck_assert_str_eq(get("summary.csv"), "old");
			ck_assert_int_eq(files(), 2);
		}
	}
	ck_assert_int_eq(files(), SMI_NSECTIONS + 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("atomic");
	TCase *tc = tcase_create("file");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make_base, remove_base);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, a_file_appears_whole_with_mode_0600_and_nothing_beside_it);
	tcase_add_test(tc, an_old_file_is_replaced_and_never_written_into);
	tcase_add_test(tc, an_umask_does_not_change_the_mode);
	tcase_add_loop_test(tc,
			    what_is_no_regular_file_is_refused_and_left_alone,
			    0, SMI_COUNT(refused));
	tcase_add_test(tc, a_link_that_appears_meanwhile_is_not_followed);
	tcase_add_test(
		tc,
		a_writer_that_does_not_finish_leaves_the_old_file_and_no_other);
	tcase_add_test(tc,
		       a_file_that_is_too_large_leaves_the_old_one_and_says_so);
	tcase_add_test(tc, every_failed_allocation_leaves_the_old_file);
	suite_add_tcase(s, tc);
	tc = tcase_create("directory");
	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make_base, remove_base);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, a_directory_gets_a_file_of_each_section_and_nothing_else);
	tcase_add_test(tc,
		       a_directory_that_was_made_goes_when_nothing_was_written);
	tcase_add_loop_test(
		tc, one_file_that_cannot_be_replaced_leaves_all_old_ones, 0, 2);
	tcase_add_test(tc, a_directory_behind_a_link_is_refused);
	tcase_add_test(tc, root_writes_no_set_where_others_may_write);
	tcase_add_test(tc, no_ending_of_a_path_follows_a_link);
	tcase_add_test(tc, only_csv_is_a_file_of_each_section);
	tcase_add_test(tc, every_failed_allocation_leaves_all_old_files);
	suite_add_tcase(s, tc);
	tc = tcase_create("descriptor");
	tcase_add_unchecked_fixture(tc, make_base, remove_base);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_full_disk_is_named);
	tcase_add_test(tc, a_pipe_without_a_reader_gives_epipe_and_no_signal);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
