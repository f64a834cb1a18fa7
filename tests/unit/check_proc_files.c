/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "process/fds.h"
#include "process/proc.h"
#include "process/snapshot.h"
#include "record/sentence.h"
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

/* Lines as kernels write them; addresses are in this machine's byte order. */
#define REST " 00000000:00000000 00:00000000 00000000     0        0 "
#define HEAD                                                                   \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "  \
	"retrnsmt   uid  timeout inode\n"
#define SSH   "   0: 00000000:0016 00000000:0000 0A" REST "501 1 00000000b 1\n"
#define HTTPS "   1: 0100007F:1388 0900A8C0:01BB 01" REST "502 1 00000000b 1\n"
#define GONE  "   2: 0100007F:1389 0900A8C0:01BB 06" REST "0 1 00000000b 1\n"
#define ZERO6 "00000000000000000000000000000000"
#define ONE6  "00000000000000000000000001000000"
#define DB8   "B80D0120000000000000000001000000"
#define MAP6  "0000000000000000FFFF00000900A8C0"

static void add_net(int pid, const char *ns, const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/ns/net", pid);
	tree_link(path, ns);
	snprintf(path, sizeof(path), "net/%s", file);
	write_file(pid, path, text);
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

static const char *variable_of(int pid, size_t i)
{
	const struct smi_strs *v =
		smi_rec_strs(record_of(pid), SM_KIND_PROCESS, SMI_PROC_ENVIRON);

	return v && i < v->n ? v->v[i] : "";
}

START_TEST(no_variable_is_hidden_behind_many_others)
{
	static char text[1 << 16];
	size_t n = 0;

	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "LD_LIBRARY_PATH=/usr/lib%c", 0);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
			      "LD_PRELOAD=/usr/lib/a.so%c"
			      "SECRET=x%cLD_PRELOAD=%cLD_PRELOAD=/tmp/x.so%c",
			      0, 0, 0, 0);
	add_process(42, 100, 0);
	tree_file("proc/42/environ", text, n);
	list_with(SMI_PROC_ENVIRON, SMI_PROC_STATE);
	ck_assert_str_eq(variable_of(42, 0),
			 "LD_PRELOAD=/usr/lib/a.so::/tmp/x.so");
	ck_assert(strncmp(variable_of(42, 1), "LD_LIBRARY_PATH=", 16) == 0);
	ck_assert_str_eq(variable_of(42, 2), "");
}
END_TEST

START_TEST(the_file_of_preloads_is_read_as_the_loader_reads_it)
{
	tree_text("etc/ld.so.preload",
		  "# /opt/no.so\n/opt/x.so\n\n/usr/lib/libjemalloc.so # y\n");
	add_process(1, 100, 0);
	list_with(SMI_PROC_PRELOAD_FILE, SMI_PROC_STATE);
	ck_assert_str_eq(smi_rec_str(record_of(1), SM_KIND_PROCESS,
				     SMI_PROC_PRELOAD_FILE),
			 "/opt/x.so /usr/lib/libjemalloc.so");
}
END_TEST

START_TEST(so_many_arguments_are_kept_as_there_is_memory_for)
{
	static char text[1 << 20];
	const struct smi_strs *v;

	/* None of them has more than one byte. */
	memset(text, 0, sizeof(text));
	text[0] = text[sizeof(text) - 2] = 'x';
	for (int pid = 41; pid < 52; pid++) {
		char path[32];

		add_process(pid, 100, 0);
		snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
		tree_file(path, text, sizeof(text));
	}
	sm_proc_opts_set_fields(opts, "pid,args,unreadable");
	list(NULL);
	v = smi_rec_strs(record_of(41), SM_KIND_PROCESS, SMI_PROC_ARGS);
	ck_assert_uint_eq(v->n, SMI_CMDLINE_MAX / SMI_ARG_WEIGHT);
	ck_assert_str_eq(v->v[0], "x");
	ck_assert_str_eq(v->v[v->n - 1], "");
	v = smi_rec_strs(record_of(51), SM_KIND_PROCESS, SMI_PROC_ARGS);
	ck_assert_uint_eq(v->n, SMI_CMDLINE_MIN / SMI_ARG_WEIGHT);
	v = smi_rec_strs(record_of(51), SM_KIND_PROCESS, SMI_PROC_UNREADABLE);
	ck_assert_uint_eq(v->n, 1);
	ck_assert_str_eq(v->v[0], "args");
}
END_TEST

