/* SPDX-License-Identifier: MIT */
#include <sys/wait.h>
#include <time.h>

#include "follow-rig.h"
#include "suite.h"

/*
 * A process that writes n lines, numbered from 0, and rotates each n / rotations
 * of them: by renaming up to keep files and making a new one, or by copying and
 * cutting. Between rename and new file it goes on with the old one.
 */
struct load {
	int n, rotations, keep;
	int per_second; /* 0: as fast as it can */
	const char *pack;
	bool copies;
};

static void rotate(const struct load *l, int *fd, int number)
{
	char from[32], to[32];

	for (int i = l->keep - 1; i > 0; i--) {
		for (int k = 0; k < 2; k++) {
			snprintf(from, sizeof(from), "a.%d%s", i,
				 k ? ".gz" : "");
			snprintf(to, sizeof(to), "a.%d%s", i + 1,
				 k ? ".gz" : "");
			(void)!rename(from, to);
		}
	}
	if (l->copies) {
		(void)!system("cp a a.1");
		(void)!ftruncate(*fd, 0);
		return;
	}
	(void)!rename("a", "a.1");
	close(open("a", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	for (int i = 0; i < 3; i++)
		dprintf(*fd, "Aug  4 10:00:01 web a: %d\n", number + i);
	close(*fd);
	*fd = open("a", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (l->pack)
		(void)!system("gzip a.2 2>/dev/null");
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SMI_SEC + t.tv_nsec;
}

static void pace(const struct load *l, int64_t start, int done)
{
	int64_t at, now;

	if (!l->per_second || done % 64)
		return;
	at = start + (int64_t)done * SMI_SEC / l->per_second;
	now = now_ns();
	if (at > now)
		usleep((unsigned)((at - now) / 1000));
}

static void write_load(const struct load *l)
{
	int fd = open("a", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int64_t start = now_ns();
	int every = l->n / l->rotations;

	for (int i = 0; i < l->n; i++) {
		pace(l, start, i);
		if (i && i % every == 0) {
			rotate(l, &fd, i);
			i += l->copies ? 0 : 3;
		}
		/* Two writes, so that there are ends of lines to wait for. */
		if (i % 7 == 0) {
			dprintf(fd, "Aug  4 10:0");
			dprintf(fd, "0:01 web a: %d\n", i);
		} else {
			dprintf(fd, "Aug  4 10:00:01 web a: %d\n", i);
		}
	}
	close(fd);
	_exit(0);
}

/* Counts; text would be much. */
struct tally {
	int next, wrong, last;
};

static int count(const sm_event *ev, void *user)
{
	struct tally *t = user;
	const sm_record *r = sm_event_record(ev);
	int n;

	if (sm_record_kind(r) == SM_KIND_NOTICE)
		puts(sm_notice_text(sm_record_notice(r)));
	if (sm_record_kind(r) != SM_KIND_LINE)
		return 0;
	n = atoi(sm_record_field_str(r, SMI_LINE_MESSAGE));
	if (n != t->next && t->wrong++ < 5)
		printf("line %d came, not %d\n", n, t->next);
	t->next = n + 1;
	return n == t->last ? 42 : 0;
}

static const struct load loads[] = {
	{ 30000, 30, 40, 0, NULL },
	{ 30000, 30, 40, 0, "gzip" },
	{ 20000, 4, 5, 50000, NULL },
	/* Cut twice before a byte of it was read it cannot be told from one that is
	 * new: no faster than it is read. */
	{ 20000, 20, 25, 20000, NULL, .copies = true },
};

static void run_load(const struct load *l)
{
	struct tally t = { .last = l->n - 1 };
	int status;
	pid_t child;

	put_text("a", "");
	follow_files("a", NULL);
	/* It has begun before the first line. */
	go_on();
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child)
		write_load(l);
	ck_assert_int_eq(sm_job_run(job, count, &t), 42);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(t.wrong, 0);
	/* And nothing comes after it. */
	go_on();
	stop("");
}

START_TEST(of_a_log_that_is_written_and_rotated_each_line_comes_once_in_order)
{
	run_load(&loads[_i]);
}
END_TEST

/* SYSMON_LONG_TESTS=1: 50,000 lines a second for a while, 100 rotations. */
START_TEST(a_hundred_rotations_at_full_speed_lose_nothing)
{
	static const struct load l = { 500000, 100, 120, 50000, NULL };

	if (!getenv("SYSMON_LONG_TESTS"))
		return;
	run_load(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("follow load");
	TCase *tc = tcase_create("follow load");

	tcase_add_checked_fixture(tc, follow_setup, follow_teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
		tc,
		of_a_log_that_is_written_and_rotated_each_line_comes_once_in_order,
		0, SMI_COUNT(loads));
	tcase_add_test(tc, a_hundred_rotations_at_full_speed_lose_nothing);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
