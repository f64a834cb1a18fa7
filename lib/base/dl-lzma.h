/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_LZMA_H
#define SMI_BASE_DL_LZMA_H

#include "base/dl.h"

#ifdef SMI_WITH_XZ
#include <lzma.h>

struct smi_lzma {
	lzma_ret (*lzma_stream_decoder)(lzma_stream *s, uint64_t memlimit,
					uint32_t flags);
	lzma_ret (*lzma_code)(lzma_stream *s, lzma_action action);
	void (*lzma_end)(lzma_stream *s);
};

/* -ENOTSUP and why when this system has none. */
int smi_dl_lzma(struct smi_dl *dl, struct smi_lzma *fns, char *why,
		size_t why_len);
#endif

#endif
