/* SPDX-License-Identifier: MIT */
#include "base/dl-bzip2.h"

#ifdef SMI_WITH_BZIP2

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_bzlib, BZ2_bzDecompressInit),
	SMI_DL_SYM(struct smi_bzlib, BZ2_bzDecompress),
	SMI_DL_SYM(struct smi_bzlib, BZ2_bzDecompressEnd),
};

SMI_DL_NOTE("bzip2", "suggested", "read logs in .bz2 files", SMI_SONAME_BZIP2);

int smi_dl_bzip2(struct smi_dl *dl, struct smi_bzlib *fns, char *why,
		 size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_BZIP2, syms, SMI_COUNT(syms), fns,
			   why, why_len);
}

#endif
