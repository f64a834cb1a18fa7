/* SPDX-License-Identifier: MIT */
#include <fcntl.h>

#include "base/span.h"
#include "files-rig.h"
#include "process/memo.h"
#include "process/packages.h"
#include "process/reuse.h"

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

static void add_script(int pid, const char *script)
{
	char path[32], text[64];
	int n = snprintf(text, sizeof(text), "bash%c--norc%c-e%c%s", 0, 0, 0,
			 script);

	add_process(pid, 100, 0);
	snprintf(path, sizeof(path), "proc/%d/exe", pid);
	tree_link(path, "/bin/bash");
	snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
	tree_file(path, text, (size_t)n + 1);
}

START_TEST(a_script_in_a_descriptor_of_its_shell_has_not_been_deleted)
{
	add_script(42, "/srv/gone.sh");
	add_script(43, "/dev/fd/63");
	add_script(44, "/proc/self/fd/63");
	sm_proc_opts_set_fields(opts, "pid,exe");
	list_with(SMI_PROC_SCRIPT_DELETED, SMI_PROC_ARGS);
	ck_assert_str_eq(smi_rec_str(record_of(42), SM_KIND_PROCESS,
				     SMI_PROC_SCRIPT_DELETED),
			 "/srv/gone.sh");
	ck_assert(!smi_rec_has(record_of(43), SMI_PROC_SCRIPT_DELETED));
	ck_assert(!smi_rec_has(record_of(44), SMI_PROC_SCRIPT_DELETED));
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
	list_with(SMI_PROC_OPEN_FILES, SMI_PROC_DESCRIPTORS_LIMIT);
	ck_assert_int_eq(number_of(42, SMI_PROC_DESCRIPTORS_LIMIT), 1024);
	ck_assert(!smi_rec_has(record_of(43), SMI_PROC_DESCRIPTORS_LIMIT));
	/* The same number where somebody asks for it, too. */
	sm_proc_opts_set_fields(opts, "pid,open_files_limit");
	list_with(SMI_PROC_OPEN_FILES, SMI_PROC_DESCRIPTORS_LIMIT);
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

START_TEST(a_notice_names_the_first_process_whose_maps_are_cut)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	while (text.len <= SMI_MAPS_MAX)
		smi_buf_str(&text, LAST_MAP " [vsyscall]\n");
	ck_assert_ptr_nonnull(smi_buf_cstr(&text));
	for (int pid = 41; pid < 44; pid++) {
		add_process(pid, 100, 0);
		write_file(pid, "maps", pid > 41 ? text.p : "");
	}
	sm_proc_opts_set_fields(opts, "pid");
	list_with(SMI_PROC_MAPS, SMI_PROC_MAPS);
	ck_assert_uint_eq(nnotices, 1);
	ck_assert_ptr_nonnull(strstr(notice, "2 environments or memory maps"));
	ck_assert_ptr_nonnull(strstr(notice, "of process 42,"));
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
	struct smi_package_of found, again;
	struct stat st;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(smi_packages_find(t, &ctx->root, smi_span_str(path),
					   &st, &st, &found),
			 0);
	ck_assert_int_eq(smi_packages_known(t, smi_span_str(path), &st, &again),
			 1);
	ck_assert_int_eq(again.is_told, found.is_told);
	ck_assert_ptr_eq(again.name, found.name);
	if (!found.is_told)
		return "?";
	return found.name ? found.name : "";
}

