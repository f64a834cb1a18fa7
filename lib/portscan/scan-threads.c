/* SPDX-License-Identifier: MIT */
#include "portscan/scan-threads.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"

/* What may wait for the caller; a share that has more to tell waits too. */
#define FULL_QUEUE 256
/* Notices are compared with so many before them: shares may tell the same. */
#define NOTICES_KEPT 64
/* How often a share tells how far it came. */
#define KEEP_EVERY SMI_SEC

#define PROGRESS_EVERY (100 * SMI_MSEC)

enum told_kind {
	TOLD_RECORD,
	TOLD_NOTICE,
	TOLD_HOST,
	TOLD_PROGRESS,
	TOLD_STATE,
	TOLD_END,
};

struct told {
	enum told_kind kind;
	struct share *from;
	sm_record *rec; /* a reference */
	union {
		struct smi_scan_host host;
		uint64_t done;
		struct smi_buf state;
		int result;
	};
};

struct told_list {
	SMI_VEC(struct told) list;
};

struct share {
	struct threads *all;
	sm_ctx *ctx;
	struct smi_scan *scan; /* the job's */
	sm_job *job;
	uint64_t done; /* ports */
	/* On its thread: hosts that it has told, and when it told how far it came. */
	SMI_VEC(struct smi_scan_host) parts;
	SMI_VEC(struct smi_scan_host)
	ended; /* that it tells behind their ports */
	int64_t kept_at;
	/* On the caller's: how far it came, by what was told and what was taken. */
	struct smi_buf fresh, state;
	bool is_fresh;
};

/* What several shares learn of one host. */
struct whole_host {
	struct smi_scan_host host;
	unsigned shares;
};

struct threads {
	struct smi_scan *scan; /* the whole one, which is never run */
	pid_t owner;
	unsigned nshares, nended;
	int wake; /* eventfd: the queue is not empty */
	pthread_t *ids;
	unsigned nthreads, most_threads;
	bool alone; /* no thread was to be had */
	bool complete;
	struct told_list batch;	      /* taken off the queue */
	SMI_VEC(sm_record *) records; /* that the caller has now */
	SMI_VEC(sm_record *) notices;
	SMI_VEC(struct whole_host) hosts;
	SMI_VEC(uint64_t) told; /* numbers of hosts */
	int64_t progress_at;

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t room;
	struct told_list queue;
	unsigned next; /* share to be begun */
	bool stop, nomem;

	struct share shares[];
};

static void forget(const struct told *told)
{
	struct told own = *told;

	sm_record_unref(told->rec);
	if (told->kind == TOLD_STATE)
		smi_buf_free(&own.state);
	else if (told->kind == TOLD_HOST)
		smi_held_free(&own.host);
}

/* On the share's thread. */
static void tell(struct threads *t, const struct told *told)
{
	uint64_t one = 1;

	pthread_mutex_lock(&t->lock);
	while (t->queue.list.n >= FULL_QUEUE && !t->stop && !t->alone)
		pthread_cond_wait(&t->room, &t->lock);
	if (!t->queue.list.n)
		(void)!write(t->wake, &one, sizeof(one));
	if (!smi_vec_push(&t->queue.list, *told)) {
		t->nomem = true;
		forget(told);
	}
	pthread_mutex_unlock(&t->lock);
}

static void lack_memory(struct threads *t)
{
	uint64_t one = 1;

	pthread_mutex_lock(&t->lock);
	t->nomem = true;
	(void)!write(t->wake, &one, sizeof(one));
	pthread_mutex_unlock(&t->lock);
}

/* Takes over what it holds back. */
static void tell_part(struct share *share, const struct smi_scan_host *h)
{
	struct told told = { .kind = TOLD_HOST, .from = share, .host = *h };

	tell(share->all, &told);
}

