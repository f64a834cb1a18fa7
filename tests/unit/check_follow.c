/* SPDX-License-Identifier: MIT */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fail-alloc.h"
#include "follow-rig.h"
#include "suite.h"

START_TEST(what_is_appended_comes_at_once)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	ck_assert(!wakes(0));
	put_text("a", LINE("2\n"));
	gives("1 2 ");
	put_text("a", LINE("3\n") LINE("4\n"));
	gives("1 2 3 4 ");
	stop("1 2 3 4 ");
	ck_assert_str_eq(text_of(&seen.notices), "");
	ck_assert_ptr_nonnull(
		strstr(text_of(&seen.coverage), "a lines 4 matched 0"));
}
END_TEST

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

START_TEST(logs_of_containers_that_start_later_are_followed_too)
{
	ck_assert_int_eq(system("mkdir -p c/" ID "0 new"), 0);
	put_text("c/" ID "0/" ID "0-json.log", LINE("1\n"));
	/* One directory, whatever it is called. */
	follow_files("c", "./c");
	gives("1 ");
	/* Looks are not more frequent than this. */
	usleep(300000);
	put_text("new/" ID "1-json.log", LINE("2\n"));
	ck_assert_int_eq(rename("new", "c/" ID "1"), 0);
	gives("1 2 ");
	put_text("c/" ID "1/" ID "1-json.log", LINE("3\n"));
	gives("1 2 3 ");
	put_text("c/" ID "0/" ID "0-json.log", LINE("4\n"));
	gives("1 2 3 4 ");
	stop("1 2 3 4 ");
	ck_assert_str_eq(text_of(&seen.notices), "");
}
END_TEST

START_TEST(a_directory_of_containers_that_comes_later_is_followed_too)
{
	follow_files("c", NULL);
	gives("");
	usleep(300000);
	ck_assert_int_eq(system("mkdir -p new/" ID "0"), 0);
	put_text("new/" ID "0/" ID "0-json.log", LINE("1\n"));
	ck_assert_int_eq(rename("new", "c"), 0);
	gives("1 ");
	put_text("c/" ID "0/" ID "0-json.log", LINE("2\n"));
	gives("1 2 ");
}
END_TEST

START_TEST(a_line_counts_once_it_has_its_end)
{
	put_text("a", LINE("1\n") "Aug  4 10:00");
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", ":01 web a: half");
	gives("1 ");
	put_text("a", " and half\n");
	gives("1 half and half ");
	stop("1 half and half ");
}
END_TEST

static void put_long_line(void)
{
	static char xs[65538];

	memset(xs, 'x', sizeof(xs) - 1);
	xs[sizeof(xs) - 1] = '\n';
	put("a", xs, sizeof(xs));
}

START_TEST(what_is_left_out_is_told_at_once_but_not_all_the_time)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_long_line();
	put_text("a", LINE("2\n"));
	ck_assert(wakes(5000));
	ck_assert_int_eq(go_on(), -EAGAIN);
	ck_assert_str_eq(text_of(&seen.notices),
			 "90 1 lines of a were left out: longer than 64 KiB\n");
	put_long_line();
	put_long_line();
	put_text("a", LINE("3\n"));
	ck_assert(wakes(5000));
	ck_assert_int_eq(go_on(), -EAGAIN);
	sm_job_cancel(job);
	ck_assert_int_eq(go_on(), -ECANCELED);
	ck_assert_str_eq(text_of(&seen.notices),
			 "90 1 lines of a were left out: longer than 64 KiB\n"
			 "90 2 lines of a were left out: longer than 64 KiB\n");
	ck_assert_ptr_nonnull(strstr(text_of(&seen.coverage), "skipped 3 "));
}
END_TEST

START_TEST(a_last_line_without_an_end_is_not_lost_when_it_is_over)
{
	put_text("a", LINE("1\n") LINE("2"));
	follow_files("a", NULL);
	gives("1 ");
	stop("1 2 ");
}
END_TEST

