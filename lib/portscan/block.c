/* SPDX-License-Identifier: MIT */
#include "portscan/block.h"

static const char no_interface[] = "this machine has no interface of that name";

static bool is_unspecified(const struct smi_ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->b, zero, sizeof(zero)) == 0;
}

/* The last address of a prefix. */
static struct smi_ip end_of(const struct smi_prefix *p)
{
	size_t len = p->ip.family == 4 ? 4 : 16;
	struct smi_ip ip = p->ip;

	for (size_t i = 0; i < len; i++) {
		size_t kept = p->bits > i * 8 ? p->bits - i * 8 : 0;

		if (kept < 8)
			ip.b[i] |= (uint8_t)(0xff >> kept);
	}
	return ip;
}

/* RFC 4007, 11.7: a zone stands before the length. */
static int parse_zone_prefix(struct smi_span text, size_t slash,
			     struct smi_prefix *p)
{
	struct smi_span length = smi_span_skip(text, slash + 1);
	uint64_t bits;
	struct smi_ip ip;
	int r = smi_ip_parse_zone(smi_span_head(text, slash), &ip);

	if (r < 0)
		return r;
	if (ip.family != 6 || !smi_span_uint(length, 128, &bits) ||
	    (length.len > 1 && length.p[0] == '0'))
		return -EINVAL;
	*p = smi_prefix_of(&ip, (uint8_t)bits);
	p->ip.scope = ip.scope;
	return 0;
}

static int parse_prefix(struct smi_span text, struct smi_block *out,
			const char **why)
{
	size_t slash = smi_span_find(text, '/');
	struct smi_prefix p;
	int r;

	if (smi_span_find(text, '%') < slash)
		r = parse_zone_prefix(text, slash, &p);
	else
		r = smi_prefix_parse(text, &p) ? 0 : -EINVAL;
	if (r < 0) {
		*why = r == -ENODEV ? no_interface
				    : "a prefix is an address and its length, "
				      "as 10.0.0.0/24 or 2001:db8::/120";
		return r;
	}
	*out = (struct smi_block){ p.ip, end_of(&p) };
	return 1;
}

/* "10.0.0.1-20": the last number only. */
static int parse_short_range(const struct smi_ip *first, struct smi_span end,
			     struct smi_block *out, const char **why)
{
	uint64_t n;

	if (first->family != 4 || !smi_span_uint(end, 255, &n) ||
	    n < first->b[3]) {
		*why = "a range is first-last, as 10.0.0.1-20 or "
		       "10.0.0.1-10.0.1.20, and does not go down";
		return -EINVAL;
	}
	*out = (struct smi_block){ *first, *first };
	out->last.b[3] = (uint8_t)n;
	return 1;
}

static int parse_range(const struct smi_ip *first, struct smi_span end,
		       struct smi_block *out, const char **why)
{
	struct smi_ip last;

	if (!smi_ip_parse(end, &last))
		return parse_short_range(first, end, out, why);
	last.scope = first->scope;
	if (first->family != last.family) {
		*why = "its ends are of different families";
		return -EINVAL;
	}
	if (smi_ip_cmp(first, &last) > 0) {
		*why = "the first address of a range is behind its last";
		return -EINVAL;
	}
	*out = (struct smi_block){ *first, last };
	return 1;
}

static int parse_address(struct smi_span text, struct smi_ip *ip,
			 const char **why)
{
	int r = smi_ip_parse_zone(text, ip);

	if (r == -ENODEV)
		*why = no_interface;
	else if (r == 0 && is_unspecified(ip))
		*why = "it stands for no host";
	return r == 0 && is_unspecified(ip) ? -EINVAL : r;
}

/* Only digits and what stands between them: it was meant as an address. */
static bool looks_numeric(struct smi_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr("0123456789./-", text.p[i]) || !text.p[i])
			return false;
	return true;
}

static size_t last_dash(struct smi_span text)
{
	size_t i = text.len;

	while (i > 0 && text.p[i - 1] != '-')
		i--;
	return i > 0 ? i - 1 : text.len;
}

int smi_block_parse(struct smi_span text, struct smi_block *out,
		    const char **why)
{
	size_t dash = last_dash(text);
	struct smi_ip ip, last;
	int r;

	*why = "it is no address, prefix, range or name of a host";
	if (smi_span_find(text, '/') < text.len)
		return parse_prefix(text, out, why);
	r = parse_address(text, &ip, why);
	if (r == 0) {
		*out = (struct smi_block){ ip, ip };
		return 1;
	}
	/* Or the zone was taken to go on to the end of "fe80::1%eth0-fe80::9". */
	if ((r == -ENODEV &&
	     !smi_ip_parse(smi_span_skip(text, dash + 1), &last)) ||
	    (r == -EINVAL && smi_ip_parse(text, &ip)))
		return r;
	/* A zone may have a dash of its own: "fe80::1%br-lan" was read above. */
	if (dash < text.len &&
	    smi_ip_parse_zone(smi_span_head(text, dash), &ip) == 0)
		return parse_range(&ip, smi_span_skip(text, dash + 1), out,
				   why);
	if (looks_numeric(text) || smi_span_find(text, ':') < text.len)
		return -EINVAL;
	return smi_host_name_valid(text) ? 0 : -EINVAL;
}

bool smi_host_name_valid(struct smi_span text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._";

	if (text.len == 0 || text.len > 253 || text.p[0] == '-' ||
	    text.p[0] == '.')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		/* Names beyond ASCII are the resolver's affair. */
		if (c < 0x80 && (!c || !strchr(allowed, c)))
			return false;
	}
	return true;
}
