/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_FSROOT_H
#define SMI_BASE_FSROOT_H

#include "base/buf.h"

/* The directory that stands for "/": fd -1 is the real one. */
struct smi_fsroot {
	int fd;
	char *path; /* for sentences; NULL for the real one */
};
#define SMI_FSROOT_NONE ((struct smi_fsroot){ -1, NULL })

/* path NULL is the real one. */
int smi_fsroot_init(struct smi_fsroot *root, const char *path);
void smi_fsroot_done(struct smi_fsroot *root);
/* openat2(2) with RESOLVE_IN_ROOT below a root, open(2) without; O_CLOEXEC is
 * added. A descriptor or a negative errno. */
int smi_fsroot_open(const struct smi_fsroot *root, const char *path, int flags);
/* The same below the directory root, for where openat2 is not to be had: before
 * Linux 5.6, in some sandboxes, under older valgrinds. Renames during the walk may
 * lead it astray, but not out of the root. No O_CREAT. */
int smi_fsroot_walk(int root, const char *path, int flags);
/* Adds the bytes of a small file to out, at most max of them: -E2BIG when it has
 * more. */
int smi_fsroot_read(const struct smi_fsroot *root, const char *path, size_t max,
		    struct smi_buf *out);
/* The same of an open descriptor, from its position. */
int smi_fd_read(int fd, size_t max, struct smi_buf *out);

#endif
