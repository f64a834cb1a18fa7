/* SPDX-License-Identifier: MIT */
#include "logsrc/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "logsrc/ahead.h"
#include "logsrc/coverage.h"
#include "logsrc/open.h"
#include "logsrc/state.h"
#include "logsrc/wake.h"
#include "record/build.h"
#include "record/sentence.h"

/* Between two looks for logs of new containers. */
#define LOOK (SMI_SEC / 4)
/* Bytes of lines in one step. */
#define STEP ((uint64_t)1024 * 1024)

struct log_source {
	struct smi_log_from *from;
	char **names; /* theirs */
	size_t nfrom;
	int64_t since, until, now;
	char *zone;
	bool lines, coverage, follow;
	struct smi_fieldset fields;
	struct smi_wake wake;
	struct smi_log_state state;
	struct smi_tz *tz;
	struct smi_merge merge;
	uint32_t threads;
	struct smi_ahead *ahead; /* NULL: lines are judged as they are read */
	uint64_t order;		 /* of the next line, without ahead */
	bool untold;		 /* what was read last was never told */
	uint64_t total;		 /* bytes of all, 0: not known */
	int64_t looked;		 /* monotonic */
	size_t refused;		 /* logs of containers, in the last look */
};

static void source_free(void *data)
{
	struct log_source *s = data;

	if (!smi_ahead_free(s->ahead))
		return;
	smi_merge_free(&s->merge);
	smi_wake_done(&s->wake);
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
	s->since = o->since;
	s->until = o->until;
	s->now = o->now;
	s->lines = o->lines;
	s->coverage = o->coverage;
	s->follow = o->follow;
	s->threads = o->threads;
	s->wake = SMI_WAKE_NONE;
	s->fields = o->fields;
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

/* The errno of a call for what cannot be a log at all. */
static int failure_rc(int err)
{
	return err == EISDIR || err == ENODEV ? -EINVAL : -err;
}

static int fail_with(sm_ctx *ctx, const struct smi_log_failure *f)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	const char *pairs[] = { "source", f->name,
				"errno",  smi_strerror(f->err),
				"why",	  f->why ? f->why : "" };
	struct smi_strs args = { SMI_COUNT(pairs), pairs };

	smi_sentence_fill(&b, f->text, &args, NULL);
	if (!smi_buf_cstr(&b))
		return smi_fail_nomem(ctx);
	return smi_fail(ctx, failure_rc(f->err), "%s", b.p);
}

static int tell_failure(struct smi_out *out, const struct smi_log_failure *f)
{
	const char *args[] = { "why", f->why ? f->why : "" };

	return smi_out_notice(out, f->err, f->name, f->text, args, 2);
}

/* A source that cannot be read is told of, so that a report says it too, and the
 * others are read. When there is none left, the first failure is the call's. */
static int tell_failures(struct smi_log_opening *o)
{
	for (size_t i = 0; i < o->failures.n; i++) {
		int r = tell_failure(o->out, &o->failures.v[i]);

		if (r < 0)
			return r;
	}
	if (!o->readers.n && o->failures.n)
		return fail_with(o->ctx, &o->failures.v[0]);
	return 0;
}

/* The youngest of each family; the elders are over when they have been read. */
static int follow_from(struct log_source *s, size_t first, struct smi_out *out)
{
	int n = 0;

	for (size_t i = first; n >= 0 && i < s->merge.streams.n; i++) {
		const struct smi_stream *st = &s->merge.streams.v[i];
		struct smi_reader *r = st->readers.v[st->readers.n - 1];

		if (r->ops->follow)
			n = r->ops->follow(r, &smi_out_ctx(out)->root,
					   &s->wake);
		if (n == -ENOMEM)
			n = smi_fail_nomem(smi_out_ctx(out));
	}
	return n;
}

static int start_following(struct log_source *s, struct smi_out *out)
{
	int n = smi_wake_start(&s->wake, out);

	s->merge.live = true;
	for (size_t i = 0; i < s->nfrom; i++) {
		SMI_AUTOCLOSE int dir = -1;

		if (s->from[i].what == SMI_LOG_FILE)
			dir = smi_fsroot_open(&smi_out_ctx(out)->root,
					      s->from[i].name,
					      O_PATH | O_DIRECTORY);
		if (dir >= 0)
			smi_wake_add(&s->wake, dir);
	}
	return n < 0 ? n : follow_from(s, 0, out);
}

/* Streams for what was opened while others are followed. */
static int join(struct log_source *s, struct smi_log_opening *o)
{
	size_t first = s->merge.streams.n;
	int64_t now = s->now == INT64_MIN ? smi_now_wall(o->ctx) : s->now;

	if (smi_log_group(o, &s->merge) < 0)
		return smi_fail_nomem(o->ctx);
	for (size_t i = first; i < s->merge.streams.n; i++) {
		struct smi_stream *st = &s->merge.streams.v[i];

		smi_stamp_clock_init(&st->clock, s->tz, now);
		for (size_t k = 0; k < st->readers.n; k++)
			st->readers.v[k]->whole = s->state.ready;
	}
	return follow_from(s, first, o->out);
}

