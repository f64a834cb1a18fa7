/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsroot.h"
#include "base/users.h"
#include "fail-alloc.h"
#include "suite.h"
#include "tree.h"

static struct smi_fsroot root = { -1, NULL };
static struct smi_buf text;

static void setup(void)
{
	ck_assert_int_eq(smi_fsroot_init(&root, tree_make()), 0);
	text = (struct smi_buf){ 0 };
}

static void teardown(void)
{
	fail_alloc_off();
	smi_buf_free(&text);
	smi_fsroot_done(&root);
	tree_remove();
}

static int read_file(const char *path)
{
	smi_buf_clear(&text);
	return smi_fsroot_read(&root, path, 4096, &text);
}

START_TEST(links_and_dots_stay_below_the_root)
{
	static const char *const paths[] = {
		"/etc/passwd",
		"etc/passwd",
		"/abs",
		"/up",
		"/../etc/passwd",
		"/etc/../../etc/passwd",
		"/dir/deep/../../up",
	};

	tree_text("etc/passwd", "inside");
	tree_text("dir/deep/x", "");
	tree_link("abs", "/etc/passwd");
	tree_link("up", "../../../../../etc/passwd");
	for (size_t i = 0; i < SMI_COUNT(paths); i++) {
		ck_assert_int_eq(read_file(paths[i]), 0);
		ck_assert_str_eq(smi_buf_cstr(&text), "inside");
	}
	/* Of the machine, where /proc/self/exe is a way out. */
	tree_link("dangling", "/proc/self/exe");
	ck_assert_int_eq(read_file("/dangling"), -ENOENT);
}
END_TEST

START_TEST(without_openat2_every_path_leads_to_the_same_place)
{
	static const struct {
		const char *path;
		int flags;
	} cases[] = {
		{ "/etc/passwd", O_RDONLY },
		{ "etc//./passwd", O_RDONLY },
		{ "/abs", O_RDONLY },
		{ "/up", O_RDONLY },
		{ "/../etc/passwd", O_RDONLY },
		{ "/dir/deep/../../up", O_RDONLY },
		{ "/dir/in/x", O_RDONLY },
		{ "/dir/in/../../etc/passwd", O_RDONLY },
		{ "/", O_RDONLY | O_DIRECTORY },
		{ "/dir/..", O_RDONLY | O_DIRECTORY },
		{ "/dir/", O_RDONLY | O_DIRECTORY },
		{ "/none", O_RDONLY },
		{ "", O_RDONLY },
		{ "/none/x", O_RDONLY },
		{ "/etc/passwd/x", O_RDONLY },
		{ "/etc/passwd/", O_RDONLY },
		{ "/loop", O_RDONLY },
		{ "/dangling", O_RDONLY },
		{ "/abs", O_RDONLY | O_NOFOLLOW },
		{ "/etc/passwd", O_RDONLY | O_DIRECTORY },
	};
	struct stat a, b;
	int before = dup(root.fd);

	tree_text("etc/passwd", "inside");
	tree_text("dir/deep/x", "");
	tree_link("dir/in", "/dir/deep");
	tree_link("abs", "/etc/passwd");
	tree_link("up", "../../../../../etc/passwd");
	tree_link("loop", "loop");
	tree_link("dangling", "/proc/self/exe");
	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		SMI_AUTOCLOSE int kernel =
			smi_fsroot_open(&root, cases[i].path, cases[i].flags);
		SMI_AUTOCLOSE int ours =
			smi_fsroot_walk(root.fd, cases[i].path, cases[i].flags);

		if (kernel < 0) {
			ck_assert_int_eq(ours, kernel);
			continue;
		}
		ck_assert_msg(ours >= 0, "%s: %d", cases[i].path, ours);
		ck_assert_int_eq(fstat(kernel, &a), 0);
		ck_assert_int_eq(fstat(ours, &b), 0);
		ck_assert_uint_eq(a.st_ino, b.st_ino);
		ck_assert_int_eq(fcntl(ours, F_GETFD), FD_CLOEXEC);
	}
	/* The walk closed what it opened. */
	close(before);
	ck_assert_int_eq(dup(root.fd), before);
	close(before);
}
END_TEST

