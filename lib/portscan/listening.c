/* SPDX-License-Identifier: MIT */
#include "portscan/listening.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "portscan/local.h"
#include "portscan/port-id.h"
#include "portscan/service.h"
#include "record/build.h"

/* The number of the interface "lo", in every network namespace. */
#define LOOPBACK 1

struct row {
	struct smi_listener at;
	int32_t pid;
};

struct listening {
	sm_ctx *ctx;
	struct smi_fieldset fields; /* that are made */
	struct smi_fieldset shown;  /* that the caller chose */
	bool judged;
	struct smi_local local;
	struct smi_services services;
	SMI_VEC(struct row) rows;
	size_t next;
};

static bool wants(const struct listening *s, unsigned field)
{
	return smi_fieldset_has(&s->fields, field);
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int cmp_row(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	const int r[] = {
		compare(a->at.port, b->at.port),
		compare(a->at.udp, b->at.udp),
		smi_ip_cmp(&a->at.ip, &b->at.ip),
		compare(a->at.device, b->at.device),
		compare(a->at.uid, b->at.uid),
		compare(a->pid, b->pid),
	};

	for (size_t i = 0; i < SMI_COUNT(r); i++)
		if (r[i])
			return r[i];
	return 0;
}

static int add_row(struct listening *s, const struct smi_listener *x)
{
	struct row row = { .at = *x };
	int r = 0;

	if (smi_local_wants_process(&s->fields))
		r = smi_local_pid(&s->local, x, &row.pid);
	return r < 0 || smi_vec_push(&s->rows, row) ? r : -ENOMEM;
}

/* Several sockets of a process on one address (SO_REUSEPORT) are one listener. */
static void unite(struct listening *s)
{
	size_t n = 0;

	if (s->rows.n > 0)
		qsort(s->rows.v, s->rows.n, sizeof(*s->rows.v), cmp_row);
	for (size_t i = 0; i < s->rows.n; i++)
		if (n == 0 || cmp_row(&s->rows.v[n - 1], &s->rows.v[i]) != 0)
			s->rows.v[n++] = s->rows.v[i];
	s->rows.n = n;
}

static int listening_start(void *src, struct smi_out *out)
{
	struct listening *s = src;
	const struct smi_listeners *l = &s->local.listeners;
	int r = smi_local_read(&s->local);

	(void)out;
	if (r < 0 && r != -ENOMEM)
		return smi_fail(s->ctx, r,
				"the listeners of this machine cannot be "
				"listed: the kernel does not show its sockets "
				"by sock_diag(7): %s",
				smi_strerror(-r));
	for (size_t i = 0; r == 0 && i < l->list.n; i++)
		r = add_row(s, &l->list.v[i]);
	if (r < 0)
		return smi_fail_nomem(s->ctx);
	unite(s);
	return 0;
}

static int set_service(struct listening *s, struct smi_arena *a, sm_record *r,
		       const struct smi_listener *x)
{
	struct smi_span name;
	int e;

	if (!wants(s, SMI_PORT_SERVICE))
		return 0;
	e = x->udp ? smi_services_name_udp(&s->services, &s->ctx->root, x->port,
					   &name)
		   : smi_services_name(&s->services, &s->ctx->root, x->port,
				       &name);
	if (e == 0 && name.len)
		smi_set_text(a, r, SMI_PORT_SERVICE, name);
	return e;
}

static void set_socket(struct listening *s, struct smi_arena *a, sm_record *r,
		       const struct smi_listener *x)
{
	const char *protocol = x->udp ? "udp" : "tcp";
	char address[SMI_IP_STRLEN];
	struct smi_span bound = smi_span_str(smi_ip_format(&x->ip, address));

	if (wants(s, SMI_PORT_ID))
		smi_port_set_id(s->ctx, a, r, &x->ip, protocol, x->port);
	if (wants(s, SMI_PORT_ADDRESS))
		smi_set_text(a, r, SMI_PORT_ADDRESS, bound);
	if (wants(s, SMI_PORT_NUMBER))
		smi_set_int(r, SMI_PORT_NUMBER, x->port);
	if (wants(s, SMI_PORT_PROTOCOL))
		smi_set_const(r, SMI_PORT_PROTOCOL, protocol);
	if (wants(s, SMI_PORT_STATE)) {
		smi_set_const(r, SMI_PORT_STATE, "listening");
		smi_set_int(r, SMI_PORT_STATE_CODE, SM_PORT_LISTENING);
	}
	if (wants(s, SMI_PORT_REASON))
		smi_set_const(r, SMI_PORT_REASON, "socket");
	if (wants(s, SMI_PORT_TIME))
		smi_set_int(r, SMI_PORT_TIME, smi_now_wall(s->ctx));
	if (wants(s, SMI_PORT_LISTEN_ADDRESS))
		smi_set_text(a, r, SMI_PORT_LISTEN_ADDRESS, bound);
}

/* Not as a part of the address, which readers take for one. */
static void set_device(struct smi_arena *a, sm_record *r,
		       const struct smi_listener *x)
{
	char name[IF_NAMESIZE], text[32 + IF_NAMESIZE];

	if (!x->device || !if_indextoname(x->device, name))
		return;
	snprintf(text, sizeof(text), "bound to the interface %s", name);
	smi_set_text(a, r, SMI_PORT_INFO, smi_span_str(text));
}

static int tell(struct listening *s, struct smi_out *out,
		const struct smi_listener *x)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *r = smi_rec_new(a, SM_KIND_PORT);
	int e;

	set_socket(s, a, r, x);
	if (wants(s, SMI_PORT_INFO))
		set_device(a, r, x);
	if (set_service(s, a, r, x) < 0 ||
	    smi_local_describe(&s->local, x, &s->fields, a, r) < 0)
		return smi_fail_nomem(s->ctx);
	if (!s->judged)
		return smi_out_emit(out, r);
	e = smi_out_emit(out, smi_rec_only(a, r, &s->shown));
	/* Who has no other interface than that one is reached by nobody else. */
	return e < 0 || x->device == LOOPBACK ? e : smi_out_judge(out, r);
}

