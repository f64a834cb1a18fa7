/* SPDX-License-Identifier: MIT */
#include "core/out.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "record/build.h"
#include "record/sentence.h"

#define FULL_QUEUE 256

sm_ctx *smi_out_ctx(struct smi_out *out)
{
	return out->ctx;
}

struct smi_arena *smi_out_arena(struct smi_out *out)
{
	return &out->arena;
}

static int queue(struct smi_out *out, int kind, const sm_record *rec,
		 uint64_t done, uint64_t total)
{
	sm_event ev = { kind, rec, done, total };

	if (smi_arena_error(&out->arena) || !smi_vec_push(&out->queue, ev))
		return smi_fail_nomem(out->ctx);
	return 0;
}

int smi_out_emit(struct smi_out *out, const sm_record *rec)
{
	return queue(out, SM_EVENT_RECORD, rec, 0, 0);
}

int smi_out_finding(struct smi_out *out, const sm_record *rec)
{
	return queue(out, SM_EVENT_FINDING, rec, 0, 0);
}

int smi_out_progress(struct smi_out *out, uint64_t done, uint64_t total)
{
	return queue(out, SM_EVENT_PROGRESS, NULL, done, total);
}

int smi_out_judge(struct smi_out *out, const sm_record *rec)
{
	if (smi_arena_error(&out->arena))
		return smi_fail_nomem(out->ctx);
	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];
		int r = s->ops->record ? s->ops->record(s->data, rec, out) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int smi_out_record(struct smi_out *out, const sm_record *rec)
{
	int r = smi_out_emit(out, rec);

	return r < 0 ? r : smi_out_judge(out, rec);
}

int smi_out_line(struct smi_out *out, const struct smi_line *line)
{
	int taken = 0;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];
		int r = s->ops->line ? s->ops->line(s->data, line, out) : 0;

		if (r < 0)
			return r;
		taken |= r;
	}
	return taken;
}

/* The verdicts of the stages lie one behind the other. */
static size_t verdict_size(const struct smi_stage *s)
{
	size_t to = _Alignof(max_align_t);

	return (s->ops->verdict + to - 1) / to * to;
}

size_t smi_out_verdict(const struct smi_out *out)
{
	size_t size = 0;

	for (size_t i = 0; i < out->nstages; i++)
		size += verdict_size(&out->stages[i]);
	return size;
}

int smi_out_judges(struct smi_out *out, size_t n)
{
	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];
		int r = s->ops->verdict ? s->ops->judges(s->data, n, out) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

void smi_out_judge_line(const struct smi_out *out, size_t thread,
			const struct smi_line *line, void *verdict)
{
	char *v = verdict;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];

		if (s->ops->verdict)
			s->ops->judge(s->data, thread, line, v);
		v += verdict_size(s);
	}
}

static int take_line(const struct smi_stage *s, const struct smi_line *line,
		     const void *verdict, struct smi_out *out)
{
	if (s->ops->verdict)
		return s->ops->take(s->data, line, verdict, out);
	return s->ops->line ? s->ops->line(s->data, line, out) : 0;
}

int smi_out_take(struct smi_out *out, const struct smi_line *line,
		 const void *verdict)
{
	const char *v = verdict;
	int taken = 0;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];
		int r = take_line(s, line, v, out);

		if (r < 0)
			return r;
		taken |= r;
		v += verdict_size(s);
	}
	return taken;
}

static int save_part(struct smi_out *out, const struct smi_stage *s, size_t i,
		     struct smi_buf *file)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	const struct smi_stage_part *p = &s->ops->parts[i];

	if (p->save(s->data, &b) < 0)
		return smi_fail_nomem(out->ctx);
	smi_statefile_add(file, p->section, smi_buf_span(&b));
	return 0;
}

int smi_out_save(struct smi_out *out, struct smi_buf *file)
{
	int r = 0;

	for (size_t i = 0; i < out->nstages; i++)
		for (size_t k = 0; r == 0 && k < out->stages[i].ops->nparts;
		     k++)
			r = save_part(out, &out->stages[i], k, file);
	return r;
}

int smi_out_load(struct smi_out *out, const struct smi_statefile *file)
{
	int r = 0;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];

		for (size_t k = 0; r == 0 && k < s->ops->nparts; k++) {
			const struct smi_stage_part *p = &s->ops->parts[k];

			r = p->load(s->data,
				    smi_statefile_part(file, p->section), out);
		}
	}
	return r;
}

