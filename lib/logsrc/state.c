/* SPDX-License-Identifier: MIT */
#include "logsrc/state.h"

#include <stdlib.h>

#define SECTION "log"
#define EVERY	SMI_SEC
/* Lines of one moment that are read again, at most: logs without stamps are but
 * one moment. */
#define MAX_AGAIN 65536

void smi_log_state_done(struct smi_log_state *s)
{
	smi_positions_free(&s->positions);
	smi_statefile_done(&s->file);
	free(s->path);
}

int smi_log_state_load(struct smi_log_state *s, sm_ctx *ctx)
{
	int r;

	if (!s->path)
		return 0;
	r = smi_statefile_load(&s->file, ctx, s->path);
	if (r < 0)
		return r;
	r = smi_positions_read(&s->positions,
			       smi_statefile_part(&s->file, SECTION));
	if (r == -ENOMEM)
		return smi_fail_nomem(ctx);
	if (r < 0)
		return smi_fail(ctx, r,
				"cannot use the state in '%s': its positions "
				"of logs are damaged",
				s->path);
	s->ready = true;
	return 0;
}

static struct smi_reader *youngest(const struct smi_stream *st)
{
	return st->readers.v[st->readers.n - 1];
}

static void drop_elders(struct smi_stream *st)
{
	struct smi_reader *last = youngest(st);

	for (size_t i = 0; i + 1 < st->readers.n; i++)
		st->readers.v[i]->ops->free(st->readers.v[i]);
	st->readers.v[0] = last;
	st->readers.n = 1;
}

int smi_log_state_resume(struct smi_log_state *s, struct smi_stream *st,
			 struct smi_out *out)
{
	struct smi_reader *r = youngest(st);
	const struct smi_position *p =
		s->ready ? smi_positions_find(&s->positions, r->name) : NULL;
	int n;

	r->whole = s->ready;
	if (!p || !r->ops->resume)
		return 0;
	drop_elders(st);
	n = r->ops->resume(r, &smi_out_ctx(out)->root, p);
	r->room.forms = p->forms;
	r->room.partial = n == 0 ? p->partial : 0;
	if (n == -ENODATA)
		return smi_out_notice(out, 0, r->name,
				      "what was read last of {source} is gone: "
				      "lines that followed it may be missing",
				      NULL, 0);
	if (n < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	/* Of an hour that comes twice it was in the second one maybe. */
	st->time = p->time;
	if (p->time != INT64_MIN)
		st->clock.last = p->time / SMI_SEC;
	return 0;
}

int smi_log_state_note(struct smi_log_state *s, struct smi_reader *r,
		       sm_ctx *ctx)
{
	struct smi_position *p = &r->at;

	if (!r->ops->mark)
		return 0;
	s->changed = true;
	if (!p->told || p->time != r->line.time ||
	    p->generation != r->generation || p->told >= MAX_AGAIN) {
		p->time = r->line.time;
		p->generation = r->generation;
		p->told = 0;
		p->forms = r->room.forms;
		p->partial = r->room.partial;
		if (r->ops->mark(r, p) < 0)
			return smi_fail_nomem(ctx);
	}
	p->told++;
	return 0;
}

/* Of a stream the reader that has told a line last. */
static int collect(struct smi_log_state *s, const struct smi_merge *m)
{
	for (size_t i = 0; i < m->streams.n; i++) {
		const struct smi_stream *st = &m->streams.v[i];
		size_t k = st->readers.n;

		while (k > 0 && !st->readers.v[k - 1]->at.known)
			k--;
		if (k > 0 &&
		    smi_positions_set(&s->positions, youngest(st)->name,
				      &st->readers.v[k - 1]->at) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int save(struct smi_log_state *s, const struct smi_merge *m,
		struct smi_out *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 }, mine = { 0 };
	sm_ctx *ctx = smi_out_ctx(out);
	int r;

	if (collect(s, m) < 0)
		return smi_fail_nomem(ctx);
	smi_positions_write(&s->positions, &mine);
	if (smi_buf_error(&mine))
		return smi_fail_nomem(ctx);
	smi_statefile_begin(&b);
	smi_statefile_add(&b, SECTION, smi_buf_span(&mine));
	r = smi_out_save(out, &b);
	if (r < 0)
		return r;
	return smi_statefile_save(&s->file, &b);
}

bool smi_log_state_is_due(const struct smi_log_state *s, const sm_ctx *ctx)
{
	if (!s->ready || !s->changed)
		return false;
	return !s->saved || smi_now_mono(ctx) - s->saved >= EVERY;
}

int smi_log_state_settle(struct smi_log_state *s, const struct smi_merge *m,
			 struct smi_out *out, bool ended)
{
	sm_ctx *ctx = smi_out_ctx(out);
	int r;

	if (!s->ready || !s->changed)
		return 0;
	if (!ended && !smi_log_state_is_due(s, ctx))
		return 0;
	r = save(s, m, out);
	s->saved = smi_now_mono(ctx);
	s->changed = r < 0;
	if (r == -ENOMEM)
		return smi_fail_nomem(ctx);
	if (r < 0 && !s->failed) {
		s->failed = true;
		return smi_out_notice(out, -r, s->path,
				      "how far the logs were read cannot be "
				      "kept in {source}: {errno}",
				      NULL, 0);
	}
	return 0;
}
