/* SPDX-License-Identifier: MIT */
#include "detect/correlator.h"

static uint64_t distance(int64_t a, int64_t b)
{
	return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

void smi_corr_near(struct smi_correlator *c, struct smi_state *st, int64_t time)
{
	struct smi_state *a = smi_state_aside(&c->keys, st);

	if (a && a->any &&
	    (!st->any || distance(time, a->last) < distance(time, st->last)))
		smi_state_swap(st, a);
}

void smi_corr_note_late(struct smi_correlator *c, const struct smi_feeds *feeds,
			int64_t time)
{
	bool late = false;

	for (size_t i = 0; i < feeds->n; i++)
		late |= time <
			c->clock.now - c->corrs[feeds->v[i].corr].conf.span;
	c->lost.late += late;
}

static bool is_over(const struct smi_correlator *c, const struct smi_corr *k,
		    const struct smi_state *st)
{
	return st->last < c->clock.now - k->conf.span;
}

/* An episode of a time before quiets what comes behind it. */
static int hand_on_quiet(struct smi_correlator *c, struct smi_corr *k,
			 const struct smi_state *from, struct smi_state *to,
			 int64_t time)
{
	int64_t quiet = from->more ? from->more->quiet : INT64_MIN;
	struct smi_more *m;

	if (from->open)
		quiet = from->last + k->conf.span + k->conf.cooldown;
	if (!k->conf.cooldown || quiet <= time)
		return 0;
	m = smi_corr_more(c, k, to, false, false);
	if (!m)
		return -ENOMEM;
	m->quiet = quiet;
	return 0;
}

/* Of two windows one has to go: the one with fewer events, or, of equal ones, that
 * which is farther from the time of the log. */
static bool is_worth_more(const struct smi_correlator *c,
			  const struct smi_state *a, const struct smi_state *b)
{
	uint64_t na = a->open ? a->open->count : a->window.weight;
	uint64_t nb = b->open ? b->open->count : b->window.weight;
	int64_t now = smi_corr_clock_roughly(&c->clock);

	if (na != nb)
		return na > nb;
	return distance(a->last, now) < distance(b->last, now);
}

int smi_corr_part(struct smi_correlator *c, struct smi_corr *k,
		  struct smi_state *st, int64_t time)
{
	struct smi_state *a = smi_state_aside(&c->keys, st);
	int r = 0;

	if (is_over(c, k, st))
		return smi_episode_close(c, k, st);
	if (!a)
		a = smi_state_add_aside(&c->keys, st);
	if (!a)
		return -ENOMEM;
	if (a->any && is_worth_more(c, a, st))
		return smi_episode_close(c, k, st);
	r = smi_episode_close(c, k, a);
	if (r < 0)
		return r;
	smi_episode_drop(c, k, a);
	smi_state_swap(st, a);
	if (a->covered <= time + k->conf.span)
		st->covered = a->covered;
	return hand_on_quiet(c, k, a, st, time);
}
