/* SPDX-License-Identifier: MIT */
#include "detect/f2b-session.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/siphash.h"

#define BUCKETS 4096
#define ROOM	88
/* Of the texts that are longer than their room, together. */
#define MAX_TEXT (2u << 20)

/* What is kept of a connection: its id, the values that are carried from line to
 * line, and the first user that was not empty. */
enum slot {
	SLOT_ID,
	SLOT_FIRST_USER,
	SLOT_CARRIED,
	NSLOTS = SLOT_CARRIED + 6
};
static const uint8_t carried[NSLOTS - SLOT_CARRIED] = {
	SMI_F2B_FID, SMI_F2B_IP4,  SMI_F2B_IP6,
	SMI_F2B_DNS, SMI_F2B_USER, SMI_F2B_PORT
};
#define SLOT_USER (SLOT_CARRIED + 4)

struct session {
	struct session *next; /* of its bucket */
	struct session *older, *newer;
	uint64_t hash;
	int64_t time;
	uint32_t filter;
	bool pending; /* a failure whose address is not known yet */
	bool many_users;
	uint16_t set; /* a bit a slot */
	/* Values are written behind one another, or over a longer one before. */
	uint16_t at[NSLOTS], len[NSLOTS];
	uint16_t used, cap;
	char *text; /* room, or its own */
	char room[ROOM];
};

struct smi_f2b_sessions {
	struct session *buckets[BUCKETS];
	struct session *oldest, *newest;
	struct session *gone; /* forgotten; the caller may still look at it */
	struct session *spare;
	size_t n, text;
	uint64_t lost;
	struct smi_siphash_key sip;
};

int smi_f2b_sessions_new(struct smi_f2b_sessions **out)
{
	*out = smi_zalloc(sizeof(**out));
	if (!*out)
		return -ENOMEM;
	smi_siphash_random_key(&(*out)->sip);
	return 0;
}

static void unlink_session(struct smi_f2b_sessions *s, struct session *x)
{
	*(x->older ? &x->older->newer : &s->oldest) = x->newer;
	*(x->newer ? &x->newer->older : &s->newest) = x->older;
	x->older = x->newer = NULL;
}

static void link_newest(struct smi_f2b_sessions *s, struct session *x)
{
	x->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = x;
	s->newest = x;
}

static void detach(struct smi_f2b_sessions *s, struct session *x)
{
	struct session **at = &s->buckets[x->hash % BUCKETS];

	unlink_session(s, x);
	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	s->n--;
}

static void free_text(struct smi_f2b_sessions *s, struct session *x)
{
	if (x->text == x->room)
		return;
	s->text -= x->cap;
	free(x->text);
}

/* One is kept: most connections come when another one goes. */
static void free_session(struct smi_f2b_sessions *s, struct session *x)
{
	if (!x)
		return;
	free_text(s, x);
	free(s->spare);
	s->spare = x;
}

static void drop(struct smi_f2b_sessions *s, struct session *x)
{
	detach(s, x);
	free_session(s, x);
}

void smi_f2b_sessions_free(struct smi_f2b_sessions *s)
{
	if (!s)
		return;
	while (s->oldest)
		drop(s, s->oldest);
	free_session(s, s->gone);
	free(s->spare);
	free(s);
}

uint64_t smi_f2b_sessions_lost(const struct smi_f2b_sessions *s)
{
	return s->lost;
}

static struct smi_span value(const struct session *x, size_t slot)
{
	return smi_span_of(x->text + x->at[slot], x->len[slot]);
}

static bool has(const struct session *x, size_t slot)
{
	return (x->set >> slot & 1) != 0;
}

/* To a text of its own, without what was written over. */
static int make_room(struct smi_f2b_sessions *s, struct session *x, size_t more)
{
	size_t cap = more, at = 0;
	char *text;

	for (size_t i = 0; i < NSLOTS; i++)
		cap += has(x, i) ? x->len[i] : 0;
	cap += cap / 2;
	text = smi_alloc(cap);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < NSLOTS; i++) {
		if (!has(x, i))
			continue;
		memcpy(text + at, x->text + x->at[i], x->len[i]);
		x->at[i] = (uint16_t)at;
		at += x->len[i];
	}
	free_text(s, x);
	x->text = text;
	x->used = (uint16_t)at;
	x->cap = (uint16_t)cap;
	s->text += cap;
	return 0;
}

static int put(struct smi_f2b_sessions *s, struct session *x, size_t slot,
	       struct smi_span v)
{
	if (!has(x, slot) || x->len[slot] < v.len) {
		if ((size_t)(x->cap - x->used) < v.len &&
		    make_room(s, x, v.len) < 0)
			return -ENOMEM;
		x->at[slot] = x->used;
		x->used = (uint16_t)(x->used + v.len);
	}
	if (v.len)
		memcpy(x->text + x->at[slot], v.p, v.len);
	x->len[slot] = (uint16_t)v.len;
	x->set |= (uint16_t)(1u << slot);
	return 0;
}

