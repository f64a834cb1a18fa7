/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "portscan/port-id.h"
#include "portscan/scan-state.h"
#include "portscan/svc.h"
#include "record/build.h"

static const char *const state_names[] = {
	[SM_PORT_UNKNOWN] = "unknown",
	[SM_PORT_OPEN] = "open",
	[SM_PORT_CLOSED] = "closed",
	[SM_PORT_FILTERED] = "filtered",
	[SM_PORT_OPEN_FILTERED] = "open|filtered",
};

static bool wants(const struct smi_scan *s, unsigned field)
{
	return smi_fieldset_has(&s->fields, field);
}

static const char *protocol(const struct smi_scan *s)
{
	return s->udp ? "udp" : "tcp";
}

static int set_service(struct smi_scan *s, struct smi_arena *a, sm_record *r,
		       uint16_t port)
{
	struct smi_span name;
	int e = s->udp ? smi_services_name_udp(&s->services, &s->ctx->root,
					       port, &name)
		       : smi_services_name(&s->services, &s->ctx->root, port,
					   &name);

	if (e == 0 && name.len)
		smi_set_text(a, r, SMI_PORT_SERVICE, name);
	return e;
}

/* What this machine's own list of sockets says of the port. */
static int set_local(struct smi_scan *s, struct smi_arena *a, sm_record *r,
		     const struct smi_scan_host *h, uint16_t port, int state)
{
	int64_t now = smi_now_mono(s->ctx);
	bool open = state == SM_PORT_OPEN;
	const struct smi_listener *x =
		open ? smi_local_find(&s->local, &h->ip, port, now)
		     : smi_local_find_mute(&s->local, &h->ip, port, now);
	char address[SMI_IP_STRLEN];

	if (x && wants(s, SMI_PORT_LISTEN_ADDRESS))
		smi_set_text(a, r, SMI_PORT_LISTEN_ADDRESS,
			     smi_span_str(smi_ip_format(&x->ip, address)));
	if (!x && open && !s->local.error)
		smi_set_int(r, SMI_PORT_UNHEARD, 1);
	/* Which of them answers is not known. */
	s->local.shared |= x && x->shared;
	return x && !x->shared
		       ? smi_local_describe(&s->local, x, &s->fields, a, r)
		       : 0;
}

static int tell_shared(struct smi_scan *s, struct smi_out *out)
{
	if (!s->local.shared || s->told_shared)
		return 0;
	s->told_shared = true;
	return smi_out_notice(out, 0, NULL,
			      "The processes behind some open UDP ports are "
			      "not told: sockets of several users have the "
			      "same address and port, and any of them may "
			      "answer.",
			      NULL, 0);
}

/* Said once a scan, when it first matters. */
static int tell_limits(struct smi_scan *s, struct smi_out *out)
{
	if (s->local.error == ENOMEM)
		return smi_fail_nomem(s->ctx);
	if (s->local.hidden && !s->told_hidden) {
		s->told_hidden = true;
		return smi_local_tell_hidden(&s->local, out);
	}
	if (!s->local.error || s->told_no_diag)
		return tell_shared(s, out);
	s->told_no_diag = true;
	return smi_out_notice(out, s->local.error, NULL,
			      "The processes behind open ports are not known: "
			      "the kernel does not list its sockets ({errno}).",
			      NULL, 0);
}

static void set_plain_fields(struct smi_scan *s, struct smi_arena *a,
			     sm_record *r, const struct smi_scan_host *h,
			     uint16_t port, const char *address)
{
	if (wants(s, SMI_PORT_ID))
		smi_port_set_id(s->ctx, a, r, &h->ip, protocol(s), port);
	if (wants(s, SMI_PORT_ADDRESS))
		smi_set_text(a, r, SMI_PORT_ADDRESS, smi_span_str(address));
	if (h->name && wants(s, SMI_PORT_HOSTNAME))
		smi_set_text(a, r, SMI_PORT_HOSTNAME, smi_span_str(h->name));
	if (wants(s, SMI_PORT_NUMBER))
		smi_set_int(r, SMI_PORT_NUMBER, port);
	if (wants(s, SMI_PORT_PROTOCOL))
		smi_set_const(r, SMI_PORT_PROTOCOL, protocol(s));
	if (wants(s, SMI_PORT_TIME))
		smi_set_int(r, SMI_PORT_TIME, smi_now_wall(s->ctx));
}

static void set_clean(struct smi_scan *s, struct smi_arena *a, sm_record *r,
		      unsigned field, const char *text)
{
	if (text && *text && wants(s, field))
		smi_set_const(r, field,
			      smi_arena_strndup(a, text, strlen(text)));
}

