/* SPDX-License-Identifier: MIT */
#include "base/dl-zstd.h"
#include "logsrc/packed.h"

#ifdef SMI_WITH_ZSTD

struct zstd {
	struct smi_dl dl;
	struct smi_zstd z;
	ZSTD_DStream *s;
};

static int zstd_open(void **state, char *why, size_t why_len)
{
	struct zstd *z = smi_zalloc(sizeof(*z));

	*state = z;
	return z ? smi_dl_zstd(&z->dl, &z->z, why, why_len) : -ENOMEM;
}

/* After a frame the decoder expects another one by itself. */
static int zstd_begin(void *state)
{
	struct zstd *z = state;

	if (z->s)
		return 0;
	z->s = z->z.ZSTD_createDStream();
	if (!z->s)
		return -ENOMEM;
	z->z.ZSTD_DCtx_setParameter(z->s, ZSTD_d_windowLogMax,
				    SMI_UNPACK_WINDOW_LOG);
	return 0;
}

static int failure(const struct zstd *z, size_t code)
{
	switch (z->z.ZSTD_getErrorCode(code)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return -EFBIG;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static int zstd_run(void *state, struct smi_unpack_io *io)
{
	struct zstd *z = state;
	ZSTD_inBuffer in = { io->in.p, io->in.len, 0 };
	ZSTD_outBuffer out = { io->out, io->room, 0 };
	size_t r = z->z.ZSTD_decompressStream(z->s, &out, &in);

	io->in = smi_span_skip(io->in, in.pos);
	io->out += out.pos;
	io->room -= out.pos;
	if (z->z.ZSTD_isError(r))
		return failure(z, r);
	return r == 0;
}

static void zstd_end(void *state)
{
	struct zstd *z = state;

	if (z->s)
		z->z.ZSTD_freeDStream(z->s);
	z->s = NULL;
}

static void zstd_free(void *state)
{
	struct zstd *z = state;

	zstd_end(z);
	smi_dl_close(&z->dl);
	free(z);
}

const struct smi_unpack_ops smi_unpack_zstd = { zstd_open, zstd_begin, zstd_run,
						zstd_end, zstd_free };

#else

const struct smi_unpack_ops smi_unpack_zstd = { 0 };

#endif