static bool is_stale(const struct session *x, int64_t time)
{
	int64_t gap = SMI_F2B_SESSION_GAP * SMI_SEC;

	if (x->time == INT64_MIN || time == INT64_MIN)
		return false;
	return time > x->time ? time - x->time > gap : x->time - time > gap;
}

static uint64_t hash_of(const struct smi_f2b_sessions *s, size_t filter,
			struct smi_span id)
{
	return smi_siphash(&s->sip, id.p, id.len) +
	       filter * UINT64_C(0x9e3779b97f4a7c15);
}

static struct session *find(struct smi_f2b_sessions *s, uint64_t hash,
			    size_t filter, struct smi_span id, int64_t time)
{
	struct session *x = s->buckets[hash % BUCKETS];

	while (x && (x->hash != hash || x->filter != filter ||
		     !smi_span_eq(value(x, SLOT_ID), id)))
		x = x->next;
	if (x && is_stale(x, time)) {
		drop(s, x);
		return NULL;
	}
	return x;
}

static struct session *add(struct smi_f2b_sessions *s, uint64_t hash,
			   size_t filter, struct smi_span id, int64_t time)
{
	struct session **bucket = &s->buckets[hash % BUCKETS];
	struct session *x =
		s->spare ? smi_take(&s->spare) : smi_alloc(sizeof(*x));

	if (!x)
		return NULL;
	memset(x, 0, offsetof(struct session, room));
	x->text = x->room;
	x->cap = ROOM;
	x->time = INT64_MIN;
	x->hash = hash;
	x->filter = (uint32_t)filter;
	if (put(s, x, SLOT_ID, id) < 0) {
		free_session(s, x);
		return NULL;
	}
	x->next = *bucket;
	*bucket = x;
	link_newest(s, x);
	if (++s->n > SMI_F2B_MAX_SESSIONS) {
		s->lost += !is_stale(s->oldest, time);
		drop(s, s->oldest);
	}
	return x;
}

static bool truthy(const struct smi_f2b_caught *c, enum smi_f2b_key k)
{
	return smi_f2b_has(c, k) && c->v[k].len;
}

/* The first user lies where the last one does, until another one comes. */
static void note_user(struct session *x, struct smi_span user)
{
	if (has(x, SLOT_FIRST_USER))
		x->many_users |= !smi_span_eq(value(x, SLOT_FIRST_USER), user);
}

static void note_first_user(struct session *x)
{
	if (has(x, SLOT_FIRST_USER) || !has(x, SLOT_USER) || !x->len[SLOT_USER])
		return;
	x->at[SLOT_FIRST_USER] = x->at[SLOT_USER];
	x->len[SLOT_FIRST_USER] = x->len[SLOT_USER];
	x->set |= 1u << SLOT_FIRST_USER;
}

/* The values of c over those that are there. */
static int store(struct smi_f2b_sessions *s, struct session *x,
		 const struct smi_f2b_caught *c)
{
	int r = 0;

	if (truthy(c, SMI_F2B_USER))
		note_user(x, c->v[SMI_F2B_USER]);
	for (size_t i = 0; r == 0 && i < sizeof(carried); i++) {
		uint8_t k = carried[i];

		if (!(c->set >> k & 1))
			continue;
		if (c->v[k].len > SMI_F2B_MAX_VALUE)
			s->lost++;
		else
			r = put(s, x, SLOT_CARRIED + i, c->v[k]);
	}
	note_first_user(x);
	return r;
}

/* What this line says by itself. */
struct says {
	bool nofail, gained, forget;
};

static bool has_address(const struct smi_f2b_caught *c)
{
	return (c->set & (1u << SMI_F2B_FID | 1u << SMI_F2B_IP4 |
			  1u << SMI_F2B_IP6 | 1u << SMI_F2B_DNS)) != 0;
}

/* Failures that wait for an address, or tries as several users, are not undone by
 * a line that is no failure. */
static enum smi_f2b_verdict judge(struct session *x, const struct says *l,
				  const struct smi_f2b_caught *all)
{
	bool undone = l->nofail && !x->pending && !x->many_users;

	x->pending = false;
	if (undone)
		return l->gained ? SMI_F2B_GAINED : SMI_F2B_HELPS;
	if (has_address(all))
		return SMI_F2B_FAILURE;
	x->pending = true;
	return SMI_F2B_HELPS;
}

static void fill_up(struct smi_f2b_caught *c, const struct session *x)
{
	for (size_t i = 0; i < sizeof(carried); i++) {
		uint8_t k = carried[i];

		if (!(c->set >> k & 1) && has(x, SLOT_CARRIED + i)) {
			c->v[k] = value(x, SLOT_CARRIED + i);
			c->set |= 1u << k;
		}
	}
}