static void set_names(struct smi_arena *a, sm_record *r,
		      const struct smi_tls_facts *t)
{
	const char **v = smi_arena_alloc(a, (t->nsan + 1) * sizeof(*v));

	for (size_t i = 0; v && i < t->nsan; i++)
		v[i] = smi_arena_strndup(a, t->san[i], strlen(t->san[i]));
	if (v && !smi_arena_error(a))
		smi_set_strs(a, r, SMI_PORT_TLS_SAN, v, t->nsan);
}

static void set_tls(struct smi_scan *s, struct smi_arena *a, sm_record *r,
		    const struct smi_tls_facts *t)
{
	set_clean(s, a, r, SMI_PORT_TLS_VERSION, t->version);
	set_clean(s, a, r, SMI_PORT_TLS_CIPHER, t->cipher);
	set_clean(s, a, r, SMI_PORT_TLS_ALPN, t->alpn);
	set_clean(s, a, r, SMI_PORT_TLS_SUBJECT, t->subject);
	set_clean(s, a, r, SMI_PORT_TLS_ISSUER, t->issuer);
	set_clean(s, a, r, SMI_PORT_TLS_SHA256, t->sha256);
	if (!t->sha256)
		return;
	if (t->nsan && wants(s, SMI_PORT_TLS_SAN))
		set_names(a, r, t);
	/* Anybody can show the certificate of another: it is not judged then. */
	if (!t->proved)
		return;
	if (t->not_before != SM_TIME_NONE && wants(s, SMI_PORT_TLS_NOT_BEFORE))
		smi_set_int(r, SMI_PORT_TLS_NOT_BEFORE, t->not_before);
	if (t->not_after != SM_TIME_NONE && wants(s, SMI_PORT_TLS_NOT_AFTER))
		smi_set_int(r, SMI_PORT_TLS_NOT_AFTER, t->not_after);
	if (wants(s, SMI_PORT_TLS_SELF_SIGNED))
		smi_set_int(r, SMI_PORT_TLS_SELF_SIGNED, t->self_signed);
}

static void set_flag(sm_record *r, unsigned field, bool on)
{
	if (on)
		smi_set_int(r, field, 1);
}

static void set_found(struct smi_scan *s, struct smi_arena *a, sm_record *r,
		      const struct smi_svc_found *f)
{
	if (f->service && wants(s, SMI_PORT_SERVICE))
		smi_set_const(r, SMI_PORT_SERVICE, f->service);
	if (wants(s, SMI_PORT_SERVICE_METHOD))
		smi_set_const(r, SMI_PORT_SERVICE_METHOD,
			      f->service ? "probed" : "table");
	set_clean(s, a, r, SMI_PORT_PRODUCT, f->product);
	set_clean(s, a, r, SMI_PORT_VERSION, f->version);
	set_clean(s, a, r, SMI_PORT_INFO, f->info);
	if (f->banner.len && wants(s, SMI_PORT_BANNER)) {
		smi_set_text(a, r, SMI_PORT_BANNER, f->banner);
		smi_set_raw(a, r, SMI_PORT_BANNER_RAW, f->banner);
	}
	set_flag(r, SMI_PORT_ASKED, f->asked);
	set_flag(r, SMI_PORT_SPOKE, f->spoke);
	set_flag(r, SMI_PORT_SAID, f->service != NULL);
	set_flag(r, SMI_PORT_ANYONE, f->anyone);
	if (f->tls)
		smi_set_const(r, SMI_PORT_TUNNEL,
			      f->starttls ? "starttls" : "tls");
	if (f->tls)
		set_tls(s, a, r, f->tls);
}

bool smi_scan_is_wanted(struct smi_scan *s, const struct smi_scan_host *h,
			uint16_t port, int state)
{
	return state == SM_PORT_OPEN || s->show == SM_SCAN_SHOW_ALL ||
	       (h->local && s->judged &&
		smi_local_find_mute(&s->local, &h->ip, port,
				    smi_now_mono(s->ctx)));
}

/* What stages read and the caller did not choose is not for the caller. */
int smi_scan_hand_on(const struct smi_scan *s, struct smi_out *out,
		     const sm_record *port)
{
	int64_t use = smi_rec_int(port, SM_KIND_PORT, SMI_PORT_USE);
	bool shown = !s->judged || s->show == SM_SCAN_SHOW_ALL ||
		     sm_port_state(sm_record_port(port)) == SM_PORT_OPEN;
	int e = 0;

	if (s->is_share)
		return smi_out_emit(out, port);
	if (shown && use != SMI_PORT_USE_JUDGE)
		e = smi_out_emit(
			out, smi_rec_only(smi_out_arena(out), port, &s->shown));
	return e < 0 || use == SMI_PORT_USE_SHOW ? e : smi_out_judge(out, port);
}