START_TEST(after_a_rename_the_old_file_is_read_to_its_end_first)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n"));
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", "");
	/* Who writes has not been told yet. */
	put_text("a.1", LINE("3\n") LINE("4, cut"));
	gives("1 2 3 ");
	put_text("a", LINE("5\n"));
	gives("1 2 3 4, cut 5 ");
	put_text("a", LINE("6\n"));
	gives("1 2 3 4, cut 5 6 ");
	stop("1 2 3 4, cut 5 6 ");
	ck_assert_str_eq(text_of(&seen.notices), "");
}
END_TEST

START_TEST(a_late_line_in_the_old_file_comes_where_it_was_written)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("2\n"));
	gives("1 2 ");
	/* A second process that writes, slow to notice. */
	put_text("a.1", LINE("late\n"));
	put_text("a", LINE("3\n"));
	ck_assert(wakes(5000));
	go_on();
	put_text("a", LINE("4\n"));
	gives("1 2 late 3 4 ");
	put_text("a", LINE("5\n"));
	gives("1 2 late 3 4 5 ");
}
END_TEST

START_TEST(rotations_that_came_while_we_were_busy_are_read_in_order)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n"));
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("3\n"));
	ck_assert_int_eq(rename("a.1", "a.2"), 0);
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("4\n"));
	ck_assert_int_eq(rename("a.2", "a.3"), 0);
	ck_assert_int_eq(rename("a.1", "a.2"), 0);
	ck_assert_int_eq(rename("a", "a.1"), 0);
	ck_assert_int_eq(system("gzip a.2"), 0);
	put_text("a", LINE("5\n"));
	gives("1 2 3 4 5 ");
	ck_assert_str_eq(text_of(&seen.notices), "");
}
END_TEST

START_TEST(a_dated_rotation_is_followed_too)
{
	put_text("secure-20260801", LINE("0\n"));
	put_text("secure", LINE("1\n"));
	follow_files("secure", NULL);
	gives("1 ");
	ck_assert_int_eq(rename("secure", "secure-20260802"), 0);
	put_text("secure", LINE("2\n"));
	ck_assert_int_eq(rename("secure", "secure-20260803"), 0);
	put_text("secure", LINE("3\n"));
	gives("1 2 3 ");
}
END_TEST

START_TEST(a_file_that_was_packed_and_removed_is_read_to_its_end)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n"));
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("3\n"));
	ck_assert_int_eq(rename("a.1", "a.2"), 0);
	ck_assert_int_eq(system("gzip a.2"), 0);
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("4\n"));
	gives("1 2 3 4 ");
}
END_TEST

START_TEST(of_a_file_that_was_copied_and_cut_nothing_is_lost)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n") LINE("3, whole"));
	ck_assert_int_eq(go_on(), -EAGAIN);
	put_text("a", "\n" LINE("4\n"));
	ck_assert_int_eq(system("cp a a.1"), 0);
	ck_assert_int_eq(truncate("a", 0), 0);
	put_text("a", "Aug  4 10:00:02 web a: 5\n");
	gives("1 2 3, whole 4 5 ");
	stop("1 2 3, whole 4 5 ");
	ck_assert_str_eq(text_of(&seen.notices), "");
}
END_TEST

START_TEST(
	a_file_that_was_cut_and_grew_larger_than_before_is_read_from_its_start)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	ck_assert_int_eq(truncate("a", 0), 0);
	put_text("a", "Aug  4 10:00:02 web a: 2\n" LINE("3\n") LINE("4\n"));
	gives("1 2 3 4 ");
	ck_assert_str_eq(text_of(&seen.notices),
			 "0 a was cut while it was read: what was written just "
			 "before may be missing\n");
}
END_TEST

START_TEST(a_file_that_was_removed_and_comes_back_is_read_from_its_start)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n"));
	ck_assert_int_eq(unlink("a"), 0);
	gives("1 2 ");
	put_text("a", LINE("3\n"));
	gives("1 2 3 ");
}
END_TEST