/* A line that is the first and the last of its connection. */
static enum smi_f2b_verdict judge_alone(const struct smi_f2b_caught *c,
					const struct says *l)
{
	if (l->nofail)
		return l->gained ? SMI_F2B_GAINED : SMI_F2B_HELPS;
	return has_address(c) ? SMI_F2B_FAILURE : SMI_F2B_HELPS;
}

/* All but x, which the caller looks at. */
static void shrink(struct smi_f2b_sessions *s, const struct session *x)
{
	while (s->text > MAX_TEXT && s->oldest && s->oldest != x) {
		s->lost++;
		drop(s, s->oldest);
	}
}

static int join(struct smi_f2b_sessions *s, struct session *x, int64_t time,
		const struct says *l, struct smi_f2b_caught *c,
		enum smi_f2b_verdict *out)
{
	unlink_session(s, x);
	link_newest(s, x);
	if (store(s, x, c) < 0)
		return -ENOMEM;
	shrink(s, x);
	if (l->gained)
		x->pending = false;
	if (time != INT64_MIN)
		x->time = time;
	fill_up(c, x);
	*out = judge(x, l, c);
	if (l->forget) {
		/* c points into it. */
		detach(s, x);
		s->gone = x;
	}
	return 0;
}

int smi_f2b_sessions_join(struct smi_f2b_sessions *s, size_t filter,
			  int64_t time, struct smi_f2b_caught *c,
			  enum smi_f2b_verdict *out)
{
	struct says l = { .gained = truthy(c, SMI_F2B_MLFGAINED),
			  .forget = truthy(c, SMI_F2B_MLFFORGET) };
	struct smi_span id = c->v[SMI_F2B_MLFID];
	struct session *x = NULL;
	uint64_t hash;

	free_session(s, s->gone);
	s->gone = NULL;
	l.nofail = l.gained || truthy(c, SMI_F2B_NOFAIL);
	hash = hash_of(s, filter, id);
	if (id.len > SMI_F2B_MAX_VALUE)
		s->lost++;
	else
		x = find(s, hash, filter, id, time);
	if (!x && (l.forget || id.len > SMI_F2B_MAX_VALUE)) {
		*out = judge_alone(c, &l);
		return 0;
	}
	if (!x)
		x = add(s, hash, filter, id, time);
	return x ? join(s, x, time, &l, c, out) : -ENOMEM;
}

void smi_f2b_sessions_save(const struct smi_f2b_sessions *s,
			   struct smi_buf *out)
{
	for (const struct session *x = s->oldest; x; x = x->newer) {
		smi_pack_uint(out, x->set);
		smi_pack_uint(out, x->filter);
		smi_pack_time(out, x->time);
		smi_pack_uint(out, (uint64_t)x->many_users << 1 | x->pending);
		for (size_t i = 0; i < NSLOTS; i++)
			if (has(x, i))
				smi_pack_text(out, value(x, i));
	}
	smi_pack_uint(out, 0);
}

/* Its values, in the order of their slots: the id comes first. */
static int load_session(struct smi_f2b_sessions *s, struct smi_unpack *in,
			uint64_t set, const smi_f2b_numbers *map)
{
	size_t filter = (size_t)smi_unpack_uint(in, map->n ? map->n - 1 : 0);
	int64_t time = smi_unpack_time(in);
	uint64_t flags = smi_unpack_uint(in, 3);
	struct smi_span id = smi_unpack_text(in, SMI_F2B_MAX_VALUE);
	struct session *x = NULL;
	uint64_t hash;
	int r = 0;

	in->bad |= !map->n || !(set & 1u << SLOT_ID);
	filter = in->bad ? SIZE_MAX : map->v[filter];
	hash = hash_of(s, filter, id);
	in->bad |= filter != SIZE_MAX && find(s, hash, filter, id, INT64_MIN);
	if (!in->bad && filter != SIZE_MAX) {
		x = add(s, hash, filter, id, time);
		if (!x)
			return -ENOMEM;
		x->time = time;
		x->pending = flags & 1;
		x->many_users = flags & 2;
	}
	for (size_t i = SLOT_ID + 1; r == 0 && i < NSLOTS && !in->bad; i++)
		if (set >> i & 1) {
			struct smi_span v =
				smi_unpack_text(in, SMI_F2B_MAX_VALUE);

			r = x ? put(s, x, i, v) : 0;
		}
	shrink(s, x);
	return r;
}

int smi_f2b_sessions_load(struct smi_f2b_sessions *s, struct smi_unpack *in,
			  const smi_f2b_numbers *map)
{
	uint64_t set;
	int r = 0;

	while (r == 0 && (set = smi_unpack_uint(in, (1u << NSLOTS) - 1)) != 0)
		r = load_session(s, in, set, map);
	return r;
}
