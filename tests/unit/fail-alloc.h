/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAIL_ALLOC_H
#define TESTS_FAIL_ALLOC_H

/*
 * Linked into a unit test in place of lib/base/alloc.c: the library's calls are
 * counted, and the nth from now on fails (1 is the next one).
 */
void fail_alloc_at(int n);   /* that one only */
void fail_alloc_from(int n); /* that one and all later ones */
void fail_alloc_off(void);
/* Calls since the last at, from or off. */
int fail_alloc_count(void);

#endif
