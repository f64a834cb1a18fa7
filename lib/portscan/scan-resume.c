/* SPDX-License-Identifier: MIT */
#include "portscan/scan-resume.h"

#include <stdlib.h>
#include <unistd.h>

#include "portscan/scan-ask.h"
#include "portscan/scan-facts.h"
#include "portscan/scan-held.h"
#include "portscan/scan-threads.h"

#define SECTION "scan"
#define NAMES	"names"
#define EVERY	(2 * SMI_SEC)

void smi_scan_resume_free(struct smi_scan_resume *r)
{
	if (!r)
		return;
	smi_kept_free(&r->kept);
	smi_statefile_done(&r->file);
	free(r);
}

static int fail(struct smi_scan *s, int rc, const char *why)
{
	return smi_fail(s->ctx, rc, "cannot go on with the scan in '%s': %s",
			s->resume->file.path, why);
}

static int damaged(struct smi_scan *s)
{
	return fail(s, -EBADMSG,
		    "what it says is damaged; without it the scan begins anew");
}

int smi_scan_resume_failed(struct smi_scan *s, int r)
{
	if (r >= 0)
		return r;
	return r == -ENOMEM ? smi_fail_nomem(s->ctx) : damaged(s);
}

int smi_scan_resume_open(struct smi_scan *s, const char *path)
{
	struct smi_scan_resume *x = smi_zalloc(sizeof(*x));
	struct smi_span text;
	int r;

	if (!x)
		return smi_fail_nomem(s->ctx);
	s->resume = x;
	r = smi_statefile_load(&x->file, s->ctx, path);
	if (r < 0 || !x->file.text.len)
		return r;
	x->written = true;
	text = smi_statefile_part(&x->file, SECTION);
	if (!text.len)
		return fail(s, -EINVAL, "it is the state of something else");
	r = smi_scan_resume_failed(s, smi_kept_parse(text, &x->kept));
	if (r < 0)
		return r;
	x->found = true;
	x->names = smi_span_eq_str(smi_scan_fact(&x->kept, NAMES), "told");
	s->key = x->kept.key;
	return 0;
}

const struct smi_kept *smi_scan_resume_kept(const struct smi_scan *s)
{
	return s->resume && s->resume->found ? &s->resume->kept : NULL;
}

int smi_scan_resume_check(struct smi_scan *s, const struct smi_kept *k)
{
	char why[SMI_SCAN_WHY];

	if (smi_scan_cut_by_ports(s, (unsigned)k->shares.n) &&
	    k->shares.n > s->nports)
		return damaged(s);
	if (!smi_scan_facts_match(s, k, why))
		return fail(s, -EINVAL, why);
	return 0;
}

static const struct {
	size_t at, size;
} counts[SMI_KEPT_COUNTS] = {
#define COUNT(member)                                                          \
	{                                                                      \
		offsetof(struct smi_scan_host, member),                        \
			sizeof(((struct smi_scan_host *)0)->member)            \
	}
	COUNT(open),	 COUNT(closed),	    COUNT(filtered),	  COUNT(failed),
	COUNT(unrouted), COUNT(probes),	    COUNT(resent),	  COUNT(tries),
	COUNT(lost),	 COUNT(last_error), COUNT(asked),	  COUNT(spoke),
	COUNT(unasked),	 COUNT(starved),    COUNT(open_filtered), COUNT(unsure),
	COUNT(late),
#undef COUNT
};

static void get_counts(const struct smi_scan_host *h, uint64_t *out)
{
	for (size_t i = 0; i < SMI_KEPT_COUNTS; i++) {
		const char *p = (const char *)h + counts[i].at;
		uint32_t small;

		out[i] = 0;
		if (counts[i].size == sizeof(out[i])) {
			memcpy(&out[i], p, sizeof(out[i]));
		} else if (counts[i].size) {
			memcpy(&small, p, sizeof(small));
			out[i] = small;
		}
	}
}

void smi_scan_host_restore(struct smi_scan_host *h,
			   const struct smi_kept_host *kept)
{
	for (size_t i = 0; i < SMI_KEPT_COUNTS; i++) {
		char *p = (char *)h + counts[i].at;
		uint32_t small = (uint32_t)kept->counts[i];

		if (counts[i].size == sizeof(kept->counts[i]))
			memcpy(p, &kept->counts[i], sizeof(kept->counts[i]));
		else if (counts[i].size)
			memcpy(p, &small, sizeof(small));
	}
}

/* Where each port is in the order of probing; nports where it is not. */
static uint32_t *places(const struct smi_scan *s)
{
	uint32_t *at = smi_alloc(65536 * sizeof(*at));

	if (!at)
		return NULL;
	for (uint32_t i = 0; i < 65536; i++)
		at[i] = s->nports;
	for (uint32_t i = 0; i < s->nports; i++)
		at[s->ports[i]] = i;
	return at;
}

static bool is_walked(const struct smi_scan *s, uint64_t start, uint64_t number)
{
	uint64_t stride = SMI_MAX(s->targets.stride, 1);

	return number >= start && number < s->targets.walked &&
	       number < s->targets.count && (number - start) % stride == 0;
}

