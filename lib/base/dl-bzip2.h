/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_BZIP2_H
#define SMI_BASE_DL_BZIP2_H

#include "base/dl.h"

#ifdef SMI_WITH_BZIP2
#include <bzlib.h>

struct smi_bzlib {
	int (*BZ2_bzDecompressInit)(bz_stream *s, int verbosity, int small);
	int (*BZ2_bzDecompress)(bz_stream *s);
	int (*BZ2_bzDecompressEnd)(bz_stream *s);
};

/* -ENOTSUP and why when this system has none. */
int smi_dl_bzip2(struct smi_dl *dl, struct smi_bzlib *fns, char *why,
		 size_t why_len);
#endif

#endif
