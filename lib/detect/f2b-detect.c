/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/corr-pack.h"
#include "detect/f2b-date.h"

#define FAR INT32_MAX

/* A pattern, and what it has seen. */
struct slot {
	const struct smi_f2b_date *date;
	uint64_t hits;
	int32_t distance; /* of the last hit from the begin of the line */
};

/* Where a pattern hit. */
struct hit {
	bool found;
	bool fresh; /* nothing was tried since: the groups are there */
	size_t index;
	int32_t begin, end; /* of the whole match */
};

/* The last line whose date was read: the next one is likely to begin alike. */
#define MEMO_MAX  96
#define MEMO_TAIL 24

struct memo {
	char text[MEMO_MAX];
	size_t len; /* 0: nothing */
	struct smi_f2b_stamp stamp;
	size_t second_at; /* two digits, when any others would do; else 0 */
	int second;
};

struct smi_f2b_detector {
	const struct smi_f2b_date *dates;
	struct slot *slots;
	size_t n, first_unused;
	size_t last; /* SIZE_MAX: none */
	bool loose;
	bool gave_up; /* of the line at hand */
	int32_t last_begin, last_end;
	struct memo memo;
};

int smi_f2b_detector_new(const struct smi_f2b_dates *d,
			 struct smi_f2b_detector **out)
{
	struct smi_f2b_detector *x = smi_zalloc(sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->slots = smi_zalloc((d->n + 1) * sizeof(*x->slots));
	if (!x->slots) {
		free(x);
		return -ENOMEM;
	}
	x->n = d->n;
	x->dates = d->v;
	for (size_t i = 0; i < d->n; i++)
		x->slots[i] = (struct slot){ &d->v[i], 0, FAR };
	x->last = SIZE_MAX;
	x->last_begin = 1;
	x->last_end = FAR;
	*out = x;
	return 0;
}

void smi_f2b_detector_free(struct smi_f2b_detector *x)
{
	if (!x)
		return;
	free(x->slots);
	free(x);
}

bool smi_f2b_detector_is_loose(const struct smi_f2b_detector *x)
{
	return x->loose;
}

static int try_slot(struct smi_f2b_detector *x, size_t i, struct smi_matcher *m,
		    struct smi_span line, struct hit *out)
{
	struct smi_span whole;
	int r = smi_regex_match(&x->slots[i].date->re, m, line);

	x->gave_up |= r == -E2BIG;
	if (r != 1 || !smi_matcher_group(m, line, 0, &whole))
		return r == -ENOMEM ? r : 0;
	*out = (struct hit){ true, false, i, (int32_t)(whole.p - line.p),
			     (int32_t)(whole.p - line.p + (int32_t)whole.len) };
	return 1;
}

/* A pattern that is tied to neither end and hits further right than before may
 * have met a date within the message. */
static bool is_settled(const struct smi_f2b_detector *x, const struct hit *h)
{
	const struct slot *s = &x->slots[h->index];

	if (h->index + 1 == x->n || s->date->anchored)
		return true;
	if (h->begin == 0 && s->hits && !x->slots[h->index + 1].hits)
		return true;
	return h->begin <= s->distance && h->begin <= x->last_begin;
}

static int search(struct smi_f2b_detector *x, size_t skip,
		  struct smi_matcher *m, struct smi_span line, struct hit *best)
{
	struct hit h;

