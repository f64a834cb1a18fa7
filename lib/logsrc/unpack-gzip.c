/* SPDX-License-Identifier: MIT */
#include <limits.h>

#include "base/dl-zlib.h"
#include "logsrc/packed.h"

#ifdef SMI_WITH_GZIP

/* zlib.h: the largest window, and a gzip header is expected. */
#define GZIP_BITS (15 + 16)

struct gzip {
	struct smi_dl dl;
	struct smi_zlib z;
	z_stream s;
	bool on;
};

static int gzip_open(void **state, char *why, size_t why_len)
{
	struct gzip *g = smi_zalloc(sizeof(*g));

	*state = g;
	return g ? smi_dl_zlib(&g->dl, &g->z, why, why_len) : -ENOMEM;
}

static int gzip_begin(void *state)
{
	struct gzip *g = state;

	if (g->on)
		return g->z.inflateReset(&g->s) == Z_OK ? 0 : -ENOMEM;
	g->s = (z_stream){ 0 };
	g->on = g->z.inflateInit2_(&g->s, GZIP_BITS, ZLIB_VERSION,
				   (int)sizeof(g->s)) == Z_OK;
	return g->on ? 0 : -ENOMEM;
}

static int gzip_run(void *state, struct smi_unpack_io *io)
{
	struct gzip *g = state;
	size_t room = SMI_MIN(io->room, (size_t)INT_MAX);
	int r;

	g->s.next_in = (Bytef *)(uintptr_t)io->in.p;
	g->s.avail_in = (uInt)io->in.len;
	g->s.next_out = (Bytef *)io->out;
	g->s.avail_out = (uInt)room;
	r = g->z.inflate(&g->s, Z_NO_FLUSH);
	io->in = smi_span_skip(io->in, io->in.len - g->s.avail_in);
	io->out += room - g->s.avail_out;
	io->room -= room - g->s.avail_out;
	switch (r) {
	case Z_STREAM_END:
		return 1;
	case Z_OK:
	case Z_BUF_ERROR:
		return 0;
	default:
		return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	}
}

static void gzip_end(void *state)
{
	struct gzip *g = state;

	if (g->on)
		g->z.inflateEnd(&g->s);
	g->on = false;
}

static void gzip_free(void *state)
{
	struct gzip *g = state;

	gzip_end(g);
	smi_dl_close(&g->dl);
	free(g);
}

const struct smi_unpack_ops smi_unpack_gzip = { gzip_open, gzip_begin, gzip_run,
						gzip_end, gzip_free };

#else

const struct smi_unpack_ops smi_unpack_gzip = { 0 };

#endif
