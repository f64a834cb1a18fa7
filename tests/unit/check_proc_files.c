/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "process/fds.h"
#include "process/proc.h"
#include "snapshot-rig.h"

static void add_link(int pid, int fd, const char *target)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd/%d", pid, fd);
	tree_link(path, target);
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* With fields that only checks read. */
static void list_with(unsigned a, unsigned b)
{
	struct smi_fieldset also = { { 0, 0 } };
	const sm_event *ev;
	sm_job *job;
	void *src;
	int r;

	smi_fieldset_add(&also, a);
	smi_fieldset_add(&also, b);
	forget();
	ck_assert_int_eq(smi_proc_source_new(ctx, opts, also, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_proc_source_ops, src, &job), 0);
	while ((r = sm_job_next(job, &ev)) != 0)
		if (r == 1)
			keep(ev);
	sm_job_free(job);
}

static const struct {
	const char *link;
	enum smi_fd_kind kind;
	uint64_t inode;
} links[] = {
	{ "socket:[0]", SMI_FD_SOCKET, 0 },
	{ "socket:[18446744073709551615]", SMI_FD_SOCKET, UINT64_MAX },
	{ "socket:[18446744073709551616]", SMI_FD_OTHER, 0 },
	{ "socket:[]", SMI_FD_OTHER, 0 },
	{ "socket:[12", SMI_FD_OTHER, 0 },
	{ "/tmp/socket:[12]", SMI_FD_OTHER, 0 },
	{ "socket:[12] (deleted)", SMI_FD_OTHER, 0 },
	{ "anon_inode:[io_uring]", SMI_FD_IO_URING, 0 },
	{ "anon_inode:[eventpoll]", SMI_FD_OTHER, 0 },
	{ "", SMI_FD_OTHER, 0 },
};

START_TEST(only_the_kernels_own_words_make_a_socket)
{
	uint64_t inode = 0;

	ck_assert_int_eq(smi_fd_link(smi_span_str(links[_i].link), &inode),
			 links[_i].kind);
	if (links[_i].kind == SMI_FD_SOCKET)
		ck_assert_uint_eq(inode, links[_i].inode);
}
END_TEST

START_TEST(descriptors_are_counted_and_sockets_among_the_first_three_told)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	add_link(42, 0, "socket:[501]");
	add_link(42, 1, "/dev/null");
	add_link(42, 2, "socket:[502]");
	add_link(42, 700, "socket:[503]");
	tree_link("proc/42/fd/x", "socket:[504]");
	tree_link("proc/42/fd/007", "socket:[505]");
	add_link(43, 3, "anon_inode:[io_uring]");
	sm_proc_opts_set_fields(opts, "pid,open_files");
	list_with(SMI_PROC_STD_SOCKETS, SMI_PROC_IO_URING);
	ck_assert_int_eq(number_of(42, SMI_PROC_OPEN_FILES), 4);
	ck_assert_int_eq(number_of(42, SMI_PROC_STD_SOCKETS), 5);
	ck_assert_int_eq(number_of(42, SMI_PROC_IO_URING), 0);
	ck_assert_int_eq(number_of(43, SMI_PROC_OPEN_FILES), 1);
	ck_assert_int_eq(number_of(43, SMI_PROC_STD_SOCKETS), 0);
	ck_assert_int_eq(number_of(43, SMI_PROC_IO_URING), 1);
	/* The same number where nothing looks at the links. */
	list(NULL);
	ck_assert_int_eq(number_of(42, SMI_PROC_OPEN_FILES), 4);
	ck_assert(!smi_rec_has(record_of(42), SMI_PROC_STD_SOCKETS));
}
END_TEST

