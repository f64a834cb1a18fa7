/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/base.h"

static atomic_int calls, fail_at;
static atomic_bool sticky;

static void set(int n, bool all_later)
{
	sticky = all_later;
	fail_at = n;
	calls = 0;
}

void fail_alloc_at(int n)
{
	set(n, false);
}

void fail_alloc_from(int n)
{
	set(n, true);
}

void fail_alloc_off(void)
{
	set(0, false);
}

int fail_alloc_count(void)
{
	return calls;
}

static bool fails(void)
{
	int n = ++calls, at = fail_at;

	return at && (n == at || (sticky && n > at));
}

void *smi_alloc(size_t size)
{
	return fails() ? NULL : malloc(size ? size : 1);
}

void *smi_zalloc(size_t size)
{
	return fails() ? NULL : calloc(1, size ? size : 1);
}

void *smi_realloc(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size ? size : 1);
}
