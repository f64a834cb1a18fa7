/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/ctx.h"
#include "fail-alloc.h"
#include "process/fds.h"
#include "process/guard.h"
#include "suite.h"
#include "tree.h"

#define LONG  (60 * SMI_SEC)
#define SHORT (30 * SMI_MSEC)

static sm_ctx *ctx;
static struct smi_procdir dir;
static struct smi_guard *guard;
static struct smi_buf got;
static int signals;

static void open_guard(int64_t ns)
{
	smi_guard_free(guard);
	guard = NULL;
	ck_assert_int_eq(smi_guard_new(ctx, ns, &guard), 0);
	dir.guard = guard;
}

static void setup(void)
{
	tree_make();
	tree_text("proc/7/maps", "a line\n");
	tree_dir("proc/8");
	dir = (struct smi_procdir){ .fd = tree_open("proc") };
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	open_guard(LONG);
}

static void teardown(void)
{
	smi_guard_free(guard);
	guard = NULL;
	sm_ctx_unref(ctx);
	smi_procdir_close(&dir);
	smi_buf_free(&got);
	got = (struct smi_buf){ 0 };
	tree_remove();
}

static int read_maps(int32_t pid)
{
	char path[SMI_PROC_PATH];

	smi_procdir_path(path, pid, pid, "maps");
	return smi_guard_read(&dir, pid, path, SMI_PIECES, 4096, &got);
}

/* Whether there is one; without it the rest says nothing. */
static bool works(void)
{
	ck_assert_int_eq(read_maps(7), 0);
	if (smi_guard_error(guard) == 0)
		return true;
	printf("SKIP: a process that reads: %s\n",
	       strerror(-smi_guard_error(guard)));
	return false;
}

/* The only child of this process. */
static pid_t reader(void)
{
	siginfo_t info = { .si_pid = 0 };
	char path[64], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "r");
	if (f) {
		if (!fgets(text, sizeof(text), f))
			text[0] = '\0';
		fclose(f);
	}
	/* And no other way of waiting takes it away. */
	ck_assert_int_eq(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	return (pid_t)strtol(text, NULL, 10);
}

START_TEST(a_guarded_read_gives_what_a_plain_one_gives)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 2 << 20 };
	struct smi_buf plain = { 0 };

	if (!works())
		return;
	for (size_t i = 0; i < SMI_COUNT(sizes); i++) {
		size_t max = SMI_MAX(sizes[i], 1);
		char *text = malloc(max);

		memset(text, 'x', max);
		tree_file("proc/9/cmdline", text, sizes[i]);
		for (int shape = SMI_ONE_PIECE; shape <= SMI_PIECES; shape++) {
			int r = smi_procdir_read_as(&dir, "9/cmdline", shape,
						    max, &plain);

			ck_assert_int_eq(smi_guard_read(&dir, 9, "9/cmdline",
							shape, max, &got),
					 r);
			ck_assert_uint_eq(got.len, plain.len);
			ck_assert_uint_eq(got.len, sizes[i]);
		}
		free(text);
		tree_remove();
		smi_procdir_close(&dir);
		smi_guard_free(guard);
		guard = NULL;
		tree_make();
		tree_dir("proc");
		dir.fd = tree_open("proc");
		open_guard(LONG);
	}
	ck_assert_int_eq(read_maps(8), -ESRCH);
	ck_assert_uint_eq(got.len, 0);
	smi_buf_free(&plain);
}
END_TEST

START_TEST(what_is_over_the_limit_is_cut)
{
	ck_assert_int_eq(
		smi_guard_read(&dir, 7, "7/maps", SMI_ONE_PIECE, 3, &got),
		-E2BIG);
	ck_assert_uint_eq(got.len, 3);
	ck_assert_int_eq(memcmp(got.p, "a l", 3), 0);
}
END_TEST

START_TEST(a_guarded_stat_gives_what_a_plain_one_gives)
{
	struct stat st, plain;

	ck_assert_int_eq(smi_guard_stat(&dir, 7, "7/maps", &st), 0);
	ck_assert_int_eq(fstatat(dir.fd, "7/maps", &plain, 0), 0);
	ck_assert_uint_eq(st.st_ino, plain.st_ino);
	ck_assert_int_eq(st.st_size, 7);
	ck_assert_int_eq(smi_guard_stat(&dir, 8, "8/maps", &st), -ENOENT);
}
END_TEST

START_TEST(a_guarded_link_is_what_a_plain_one_is)
{
	tree_link("proc/7/exe", "/bin/x");
	ck_assert_int_eq(smi_guard_readlink(&dir, 7, "7/exe", &got), 0);
	ck_assert(smi_span_eq_str(smi_buf_span(&got), "/bin/x"));
	ck_assert_int_eq(smi_guard_readlink(&dir, 8, "8/exe", &got), -ENOENT);
	ck_assert_uint_eq(got.len, 0);
}
END_TEST

