/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_STAMP_MORE_H
#define SMI_LOGSRC_STAMP_MORE_H

#include "logsrc/stamp.h"

/* The stamps that few logs have; smi_stamp_scan() asks here last. */
size_t smi_stamp_scan_more(struct smi_span s, struct smi_stamp *out);

#endif
