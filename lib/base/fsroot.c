/* SPDX-License-Identifier: MIT */
#include "base/fsroot.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BLOCK ((size_t)4096)

int smi_fsroot_init(struct smi_fsroot *root, const char *path)
{
	struct smi_fsroot made = SMI_FSROOT_NONE;

	*root = made;
	if (!path)
		return 0;
	made.path = smi_strdup(path);
	if (!made.path)
		return -ENOMEM;
	made.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (made.fd < 0) {
		int r = -errno;

		free(made.path);
		return r;
	}
	*root = made;
	return 0;
}

void smi_fsroot_done(struct smi_fsroot *root)
{
	if (root->path) {
		smi_closep(&root->fd);
		free(root->path);
	}
	*root = SMI_FSROOT_NONE;
}

int smi_fsroot_open(const struct smi_fsroot *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	if (!root || root->fd < 0) {
		fd = open(path, flags | O_CLOEXEC);
		return fd < 0 ? -errno : (int)fd;
	}
	/* EAGAIN: something above was renamed meanwhile; openat2(2) */
	for (int tries = 0; tries < 16; tries++) {
		fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return smi_fsroot_walk(root->fd, path, flags);
	return fd < 0 ? -errno : (int)fd;
}

int smi_fd_read(int fd, size_t max, struct smi_buf *out)
{
	size_t room = BLOCK, got = 0;

	for (;;) {
		ptrdiff_t n;

		/* One byte more than allowed tells what is too much. */
		if (max - got < room)
			room = max - got + 1;
		if (!smi_buf_reserve(out, room))
			return -ENOMEM;
		n = smi_read(fd, out->p + out->len, room);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return 0;
		got += (size_t)n;
		if (got > max)
			return -E2BIG;
		out->len += (size_t)n;
		if (room < 64 * BLOCK)
			room *= 2;
	}
}

int smi_fsroot_read(const struct smi_fsroot *root, const char *path, size_t max,
		    struct smi_buf *out)
{
	/* Without O_NONBLOCK a FIFO put in a file's place would stop us. */
	SMI_AUTOCLOSE int fd =
		smi_fsroot_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? fd : smi_fd_read(fd, max, out);
}
