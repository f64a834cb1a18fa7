/* SPDX-License-Identifier: MIT */
#include "base/dl-lzma.h"

#ifdef SMI_WITH_XZ

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_lzma, lzma_stream_decoder),
	SMI_DL_SYM(struct smi_lzma, lzma_code),
	SMI_DL_SYM(struct smi_lzma, lzma_end),
};

SMI_DL_NOTE("xz", "suggested", "read logs in .xz files", SMI_SONAME_XZ);

int smi_dl_lzma(struct smi_dl *dl, struct smi_lzma *fns, char *why,
		size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_XZ, syms, SMI_COUNT(syms), fns, why,
			   why_len);
}

#endif
