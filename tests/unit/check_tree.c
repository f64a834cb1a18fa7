/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/arena.h"
#include "fail-alloc.h"
#include "process/tree.h"
#include "record/build.h"
#include "suite.h"

#define MOST 4096

static struct smi_arena arena;
static sm_record *list[MOST];

static void teardown(void)
{
	smi_arena_free(&arena);
	arena = (struct smi_arena){ 0 };
}

static sm_record *make(int32_t pid, int32_t ppid)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);

	smi_set_int(r, SMI_PROC_PID, pid);
	smi_set_int(r, SMI_PROC_PPID, ppid);
	return r;
}

struct place {
	int32_t pid, ppid;
	int32_t depth;
};

/* given ascending by pid; then in the order of the tree. */
static void check_order(const struct place *given, const struct place *wanted,
			size_t n)
{
	for (size_t i = 0; i < n; i++)
		list[i] = make(given[i].pid, given[i].ppid);
	ck_assert(smi_tree_sort(list, n));
	for (size_t i = 0; i < n; i++) {
		const sm_record *r = list[i];

		ck_assert_int_eq(r->v[SMI_PROC_PID].i, wanted[i].pid);
		ck_assert_int_eq(r->v[SMI_PROC_DEPTH].i, wanted[i].depth);
	}
}

START_TEST(children_stand_behind_their_parent_by_pid)
{
	static const struct place given[] = { { 1, 0, 0 },  { 2, 0, 0 },
					      { 5, 9, 0 },  { 6, 1, 0 },
					      { 9, 1, 0 },  { 10, 9, 0 },
					      { 12, 2, 0 }, { 13, 77, 0 } };
	static const struct place wanted[] = { { 1, 0, 0 },  { 6, 1, 1 },
					       { 9, 1, 1 },  { 5, 9, 2 },
					       { 10, 9, 2 }, { 2, 0, 0 },
					       { 12, 2, 1 }, { 13, 77, 0 } };

	check_order(given, wanted, SMI_COUNT(given));
}
END_TEST

START_TEST(a_circle_begins_at_its_lowest_pid_and_loses_nobody)
{
	static const struct place given[] = { { 3, 5, 0 }, { 4, 5, 0 },
					      { 5, 3, 0 }, { 6, 3, 0 },
					      { 7, 7, 0 }, { 8, 7, 0 } };
	static const struct place wanted[] = { { 7, 7, 0 }, { 8, 7, 1 },
					       { 3, 5, 0 }, { 5, 3, 1 },
					       { 4, 5, 2 }, { 6, 3, 1 } };

	check_order(given, wanted, SMI_COUNT(given));
}
END_TEST

START_TEST(any_parents_give_every_process_once_and_below_its_parent)
{
	static bool seen[MOST + 1];
	static int32_t path[MOST + 1];
	unsigned state = (unsigned)_i + 1;

	memset(seen, 0, sizeof(seen));
	for (int32_t i = 0; i < MOST; i++) {
		state = state * 1103515245U + 12345U;
		/* The last round is one chain. */
		list[i] =
			make(i + 1, _i == 3 ? i : (int32_t)(state >> 8) % MOST);
	}
	ck_assert(smi_tree_sort(list, MOST));
	for (size_t i = 0; i < MOST; i++) {
		int32_t pid = (int32_t)list[i]->v[SMI_PROC_PID].i;
		int64_t depth = list[i]->v[SMI_PROC_DEPTH].i;

		ck_assert(!seen[pid]);
		seen[pid] = true;
		path[depth] = pid;
		if (depth > 0)
			ck_assert_int_eq(list[i]->v[SMI_PROC_PPID].i,
					 path[depth - 1]);
		if (_i == 3)
			ck_assert_int_eq(depth, (int64_t)i);
	}
}
END_TEST

START_TEST(without_memory_the_list_stays_as_it_was)
{
	list[0] = make(1, 2);
	list[1] = make(2, 0);
	fail_alloc_at(1);
	ck_assert(!smi_tree_sort(list, 2));
	fail_alloc_off();
	ck_assert_int_eq(list[0]->v[SMI_PROC_PID].i, 1);
	ck_assert(smi_tree_sort(list, 0));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tree");
	TCase *t = tcase_create("tree");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, children_stand_behind_their_parent_by_pid);
	tcase_add_test(t, a_circle_begins_at_its_lowest_pid_and_loses_nobody);
	tcase_add_loop_test(
		t, any_parents_give_every_process_once_and_below_its_parent, 0,
		4);
	tcase_add_test(t, without_memory_the_list_stays_as_it_was);
	suite_add_tcase(s, t);
	return suite_run(s);
}
