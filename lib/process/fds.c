/* SPDX-License-Identifier: MIT */
#include "process/fds.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/procfs.h"

/* Longer than any link that is looked for. */
#define LINK_ROOM 64

enum smi_fd_kind smi_fd_link(struct smi_span link, uint64_t *inode)
{
	if (smi_span_eq(link, SMI_SPAN("anon_inode:[io_uring]")))
		return SMI_FD_IO_URING;
	return smi_procfs_inode(link, SMI_SPAN("socket"), inode) ? SMI_FD_SOCKET
								 : SMI_FD_OTHER;
}

void smi_fds_free(struct smi_fds *fds)
{
	smi_vec_free(&fds->sockets);
}

void smi_fds_clear(struct smi_fds *fds)
{
	fds->n = fds->unread = 0;
	fds->io_uring = false;
	fds->sockets.n = 0;
}

static int add_link(struct smi_fds *fds, int dir, const char *name, int32_t fd)
{
	struct smi_fd_socket s = { .fd = fd };
	char link[LINK_ROOM];
	ssize_t n = readlinkat(dir, name, link, sizeof(link));

	/* Closed by now, or too long for what is looked for. */
	if (n <= 0 || n == sizeof(link))
		return 0;
	switch (smi_fd_link(smi_span_of(link, (size_t)n), &s.inode)) {
	case SMI_FD_SOCKET:
		return smi_vec_push(&fds->sockets, s) ? 0 : -ENOMEM;
	case SMI_FD_IO_URING:
		fds->io_uring = true;
		return 0;
	default:
		return 0;
	}
}

/* Another process may have half a million more, which cost it next to nothing: as of
 * Linux 6.2 their number is the size of the directory. */
static void count_rest(int dir, struct smi_fds *fds)
{
	struct stat st;

	fds->unread = 1;
	if (fstat(dir, &st) == 0 && st.st_size > (off_t)fds->n)
		fds->unread = (uint64_t)st.st_size - fds->n;
	fds->n += fds->unread;
}

int smi_fds_read(const struct smi_procdir *d, const char *path, size_t max,
		 struct smi_fds *out)
{
	SMI_AUTOCLOSE int dir = smi_procdir_opendir(d, path);
	struct smi_numbers it;
	int32_t fd;
	int r;

	smi_fds_clear(out);
	if (dir < 0)
		return dir;
	smi_numbers_init(&it, dir, DT_LNK);
	while ((r = smi_numbers_next(&it, &fd)) == 1) {
		if (out->n >= max && d->procfs) {
			count_rest(dir, out);
			return 0;
		}
		if (out->n++ >= max) {
			out->unread++;
			continue;
		}
		r = add_link(out, dir, it.name, fd);
		if (r < 0)
			return r;
	}
	return r;
}

static int count_entries(const struct smi_procdir *d, const char *path,
			 uint64_t *out)
{
	SMI_AUTOCLOSE int dir = smi_procdir_opendir(d, path);
	struct smi_numbers it;
	int32_t fd;
	int r;

	*out = 0;
	if (dir < 0)
		return dir;
	smi_numbers_init(&it, dir, DT_LNK);
	while ((r = smi_numbers_next(&it, &fd)) == 1)
		++*out;
	return r;
}

int smi_fds_count(const struct smi_procdir *d, const char *path, uint64_t *out)
{
	struct stat st;

	if (!d->procfs || fstatat(d->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_size <= 0)
		return count_entries(d, path, out);
	*out = (uint64_t)st.st_size;
	return 0;
}
