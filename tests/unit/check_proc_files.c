/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "files-rig.h"
#include "process/fds.h"
#include "record/sentence.h"

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

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
	ck_assert_int_eq(smi_fds_read(&d, 42, "proc/42/fd", 3, &fds), 0);
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

static void expect(int pid, unsigned field, const char *want)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_sentence_value(&text, record_of(pid), field);
	ck_assert_str_eq(smi_buf_cstr(&text), want);
}

START_TEST(fields_come_from_files_that_are_read_for_them_only)
{
	add_process(42, 100, 0);
	write_file(42, "io",
		   "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\n"
		   "write_bytes: 8192\ncancelled_write_bytes: 5\n");
	write_file(42, "smaps_rollup",
		   "00400000-7fff000 ---p 00000000 00:00 0    [rollup]\n"
		   "Rss:   99 kB\nPss:   20 kB\nPss_Dirty:  7 kB\n"
		   "Private_Clean:   1 kB\nPrivate_Dirty:   2 kB\n"
		   "Shared_Hugetlb:  9 kB\nPrivate_Hugetlb: 2048 kB\n");
	write_file(42, "oom_score", "667\n");
	write_file(42, "loginuid", "1000");
	write_file(42, "cgroup", "0::/system.slice/ssh.service\n");
	tree_link("proc/42/cwd", "/srv/a b");
	tree_link("proc/42/root", "/");
	tree_link("proc/42/ns/net", "net:[4026531840]");
	tree_link("proc/42/ns/mnt", "mnt:[4026531841]");
	tree_link("proc/42/ns/pid", "uts:[4026531842]");
	sm_proc_opts_set_fields(opts, "pid,read_bytes,write_bytes,pss,uss,cwd,"
				      "root,namespaces,oom_score,login_user,"
				      "unit,slice,unreadable");
	list(NULL);
	expect(42, SMI_PROC_READ_BYTES, "4096");
	expect(42, SMI_PROC_WRITE_BYTES, "8192");
	expect(42, SMI_PROC_PSS, "20480");
	expect(42, SMI_PROC_USS, "2100224"); /* (1 + 2 + 2048) KiB */
	expect(42, SMI_PROC_CWD, "/srv/a b");
	expect(42, SMI_PROC_ROOT, "/");
	expect(42, SMI_PROC_NAMESPACES, "mnt:4026531841, net:4026531840");
	expect(42, SMI_PROC_OOM_SCORE, "667");
	expect(42, SMI_PROC_LOGIN_USER, "carl");
	expect(42, SMI_PROC_UNIT, "ssh.service");
	expect(42, SMI_PROC_SLICE, "system.slice");
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 0);
}
END_TEST

/* Three processes, the largest last, of which the first two tell nothing. */
static void add_three(void)
{
	char path[64];

	for (int pid = 42; pid <= 44; pid++) {
		add_process(pid, 100, 0);
		write_status(pid, "web", "0\t0\t0\t0", pid);
		snprintf(path, sizeof(path), "proc/%d/smaps_rollup", pid);
		if (pid < 44)
			tree_dir(path);
		else
			tree_text(path, "Pss:   20 kB\n");
	}
	add_link(44, 3, "socket:[501]");
	add_net(44, "net:[1]", "tcp", HEAD SSH);
	sm_proc_opts_set_fields(opts, "pid,pss,listening,unreadable");
	sm_proc_opts_set_sort(opts, SM_PROC_BY_MEMORY);
}

START_TEST(what_costs_much_is_read_of_those_shown_at_the_top)
{
	add_three();
	sm_proc_opts_set_top(opts, 1);
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
	expect(44, SMI_PROC_PSS, "20480");
	expect(44, SMI_PROC_LISTENING, "tcp 0.0.0.0:22");
	ck_assert_uint_eq(nnotices, 0);
	sm_proc_opts_set_top(opts, 2);
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(43)), 1);
	ck_assert_str_eq(sm_proc_unreadable(proc_of(43), 0), "pss");
	ck_assert_ptr_nonnull(strstr(notice, "1 of 3 processes could not"));
	sm_proc_opts_set_top(opts, 0);
	list(NULL);
	ck_assert_ptr_nonnull(strstr(notice, "2 of 3 processes could not"));
}
END_TEST