START_TEST(what_was_rotated_twice_is_read_before_the_name_comes_back)
{
	put_text("a.1", LINE("0\n"));
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	ck_assert_int_eq(rename("a.1", "a.3"), 0);
	ck_assert_int_eq(rename("a", "a.2"), 0);
	put_text("a.1", LINE("2\n"));
	gives("1 2 ");
	/* An elder is no news when the youngest goes. */
	put_text("a", LINE("3\n"));
	gives("1 2 3 ");
	ck_assert_int_eq(unlink("a"), 0);
	gives("1 2 3 ");
	put_text("a", LINE("4\n"));
	gives("1 2 3 4 ");
}
END_TEST

START_TEST(a_file_that_is_not_there_yet_is_waited_for)
{
	follow_files("a", NULL);
	gives("");
	ck_assert_str_eq(text_of(&seen.notices),
			 "0 a is not there yet: it is waited for\n");
	put_text("a", "");
	ck_assert_int_eq(go_on(), -EAGAIN);
	put_text("a", LINE("1\n"));
	gives("1 ");
}
END_TEST

START_TEST(a_family_is_read_and_its_youngest_followed)
{
	put_text("a.1", LINE("1\n"));
	put_text("a", "");
	follow_files("a", "a.1");
	gives("1 ");
	put_text("a", LINE("2\n"));
	gives("1 2 ");
	ck_assert_int_eq(rename("a.1", "a.2"), 0);
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("3\n"));
	gives("1 2 3 ");
}
END_TEST

START_TEST(a_silent_log_does_not_hold_up_another)
{
	put_text("a", LINE("1\n"));
	put_text("b", LINE("2\n"));
	follow_files("a", "b");
	gives("1 2 ");
	put_text("b", LINE("3\n"));
	gives("1 2 3 ");
	put_text("a", LINE("4\n"));
	gives("1 2 3 4 ");
}
END_TEST

START_TEST(a_fifo_is_read_again_by_the_next_writer)
{
	int fd;

	ck_assert_int_eq(mkfifo("f", 0600), 0);
	follow_files("f", NULL);
	ck_assert_int_eq(go_on(), -EAGAIN);
	for (int i = 0; i < 3; i++) {
		fd = open("f", O_WRONLY | O_CLOEXEC);
		ck_assert_int_eq(smi_write_all(fd, LINE("x\n"), 25), 0);
		ck_assert(wakes(5000));
		ck_assert_int_eq(go_on(), -EAGAIN);
		close(fd);
		go_on();
		ck_assert(!wakes(0));
	}
	stop("x x x ");
}
END_TEST

