/* SPDX-License-Identifier: MIT */
#include "portscan/targets.h"

#include <stdlib.h>

#define MAX_COUNT (UINT64_C(1) << 32)

void smi_targets_free(struct smi_targets *t)
{
	for (size_t i = 0; i < t->names.n; i++)
		free(t->names.v[i]);
	smi_vec_free(&t->names);
	smi_vec_free(&t->items);
	smi_vec_free(&t->exclude);
	smi_vec_free(&t->stretches);
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

int smi_range_parse(struct smi_span text, struct smi_range *out,
		    const char **why)
{
	struct smi_block b;
	int r = smi_block_parse(text, &b, why);
	uint64_t more;

	if (r != 1)
		return r;
	more = low_part(&b.last) - low_part(&b.first);
	if (cmp_net(&b.first, &b.last) != 0 || more >= MAX_COUNT) {
		*why = "it has more than 2^32 addresses";
		return -E2BIG;
	}
	if (b.first.family == 6 && smi_ip_is_link_local(&b.first) &&
	    !b.first.scope) {
		*why = "an address of one link needs the interface, as "
		       "fe80::1%eth0";
		return -EINVAL;
	}
	*out = (struct smi_range){ b.first, more + 1, NULL };
	return 1;
}

bool smi_targets_add(struct smi_targets *t, const struct smi_range *r)
{
	return smi_vec_push(&t->items, *r);
}

bool smi_targets_add_exclude(struct smi_targets *t, const struct smi_block *b)
{
	return smi_vec_push(&t->exclude, *b);
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

/* Where blocks can meet: same zone and family. */
static int cmp_place(const struct smi_ip *a, const struct smi_ip *b)
{
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return (a->family > b->family) - (a->family < b->family);
}

static int cmp_block(const void *a, const void *b)
{
	const struct smi_block *x = a, *y = b;
	int r = cmp_place(&x->first, &y->first);

	return r != 0 ? r : smi_ip_cmp(&x->first, &y->first);
}

/* Sorts, and leaves no two that overlap. Returns how many remain. */
static size_t merge_blocks(struct smi_block *v, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(v, n, sizeof(*v), cmp_block);
	for (size_t i = 0; i < n; i++) {
		struct smi_block *last = kept ? &v[kept - 1] : NULL;

		if (!last || cmp_place(&last->first, &v[i].first) != 0 ||
		    smi_ip_cmp(&last->last, &v[i].first) < 0)
			v[kept++] = v[i];
		else if (smi_ip_cmp(&last->last, &v[i].last) < 0)
			last->last = v[i].last;
	}
	return kept;
}

/* The first of the blocks (merged, so in order) that ends at or behind ip. */
static size_t first_not_before(const struct smi_block *v, size_t n,
			       const struct smi_ip *ip)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int r = cmp_place(&v[mid].last, ip);

		if (r < 0 || (r == 0 && smi_ip_cmp(&v[mid].last, ip) < 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* From a to b, as far as their net goes. */
static uint64_t distance(const struct smi_ip *a, const struct smi_ip *b)
{
	return cmp_net(a, b) == 0 ? low_part(b) - low_part(a) : UINT64_MAX;
}

/* The same as blocked(), by the blocks of ip's own zone. */
static bool blocked_here(const struct smi_targets *t, const struct smi_ip *ip,
			 uint64_t *n)
{
	size_t i = first_not_before(t->exclude.v, t->exclude.n, ip);
	const struct smi_block *b = &t->exclude.v[i];
	uint64_t most;

	if (i == t->exclude.n || cmp_place(&b->first, ip) != 0)
		return false;
	if (smi_ip_cmp(ip, &b->first) < 0) {
		most = distance(ip, &b->first);
		*n = SMI_MIN(*n, most);
		return false;
	}
	most = distance(ip, &b->last);
	*n = SMI_MIN(*n - 1, most) + 1;
	return true;
}

/*
 * Whether ip is excluded; *n is the number of addresses from it on, and becomes
 * how many of them that holds for. A block without a zone is one of all zones.
 */
static bool blocked(const struct smi_targets *t, const struct smi_ip *ip,
		    uint64_t *n)
{
	struct smi_ip any = *ip;

	any.scope = 0;
	return blocked_here(t, &any, n) ||
	       (ip->scope && blocked_here(t, ip, n));
}

static bool add_stretch(struct smi_targets *t, const struct smi_ip *first,
			uint64_t count, const char *name)
{
	struct smi_stretch s = { *first, t->count, name };

	t->count += count;
	return smi_vec_push(&t->stretches, s);
}

/* What the blocks leave of a range. */
static bool cut(struct smi_targets *t, const struct smi_range *r)
{
	uint64_t offset = 0;

	while (offset < r->count) {
		uint64_t n = r->count - offset;
		struct smi_ip ip =
			with_low_part(r->first, low_part(&r->first) + offset);

		if (!blocked(t, &ip, &n) && !add_stretch(t, &ip, n, r->name))
			return false;
		offset += n;
	}
	return true;
}

/* Those with a name before the others. Returns how many have one. */
static size_t part_named(struct smi_range *v, size_t n)
{
	size_t named = 0;

	for (size_t i = 0; i < n; i++) {
		struct smi_range r = v[i];

		if (!r.name)
			continue;
		v[i] = v[named];
		v[named++] = r;
	}
	return named;
}

/* What is walked by its name is not walked again in a range. */
static bool cut_named(struct smi_targets *t, struct smi_range *v, size_t n)
{
	n = merge(v, n);
	for (size_t i = 0; i < n; i++)
		if (!cut(t, &v[i]))
			return false;
	for (size_t i = 0; i < n; i++) {
		struct smi_block b = { v[i].first, v[i].first };

		if (!smi_targets_add_exclude(t, &b))
			return false;
	}
	t->exclude.n = merge_blocks(t->exclude.v, t->exclude.n);
	return true;
}

int smi_targets_begin(struct smi_targets *t)
{
	static const struct smi_block nobody[] = {
		{ { .family = 4 }, { .family = 4 } },
		{ { .family = 6 }, { .family = 6 } },
	};
	size_t named = part_named(t->items.v, t->items.n), n;

	for (size_t i = 0; i < SMI_COUNT(nobody); i++)
		if (!smi_targets_add_exclude(t, &nobody[i]))
			return -ENOMEM;
	t->exclude.n = merge_blocks(t->exclude.v, t->exclude.n);
	if (named && !cut_named(t, t->items.v, named))
		return -ENOMEM;
	n = t->items.n - named;
	if (n)
		n = merge(t->items.v + named, n);
	for (size_t i = 0; i < n; i++)
		if (!cut(t, &t->items.v[named + i]))
			return -ENOMEM;
	smi_vec_free(&t->items);
	smi_vec_free(&t->exclude);
	return 0;
}

static void address_at(const struct smi_targets *t, uint64_t i,
		       struct smi_ip *ip, const char **name)
{
	size_t lo = 0, hi = t->stretches.n;
	const struct smi_stretch *s;

	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (t->stretches.v[mid].start <= i)
			lo = mid;
		else
			hi = mid;
	}
	s = &t->stretches.v[lo];
	*ip = with_low_part(s->first, low_part(&s->first) + (i - s->start));
	*name = s->name;
}

void smi_targets_shuffle(struct smi_targets *t,
			 const struct smi_siphash_key *key)
{
	t->shuffled = true;
	smi_perm_init(&t->order, key, t->count);
}

bool smi_targets_step(struct smi_targets *t, uint64_t *number)
{
	if (t->walked >= t->count)
		return false;
	*number = t->walked;
	t->walked += SMI_MAX(t->stride, 1);
	return true;
}

void smi_targets_at(const struct smi_targets *t, uint64_t number,
		    struct smi_ip *ip, const char **name)
{
	address_at(t, t->shuffled ? smi_perm_at(&t->order, number) : number, ip,
		   name);
}

bool smi_targets_next(struct smi_targets *t, struct smi_ip *ip,
		      const char **name)
{
	uint64_t number;

	if (!smi_targets_step(t, &number))
		return false;
	smi_targets_at(t, number, ip, name);
	return true;
}