START_TEST(the_oom_score_is_evidence_of_who_holds_much_memory_only)
{
	add_process(42, 100, 0);
	write_file(42, "oom_score", "1100\n");
	add_process(43, 100, 0);
	write_status(43, "web", "1000\t1000\t1000\t1000", 408);
	write_file(43, "oom_score", "1100\n");
	list_with(SMI_PROC_OOM_NEAR, SMI_PROC_MEMORY_PERCENT);
	ck_assert_int_eq(number_of(42, SMI_PROC_OOM_NEAR), 1100);
	ck_assert(!smi_rec_has(record_of(43), SMI_PROC_OOM_NEAR));
}
END_TEST

START_TEST(the_limit_is_evidence_of_who_has_many_descriptors_only)
{
	static const char limits[] =
		"Limit                     Soft Limit           Hard Limit  "
		"         Units     \n"
		"Max open files            1024                 4096        "
		"         files     \n";

	add_process(42, 100, 0);
	write_file(42, "limits", limits);
	add_process(43, 100, 0);
	write_file(43, "limits", limits);
	for (int fd = 0; fd < 64; fd++)
		add_link(42, fd, "/dev/null");
	for (int fd = 0; fd < 63; fd++)
		add_link(43, fd, "/dev/null");
	list_with(SMI_PROC_OPEN_FILES, SMI_PROC_DESCRIPTORS_NEAR);
	ck_assert_str_eq(smi_rec_str(record_of(42), SM_KIND_PROCESS,
				     SMI_PROC_DESCRIPTORS_NEAR),
			 "64 of 1024");
	ck_assert(!smi_rec_has(record_of(43), SMI_PROC_DESCRIPTORS_NEAR));
	/* The same number where somebody asks for it, too. */
	sm_proc_opts_set_fields(opts, "pid,open_files_limit");
	list_with(SMI_PROC_OPEN_FILES, SMI_PROC_DESCRIPTORS_NEAR);
	ck_assert_int_eq(number_of(42, SMI_PROC_OPEN_FILES_LIMIT), 1024);
}
END_TEST

/* The kernel ends maps with the line of this address, where it has it. */
#define LAST_MAP "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0"

/* Each first read ends somewhere else in the lines, on and around their ends. */
START_TEST(maps_are_read_to_their_end_wherever_a_read_ends)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf got = { 0 };
	struct smi_procdir d = { .fd = tree_open(".") };

	for (size_t at = 4096 - 2 * sizeof(LAST_MAP); at <= 4096 + 2; at++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

		smi_buf_fill(&text, 'a', at - 1);
		smi_buf_str(&text, "\n" LAST_MAP " [vsyscall]\n");
		ck_assert_ptr_nonnull(smi_buf_cstr(&text));
		tree_text("maps", text.p);
		ck_assert_int_eq(
			smi_procdir_read_as(&d, "maps", SMI_PIECES, 8192, &got),
			0);
		ck_assert_uint_eq(got.len, text.len);
		ck_assert_mem_eq(got.p, text.p, text.len);
	}
	smi_procdir_close(&d);
}
END_TEST

/* The list of a package in a tree, with dpkg's own form of the names. */
static void add_package(const char *name, const char *list)
{
	char path[128];

	snprintf(path, sizeof(path), "var/lib/dpkg/info/%s.list", name);
	tree_text(path, list);
}

static const char *package_of(struct smi_packages *t, const char *path)
{
	SMI_AUTOCLOSE int fd = smi_fsroot_open(&ctx->root, path, O_PATH);
	const char *name = "?";
	struct stat st;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	if (smi_packages_find(t, &ctx->root, smi_span_str(path), &st, &name) !=
	    1)
		return "?";
	return name ? name : "";
}