static int make_record(struct smi_scan *s, struct smi_out *out,
		       const struct smi_scan_host *h, uint16_t port, int state,
		       const char *reason, int64_t rtt,
		       const struct smi_svc_found *found, sm_record **rec)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *r = smi_rec_new(a, SM_KIND_PORT);
	char address[SMI_IP_STRLEN];
	int e;

	set_plain_fields(s, a, r, h, port, smi_ip_format(&h->ip, address));
	if (wants(s, SMI_PORT_SERVICE) && set_service(s, a, r, port) < 0)
		return smi_fail_nomem(s->ctx);
	if (found)
		set_found(s, a, r, found);
	if (wants(s, SMI_PORT_STATE)) {
		smi_set_const(r, SMI_PORT_STATE, state_names[state]);
		smi_set_int(r, SMI_PORT_STATE_CODE, state);
	}
	if (reason && wants(s, SMI_PORT_REASON))
		smi_set_const(r, SMI_PORT_REASON, reason);
	if (rtt >= 0 && wants(s, SMI_PORT_RTT_MS)) {
		smi_set_real(r, SMI_PORT_RTT_MS,
			     (double)rtt / (double)SMI_MSEC);
		smi_set_int(r, SMI_PORT_RTT_NS, rtt);
	}
	if (h->local && (state == SM_PORT_OPEN || s->judged ||
			 state == SM_PORT_OPEN_FILTERED)) {
		if (set_local(s, a, r, h, port, state) < 0)
			return smi_fail_nomem(s->ctx);
		e = tell_limits(s, out);
		if (e < 0)
			return e;
	}
	*rec = r;
	return r ? 0 : smi_fail_nomem(s->ctx);
}

static int port_record(struct smi_scan *s, struct smi_out *out,
		       const struct smi_scan_host *h, uint16_t port, int state,
		       const char *reason, int64_t rtt,
		       const struct smi_svc_found *found)
{
	sm_record *r;
	int e = make_record(s, out, h, port, state, reason, rtt, found, &r);

	return e < 0 ? e : smi_scan_hand_on(s, out, r);
}

int smi_scan_port_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h, uint16_t port,
			 int state, const char *reason, int64_t rtt)
{
	return port_record(s, out, h, port, state, reason, rtt, NULL);
}

int smi_scan_asked_record(struct smi_scan *s, struct smi_out *out,
			  const struct smi_scan_host *h, uint16_t port,
			  const char *reason, int64_t rtt,
			  const struct smi_svc_found *found)
{
	return port_record(s, out, h, port, SM_PORT_OPEN, reason, rtt, found);
}

int smi_scan_open_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h, uint16_t port,
			 const char *reason, int64_t rtt,
			 const struct smi_svc_found *found, sm_record **rec)
{
	return make_record(s, out, h, port, SM_PORT_OPEN, reason, rtt, found,
			   rec);
}

/* Open ports that were not asked what they are. */
static int unasked_notice(struct smi_out *out, const struct smi_scan_host *h,
			  const char *address)
{
	int r = 0;

	if (h->unasked)
		r = smi_out_notice_count(
			out, 0, address,
			"{count} of {total} open ports of {source} were not "
			"asked what they are: nearly all that were probed "
			"before are open, and those that were asked last said "
			"nothing.",
			h->unasked, h->open);
	if (r == 0 && h->starved)
		r = smi_out_notice_count(
			out, EMFILE, address,
			"{count} of {total} open ports of {source} were not "
			"asked what they are: {errno}.",
			h->starved, h->open);
	if (r == 0 && h->late)
		r = smi_out_notice_count(
			out, ETIMEDOUT, address,
			"{count} of {total} open ports of {source} were not "
			"asked what they are: the answers of other ports took "
			"all of the time.",
			h->late, h->open);
	return r;
}

/* Silent ports that may be closed: messages were few. */
static int unsure_notice(struct smi_out *out, const struct smi_scan_host *h,
			 const char *address)
{
	double rate = h->limit.gap ? (double)SMI_SEC / (double)h->limit.gap : 0;
	char count[16], text[32];
	const char *args[] = { "count", count, "rate", text };

	snprintf(count, sizeof(count), "%u", h->unsure);
	snprintf(text, sizeof(text), "%.3g", rate);
	if (!h->unsure)
		return 0;
	if (!h->limit.gap)
		return smi_out_notice(out, 0, address,
				      "{count} ports of {source} that said "
				      "nothing may be closed: it does not tell "
				      "of each closed port.",
				      args, 2);
	return smi_out_notice(out, 0, address,
			      "{count} ports of {source} that said nothing may "
			      "be closed: it tells of {rate} closed ports a "
			      "second.",
			      args, SMI_COUNT(args));
}

