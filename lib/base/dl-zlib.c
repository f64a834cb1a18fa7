/* SPDX-License-Identifier: MIT */
#include "base/dl-zlib.h"

#ifdef SMI_WITH_GZIP

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_zlib, inflateInit2_),
	SMI_DL_SYM(struct smi_zlib, inflate),
	SMI_DL_SYM(struct smi_zlib, inflateReset),
	SMI_DL_SYM(struct smi_zlib, inflateEnd),
};

SMI_DL_NOTE("gzip", "recommended", "read logs in .gz files", SMI_SONAME_GZIP);

int smi_dl_zlib(struct smi_dl *dl, struct smi_zlib *fns, char *why,
		size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_GZIP, syms, SMI_COUNT(syms), fns, why,
			   why_len);
}

#endif