START_TEST(a_file_whose_place_a_fifo_takes_is_read_on_there)
{
	int fd;

	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n"));
	ck_assert_int_eq(unlink("a"), 0);
	ck_assert_int_eq(mkfifo("a", 0600), 0);
	gives("1 2 ");
	fd = open("a", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(smi_write_all(fd, LINE("3\n"), 25), 0);
	gives("1 2 3 ");
	close(fd);
}
END_TEST

START_TEST(a_directory_in_the_place_of_a_file_is_waited_out)
{
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	ck_assert_int_eq(unlink("a"), 0);
	ck_assert_int_eq(mkdir("a", 0700), 0);
	gives("1 ");
	ck_assert_int_eq(rmdir("a"), 0);
	put_text("a", LINE("2\n"));
	gives("1 2 ");
}
END_TEST

static bool refuse_inotify(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_inotify_init1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { SMI_COUNT(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

START_TEST(without_inotify_a_timer_wakes)
{
	if (!suite_forks() || !refuse_inotify()) {
		puts("SKIP: follow: no seccomp to refuse inotify");
		return;
	}
	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	gives("1 ");
	put_text("a", LINE("2\n"));
	gives("1 2 ");
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("3\n"));
	gives("1 2 3 ");
}
END_TEST

/* What a rotation takes: -ENOMEM, or all of it. */
static int follow_a_rotation(void)
{
	int r;

	put_text("a", LINE("1\n"));
	follow_files("a", NULL);
	if (!job)
		return -ENOMEM;
	r = go_on();
	put_text("a", LINE("2\n"));
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put_text("a", LINE("3\n"));
	if (r == -EAGAIN)
		r = go_on();
	sm_job_cancel(job);
	if (r == -EAGAIN)
		r = go_on();
	return r;
}

START_TEST(every_allocation_that_fails_is_an_error)
{
	for (int n = 1, ok = 0; !ok; n++) {
		int r;

		ck_assert_int_lt(n, 2000);
		seen_free(&seen);
		seen = (struct seen){ 0 };
		fail_alloc_at(n);
		r = follow_a_rotation();
		ok = fail_alloc_count() < n;
		fail_alloc_off();
		if (!seen.lines.failed && !seen.coverage.failed)
			ck_assert(r == -ENOMEM ||
				  (r == -ECANCELED &&
				   !strcmp(messages(), "1 2 3 ")));
		sm_job_free(job);
		job = NULL;
		unlink("a");
		unlink("a.1");
	}
}
END_TEST

static int run_with_state(struct seen *s)
{
	struct smi_log_from from = { SMI_LOG_FILE, "a", -1 };
	struct smi_log_source_opts o = opts_of(&from, 1);

	o.state = "state";
	return run(&o, s);
}

START_TEST(every_allocation_that_fails_with_a_state_is_an_error)
{
	for (int n = 1, ok = 0; !ok; n++) {
		SMI_CLEANUP(seen_free) struct seen s = { 0 };
		int r;

		unlink("a");
		unlink("a.1");
		unlink("state");
		ck_assert_int_lt(n, 2000);
		put_text("a", LINE("1\n"));
		ck_assert_int_eq(run_with_state(&s), 0);
		ck_assert_int_eq(rename("a", "a.1"), 0);
		put_text("a", LINE("2\n"));
		fail_alloc_at(n);
		r = run_with_state(&s);
		ok = fail_alloc_count() < n;
		fail_alloc_off();
		if (!s.lines.failed && !s.coverage.failed)
			ck_assert_int_eq(r, ok ? 0 : -ENOMEM);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("follow");
	TCase *tc = tcase_create("follow");

	tcase_add_checked_fixture(tc, follow_setup, follow_teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, what_is_appended_comes_at_once);
	tcase_add_test(tc,
		       logs_of_containers_that_start_later_are_followed_too);
	tcase_add_test(
		tc, a_directory_of_containers_that_comes_later_is_followed_too);
	tcase_add_test(tc, a_line_counts_once_it_has_its_end);
	tcase_add_test(tc,
		       what_is_left_out_is_told_at_once_but_not_all_the_time);
	tcase_add_test(tc,
		       a_last_line_without_an_end_is_not_lost_when_it_is_over);
	tcase_add_test(tc,
		       after_a_rename_the_old_file_is_read_to_its_end_first);
	tcase_add_test(tc,
		       a_late_line_in_the_old_file_comes_where_it_was_written);
	tcase_add_test(
		tc, rotations_that_came_while_we_were_busy_are_read_in_order);
	tcase_add_test(tc, a_dated_rotation_is_followed_too);
	tcase_add_test(tc,
		       a_file_that_was_packed_and_removed_is_read_to_its_end);
	tcase_add_test(tc, of_a_file_that_was_copied_and_cut_nothing_is_lost);
	tcase_add_test(
		tc,
		a_file_that_was_cut_and_grew_larger_than_before_is_read_from_its_start);
	tcase_add_test(
		tc,
		a_file_that_was_removed_and_comes_back_is_read_from_its_start);
	tcase_add_test(
		tc, what_was_rotated_twice_is_read_before_the_name_comes_back);
	tcase_add_test(tc, a_file_that_is_not_there_yet_is_waited_for);
	tcase_add_test(tc, a_family_is_read_and_its_youngest_followed);
	tcase_add_test(tc, a_silent_log_does_not_hold_up_another);
	tcase_add_test(tc, a_fifo_is_read_again_by_the_next_writer);
	tcase_add_test(tc, a_file_whose_place_a_fifo_takes_is_read_on_there);
	tcase_add_test(tc, a_directory_in_the_place_of_a_file_is_waited_out);
	tcase_add_test(tc, without_inotify_a_timer_wakes);
	tcase_add_test(tc, every_allocation_that_fails_is_an_error);
	tcase_add_test(tc,
		       every_allocation_that_fails_with_a_state_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