static bool is_taken(const struct smi_scan *s, uint64_t number)
{
	bool unused[SMI_SCAN_HOSTS] = { false };

	for (unsigned i = 0; i < s->nfree_hosts; i++)
		unused[s->free_hosts[i]] = true;
	for (unsigned i = 0; i < SMI_SCAN_HOSTS; i++)
		if (!unused[i] && s->hosts[i].number == number)
			return true;
	return false;
}

/* Begun, as the walk of the host has it, and each once. */
static bool are_begun(const struct smi_scan *s, const struct smi_scan_host *h,
		      const struct smi_kept *k,
		      const struct smi_kept_host *kept, const uint32_t *at)
{
	struct smi_ports seen = { 0 };

	for (size_t i = 0; i < kept->nwait; i++) {
		uint16_t port = k->waits.v[kept->wait_at + i];
		uint32_t place = at[port];

		if (place == s->nports || smi_ports_has(&seen, port) ||
		    (place + s->nports - h->first) % s->nports >= kept->next)
			return false;
		smi_ports_add(&seen, port);
	}
	return true;
}

static int restore_host(struct smi_scan *s, const struct smi_kept *k,
			const struct smi_kept_host *kept, const uint32_t *at)
{
	struct smi_scan_host *h;
	uint64_t settled;
	unsigned host;
	int r;

	if (!s->nfree_hosts || kept->next > s->nports ||
	    kept->nwait > kept->next ||
	    (kept->next == s->nports && !kept->nwait) ||
	    is_taken(s, kept->number))
		return -EBADMSG;
	host = smi_scan_host_begin(s, kept->number);
	h = &s->hosts[host];
	smi_scan_host_restore(h, kept);
	settled = (uint64_t)h->open + h->closed + h->filtered + h->failed +
		  h->open_filtered;
	if (settled + kept->nwait != kept->next ||
	    !are_begun(s, h, k, kept, at))
		return -EBADMSG;
	h->next = kept->next;
	r = smi_held_restore(s, h, k, kept);
	if (r < 0)
		return r;
	for (size_t i = 0; i < kept->nwait; i++)
		smi_scan_port_begin(s, host, k->waits.v[kept->wait_at + i]);
	smi_scan_host_listed(s, host);
	return 0;
}

static int restore_hosts(struct smi_scan *s, const struct smi_kept *k,
			 const struct smi_kept_share *share, uint64_t start)
{
	uint32_t *at = places(s);
	int r = at ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < share->nhosts; i++) {
		const struct smi_kept_host *h = &k->hosts.v[share->host_at + i];

		if (!is_walked(s, start, h->number))
			r = -EBADMSG;
		else if (!h->part)
			r = restore_host(s, k, h, at);
	}
	free(at);
	return r;
}

int smi_scan_restore(struct smi_scan *s, const struct smi_kept *k,
		     unsigned index)
{
	const struct smi_kept_share *share = &k->shares.v[index];
	uint64_t stride = SMI_MAX(s->targets.stride, 1);
	uint64_t start = s->targets.walked;

	if (share->walked < start || (share->walked - start) % stride ||
	    share->walked - start >= s->targets.count + stride ||
	    share->nwait > s->nfree)
		return -EBADMSG;
	s->targets.walked = share->walked;
	s->done = share->done;
	return restore_hosts(s, k, share, start);
}

/* Ports that were begun and not told, host by host: those of host i begin at
 * ends[i - 1]. */
struct waits {
	uint32_t ends[SMI_SCAN_HOSTS];
	uint32_t open[SMI_SCAN_HOSTS]; /* of those: services are asked for */
	uint32_t n;
	uint16_t *ports;
};

static void count_wait(void *user, unsigned host, uint16_t port)
{
	struct waits *w = user;

	(void)port;
	w->ends[host]++;
	w->n++;
}

static void count_open(void *user, unsigned host, uint16_t port)
{
	struct waits *w = user;

	count_wait(w, host, port);
	w->open[host]++;
}

static void add_wait(void *user, unsigned host, uint16_t port)
{
	struct waits *w = user;

	w->ports[w->ends[host]++] = port;
}

static void each_slot(const struct smi_scan *s,
		      void (*fn)(void *user, unsigned host, uint16_t port),
		      void *user)
{
	for (unsigned i = 0; i < s->nslots; i++)
		if (s->slots[i].state != SMI_SLOT_FREE && !s->slots[i].witness)
			fn(user, s->slots[i].host, s->slots[i].port);
}

static int sort_waits(const struct smi_scan *s, struct waits *w)
{
	uint32_t sum = 0;

	memset(w, 0, sizeof(*w));
	each_slot(s, count_wait, w);
	smi_scan_asks_each(s, count_open, w);
	w->ports = smi_alloc(w->n * sizeof(*w->ports));
	if (!w->ports)
		return -ENOMEM;
	for (unsigned i = 0; i < SMI_SCAN_HOSTS; i++) {
		uint32_t n = w->ends[i];

		w->ends[i] = sum;
		sum += n;
	}
	each_slot(s, add_wait, w);
	smi_scan_asks_each(s, add_wait, w);
	return 0;
}

