/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_PACKED_H
#define SMI_LOGSRC_PACKED_H

#include "base/span.h"

/* What the decoder of one file may use, for its window above all: xz -9 and
 * zstd -19 stay below. */
#define SMI_UNPACK_MEMORY     ((uint64_t)68 * 1024 * 1024)
#define SMI_UNPACK_WINDOW_LOG 26

/* Both are moved on by what was used. */
struct smi_unpack_io {
	struct smi_span in;
	char *out;
	size_t room;
};

/* A format of compressed files: one decoder at a time. */
struct smi_unpack_ops {
	/* Opens the library. -ENOTSUP and why, -ENOMEM; where *state is set all the
	 * same, the caller hands it to free(), which takes what is half open. NULL:
	 * this build has no decoder. */
	int (*open)(void **state, char *why, size_t why_len);
	/* The first bytes of a member come next. What fails is memory: -ENOMEM. */
	int (*begin)(void *state);
	/* 1: the member is complete; 0: go on, also where neither input nor room
	 * was enough for a step; -EBADMSG for damaged data, -EFBIG for more memory
	 * than it may have, -ENOMEM. */
	int (*run)(void *state, struct smi_unpack_io *io);
	/* Gives the decoder's memory back; begin() may follow. */
	void (*end)(void *state);
	void (*free)(void *state);
};
extern const struct smi_unpack_ops smi_unpack_gzip, smi_unpack_xz,
	smi_unpack_zstd, smi_unpack_bzip2;

/* A row of the table of formats that are known. */
struct smi_pack {
	const char *name, *suffix;	  /* suffix: of the names of files */
	struct smi_span mark;		  /* the first bytes of a member */
	size_t at;			  /* the byte of them */
	uint8_t bits;			  /* whose bits may differ */
	const struct smi_unpack_ops *ops; /* NULL: known, but not read */
};
/* So many bytes tell: no mark is longer. */
#define SMI_PACK_MARK 6
/* The format of a file that begins with head, NULL for none. *more (may be NULL):
 * head is too short to tell. */
const struct smi_pack *smi_pack_find(struct smi_span head, bool *more);
/* Of row i, ".gz"; some come twice. NULL behind the last one. */
const char *smi_pack_suffix(size_t i);

/* Where packed bytes come from: like smi_read(). */
typedef ptrdiff_t (*smi_packed_fn)(void *user, void *p, size_t len);

/* A stream of members that are unpacked as if they were one. */
struct smi_packed;
/* head: bytes that were read already. -ENOTSUP and why, -ENOMEM. */
int smi_packed_new(const struct smi_pack *pack, struct smi_span head, char *why,
		   size_t why_len, struct smi_packed **out);
void smi_packed_free(struct smi_packed *p);
/*
 * Bytes, 0 at the end, or a negative errno: that of read, that of a decoder,
 * -ENODATA where the data ends in the middle of a member, -EILSEQ where something
 * else follows a member, -EINPROGRESS when much was read and gave nothing yet: call
 * again. What a failed call had unpacked has been given before. After the end and
 * after a failure the decoder's memory is gone.
 */
ptrdiff_t smi_packed_read(struct smi_packed *p, smi_packed_fn read, void *user,
			  void *out, size_t len);
/* What to say of a failure: a sentence with {source}, NULL for others. */
const char *smi_packed_trouble(int err);

#endif
