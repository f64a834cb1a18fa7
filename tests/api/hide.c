/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: hides the process HIDE_PID as rootkits do. HIDE_FROM says from what:
 * "readdir" and "readdir64" of the C library, which is all that a library in
 * /etc/ld.so.preload can do; and "getdents", "signal", "pidfd", "sched", "open" by
 * changing what the system calls of this program answer, which stands for a rootkit
 * in the kernel.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT struct dirent *hide_readdir(DIR *dir) __asm__("readdir");
EXPORT struct dirent *hide_readdir64(DIR *dir) __asm__("readdir64");
EXPORT long hide_syscall(long n, ...) __asm__("syscall");
EXPORT int hide_openat(int dir, const char *path, int flags,
		       ...) __asm__("openat");
EXPORT int hide_openat64(int dir, const char *path, int flags,
			 ...) __asm__("openat64");

static long hidden_pid(void)
{
	const char *pid = getenv("HIDE_PID");

	return pid ? strtol(pid, NULL, 10) : -1;
}

static bool hides_from(const char *word)
{
	const char *list = getenv("HIDE_FROM");
	size_t len = strlen(word);

	for (const char *p = list; p && (p = strstr(p, word)); p += len)
		if ((p == list || p[-1] == ',') &&
		    (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
}

static bool is_hidden(const char *name)
{
	char *end;

	return strtol(name, &end, 10) == hidden_pid() && *end == '\0';
}

static struct dirent *filter(DIR *dir, const char *symbol)
{
	struct dirent *(*next)(DIR *) =
		(struct dirent * (*)(DIR *)) dlsym(RTLD_NEXT, symbol);
	struct dirent *e;

	do
		e = next(dir);
	while (e && hides_from(symbol) && is_hidden(e->d_name));
	return e;
}

struct dirent *hide_readdir(DIR *dir)
{
	return filter(dir, "readdir");
}

struct dirent *hide_readdir64(DIR *dir)
{
	return filter(dir, "readdir64");
}

struct entry {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static long filter_entries(char *p, long n)
{
	for (long at = 0; at < n;) {
		struct entry *e = (void *)(p + at);

		if (is_hidden(e->name)) {
			n -= e->len;
			memmove(p + at, p + at + e->len, (size_t)(n - at));
		} else {
			at += e->len;
		}
	}
	return n;
}

static bool refuses(long n, const long *arg)
{
	static const struct {
		long n;
		const char *word;
	} calls[] = {
		{ SYS_tgkill, "signal" },
		{ SYS_sched_getscheduler, "sched" },
		{ 434 /* pidfd_open */, "pidfd" },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].n == n && arg[0] == hidden_pid())
			return hides_from(calls[i].word);
	return false;
}

long hide_syscall(long n, ...)
{
	long (*real)(long, ...) =
		(long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long arg[6], r;
	va_list ap;

	va_start(ap, n);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (refuses(n, arg)) {
		errno = ESRCH;
		return -1;
	}
	r = real(n, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (n == SYS_getdents64 && hides_from("getdents"))
		r = filter_entries((char *)(intptr_t)arg[1], r);
	return r;
}

static int open_others(int dir, const char *path, int flags, mode_t mode)
{
	char name[32];

	snprintf(name, sizeof(name), "%ld/", hidden_pid());
	if (hides_from("open") && strncmp(path, name, strlen(name)) == 0) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int hide_openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_others(dir, path, flags, mode);
}

int hide_openat64(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_others(dir, path, flags, mode);
}