int smi_out_idle(struct smi_out *out)
{
	int changed = 0;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct smi_stage *s = &out->stages[i];
		int r = s->ops->idle ? s->ops->idle(s->data, out) : 0;

		if (r < 0)
			return r;
		changed |= r;
	}
	return changed;
}

int smi_out_round(struct smi_out *out)
{
	int r = smi_out_idle(out);

	return r < 0 ? r : queue(out, SM_EVENT_ROUND, NULL, 0, 0);
}

/* args, and behind them source and errno as words for the sentence. */
static const struct smi_strs *notice_args(struct smi_arena *a, int err,
					  const char *source,
					  const char *const *args, size_t nargs)
{
	struct smi_strs *list = smi_arena_alloc(a, sizeof(*list));
	const char **v = smi_arena_alloc(a, (nargs + 4) * sizeof(*v));

	if (!list || !v)
		return NULL;
	for (size_t i = 0; i < nargs; i++)
		v[i] = smi_arena_strndup(a, args[i], strlen(args[i]));
	v[nargs] = "source";
	v[nargs + 1] = source;
	v[nargs + 2] = "errno";
	v[nargs + 3] = err ? smi_strerror(err) : "";
	*list = (struct smi_strs){ nargs + 4, v };
	return smi_arena_error(a) ? NULL : list;
}

int smi_out_notice(struct smi_out *out, int err, const char *source,
		   const char *text, const char *const *args, size_t nargs)
{
	struct smi_arena *a = &out->arena;
	sm_record *r = smi_rec_new(a, SM_KIND_NOTICE);
	const struct smi_strs *list;

	smi_set_text(a, r, SMI_NOTICE_SOURCE,
		     smi_span_str(source ? source : ""));
	list = r ? notice_args(
			   a, err,
			   smi_rec_str(r, SM_KIND_NOTICE, SMI_NOTICE_SOURCE),
			   args, nargs)
		 : NULL;
	if (!list)
		return smi_fail_nomem(out->ctx);
	if (!source || !source[0])
		smi_fieldset_del(&r->known, SMI_NOTICE_SOURCE);
	smi_set_const(r, SMI_NOTICE_TEMPLATE, text);
	smi_set_strs(a, r, SMI_NOTICE_ARGS, list->v, list->n);
	smi_set_const(r, SMI_NOTICE_TEXT,
		      smi_sentence_dup(a, text, list, NULL));
	if (err)
		smi_set_int(r, SMI_NOTICE_ERRNO, err);
	return queue(out, SM_EVENT_NOTICE, r, 0, 0);
}

int smi_out_told_notice(struct smi_out *out, const sm_record *notice)
{
	return queue(out, SM_EVENT_NOTICE, notice, 0, 0);
}

int smi_out_way(struct smi_out *out, unsigned field, const char *word)
{
	sm_record *rec = smi_rec_new(smi_out_arena(out), SM_KIND_SUMMARY);

	smi_set_const(rec, field, word);
	return smi_out_emit(out, rec);
}

int smi_out_notice_count(struct smi_out *out, int err, const char *source,
			 const char *text, uint64_t count, uint64_t total)
{
	char n[24], of[24];
	const char *args[] = { "count", n, "total", of };

	snprintf(n, sizeof(n), "%" PRIu64, count);
	snprintf(of, sizeof(of), "%" PRIu64, total);
	return smi_out_notice(out, err, source, text, args, SMI_COUNT(args));
}

bool smi_out_full(const struct smi_out *out)
{
	return out->queue.n >= FULL_QUEUE;
}

bool smi_out_complete(const struct smi_out *out)
{
	return out->complete && !out->partial;
}

bool smi_out_is_partial(const struct smi_out *out)
{
	return out->partial;
}

void smi_out_partial(struct smi_out *out)
{
	out->partial = true;
}

bool smi_out_cancelled(const struct smi_out *out)
{
	return atomic_load_explicit(
		&((struct smi_out *)(uintptr_t)out)->cancelled,
		memory_order_relaxed);
}

int smi_out_watch(struct smi_out *out, int fd)
{
	int r = smi_loop_watch(&out->loop, fd);

	return r < 0 ? smi_fail(out->ctx, r,
				"cannot wait for descriptor %d: %s", fd,
				smi_strerror(-r))
		     : 0;
}

int smi_out_alarm(struct smi_out *out, int64_t mono_ns)
{
	int r = smi_loop_alarm(&out->loop, mono_ns, smi_now_mono(out->ctx));

	return r < 0 ? smi_fail(out->ctx, r, "cannot set a timer: %s",
				smi_strerror(-r))
		     : 0;
}
