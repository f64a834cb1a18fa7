/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORR_PACK_H
#define SMI_DETECT_CORR_PACK_H

#include "base/buf.h"

/* Numbers with 7 bits a byte, texts with their length, and the way back: what is
 * not there, or more than max, sets bad, and is 0. */
struct smi_unpack {
	struct smi_span rest;
	bool bad;
};

void smi_pack_uint(struct smi_buf *b, uint64_t v);
/* 8 bytes as they are. */
void smi_pack_time(struct smi_buf *b, int64_t t);
void smi_pack_text(struct smi_buf *b, struct smi_span s);
uint64_t smi_unpack_uint(struct smi_unpack *u, uint64_t max);
uint64_t smi_unpack_raw64(struct smi_unpack *u);
static inline int64_t smi_unpack_time(struct smi_unpack *u)
{
	return (int64_t)smi_unpack_raw64(u);
}
struct smi_span smi_unpack_bytes(struct smi_unpack *u, size_t n);
struct smi_span smi_unpack_text(struct smi_unpack *u, size_t max);

#endif