static int tell_host(void *user, const struct smi_scan_host *h)
{
	struct share *share = user;
	struct smi_scan_host mine = *h, part = *h;

	if (share->all->scan->resume && (smi_held_copy(&part, h) < 0 ||
					 !smi_vec_push(&share->parts, part))) {
		smi_held_free(&part);
		smi_held_free(&mine);
		return smi_fail_nomem(share->ctx);
	}
	if (smi_vec_push(&share->ended, mine))
		return 0;
	smi_held_free(&mine);
	return smi_fail_nomem(share->ctx);
}

static void tell_ended(struct share *share)
{
	for (size_t i = 0; i < share->ended.n; i++)
		tell_part(share, &share->ended.v[i]);
	share->ended.n = 0;
}

static int keep(struct share *share, struct smi_buf *b)
{
	if (smi_scan_keep(share->scan, b) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < share->parts.n; i++)
		smi_scan_keep_part(&share->parts.v[i], b);
	return smi_buf_error(b);
}

/* What it has told until now was taken: the hosts behind that, and how far it came. */
static int tell_state(void *user, bool ended)
{
	struct share *share = user;
	struct told told = { .kind = TOLD_STATE, .from = share };
	int64_t now = smi_now_mono(share->ctx);

	tell_ended(share);
	if (!share->scan->goes_on)
		return 0;
	if (!ended && now - share->kept_at < KEEP_EVERY)
		return 0;
	share->kept_at = now;
	if (keep(share, &told.state) < 0) {
		smi_buf_free(&told.state);
		return smi_fail_nomem(share->ctx);
	}
	tell(share->all, &told);
	return 0;
}

static void tell_event(struct share *share, const sm_event *ev)
{
	struct told told = { .from = share };

	switch (sm_event_kind(ev)) {
	case SM_EVENT_PROGRESS:
		told.kind = TOLD_PROGRESS;
		told.done = sm_event_done(ev);
		break;
	case SM_EVENT_NOTICE:
		told.kind = TOLD_NOTICE;
		break;
	default:
		told.kind = TOLD_RECORD;
		break;
	}
	if (sm_event_record(ev)) {
		told.rec = sm_record_ref(sm_event_record(ev));
		if (!told.rec) {
			lack_memory(share->all);
			return;
		}
	}
	tell(share->all, &told);
}

/* -EAGAIN: it waits for its descriptor. 0: it has ended. */
static int turn(struct share *share)
{
	struct told end = { .kind = TOLD_END, .from = share };
	const sm_event *ev;
	int r = sm_job_next(share->job, &ev);

	if (r == 1)
		tell_event(share, ev);
	if (r == 1 || r == -EAGAIN)
		return r;
	tell_ended(share);
	end.result = r;
	tell(share->all, &end);
	return 0;
}

/* Hosts that a scan which was stopped had told for its part are told again. */
static void tell_parts(struct share *share)
{
	for (size_t i = 0; i < share->parts.n; i++) {
		struct smi_scan_host h = share->parts.v[i];

		if (smi_held_copy(&h, &share->parts.v[i]) < 0)
			lack_memory(share->all);
		else
			tell_part(share, &h);
	}
}

static struct share *next_share(struct threads *t)
{
	struct share *share = NULL;

	pthread_mutex_lock(&t->lock);
	if (t->next < t->nshares && !t->stop)
		share = &t->shares[t->next++];
	pthread_mutex_unlock(&t->lock);
	return share;
}

static void *run(void *arg)
{
	struct threads *t = arg;
	struct share *share;

	while ((share = next_share(t))) {
		struct pollfd p = { .fd = sm_job_fd(share->job),
				    .events = POLLIN };
		int r;

		tell_parts(share);
		while ((r = turn(share)) != 0)
			if (r == -EAGAIN)
				(void)poll(&p, 1, -1);
	}
	return NULL;
}

/* The handlers of the program do not run on threads that it does not know. */
static void start_threads(struct threads *t)
{
	sigset_t all, old;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &old))
		return;
	while (t->nthreads < t->most_threads &&
	       pthread_create(&t->ids[t->nthreads], NULL, run, t) == 0)
		t->nthreads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* The lines of all shares. */
