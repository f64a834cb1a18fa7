/* SPDX-License-Identifier: MIT */
#include "detect/shape.h"

#define SHORTEST_ADDRESS 7 /* 1.2.3.4 */
#define MANY		 32

static bool has_byte(const uint8_t *set, unsigned c)
{
	return set[c >> 3] >> (c & 7) & 1;
}

bool smi_shape_is_odd(struct smi_span text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		char next = text.p[i + 1];

		if (text.p[i] == '\\' && strchr("RXhHvV", next))
			return true;
		/* Versions of PCRE2 differ in what these are. */
		if (text.p[i] == '{' && (next == ',' || next == ' '))
			return true;
		i += text.p[i] == '\\';
	}
	return false;
}

void smi_shape_takes(const struct smi_shape *s, uint8_t set[32])
{
	static const uint8_t dot[32] = { 0xff, 0xfb, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff };

	/* A shape's dot does not take a line end, a pattern's may. */
	memcpy(set, s->set, sizeof(dot));
	if (memcmp(set, dot, sizeof(dot)) == 0)
		memset(set, 0xff, sizeof(dot));
}

bool smi_shape_takes_none(const struct smi_shape *s, struct smi_span text)
{
	struct smi_span t = smi_span_skip(text, s->begin);

	if (s->type != SMI_SHAPE_OTHER)
		return true;
	if (t.len < 3)
		return false;
	return t.p[0] == '\\' ? t.p[1] == 'b' || t.p[1] == 'B'
			      : t.p[0] == '(' && t.p[1] == '?' && t.p[2] != 'P';
}

static uint64_t plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint32_t n)
{
	return n && a > UINT64_MAX / n ? UINT64_MAX : a * n;
}

/* Where a walk from the left is: the fewest bytes that were taken before, and
 * whether the end of the line is behind it. */
struct place {
	uint64_t min;
	bool ended, dead;
};

static struct place walk(const struct smi_shape *s, struct place p);

static struct place walk_branches(const struct smi_shape *s, struct place p)
{
	struct place out = { .min = UINT64_MAX, .ended = true, .dead = true };

	for (const struct smi_shape *b = s->child; b; b = b->next) {
		struct place q = p;

		for (const struct smi_shape *e = b->child; e && !q.dead;
		     e = e->next)
			q = walk(e, q);
		if (q.dead)
			continue;
		out.dead = false;
		out.min = SMI_MIN(out.min, q.min);
		out.ended &= q.ended;
	}
	return out.dead ? (struct place){ .dead = true } : out;
}

static struct place walk(const struct smi_shape *s, struct place p)
{
	struct place q = p;

	if (s->min == 0)
		return p;
	switch (s->type) {
	case SMI_SHAPE_SET:
		q.dead = p.ended;
		q.min = plus(p.min, s->min);
		return q;
	case SMI_SHAPE_GROUP:
		q = walk_branches(s, p);
		if (!q.dead)
			q.min = plus(p.min, times(q.min - p.min, s->min));
		return q;
	case SMI_SHAPE_BEGIN:
		q.dead = p.min > 0;
		return q;
	case SMI_SHAPE_END:
		q.ended = true;
		return q;
	default:
		return p;
	}
}

bool smi_shape_is_dead(const struct smi_shape *root)
{
	return walk(root, (struct place){ 0 }).dead;
}

uint64_t smi_shape_min(const struct smi_shape *root)
{
	return walk(root, (struct place){ 0 }).min;
}

static bool is_anchored(const struct smi_shape *s)
{
	for (const struct smi_shape *b = s->child; b; b = b->next) {
		const struct smi_shape *e = b->child;

		while (e && (e->type == SMI_SHAPE_LOOK ||
			     e->type == SMI_SHAPE_OTHER))
			e = e->next;
		if (!e || e->min == 0)
			return false;
		if (e->type != SMI_SHAPE_BEGIN &&
		    !(e->type == SMI_SHAPE_GROUP && is_anchored(e)))
			return false;
	}
	return s->child != NULL;
}

bool smi_shape_is_anchored(const struct smi_shape *root)
{
	return is_anchored(root);
}

static unsigned count_retries(const struct smi_shape *s)
{
	unsigned n = 0;

	for (const struct smi_shape *b = s->child; b; b = b->next)
		for (const struct smi_shape *e = b->child; e; e = e->next)
			n += count_retries(e);
	if (s->max >= MANY)
		n += s->type == SMI_SHAPE_GROUP ? 2 : 1;
	return n;
}

unsigned smi_shape_retries(const struct smi_shape *root)
{
	return count_retries(root) + !is_anchored(root);
}

/* What one round of it can take. A look that forbids something narrows what
 * follows in a way that is not told here: the set is empty then. */
