/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_GEN_H
#define SMI_LOGSRC_GEN_H

#include "base/fsroot.h"
#include "logsrc/packed.h"

/* So many first bytes tell a file from others, whatever its name and inode. */
#define SMI_GEN_HEAD 256

/* One generation of a log: an open file or stream, and how far it was read. */
struct smi_gen {
	int fd; /* -1: none */
	bool own, is_file;
	uint64_t dev, ino;
	int64_t mtime; /* ns, of one that is remembered and not open */
	struct smi_packed *packed; /* NULL: the bytes are what they are */
	uint64_t pos;		   /* bytes that were read, unpacked ones */
	uint64_t skip;		 /* of a packed one: still to be passed over */
	uint64_t number;	 /* lines before pos, while it waits its turn */
	char head[SMI_GEN_HEAD]; /* of what was read */
	size_t nhead;
	bool may_go_on; /* it may hold all that the one before it has, and more */
};
#define SMI_GEN_NONE ((struct smi_gen){ .fd = -1 })

/* What stands at path: 0, or a negative errno as smi_reader_file_new() has it. */
int smi_gen_open(struct smi_gen *g, const struct smi_fsroot *root,
		 const char *path, char *why, size_t why_len);
/* The same of a descriptor, which stays open. */
int smi_gen_of_fd(struct smi_gen *g, int fd, char *why, size_t why_len);
void smi_gen_close(struct smi_gen *g);
/* Bytes that were just read. */
void smi_gen_learn(struct smi_gen *g, const char *p, size_t len);
/* The first bytes of a file, unpacked; how many, or a negative errno. Reading is
 * not disturbed. */
ptrdiff_t smi_gen_peek(const struct smi_gen *g, char head[SMI_GEN_HEAD]);
/* Does a packed one have more bytes, unpacked, than these? */
bool smi_gen_is_longer(const struct smi_gen *g, uint64_t size);
/* Whether a file begins with what was read of another one. */
bool smi_gen_begins(const struct smi_gen *g, const char *head, size_t nhead);
/* To go on at pos. */
int smi_gen_seek(struct smi_gen *g, uint64_t pos);
/*
 * After a read of len bytes of a followed file: whether it was cut meanwhile and
 * something else was written, so that they are not what followed.
 */
bool smi_gen_was_cut(const struct smi_gen *g, size_t len);

#endif