/* Containers come and go while their directory is followed. */
static int look_for_new(struct log_source *s, struct smi_out *out)
{
	struct smi_log_opening o = { .ctx = smi_out_ctx(out),
				     .out = out,
				     .since = s->since,
				     .until = s->until,
				     .follow = true };
	int64_t now = smi_now_mono(o.ctx);
	int r = 0;

	if (now - s->looked < LOOK)
		return 0;
	s->looked = now;
	for (size_t i = 0; r >= 0 && i < s->nfrom; i++)
		if (s->from[i].what == SMI_LOG_FILE)
			r = smi_log_open_new(&o, &s->merge, s->from[i].name);
	if (r < 0)
		r = smi_fail_nomem(o.ctx);
	/* What cannot be opened is told when there is more of it. */
	for (size_t i = s->refused; r >= 0 && i < o.failures.n; i++)
		r = tell_failure(out, &o.failures.v[i]);
	s->refused = o.failures.n;
	if (r >= 0 && o.readers.n)
		r = join(s, &o);
	smi_log_opening_done(&o);
	return r;
}

/* Stamps without a year are read against a clock that goes on. */
static void wake_up(struct log_source *s, struct smi_out *out)
{
	s->wake.out = out;
	smi_wake_drain(&s->wake);
	smi_merge_wake(&s->merge);
	for (size_t i = 0; s->now == INT64_MIN && i < s->merge.streams.n; i++)
		s->merge.streams.v[i].clock.now =
			smi_now_wall(smi_out_ctx(out)) / SMI_SEC;
}