static bool collect(const struct smi_shape *s, uint8_t set[32])
{
	if (s->type == SMI_SHAPE_SET) {
		for (size_t i = 0; i < 32; i++)
			set[i] |= s->set[i];
		return true;
	}
	if (s->type == SMI_SHAPE_LOOK)
		return false;
	for (const struct smi_shape *b = s->child; b; b = b->next)
		for (const struct smi_shape *e = b->child; e; e = e->next)
			if (!collect(e, set))
				return false;
	return true;
}

/* It takes every printable byte, and enough of them for an address. */
static bool takes_all(const struct smi_shape *s)
{
	uint8_t set[32] = { 0 };

	if (s->max < SHORTEST_ADDRESS || !collect(s, set))
		return false;
	for (unsigned c = 0x20; c < 0x7f; c++)
		if (!has_byte(set, c))
			return false;
	return true;
}

static bool holds_all(const struct smi_shape *s)
{
	if (takes_all(s))
		return true;
	if (s->type == SMI_SHAPE_LOOK)
		return false;
	for (const struct smi_shape *b = s->child; b; b = b->next)
		for (const struct smi_shape *e = b->child; e; e = e->next)
			if (holds_all(e))
				return true;
	return false;
}

/* What was met on the way to the group and behind it. */
struct around {
	const char *name;
	bool found, before, behind, tied;
};

static bool ends_line(const struct smi_shape *s)
{
	if (s->type == SMI_SHAPE_END)
		return true;
	if (s->type != SMI_SHAPE_GROUP || s->min == 0)
		return false;
	for (const struct smi_shape *b = s->child; b; b = b->next) {
		bool end = false;

		for (const struct smi_shape *e = b->child; e; e = e->next)
			end |= ends_line(e);
		if (!end)
			return false;
	}
	return true;
}

static void look_around(const struct smi_shape *s, struct around *a);

static void look_in_branch(const struct smi_shape *b, struct around *a)
{
	struct around here = { .name = a->name };

	for (const struct smi_shape *e = b->child; e; e = e->next) {
		if (here.found) {
			here.behind |= holds_all(e);
			here.tied |= ends_line(e);
			continue;
		}
		look_around(e, &here);
		if (!here.found)
			here.before |= holds_all(e);
	}
	if (!here.found)
		return;
	a->found = true;
	a->before |= here.before;
	a->behind |= here.behind;
	a->tied |= here.tied;
}

static void look_around(const struct smi_shape *s, struct around *a)
{
	if (smi_span_eq_str(s->name, a->name) && s->type == SMI_SHAPE_GROUP) {
		a->found = true;
		return;
	}
	if (s->type != SMI_SHAPE_GROUP)
		return;
	for (const struct smi_shape *b = s->child; b && !a->found; b = b->next)
		look_in_branch(b, a);
	/* A round of the repeated group is what stands before the next one. */
	if (a->found && s->max == SMI_SHAPE_ENDLESS)
		a->before |= a->behind;
}

bool smi_shape_is_loose(const struct smi_shape *root, const char *name)
{
	struct around a = { .name = name };

	look_around(root, &a);
	return a.found && a.before && (a.behind || !a.tied);
}

static unsigned pick_byte(const uint8_t *set)
{
	static const char liked[] = "a0 x/:.";

	for (const char *c = liked; *c; c++)
		if (has_byte(set, (unsigned char)*c))
			return (unsigned char)*c;
	for (unsigned c = 0x21; c < 0x100; c++)
		if (has_byte(set, c))
			return c;
	return ' ';
}

static const struct smi_shape *pick_branch(const struct smi_shape *group,
					   unsigned branch)
{
	const struct smi_shape *b;
	unsigned n = 0;

	for (b = group->child; b; b = b->next)
		n++;
	branch = n ? branch % n : 0;
	for (b = group->child; b && branch; b = b->next)
		branch--;
	return b;
}

void smi_shape_example(const struct smi_shape *root, unsigned branch,
		       size_t max, struct smi_buf *b)
{
	uint32_t n = SMI_MAX(root->min, (uint32_t)(root->max > 0));
	const struct smi_shape *one;

	if (root->type == SMI_SHAPE_LOOK)
		return;
	if (root->type == SMI_SHAPE_SET) {
		size_t room = b->len < max ? max - b->len : 0;

		smi_buf_fill(b, (char)pick_byte(root->set),
			     SMI_MIN((size_t)n, room));
		return;
	}
	one = pick_branch(root, branch);
	for (; one && n && b->len < max; n--) {
		size_t before = b->len;

		for (const struct smi_shape *e = one->child; e; e = e->next)
			smi_shape_example(e, branch, max, b);
		if (b->len == before)
			return;
	}
}
