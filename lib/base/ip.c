/* SPDX-License-Identifier: MIT */
#include "base/ip.h"

#include <net/if.h>

static unsigned digit_at(const char *p, const char *end)
{
	return p < end ? (unsigned)(*p - '0') : 10;
}

/* RFC 6943, 3.1.1: no leading zeros, for some readers take those as octal. */
static bool parse_v4(struct smi_span s, uint8_t out[4])
{
	const char *p = s.p, *end = s.p + s.len;

	for (int i = 0; i < 4; i++) {
		unsigned v = digit_at(p++, end), d = digit_at(p, end);

		if (v > 9 || (v == 0 && d < 10))
			return false;
		if (d < 10) {
			v = v * 10 + d;
			d = digit_at(++p, end);
		}
		if (d < 10) {
			v = v * 10 + d;
			p++;
		}
		if (v > 255)
			return false;
		out[i] = (uint8_t)v;
		if (i < 3 && (p >= end || *p++ != '.'))
			return false;
	}
	return p == end;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One to four digits; 0 when there are none or more. */
static size_t parse_group(struct smi_span s, uint8_t out[2])
{
	unsigned int v = 0;
	size_t n = 0;

	while (n < s.len && hex_value(s.p[n]) >= 0) {
		if (n == 4)
			return 0;
		v = v << 4 | (unsigned int)hex_value(s.p[n++]);
	}
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
	return n;
}

/* RFC 4291, section 2.2 */
static bool parse_v6(struct smi_span s, uint8_t out[16])
{
	uint8_t b[16] = { 0 };
	size_t len = 0, gap = SIZE_MAX;

	if (smi_span_starts(s, SMI_SPAN("::"))) {
		gap = 0;
		s = smi_span_skip(s, 2);
	}
	while (s.len > 0) {
		size_t n;

		if (len <= 12 && smi_span_find(s, ':') == s.len &&
		    parse_v4(s, b + len)) {
			len += 4;
			break;
		}
		if (len == 16)
			return false;
		n = parse_group(s, b + len);
		if (n == 0)
			return false;
		len += 2;
		s = smi_span_skip(s, n);
		if (s.len == 0)
			break;
		if (smi_span_starts(s, SMI_SPAN("::")) && gap == SIZE_MAX) {
			gap = len;
			s = smi_span_skip(s, 2);
		} else if (s.len > 1 && s.p[0] == ':') {
			s = smi_span_skip(s, 1);
		} else {
			return false;
		}
	}
	/* "::" stands for at least one group. */
	if (gap == SIZE_MAX ? len != 16 : len > 14)
		return false;
	memset(out, 0, 16);
	if (gap == SIZE_MAX)
		gap = len;
	memcpy(out, b, gap);
	memcpy(out + 16 - (len - gap), b + gap, len - gap);
	return true;
}

static bool is_mapped(const uint8_t b[16])
{
	static const uint8_t head[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(b, head, sizeof(head)) == 0;
}

static bool is_zone(struct smi_span zone)
{
	if (zone.len == 0 || zone.len > 63)
		return false;
	for (size_t i = 0; i < zone.len; i++) {
		unsigned char c = (unsigned char)zone.p[i];

		if (c <= ' ' || c == 0x7f || c == '%' || c == '/')
			return false;
	}
	return true;
}

/* An address without a look at its zone, and with the mapped ones as they are. */
static bool parse_raw(struct smi_span s, struct smi_ip *out,
		      struct smi_span *zone)
{
	struct smi_ip ip = { 0 };
	size_t percent;

	*zone = SMI_SPAN("");
	if (smi_span_find(smi_span_head(s, 5), ':') == SMI_MIN(s.len, 5)) {
		ip.family = 4;
		if (!parse_v4(s, ip.b))
			return false;
		*out = ip;
		return true;
	}
	percent = smi_span_find(s, '%');
	if (percent < s.len) {
		*zone = smi_span_skip(s, percent + 1);
		if (!is_zone(*zone))
			return false;
		s = smi_span_head(s, percent);
	}
	ip.family = 6;
	if (!parse_v6(s, ip.b))
		return false;
	*out = ip;
	return true;
}

static void unmap(struct smi_ip *ip)
{
	if (ip->family != 6 || !is_mapped(ip->b))
		return;
	ip->family = 4;
	memmove(ip->b, ip->b + 12, 4);
	memset(ip->b + 4, 0, 12);
}

/* 1 when the zone is a name; then scope is still to be looked up. */
static int parse_with_zone(struct smi_span s, struct smi_ip *out,
			   struct smi_span *zone)
{
	uint64_t scope;

	if (!parse_raw(s, out, zone))
		return -EINVAL;
	unmap(out);
	if (zone->len == 0 || !smi_ip_is_link_local(out) || out->family != 6)
		return 0;
	if (smi_span_uint(*zone, UINT32_MAX, &scope)) {
		out->scope = (uint32_t)scope;
		return 0;
	}
	return 1;
}

bool smi_ip_parse(struct smi_span s, struct smi_ip *out)
{
	struct smi_span zone;
	struct smi_ip ip = { .family = 4 };

	/* Most are of IPv4, whose text is the shorter one by far. */
	if (!(s.len <= 15 && parse_v4(s, ip.b)) &&
	    parse_with_zone(s, &ip, &zone) < 0)
		return false;
	*out = ip;
	return true;
}

int smi_ip_parse_zone(struct smi_span s, struct smi_ip *out)
{
	struct smi_span zone;
	struct smi_ip ip;
	char name[IF_NAMESIZE] = "";
	int r = parse_with_zone(s, &ip, &zone);

	if (r < 0)
		return r;
	if (r > 0) {
		if (zone.len >= sizeof(name))
			return -ENODEV;
		memcpy(name, zone.p, zone.len);
		ip.scope = if_nametoindex(name);
		if (ip.scope == 0)
			return -ENODEV;
	}
	*out = ip;
	return 0;
}

static size_t ip_len(const struct smi_ip *ip)
{
	return ip->family == 4 ? 4 : 16;
}

bool smi_ip_eq(const struct smi_ip *a, const struct smi_ip *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->b, b->b, ip_len(a)) == 0;
}

int smi_ip_cmp(const struct smi_ip *a, const struct smi_ip *b)
{
	int r;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	r = memcmp(a->b, b->b, ip_len(a));
	if (r != 0)
		return r;
	return (a->scope > b->scope) - (a->scope < b->scope);
}

bool smi_ip_next(struct smi_ip *ip)
{
	size_t i = ip_len(ip);

	while (i > 0 && ip->b[i - 1] == 0xff)
		i--;
	if (i == 0)
		return false;
	ip->b[i - 1]++;
	memset(ip->b + i, 0, ip_len(ip) - i);
	return true;
}

bool smi_ip_is_any(const struct smi_ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->b, zero, sizeof(zero)) == 0;
}

