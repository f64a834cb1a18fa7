/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"
#include "portscan/scan-threads-state.h"

static int restore_parts(struct smi_threads *t, unsigned index)
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
static int keep_share(struct smi_threads *t, unsigned index)
{
	struct smi_share *share = &t->shares[index];
	int r = restore_parts(t, index);

	if (r == 0)
		r = smi_share_keep(share, &share->state);
	return smi_scan_resume_failed(t->scan, r);
}

static int restore_told(struct smi_threads *t)
{
	const struct smi_kept *k = smi_scan_resume_kept(t->scan);

	for (size_t i = 0; k && i < k->told.n; i++)
		if (!smi_vec_push(&t->told, k->told.v[i]))
			return smi_fail_nomem(t->scan->ctx);
	return 0;
}

static int make_share(struct smi_threads *t, const struct sm_scan_opts *o,
		      unsigned index)
{
	struct smi_share *share = &t->shares[index];
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
		s->end_host = smi_share_tell_host;
		s->end_host_user = share;
	}
	s->keep = smi_share_tell_state;
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

static int make_shares(struct smi_threads *t, const struct sm_scan_opts *o)
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
	struct smi_threads *t =
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
		smi_scan_threads_source.free(t);
	else
		*out = t;
	return r;
}
