/* SPDX-License-Identifier: MIT */
#include "base/dl-zstd.h"

#ifdef SMI_WITH_ZSTD

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_zstd, ZSTD_createDStream),
	SMI_DL_SYM(struct smi_zstd, ZSTD_freeDStream),
	SMI_DL_SYM(struct smi_zstd, ZSTD_DCtx_setParameter),
	SMI_DL_SYM(struct smi_zstd, ZSTD_decompressStream),
	SMI_DL_SYM(struct smi_zstd, ZSTD_isError),
	SMI_DL_SYM(struct smi_zstd, ZSTD_getErrorCode),
};

SMI_DL_NOTE("zstd", "suggested", "read logs in .zst files", SMI_SONAME_ZSTD);

int smi_dl_zstd(struct smi_dl *dl, struct smi_zstd *fns, char *why,
		size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_ZSTD, syms, SMI_COUNT(syms), fns, why,
			   why_len);
}

#endif
