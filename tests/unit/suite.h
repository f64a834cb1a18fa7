/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether each test has a process of its own: not so below valgrind. What changes
 * limits for good needs that. */
static inline bool suite_forks(void)
{
	const char *fork = getenv("CK_FORK");

	return !fork || strcmp(fork, "no") != 0;
}

/* The end of a main(): runs the suite, gives the exit status. */
static inline int suite_run(Suite *s)
{
	SRunner *run = srunner_create(s);
	int failed;

	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
