/* SPDX-License-Identifier: MIT */
#include "detect/f2b-session.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"

#define KEY_LEN 16

/* The values that are carried from line to line. */
static const uint8_t carried[] = { SMI_F2B_FID, SMI_F2B_IP4,  SMI_F2B_IP6,
				   SMI_F2B_DNS, SMI_F2B_USER, SMI_F2B_PORT };

struct session {
	uint8_t key[KEY_LEN];
	int64_t time;
	struct session *older, *newer;
	char *text; /* of the values */
	struct smi_f2b_caught caught;
	bool pending; /* a failure whose address is not known yet */
	bool nofail, gained;
	uint64_t user; /* hash of the first one; 0: none */
	bool many_users;
};

struct smi_f2b_sessions {
	struct smi_map map;
	struct session *oldest, *newest;
	struct session *gone; /* forgotten; the caller may still look at it */
	size_t n;
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
	unlink_session(s, x);
	smi_map_remove(&s->map, smi_span_of(x->key, KEY_LEN));
	s->n--;
}

static void free_session(struct session *x)
{
	if (!x)
		return;
	free(x->text);
	free(x);
}

static void drop(struct smi_f2b_sessions *s, struct session *x)
{
	detach(s, x);
	free_session(x);
}

void smi_f2b_sessions_free(struct smi_f2b_sessions *s)
{
	if (!s)
		return;
	while (s->oldest)
		drop(s, s->oldest);
	free_session(s->gone);
	smi_map_free(&s->map);
	free(s);
}

uint64_t smi_f2b_sessions_lost(const struct smi_f2b_sessions *s)
{
	return s->lost;
}

static void make_key(const struct smi_f2b_sessions *s, size_t filter,
		     struct smi_span id, uint8_t key[KEY_LEN])
{
	struct smi_siphash128 h;
	uint64_t number = filter;

	smi_siphash128_init(&h, &s->sip);
	smi_siphash128_add(&h, &number, sizeof(number));
	smi_siphash128_add(&h, id.p, id.len);
	smi_siphash128_end(&h, key);
}

static bool is_stale(const struct session *x, int64_t time)
{
	int64_t gap = SMI_F2B_SESSION_GAP * SMI_SEC;

	if (x->time == INT64_MIN || time == INT64_MIN)
		return false;
	return time > x->time ? time - x->time > gap : x->time - time > gap;
}

static struct session *find(struct smi_f2b_sessions *s,
			    const uint8_t key[KEY_LEN], int64_t time)
{
	struct session *x = smi_map_get(&s->map, smi_span_of(key, KEY_LEN));

	if (x && is_stale(x, time)) {
		drop(s, x);
		return NULL;
	}
	return x;
}

static struct session *add(struct smi_f2b_sessions *s,
			   const uint8_t key[KEY_LEN], int64_t time)
{
	struct session *x = smi_zalloc(sizeof(*x));

	if (!x)
		return NULL;
	memcpy(x->key, key, KEY_LEN);
	x->time = INT64_MIN;
	if (!smi_map_put(&s->map, smi_span_of(key, KEY_LEN), x)) {
		free(x);
		return NULL;
	}
	link_newest(s, x);
	if (++s->n > SMI_F2B_MAX_SESSIONS) {
		s->lost += !is_stale(s->oldest, time);
		drop(s, s->oldest);
	}
	return x;
}

/* The values of c over those that are there. */
static int store(struct smi_f2b_sessions *s, struct session *x,
		 const struct smi_f2b_caught *c)
{
	struct smi_f2b_caught all = x->caught;
	size_t len = 0, at = 0;
	char *text;

	for (size_t i = 0; i < sizeof(carried); i++) {
		uint8_t k = carried[i];

		if (c->set >> k & 1) {
			if (c->v[k].len > SMI_F2B_MAX_VALUE) {
				s->lost++;
				continue;
			}
			all.v[k] = c->v[k];
			all.set |= 1u << k;
		}
		len += all.set >> k & 1 ? all.v[k].len : 0;
	}
	text = smi_alloc(len + 1);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(carried); i++) {
		struct smi_span *v = &all.v[carried[i]];

		if (!(all.set >> carried[i] & 1))
			continue;
		if (v->len)
			memcpy(text + at, v->p, v->len);
		*v = smi_span_of(text + at, v->len);
		at += v->len;
	}
	free(x->text);
	x->text = text;
	x->caught = all;
	return 0;
}

static bool truthy(const struct smi_f2b_caught *c, enum smi_f2b_key k)
{
	return smi_f2b_has(c, k) && c->v[k].len;
}

static void note_user(struct smi_f2b_sessions *s, struct session *x,
		      const struct smi_f2b_caught *c)
{
	uint64_t h;

	if (!truthy(c, SMI_F2B_USER))
		return;
	h = smi_siphash(&s->sip, c->v[SMI_F2B_USER].p, c->v[SMI_F2B_USER].len) |
	    1;
	x->many_users |= x->user && x->user != h;
	x->user = x->user ? x->user : h;
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
static enum smi_f2b_verdict judge(struct session *x, const struct says *l)
{
	bool helps = l->nofail, gained = l->gained;

	x->nofail = l->nofail;
	x->gained = l->gained;
	if (x->pending || x->many_users) {
		x->pending = x->nofail = x->gained = false;
		helps = gained = false;
	}
	if (helps)
		return gained ? SMI_F2B_GAINED : SMI_F2B_HELPS;
	if (has_address(&x->caught))
		return SMI_F2B_FAILURE;
	x->pending = true;
	return SMI_F2B_HELPS;
}

static void fill_up(struct smi_f2b_caught *c, const struct smi_f2b_caught *from)
{
	for (size_t i = 0; i < sizeof(carried); i++) {
		uint8_t k = carried[i];

		if (!(c->set >> k & 1) && (from->set >> k & 1)) {
			c->v[k] = from->v[k];
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

int smi_f2b_sessions_join(struct smi_f2b_sessions *s, size_t filter,
			  int64_t time, struct smi_f2b_caught *c,
			  enum smi_f2b_verdict *out)
{
	struct says l = { .gained = truthy(c, SMI_F2B_MLFGAINED),
			  .forget = truthy(c, SMI_F2B_MLFFORGET) };
	struct session *x;
	uint8_t key[KEY_LEN];
	int r;

	free_session(s->gone);
	s->gone = NULL;
	l.nofail = l.gained || truthy(c, SMI_F2B_NOFAIL);
	make_key(s, filter, c->v[SMI_F2B_MLFID], key);
	x = find(s, key, time);
	if (!x && l.forget) {
		*out = judge_alone(c, &l);
		return 0;
	}
	if (!x) {
		x = add(s, key, time);
		if (!x)
			return -ENOMEM;
	}
	note_user(s, x, c);
	if (l.gained)
		x->pending = false;
	r = store(s, x, c);
	if (r < 0)
		return r;
	if (time != INT64_MIN)
		x->time = time;
	*out = judge(x, &l);
	fill_up(c, &x->caught);
	if (!l.forget) {
		unlink_session(s, x);
		link_newest(s, x);
		return 0;
	}
	/* c points into it. */
	detach(s, x);
	s->gone = x;
	return 0;
}
