/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_FDS_H
#define SMI_PROCESS_FDS_H

#include "process/procdir.h"

/*
 * How many links of one process are read: descriptors beyond are counted, and not
 * looked at. All processes of one list have a limit too; once it is reached, the
 * first few of each are.
 */
#define SMI_FDS_MAX	((size_t)16 << 10)
#define SMI_FDS_ALL_MAX ((size_t)1 << 20)
#define SMI_FDS_MIN	((size_t)256)

/* What a descriptor leads to, as its link in /proc/PID/fd says: proc_pid_fd(5);
 * the names behind anon_inode are those of the kernel (io_uring/io_uring.c). */
enum smi_fd_kind {
	SMI_FD_OTHER,
	SMI_FD_SOCKET,
	SMI_FD_IO_URING
};
/* inode is set for a socket. */
enum smi_fd_kind smi_fd_link(struct smi_span link, uint64_t *inode);

struct smi_fd_socket {
	int32_t fd;
	uint64_t inode;
};

/* The descriptors of one process. */
struct smi_fds {
	uint64_t n;	 /* that are open */
	uint64_t unread; /* of them: those over the limit */
	bool io_uring;	 /* one of them submits to a ring */
	SMI_VEC(struct smi_fd_socket) sockets;
};
void smi_fds_free(struct smi_fds *fds);
/* None are open. */
void smi_fds_clear(struct smi_fds *fds);
/* Fills it anew, from a directory as /proc/PID/fd. -ESRCH, -EACCES, -ENOMEM, ... */
int smi_fds_read(const struct smi_procdir *d, int32_t pid, const char *path,
		 size_t max, struct smi_fds *out);
/* Adds what a thread has in a table of its own: sockets, of which the number is of no
 * meaning then, and rings. 0 or -ENOMEM. */
#define SMI_FD_OF_THREAD INT32_MAX
int smi_fds_add(struct smi_fds *fds, const struct smi_fds *more);
/* Only how many there are: the kernel says so since Linux 6.2, and does not ask who
 * wants to know. */
int smi_fds_count(const struct smi_procdir *d, int32_t pid, const char *path,
		  uint64_t *out);

#endif
