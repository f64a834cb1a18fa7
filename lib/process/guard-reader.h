/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_GUARD_READER_H
#define SMI_PROCESS_GUARD_READER_H

#include "process/guard.h"

/* The process that reads for a guard: what it is asked lies in memory that both have,
 * and so does what it answers. */
#define SMI_READER_ROOM SMI_MAX(SMI_CMDLINE_MAX, SMI_ENVIRON_MAX)
enum smi_reader_what {
	SMI_ASK_READ,
	SMI_ASK_LINK,
	SMI_ASK_STAT,
	SMI_ASK_STAT_KNOWN,
	SMI_ASK_STAT_IN, /* path is below the directory, and behind its NUL */
	SMI_ASK_LIST,	 /* numbers of directories */
	SMI_ASK_COUNT,	 /* how many links */
	SMI_ASK_LINKS,	 /* numbers of links, and where the first max lead to */
	SMI_ASK_TABLES,	 /* threads that have other descriptors than tid */
};
struct smi_reader_room {
	char path[8192];
	enum smi_reader_what what;
	bool procfs;
	enum smi_shape shape;
	size_t max;
	int32_t tid;
	/* The answer: */
	int r;
	struct stat st;
	struct smi_tables tables;
	uint64_t total; /* entries */
	size_t len;
	char data[SMI_READER_ROOM + 1];
};
struct smi_reader {
	int sock, pidfd;
	struct smi_reader_room *room;
	pid_t owner;
};
#define SMI_READER_NONE ((struct smi_reader){ .sock = -1, .pidfd = -1 })

/* Starts it, for paths below the directory. 0 or a negative errno. */
int smi_reader_start(struct smi_reader *r, const struct smi_procdir *d);
/* It answers what is in its room: 0, or -ETIMEDOUT when it did not in so many ns, or
 * has ended. */
int smi_reader_ask(struct smi_reader *r, int64_t ns);
/* Kills it. A descriptor of it when it has not ended at once, else -1. */
int smi_reader_end(struct smi_reader *r);

#endif
