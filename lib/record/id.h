/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_ID_H
#define SMI_RECORD_ID_H

#include "base/siphash.h"
#include "base/span.h"

/*
 * 128 bits that identify: SipHash-2-4-128 with a fixed public key over the parts,
 * each preceded by its length (8 bytes, little endian). Not an authentication.
 */
struct smi_id {
	struct smi_siphash128 h;
};
#define SMI_ID_STRLEN 33

void smi_id_begin(struct smi_id *id);
void smi_id_part(struct smi_id *id, struct smi_span part);
/* 8 bytes, little endian. */
void smi_id_int(struct smi_id *id, int64_t v);
/* 32 hexadecimal digits. Gives out. */
const char *smi_id_end(struct smi_id *id, char out[SMI_ID_STRLEN]);

#endif
