/* SPDX-License-Identifier: MIT */
#include "portscan/targets.h"

#include <stdlib.h>

#define MAX_COUNT (UINT64_C(1) << 32)

static const char too_many[] = "it has more than 2^32 addresses";

void smi_targets_free(struct smi_targets *t)
{
	for (size_t i = 0; i < t->names.n; i++)
		free(t->names.v[i]);
	smi_vec_free(&t->names);
	smi_vec_free(&t->items);
	smi_vec_free(&t->exclude);
}

/* The bytes that a range may run over: all of an IPv4 address, the lower half of
 * an IPv6 one. */
static uint64_t low_part(const struct smi_ip *ip)
{
	const uint8_t *p = ip->family == 4 ? ip->b : ip->b + 8;
	size_t n = ip->family == 4 ? 4 : 8;
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static struct smi_ip with_low_part(struct smi_ip ip, uint64_t v)
{
	uint8_t *p = ip.family == 4 ? ip.b : ip.b + 8;

	for (size_t i = ip.family == 4 ? 4 : 8; i > 0; i--) {
		p[i - 1] = (uint8_t)v;
		v >>= 8;
	}
	return ip;
}

/* Where ranges can meet: same family, zone and, with IPv6, same /64. */
static int cmp_net(const struct smi_ip *a, const struct smi_ip *b)
{
	int r;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	r = a->family == 6 ? memcmp(a->b, b->b, 8) : 0;
	if (r != 0)
		return r;
	return (a->scope > b->scope) - (a->scope < b->scope);
}

static int cmp_range(const void *a, const void *b)
{
	const struct smi_range *x = a, *y = b;
	int r = cmp_net(&x->first, &y->first);
	uint64_t xl = low_part(&x->first), yl = low_part(&y->first);

	if (r != 0)
		return r;
	if (xl != yl)
		return xl < yl ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (!x->name) - (!y->name); /* the named one first */
}

static int set_range(const struct smi_ip *first, const struct smi_ip *last,
		     struct smi_range *out, const char **why)
{
	uint64_t lo = low_part(first), hi = low_part(last);

	if (cmp_net(first, last) != 0 || hi - lo >= MAX_COUNT) {
		*why = first->family == last->family
			       ? too_many
			       : "its ends are of different families";
		return first->family == last->family ? -E2BIG : -EINVAL;
	}
	*out = (struct smi_range){ *first, hi - lo + 1, NULL };
	return 1;
}

static int parse_prefix(struct smi_span text, struct smi_range *out,
			const char **why)
{
	struct smi_prefix p;
	unsigned bits;

	if (!smi_prefix_parse(text, &p)) {
		*why = "a prefix is an address and its length, as 10.0.0.0/24 "
		       "or 2001:db8::/120";
		return -EINVAL;
	}
	bits = (p.ip.family == 4 ? 32u : 128u) - p.bits;
	if (bits > 32) {
		*why = too_many;
		return -E2BIG;
	}
	*out = (struct smi_range){ p.ip, UINT64_C(1) << bits, NULL };
	return 1;
}

/* "10.0.0.1-20": the last number only. */
static int parse_short_range(const struct smi_ip *first, struct smi_span end,
			     struct smi_range *out, const char **why)
{
	uint64_t n;

	if (first->family != 4 || !smi_span_uint(end, 255, &n) ||
	    n < first->b[3]) {
		*why = "a range is first-last, as 10.0.0.1-20 or "
		       "10.0.0.1-10.0.1.20, and does not go down";
		return -EINVAL;
	}
	*out = (struct smi_range){ *first, n - first->b[3] + 1, NULL };
	return 1;
}

static int parse_range(const struct smi_ip *first, struct smi_span end,
		       struct smi_range *out, const char **why)
{
	struct smi_ip last;

	if (!smi_ip_parse(end, &last))
		return parse_short_range(first, end, out, why);
	last.scope = first->scope;
	if (first->family == last.family && smi_ip_cmp(first, &last) > 0) {
		*why = "the first address of a range is behind its last";
		return -EINVAL;
	}
	return set_range(first, &last, out, why);
}

static bool is_unspecified(const struct smi_ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->b, zero, sizeof(zero)) == 0;
}

