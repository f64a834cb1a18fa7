/* SPDX-License-Identifier: MIT */
#include <limits.h>

#include "base/dl-bzip2.h"
#include "logsrc/packed.h"

#ifdef SMI_WITH_BZIP2

struct bzip2 {
	struct smi_dl dl;
	struct smi_bzlib z;
	bz_stream s;
	bool on;
};

static int bzip2_open(void **state, char *why, size_t why_len)
{
	struct bzip2 *b = smi_zalloc(sizeof(*b));

	*state = b;
	return b ? smi_dl_bzip2(&b->dl, &b->z, why, why_len) : -ENOMEM;
}

static void bzip2_end(void *state)
{
	struct bzip2 *b = state;

	if (b->on)
		b->z.BZ2_bzDecompressEnd(&b->s);
	b->on = false;
}

static int bzip2_begin(void *state)
{
	struct bzip2 *b = state;

	bzip2_end(b);
	b->s = (bz_stream){ 0 };
	b->on = b->z.BZ2_bzDecompressInit(&b->s, 0, 0) == BZ_OK;
	return b->on ? 0 : -ENOMEM;
}

static int bzip2_run(void *state, struct smi_unpack_io *io)
{
	struct bzip2 *b = state;
	size_t room = SMI_MIN(io->room, (size_t)INT_MAX);
	int r;

	b->s.next_in = (char *)(uintptr_t)io->in.p;
	b->s.avail_in = (unsigned)io->in.len;
	b->s.next_out = io->out;
	b->s.avail_out = (unsigned)room;
	r = b->z.BZ2_bzDecompress(&b->s);
	io->in = smi_span_skip(io->in, io->in.len - b->s.avail_in);
	io->out += room - b->s.avail_out;
	io->room -= room - b->s.avail_out;
	switch (r) {
	case BZ_STREAM_END:
		return 1;
	case BZ_OK:
		return 0;
	default:
		return r == BZ_MEM_ERROR ? -ENOMEM : -EBADMSG;
	}
}

static void bzip2_free(void *state)
{
	struct bzip2 *b = state;

	bzip2_end(b);
	smi_dl_close(&b->dl);
	free(b);
}

const struct smi_unpack_ops smi_unpack_bzip2 = { bzip2_open, bzip2_begin,
						 bzip2_run, bzip2_end,
						 bzip2_free };

#else

const struct smi_unpack_ops smi_unpack_bzip2 = { 0 };

#endif
