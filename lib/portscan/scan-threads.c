/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"
#include "portscan/scan-threads-state.h"

/* Notices are compared with so many before them: shares may tell the same. */
#define NOTICES_KEPT 64

#define PROGRESS_EVERY (100 * SMI_MSEC)

/* The handlers of the program do not run on threads that it does not know. */
static void start_threads(struct smi_threads *t)
{
	sigset_t all, old;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &old))
		return;
	while (t->nthreads < t->most_threads &&
	       pthread_create(&t->ids[t->nthreads], NULL, smi_threads_run, t) ==
		       0)
		t->nthreads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* The lines of all shares. */
static int gather(struct smi_threads *t, struct smi_buf *out)
{
	for (unsigned i = 0; i < t->nshares; i++)
		smi_buf_span_add(out, smi_buf_span(&t->shares[i].state));
	return smi_buf_error(out) < 0 ? smi_fail_nomem(t->scan->ctx) : 0;
}

static int begin_file(struct smi_threads *t, struct smi_out *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf all = { 0 };
	int r = gather(t, &all);

	return r < 0 ? r
		     : smi_scan_resume_begin(t->scan, out, t->told.v, t->told.n,
					     smi_buf_span(&all));
}

static int threads_start(void *src, struct smi_out *out)
{
	struct smi_threads *t = src;
	int r = smi_out_watch(out, t->wake);

	if (r == 0)
		r = t->scan->resume ? begin_file(t, out)
				    : smi_scan_unresolved(t->scan, out);
	if (r < 0)
		return r;
	t->progress_at = smi_now_mono(t->scan->ctx) + PROGRESS_EVERY;
	start_threads(t);
	if (!t->nthreads)
		t->alone = true;
	if (t->nthreads < t->most_threads)
		smi_log(t->scan->ctx, SM_LOG_WARNING, "scan",
			"%u of %u threads could be had", t->nthreads,
			t->most_threads);
	return 0;
}

/* Ends all shares, which tell what they have, and joins their threads. */
static void stop(struct smi_threads *t)
{
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_broadcast(&t->room);
	pthread_mutex_unlock(&t->lock);
	for (unsigned i = 0; i < t->nshares; i++)
		sm_job_cancel(t->shares[i].job);
	for (; t->nthreads; t->nthreads--)
		pthread_join(t->ids[t->nthreads - 1], NULL);
}

static int take_host(struct smi_threads *t, struct smi_out *out,
		     const struct smi_scan_host *h)
{
	struct smi_whole_host fresh = { *h, 1 };
	struct smi_scan_host *all = &fresh.host;
	size_t i = 0;
	int r;

	for (size_t k = 0; k < t->told.n; k++)
		if (t->told.v[k] == h->number) {
			smi_held_free(all);
			return 0;
		}
	while (i < t->hosts.n && !smi_ip_eq(&t->hosts.v[i].host.ip, &h->ip))
		i++;
	if (i == t->hosts.n) {
		if (smi_vec_push(&t->hosts, fresh))
			return 0;
		smi_held_free(all);
		return smi_fail_nomem(t->scan->ctx);
	}
	all = &t->hosts.v[i].host;
	smi_scan_host_add(all, h);
	if (smi_held_move(all, &fresh.host) < 0)
		return smi_fail_nomem(t->scan->ctx);
	if (++t->hosts.v[i].shares < t->nshares)
		return 0;
	r = smi_held_end(t->scan, out, all);
	if (r == 0)
		r = smi_scan_host_record(t->scan, out, all);
	if (!smi_vec_push(&t->told, h->number))
		return smi_fail_nomem(t->scan->ctx);
	t->hosts.v[i] = t->hosts.v[--t->hosts.n];
	return r;
}

static bool is_same_notice(const sm_record *a, const sm_record *b)
{
	const sm_notice *x = sm_record_notice(a), *y = sm_record_notice(b);

	return !strcmp(sm_notice_text(x), sm_notice_text(y)) &&
	       !strcmp(sm_notice_source(x), sm_notice_source(y));
}