	for (size_t i = 0; i < x->n; i++) {
		int r = i == skip ? 0 : try_slot(x, i, m, line, &h);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (is_settled(x, &h)) {
			*best = h;
			best->fresh = true;
			return 0;
		}
		if (!best->found || h.begin < best->begin)
			*best = h;
	}
	return 0;
}

static uint64_t weight(const struct slot *s)
{
	uint64_t hits = SMI_MIN(s->hits, UINT64_MAX / 1000000);

	return hits * s->date->weight * 4096 /
	       (uint64_t)SMI_MAX(s->distance, 1);
}

/* May the slot stand where another one is? */
static bool may_move(const struct smi_f2b_detector *x, size_t from, size_t to)
{
	return weight(&x->slots[from]) > weight(&x->slots[to]) ||
	       x->slots[to].hits == 0;
}

/* Patterns that hit come to stand before those that do not. */
static size_t move_up(struct smi_f2b_detector *x, size_t from)
{
	size_t to = x->first_unused < from ? x->first_unused : from / 2;
	struct slot s = x->slots[from];

	if (!may_move(x, from, to)) {
		if (to == from - 1)
			return from;
		to = from - 1;
		if (!may_move(x, from, to))
			return from;
	}
	memmove(&x->slots[to + 1], &x->slots[to],
		(from - to) * sizeof(*x->slots));
	x->slots[to] = s;
	while (x->first_unused < x->n && x->slots[x->first_unused].hits)
		x->first_unused++;
	return to;
}

static size_t learn(struct smi_f2b_detector *x, const struct hit *h)
{
	struct slot *s = &x->slots[h->index];
	size_t i = h->index;

	s->hits++;
	x->loose |= !s->date->anchored;
	s->distance = h->begin;
	if (x->first_unused == i)
		x->first_unused++;
	x->last_begin = h->begin;
	x->last_end = h->end;
	if (i && i != x->last)
		i = move_up(x, i);
	x->last = i;
	return i;
}

/* First the pattern that hit last, then all others. */
static int look(struct smi_f2b_detector *x, struct smi_matcher *m,
		struct smi_span line, struct hit *best)
{
	struct hit h;
	int r;

	*best = (struct hit){ 0 };
	if (x->last < x->n) {
		r = try_slot(x, x->last, m, line, &h);
		if (r < 0)
			return r;
		if (r == 1 &&
		    (x->n == 1 || x->slots[x->last].date->anchored ||
		     (h.begin == x->last_begin && h.end == x->last_end))) {
			*best = h;
			best->fresh = true;
			return 0;
		}
		if (r == 1)
			*best = h;
	}
	return search(x, x->last, m, line, best);
}

static bool recall(const struct smi_f2b_detector *x, struct smi_span line,
		   struct smi_f2b_stamp *out)
{
	const struct memo *k = &x->memo;
	size_t at = k->second_at;
	size_t behind = at ? at + 2 : 0;
	unsigned tens, ones;

	if (!k->len || line.len < k->len || memcmp(line.p, k->text, at) != 0 ||
	    memcmp(line.p + behind, k->text + behind, k->len - behind) != 0)
		return false;
	tens = at ? (unsigned)(line.p[at] - '0') : 0;
	ones = at ? (unsigned)(line.p[at + 1] - '0') : 0;
	if (tens > 5 || ones > 9)
		return false;
	*out = k->stamp;
	if (at)
		out->time += ((int)(tens * 10 + ones) - k->second) * SMI_SEC;
	return true;
}

/* How much of the line decides on the date that ends at end; 0: more than it is
 * worth. */
static size_t deciding(const struct smi_f2b_date *d, struct smi_matcher *m,
		       struct smi_span line, size_t end)
{
	size_t most =
		SMI_MIN(SMI_MIN(end + MEMO_TAIL, line.len), (size_t)MEMO_MAX);

	for (size_t n = end; n <= most; n++)
		if (smi_regex_is_decided(&d->re, m, smi_span_head(line, n)))
			return n;
	return 0;
}

static void remember(struct smi_f2b_detector *x, struct smi_matcher *m,
		     struct smi_span line, const struct hit *h,
		     const struct smi_f2b_stamp *s, bool settled)
{
	const struct smi_f2b_date *d = x->slots[x->last].date;
	struct smi_span second;
	uint64_t v;

	x->memo.len = x->memo.second_at = 0;
	if (h->begin != 0 || !d->anchored)
		return;
	/* Near the end of the year, of an hour that comes twice or of a day
	 * without a date the seconds decide more than themselves. */
	if (settled && d->kind == SMI_F2B_CALENDAR && s->time != INT64_MIN &&
	    smi_matcher_group(m, line, d->part[SMI_F2B_SECOND], &second) &&
	    second.len == 2 && smi_span_uint(second, 59, &v)) {
		x->memo.second_at = (size_t)(second.p - line.p);
		x->memo.second = (int)v;
	}
	x->memo.len = deciding(d, m, line, (size_t)h->end);
	memcpy(x->memo.text, line.p, x->memo.len);
	x->memo.stamp = *s;
}

/* The whole minute is before now, and its local time comes once. */
static bool is_plain(const struct smi_f2b_clock *c, int64_t time)
{
	int64_t t = time / SMI_SEC, local, both[2];

	if (time == INT64_MIN || t + 60 > c->now)
		return false;
	if (!c->tz)
		return true;
	local = t + smi_tz_offset(c->tz, t);
	return smi_tz_local(c->tz, local, both) == 1;
}

int smi_f2b_detect(struct smi_f2b_detector *x, struct smi_matcher *m,
		   struct smi_span line, struct smi_f2b_clock *c,
		   struct smi_f2b_stamp *out)
{
	struct hit h;
	struct smi_span cut;
	bool settled;
	int r;

