/* SPDX-License-Identifier: MIT */
#include "detect/regex-gate.h"

#include "detect/shape.h"

/* What the walks through a pattern may take; nested quantifiers multiply. */
#define STEPS 4096

/* Of the alternatives, shorter texts are in too many lines. */
#define SHORTEST_ANY 3

void smi_gate_open(struct smi_gate *g)
{
	*g = (struct smi_gate){ 0 };
	memset(g->first, 0xff, sizeof(g->first));
	memset(g->begin, 0xff, sizeof(g->begin));
}

/* Which bytes can stand where. A set of places is a bit each. */
struct walk {
	struct smi_span text;
	uint8_t sets[SMI_GATE_BEGIN][32];
	unsigned steps;
};

static void allow_all(struct walk *w, unsigned from)
{
	for (unsigned i = from; i < SMI_GATE_BEGIN; i++)
		memset(w->sets[i], 0xff, sizeof(w->sets[i]));
}

static void allow_set(struct walk *w, unsigned i, const struct smi_shape *s)
{
	uint8_t set[32];

	smi_shape_takes(s, set);
	for (unsigned k = 0; k < 32; k++)
		w->sets[i][k] |= set[k];
}

static unsigned go(struct walk *w, const struct smi_shape *s, unsigned at);

/* The places behind it, when it is at these. */
static unsigned go_once(struct walk *w, const struct smi_shape *s, unsigned at)
{
	unsigned out = 0;

	if (s->type == SMI_SHAPE_SET) {
		for (unsigned i = 0; i < SMI_GATE_BEGIN; i++)
			if (at >> i & 1)
				allow_set(w, i, s);
		return at << 1 & ((1u << SMI_GATE_BEGIN) - 1);
	}
	if (s->type != SMI_SHAPE_GROUP && smi_shape_takes_none(s, w->text))
		return at;
	if (s->type != SMI_SHAPE_GROUP) {
		allow_all(w, (unsigned)__builtin_ctz(at));
		return 0;
	}
	for (const struct smi_shape *b = s->child; b; b = b->next) {
		unsigned here = at;

		for (const struct smi_shape *e = b->child; e && here;
		     e = e->next)
			here = go(w, e, here);
		out |= here;
	}
	return out;
}

static unsigned go(struct walk *w, const struct smi_shape *s, unsigned at)
{
	unsigned out = s->min ? 0 : at;

	for (uint32_t n = 1; at && n <= s->max; n++) {
		if (w->steps++ >= STEPS) {
			allow_all(w, 0);
			return 0;
		}
		at = go_once(w, s, at);
		if (n < s->min)
			continue;
		if (!(at & ~out))
			break;
		out |= at;
	}
	return out;
}

static void find_begin(struct smi_gate *g, const struct smi_shape *root,
		       struct smi_span text)
{
	struct walk w = { .text = text };
	unsigned end = go(&w, root, 1);

	if (end)
		allow_all(&w, (unsigned)__builtin_ctz(end));
	memcpy(g->first, w.sets[0], sizeof(g->first));
	for (unsigned i = 0; i < SMI_GATE_BEGIN; i++) {
		unsigned low = 0, high = 0;

		for (unsigned h = 0; h < 16; h++) {
			unsigned row = w.sets[i][2 * h] |
				       (unsigned)w.sets[i][2 * h + 1] << 8;

			low |= row;
			high |= (unsigned)(row != 0) << h;
		}
		g->begin[i].low = (uint16_t)low;
		g->begin[i].high = (uint16_t)high;
	}
}

/* Texts of which each match has one. */
struct need {
	struct smi_span v[SMI_GATE_TEXTS];
	size_t n;
};

/* The longest text that all matches have, and the alternatives that are best. The
 * bytes of a run lie in buf. */
struct needs {
	struct need one, any;
	char *buf, *end;
	char *run;
	bool full;
};

static size_t shortest(const struct need *n)
{
	size_t len = n->n ? SIZE_MAX : 0;

	for (size_t i = 0; i < n->n; i++)
		len = SMI_MIN(len, n->v[i].len);
	return len;
}

static void end_run(struct needs *n)
{
	struct smi_span run = smi_span_of(n->run, (size_t)(n->buf - n->run));

	if (run.len > shortest(&n->one))
		n->one = (struct need){ { run }, 1 };
	n->run = n->buf;
}

/* The one byte of a set, -1 when it has others. */
static int only_byte(const uint8_t set[32])
{
	int byte = -1;

	for (int i = 0; i < 32; i++) {
		if (!set[i])
			continue;
		if (byte >= 0 || set[i] & (set[i] - 1))
			return -1;
		byte = i * 8 + __builtin_ctz(set[i]);
	}
	return byte;
}

