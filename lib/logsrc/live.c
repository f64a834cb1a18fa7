/* SPDX-License-Identifier: MIT */
#include "logsrc/live.h"

#include <fcntl.h>

#include "logsrc/telling.h"

/* Between two looks for logs of new containers. */
#define LOOK (SMI_SEC / 4)
/* Between two notices of what was left out of a log. */
#define AGAIN (60 * SMI_SEC)

/* The youngest of each family; the elders are over when they have been read. */
static int follow_from(struct smi_live *l, size_t first, struct smi_out *out)
{
	int n = 0;

	for (size_t i = first; n >= 0 && i < l->merge->streams.n; i++) {
		const struct smi_stream *st = &l->merge->streams.v[i];
		struct smi_reader *r = st->readers.v[st->readers.n - 1];

		if (r->ops->follow)
			n = r->ops->follow(r, &smi_out_ctx(out)->root,
					   &l->wake);
		if (n == -ENOMEM)
			n = smi_fail_nomem(smi_out_ctx(out));
	}
	return n;
}

/* Most names are those of files: they are looked at once. What is not there yet may
 * become a directory. */
static int note_dir(struct smi_live *l, const char *name, struct smi_out *out)
{
	SMI_AUTOCLOSE int dir = smi_fsroot_open(&smi_out_ctx(out)->root, name,
						O_PATH | O_DIRECTORY);

	if (dir < 0 && dir != -ENOENT)
		return 0;
	if (dir >= 0)
		smi_wake_add(&l->wake, dir);
	return smi_vec_push(&l->dirs, name) ? 0
					    : smi_fail_nomem(smi_out_ctx(out));
}

int smi_live_start(struct smi_live *l, const struct smi_log_from *from,
		   size_t n, struct smi_out *out)
{
	int r = smi_wake_start(&l->wake, out);

	l->merge->live = true;
	for (size_t i = 0; r >= 0 && i < n; i++)
		if (from[i].what == SMI_LOG_FILE)
			r = note_dir(l, from[i].name, out);
	return r < 0 ? r : follow_from(l, 0, out);
}

/* Streams for what was opened while others are followed. */
static int join(struct smi_live *l, struct smi_log_opening *o)
{
	size_t first = l->merge->streams.n;
	int64_t now = l->now == INT64_MIN ? smi_now_wall(o->ctx) : l->now;

	if (smi_log_group(o, l->merge) < 0)
		return smi_fail_nomem(o->ctx);
	for (size_t i = first; i < l->merge->streams.n; i++) {
		struct smi_stream *st = &l->merge->streams.v[i];

		int r;

		smi_stamp_clock_init(&st->clock, l->tz, now);
		r = smi_log_state_resume(l->state, st, o->out);
		if (r < 0)
			return r;
	}
	return follow_from(l, first, o->out);
}

/* Containers come and go while their directory is followed. */
static int look_for_new(struct smi_live *l, struct smi_out *out)
{
	struct smi_log_opening o = { .ctx = smi_out_ctx(out),
				     .out = out,
				     .since = l->since,
				     .until = l->until,
				     .follow = true };
	int64_t now = smi_now_mono(o.ctx);
	int r = 0;

	if (now - l->looked < LOOK)
		return 0;
	l->looked = now;
	for (size_t i = 0; r >= 0 && i < l->dirs.n; i++)
		r = smi_log_open_new(&o, l->merge, l->dirs.v[i]);
	if (r < 0)
		r = smi_fail_nomem(o.ctx);
	/* What cannot be opened is told when there is more of it. */
	for (size_t i = l->refused; r >= 0 && i < o.failures.n; i++)
		r = smi_log_tell_failure(&o, i);
	l->refused = o.failures.n;
	if (r >= 0 && o.readers.n)
		r = join(l, &o);
	smi_log_opening_done(&o);
	return r;
}

/* Stamps without a year are read against a clock that goes on. */
int smi_live_look(struct smi_live *l, struct smi_out *out)
{
	l->wake.out = out;
	smi_wake_drain(&l->wake);
	smi_merge_wake(l->merge);
	for (size_t i = 0; l->now == INT64_MIN && i < l->merge->streams.n; i++)
		l->merge->streams.v[i].clock.now =
			smi_now_wall(smi_out_ctx(out)) / SMI_SEC;
	return l->dirs.n ? look_for_new(l, out) : 0;
}

/* The end, where such things are told, may be far. */
static int tell_losses(struct smi_live *l, struct smi_out *out)
{
	int64_t now = smi_now_mono(smi_out_ctx(out));
	int n = 0;

	for (size_t i = 0; n >= 0 && i < l->merge->streams.n; i++) {
		const struct smi_stream *st = &l->merge->streams.v[i];
		struct smi_reader *r = st->readers.v[st->readers.n - 1];

		if (!r->told_at || now - r->told_at >= AGAIN)
			n = smi_tell_losses(out, r);
	}
	return n;
}

int smi_live_rest(struct smi_live *l, struct smi_out *out)
{
	int n = smi_out_idle(out);

	if (n > 0)
		l->state->changed = true;
	if (n >= 0)
		n = tell_losses(l, out);
	return n < 0 ? n : smi_wake_rest(&l->wake);
}

void smi_live_stop(struct smi_live *l)
{
	for (size_t i = 0; i < l->merge->streams.n; i++) {
		const struct smi_stream *st = &l->merge->streams.v[i];
		struct smi_reader *r;

		if (st->at + 1 != st->readers.n)
			continue;
		r = st->readers.v[st->at];
		if (r->ops->stop)
			r->ops->stop(r);
	}
	smi_merge_wake(l->merge);
}

void smi_live_done(struct smi_live *l)
{
	smi_wake_done(&l->wake);
	smi_vec_free(&l->dirs);
}
