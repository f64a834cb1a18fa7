/* SPDX-License-Identifier: MIT */
#include "detect/corr-pack.h"

void smi_pack_uint(struct smi_buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		smi_buf_char(b, (char)(v | 0x80));
	smi_buf_char(b, (char)v);
}

void smi_pack_time(struct smi_buf *b, int64_t t)
{
	smi_buf_add(b, &t, sizeof(t));
}

void smi_pack_text(struct smi_buf *b, struct smi_span s)
{
	smi_pack_uint(b, s.len);
	smi_buf_span_add(b, s);
}

uint64_t smi_unpack_uint(struct smi_unpack *u, uint64_t max)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t byte = 0x80;

	while (!u->bad && (byte & 0x80)) {
		if (!u->rest.len || shift > 63) {
			u->bad = true;
			break;
		}
		byte = (uint8_t)u->rest.p[0];
		u->rest = smi_span_skip(u->rest, 1);
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	}
	u->bad |= v > max;
	return u->bad ? 0 : v;
}

struct smi_span smi_unpack_bytes(struct smi_unpack *u, size_t n)
{
	struct smi_span s = smi_span_head(u->rest, n);

	u->bad |= s.len < n;
	if (u->bad)
		return smi_span_of("", 0);
	u->rest = smi_span_skip(u->rest, n);
	return s;
}

uint64_t smi_unpack_raw64(struct smi_unpack *u)
{
	struct smi_span s = smi_unpack_bytes(u, 8);
	uint64_t v = 0;

	if (s.len)
		memcpy(&v, s.p, sizeof(v));
	return v;
}

struct smi_span smi_unpack_text(struct smi_unpack *u, size_t max)
{
	return smi_unpack_bytes(u, (size_t)smi_unpack_uint(u, max));
}