START_TEST(links_over_the_limit_are_not_read)
{
	SMI_CLEANUP(smi_fds_free) struct smi_fds fds = { 0 };
	struct smi_procdir d = { .fd = tree_open(".") };

	for (int fd = 0; fd < 5; fd++)
		add_link(42, fd, "socket:[1]");
	ck_assert_int_eq(smi_fds_read(&d, "proc/42/fd", 3, &fds), 0);
	ck_assert_uint_eq(fds.n, 5);
	ck_assert_uint_eq(fds.unread, 2);
	ck_assert_uint_eq(fds.sockets.n, 3);
	smi_procdir_close(&d);
}
END_TEST

/* A process that holds n sockets; 0 where it may not. */
static pid_t hold_sockets(unsigned n)
{
	struct rlimit most = { n + 16, n + 16 };
	int fd, ready[2];
	char byte = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (setrlimit(RLIMIT_NOFILE, &most) == 0)
			byte = 1;
		while (byte && n-- > 1)
			byte = dup(fd) >= 0;
		(void)!write(ready[1], &byte, 1);
		pause();
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	if (byte)
		return pid;
	end_process(pid);
	return 0;
}

START_TEST(descriptors_over_the_limit_are_counted_and_a_notice_says_so)
{
	pid_t pid = hold_sockets(SMI_FDS_MAX + 1);

	if (!pid) {
		puts("SKIP: very many descriptors: the limit is lower");
		return;
	}
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, "/"), 0);
	sm_proc_opts_set_pid(opts, pid);
	sm_proc_opts_set_fields(opts, "pid,open_files");
	list_with(SMI_PROC_STD_SOCKETS, SMI_PROC_IO_URING);
	end_process(pid);
	ck_assert_int_gt(number_of(pid, SMI_PROC_OPEN_FILES), SMI_FDS_MAX);
	ck_assert_uint_eq(nnotices, 1);
	ck_assert_ptr_nonnull(
		strstr(notice, "1 processes have more than 16384 open files"));
}
END_TEST

#define LIMITS                                                                 \
	"Limit                     Soft Limit           Hard Limit           " \
	"Units     \n"                                                         \
	"Max cpu time              unlimited            unlimited            " \
	"seconds   \n"                                                         \
	"Max open files            %s                 524288               "   \
	"files     \n"

START_TEST(the_limit_of_open_files_is_the_soft_one_where_there_is_one)
{
	char text[512];

	add_process(42, 100, 0);
	add_process(43, 100, 0);
	snprintf(text, sizeof(text), LIMITS, "1024");
	write_file(42, "limits", text);
	snprintf(text, sizeof(text), LIMITS, "unlimited");
	write_file(43, "limits", text);
	sm_proc_opts_set_fields(opts, "pid,open_files_limit");
	list(NULL);
	ck_assert_int_eq(number_of(42, SMI_PROC_OPEN_FILES_LIMIT), 1024);
	ck_assert(!smi_rec_has(record_of(43), SMI_PROC_OPEN_FILES_LIMIT));
}
END_TEST

START_TEST(what_cannot_be_walked_is_named)
{
	add_process(42, 100, 0);
	write_file(42, "fd", "no directory");
	tree_dir("proc/42/limits");
	sm_proc_opts_set_fields(opts, "pid,open_files,open_files_limit,"
				      "unreadable");
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 2);
	ck_assert_str_eq(sm_proc_unreadable(proc_of(42), 0), "open_files");
	ck_assert_str_eq(sm_proc_unreadable(proc_of(42), 1),
			 "open_files_limit");
	ck_assert_uint_eq(nnotices, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_files");
	TCase *tc = tcase_create("fds");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, only_the_kernels_own_words_make_a_socket, 0,
			    SMI_COUNT(links));
	tcase_add_test(
		tc,
		descriptors_are_counted_and_sockets_among_the_first_three_told);
	tcase_add_test(tc, links_over_the_limit_are_not_read);
	tcase_add_test(
		tc,
		descriptors_over_the_limit_are_counted_and_a_notice_says_so);
	tcase_add_test(
		tc, the_limit_of_open_files_is_the_soft_one_where_there_is_one);
	tcase_add_test(tc, what_cannot_be_walked_is_named);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