static void add_set(struct needs *n, const struct smi_shape *s)
{
	int byte = s->min ? only_byte(s->set) : -1;

	if (byte < 0) {
		end_run(n);
		return;
	}
	if (n->buf - n->run == 32)
		end_run(n);
	if (n->buf == n->end) {
		n->full = true;
		return;
	}
	*n->buf++ = (char)byte;
	if (s->max != 1)
		end_run(n);
}

static void need_of_branch(struct needs *n, const struct smi_shape *b);

/* What one branch needs goes to what one of all branches needs. */
static void add_alternatives(struct needs *n, const struct smi_shape *s)
{
	struct need all = { .n = 0 };

	for (const struct smi_shape *b = s->child; b; b = b->next) {
		struct needs in = { .buf = n->buf,
				    .end = n->end,
				    .run = n->buf };
		const struct need *best;

		need_of_branch(&in, b);
		best = shortest(&in.any) > shortest(&in.one) ? &in.any
							     : &in.one;
		n->buf = n->run = in.buf;
		n->full |= in.full;
		if (n->full || !best->n || all.n + best->n > SMI_GATE_TEXTS)
			return;
		memcpy(all.v + all.n, best->v, best->n * sizeof(best->v[0]));
		all.n += best->n;
	}
	if (all.n == 1 && shortest(&all) > shortest(&n->one))
		n->one = all;
	if (all.n > 1 && shortest(&all) > shortest(&n->any))
		n->any = all;
}

static void need_of_branch(struct needs *n, const struct smi_shape *b)
{
	for (const struct smi_shape *e = b->child; e && !n->full; e = e->next) {
		if (e->type == SMI_SHAPE_SET) {
			add_set(n, e);
			continue;
		}
		end_run(n);
		if (e->type == SMI_SHAPE_GROUP && e->min)
			add_alternatives(n, e);
	}
	end_run(n);
}

/* How common bytes are in logs, roughly: the first are the most common. */
static unsigned rarity(char c)
{
	static const char common[] = " e0123ison4567r89at[]:d.cupm-lfhv=/";
	const char *at = c ? strchr(common, c) : NULL;

	return at ? (unsigned)(at - common) : SMI_COUNT(common);
}

static bool keep(struct smi_gate *g, struct smi_span s, size_t *used,
		 struct smi_gate_text *out)
{
	uint8_t rarest = 0;

	if (*used + s.len > sizeof(g->bytes))
		return false;
	for (uint8_t i = 1; i < s.len; i++)
		if (rarity(s.p[i]) > rarity(s.p[rarest]))
			rarest = i;
	memcpy(g->bytes + *used, s.p, s.len);
	*out = (struct smi_gate_text){ (uint8_t)*used, (uint8_t)s.len, rarest };
	*used += s.len;
	return true;
}

static void find_texts(struct smi_gate *g, const struct smi_shape *root)
{
	char buf[512];
	struct needs n = { .buf = buf, .end = buf + sizeof(buf), .run = buf };
	size_t used = 0;

	add_alternatives(&n, root);
	if (n.full)
		return;
	if (n.one.n)
		keep(g, n.one.v[0], &used, &g->text);
	smi_gate_bytes(smi_gate_text(g, g->text), g->need);
	if (shortest(&n.any) < SHORTEST_ANY)
		return;
	for (size_t i = 0; i < n.any.n; i++)
		if (!keep(g, n.any.v[i], &used, &g->any[g->nany++])) {
			g->nany = 0;
			return;
		}
}

int smi_gate_make(struct smi_gate *g, struct smi_span text, bool anchored)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_shape *root;
	int r;

	smi_gate_open(g);
	if (smi_shape_is_odd(text))
		return 0;
	r = smi_shape_read(text, &a, &root);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (anchored)
		find_begin(g, root, text);
	find_texts(g, root);
	return 0;
}

static bool has_text(const struct smi_gate *g, struct smi_gate_text t,
		     struct smi_span subject)
{
	const char *text = g->bytes + t.at, *p = subject.p, *end;

	if (subject.len < t.len)
		return false;
	p += t.rarest;
	end = subject.p + subject.len - (t.len - t.rarest) + 1;
	while (p < end) {
		p = memchr(p, text[t.rarest], (size_t)(end - p));
		if (!p)
			return false;
		if (memcmp(p - t.rarest, text, t.len) == 0)
			return true;
		p++;
	}
	return false;
}

bool smi_gate_passes(const struct smi_gate *g, struct smi_span subject)
{
	if (subject.len && !smi_gate_may_begin(g, (unsigned char)subject.p[0]))
		return false;
	if (g->text.len && !has_text(g, g->text, subject))
		return false;
	for (size_t i = 0; i < g->nany; i++)
		if (has_text(g, g->any[i], subject))
			return true;
	return !g->nany;
}
