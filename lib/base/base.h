/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_BASE_H
#define SMI_BASE_BASE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SM_EXPORT	      __attribute__((visibility("default")))
#define SMI_CLEANUP(fn)	      __attribute__((cleanup(fn)))
#define SMI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SMI_CHECKED	      __attribute__((warn_unused_result))
#define SMI_COUNT(a)	      (sizeof(a) / sizeof((a)[0]))
#define SMI_MIN(a, b)	      ((a) < (b) ? (a) : (b))
#define SMI_MAX(a, b)	      ((a) > (b) ? (a) : (b))

/* a + b and a - b, or the number next to it that there is. */
static inline int64_t smi_add(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return a < 0 ? INT64_MIN : INT64_MAX;
}

static inline int64_t smi_sub(int64_t a, int64_t b)
{
	int64_t rest;

	if (!__builtin_sub_overflow(a, b, &rest))
		return rest;
	return a < 0 ? INT64_MIN : INT64_MAX;
}

/* Gives a pointer away: its value is the result, the variable is NULL then. */
#define smi_take(pp)                                                           \
	({                                                                     \
		__typeof__(pp) pp_ = (pp);                                     \
		__typeof__(*pp_) v_ = *pp_;                                    \
		*pp_ = NULL;                                                   \
		v_;                                                            \
	})

/* The only calls to the system's allocator: tests link their own. A size of 0
 * gives a pointer that may be freed. Memory goes back by free(). */
void *smi_alloc(size_t size) SMI_CHECKED;
void *smi_zalloc(size_t size) SMI_CHECKED;
void *smi_realloc(void *p, size_t size) SMI_CHECKED;

/* NULL when n * size overflows or memory is out. */
void *smi_realloc_array(void *p, size_t n, size_t size) SMI_CHECKED;
void *smi_memdup(const void *p, size_t len) SMI_CHECKED;
char *smi_strdup(const char *s) SMI_CHECKED;
/* The first len bytes and a NUL. */
char *smi_strndup(const char *s, size_t len) SMI_CHECKED;

/* For SMI_CLEANUP: p is the address of a pointer or descriptor. */
void smi_freep(void *p);
void smi_closep(int *fd);
#define SMI_AUTOFREE  SMI_CLEANUP(smi_freep)
#define SMI_AUTOCLOSE SMI_CLEANUP(smi_closep)

/*
 * Room for n descriptors above fd. The kernel's table of them grows twofold each time
 * it is full, and in a program with threads each growth waits for all processors, 10
 * ms and more (expand_fdtable() in fs/file.c): one high descriptor makes it grow once.
 * Where that is refused it grows as it did.
 */
void smi_fd_reserve(int fd, unsigned n);

/* read(2) and write(2) over interruptions: bytes, 0 at the end, or a negative
 * errno. smi_write_all() writes everything or fails. */
ptrdiff_t smi_read(int fd, void *p, size_t len);
int smi_write_all(int fd, const void *p, size_t len);

#endif