START_TEST(links_and_dots_stay_below_a_root)
{
	struct stat st, in;

	tree_text("proc/7/root/a/file", "x");
	tree_link("proc/7/root/a/up", "../../../../../a/file");
	tree_link("proc/7/root/a/abs", "/a/file");
	ck_assert_int_eq(fstatat(dir.fd, "7/root/a/file", &in, 0), 0);
	for (int plain = 0; plain < 2; plain++) {
		if (plain)
			dir.guard = NULL;
		ck_assert_int_eq(
			smi_guard_stat_in(&dir, 7, "7/root", "/a/up", &st), 0);
		ck_assert_uint_eq(st.st_ino, in.st_ino);
		ck_assert_int_eq(
			smi_guard_stat_in(&dir, 7, "7/root", "/a/abs", &st), 0);
		ck_assert_uint_eq(st.st_ino, in.st_ino);
		ck_assert_int_eq(
			smi_guard_stat_in(&dir, 7, "7/root", "/etc", &st),
			-ENOENT);
	}
}
END_TEST

START_TEST(a_guarded_list_is_what_a_plain_one_is)
{
	struct smi_fds guarded = { 0 }, plain = { 0 };
	struct smi_pids tids = { 0 };
	struct smi_procdir bare = dir;
	uint64_t n;

	bare.guard = NULL;
	tree_link("proc/7/fd/0", "socket:[12]");
	tree_link("proc/7/fd/1", "anon_inode:[io_uring]");
	tree_link("proc/7/fd/2", "socket:[13]");
	tree_dir("proc/7/task/9");
	tree_dir("proc/7/task/7");
	for (size_t max = 0; max < 5; max++) {
		ck_assert_int_eq(smi_fds_read(&dir, 7, "7/fd", max, &guarded),
				 0);
		ck_assert_int_eq(smi_fds_read(&bare, 7, "7/fd", max, &plain),
				 0);
		ck_assert_uint_eq(guarded.n, plain.n);
		ck_assert_uint_eq(guarded.unread, plain.unread);
		ck_assert_int_eq(guarded.io_uring, plain.io_uring);
		ck_assert_uint_eq(guarded.sockets.n, plain.sockets.n);
	}
	ck_assert_uint_eq(guarded.sockets.n, 2);
	ck_assert_int_eq(smi_fds_count(&dir, 7, "7/fd", &n), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(smi_guard_threads(&dir, 7, &tids), 0);
	ck_assert_uint_eq(tids.list.n, 2);
	ck_assert_int_eq(tids.list.v[0], 7);
	ck_assert_int_eq(smi_guard_threads(&dir, 8, &tids), -ESRCH);
	smi_vec_free(&tids.list);
	smi_fds_free(&guarded);
	smi_fds_free(&plain);
}
END_TEST

START_TEST(a_reader_that_is_late_is_killed)
{
	pid_t first;

	if (!works())
		return;
	/* On a busy machine even an honest one may be late. */
	do
		open_guard(SHORT);
	while (read_maps(7) != 0);
	first = reader();
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(kill(first, SIGSTOP), 0);
	ck_assert_int_eq(read_maps(8), -ETIMEDOUT);
	/* And nobody has to take it away. */
	ck_assert_int_eq(kill(first, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

/* As late as can be, without waiting for it. */
static void be_late(int32_t pid)
{
	ck_assert_int_eq(read_maps(8), -ESRCH);
	ck_assert_int_eq(kill(reader(), SIGKILL), 0);
	ck_assert_int_eq(read_maps(pid), -ETIMEDOUT);
}

START_TEST(who_was_late_is_left_alone_and_others_are_read)
{
	if (!works())
		return;
	be_late(7);
	ck_assert_int_eq(read_maps(8), -ESRCH);
	ck_assert_int_eq(read_maps(7), -ETIMEDOUT);
	smi_guard_renew(guard);
	ck_assert_int_eq(read_maps(7), -ETIMEDOUT);
}
END_TEST

static int read_args(int32_t pid)
{
	char path[SMI_PROC_PATH];

	smi_procdir_path(path, pid, pid, "cmdline");
	return smi_guard_read(&dir, pid, path, SMI_ENDS_IN_NUL, 4096, &got);
}

START_TEST(who_was_late_is_asked_for_its_arguments_once_more)
{
	tree_text("proc/7/cmdline", "x");
	if (!works())
		return;
	be_late(7);
	ck_assert_int_eq(read_args(7), 0);
	ck_assert_int_eq(read_args(7), 0);
	ck_assert_int_eq(read_maps(7), -ETIMEDOUT);
	ck_assert_int_eq(kill(reader(), SIGKILL), 0);
	ck_assert_int_eq(read_args(7), -ETIMEDOUT);
	ck_assert_int_eq(read_args(7), -ETIMEDOUT);
	ck_assert_int_eq(read_maps(8), -ESRCH);
}
END_TEST

START_TEST(after_eight_late_ones_the_rest_is_read_in_a_shorter_time)
{
	int32_t pid = 1000;

	if (!works())
		return;
	while (pid < 1000 + SMI_GUARD_LATE_MAX)
		be_late(pid++);
	ck_assert_int_eq(read_maps(7), 0);
	for (int i = 0; i < SMI_GUARD_LATE_MAX * SMI_GUARD_SHORTER; i++)
		be_late(pid++);
	/* All of them had twice eight times as long. */
	ck_assert_int_eq(read_maps(7), -ECANCELED);
	ck_assert_int_eq(read_maps(1000), -ETIMEDOUT);
	smi_guard_renew(guard);
	ck_assert_int_eq(read_maps(7), 0);
}
END_TEST

START_TEST(a_reader_that_was_killed_by_others_is_replaced)
{
	if (!works())
		return;
	ck_assert_int_eq(kill(reader(), SIGKILL), 0);
	/* Who was asked for then was not read. */
	ck_assert_int_eq(read_maps(8), -ETIMEDOUT);
	ck_assert_int_eq(read_maps(7), 0);
}
END_TEST

static void count_signal(int sig)
{
	(void)sig;
	signals++;
}

START_TEST(the_program_hears_nothing_of_its_reader)
{
	struct sigaction all = { .sa_handler = count_signal };

	if (!suite_forks())
		return;
	sigaction(SIGCHLD, &all, NULL);
	sigaction(SIGTERM, &all, NULL);
	open_guard(LONG);
	if (!works())
		return;
	/* Nor does the reader run anything of it. */
	ck_assert_int_eq(kill(reader(), SIGTERM), 0);
	ck_assert_int_eq(read_maps(7), 0);
	ck_assert_int_eq(signals, 0);
	smi_guard_free(guard);
	guard = NULL;
	ck_assert_int_eq(signals, 0);
	ck_assert_int_eq(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(the_reader_holds_none_of_the_programs_descriptors)
{
	char path[64];
	unsigned n = 0;
	struct dirent *e;
	int pair[2];
	DIR *fds;

	ck_assert_int_eq(pipe(pair), 0);
	if (!works())
		return;
	snprintf(path, sizeof(path), "/proc/%d/fd", reader());
	fds = opendir(path);
	ck_assert_ptr_nonnull(fds);
	while ((e = readdir(fds)))
		n += e->d_name[0] != '.';
	closedir(fds);
	/* The directory, and the way to its owner. */
	ck_assert_uint_eq(n, 2);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(a_fork_of_the_program_leaves_the_reader_alone)
{
	pid_t pid, first;
	int status;

	if (!works())
		return;
	first = reader();
	pid = fork();
	if (pid == 0) {
		/* It reads with one of its own. */
		bool ok = read_maps(7) == 0;

		smi_guard_free(guard);
		_exit(ok ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(read_maps(7), 0);
	ck_assert_int_eq(reader(), first);
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	struct smi_guard *g = NULL;
	unsigned n = 1;

	for (;; n++) {
		fail_alloc_at(n);
		if (smi_guard_new(ctx, LONG, &g) == 0)
			break;
		ck_assert_ptr_null(g);
	}
	fail_alloc_off();
	ck_assert_uint_gt(n, 1);
	smi_guard_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guard");
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_guarded_read_gives_what_a_plain_one_gives);
	tcase_add_test(tc, what_is_over_the_limit_is_cut);
	tcase_add_test(tc, a_guarded_stat_gives_what_a_plain_one_gives);
	tcase_add_test(tc, a_guarded_link_is_what_a_plain_one_is);
	tcase_add_test(tc, links_and_dots_stay_below_a_root);
	tcase_add_test(tc, a_guarded_list_is_what_a_plain_one_is);
	tcase_add_test(tc, a_reader_that_is_late_is_killed);
	tcase_add_test(tc, who_was_late_is_left_alone_and_others_are_read);
	tcase_add_test(tc, who_was_late_is_asked_for_its_arguments_once_more);
	tcase_add_test(
		tc, after_eight_late_ones_the_rest_is_read_in_a_shorter_time);
	tcase_add_test(tc, a_reader_that_was_killed_by_others_is_replaced);
	tcase_add_test(tc, the_program_hears_nothing_of_its_reader);
	tcase_add_test(tc, the_reader_holds_none_of_the_programs_descriptors);
	tcase_add_test(tc, a_fork_of_the_program_leaves_the_reader_alone);
	tcase_add_test(tc, out_of_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