static int parse_address(struct smi_span text, struct smi_ip *ip,
			 const char **why)
{
	int r = smi_ip_parse_zone(text, ip);

	if (r == -ENODEV)
		*why = "this machine has no interface of that name";
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

int smi_range_parse(struct smi_span text, struct smi_range *out,
		    const char **why)
{
	size_t dash = smi_span_find(text, '-');
	struct smi_ip ip;
	int r;

	*why = "it is no address, prefix, range or name of a host";
	if (smi_span_find(text, '/') < text.len)
		return parse_prefix(text, out, why);
	r = parse_address(text, &ip, why);
	if (r == 0) {
		*out = (struct smi_range){ ip, 1, NULL };
		return 1;
	}
	if (r == -ENODEV || (r == -EINVAL && smi_ip_parse(text, &ip)))
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

bool smi_targets_add(struct smi_targets *t, const struct smi_range *r)
{
	return smi_vec_push(&t->items, *r);
}

bool smi_targets_add_exclude(struct smi_targets *t, const struct smi_range *r)
{
	return smi_vec_push(&t->exclude, *r);
}

const char *smi_targets_name(struct smi_targets *t, struct smi_span name)
{
	char *copy = smi_strndup(name.p, name.len);

	if (!copy)
		return NULL;
	if (!smi_vec_push(&t->names, copy)) {
		free(copy);
		return NULL;
	}
	return copy;
}

/* Sorts, and leaves no two that meet. Returns how many remain. */
static size_t merge(struct smi_range *v, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(v, n, sizeof(*v), cmp_range);
	for (size_t i = 0; i < n; i++) {
		struct smi_range *last = kept ? &v[kept - 1] : NULL;
		uint64_t gap;

		if (!last || cmp_net(&last->first, &v[i].first) != 0) {
			v[kept++] = v[i];
			continue;
		}
		gap = low_part(&v[i].first) - low_part(&last->first);
		if (gap >= last->count)
			v[kept++] = v[i];
		else
			last->count = SMI_MAX(last->count, gap + v[i].count);
	}
	return kept;
}

/* The first of the ranges (merged, so in order) that ends at or behind ip. */
static size_t first_not_before(const struct smi_range *v, size_t n,
			       const struct smi_ip *ip)
{
	uint64_t at = low_part(ip);
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int r = cmp_net(&v[mid].first, ip);

		if (r < 0 || (r == 0 && low_part(&v[mid].first) <= at &&
			      at - low_part(&v[mid].first) >= v[mid].count))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool covers(const struct smi_range *r, const struct smi_ip *ip)
{
	return cmp_net(&r->first, ip) == 0 &&
	       low_part(ip) - low_part(&r->first) < r->count;
}

static bool is_excluded(const struct smi_targets *t, const struct smi_ip *ip)
{
	size_t i = first_not_before(t->exclude.v, t->exclude.n, ip);

	return i < t->exclude.n && covers(&t->exclude.v[i], ip);
}

/* Single addresses before ranges. Returns how many are single. */
static size_t part_singles(struct smi_range *v, size_t n)
{
	size_t single = 0;

	for (size_t i = 0; i < n; i++) {
		struct smi_range r = v[i];

		if (r.count != 1)
			continue;
		v[i] = v[single];
		v[single++] = r;
	}
	return single;
}

int smi_targets_begin(struct smi_targets *t)
{
	size_t n = t->items.n, ranges, kept = 0;

	t->nsingle = part_singles(t->items.v, n);
	ranges = n - t->nsingle;
	if (ranges)
		ranges = merge(t->items.v + t->nsingle, ranges);
	t->exclude.n = merge(t->exclude.v, t->exclude.n);
	n = merge(t->items.v, t->nsingle);
	for (size_t i = 0; i < n; i++)
		if (!is_excluded(t, &t->items.v[i].first))
			t->items.v[kept++] = t->items.v[i];
	if (ranges)
		memmove(t->items.v + kept, t->items.v + t->nsingle,
			ranges * sizeof(*t->items.v));
	t->nsingle = kept;
	t->items.n = kept + ranges;
	/* What was walked by its name is not walked again in a range. */
	for (size_t i = 0; i < kept; i++)
		if (!smi_targets_add_exclude(t, &t->items.v[i]))
			return -ENOMEM;
	t->exclude.n = merge(t->exclude.v, t->exclude.n);
	t->item = 0;
	t->offset = 0;
	return 0;
}

/*
 * From the walk's place in a range: the next stretch without an excluded address.
 * false: the range is at its end.
 */
static bool next_stretch(struct smi_targets *t, const struct smi_range *r,
			 uint64_t *count)
{
	while (t->offset < r->count) {
		uint64_t at = low_part(&r->first) + t->offset, start, gap;
		struct smi_ip ip = with_low_part(r->first, at);
		size_t block;
		const struct smi_range *b;

		*count = r->count - t->offset;
		block = first_not_before(t->exclude.v, t->exclude.n, &ip);
		if (block == t->exclude.n)
			return true;
		b = &t->exclude.v[block];
		if (cmp_net(&b->first, &ip) != 0)
			return true;
		start = low_part(&b->first);
		if (start > at) {
			*count = SMI_MIN(*count, start - at);
			return true;
		}
		gap = b->count - (at - start);
		t->offset += gap;
	}
	return false;
}

bool smi_targets_next(struct smi_targets *t, struct smi_ip *ip,
		      const char **name)
{
	while (t->item < t->items.n) {
		const struct smi_range *r = &t->items.v[t->item];
		uint64_t count;

		*name = r->name;
		if (t->item < t->nsingle) {
			*ip = r->first;
			t->item++;
			return true;
		}
		if (next_stretch(t, r, &count)) {
			*ip = with_low_part(r->first,
					    low_part(&r->first) + t->offset);
			t->offset++;
			if (is_unspecified(ip))
				continue;
			return true;
		}
		t->item++;
		t->offset = 0;
	}
	return false;
}

uint64_t smi_targets_count(struct smi_targets *t)
{
	uint64_t total = t->nsingle, count;

	t->offset = 0;
	for (size_t i = t->nsingle; i < t->items.n; i++) {
		const struct smi_range *r = &t->items.v[i];

		while (next_stretch(t, r, &count)) {
			if (t->offset == 0 && is_unspecified(&r->first))
				total--;
			total += count;
			t->offset += count;
		}
		t->offset = 0;
	}
	t->item = 0;
	return total;
}
