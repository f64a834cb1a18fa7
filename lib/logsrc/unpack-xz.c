/* SPDX-License-Identifier: MIT */
#include "base/dl-lzma.h"
#include "logsrc/packed.h"

#ifdef SMI_WITH_XZ

struct xz {
	struct smi_dl dl;
	struct smi_lzma z;
	lzma_stream s;
};

static int xz_open(void **state, char *why, size_t why_len)
{
	struct xz *x = smi_zalloc(sizeof(*x));

	*state = x;
	return x ? smi_dl_lzma(&x->dl, &x->z, why, why_len) : -ENOMEM;
}

/* A decoder that is there is used again, with what it has allocated. */
static int xz_begin(void *state)
{
	struct xz *x = state;

	return x->z.lzma_stream_decoder(&x->s, SMI_UNPACK_MEMORY, 0) == LZMA_OK
		       ? 0
		       : -ENOMEM;
}

static int xz_run(void *state, struct smi_unpack_io *io)
{
	struct xz *x = state;
	lzma_ret r;

	x->s.next_in = (const uint8_t *)io->in.p;
	x->s.avail_in = io->in.len;
	x->s.next_out = (uint8_t *)io->out;
	x->s.avail_out = io->room;
	r = x->z.lzma_code(&x->s, LZMA_RUN);
	io->in = smi_span_skip(io->in, io->in.len - x->s.avail_in);
	io->out += io->room - x->s.avail_out;
	io->room = x->s.avail_out;
	switch (r) {
	case LZMA_STREAM_END:
		return 1;
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return 0;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

static void xz_end(void *state)
{
	struct xz *x = state;

	x->z.lzma_end(&x->s);
	x->s = (lzma_stream)LZMA_STREAM_INIT;
}

static void xz_free(void *state)
{
	struct xz *x = state;

	if (x->dl.handle)
		xz_end(x);
	smi_dl_close(&x->dl);
	free(x);
}

const struct smi_unpack_ops smi_unpack_xz = { xz_open, xz_begin, xz_run, xz_end,
					      xz_free };

#else

const struct smi_unpack_ops smi_unpack_xz = { 0 };

#endif
