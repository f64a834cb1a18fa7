/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail-alloc.h"
#include "process/events.h"
#include "suite.h"

/* What happens to so many that end at once has no room in the ring. */
#define SMALL_RING 4096
#define STORM	   40

static struct smi_procdir dir;
static void *self;

static void setup(void)
{
	static const struct smi_fsroot real = { -1, NULL };

	self = NULL;
	ck_assert_int_eq(smi_procdir_open(&dir, &real), 0);
}

static void teardown(void)
{
	if (self)
		smi_events_bpf.close(self);
	smi_procdir_close(&dir);
}

static bool open_ring(size_t bytes)
{
	int r = smi_events_bpf_open(&dir, bytes, &self);

	if (r < 0)
		printf("SKIP: events by BPF: %s\n", strerror(-r));
	return r == 0;
}

static pid_t start_and_end(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	return pid;
}

static uint64_t take_all(pid_t pid, unsigned *ends)
{
	struct smi_proc_event ev;
	uint64_t n = 0;
	int r;

	while ((r = smi_events_bpf.next(self, &ev)) == 1) {
		n++;
		if (ends && ev.pid == pid && ev.what == SMI_PROC_EXIT)
			++*ends;
	}
	ck_assert_int_eq(r, 0);
	return n;
}

/* Others start and end meanwhile: between two looks at the counters. */
static void check_sum(uint64_t *seen)
{
	for (int tries = 0; tries < 1000; tries++) {
		*seen += take_all(0, NULL);
		if (*seen + smi_events_bpf.lost(self) ==
		    smi_events_bpf_made(self))
			return;
		usleep(1000);
	}
	ck_abort_msg("%llu seen and %llu lost of %llu",
		     (unsigned long long)*seen,
		     (unsigned long long)smi_events_bpf.lost(self),
		     (unsigned long long)smi_events_bpf_made(self));
}

START_TEST(what_a_full_ring_has_no_room_for_is_counted_exactly)
{
	uint64_t seen = 0, lost;

	if (!open_ring(SMALL_RING))
		return;
	for (int round = 0; round < 2; round++) {
		lost = smi_events_bpf.lost(self);
		for (int i = 0; i < STORM; i++)
			start_and_end();
		ck_assert_uint_ge(smi_events_bpf_made(self),
				  2 * STORM * (uint64_t)(round + 1));
		ck_assert_uint_gt(smi_events_bpf.lost(self), lost);
		check_sum(&seen);
		ck_assert_uint_gt(seen, 0);
	}
}
END_TEST

/* Many times around: what was taken is free again. */
START_TEST(a_ring_that_is_read_in_time_loses_nothing)
{
	uint64_t seen = 0;
	unsigned ends = 0;

	if (!open_ring(2 * SMALL_RING))
		return;
	for (int i = 0; i < 3 * STORM; i++)
		seen += take_all(start_and_end(), &ends);
	ck_assert_uint_eq(ends, 3 * STORM);
	check_sum(&seen);
	ck_assert_uint_eq(smi_events_bpf.lost(self), 0);
}
END_TEST

START_TEST(without_memory_nothing_is_opened)
{
	int r = -ENOMEM;

	for (int n = 1; r == -ENOMEM; n++) {
		fail_alloc_at(n);
		r = smi_events_bpf_open(&dir, SMALL_RING, &self);
		if (r == -ENOMEM)
			ck_assert_ptr_null(self);
	}
	fail_alloc_off();
	if (r < 0)
		printf("SKIP: events by BPF: %s\n", strerror(-r));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("events");
	TCase *tc = tcase_create("events");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_a_full_ring_has_no_room_for_is_counted_exactly);
	tcase_add_test(tc, a_ring_that_is_read_in_time_loses_nothing);
	tcase_add_test(tc, without_memory_nothing_is_opened);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