/* What dpkg -S says of the same: dpkg-query(1). */
START_TEST(the_package_of_a_file_is_the_one_that_has_it_in_its_list)
{
	struct smi_packages *t = smi_packages_new();
	struct stat other = { .st_ino = 1 }, here = { .st_ino = 2 };
	struct smi_package_of found;

	tree_text("usr/bin/web", "");
	tree_text("usr/bin/sh", "");
	tree_text("usr/bin/sh.real", "");
	tree_text("usr/bin/mine", "");
	tree_text("usr/share/web/run", "");
	tree_text("usr/share/web/mine", "");
	tree_link("bin", "usr/bin");
	add_package("web:amd64", "/.\n/usr\n/usr/bin\n/usr/bin/web\n"
				 "/usr/share/web/run\n");
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
	ck_assert_str_eq(package_of(t, "/usr/share/web/mine"), "");
	ck_assert_str_eq(package_of(t, "/usr/share/web/run"), "web");
	ck_assert_str_eq(package_of(t, "/bin/web"), "web");
	/* Another file that is at that path for somebody else, and none. */
	ck_assert_int_eq(smi_packages_find(t, &ctx->root,
					   SMI_SPAN("/usr/bin/web"), &other,
					   &here, &found),
			 0);
	ck_assert(found.is_elsewhere && !found.is_told);
	ck_assert_int_eq(smi_packages_find(t, &ctx->root,
					   SMI_SPAN("/usr/bin/web"), &other,
					   NULL, &found),
			 0);
	ck_assert(!found.is_elsewhere && !found.is_told);
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

static void write_last_pid(int pid)
{
	char text[64];

	snprintf(text, sizeof(text), "0.1 0.2 0.3 1/99 %d\n", pid);
	tree_text("proc/loadavg", text);
}

/* One thing that a kernel never does: to give a number that it has not come by. */
START_TEST(only_numbers_that_were_given_since_can_be_of_another_process)
{
	struct smi_procdir d = { .fd = -1 };
	struct smi_reuse r = { .max = 0 };
	int64_t at = SMI_SEC;

	ck_assert_int_eq(smi_procdir_open(&d, &ctx->root), 0);
	ck_assert(smi_reuse_may_be(&r, &d, 5, at));
	tree_text("proc/sys/kernel/pid_max", "4194304\n");
	write_last_pid(4194000);
	smi_reuse_begin(&r, &d, at);
	ck_assert(!smi_reuse_may_be(&r, &d, 4194000, at));
	ck_assert(!smi_reuse_may_be(&r, &d, 4193999, at));
	ck_assert(!smi_reuse_may_be(&r, &d, 300, at));
	/* They begin anew behind the last one. */
	write_last_pid(500);
	at += 3 * SMI_MSEC;
	ck_assert(smi_reuse_may_be(&r, &d, 4194001, at));
	ck_assert(smi_reuse_may_be(&r, &d, 300, at));
	ck_assert(smi_reuse_may_be(&r, &d, 500, at));
	ck_assert(!smi_reuse_may_be(&r, &d, 90000, at));
	ck_assert(!smi_reuse_may_be(&r, &d, 4194000, at));
	/* In a minute they can have come round. */
	at += 60 * SMI_SEC;
	ck_assert(smi_reuse_may_be(&r, &d, 90000, at));
	smi_procdir_close(&d);
}
END_TEST

static const struct smi_likeness here = {
	.exe = { 1, 2, 3, 4 },
	.exe_dev = 5,
	.exe_inode = 6,
	.cgroups = 7,
};

START_TEST(only_the_program_that_was_seen_is_taken_for_that_of_others)
{
	struct smi_memo_exe exe = {
		.link = SMI_SPAN("/usr/bin/web"),
		.file = { .st_dev = 5, .st_ino = 66 },
	};
	struct smi_likeness other = here, unknown = { .cgroups = 7 };
	struct smi_memo m = { .arena = { 0 } };

	/* It has become another since. */
	ck_assert_int_eq(smi_memo_keep_exe(&m, &here, &exe), 0);
	ck_assert_ptr_null(smi_memo_exe(&m, &here));
	exe.file.st_ino = 6;
	ck_assert_int_eq(smi_memo_keep_exe(&m, &here, &exe), 0);
	ck_assert_ptr_nonnull(smi_memo_exe(&m, &here));
	ck_assert(
		smi_span_eq_str(smi_memo_exe(&m, &here)->link, "/usr/bin/web"));
	/* The same file by another mount, or below another root. */
	for (int i = 0; i < 4; i++) {
		other = here;
		other.exe[i]++;
		ck_assert_ptr_null(smi_memo_exe(&m, &other));
	}
	ck_assert_int_eq(smi_memo_keep_exe(&m, &unknown, &exe), 0);
	ck_assert_ptr_null(smi_memo_exe(&m, &unknown));
	smi_memo_forget(&m);
	ck_assert_ptr_null(smi_memo_exe(&m, &here));
	smi_memo_free(&m);
}
END_TEST

START_TEST(what_one_process_says_of_its_cgroups_is_not_taken_for_all)
{
	struct smi_likeness unknown = { .exe_inode = 6 };
	struct smi_memo m = { .arena = { 0 } };
	struct smi_span path;

	/* It was moved since it was seen. */
	ck_assert_int_eq(smi_memo_keep_cgroup(&m, &here, SMI_SPAN("/b")), 0);
	ck_assert(!smi_memo_cgroup(&m, &here, &path));
	ck_assert_int_eq(smi_memo_keep_cgroup(&m, &here, SMI_SPAN("/a")), 0);
	ck_assert(!smi_memo_cgroup(&m, &here, &path));
	ck_assert_int_eq(smi_memo_keep_cgroup(&m, &here, SMI_SPAN("/a")), 0);
	ck_assert(smi_memo_cgroup(&m, &here, &path));
	ck_assert(smi_span_eq_str(path, "/a"));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(smi_memo_keep_cgroup(&m, &unknown, path), 0);
	ck_assert(!smi_memo_cgroup(&m, &unknown, &path));
	smi_memo_free(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_evidence");
	TCase *tc = tcase_create("proc_evidence");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_variable_is_hidden_behind_many_others);
	tcase_add_test(
		tc, a_script_in_a_descriptor_of_its_shell_has_not_been_deleted);
	tcase_add_test(tc, the_file_of_preloads_is_read_as_the_loader_reads_it);
	tcase_add_test(tc, so_many_arguments_are_kept_as_there_is_memory_for);
	tcase_add_test(tc,
		       the_oom_score_is_evidence_of_who_holds_much_memory_only);
	tcase_add_test(tc,
		       the_limit_is_evidence_of_who_has_many_descriptors_only);
	tcase_add_test(tc, a_notice_names_the_first_process_whose_maps_are_cut);
	tcase_add_test(tc, maps_are_read_to_their_end_wherever_a_read_ends);
	tcase_add_test(
		tc, the_package_of_a_file_is_the_one_that_has_it_in_its_list);
	tcase_add_test(tc, without_a_database_nothing_is_said_of_packages);
	tcase_add_test(
		tc,
		only_numbers_that_were_given_since_can_be_of_another_process);
	tcase_add_test(
		tc, only_the_program_that_was_seen_is_taken_for_that_of_others);
	tcase_add_test(
		tc, what_one_process_says_of_its_cgroups_is_not_taken_for_all);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