/* What each share says of the whole machine is said once. */
static int take_notice(struct smi_threads *t, struct smi_out *out,
		       sm_record *rec)
{
	for (size_t i = 0; i < t->notices.n; i++)
		if (is_same_notice(t->notices.v[i], rec))
			return 0;
	if (t->notices.n < NOTICES_KEPT) {
		if (!smi_vec_push(&t->notices, sm_record_ref(rec)))
			return smi_fail_nomem(t->scan->ctx);
	}
	return smi_out_told_notice(out, rec);
}

static int take_record(struct smi_threads *t, struct smi_out *out,
		       const struct smi_told *told)
{
	/* By what it scans, each share does. */
	if (sm_record_kind(told->rec) == SM_KIND_SUMMARY &&
	    told->from != t->shares)
		return 0;
	return sm_record_port(told->rec)
		       ? smi_scan_hand_on(t->scan, out, told->rec)
		       : smi_out_record(out, told->rec);
}

/* told's record is kept from now on. */
static int take(struct smi_threads *t, struct smi_out *out,
		const struct smi_told *told)
{
	if (told->rec && !smi_vec_push(&t->records, told->rec)) {
		sm_record_unref(told->rec);
		return smi_fail_nomem(t->scan->ctx);
	}
	switch (told->kind) {
	case SMI_TOLD_RECORD:
		return take_record(t, out, told);
	case SMI_TOLD_NOTICE:
		return take_notice(t, out, told->rec);
	case SMI_TOLD_HOST:
		return take_host(t, out, &told->host);
	case SMI_TOLD_PROGRESS:
		told->from->done = told->done;
		return 0;
	case SMI_TOLD_STATE:
		smi_buf_free(&told->from->fresh);
		told->from->fresh = told->state;
		told->from->is_fresh = true;
		return 0;
	case SMI_TOLD_END:
		break;
	}
	t->nended++;
	if (told->result == 0 || t->stop)
		return 0;
	stop(t);
	return smi_fail(t->scan->ctx, told->result, "%s",
			sm_ctx_errmsg(told->from->ctx));
}

/* All that is in the queue. */
static int take_queue(struct smi_threads *t, struct smi_out *out)
{
	struct smi_told_list empty = t->batch;
	uint64_t count;
	bool nomem;
	int r = 0;

	pthread_mutex_lock(&t->lock);
	t->batch = t->queue;
	t->queue = empty;
	nomem = t->nomem;
	(void)!read(t->wake, &count, sizeof(count));
	pthread_cond_broadcast(&t->room);
	pthread_mutex_unlock(&t->lock);
	for (size_t i = 0; i < t->batch.list.n; i++) {
		int e = take(t, out, &t->batch.list.v[i]);

		r = r < 0 ? r : e;
	}
	t->batch.list.n = 0;
	return nomem ? smi_fail_nomem(t->scan->ctx) : r;
}

static void let_go(struct smi_threads *t)
{
	while (t->records.n)
		sm_record_unref(t->records.v[--t->records.n]);
}

static uint64_t settled(const struct smi_threads *t)
{
	uint64_t done = 0;

	for (unsigned i = 0; i < t->nshares; i++)
		done += t->shares[i].done;
	return done;
}

static int show_progress(struct smi_threads *t, struct smi_out *out)
{
	int64_t now = smi_now_mono(t->scan->ctx);

	if (now < t->progress_at)
		return 0;
	t->progress_at = now + PROGRESS_EVERY;
	return smi_out_progress(out, SMI_MIN(settled(t), t->scan->total),
				t->scan->total);
}

/* Where there is no thread: one share after the other, on the caller's. */
static int work_alone(struct smi_threads *t, struct smi_out *out)
{
	struct smi_share *share = &t->shares[t->nended];
	int r;

	if (t->next == t->nended) {
		r = smi_out_watch(out, sm_job_fd(share->job));
		if (r < 0)
			return r;
		t->next++;
		smi_share_tell_parts(share);
	}
	do
		r = smi_share_turn(share);
	while (r == 1 && t->queue.list.n < SMI_FULL_QUEUE);
	if (r ==
	    0) /* a descriptor of it that is ready for ever would wake us */
		sm_job_free(smi_take(&share->job));
	return r;
}

