/* SPDX-License-Identifier: MIT */
#ifndef SM_TESTS_API_NOMEM_H
#define SM_TESTS_API_NOMEM_H

/*
 * Fails every allocation of a piece of work in turn. In a test program:
 *
 *	static void scan_once(void *user)
 *	{
 *		... the verb; a result of 0 must be the whole truth, else -ENOMEM;
 *		free everything, so that valgrind sees what is lost ...
 *	}
 *
 *	START_TEST(scan_survives_any_failed_allocation)
 *	{
 *		ck_assert_int_gt(nomem_sweep(scan_once, NULL), 10);
 *	}
 *	END_TEST
 *
 *	int main(int argc, char **argv)
 *	{
 *		nomem_preload(argv);
 *		...
 *
 * Assertions of Check allocate: call nomem_pause() before them in the work. The
 * program is one of API_TESTS in Makemodule.am, like all suites of this directory.
 */

/* Starts the program again with nomem.so preloaded. Exits with 77 where that
 * cannot be: sanitizers bring their own allocator. */
void nomem_preload(char **argv);

/*
 * Runs fn with the 1st, 2nd, ... allocation failing, once with that one only and
 * once with all later ones too, until fn asks for no more than did not fail.
 * The number of allocations that fn makes when none fails.
 */
long nomem_sweep(void (*fn)(void *user), void *user);

/* Inside of fn: no allocation fails from here on. Whether one has failed. */
int nomem_pause(void);

#endif