static int host_notice(struct smi_out *out, const struct smi_scan_host *h,
		       const char *address)
{
	char count[16];
	const char *args[] = { "count", count };
	bool none = h->open + h->closed + h->filtered + h->open_filtered ==
		    h->unrouted;

	snprintf(count, sizeof(count), "%u", h->failed);
	if (h->failed)
		return smi_out_notice(out, h->last_error, address,
				      "{count} ports of {source} could not be "
				      "probed from here: {errno}.",
				      args, SMI_COUNT(args));
	if (h->unrouted && none)
		return smi_out_notice(out, h->last_error, address,
				      "{source} cannot be reached from here: "
				      "{errno}.",
				      NULL, 0);
	return 0;
}

/* What was learnt about the way to the host, where it answered. */
static void set_path(const struct smi_scan *s, sm_record *r,
		     const struct smi_scan_host *h)
{
	double loss = smi_loss_bound(h->lost, h->tries), missed = 1;

	for (unsigned n = smi_scan_tries(s, h); n > 0; n--)
		missed *= loss;
	smi_set_int(r, SMI_HOST_LOST, (int64_t)h->lost);
	smi_set_real(r, SMI_HOST_CONFIDENCE, 1 - missed);
	if (!h->rtt.srtt)
		return;
	smi_set_real(r, SMI_HOST_SRTT_MS,
		     (double)h->rtt.srtt / (double)SMI_MSEC);
	smi_set_real(r, SMI_HOST_RTTVAR_MS,
		     (double)h->rtt.rttvar / (double)SMI_MSEC);
}

int smi_scan_host_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *r = smi_rec_new(a, SM_KIND_HOST);
	char address[SMI_IP_STRLEN];
	int e;

	if (s->end_host)
		return s->end_host(s->end_host_user, h);
	smi_ip_format(&h->ip, address);
	smi_set_text(a, r, SMI_HOST_ADDRESS, smi_span_str(address));
	if (h->name)
		smi_set_text(a, r, SMI_HOST_HOSTNAME, smi_span_str(h->name));
	smi_set_const(r, SMI_HOST_STATE,
		      h->open + h->closed ? "up" : "unknown");
	smi_set_int(r, SMI_HOST_PROBES, (int64_t)h->probes);
	smi_set_int(r, SMI_HOST_RESENT, (int64_t)h->resent);
	smi_set_int(r, SMI_HOST_OPEN, h->open);
	smi_set_int(r, SMI_HOST_CLOSED, h->closed);
	smi_set_int(r, SMI_HOST_FILTERED, h->filtered);
	if (s->udp)
		smi_set_int(r, SMI_HOST_OPEN_FILTERED, h->open_filtered);
	smi_set_const(r, SMI_HOST_METHOD, s->ops->method);
	set_path(s, r, h);
	if (s->asking) {
		smi_set_int(r, SMI_HOST_ASKED, h->asked);
		smi_set_int(r, SMI_HOST_SPOKE, h->spoke);
	}
	if (h->heard)
		smi_set_int(r, SMI_HOST_HEARD, h->heard);
	if (h->unheard)
		smi_set_int(r, SMI_HOST_UNHEARD, h->unheard);
	e = host_notice(out, h, address);
	if (e == 0)
		e = unasked_notice(out, h, address);
	if (e == 0)
		e = unsure_notice(out, h, address);
	return e < 0 ? e : smi_out_record(out, r);
}

int smi_scan_cut_notice(const struct smi_scan *s, struct smi_out *out,
			uint64_t done)
{
	uint64_t left = s->total - SMI_MIN(done, s->total);
	char count[24], total[24], hosts[24];
	const char *args[] = { "count", count, "total", total, "hosts", hosts };

	if (!left)
		return 0;
	snprintf(count, sizeof(count), "%llu", (unsigned long long)left);
	snprintf(total, sizeof(total), "%llu", (unsigned long long)s->total);
	snprintf(hosts, sizeof(hosts), "%llu",
		 (unsigned long long)s->targets.count);
	return smi_out_notice(out, ECANCELED, NULL,
			      "The scan was ended early: {count} of {total} "
			      "ports were not probed to the end (addresses: "
			      "{hosts}).",
			      args, SMI_COUNT(args));
}

int smi_scan_unresolved(struct smi_scan *s, struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);

	for (size_t i = 0; i < s->unresolved.n; i++) {
		const char *name = s->unresolved.v[i];
		sm_record *r = smi_rec_new(a, SM_KIND_HOST);
		int e = smi_out_notice(out, ENOENT, name,
				       "{source} was not scanned: no address "
				       "of that name could be found.",
				       NULL, 0);

		smi_set_text(a, r, SMI_HOST_HOSTNAME, smi_span_str(name));
		smi_set_const(r, SMI_HOST_STATE, "unknown");
		smi_set_int(r, SMI_HOST_PROBES, 0);
		if (e == 0)
			e = smi_out_record(out, r);
		if (e < 0)
			return e;
	}
	return 0;
}
