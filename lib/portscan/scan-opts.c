/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "portscan/scan.h"

#define MAX_TIMEOUT_MS 600000
#define MAX_INFLIGHT   16384
#define MAX_RATE       10000000

/* Of one port, and of one answer. */
#define SERVICE_TIMEOUT_MS  5000
#define SERVICE_BYTES	    8192
#define LEAST_SERVICE_BYTES 256
#define MAX_SERVICE_BYTES   1048576

SM_EXPORT int sm_scan_opts_new(sm_ctx *ctx, sm_scan_opts **out)
{
	struct smi_ports_error err;
	sm_scan_opts *o;

	if (!ctx || !out)
		return -EINVAL;
	o = smi_zalloc(sizeof(*o));
	if (!o)
		return smi_fail_nomem(ctx);
	smi_opts_init(&o->head, ctx);
	(void)smi_ports_parse(SMI_SPAN("top-1000"), &ctx->root, &o->ports,
			      &err);
	o->retries = -1;
	o->service_timeout_ms = SERVICE_TIMEOUT_MS;
	o->service_bytes = SERVICE_BYTES;
	o->fields = smi_fieldset_default(SM_KIND_PORT);
	o->checks = true;
	*out = o;
	return 0;
}

SM_EXPORT void sm_scan_opts_free(sm_scan_opts *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->names.n; i++)
		free(o->names.v[i].name);
	smi_vec_free(&o->names);
	free(o->resume);
	smi_targets_free(&o->targets);
	smi_vec_free(&o->ignore);
	sm_ruleset_unref(o->rules);
	smi_opts_done(&o->head);
	free(o);
}

SM_EXPORT int sm_scan_opts_set_ports(sm_scan_opts *o, const char *ports)
{
	struct smi_span text = smi_span_str(ports ? ports : "top-1000");
	struct smi_ports_error err;
	int r;

	if (!o)
		return -EINVAL;
	memset(&o->ports, 0, sizeof(o->ports));
	memset(&o->ports_udp, 0, sizeof(o->ports_udp));
	r = smi_ports_parse(text, &o->head.ctx->root, &o->ports, &err);
	/* The protocol may be told later. */
	if (r == 0)
		r = smi_ports_parse_udp(text, &o->head.ctx->root, &o->ports_udp,
					&err);
	if (r == -ENOMEM)
		return smi_opts_nomem(&o->head);
	if (r < 0 && smi_span_eq(err.item, text))
		return smi_opts_fail(&o->head, r, "ports '%s': %s", ports,
				     err.what);
	if (r < 0)
		return smi_opts_fail(&o->head, r, "ports '%s': '%.*s': %s",
				     ports, (int)SMI_MIN(err.item.len, 200),
				     err.item.p, err.what);
	o->ports_set = ports != NULL;
	return 0;
}

SM_EXPORT int sm_scan_opts_set_method(sm_scan_opts *o, int method)
{
	if (!o)
		return -EINVAL;
	if (method < SM_SCAN_AUTO || method > SM_SCAN_SYN)
		return smi_opts_fail(&o->head, -EINVAL,
				     "%d is no scan method (SM_SCAN_AUTO, "
				     "SM_SCAN_CONNECT, SM_SCAN_SYN)",
				     method);
	o->method = method;
	return 0;
}

SM_EXPORT int sm_scan_opts_set_protocol(sm_scan_opts *o, int protocol)
{
	if (!o)
		return -EINVAL;
	if (protocol != SM_SCAN_TCP && protocol != SM_SCAN_UDP)
		return smi_opts_fail(&o->head, -EINVAL,
				     "protocol %d: it is SM_SCAN_TCP or "
				     "SM_SCAN_UDP",
				     protocol);
	o->protocol = protocol;
	return 0;
}

static int check_number(sm_scan_opts *o, const char *what, int64_t value,
			int64_t least, int64_t most)
{
	if (!o)
		return -EINVAL;
	if (value < least || value > most)
		return smi_opts_fail(&o->head, -ERANGE,
				     "%s %lld: it goes from %lld to %lld", what,
				     (long long)value, (long long)least,
				     (long long)most);
	return 0;
}

