/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <fcntl.h>
#include <unistd.h>

void *smi_realloc_array(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return smi_realloc(p, bytes);
}

void *smi_memdup(const void *p, size_t len)
{
	void *copy = smi_alloc(len);

	if (copy && len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *smi_strdup(const char *s)
{
	return smi_memdup(s, strlen(s) + 1);
}

char *smi_strndup(const char *s, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = smi_alloc(len + 1);
	if (!copy)
		return NULL;
	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void smi_freep(void *p)
{
	void *v;

	/* p is the address of a pointer of any type: no void ** alias. */
	memcpy(&v, p, sizeof(v));
	free(v);
}

void smi_closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

void smi_fd_reserve(int fd, unsigned n)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, fd + (int)n);

	if (high >= 0)
		close(high);
}

ptrdiff_t smi_read(int fd, void *p, size_t len)
{
	ssize_t n;

	do
		n = read(fd, p, SMI_MIN(len, (size_t)PTRDIFF_MAX));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int smi_write_all(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}
