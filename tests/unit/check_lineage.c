/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "fail-alloc.h"
#include "process/lineage.h"
#include "suite.h"
#include "tree.h"

static struct smi_procdir dir;
static struct smi_lineage l;

static void add_stat(int pid, int ppid, const char *name)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	snprintf(text, sizeof(text),
		 "%d (%s) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 5\n",
		 pid, name, ppid, pid * 10);
	tree_text(path, text);
}

static void setup(void)
{
	struct smi_fsroot root;

	ck_assert_int_eq(smi_fsroot_init(&root, tree_make()), 0);
	add_stat(1, 0, "init");
	ck_assert_int_eq(smi_procdir_open(&dir, &root), 0);
	smi_fsroot_done(&root);
	l = (struct smi_lineage){ .dir = &dir };
}

static void teardown(void)
{
	smi_lineage_free(&l);
	ck_assert_uint_eq(l.kin, 0);
	smi_procdir_close(&dir);
	tree_remove();
}

static struct smi_forebear *add(int32_t pid, struct smi_forebear *parent)
{
	struct smi_forebear *k;

	ck_assert_int_eq(smi_lineage_add(&l, pid, parent, &k), 0);
	smi_forebear_rename(k, SMI_SPAN("made"));
	return k;
}

/* "a(1) b(2)" */
static void check_chain(const struct smi_forebear *k, const char *want)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	const char **v;
	char got[1024] = "";
	size_t n = smi_forebear_ancestors(k, &a, &v);

	for (size_t i = 0; i < n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, v[i]);
	}
	ck_assert_str_eq(got, want);
}

START_TEST(ancestors_are_read_when_they_are_first_asked_for)
{
	struct smi_forebear *k;

	add_stat(20, 10, "a b) R 1 (c");
	add_stat(10, 1, "sh\x1b");
	ck_assert_int_eq(smi_lineage_get(&l, 20, &k), 1);
	ck_assert_uint_eq(k->start, 200);
	ck_assert_int_eq(k->ppid, 10);
	check_chain(k, "sh\\x1b(10) init(1)");
	ck_assert_int_eq(smi_lineage_get(&l, 21, &k), 0);
	ck_assert_ptr_null(k);
}
END_TEST

START_TEST(who_has_ended_stays_an_ancestor_as_long_as_a_descendant_lives)
{
	struct smi_forebear *init = add(1, NULL), *shell = add(5, init);
	struct smi_forebear *child = add(6, shell);

	smi_lineage_end(&l, 5);
	ck_assert_ptr_null(smi_lineage_find(&l, 5));
	check_chain(child, "made(5) made(1)");
	/* The number belongs to somebody else by now. */
	add(5, init);
	check_chain(child, "made(5) made(1)");
	ck_assert_uint_eq(l.kin, 4);
	smi_lineage_end(&l, 6);
	ck_assert_uint_eq(l.kin, 2);
}
END_TEST

START_TEST(a_chain_without_end_is_cut)
{
	struct smi_forebear *k = add(1, NULL);

	for (int32_t pid = 2; pid < 1000; pid++) {
		k = add(pid, k);
		smi_lineage_end(&l, pid - 1);
	}
	ck_assert_uint_eq(l.n, 1);
	ck_assert_uint_le(l.kin, SMI_LINEAGE_DEPTH + 1);
	ck_assert_uint_eq(l.evicted, 998 - SMI_LINEAGE_DEPTH);
}
END_TEST

START_TEST(parents_that_go_round_in_a_circle_end_somewhere)
{
	struct smi_forebear *k;

	add_stat(30, 31, "a");
	add_stat(31, 32, "b");
	add_stat(32, 30, "c");
	add_stat(40, 40, "self");
	ck_assert_int_eq(smi_lineage_get(&l, 30, &k), 1);
	check_chain(k, "b(31) c(32)");
	ck_assert_int_eq(smi_lineage_get(&l, 40, &k), 1);
	check_chain(k, "");
}
END_TEST

/* Against an array that knows who lives. */
START_TEST(the_table_finds_who_lives_and_nobody_else)
{
	static bool lives[700];
	uint32_t x = 1;

	for (int i = 0; i < 20000; i++) {
		int32_t pid;

		x = x * 1103515245 + 12345;
		pid = (int32_t)(x >> 16) % 699 + 1;
		if (x & 64)
			add(pid, smi_lineage_find(&l, pid ^ 1));
		else
			smi_lineage_end(&l, pid);
		lives[pid] = x & 64;
		if (i % 1000)
			continue;
		for (int32_t p = 1; p < 700; p++)
			ck_assert_int_eq(smi_lineage_find(&l, p) != NULL,
					 lives[p]);
	}
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	add_stat(20, 1, "x");
	for (int n = 1; n > 0; n++) {
		struct smi_lineage own = { .dir = &dir };
		struct smi_forebear *k;
		int r;

		fail_alloc_at(n);
		r = smi_lineage_get(&own, 20, &k);
		if (fail_alloc_count() < n)
			n = -1;
		fail_alloc_off();
		ck_assert_int_eq(r, n > 0 ? -ENOMEM : 1);
		smi_lineage_free(&own);
		ck_assert_uint_eq(own.kin, 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lineage");
	TCase *tc = tcase_create("lineage");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, ancestors_are_read_when_they_are_first_asked_for);
	tcase_add_test(
		tc,
		who_has_ended_stays_an_ancestor_as_long_as_a_descendant_lives);
	tcase_add_test(tc, a_chain_without_end_is_cut);
	tcase_add_test(tc, parents_that_go_round_in_a_circle_end_somewhere);
	tcase_add_test(tc, the_table_finds_who_lives_and_nobody_else);
	tcase_add_test(tc, out_of_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
