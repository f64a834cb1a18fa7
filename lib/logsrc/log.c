/* SPDX-License-Identifier: MIT */
#include "logsrc/log.h"

#include <stdlib.h>

#include "logsrc/ahead.h"
#include "logsrc/live.h"
#include "logsrc/open.h"
#include "logsrc/state.h"
#include "logsrc/telling.h"

/* Nothing comes for so long: then it is told what is waited for. */
#define PATIENCE SMI_SEC
/* Bytes of lines in one step. */
#define STEP ((uint64_t)1024 * 1024)

struct log_source {
	struct smi_log_from *from;
	char **names; /* theirs */
	size_t nfrom;
	int64_t now;
	char *zone;
	const char *const *journal_fields;
	size_t njournal_fields;
	bool follow;
	struct smi_telling telling;
	struct smi_live live;
	struct smi_log_state state;
	struct smi_tz *tz;
	struct smi_merge merge;
	uint32_t threads;
	struct smi_ahead *ahead; /* NULL: lines are judged as they are read */
	uint64_t order;		 /* of the next line, without ahead */
	bool untold;		 /* what was read last was never told */
	uint64_t total;		 /* bytes of all, 0: not known */
	int64_t waits;		 /* since then (monotonic); 0: it never did */
	bool told_waits;
};

static void source_free(void *data)
{
	struct log_source *s = data;

	if (!smi_ahead_free(s->ahead))
		return;
	smi_merge_free(&s->merge);
	smi_live_done(&s->live);
	smi_log_state_done(&s->state);
	smi_tz_free(s->tz);
	for (size_t i = 0; s->names && i < s->nfrom; i++)
		free(s->names[i]);
	free(s->names);
	free(s->from);
	free(s->zone);
	free(s);
}

static int copy_from(struct log_source *s, const struct smi_log_source_opts *o)
{
	s->from = smi_zalloc((o->nfrom + 1) * sizeof(*s->from));
	s->names = smi_zalloc((o->nfrom + 1) * sizeof(*s->names));
	if (!s->from || !s->names)
		return -ENOMEM;
	s->nfrom = o->nfrom;
	for (size_t i = 0; i < o->nfrom; i++) {
		const char *name = o->from[i].name;

		s->names[i] = name ? smi_strdup(name) : NULL;
		if (name && !s->names[i])
			return -ENOMEM;
		s->from[i] = o->from[i];
		s->from[i].name = s->names[i];
	}
	s->zone = o->zone ? smi_strdup(o->zone) : NULL;
	s->state.path = o->state ? smi_strdup(o->state) : NULL;
	return (o->zone && !s->zone) || (o->state && !s->state.path) ? -ENOMEM
								     : 0;
}

int smi_log_source_new(sm_ctx *ctx, const struct smi_log_source_opts *o,
		       void **src)
{
	struct log_source *s = smi_zalloc(sizeof(*s));

	if (!s)
		return smi_fail_nomem(ctx);
	s->telling = (struct smi_telling){ o->since, o->until, o->lines,
					   o->coverage, o->fields };
	s->live.wake = SMI_WAKE_NONE;
	s->now = o->now;
	s->follow = o->follow;
	s->threads = o->threads;
	s->journal_fields = o->journal_fields;
	s->njournal_fields = o->njournal_fields;
	if (copy_from(s, o) < 0) {
		source_free(s);
		return smi_fail_nomem(ctx);
	}
	*src = s;
	return 0;
}

static int open_zone(struct log_source *s, sm_ctx *ctx)
{
	int r = smi_tz_open(&ctx->root, s->zone, &s->tz);

	if (r == -ENOMEM)
		return smi_fail_nomem(ctx);
	if (r < 0 && s->zone)
		return smi_fail(ctx, r, "no time zone \"%s\": %s", s->zone,
				smi_strerror(-r));
	if (r < 0)
		return smi_fail(ctx, r, "/etc/localtime cannot be read: %s",
				smi_strerror(-r));
	return 0;
}

static int start_following(struct log_source *s, struct smi_out *out)
{
	struct smi_live *l = &s->live;

	l->merge = &s->merge;
	l->tz = s->tz;
	l->since = s->telling.since;
	l->until = s->telling.until;
	l->now = s->now;
	l->state = &s->state;
	return smi_live_start(l, s->from, s->nfrom, out);
}

