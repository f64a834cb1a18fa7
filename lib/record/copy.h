/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_COPY_H
#define SMI_RECORD_COPY_H

#include "record/record.h"

/* A deep copy in one block with one reference; NULL when memory is out. */
sm_record *smi_rec_own(const sm_record *r);
/* How many bytes that takes. */
size_t smi_rec_size(const sm_record *r);

#endif
