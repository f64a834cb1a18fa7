/* SPDX-License-Identifier: MIT */
#include "base/ip.h"

static char *put_uint(char *at, uint32_t v)
{
	char text[10];
	size_t i = sizeof(text);

	do {
		text[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	memcpy(at, text + i, sizeof(text) - i);
	return at + (sizeof(text) - i);
}

static char *put_v4(char *at, const uint8_t b[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_uint(at, b[i]);
	}
	return at;
}

static char *put_group(char *at, unsigned int v)
{
	static const char hex[] = "0123456789abcdef";

	for (int shift = 12; shift >= 0; shift -= 4) {
		if (shift == 0 || v >> shift)
			*at++ = hex[v >> shift & 15];
	}
	return at;
}

/* The first of the longest runs of zero groups; of two groups or more. */
static int longest_zeros(const unsigned int group[8], int n, int *len)
{
	int best = -1;

	*len = 1;
	for (int i = 0; i < n; i++) {
		int end = i;

		while (end < n && group[end] == 0)
			end++;
		if (end - i > *len) {
			best = i;
			*len = end - i;
		}
		i = SMI_MAX(i, end - 1);
	}
	return best;
}

/* RFC 5952, sections 4 and 5: mixed notation for the mapped addresses only */
static char *put_v6(char *at, const uint8_t b[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool mixed = memcmp(b, mapped, sizeof(mapped)) == 0;
	int n = mixed ? 6 : 8, len, gap;
	unsigned int group[8];

	for (int i = 0; i < 8; i++)
		group[i] = (unsigned int)b[2 * i] << 8 | b[2 * i + 1];
	gap = longest_zeros(group, n, &len);
	for (int i = 0; i < n; i++) {
		if (i == gap) {
			*at++ = ':';
			*at++ = ':';
			i += len - 1;
			continue;
		}
		if (i > 0 && at[-1] != ':')
			*at++ = ':';
		at = put_group(at, group[i]);
	}
	if (mixed) {
		*at++ = ':';
		at = put_v4(at, b + 12);
	}
	return at;
}

static char *put_ip(char *at, const struct smi_ip *ip)
{
	if (ip->family == 4)
		return put_v4(at, ip->b);
	at = put_v6(at, ip->b);
	if (ip->scope != 0) {
		*at++ = '%';
		at = put_uint(at, ip->scope);
	}
	return at;
}

const char *smi_ip_format(const struct smi_ip *ip, char out[SMI_IP_STRLEN])
{
	*put_ip(out, ip) = '\0';
	return out;
}

const char *smi_prefix_format(const struct smi_prefix *p,
			      char out[SMI_IP_STRLEN])
{
	char *at = put_ip(out, &p->ip);

	*at++ = '/';
	*put_uint(at, p->bits) = '\0';
	return out;
}
