/* SPDX-License-Identifier: MIT */
#include "process/fds.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/guard.h"
#include "process/procfs.h"

/* Longer than any link that is looked for. */
#define LINK_ROOM sizeof(((struct smi_guard_entry *)0)->link)

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

static int add_link(struct smi_fds *fds, int32_t fd, struct smi_span link)
{
	struct smi_fd_socket s = { .fd = fd };

	switch (smi_fd_link(link, &s.inode)) {
	case SMI_FD_SOCKET:
		return smi_vec_push(&fds->sockets, s) ? 0 : -ENOMEM;
	case SMI_FD_IO_URING:
		fds->io_uring = true;
		return 0;
	default:
		return 0;
	}
}

static int read_link(struct smi_fds *fds, int dir, const char *name, int32_t fd)
{
	char link[LINK_ROOM];
	ssize_t n = readlinkat(dir, name, link, sizeof(link));

	/* Even root may list some that it may not look at. */
	if (n < 0 && errno == EACCES)
		return -EACCES;
	/* Closed by now, or too long for what is looked for. */
	if (n <= 0 || n == sizeof(link))
		return 0;
	return add_link(fds, fd, smi_span_of(link, (size_t)n));
}

static int take_entries(struct smi_fds *fds, struct smi_span entries)
{
	int r = 0;

	for (struct smi_guard_entry e; r == 0 && entries.len >= sizeof(e);
	     entries = smi_span_skip(entries, sizeof(e))) {
		memcpy(&e, entries.p, sizeof(e));
		r = add_link(fds, e.number, smi_span_of(e.link, e.len));
		fds->unread--;
	}
	return r;
}

/* 1: there is no guard. */
static int read_guarded(const struct smi_procdir *d, int32_t pid,
			const char *path, size_t max, struct smi_fds *out)
{
	struct smi_span entries;
	int r = smi_guard_links(d, pid, path, max, &entries, &out->n);

	if (r != 0)
		return r;
	out->unread = out->n;
	return take_entries(out, entries);
}

int smi_fds_read(const struct smi_procdir *d, int32_t pid, const char *path,
		 size_t max, struct smi_fds *out)
{
	SMI_AUTOCLOSE int dir = -1;
	struct smi_numbers it;
	int32_t fd;
	int r;

	smi_fds_clear(out);
	r = read_guarded(d, pid, path, max, out);
	if (r != 1)
		return r;
	dir = smi_procdir_opendir(d, path);
	if (dir < 0)
		return dir;
	smi_numbers_init(&it, dir, DT_LNK);
	while ((r = smi_numbers_next(&it, &fd)) == 1) {
		if (out->n >= max && d->procfs) {
			out->unread = smi_procdir_rest(dir, out->n);
			out->n += out->unread;
			return 0;
		}
		if (out->n++ >= max) {
			out->unread++;
			continue;
		}
		r = read_link(out, dir, it.name, fd);
		if (r < 0)
			return r;
	}
	return r;
}

int smi_fds_add(struct smi_fds *fds, const struct smi_fds *more)
{
	fds->io_uring |= more->io_uring;
	for (size_t i = 0; i < more->sockets.n; i++) {
		struct smi_fd_socket one = { SMI_FD_OF_THREAD,
					     more->sockets.v[i].inode };

		if (!smi_vec_push(&fds->sockets, one))
			return -ENOMEM;
	}
	return 0;
}

static int count_entries(const struct smi_procdir *d, int32_t pid,
			 const char *path, uint64_t *out)
{
	SMI_AUTOCLOSE int dir = -1;
	struct smi_numbers it;
	int32_t fd;
	int r = smi_guard_count(d, pid, path, out);

	if (r != 1)
		return r;
	dir = smi_procdir_opendir(d, path);
	*out = 0;
	if (dir < 0)
		return dir;
	smi_numbers_init(&it, dir, DT_LNK);
	while ((r = smi_numbers_next(&it, &fd)) == 1)
		++*out;
	return r;
}

int smi_fds_count(const struct smi_procdir *d, int32_t pid, const char *path,
		  uint64_t *out)
{
	struct stat st;

	if (!d->procfs || fstatat(d->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_size <= 0)
		return count_entries(d, pid, path, out);
	*out = (uint64_t)st.st_size;
	return 0;
}