static int threads_step(void *src, struct smi_out *out)
{
	struct smi_threads *t = src;
	int r, alone = -EAGAIN;

	let_go(t);
	if (t->alone) {
		alone = work_alone(t, out);
		if (alone < 0 && alone != -EAGAIN)
			return alone;
	}
	r = take_queue(t, out);
	if (r == 0)
		r = show_progress(t, out);
	if (r < 0)
		return r;
	if (t->nended == t->nshares) {
		t->complete = true;
		stop(t);
		return 0;
	}
	return alone == -EAGAIN ? -EAGAIN : 1;
}

/* No thread works any more: as it is, and not as it was told last. */
static uint64_t settled_at_end(const struct smi_threads *t)
{
	uint64_t done = 0;

	for (unsigned i = 0; i < t->nshares; i++) {
		const struct smi_share *share = &t->shares[i];

		done += share->job ? share->scan->done : share->done;
	}
	return done;
}

static int threads_cancelled(void *src, struct smi_out *out)
{
	struct smi_threads *t = src;
	int r;

	stop(t);
	if (t->alone && t->next > t->nended)
		while (smi_share_turn(&t->shares[t->nended]) == 1)
			;
	r = take_queue(t, out);
	if (r == 0)
		r = smi_scan_cut_notice(t->scan, out, settled_at_end(t));
	for (size_t i = 0; r == 0 && i < t->hosts.n && !t->scan->resume; i++)
		r = smi_held_stop(t->scan, out, &t->hosts.v[i].host);
	return r;
}

/* What is in the states has been taken. */
static void take_states(struct smi_threads *t)
{
	for (unsigned i = 0; i < t->nshares; i++) {
		struct smi_share *share = &t->shares[i];

		if (!share->is_fresh)
			continue;
		smi_buf_free(&share->state);
		share->state = share->fresh;
		share->fresh = (struct smi_buf){ 0 };
		share->is_fresh = false;
	}
}

static int threads_settled(void *src, struct smi_out *out, bool ended)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf all = { 0 };
	struct smi_threads *t = src;
	int r;

	if (!t->scan->resume)
		return 0;
	take_states(t);
	if (t->complete)
		return smi_scan_resume_remove(t->scan, out);
	if (!ended && !smi_scan_resume_is_due(t->scan))
		return 0;
	r = gather(t, &all);
	if (r < 0)
		return r;
	return smi_scan_resume_save(t->scan, out, t->told.v, t->told.n,
				    smi_buf_span(&all));
}

/* In a forked child what the threads had in hand stays as it is. */
static void threads_free(void *src)
{
	struct smi_threads *t = src;

	if (t->owner != getpid()) {
		smi_closep(&t->wake);
		return;
	}
	/* The threads write there until they have ended. */
	stop(t);
	smi_closep(&t->wake);
	for (unsigned i = 0; i < t->nshares; i++) {
		sm_job_free(t->shares[i].job);
		sm_ctx_unref(t->shares[i].ctx);
		for (size_t k = 0; k < t->shares[i].parts.n; k++)
			smi_held_free(&t->shares[i].parts.v[k]);
		smi_vec_free(&t->shares[i].parts);
		for (size_t k = 0; k < t->shares[i].ended.n; k++)
			smi_held_free(&t->shares[i].ended.v[k]);
		smi_vec_free(&t->shares[i].ended);
		smi_buf_free(&t->shares[i].fresh);
		smi_buf_free(&t->shares[i].state);
	}
	let_go(t);
	for (size_t i = 0; i < t->queue.list.n; i++)
		smi_told_free(&t->queue.list.v[i]);
	for (size_t i = 0; i < t->notices.n; i++)
		sm_record_unref(t->notices.v[i]);
	smi_vec_free(&t->queue.list);
	smi_vec_free(&t->batch.list);
	smi_vec_free(&t->records);
	smi_vec_free(&t->notices);
	for (size_t i = 0; i < t->hosts.n; i++)
		smi_held_free(&t->hosts.v[i].host);
	smi_vec_free(&t->hosts);
	smi_vec_free(&t->told);
	free(t->ids);
	pthread_cond_destroy(&t->room);
	pthread_mutex_destroy(&t->lock);
	smi_scan_source.free(t->scan);
	free(t);
}

const struct smi_source_ops smi_scan_threads_source = {
	.name = "scan-threads",
	.start = threads_start,
	.step = threads_step,
	.cancelled = threads_cancelled,
	.settled = threads_settled,
	.free = threads_free,
};