static int start_streams(struct log_source *s, struct smi_out *out)
{
	int64_t now =
		s->now == INT64_MIN ? smi_now_wall(smi_out_ctx(out)) : s->now;
	bool known = true;

	s->total = 0;
	for (size_t i = 0; i < s->merge.streams.n; i++) {
		struct smi_stream *st = &s->merge.streams.v[i];
		int n;

		smi_stamp_clock_init(&st->clock, s->tz, now);
		n = smi_log_state_resume(&s->state, st, out);
		if (n < 0)
			return n;
		for (size_t k = 0; k < st->readers.n; k++) {
			const struct smi_reader *r = st->readers.v[k];

			n = r->watch < 0 ? 0 : smi_out_watch(out, r->watch);
			if (n < 0)
				return n;
			known = known && (r->size || r->watch < 0);
			s->total += r->size;
		}
	}
	if (!known || s->follow)
		s->total = 0;
	return s->follow ? start_following(s, out) : 0;
}

static int start_threads(struct log_source *s, struct smi_out *out)
{
	struct smi_ahead_opts o = { .merge = &s->merge,
				    .state = &s->state,
				    .since = s->telling.since,
				    .until = s->telling.until,
				    .out = out,
				    .threads = s->threads,
				    .caller_reads =
					    s->follow || s->state.ready };

	for (size_t i = 0; i < s->merge.streams.n; i++) {
		const struct smi_stream *st = &s->merge.streams.v[i];

		for (size_t k = 0; k < st->readers.n; k++)
			if (st->readers.v[k]->one_thread)
				o.caller_reads = true;
	}
	return smi_ahead_new(&o, &s->ahead);
}

static int source_start(void *data, struct smi_out *out)
{
	struct log_source *s = data;
	struct smi_log_opening o = { .ctx = smi_out_ctx(out),
				     .out = out,
				     .since = s->telling.since,
				     .until = s->telling.until,
				     .journal_fields = s->journal_fields,
				     .njournal_fields = s->njournal_fields,
				     .follow = s->follow };
	int r = open_zone(s, o.ctx);

	if (r >= 0)
		r = smi_log_state_load(&s->state, o.ctx);
	for (size_t i = 0; r >= 0 && i < s->nfrom; i++) {
		r = smi_log_open(&o, &s->from[i]);
		if (r == -ENOMEM)
			r = smi_fail_nomem(o.ctx);
	}
	if (r >= 0)
		r = smi_log_tell_failures(&o);
	if (r >= 0 && smi_log_group(&o, &s->merge) < 0)
		r = smi_fail_nomem(o.ctx);
	smi_log_opening_done(&o);
	if (r >= 0 && s->state.ready)
		r = smi_out_load(out, &s->state.file);
	if (r >= 0)
		r = start_streams(s, out);
	return r < 0 ? r : start_threads(s, out);
}

/* What comes next: as smi_merge_next(). */
static int next(struct log_source *s, struct smi_told *told,
		struct smi_out *out)
{
	int n;

	if (s->ahead)
		return smi_ahead_next(s->ahead, told);
	*told = (struct smi_told){ 0 };
	n = smi_merge_next(&s->merge, &told->reader, &told->err);
	if (n != SMI_MERGE_LINE)
		return n;
	told->line = &told->reader->line;
	told->line->order = s->order++;
	if (s->state.ready) {
		int r = smi_log_state_note(&s->state, told->reader,
					   smi_out_ctx(out));

		return r < 0 ? r : n;
	}
	return n;
}

static int progress(const struct log_source *s, struct smi_out *out)
{
	uint64_t done =
		s->ahead ? smi_ahead_done(s->ahead) : smi_merge_done(&s->merge);

	return smi_out_progress(out, done,
				s->total ? SMI_MAX(done, s->total) : 0);
}