static int listening_step(void *src, struct smi_out *out)
{
	struct listening *s = src;
	int r = 0;

	while (r == 0 && s->next < s->rows.n && !smi_out_full(out))
		r = tell(s, out, &s->rows.v[s->next++].at);
	if (r < 0 || s->next < s->rows.n)
		return r < 0 ? r : 1;
	return s->local.hidden ? smi_local_tell_hidden(&s->local, out) : 0;
}

static void listening_free(void *src)
{
	struct listening *s = src;

	smi_local_free(&s->local);
	smi_services_free(&s->services);
	smi_vec_free(&s->rows);
	sm_ctx_unref(s->ctx);
	free(s);
}

static const struct smi_source_ops listening_source = {
	.name = "listeners",
	.start = listening_start,
	.step = listening_step,
	.free = listening_free,
};

int smi_listening_new(sm_ctx *ctx, const struct sm_scan_opts *o,
		      struct smi_fieldset needs,
		      const struct smi_source_ops **ops, void **out)
{
	struct listening *s;
	int r = smi_opts_check(&o->head, ctx);

	if (r < 0)
		return r;
	if (o->targets.items.n > 0 || o->names.n > 0)
		return smi_fail(ctx, -EINVAL,
				"the listeners are those of this machine: a "
				"target cannot be given beside");
	s = smi_zalloc(sizeof(*s));
	if (!s)
		return smi_fail_nomem(ctx);
	s->ctx = sm_ctx_ref(ctx);
	s->judged = !smi_fieldset_empty(&needs);
	s->shown = o->fields;
	s->fields = smi_fieldset_or(s->shown, needs);
	*ops = &listening_source;
	*out = s;
	return 0;
}