START_TEST(a_process_with_the_same_number_adds_nothing_to_the_row_of_another)
{
	struct smi_snapshot s = { .dir.fd = -1 };
	struct smi_fieldset none = { { 0, 0 } };
	struct smi_arena a = { 0 };
	sm_record *rec;

	add_three();
	smi_fieldset_add(&s.fields, SMI_PROC_PSS);
	ck_assert_int_eq(smi_procdir_open(&s.dir, &ctx->root), 0);
	smi_snapshot_defer(&s, &none);
	ck_assert_int_eq(smi_snapshot_prepare(&s, ctx), 0);
	ck_assert_int_eq(smi_snapshot_take(&s, &a, 44, NULL, &rec), 1);
	write_stat(44, "web", 0, 1, 101, 0);
	ck_assert_int_eq(smi_snapshot_add_late(&s, &a, rec), 0);
	ck_assert(!smi_rec_has(rec, SMI_PROC_PSS));
	write_stat(44, "web", 0, 1, 100, 0);
	ck_assert_int_eq(smi_snapshot_add_late(&s, &a, rec), 1);
	ck_assert(smi_rec_has(rec, SMI_PROC_PSS));
	smi_snapshot_free(&s);
	smi_arena_free(&a);
}
END_TEST

START_TEST(what_a_condition_asks_for_is_read_of_all)
{
	add_three();
	sm_proc_opts_set_top(opts, 1);
	ck_assert_int_eq(sm_proc_opts_set_filter(opts, "pss > 0"), 0);
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
	ck_assert_ptr_nonnull(strstr(notice, "2 of 3 processes could not"));
}
END_TEST

START_TEST(nobody_has_logged_in_where_all_bits_of_loginuid_are_set)
{
	add_process(42, 100, 0);
	write_file(42, "loginuid", "4294967295");
	sm_proc_opts_set_fields(opts, "pid,login_user");
	list(NULL);
	ck_assert(!smi_rec_has(record_of(42), SMI_PROC_LOGIN_USER));
}
END_TEST

START_TEST(what_is_refused_of_each_file_is_named)
{
	static const char *const files[] = { "cwd", "ns", "smaps_rollup",
					     "loginuid", "io" };
	const char *want[] = { "uss", "cwd", "namespaces", "login_user" };

	add_process(42, 100, 0);
	for (size_t i = 0; i < SMI_COUNT(files); i++) {
		char path[64];

		snprintf(path, sizeof(path), "proc/42/%s", files[i]);
		if (i > 1)
			tree_dir(path);
		else
			tree_text(path, "no link, no directory");
	}
	sm_proc_opts_set_fields(opts, "pid,uss,cwd,namespaces,login_user,"
				      "oom_score,unreadable");
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), SMI_COUNT(want));
	for (size_t i = 0; i < SMI_COUNT(want); i++)
		ck_assert_str_eq(sm_proc_unreadable(proc_of(42), i), want[i]);
}
END_TEST

START_TEST(a_fifo_in_the_place_of_any_file_stops_nobody)
{
	static const char *const files[] = {
		"cmdline", "cgroup",   "io",	  "smaps_rollup",
		"limits",  "loginuid", "fd",	  "oom_score",
		"cwd",	   "ns",       "net/tcp",
	};

	write_stat(42, "web", 0, 1, 100, 0);
	write_status(42, "web", "0\t0\t0\t0", 1);
	for (size_t i = 0; i < SMI_COUNT(files); i++) {
		char path[64];

		snprintf(path, sizeof(path), "proc/42/%s", files[i]);
		tree_fifo(path);
	}
	add_process(43, 100, 0);
	add_link(43, 3, "socket:[501]");
	add_net(43, "net:[1]", "udp", HEAD);
	tree_fifo("proc/43/net/tcp");
	sm_proc_opts_set_fields(opts, "pid,name,cmdline,cgroup,read_bytes,pss,"
				      "open_files_limit,login_user,open_files,"
				      "oom_score,cwd,namespaces,listening");
	list(NULL);
	ck_assert_str_eq(sm_proc_name(proc_of(42)), "web");
	ck_assert_str_eq(sm_proc_name(proc_of(43)), "web");
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
	TCase *tc = tcase_create("proc_files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc,
		descriptors_are_counted_and_sockets_among_the_first_three_told);
	tcase_add_test(tc, links_over_the_limit_are_not_read);
	tcase_add_test(
		tc,
		descriptors_over_the_limit_are_counted_and_a_notice_says_so);
	tcase_add_test(
		tc, the_limit_of_open_files_is_the_soft_one_where_there_is_one);
	tcase_add_test(tc, fields_come_from_files_that_are_read_for_them_only);
	tcase_add_test(tc, what_costs_much_is_read_of_those_shown_at_the_top);
	tcase_add_test(
		tc,
		a_process_with_the_same_number_adds_nothing_to_the_row_of_another);
	tcase_add_test(tc, what_a_condition_asks_for_is_read_of_all);
	tcase_add_test(tc,
		       nobody_has_logged_in_where_all_bits_of_loginuid_are_set);
	tcase_add_test(tc, what_is_refused_of_each_file_is_named);
	tcase_add_test(tc, a_fifo_in_the_place_of_any_file_stops_nobody);
	tcase_add_test(tc, what_cannot_be_walked_is_named);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
