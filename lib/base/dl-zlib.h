/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_ZLIB_H
#define SMI_BASE_DL_ZLIB_H

#include "base/dl.h"

#ifdef SMI_WITH_GZIP
#include <zlib.h>

struct smi_zlib {
	int (*inflateInit2_)(z_stream *s, int bits, const char *version,
			     int size);
	int (*inflate)(z_stream *s, int flush);
	int (*inflateReset)(z_stream *s);
	int (*inflateEnd)(z_stream *s);
};

/* -ENOTSUP and why when this system has none. */
int smi_dl_zlib(struct smi_dl *dl, struct smi_zlib *fns, char *why,
		size_t why_len);
#endif

#endif