	*out = (struct smi_f2b_stamp){ .time = INT64_MIN };
	if (recall(x, line, out)) {
		if (out->time != INT64_MIN)
			c->last = out->time / SMI_SEC;
		return 0;
	}
	x->gave_up = false;
	r = look(x, m, line, &h);
	out->gave_up = x->gave_up;
	if (r < 0 || !h.found)
		return r;
	if (!h.fresh) {
		r = try_slot(x, h.index, m, line, &h);
		if (r != 1)
			return SMI_MIN(r, 0);
	}
	out->found = true;
	if (smi_matcher_group(m, line, 1, &cut)) {
		out->begin = (size_t)(cut.p - line.p);
		out->end = out->begin + cut.len;
	}
	if (out->end > out->begin)
		out->time =
			smi_f2b_date_time(x->slots[h.index].date, m, line, c);
	settled = is_plain(c, out->time);
	learn(x, &h);
	remember(x, m, line, &h, out, settled);
	return 0;
}

void smi_f2b_detector_save(const struct smi_f2b_detector *x,
			   struct smi_buf *out)
{
	smi_pack_uint(out, x->n);
	smi_pack_uint(out, x->first_unused);
	smi_pack_uint(out, x->last < x->n ? x->last + 1 : 0);
	smi_pack_uint(out, (uint64_t)x->last_begin);
	smi_pack_uint(out, (uint64_t)x->last_end);
	smi_pack_uint(out, x->loose);
	for (size_t i = 0; i < x->n; i++) {
		smi_pack_uint(out, (uint64_t)(x->slots[i].date - x->dates));
		smi_pack_uint(out, x->slots[i].hits);
		smi_pack_uint(out, (uint64_t)x->slots[i].distance);
	}
}

/* Each pattern has one slot. */
static void load_slots(struct slot *slots, size_t n,
		       const struct smi_f2b_date *dates, struct smi_unpack *in)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < n && !in->bad; i++) {
		size_t k = (size_t)smi_unpack_uint(in, n - 1);

		in->bad |= (seen >> k & 1) != 0;
		seen |= UINT64_C(1) << k;
		slots[i].date = &dates[k];
		slots[i].hits = smi_unpack_uint(in, UINT64_MAX);
		slots[i].distance = (int32_t)smi_unpack_uint(in, INT32_MAX);
	}
}

void smi_f2b_detector_load(struct smi_f2b_detector *x, struct smi_unpack *in)
{
	static const struct smi_f2b_date none[SMI_F2B_MAX_DATES];
	struct slot room[SMI_F2B_MAX_DATES];
	size_t n = (size_t)smi_unpack_uint(in, SMI_F2B_MAX_DATES);
	size_t first_unused = (size_t)smi_unpack_uint(in, n);
	size_t last = (size_t)smi_unpack_uint(in, n);
	int32_t begin = (int32_t)smi_unpack_uint(in, INT32_MAX);
	int32_t end = (int32_t)smi_unpack_uint(in, INT32_MAX);
	bool loose = smi_unpack_uint(in, 1) != 0;

	in->bad |= x && n != x->n;
	load_slots(room, n, x ? x->dates : none, in);
	if (!x || in->bad)
		return;
	memcpy(x->slots, room, n * sizeof(*room));
	x->first_unused = first_unused;
	x->last = last ? last - 1 : SIZE_MAX;
	x->last_begin = begin;
	x->last_end = end;
	x->loose = loose;
}