/* What dpkg -S says of the same: dpkg-query(1). */
START_TEST(the_package_of_a_file_is_the_one_that_has_it_in_its_list)
{
	struct smi_packages *t = smi_packages_new();
	struct stat other = { .st_ino = 1 };
	const char *name;

	tree_text("usr/bin/web", "");
	tree_text("usr/bin/sh", "");
	tree_text("usr/bin/sh.real", "");
	tree_text("usr/bin/mine", "");
	tree_link("bin", "usr/bin");
	add_package("web:amd64", "/.\n/usr\n/usr/bin\n/usr/bin/web\n");
	add_package("dash", "/bin\n/bin/sh\n");
	add_package("bash-as-sh", "/bin/sh\n");
	add_package("evil\x1b[2J", "/usr/bin/mine\n");
	tree_text("var/lib/dpkg/info/web.postinst", "/usr/bin/mine\n");
	tree_text("var/lib/dpkg/diversions",
		  "/bin/sh\n/bin/sh.real\nbash-as-sh\n");
	ck_assert_str_eq(package_of(t, "/usr/bin/web"), "web");
	ck_assert_str_eq(package_of(t, "/bin/web"), "web");
	ck_assert_str_eq(package_of(t, "/usr/bin/sh"), "bash-as-sh");
	ck_assert_str_eq(package_of(t, "/bin/sh.real"), "dash");
	ck_assert_str_eq(package_of(t, "/usr/bin/mine"), "");
	/* Another file that is at that path for somebody else. */
	ck_assert_int_eq(smi_packages_find(t, &ctx->root,
					   SMI_SPAN("/usr/bin/web"), &other,
					   &name),
			 0);
	smi_packages_free(t);
}
END_TEST