bool smi_ip_is_loopback(const struct smi_ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (ip->family == 4)
		return ip->b[0] == 127;
	return memcmp(ip->b, one, sizeof(one)) == 0;
}

bool smi_ip_is_link_local(const struct smi_ip *ip)
{
	if (ip->family == 4)
		return ip->b[0] == 169 && ip->b[1] == 254;
	return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

struct smi_prefix smi_prefix_of(const struct smi_ip *ip, uint8_t bits)
{
	struct smi_prefix p = { .ip = *ip };
	size_t len = ip_len(ip);

	p.bits = (uint8_t)SMI_MIN((size_t)bits, len * 8);
	memset(p.ip.b + len, 0, sizeof(p.ip.b) - len);
	if (p.bits % 8 != 0)
		p.ip.b[p.bits / 8] &= (uint8_t)(0xff00 >> p.bits % 8);
	for (size_t i = (p.bits + 7U) / 8; i < len; i++)
		p.ip.b[i] = 0;
	return p;
}

bool smi_prefix_parse(struct smi_span s, struct smi_prefix *out)
{
	size_t slash = smi_span_find(s, '/');
	struct smi_span zone, tail = smi_span_skip(s, slash + 1);
	struct smi_ip ip;
	uint64_t bits;

	if (slash == s.len) {
		if (!smi_ip_parse(s, &ip))
			return false;
		*out = smi_prefix_of(&ip, (uint8_t)(ip_len(&ip) * 8));
		return true;
	}
	if (!parse_raw(smi_span_head(s, slash), &ip, &zone) || zone.len > 0)
		return false;
	if (!smi_span_uint(tail, ip_len(&ip) * 8, &bits) ||
	    (tail.len > 1 && tail.p[0] == '0'))
		return false;
	if (ip.family == 6 && is_mapped(ip.b) && bits >= 96) {
		unmap(&ip);
		bits -= 96;
	}
	*out = smi_prefix_of(&ip, (uint8_t)bits);
	return true;
}

bool smi_prefix_has(const struct smi_prefix *p, const struct smi_ip *ip)
{
	size_t whole = p->bits / 8;
	unsigned int rest = p->bits % 8;

	if (p->ip.family != ip->family ||
	    (p->ip.scope != 0 && p->ip.scope != ip->scope) ||
	    memcmp(p->ip.b, ip->b, whole) != 0)
		return false;
	return rest == 0 ||
	       ((p->ip.b[whole] ^ ip->b[whole]) & (0xff00 >> rest) & 0xff) == 0;
}