START_TEST(what_is_not_there_has_its_errno)
{
	tree_text("file", "x");
	tree_link("loop", "loop");
	ck_assert_int_eq(read_file("/none"), -ENOENT);
	ck_assert_int_eq(read_file("/file/x"), -ENOTDIR);
	ck_assert_int_eq(read_file("/loop"), -ELOOP);
	ck_assert_int_eq(read_file("/"), -EISDIR);
}
END_TEST

START_TEST(a_file_is_read_up_to_its_limit)
{
	static char bytes[70000];

	memset(bytes, 'x', sizeof(bytes));
	tree_file("big", bytes, sizeof(bytes));
	for (size_t max = sizeof(bytes) - 2; max <= sizeof(bytes) + 2; max++) {
		int r;

		smi_buf_clear(&text);
		r = smi_fsroot_read(&root, "/big", max, &text);
		ck_assert_int_eq(r, max < sizeof(bytes) ? -E2BIG : 0);
		if (r == 0)
			ck_assert_uint_eq(text.len, sizeof(bytes));
	}
	tree_text("empty", "");
	smi_buf_clear(&text);
	ck_assert_int_eq(smi_fsroot_read(&root, "/empty", 0, &text), 0);
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

START_TEST(an_endless_file_ends_at_the_limit_and_a_fifo_does_not_block)
{
	struct smi_fsroot real = SMI_FSROOT_NONE;

	ck_assert_int_eq(smi_fsroot_read(&real, "/dev/zero", 100000, &text),
			 -E2BIG);
	tree_fifo("fifo");
	ck_assert_int_eq(read_file("/fifo"), 0);
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

START_TEST(descriptors_are_not_inherited)
{
	struct smi_fsroot real = SMI_FSROOT_NONE;
	SMI_AUTOCLOSE int a = -1;
	SMI_AUTOCLOSE int b = -1;

	tree_text("x", "");
	a = smi_fsroot_open(&root, "/x", O_RDONLY);
	b = smi_fsroot_open(&real, "/", O_RDONLY);
	ck_assert_int_eq(fcntl(a, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(b, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(root.fd, F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(a_root_must_be_a_directory)
{
	struct smi_fsroot other = SMI_FSROOT_NONE;
	char path[5000];

	tree_text("file", "x");
	snprintf(path, sizeof(path), "%s/file", root.path);
	ck_assert_int_eq(smi_fsroot_init(&other, path), -ENOTDIR);
	ck_assert_int_eq(other.fd, -1);
	ck_assert_ptr_null(other.path);
	snprintf(path, sizeof(path), "%s/none", root.path);
	ck_assert_int_eq(smi_fsroot_init(&other, path), -ENOENT);
	fail_alloc_at(1);
	ck_assert_int_eq(smi_fsroot_init(&other, root.path), -ENOMEM);
	ck_assert_int_eq(smi_fsroot_init(&other, NULL), 0);
	ck_assert_int_eq(other.fd, -1);
	smi_fsroot_done(&other);
	/* A zeroed one is no descriptor 0. */
	other = (struct smi_fsroot){ 0 };
	smi_fsroot_done(&other);
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
}
END_TEST

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "toor:x:0:0::/:/bin/sh\n"
			     "\n"
			     "# comment\n"
			     "noid:x\n"
			     "bad:x:12z:1::/:\n"
			     "minus:x:-1:1::/:\n"
			     "none:x:4294967295:1::/:\n"
			     "alice:x:1000:1000:Alice:/home/alice:/bin/sh\n"
			     "alice:x:1001:1001::/:\n"
			     "e\033[31m\xff:x:1002:1::/:\n"
			     "1000:x:1003:1::/:\n"
			     "last:x:4294967294:1::/:";

START_TEST(names_are_those_of_the_passwd_file_below_the_root)
{
	static const struct {
		uint32_t uid;
		const char *name;
	} cases[] = {
		{ 0, "root" },
		{ 1000, "alice" },
		{ 1001, "alice" },
		{ 1002, "e\\x1b[31m\\xff" },
		{ 1003, "1000" },
		{ 12, "12" },
		{ UINT32_MAX, "4294967295" },
		{ 4294967294, "last" },
	};
	struct smi_users *u = NULL;

	tree_text("etc/passwd", passwd);
	ck_assert_int_eq(smi_users_new(&root, &u), 0);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < SMI_COUNT(cases); i++)
			ck_assert_str_eq(smi_users_name(u, cases[i].uid),
					 cases[i].name);
	}
	smi_users_free(u);
}
END_TEST

START_TEST(a_number_is_a_user_when_it_is_nobodys_name)
{
	static const struct {
		const char *name;
		int r;
		uint32_t uid;
	} cases[] = {
		{ "root", 0, 0 },	 { "toor", 0, 0 },
		{ "alice", 0, 1000 },	 { "1000", 0, 1003 },
		{ "1001", 0, 1001 },	 { "77", 0, 77 },
		{ "minus", -ENOENT, 0 }, { "", -ENOENT, 0 },
		{ "-1", -ENOENT, 0 },	 { "4294967295", -ENOENT, 0 },
		{ "Alice", -ENOENT, 0 },
	};
	struct smi_users *u = NULL;

	tree_text("etc/passwd", passwd);
	ck_assert_int_eq(smi_users_new(&root, &u), 0);
	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		uint32_t uid = 4711;

		ck_assert_int_eq(smi_users_uid(u, cases[i].name, &uid),
				 cases[i].r);
		ck_assert_uint_eq(uid, cases[i].r ? 4711 : cases[i].uid);
	}
	smi_users_free(u);
}
END_TEST

START_TEST(without_a_passwd_file_there_are_numbers)
{
	struct smi_users *u = NULL;
	uint32_t uid;

	ck_assert_int_eq(smi_users_new(&root, &u), 0);
	ck_assert_str_eq(smi_users_name(u, 0), "0");
	ck_assert_int_eq(smi_users_uid(u, "root", &uid), -ENOENT);
	smi_users_free(u);
}
END_TEST

START_TEST(the_system_knows_root)
{
	struct smi_fsroot real = SMI_FSROOT_NONE;
	struct smi_users *u = NULL;
	uint32_t uid = 4711;

	ck_assert_int_eq(smi_users_new(&real, &u), 0);
	ck_assert_str_eq(smi_users_name(u, 0), "root");
	ck_assert_int_eq(smi_users_uid(u, "root", &uid), 0);
	ck_assert_uint_eq(uid, 0);
	ck_assert_int_eq(smi_users_uid(u, "no such user", &uid), -ENOENT);
	ck_assert_str_eq(smi_users_name(u, 4026531847), "4026531847");
	smi_users_free(u);
}
END_TEST

/* NULL: memory was out somewhere. */
static bool ask_users(const struct smi_fsroot *where)
{
	struct smi_users *u = NULL;
	int r = smi_users_new(where, &u);
	uint32_t uid;
	bool ok;

	if (r < 0) {
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_ptr_null(u);
		return false;
	}
	ok = smi_users_name(u, 0) && smi_users_name(u, 4026531847);
	if (ok)
		r = smi_users_uid(u, "no such user", &uid);
	smi_users_free(u);
	if (ok && r == -ENOMEM)
		return false;
	ck_assert(!ok || r == -ENOENT);
	return ok;
}

START_TEST(each_failed_allocation_is_told)
{
	struct smi_fsroot real = SMI_FSROOT_NONE;

	tree_text("etc/passwd", passwd);
	for (int k = 0; k < 4; k++) {
		for (int n = 1;; n++) {
			bool ok, hit;

			if (k % 2)
				fail_alloc_from(n);
			else
				fail_alloc_at(n);
			ok = ask_users(k / 2 ? &real : &root);
			hit = fail_alloc_count() >= n;
			fail_alloc_off();
			ck_assert_int_eq(ok, !hit);
			if (!hit)
				break;
			ck_assert_int_lt(n, 1000);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fsroot");
	TCase *tc = tcase_create("fsroot");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, links_and_dots_stay_below_the_root);
	tcase_add_test(tc, without_openat2_every_path_leads_to_the_same_place);
	tcase_add_test(tc, what_is_not_there_has_its_errno);
	tcase_add_test(tc, a_file_is_read_up_to_its_limit);
	tcase_add_test(
		tc,
		an_endless_file_ends_at_the_limit_and_a_fifo_does_not_block);
	tcase_add_test(tc, descriptors_are_not_inherited);
	tcase_add_test(tc, a_root_must_be_a_directory);
	suite_add_tcase(s, tc);

	tc = tcase_create("users");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names_are_those_of_the_passwd_file_below_the_root);
	tcase_add_test(tc, a_number_is_a_user_when_it_is_nobodys_name);
	tcase_add_test(tc, without_a_passwd_file_there_are_numbers);
	tcase_add_test(tc, the_system_knows_root);
	tcase_add_test(tc, each_failed_allocation_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
