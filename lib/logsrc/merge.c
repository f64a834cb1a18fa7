/* SPDX-License-Identifier: MIT */
#include "logsrc/merge.h"

#include <stdlib.h>

/* Lines in a hurry overtake others: less is no clock that was set back. */
#define BACK (60 * SMI_SEC)

void smi_merge_free(struct smi_merge *m)
{
	for (size_t i = 0; i < m->streams.n; i++) {
		struct smi_stream *s = &m->streams.v[i];

		for (size_t k = 0; k < s->readers.n; k++)
			s->readers.v[k]->ops->free(s->readers.v[k]);
		smi_vec_free(&s->readers);
	}
	smi_vec_free(&m->streams);
}

struct smi_stream *smi_merge_add(struct smi_merge *m)
{
	struct smi_stream s = { .time = INT64_MIN };

	return smi_vec_push(&m->streams, s) ? &m->streams.v[m->streams.n - 1]
					    : NULL;
}

uint64_t smi_merge_done(const struct smi_merge *m)
{
	uint64_t done = 0;

	for (size_t i = 0; i < m->streams.n; i++) {
		const struct smi_stream *s = &m->streams.v[i];

		for (size_t k = 0; k < s->readers.n; k++)
			done += s->readers.v[k]->done;
	}
	return done;
}

static struct smi_reader *current(const struct smi_stream *s)
{
	return s->at < s->readers.n ? s->readers.v[s->at] : NULL;
}

void smi_stream_settle(struct smi_stream *s)
{
	struct smi_reader *r = current(s);

	if (!r)
		return;
	r->counts.doubt = s->clock.doubt;
	s->clock.doubt = (struct smi_stamp_doubt){ 0 };
}

/* 1: a line waits; else what smi_merge_next() is to say. */
static int load(struct smi_stream *s, int *err)
{
	struct smi_reader *r = current(s);
	int n = r->ops->next(r, &s->clock);

	if (n == -EAGAIN || n == -ENOMEM)
		return n;
	if (n == 2)
		return SMI_MERGE_BUSY;
	if (n != 1) {
		smi_stream_settle(s);
		s->at++;
		*err = -n;
		return n < 0 ? SMI_MERGE_FAILED : SMI_MERGE_END;
	}
	if (r->line.time == INT64_MIN) {
		r->line.time = s->time;
		r->counts.untimed++;
	} else if (s->time != INT64_MIN && r->line.time < s->time - BACK) {
		r->counts.backwards++;
	}
	s->time = r->line.time;
	s->loaded = true;
	return SMI_MERGE_LINE;
}

static void choose(struct smi_merge *m)
{
	int64_t best = INT64_MAX;

	m->chosen = false;
	m->limit = INT64_MAX;
	for (size_t i = 0; i < m->streams.n; i++) {
		const struct smi_stream *s = &m->streams.v[i];

		if (!s->loaded)
			continue;
		if (!m->chosen || s->time < best) {
			m->limit = m->chosen ? best : INT64_MAX;
			best = s->time;
			m->current = i;
			m->chosen = true;
		} else {
			m->limit = SMI_MIN(m->limit, s->time);
		}
	}
}

void smi_merge_wake(struct smi_merge *m)
{
	for (size_t i = 0; i < m->streams.n; i++)
		m->streams.v[i].waiting = false;
}

/* What stands in load() for "call again later". */
static bool waits(const struct smi_merge *m, struct smi_stream *s, int n)
{
	s->waiting = m->live && n == -EAGAIN;
	return s->waiting;
}

static bool any_waits(const struct smi_merge *m)
{
	for (size_t i = 0; i < m->streams.n; i++)
		if (m->streams.v[i].waiting)
			return true;
	return false;
}

/* Fills what is empty. 0, or what there is to tell first. */
static int load_all(struct smi_merge *m, struct smi_reader **r, int *err)
{
	for (size_t i = 0; i < m->streams.n; i++) {
		struct smi_stream *s = &m->streams.v[i];

		if (s->loaded || s->waiting || !current(s))
			continue;
		*r = current(s);

		int n = load(s, err);

		if (n != SMI_MERGE_LINE && !waits(m, s, n))
			return n;
	}
	return 0;
}

int smi_merge_next(struct smi_merge *m, struct smi_reader **r, int *err)
{
	struct smi_stream *s;
	int n;

	/* The stream that gave the last line most often gives the next. */
	if (m->chosen) {
		s = &m->streams.v[m->current];
		*r = current(s);
		if (*r && !s->loaded && !s->waiting) {
			n = load(s, err);
			if (n != SMI_MERGE_LINE && !waits(m, s, n))
				return n;
			if (n == SMI_MERGE_LINE && s->time < m->limit) {
				s->loaded = false;
				return SMI_MERGE_LINE;
			}
		}
		m->chosen = false;
	}
	n = load_all(m, r, err);
	if (n)
		return n;
	choose(m);
	if (!m->chosen)
		return any_waits(m) ? -EAGAIN : 0;
	s = &m->streams.v[m->current];
	*r = current(s);
	s->loaded = false;
	return SMI_MERGE_LINE;
}