static int start_streams(struct log_source *s, struct smi_out *out)
{
	int64_t now =
		s->now == INT64_MIN ? smi_now_wall(smi_out_ctx(out)) : s->now;
	bool known = true;

	s->total = 0;
	for (size_t i = 0; i < s->merge.streams.n; i++) {
		struct smi_stream *st = &s->merge.streams.v[i];

		smi_stamp_clock_init(&st->clock, s->tz, now);
		for (size_t k = 0; k < st->readers.n; k++) {
			const struct smi_reader *r = st->readers.v[k];
			int n = r->watch < 0 ? 0 : smi_out_watch(out, r->watch);

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
				    .since = s->since,
				    .until = s->until,
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
				     .since = s->since,
				     .until = s->until,
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
		r = tell_failures(&o);
	if (r >= 0 && smi_log_group(&o, &s->merge) < 0)
		r = smi_fail_nomem(o.ctx);
	smi_log_opening_done(&o);
	if (r >= 0)
		r = smi_log_state_resume(&s->state, &s->merge, out);
	if (r >= 0)
		r = start_streams(s, out);
	return r < 0 ? r : start_threads(s, out);
}

/* The known fields of a line, of those that were chosen. */
static int emit_line(const struct log_source *s, struct smi_out *out,
		     const struct smi_line *line)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *rec = smi_rec_new(a, SM_KIND_LINE);
	const struct {
		unsigned field;
		struct smi_span text;
	} texts[] = {
		{ SMI_LINE_HOST, line->host },
		{ SMI_LINE_PROGRAM, line->program },
		{ SMI_LINE_MESSAGE, line->message },
	};

	if (smi_fieldset_has(&s->fields, SMI_LINE_FILE))
		smi_set_const(rec, SMI_LINE_FILE, line->file);
	if (smi_fieldset_has(&s->fields, SMI_LINE_NUMBER))
		smi_set_int(rec, SMI_LINE_NUMBER, (int64_t)line->number);
	if (smi_fieldset_has(&s->fields, SMI_LINE_OFFSET))
		smi_set_int(rec, SMI_LINE_OFFSET, (int64_t)line->offset);
	if (line->time != INT64_MIN &&
	    smi_fieldset_has(&s->fields, SMI_LINE_TIME))
		smi_set_int(rec, SMI_LINE_TIME, line->time);
	if (line->pid && smi_fieldset_has(&s->fields, SMI_LINE_PID))
		smi_set_int(rec, SMI_LINE_PID, line->pid);
	for (size_t i = 0; i < SMI_COUNT(texts); i++)
		if (smi_fieldset_has(&s->fields, texts[i].field) &&
		    (texts[i].text.len || i == 2))
			smi_set_text(a, rec, texts[i].field, texts[i].text);
	smi_set_raw(a, rec, SMI_LINE_RAW, line->raw);
	return smi_out_emit(out, rec);
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

static int judge(struct smi_out *out, const struct smi_told *told)
{
	return told->verdict ? smi_out_take(out, told->line, told->verdict)
			     : smi_out_line(out, told->line);
}

/* Out of the span of time, or told by an earlier run: then stages may want to know
 * of it all the same. */
static int pass_over(const struct log_source *s, struct smi_out *out,
		     const struct smi_told *told)
{
	const struct smi_line *line = told->line;
	int n = 0;

	if (line->again) {
		told->reader->again--;
		if (line->time >= s->since && line->time <= s->until)
			n = judge(out, told);
	}
	return SMI_MIN(n, 0);
}

static int take_line(struct log_source *s, struct smi_out *out,
		     const struct smi_told *told)
{
	struct smi_line *line = told->line;
	struct smi_counts *c = &told->reader->counts;
	int n;

	line->again = told->reader->again > 0;
	if (line->time < s->since || line->time > s->until || line->again)
		return pass_over(s, out, told);
	c->lines++;
	c->unparsed += !line->header;
	if (line->time != INT64_MIN) {
		if (c->first == INT64_MIN || line->time < c->first)
			c->first = line->time;
		c->last = SMI_MAX(c->last, line->time);
	}
	n = s->lines ? emit_line(s, out, line) : 0;
	if (n >= 0)
		n = judge(out, told);
	if (n > 0) {
		c->matched++;
		c->harmless += n == SMI_LINE_TAKEN;
	}
	if (n >= 0 && s->coverage &&
	    smi_coverage_note(told->reader, line, n) < 0)
		n = smi_fail_nomem(smi_out_ctx(out));
	return SMI_MIN(n, 0);
}

static int end_reader(struct smi_out *out, struct smi_reader *r, int err)
{
	char count[24];
	const char *args[] = { "count", count };
	int n = 0;

	if (err)
		n = smi_out_notice(out, err, r->name,
				   r->trouble ? r->trouble
					      : "{source} could not be read "
						"to its end: {errno}",
				   NULL, 0);
	if (n >= 0 && r->counts.skipped) {
		snprintf(count, sizeof(count), "%llu",
			 (unsigned long long)r->counts.skipped);
		n = smi_out_notice(out, 0, r->name,
				   "{count} lines of {source} were left out: "
				   "longer than 64 KiB",
				   args, 2);
	}
	if (n >= 0 && r->counts.broken) {
		snprintf(count, sizeof(count), "%llu",
			 (unsigned long long)r->counts.broken);
		n = smi_out_notice(out, 0, r->name,
				   "{source} breaks the form of a journal "
				   "export (times: {count}): what is no field "
				   "there was read as lines",
				   args, 2);
	}
	return n < 0 ? n : smi_coverage_emit(out, r);
}

static int take(struct log_source *s, struct smi_out *out, int what,
		const struct smi_told *told)
{
	switch (what) {
	case SMI_MERGE_LINE:
		return take_line(s, out, told);
	case SMI_MERGE_BUSY:
		return 0;
	default:
		return end_reader(out, told->reader, told->err);
	}
}

static int progress(const struct log_source *s, struct smi_out *out)
{
	uint64_t done =
		s->ahead ? smi_ahead_done(s->ahead) : smi_merge_done(&s->merge);

	return smi_out_progress(out, done,
				s->total ? SMI_MAX(done, s->total) : 0);
}

static int step(struct log_source *s, struct smi_out *out)
{
	uint64_t bytes = 0;
	int n;

	if (s->follow) {
		wake_up(s, out);
		n = look_for_new(s, out);
		if (n < 0)
			return n;
	}
	while (bytes < STEP && !smi_out_full(out)) {
		struct smi_told told;
		int what = next(s, &told, out);

		if (what == 0 || what == -EAGAIN) {
			n = what == 0 || bytes ? progress(s, out) : 0;
			if (n >= 0 && what && s->follow)
				n = smi_out_idle(out);
			if (n >= 0 && what && s->follow)
				n = smi_wake_rest(&s->wake);
			return n < 0 ? n : what;
		}
		if (what == SMI_MERGE_BUSY)
			break;
		if (what < 0)
			return smi_fail_nomem(smi_out_ctx(out));
		if (what == SMI_MERGE_LINE)
			bytes += told.line->raw.len + 1;
		n = take(s, out, what, &told);
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
		n = take(s, out, what, &told);
	return SMI_MIN(n, what);
}

/* What was read of the logs that are followed, the last lines too, which wait for
 * their ends. */
static int take_rest(struct log_source *s, struct smi_out *out)
{
	struct smi_told told;
	int n = 0, what = 0;

	for (size_t i = 0; i < s->merge.streams.n; i++) {
		const struct smi_stream *st = &s->merge.streams.v[i];
		struct smi_reader *r;

		if (st->at + 1 != st->readers.n)
			continue;
		r = st->readers.v[st->at];
		if (r->ops->stop)
			r->ops->stop(r);
	}
	smi_merge_wake(&s->merge);
	while (n >= 0 && (what = next(s, &told, out)) > 0)
		n = take(s, out, what, &told);
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
			int n = end_reader(out, st->readers.v[k], 0);

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
