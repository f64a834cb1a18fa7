/* SPDX-License-Identifier: MIT */
#include "logsrc/ahead.h"

#include <stdlib.h>

#include "core/workers.h"

/* Of lines that are left out, until a thread looks up from them. */
#define MANY_LINES 16384
#define CACHE_LINE 64
#define SOON	   4 /* lines */

struct smi_ahead {
	struct smi_ahead_opts o;
	struct smi_workers *workers;
	struct smi_batch *batches;
	void **parts;
	size_t nbatches;
	/* Whoever reads: */
	struct smi_reader *waiting; /* its line found no room in a batch */
	uint64_t order;
	/* Whoever takes: */
	struct smi_batch *batch; /* that is being told */
	uint64_t done;
	bool resting; /* nobody reads, until told to */
};

static bool is_wanted(const struct smi_ahead *a, const struct smi_line *line)
{
	return line->time >= a->o.since && line->time <= a->o.until;
}

static int merge_next(struct smi_ahead *a, struct smi_told *told)
{
	int n = SMI_MERGE_LINE;

	*told = (struct smi_told){ .reader = a->waiting };
	if (!a->waiting)
		n = smi_merge_next(a->o.merge, &told->reader, &told->err);
	a->waiting = NULL;
	if (n <= 0)
		return n;
	told->what = (enum smi_merge_result)n;
	told->line = n == SMI_MERGE_LINE ? &told->reader->line : NULL;
	return n;
}

/* 1: it is in the batch, or is not told; 0: it finds no room there. */
static int add(struct smi_ahead *a, struct smi_batch *b,
	       const struct smi_told *told)
{
	int n;

	if (told->line && !a->o.state->ready && !is_wanted(a, told->line))
		return 1;
	if (told->line)
		told->line->order = a->order;
	n = smi_batch_add(b, told);
	if (n == 0)
		a->waiting = told->reader;
	if (n != 1 || !told->line)
		return n;
	a->order++;
	n = a->o.state->ready ? smi_log_state_note(a->o.state, told->reader,
						   smi_out_ctx(a->o.out))
			      : 0;
	return n < 0 ? n : 1;
}

/* 1: and there is more of it. */
static int read_batch(struct smi_ahead *a, struct smi_batch *b)
{
	for (size_t i = 0; i < MANY_LINES && !smi_batch_is_full(b); i++) {
		struct smi_told told;
		int n = merge_next(a, &told);

		if (n == SMI_MERGE_BUSY)
			break;
		if (n <= 0)
			return n;
		n = add(a, b, &told);
		if (n < 0)
			return n;
		if (n == 0)
			break;
	}
	return 1;
}

static bool fill(void *user, void *part)
{
	struct smi_ahead *a = user;
	struct smi_batch *b = part;

	smi_batch_clear(b);
	b->rest = read_batch(a, b);
	b->done = smi_merge_done(a->o.merge);
	return b->rest == 1;
}

static void judge(void *user, void *part, size_t thread)
{
	const struct smi_ahead *a = user;
	const struct smi_batch *b = part;

	for (size_t i = 0; i < b->n; i++) {
		struct smi_told *told = &b->items[i].told;
		void *verdict = smi_batch_verdict(b, i);

		if (told->what != SMI_MERGE_LINE || !is_wanted(a, told->line))
			continue;
		smi_out_judge_line(a->o.out, thread, told->line, verdict);
		told->verdict = verdict;
	}
}

static const struct smi_workers_ops workers_ops = {
	.fill = fill,
	.work = judge,
};

bool smi_ahead_free(struct smi_ahead *a)
{
	if (!a)
		return true;
	if (!smi_workers_free(a->workers))
		return false;
	for (size_t i = 0; a->batches && i < a->nbatches; i++)
		smi_batch_done(&a->batches[i]);
	free(a->batches);
	free(a->parts);
	free(a);
	return true;
}

static int make_batches(struct smi_ahead *a)
{
	a->nbatches = SMI_WORKERS_PARTS(a->o.threads);
	a->batches = smi_zalloc(a->nbatches * sizeof(*a->batches));
	a->parts = smi_zalloc(a->nbatches * sizeof(*a->parts));
	if (!a->batches || !a->parts)
		return -ENOMEM;
	for (size_t i = 0; i < a->nbatches; i++) {
		if (smi_batch_init(&a->batches[i], smi_out_verdict(a->o.out)))
			return -ENOMEM;
		a->parts[i] = &a->batches[i];
	}
	return 0;
}

