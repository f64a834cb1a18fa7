/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"
#include "portscan/scan-threads-state.h"

/* How often a share tells how far it came. */
#define KEEP_EVERY SMI_SEC

void smi_told_free(const struct smi_told *told)
{
	struct smi_told own = *told;

	sm_record_unref(told->rec);
	if (told->kind == SMI_TOLD_STATE)
		smi_buf_free(&own.state);
	else if (told->kind == SMI_TOLD_HOST)
		smi_held_free(&own.host);
}

/* On the share's thread. */
static void tell(struct smi_threads *t, const struct smi_told *told)
{
	uint64_t one = 1;

	pthread_mutex_lock(&t->lock);
	while (t->queue.list.n >= SMI_FULL_QUEUE && !t->stop && !t->alone)
		pthread_cond_wait(&t->room, &t->lock);
	if (!t->queue.list.n)
		(void)!write(t->wake, &one, sizeof(one));
	if (!smi_vec_push(&t->queue.list, *told)) {
		t->nomem = true;
		smi_told_free(told);
	}
	pthread_mutex_unlock(&t->lock);
}

static void lack_memory(struct smi_threads *t)
{
	uint64_t one = 1;

	pthread_mutex_lock(&t->lock);
	t->nomem = true;
	(void)!write(t->wake, &one, sizeof(one));
	pthread_mutex_unlock(&t->lock);
}

/* Takes over what it holds back. */
static void tell_part(struct smi_share *share, const struct smi_scan_host *h)
{
	struct smi_told told = { .kind = SMI_TOLD_HOST,
				 .from = share,
				 .host = *h };

	tell(share->all, &told);
}

int smi_share_tell_host(void *user, const struct smi_scan_host *h)
{
	struct smi_share *share = user;
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

static void tell_ended(struct smi_share *share)
{
	for (size_t i = 0; i < share->ended.n; i++)
		tell_part(share, &share->ended.v[i]);
	share->ended.n = 0;
}

int smi_share_keep(struct smi_share *share, struct smi_buf *b)
{
	if (smi_scan_keep(share->scan, b) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < share->parts.n; i++)
		smi_scan_keep_part(&share->parts.v[i], b);
	return smi_buf_error(b);
}

/* What it has told until now was taken: the hosts behind that, and how far it came. */
int smi_share_tell_state(void *user, bool ended)
{
	struct smi_share *share = user;
	struct smi_told told = { .kind = SMI_TOLD_STATE, .from = share };
	int64_t now = smi_now_mono(share->ctx);

	tell_ended(share);
	if (!share->scan->goes_on)
		return 0;
	if (!ended && now - share->kept_at < KEEP_EVERY)
		return 0;
	share->kept_at = now;
	if (smi_share_keep(share, &told.state) < 0) {
		smi_buf_free(&told.state);
		return smi_fail_nomem(share->ctx);
	}
	tell(share->all, &told);
	return 0;
}

static void tell_event(struct smi_share *share, const sm_event *ev)
{
	struct smi_told told = { .from = share };

	switch (sm_event_kind(ev)) {
	case SM_EVENT_PROGRESS:
		told.kind = SMI_TOLD_PROGRESS;
		told.done = sm_event_done(ev);
		break;
	case SM_EVENT_NOTICE:
		told.kind = SMI_TOLD_NOTICE;
		break;
	default:
		told.kind = SMI_TOLD_RECORD;
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
int smi_share_turn(struct smi_share *share)
{
	struct smi_told end = { .kind = SMI_TOLD_END, .from = share };
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

void smi_share_tell_parts(struct smi_share *share)
{
	for (size_t i = 0; i < share->parts.n; i++) {
		struct smi_scan_host h = share->parts.v[i];

		if (smi_held_copy(&h, &share->parts.v[i]) < 0)
			lack_memory(share->all);
		else
			tell_part(share, &h);
	}
}

static struct smi_share *next_share(struct smi_threads *t)
{
	struct smi_share *share = NULL;

	pthread_mutex_lock(&t->lock);
	if (t->next < t->nshares && !t->stop)
		share = &t->shares[t->next++];
	pthread_mutex_unlock(&t->lock);
	return share;
}

void *smi_threads_run(void *arg)
{
	struct smi_threads *t = arg;
	struct smi_share *share;

	while ((share = next_share(t))) {
		struct pollfd p = { .fd = sm_job_fd(share->job),
				    .events = POLLIN };
		int r;

		smi_share_tell_parts(share);
		while ((r = smi_share_turn(share)) != 0)
			if (r == -EAGAIN)
				(void)poll(&p, 1, -1);
	}
	return NULL;
}