START_TEST(without_a_database_nothing_is_said_of_packages)
{
	struct smi_packages *t = smi_packages_new();

	tree_text("usr/bin/web", "");
	ck_assert_str_eq(package_of(t, "/usr/bin/web"), "?");
	smi_packages_free(t);
	/* Nor where a part of it cannot be read. */
	t = smi_packages_new();
	tree_text("usr/bin/db", "");
	add_package("web", "/usr/bin/web\n");
	tree_link("var/lib/dpkg/info/db.list", "/nowhere");
	ck_assert_str_eq(package_of(t, "/usr/bin/web"), "web");
	ck_assert_str_eq(package_of(t, "/usr/bin/db"), "?");
	ck_assert(smi_packages_is_cut(t));
	smi_packages_free(t);
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

static const struct {
	enum smi_socket_kind kind;
	const char *line, *text;
	bool listens, has_peer;
} sockets[] = {
	{ SMI_SOCKET_TCP, SSH, "tcp 0.0.0.0:22", true, false },
	{ SMI_SOCKET_TCP, HTTPS,
	  "tcp 127.0.0.1:5000 > 192.168.0.9:443 ESTABLISHED", false, true },
	{ SMI_SOCKET_TCP, "   0: " ZERO6 ":0016 " ZERO6 ":0000 0A" REST "7 1 0",
	  "tcp [::]:22", true, false },
	{ SMI_SOCKET_TCP, "   0: " ONE6 ":1388 " DB8 ":01BB 08" REST "7 1 0",
	  "tcp [::1]:5000 > [2001:db8::1]:443 CLOSE_WAIT", false, true },
	{ SMI_SOCKET_TCP, "   0: " MAP6 ":1388 " MAP6 ":01BB 02" REST "7 1 0",
	  "tcp 192.168.0.9:5000 > 192.168.0.9:443 SYN_SENT", false, true },
	{ SMI_SOCKET_TCP, "   0: " MAP6 ":1388 " MAP6 ":01BB EE" REST "7 1 0",
	  "tcp 192.168.0.9:5000 > 192.168.0.9:443", false, true },
	{ SMI_SOCKET_UDP,
	  "  310: 00000000:0044 00000000:0000 07" REST "7 2 000000003 0",
	  "udp 0.0.0.0:68", true, false },
	{ SMI_SOCKET_UDP,
	  "  310: 0100007F:1388 0900A8C0:0035 01" REST "7 2 000000003 0",
	  "udp 127.0.0.1:5000 > 192.168.0.9:53", false, true },
	{ SMI_SOCKET_RAW,
	  "    1: 00000000:0001 00000000:0000 07" REST "7 2 000000003 0",
	  "raw 0.0.0.0:1", true, false },
	{ SMI_SOCKET_PACKET,
	  "00000000f1 3      3    0003   2     1 0      0      7     ",
	  "packet 0x0003 interface 2", true, false },
	{ SMI_SOCKET_PACKET, "00000000f1 3 3    88cc   0 1 0      0      7",
	  "packet 0x88cc", true, false },
};

START_TEST(sockets_are_read_from_the_lines_of_the_kernel)
{
	char text[SMI_SOCKET_TEXT];
	struct smi_socket s;
	struct smi_span line = smi_span_str(sockets[_i].line);

	line = smi_span_head(line, smi_span_find(line, '\n'));
	ck_assert(smi_socket_parse(line, sockets[_i].kind, &s));
	ck_assert_str_eq(smi_socket_text(&s, text), sockets[_i].text);
	ck_assert_int_eq(smi_socket_listens(&s), sockets[_i].listens);
	ck_assert_int_eq(smi_socket_has_peer(&s), sockets[_i].has_peer);
}
END_TEST

static const char *const no_sockets[] = {
	"",
	HEAD,
	GONE,
	"   0: 00000000:0016 00000000:0000 0A",
	"   0: 0000000:0016 00000000:0000 0A" REST "7",
	"   0: 00000000:00016 00000000:0000 0A" REST "7",
	"   0: 00000000:0016 " ZERO6 ":0000 0A" REST "7",
	"   0: 00000000:0016 00000000:0000 0A" REST "-7",
	"   0: 0000000g:0016 00000000:0000 0A" REST "7",
};

START_TEST(what_is_no_socket_of_a_process_is_left_out)
{
	struct smi_span line = smi_span_str(no_sockets[_i]);
	struct smi_socket s;

	line = smi_span_head(line, smi_span_find(line, '\n'));
	ck_assert(!smi_socket_parse(line, SMI_SOCKET_TCP, &s));
	ck_assert(!smi_socket_parse(line, SMI_SOCKET_PACKET, &s));
}
END_TEST

static const char *item_of(int pid, unsigned field, size_t i)
{
	const struct smi_strs *list =
		smi_rec_strs(record_of(pid), SM_KIND_PROCESS, field);

	ck_assert_ptr_nonnull(list);
	return i < list->n ? list->v[i] : "";
}

START_TEST(descriptors_are_joined_with_the_sockets_of_the_namespace)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	add_net(42, "net:[1]", "tcp", HEAD SSH HTTPS GONE);
	add_link(42, 0, "socket:[502]");
	add_link(42, 1, "socket:[502]");
	add_link(42, 3, "socket:[501]");
	add_link(42, 4, "socket:[999]");
	/* The second one of a namespace is believed to be in the first one's. */
	add_net(43, "net:[1]", "tcp", HEAD);
	add_link(43, 2, "socket:[501]");
	sm_proc_opts_set_fields(opts, "pid,listening,connections");
	list_with(SMI_PROC_STD_PEERS, SMI_PROC_STD_PEER);
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:22");
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 1), "");
	ck_assert_str_eq(item_of(42, SMI_PROC_CONNECTIONS, 0),
			 "tcp 127.0.0.1:5000 > 192.168.0.9:443 ESTABLISHED");
	ck_assert_str_eq(item_of(42, SMI_PROC_CONNECTIONS, 1), "");
	ck_assert_int_eq(number_of(42, SMI_PROC_STD_PEERS), 3);
	ck_assert_str_eq(
		smi_rec_str(record_of(42), SM_KIND_PROCESS, SMI_PROC_STD_PEER),
		"tcp 127.0.0.1:5000 > 192.168.0.9:443 ESTABLISHED");
	ck_assert_str_eq(item_of(43, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:22");
	/* A listener has no peer. */
	ck_assert_int_eq(number_of(43, SMI_PROC_STD_PEERS), 0);
}
END_TEST

START_TEST(each_network_namespace_has_its_own_sockets)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	add_net(42, "net:[1]", "tcp", HEAD SSH);
	add_net(43, "net:[2]", "packet",
		"sk               RefCnt Type Proto  Iface R Rmem   User   "
		"Inode\n00000000f1 3      3    0003   2     1 0      0      "
		"503   \n");
	/* One that came by a descriptor handed over. */
	add_link(43, 3, "socket:[501]");
	add_link(43, 4, "socket:[503]");
	sm_proc_opts_set_fields(opts, "pid,listening");
	list_with(SMI_PROC_RAW_SOCKETS, SMI_PROC_RAW_SOCKETS);
	ck_assert_str_eq(item_of(43, SMI_PROC_LISTENING, 0),
			 "packet 0x0003 interface 2");
	ck_assert_str_eq(item_of(43, SMI_PROC_RAW_SOCKETS, 0),
			 "packet 0x0003 interface 2");
	/* Nothing of 42 was asked for before: it holds no socket. */
	add_link(42, 3, "socket:[501]");
	list(NULL);
	ck_assert_str_eq(item_of(43, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:22");
}
END_TEST

START_TEST(a_table_of_any_length_is_read_whole)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	add_process(42, 100, 0);
	smi_buf_str(&text, HEAD);
	for (int i = 0; i < 1000; i++)
		smi_buf_printf(&text,
			       "%4d: 00000000:%04X 00000000:0000 0A" REST
			       "%d 1 00000000b 1\n",
			       i, i + 1, i + 1001);
	add_net(42, "net:[1]", "tcp", smi_buf_cstr(&text));
	add_link(42, 3, "socket:[1001]");
	add_link(42, 4, "socket:[2000]");
	sm_proc_opts_set_fields(opts, "pid,listening");
	list(NULL);
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:1");
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 1),
			 "tcp 0.0.0.0:1000");
}
END_TEST

