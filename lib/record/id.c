/* SPDX-License-Identifier: MIT */
#include "record/id.h"

/* Fixed and public: ids must be the same on every machine and in every run. */
static const struct smi_siphash_key id_key = { UINT64_C(0x6c69627379736d6f),
					       UINT64_C(0x6e2d72656364692d) };

static void put_le64(uint8_t out[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

void smi_id_begin(struct smi_id *id)
{
	smi_siphash128_init(&id->h, &id_key);
}

void smi_id_part(struct smi_id *id, struct smi_span part)
{
	uint8_t len[8];

	put_le64(len, part.len);
	smi_siphash128_add(&id->h, len, sizeof(len));
	smi_siphash128_add(&id->h, part.p, part.len);
}

void smi_id_int(struct smi_id *id, int64_t v)
{
	uint8_t bytes[8];

	put_le64(bytes, (uint64_t)v);
	smi_id_part(id, smi_span_of(bytes, sizeof(bytes)));
}

const char *smi_id_end(struct smi_id *id, char out[SMI_ID_STRLEN])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[16];

	smi_siphash128_end(&id->h, sum);
	for (int i = 0; i < 16; i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[32] = '\0';
	return out;
}
