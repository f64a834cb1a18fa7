/* SPDX-License-Identifier: MIT */
#include "nomem.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 0
#endif

static void (*arm)(long n, int sticky);
static long (*disarm)(void);
static long fail_at, asked;
static int running;

static void skip(const char *why)
{
	printf("SKIP: allocation sweep: %s\n", why);
	exit(77);
}

void nomem_preload(char **argv)
{
	const char *dir = getenv("builddir"), *others = getenv("LD_PRELOAD");
	char path[4096], list[8192];
	ssize_t n;

	*(void **)&arm = dlsym(RTLD_DEFAULT, "nomem_arm");
	*(void **)&disarm = dlsym(RTLD_DEFAULT, "nomem_disarm");
	if (arm && disarm)
		return;
	if (OWN_ALLOCATOR)
		skip("a sanitizer brings its own allocator");
	snprintf(path, sizeof(path), "%s/tests/api/.libs/nomem.so",
		 dir ? dir : ".");
	if (access(path, R_OK) || (others && strstr(others, path)))
		skip("nomem.so cannot be preloaded");
	/* valgrind has something there already. */
	snprintf(list, sizeof(list), "%s%s%s", others ? others : "",
		 others ? ":" : "", path);
	setenv("LD_PRELOAD", list, 1);
	/* By its name: below valgrind the link itself leads to valgrind. */
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n > 0) {
		path[n] = '\0';
		execv(path, argv);
	}
	skip("the program cannot start itself again");
}

int nomem_pause(void)
{
	if (running) {
		asked = disarm();
		running = 0;
	}
	return asked >= fail_at;
}

static long sweep(void (*fn)(void *user), void *user, int sticky)
{
	for (fail_at = 1;; fail_at++) {
		running = 1;
		arm(fail_at, sticky);
		fn(user);
		if (!nomem_pause())
			return asked;
	}
}

long nomem_sweep(void (*fn)(void *user), void *user)
{
	sweep(fn, user, 1);
	return sweep(fn, user, 0);
}