START_TEST(no_link_leads_to_sockets_elsewhere)
{
	add_process(42, 100, 0);
	add_link(42, 3, "socket:[501]");
	tree_text("net/tcp", HEAD SSH);
	tree_link("proc/42/net", "../../net");
	sm_proc_opts_set_fields(opts, "pid,listening,unreadable");
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 1);
	ck_assert_str_eq(sm_proc_unreadable(proc_of(42), 0), "listening");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_files");
	TCase *tc = tcase_create("fds");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, only_the_kernels_own_words_make_a_socket, 0,
			    SMI_COUNT(links));
	tcase_add_test(tc, no_variable_is_hidden_behind_many_others);
	tcase_add_test(tc, the_file_of_preloads_is_read_as_the_loader_reads_it);
	tcase_add_test(tc, so_many_arguments_are_kept_as_there_is_memory_for);
	tcase_add_test(
		tc,
		descriptors_are_counted_and_sockets_among_the_first_three_told);
	tcase_add_test(tc,
		       the_oom_score_is_evidence_of_who_holds_much_memory_only);
	tcase_add_test(tc,
		       the_limit_is_evidence_of_who_has_many_descriptors_only);
	tcase_add_test(tc, maps_are_read_to_their_end_wherever_a_read_ends);
	tcase_add_test(
		tc, the_package_of_a_file_is_the_one_that_has_it_in_its_list);
	tcase_add_test(tc, without_a_database_nothing_is_said_of_packages);
	tcase_add_test(tc, links_over_the_limit_are_not_read);
	tcase_add_test(
		tc,
		descriptors_over_the_limit_are_counted_and_a_notice_says_so);
	tcase_add_test(
		tc, the_limit_of_open_files_is_the_soft_one_where_there_is_one);
	tcase_add_test(tc, what_cannot_be_walked_is_named);
	tcase_add_test(tc, fields_come_from_files_that_are_read_for_them_only);
	tcase_add_test(tc,
		       nobody_has_logged_in_where_all_bits_of_loginuid_are_set);
	tcase_add_test(tc, what_is_refused_of_each_file_is_named);
	tcase_add_test(tc, what_costs_much_is_read_of_those_shown_at_the_top);
	tcase_add_test(
		tc,
		a_process_with_the_same_number_adds_nothing_to_the_row_of_another);
	tcase_add_test(tc, what_a_condition_asks_for_is_read_of_all);
	tcase_add_test(tc, a_fifo_in_the_place_of_any_file_stops_nobody);
	suite_add_tcase(s, tc);
	tc = tcase_create("sockets");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, sockets_are_read_from_the_lines_of_the_kernel,
			    0, SMI_COUNT(sockets));
	tcase_add_loop_test(tc, what_is_no_socket_of_a_process_is_left_out, 0,
			    SMI_COUNT(no_sockets));
	tcase_add_test(
		tc, descriptors_are_joined_with_the_sockets_of_the_namespace);
	tcase_add_test(tc, each_network_namespace_has_its_own_sockets);
	tcase_add_test(tc, a_table_of_any_length_is_read_whole);
	tcase_add_test(tc, no_link_leads_to_sockets_elsewhere);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
