/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: the Nth allocation of the process fails, whoever asks: the library,
 * PCRE2, libyaml or libc. nomem.h is how tests use it. For other programs the
 * environment says when: NOMEM_AT=N (that one) or NOMEM_FROM=N (all from it on).
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void nomem_arm(long n, int sticky);
EXPORT long nomem_disarm(void);

static atomic_long calls, fail_at;
static atomic_bool armed, fail_on;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static void (*real_free)(void *);

/* What dlsym() itself asks for before malloc is known. */
static char early[4096];
static size_t early_used;

static bool is_early(const void *p)
{
	return (const char *)p >= early &&
	       (const char *)p < early + sizeof(early);
}

static void *early_alloc(size_t size)
{
	void *p = early + early_used;

	size = (size + 15) & ~(size_t)15;
	if (size > sizeof(early) - early_used)
		return NULL;
	early_used += size;
	return p;
}

static void find_real(void)
{
	static bool busy;

	if (busy)
		return;
	busy = true;
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
}

static bool refused(void)
{
	long n;

	if (!atomic_load(&armed))
		return false;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (n != atomic_load(&fail_at) &&
	    (!atomic_load(&fail_on) || n < atomic_load(&fail_at)))
		return false;
	errno = ENOMEM;
	return true;
}

/* The nth allocation from now fails; sticky: all later ones too. */
void nomem_arm(long n, int sticky)
{
	atomic_store(&calls, 0);
	atomic_store(&fail_at, n);
	atomic_store(&fail_on, sticky != 0);
	atomic_store(&armed, true);
}

/* How many were asked for since then. */
long nomem_disarm(void)
{
	atomic_store(&armed, false);
	return atomic_load(&calls);
}

static __attribute__((constructor)) void read_environment(void)
{
	const char *at = getenv("NOMEM_AT"), *from = getenv("NOMEM_FROM");

	find_real();
	if (at || from)
		nomem_arm(atol(from ? from : at), from != NULL);
}

EXPORT void *malloc(size_t size)
{
	if (!real_malloc)
		find_real();
	if (!real_malloc)
		return early_alloc(size);
	return refused() ? NULL : real_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
	if (!real_malloc)
		find_real();
	if (!real_malloc)
		return early_alloc(n * size);
	return refused() ? NULL : real_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t size)
{
	size_t rest;
	void *q;

	if (p && is_early(p)) {
		rest = (size_t)(early + sizeof(early) - (char *)p);
		q = malloc(size);
		if (q)
			memcpy(q, p, size < rest ? size : rest);
		return q;
	}
	if (!real_malloc)
		return malloc(size);
	return refused() ? NULL : real_realloc(p, size);
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n * size);
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	return refused() ? NULL : real_aligned_alloc(align, size);
}

EXPORT int posix_memalign(void **out, size_t align, size_t size)
{
	void *p = refused() ? NULL : real_aligned_alloc(align, size);

	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

EXPORT void free(void *p)
{
	if (p && !is_early(p) && real_free)
		real_free(p);
}