SM_EXPORT int sm_scan_opts_set_timeout_ms(sm_scan_opts *o, int64_t ms)
{
	int r = check_number(o, "timeout", ms, 1, MAX_TIMEOUT_MS);

	if (r == 0)
		o->timeout_ms = ms;
	return r;
}

SM_EXPORT int sm_scan_opts_set_retries(sm_scan_opts *o, uint32_t n)
{
	int r = check_number(o, "retries", n, 0, SMI_SCAN_RETRIES);

	if (r == 0)
		o->retries = n;
	return r;
}

SM_EXPORT int sm_scan_opts_set_max_inflight(sm_scan_opts *o, uint32_t n)
{
	int r = check_number(o, "probes in flight", n, 1, MAX_INFLIGHT);

	if (r == 0)
		o->max_inflight = n;
	return r;
}

SM_EXPORT int sm_scan_opts_set_rate_pps(sm_scan_opts *o, uint32_t pps)
{
	int r = check_number(o, "rate", pps, 1, MAX_RATE);

	if (r == 0)
		o->rate_pps = pps;
	return r;
}

SM_EXPORT int sm_scan_opts_set_threads(sm_scan_opts *o, uint32_t n)
{
	return o ? smi_opts_set_threads(&o->head, &o->threads, n) : -EINVAL;
}

SM_EXPORT int sm_scan_opts_set_resume(sm_scan_opts *o, const char *path)
{
	return o ? smi_opts_set_text(&o->head, &o->resume, path) : -EINVAL;
}

SM_EXPORT int sm_scan_opts_set_show(sm_scan_opts *o, int show)
{
	if (!o)
		return -EINVAL;
	if (show != SM_SCAN_SHOW_OPEN && show != SM_SCAN_SHOW_ALL)
		return smi_opts_fail(&o->head, -EINVAL,
				     "show %d: it is SM_SCAN_SHOW_OPEN or "
				     "SM_SCAN_SHOW_ALL",
				     show);
	o->show = show;
	return 0;
}

SM_EXPORT int sm_scan_opts_set_close(sm_scan_opts *o, int how)
{
	if (!o)
		return -EINVAL;
	if (how != SM_SCAN_CLOSE_RST && how != SM_SCAN_CLOSE_FIN)
		return smi_opts_fail(&o->head, -EINVAL,
				     "close %d: it is SM_SCAN_CLOSE_RST or "
				     "SM_SCAN_CLOSE_FIN",
				     how);
	o->close = how;
	return 0;
}

SM_EXPORT int sm_scan_opts_set_services(sm_scan_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->services = on != 0;
	return 0;
}

SM_EXPORT int sm_scan_opts_set_service_timeout_ms(sm_scan_opts *o, int64_t ms)
{
	int r = check_number(o, "service timeout", ms, 1, MAX_TIMEOUT_MS);

	if (r == 0)
		o->service_timeout_ms = ms;
	return r;
}

SM_EXPORT int sm_scan_opts_set_service_bytes(sm_scan_opts *o, uint32_t n)
{
	int r = check_number(o, "service bytes", n, LEAST_SERVICE_BYTES,
			     MAX_SERVICE_BYTES);

	if (r == 0)
		o->service_bytes = n;
	return r;
}

SM_EXPORT int sm_scan_opts_set_fields(sm_scan_opts *o, const char *fields)
{
	return o ? smi_opts_set_fields(&o->head, SM_KIND_PORT, fields,
				       &o->fields, NULL)
		 : -EINVAL;
}

SM_EXPORT int sm_scan_opts_set_checks(sm_scan_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->checks = on != 0;
	return 0;
}

SM_EXPORT int sm_scan_opts_set_rules(sm_scan_opts *o, sm_ruleset *rs)
{
	if (!o)
		return -EINVAL;
	if (rs)
		sm_ruleset_ref(rs);
	sm_ruleset_unref(o->rules);
	o->rules = rs;
	return 0;
}

SM_EXPORT int sm_scan_opts_add_ignore(sm_scan_opts *o, const char *prefix)
{
	struct smi_prefix p;
	int r = o ? smi_opts_ignore(&o->head, prefix, &p) : -EINVAL;

	if (r < 0)
		return r;
	return smi_vec_push(&o->ignore, p) ? 0 : smi_opts_nomem(&o->head);
}
