/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/dl.h"
#include "base/owner.h"
#include "fail-alloc.h"
#include "suite.h"

START_TEST(copies_have_their_own_memory)
{
	SMI_AUTOFREE char *a = smi_strdup("abc");
	SMI_AUTOFREE char *b = smi_strndup("abcdef", 2);
	SMI_AUTOFREE char *c = smi_memdup("a\0b", 3);
	SMI_AUTOFREE void *d = smi_memdup(NULL, 0);

	ck_assert_str_eq(a, "abc");
	ck_assert_str_eq(b, "ab");
	ck_assert_int_eq(memcmp(c, "a\0b", 3), 0);
	ck_assert_ptr_nonnull(d);
}
END_TEST

START_TEST(an_array_that_cannot_be_is_null)
{
	ck_assert_ptr_null(smi_realloc_array(NULL, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(smi_strndup("", SIZE_MAX));
}
END_TEST

START_TEST(without_memory_there_is_no_copy)
{
	fail_alloc_from(1);
	ck_assert_ptr_null(smi_strdup("abc"));
	ck_assert_ptr_null(smi_strndup("abc", 2));
	ck_assert_ptr_null(smi_memdup("abc", 2));
	ck_assert_ptr_null(smi_realloc_array(NULL, 1, 2));
	fail_alloc_off();
}
END_TEST

START_TEST(take_gives_a_pointer_away)
{
	SMI_AUTOFREE char *mine = smi_strdup("x");
	SMI_AUTOFREE char *yours = smi_take(&mine);

	ck_assert_ptr_null(mine);
	ck_assert_str_eq(yours, "x");
}
END_TEST

START_TEST(closing_keeps_errno)
{
	int fd = dup(0), bad = -1;

	errno = EBADMSG;
	smi_closep(&fd);
	smi_closep(&bad);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(errno, EBADMSG);
	fd = 1 << 20;
	smi_closep(&fd);
	ck_assert_int_eq(errno, EBADMSG);
}
END_TEST

START_TEST(all_is_written_through_a_pipe)
{
	static char text[300000], back[sizeof(text)];
	size_t got = 0;
	int fd[2];

	memset(text, 'x', sizeof(text));
	ck_assert_int_eq(pipe(fd), 0);
	if (fork() == 0) {
		int r;

		close(fd[0]);
		r = smi_write_all(fd[1], text, sizeof(text));
		_exit(r < 0);
	}
	close(fd[1]);
	for (;;) {
		ptrdiff_t n = smi_read(fd[0], back + got, sizeof(back) - got);

		ck_assert_int_ge(n, 0);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	close(fd[0]);
	ck_assert_uint_eq(got, sizeof(text));
	ck_assert_int_eq(memcmp(text, back, sizeof(text)), 0);
}
END_TEST

START_TEST(failed_reads_and_writes_give_their_errno)
{
	SMI_AUTOCLOSE int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	char c;

	ck_assert_int_eq(smi_read(-1, &c, 1), -EBADF);
	ck_assert_int_eq(smi_write_all(-1, "x", 1), -EBADF);
	ck_assert_int_eq(smi_write_all(-1, NULL, 0), 0);
	if (fd >= 0)
		ck_assert_int_eq(smi_write_all(fd, "x", 1), -ENOSPC);
}
END_TEST

struct fns {
	size_t (*strlen)(const char *s);
	void (*no_such_name)(void);
};

START_TEST(a_library_fills_its_table)
{
	static const struct smi_dl_sym syms[] = {
		SMI_DL_SYM(struct fns, strlen),
	};
	struct fns fns = { NULL, NULL };
	struct smi_dl dl = { NULL };
	char why[100] = "";

	ck_assert_int_eq(smi_dl_open(&dl, "libc.so.6", syms, SMI_COUNT(syms),
				     &fns, why, sizeof(why)),
			 0);
	ck_assert_uint_eq(fns.strlen("four"), 4);
	smi_dl_close(&dl);
	ck_assert_ptr_null(dl.handle);
	smi_dl_close(&dl);
}
END_TEST

START_TEST(a_missing_library_or_name_says_which)
{
	static const struct smi_dl_sym syms[] = {
		SMI_DL_SYM(struct fns, strlen),
		SMI_DL_SYM(struct fns, no_such_name),
	};
	struct fns fns = { NULL, NULL };
	struct smi_dl dl = { NULL };
	char why[200] = "";

	ck_assert_int_eq(smi_dl_open(&dl, "libc.so.6", syms, SMI_COUNT(syms),
				     &fns, why, sizeof(why)),
			 -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(why, "no_such_name"));
	ck_assert_ptr_null(fns.strlen);
	ck_assert_ptr_null(dl.handle);
	ck_assert_int_eq(smi_dl_open(&dl, "libnowhere.so.0", syms, 1, &fns, why,
				     sizeof(why)),
			 -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(why, "libnowhere.so.0"));
	ck_assert_int_eq(
		smi_dl_open(&dl, "libnowhere.so.0", syms, 1, &fns, NULL, 0),
		-ENOTSUP);
}
END_TEST

static bool is_childs(const struct smi_owner *o)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(smi_owner_is_me(o));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_forked_child_owns_nothing_of_its_parent)
{
	struct smi_owner o;

	smi_owner_init(&o);
	ck_assert(smi_owner_is_me(&o));
	ck_assert(!is_childs(&o));
	ck_assert(smi_owner_is_me(&o));
	/* The same where the kernel has no such pages. */
	smi_owner_done(&o);
	ck_assert(smi_owner_is_me(&o));
	ck_assert(!is_childs(&o));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_test(tc, copies_have_their_own_memory);
	tcase_add_test(tc, an_array_that_cannot_be_is_null);
	tcase_add_test(tc, without_memory_there_is_no_copy);
	tcase_add_test(tc, take_gives_a_pointer_away);
	tcase_add_test(tc, closing_keeps_errno);
	tcase_add_test(tc, all_is_written_through_a_pipe);
	tcase_add_test(tc, failed_reads_and_writes_give_their_errno);
	suite_add_tcase(s, tc);

	tc = tcase_create("dl");
	tcase_add_test(tc, a_library_fills_its_table);
	tcase_add_test(tc, a_missing_library_or_name_says_which);
	tcase_add_test(tc, a_forked_child_owns_nothing_of_its_parent);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