static int start(struct smi_ahead *a)
{
	struct smi_workers_opts w = { .ops = &workers_ops,
				      .user = a,
				      .threads = a->o.threads,
				      .owner_fills = a->o.caller_reads };
	int r = make_batches(a);

	w.parts = a->parts;
	w.nparts = a->nbatches;
	if (r == 0)
		r = smi_workers_new(&w, &a->workers);
	return r;
}

int smi_ahead_new(const struct smi_ahead_opts *o, struct smi_ahead **ahead)
{
	sm_ctx *ctx = smi_out_ctx(o->out);
	struct smi_ahead *a;
	size_t n;
	int r;

	if (o->threads < 2 || !smi_out_verdict(o->out))
		return 0;
	a = smi_zalloc(sizeof(*a));
	if (!a)
		return smi_fail_nomem(ctx);
	a->o = *o;
	a->resting = true;
	r = start(a);
	n = r == 0 ? smi_workers_n(a->workers) : 0;
	if (n > 1)
		r = smi_out_judges(o->out, n);
	if (n > 1 && r == 0) {
		*ahead = a;
	} else {
		smi_ahead_free(a);
	}
	if (r == 0 && n < o->threads)
		smi_log(ctx, SM_LOG_WARNING, "log",
			"only %zu of %zu threads could be started", n,
			o->threads);
	return r == -ENOMEM ? smi_fail_nomem(ctx) : r;
}

/* Where it is time to keep how far the logs were told, nothing is read until that is
 * done: what was read and not told must not count. */
static void rest_or_read(struct smi_ahead *a)
{
	bool rest = smi_log_state_is_due(a->o.state, smi_out_ctx(a->o.out));

	if (rest)
		smi_workers_halt(a->workers);
	else if (a->resting)
		smi_workers_go(a->workers);
	a->resting = rest;
}

/* Another processor wrote what comes soon: bring it here in time. */
static void fetch(const void *p, size_t len)
{
	for (size_t i = 0; i < len; i += CACHE_LINE)
		__builtin_prefetch((const char *)p + i);
}

static void fetch_soon(const struct smi_batch *b)
{
	size_t text = b->at + SOON / 2, item = b->at + SOON;

	if (text < b->n && b->items[text].told.line)
		fetch(b->items[text].line.raw.p, b->items[text].line.raw.len);
	if (item < b->n) {
		fetch(&b->items[item], sizeof(b->items[item]));
		fetch(smi_batch_verdict(b, item), b->stride);
	}
}

/* One of the batch; 0 when it has no more. */
static int tell(struct smi_ahead *a, struct smi_told *told)
{
	struct smi_batch *b = a->batch;

	if (b->at == b->n)
		return 0;
	fetch_soon(b);
	*told = b->items[b->at++].told;
	return told->what;
}

static int end_batch(struct smi_ahead *a)
{
	int rest = a->batch->rest;

	a->done = a->batch->done;
	a->batch = NULL;
	a->resting = a->resting || rest != 1;
	smi_workers_give_back(a->workers);
	return rest;
}

int smi_ahead_next(struct smi_ahead *a, struct smi_told *told)
{
	for (;;) {
		int n;

		if (!a->batch) {
			rest_or_read(a);
			a->batch = smi_workers_take(a->workers);
		}
		if (!a->batch)
			return SMI_MERGE_BUSY;
		n = tell(a, told);
		if (n)
			return n;
		n = end_batch(a);
		if (n != 1)
			return n;
	}
}

int smi_ahead_drain(struct smi_ahead *a, struct smi_told *told)
{
	smi_workers_halt(a->workers);
	a->resting = true;
	for (;;) {
		int n;

		if (!a->batch)
			a->batch = smi_workers_take(a->workers);
		n = a->batch ? tell(a, told) : 0;
		if (n || !a->batch)
			return n;
		n = end_batch(a);
		if (n < 0 && n != -EAGAIN)
			return n;
	}
}

bool smi_ahead_is_empty(const struct smi_ahead *a)
{
	return !a->batch && smi_workers_are_idle(a->workers);
}

uint64_t smi_ahead_done(const struct smi_ahead *a)
{
	return a->done;
}
