/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_ZSTD_H
#define SMI_BASE_DL_ZSTD_H

#include "base/dl.h"

#ifdef SMI_WITH_ZSTD
#include <zstd.h>
#include <zstd_errors.h>

struct smi_zstd {
	ZSTD_DStream *(*ZSTD_createDStream)(void);
	size_t (*ZSTD_freeDStream)(ZSTD_DStream *s);
	size_t (*ZSTD_DCtx_setParameter)(ZSTD_DStream *s, ZSTD_dParameter p,
					 int value);
	size_t (*ZSTD_decompressStream)(ZSTD_DStream *s, ZSTD_outBuffer *out,
					ZSTD_inBuffer *in);
	unsigned (*ZSTD_isError)(size_t code);
	ZSTD_ErrorCode (*ZSTD_getErrorCode)(size_t code);
};

/* -ENOTSUP and why when this system has none. */
int smi_dl_zstd(struct smi_dl *dl, struct smi_zstd *fns, char *why,
		size_t why_len);
#endif

#endif