static int gather(struct threads *t, struct smi_buf *out)
{
	for (unsigned i = 0; i < t->nshares; i++)
		smi_buf_span_add(out, smi_buf_span(&t->shares[i].state));
	return smi_buf_error(out) < 0 ? smi_fail_nomem(t->scan->ctx) : 0;
}

static int begin_file(struct threads *t, struct smi_out *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf all = { 0 };
	int r = gather(t, &all);

	return r < 0 ? r
		     : smi_scan_resume_begin(t->scan, out, t->told.v, t->told.n,
					     smi_buf_span(&all));
}

static int threads_start(void *src, struct smi_out *out)
{
	struct threads *t = src;
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
static void stop(struct threads *t)
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

static int take_host(struct threads *t, struct smi_out *out,
		     const struct smi_scan_host *h)
{
	struct whole_host fresh = { *h, 1 };
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
static int take_notice(struct threads *t, struct smi_out *out, sm_record *rec)
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

static int take_record(struct threads *t, struct smi_out *out,
		       const struct told *told)
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
static int take(struct threads *t, struct smi_out *out, const struct told *told)
{
	if (told->rec && !smi_vec_push(&t->records, told->rec)) {
		sm_record_unref(told->rec);
		return smi_fail_nomem(t->scan->ctx);
	}
	switch (told->kind) {
	case TOLD_RECORD:
		return take_record(t, out, told);
	case TOLD_NOTICE:
		return take_notice(t, out, told->rec);
	case TOLD_HOST:
		return take_host(t, out, &told->host);
	case TOLD_PROGRESS:
		told->from->done = told->done;
		return 0;
	case TOLD_STATE:
		smi_buf_free(&told->from->fresh);
		told->from->fresh = told->state;
		told->from->is_fresh = true;
		return 0;
	case TOLD_END:
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
static int take_queue(struct threads *t, struct smi_out *out)
{
	struct told_list empty = t->batch;
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

static void let_go(struct threads *t)
{
	while (t->records.n)
		sm_record_unref(t->records.v[--t->records.n]);
}

static int show_progress(struct threads *t, struct smi_out *out)
{
	int64_t now = smi_now_mono(t->scan->ctx);
	uint64_t done = 0;

	if (now < t->progress_at)
		return 0;
	t->progress_at = now + PROGRESS_EVERY;
	for (unsigned i = 0; i < t->nshares; i++)
		done += t->shares[i].done;
	return smi_out_progress(out, SMI_MIN(done, t->scan->total),
				t->scan->total);
}

/* Where there is no thread: one share after the other, on the caller's. */
static int work_alone(struct threads *t, struct smi_out *out)
{
	struct share *share = &t->shares[t->nended];
	int r;

	if (t->next == t->nended) {
		r = smi_out_watch(out, sm_job_fd(share->job));
		if (r < 0)
			return r;
		t->next++;
		tell_parts(share);
	}
	do
		r = turn(share);
	while (r == 1 && t->queue.list.n < FULL_QUEUE);
	if (r ==
	    0) /* a descriptor of it that is ready for ever would wake us */
		sm_job_free(smi_take(&share->job));
	return r;
}

static int threads_step(void *src, struct smi_out *out)
{
	struct threads *t = src;
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

static int threads_cancelled(void *src, struct smi_out *out)
{
	struct threads *t = src;
	int r;

	stop(t);
	if (t->alone && t->next > t->nended)
		while (turn(&t->shares[t->nended]) == 1)
			;
	r = take_queue(t, out);
	for (size_t i = 0; r == 0 && i < t->hosts.n && !t->scan->resume; i++)
		r = smi_held_stop(t->scan, out, &t->hosts.v[i].host);
	return r;
}

/* What is in the states has been taken. */
static void take_states(struct threads *t)
{
	for (unsigned i = 0; i < t->nshares; i++) {
		struct share *share = &t->shares[i];

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
	struct threads *t = src;
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
	struct threads *t = src;

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
		forget(&t->queue.list.v[i]);
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

static int restore_parts(struct threads *t, unsigned index)
{
	const struct smi_kept *k = smi_scan_resume_kept(t->scan);
	const struct smi_kept_share *share = k ? &k->shares.v[index] : NULL;

	for (size_t i = 0; share && i < share->nhosts; i++) {
		const struct smi_kept_host *kept =
			&k->hosts.v[share->host_at + i];
		struct smi_scan_host h = { .number = kept->number };
		int r;

		if (!kept->part)
			continue;
		smi_targets_at(&t->scan->targets, h.number, &h.ip, &h.name);
		smi_scan_host_restore(&h, kept);
		r = smi_held_restore(t->scan, &h, k, kept);
		if (r == 0 && !smi_vec_push(&t->shares[index].parts, h))
			r = -ENOMEM;
		if (r < 0) {
			smi_held_free(&h);
			return r;
		}
	}
	return 0;
}

/* The share's state before its first step. */
static int keep_share(struct threads *t, unsigned index)
{
	struct share *share = &t->shares[index];
	int r = restore_parts(t, index);

	if (r == 0)
		r = keep(share, &share->state);
	return smi_scan_resume_failed(t->scan, r);
}

static int restore_told(struct threads *t)
{
	const struct smi_kept *k = smi_scan_resume_kept(t->scan);

	for (size_t i = 0; k && i < k->told.n; i++)
		if (!smi_vec_push(&t->told, k->told.v[i]))
			return smi_fail_nomem(t->scan->ctx);
	return 0;
}

static int make_share(struct threads *t, const struct sm_scan_opts *o,
		      unsigned index)
{
	struct share *share = &t->shares[index];
	sm_ctx *ctx = t->scan->ctx;
	struct smi_scan *s;
	int r = smi_ctx_copy(ctx, &share->ctx);

	if (r < 0)
		return smi_fail(ctx, r, "a thread cannot be had: %s",
				smi_strerror(-r));
	r = smi_scan_share_new(t->scan, o, index, t->nshares, share->ctx, &s);
	if (r < 0)
		return r;
	if (smi_scan_cut_by_ports(t->scan, t->nshares)) {
		s->end_host = tell_host;
		s->end_host_user = share;
	}
	s->keep = tell_state;
	s->keep_user = share;
	s->goes_on = t->scan->resume;
	t->scan->ops = s->ops;
	share->all = t;
	share->scan = s;
	share->done = s->done;
	r = smi_job_new(share->ctx, &smi_scan_share_source, s, &share->job);
	if (r < 0)
		return smi_fail(ctx, r, "%s", sm_ctx_errmsg(share->ctx));
	return t->scan->resume ? keep_share(t, index) : 0;
}

static int make_shares(struct threads *t, const struct sm_scan_opts *o)
{
	int r;

	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake < 0)
		return smi_fail(t->scan->ctx, -errno,
				"the scan cannot start: %s",
				smi_strerror(errno));
	t->ids = smi_zalloc(t->nshares * sizeof(*t->ids));
	if (!t->ids)
		return smi_fail_nomem(t->scan->ctx);
	r = restore_told(t);
	for (unsigned i = 0; r == 0 && i < t->nshares; i++)
		r = make_share(t, o, i);
	return r;
}

int smi_scan_threads_new(struct smi_scan *whole, const struct sm_scan_opts *o,
			 unsigned shares, void **out)
{
	struct threads *t =
		smi_zalloc(sizeof(*t) + shares * sizeof(t->shares[0]));
	int r;

	if (!t) {
		r = smi_fail_nomem(whole->ctx);
		smi_scan_source.free(whole);
		return r;
	}
	t->scan = whole;
	t->nshares = shares;
	/* A scan that goes on has the shares that it had. */
	t->most_threads = o->threads > 1 ? SMI_MIN(o->threads, shares) : 0;
	t->wake = -1;
	t->owner = getpid();
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->room, NULL);
	r = make_shares(t, o);
	if (r < 0)
		threads_free(t);
	else
		*out = t;
	return r;
}