int smi_scan_keep(const struct smi_scan *s, struct smi_buf *out)
{
	bool unused[SMI_SCAN_HOSTS] = { false };
	struct waits w;

	if (sort_waits(s, &w) < 0)
		return -ENOMEM;
	for (unsigned i = 0; i < s->nfree_hosts; i++)
		unused[s->free_hosts[i]] = true;
	smi_kept_add_share(out, s->targets.walked, s->done);
	for (unsigned i = 0; i < SMI_SCAN_HOSTS; i++) {
		struct smi_scan_host h = s->hosts[i];
		struct smi_kept_host kept = { .number = h.number,
					      .next = h.next,
					      .wait_at =
						      i ? w.ends[i - 1] : 0 };

		if (unused[i])
			continue;
		kept.nwait = w.ends[i] - kept.wait_at;
		h.open -= w.open[i];
		get_counts(&h, kept.counts);
		smi_kept_add_host(out, &kept, w.ports);
		smi_held_keep(&h, out);
	}
	free(w.ports);
	return smi_buf_error(out);
}

void smi_scan_keep_part(const struct smi_scan_host *h, struct smi_buf *out)
{
	struct smi_kept_host kept = { .number = h->number, .part = true };

	get_counts(h, kept.counts);
	smi_kept_add_host(out, &kept, NULL);
	smi_held_keep(h, out);
}

int smi_scan_resume_begin(struct smi_scan *s, struct smi_out *out,
			  const uint64_t *told, size_t ntold,
			  struct smi_span shares)
{
	struct smi_scan_resume *x = s->resume;
	int r = smi_out_load(out, &x->file);

	if (r == 0)
		r = smi_scan_resume_save(s, out, told, ntold, shares);
	if (r < 0 || x->names)
		return r;
	x->names = true;
	return smi_scan_unresolved(s, out);
}

int smi_scan_resume_start(struct smi_scan *s, struct smi_out *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf share = { 0 };

	if (!s->resume)
		return smi_scan_unresolved(s, out);
	if (smi_scan_keep(s, &share) < 0)
		return smi_fail_nomem(s->ctx);
	return smi_scan_resume_begin(s, out, NULL, 0, smi_buf_span(&share));
}

bool smi_scan_resume_is_due(const struct smi_scan *s)
{
	return smi_now_mono(s->ctx) - s->resume->saved >= EVERY;
}

static int save(struct smi_scan *s, struct smi_out *out, const uint64_t *told,
		size_t ntold, struct smi_span shares)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 }, mine = { 0 };
	int r;

	smi_kept_add_key(&mine, &s->key);
	smi_scan_facts_keep(s, &mine);
	smi_kept_add_fact(&mine, NAMES, s->resume->names ? "told" : "untold");
	smi_kept_add_told(&mine, told, ntold);
	smi_buf_span_add(&mine, shares);
	if (smi_buf_error(&mine))
		return smi_fail_nomem(s->ctx);
	smi_statefile_begin(&b);
	smi_statefile_add(&b, SECTION, smi_buf_span(&mine));
	r = smi_out_save(out, &b);
	return r < 0 ? r : smi_statefile_save(&s->resume->file, &b);
}

int smi_scan_resume_save(struct smi_scan *s, struct smi_out *out,
			 const uint64_t *told, size_t ntold,
			 struct smi_span shares)
{
	struct smi_scan_resume *x = s->resume;
	int r = save(s, out, told, ntold, shares);

	x->saved = smi_now_mono(s->ctx);
	if (r == 0) {
		x->written = true;
		x->failed = false;
		return 0;
	}
	if (!x->written || r == -ENOMEM)
		return r;
	if (x->failed)
		return 0;
	x->failed = true;
	return smi_out_notice(out, -r, x->file.path,
			      "how far the scan came cannot be kept in "
			      "{source}: {errno}",
			      NULL, 0);
}

int smi_scan_resume_remove(struct smi_scan *s, struct smi_out *out)
{
	struct smi_scan_resume *x = s->resume;

	if (!x->written || unlink(x->file.path) == 0 || errno == ENOENT)
		return 0;
	return smi_out_notice(out, errno, x->file.path,
			      "{source} cannot be removed, though the scan is "
			      "complete: {errno}",
			      NULL, 0);
}

int smi_scan_resume_settled(void *src, struct smi_out *out, bool ended)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf share = { 0 };
	struct smi_scan *s = src;

	if (!s->resume)
		return 0;
	if (ended && smi_scan_is_complete(s))
		return smi_scan_resume_remove(s, out);
	if (!ended && !smi_scan_resume_is_due(s))
		return 0;
	if (smi_scan_keep(s, &share) < 0)
		return smi_fail_nomem(s->ctx);
	return smi_scan_resume_save(s, out, NULL, 0, smi_buf_span(&share));
}