/* Who writes to a FIFO may come late, or never: nobody shall wonder. */
static int tell_waits(struct log_source *s, struct smi_out *out)
{
	int64_t now = smi_now_mono(smi_out_ctx(out));
	int n = 0;

	if (s->told_waits)
		return 0;
	if (!s->waits) {
		s->waits = now;
		return smi_out_alarm(out, now + PATIENCE);
	}
	if (now - s->waits < PATIENCE)
		return 0;
	s->told_waits = true;
	for (size_t i = 0; n >= 0 && i < s->merge.streams.n; i++) {
		const struct smi_reader *r = s->merge.streams.v[i].readers.v[0];

		if (r->is_fifo && !r->counts.lines)
			n = smi_out_notice(out, 0, r->name,
					   "{source} is a FIFO: lines are "
					   "waited for until its writer "
					   "closes it",
					   NULL, 0);
	}
	return n;
}

/* Nothing is to be read for now. */
static int rest(struct log_source *s, struct smi_out *out)
{
	return s->follow ? smi_live_rest(&s->live, out) : tell_waits(s, out);
}

static int step(struct log_source *s, struct smi_out *out)
{
	uint64_t bytes = 0;
	int n;

	if (s->follow) {
		n = smi_live_look(&s->live, out);
		if (n < 0)
			return n;
	}
	while (bytes < STEP && !smi_out_full(out)) {
		struct smi_told told;
		int what = next(s, &told, out);

		if (what == 0 || what == -EAGAIN) {
			n = what == 0 || bytes ? progress(s, out) : 0;
			if (n >= 0 && what)
				n = rest(s, out);
			return n < 0 ? n : what;
		}
		if (what == SMI_MERGE_BUSY)
			break;
		if (what < 0)
			return smi_fail_nomem(smi_out_ctx(out));
		if (what == SMI_MERGE_LINE)
			bytes += told.line->raw.len + 1;
		n = smi_tell(&s->telling, out, what, &told);
		if (n < 0)
			return n;
	}
	n = progress(s, out);
	return n < 0 ? n : 1;
}

static bool is_all_told(const struct log_source *s)
{
	return !s->ahead || smi_ahead_is_empty(s->ahead);
}

/* No thread is at work any more when the stages come to their end. */
static void stop_threads(struct log_source *s)
{
	s->untold = s->untold || !is_all_told(s);
	smi_ahead_free(s->ahead);
	s->ahead = NULL;
}

static int source_step(void *data, struct smi_out *out)
{
	struct log_source *s = data;
	int r = step(s, out);

	if (r != 1 && r != -EAGAIN)
		stop_threads(s);
	return r;
}

/* What was read ahead before the caller cancelled. */
static int take_read(struct log_source *s, struct smi_out *out)
{
	struct smi_told told;
	int n = 0, what = 0;

	while (n >= 0 && s->ahead &&
	       (what = smi_ahead_drain(s->ahead, &told)) > 0)
		n = smi_tell(&s->telling, out, what, &told);
	return SMI_MIN(n, what);
}

static int take_rest(struct log_source *s, struct smi_out *out)
{
	struct smi_told told;
	int n = 0, what = 0;

	smi_live_stop(&s->live);
	while (n >= 0 && (what = next(s, &told, out)) > 0)
		n = smi_tell(&s->telling, out, what, &told);
	return n < 0 || what == -EAGAIN ? SMI_MIN(n, 0) : what;
}

static int source_cancelled(void *data, struct smi_out *out)
{
	struct log_source *s = data;
	int r = take_read(s, out);

	/* With a state the next run takes the rest. */
	if (r >= 0 && s->follow && !s->state.ready)
		r = take_rest(s, out);
	stop_threads(s);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->merge.streams.n; i++) {
		struct smi_stream *st = &s->merge.streams.v[i];

		smi_stream_settle(st);
		for (size_t k = st->at; k < st->readers.n; k++) {
			int n = smi_tell_end(out, st->readers.v[k], 0);

			if (n < 0)
				return n;
		}
	}
	return 0;
}

static int source_settled(void *data, struct smi_out *out, bool ended)
{
	struct log_source *s = data;
	int r;

	if (s->untold || !is_all_told(s))
		return 0;
	r = smi_log_state_settle(&s->state, &s->merge, out, ended);
	if (r < 0)
		stop_threads(s);
	return r;
}

const struct smi_source_ops smi_log_source_ops = {
	.name = "log",
	.start = source_start,
	.step = source_step,
	.cancelled = source_cancelled,
	.settled = source_settled,
	.free = source_free,
};
