/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_PROCDIR_H
#define SMI_PROCESS_PROCDIR_H

#include "base/buf.h"
#include "base/dents.h"
#include "base/fsroot.h"
#include "base/vec.h"

/*
 * The directory /proc, or one that looks like it. Files are opened by their path below
 * it, not through a link at its end, and without waiting; -ESRCH is a process that is
 * gone.
 */
struct smi_guard;
struct smi_procdir {
	int fd;
	bool procfs; /* the kernel's own, not a tree of plain files */
	struct smi_guard *guard; /* of what may block; NULL: no deadline */
};
struct smi_pids {
	SMI_VEC(int32_t) list; /* ascending */
};

void smi_pids_sort(struct smi_pids *pids);
bool smi_pids_have(const struct smi_pids *pids, int32_t pid);
/* Sorts them, each once. */
void smi_pids_unique(struct smi_pids *pids);

/* A negative errno when there is none. */
int smi_procdir_open(struct smi_procdir *d, const struct smi_fsroot *root);
/* Looks below what is mounted on its directories, from now on. A negative errno where
 * that is not allowed. */
int smi_procdir_uncover(struct smi_procdir *d);
void smi_procdir_close(struct smi_procdir *d);
/* Fills pids anew. */
int smi_procdir_list(struct smi_procdir *d, struct smi_pids *pids);
/* Thread ids of one process, ascending. */
int smi_procdir_threads(const struct smi_procdir *d, int32_t pid,
			struct smi_pids *tids);
/* Whether there is a directory of that number. */
bool smi_procdir_has(const struct smi_procdir *d, int32_t pid);

/*
 * The entries of an open directory whose names are numbers, in its order; type as
 * d_type of readdir(3), which a file system need not tell.
 */
struct smi_numbers {
	int fd;
	unsigned char type;
	const char *name; /* of the last one, until the next call */
	struct smi_dents dents;
};
static inline void smi_numbers_init(struct smi_numbers *it, int fd,
				    unsigned char type)
{
	it->fd = fd;
	it->type = type;
	it->dents.n = it->dents.at = 0;
}
/* 1 and a number, 0 at the end, or a negative errno: -ESRCH when its process has
 * gone. */
int smi_numbers_next(struct smi_numbers *it, int32_t *out);

/* "PID/NAME", or "PID/task/TID/NAME" where tid is not pid. */
#define SMI_PROC_PATH 64
const char *smi_procdir_path(char path[SMI_PROC_PATH], int32_t pid, int32_t tid,
			     const char *name);

/* What cmdline may be, and other files: more is cut, and gives -E2BIG. All command
 * lines of one list together have a limit too: once it is reached, each of the rest
 * may be short. */
#define SMI_CMDLINE_MAX	 ((size_t)2 << 20)
#define SMI_CMDLINES_MAX ((size_t)16 << 20)
#define SMI_CMDLINE_MIN	 ((size_t)4 << 10)
/* What an argument takes of these limits, besides its bytes: a record has a pointer to
 * it, and each way out has marks around it. */
#define SMI_ARG_WEIGHT	 32
#define SMI_PROCFILE_MAX ((size_t)1 << 20)
/* The same of environments and of memory maps. */
#define SMI_ENVIRON_MAX	 ((size_t)2 << 20)
#define SMI_ENVIRONS_MAX ((size_t)64 << 20)
#define SMI_ENVIRON_MIN	 ((size_t)32 << 10)
#define SMI_MAPS_MAX	 ((size_t)1 << 20)
#define SMI_ALL_MAPS_MAX ((size_t)128 << 20)
#define SMI_MAPS_MIN	 ((size_t)64 << 10)

/* A directory of a process, to walk. A descriptor, which the caller closes. */
int smi_procdir_opendir(const struct smi_procdir *d, const char *path);
/* A file of such a directory, likewise. */
int smi_procdir_openat(int dir, const char *name);
/*
 * Files of procfs are made as one piece: a read that gives less than it was asked
 * for was the last one, which saves a call for each. A command line is complete
 * only when it ends in NUL or the next read gives nothing.
 */
enum smi_shape {
	SMI_ONE_PIECE,
	SMI_ENDS_IN_NUL,
	SMI_PIECES, /* as many lines as fit into a page, each time: maps */
};
/* The file's bytes in b, which is cleared first. */
int smi_procdir_read_as(const struct smi_procdir *d, const char *path,
			enum smi_shape shape, size_t max, struct smi_buf *b);
static inline int smi_procdir_read(const struct smi_procdir *d,
				   const char *path, size_t max,
				   struct smi_buf *b)
{
	return smi_procdir_read_as(d, path, SMI_ONE_PIECE, max, b);
}

/* The file of that path below a directory of the process, which its links and ".." do
 * not leave: as fstatat(2), through links. */
struct stat;
int smi_procdir_stat_in(const struct smi_procdir *d, const char *root,
			const char *path, struct stat *st);
/* What is known of a file without asking the server of its file system: type, inode,
 * device, links, owner, change. As fstatat(2), through links. */
int smi_procdir_stat_known(const struct smi_procdir *d, const char *path,
			   struct stat *st);
/* How a directory and a file are opened; without O_NONBLOCK a FIFO in its place would
 * stop us. */
#define SMI_PROCDIR_DIR_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY)
#define SMI_PROCDIR_FLAGS                                                      \
	(O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
/* Whether a read of n bytes, where there was room for more, was the last one; all is
 * in p until now. */
bool smi_procdir_is_end(enum smi_shape shape, const char *p, size_t len,
			size_t n, size_t room);
/* How many more entries than n the directory has, where it has more: without reading
 * them as of Linux 6.2, else 1. Any process may have half a million. */
uint64_t smi_procdir_rest(int dir, uint64_t n);
/* Where a link points to. -ENAMETOOLONG when that does not fit. */
int smi_procdir_readlink(const struct smi_procdir *d, const char *path,
			 struct smi_buf *b);

#endif
