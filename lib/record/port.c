/* SPDX-License-Identifier: MIT */
#include "record/record.h"

static const sm_record *rec(const sm_port *p)
{
	return (const sm_record *)p;
}

static const char *text(const sm_port *p, unsigned field)
{
	return smi_rec_str(rec(p), SM_KIND_PORT, field);
}

static int64_t number(const sm_port *p, unsigned field)
{
	return smi_rec_int(rec(p), SM_KIND_PORT, field);
}

SM_EXPORT const sm_port *sm_record_port(const sm_record *r)
{
	return r && r->kind == SM_KIND_PORT ? (const sm_port *)r : NULL;
}

SM_EXPORT const char *sm_port_address(const sm_port *p)
{
	return text(p, SMI_PORT_ADDRESS);
}

SM_EXPORT const char *sm_port_hostname(const sm_port *p)
{
	return text(p, SMI_PORT_HOSTNAME);
}

SM_EXPORT uint16_t sm_port_number(const sm_port *p)
{
	return (uint16_t)number(p, SMI_PORT_NUMBER);
}

SM_EXPORT const char *sm_port_protocol(const sm_port *p)
{
	return text(p, SMI_PORT_PROTOCOL);
}

SM_EXPORT int sm_port_state(const sm_port *p)
{
	return (int)number(p, SMI_PORT_STATE_CODE);
}

SM_EXPORT const char *sm_port_reason(const sm_port *p)
{
	return text(p, SMI_PORT_REASON);
}

SM_EXPORT const char *sm_port_service(const sm_port *p)
{
	return text(p, SMI_PORT_SERVICE);
}

SM_EXPORT const char *sm_port_service_method(const sm_port *p)
{
	return text(p, SMI_PORT_SERVICE_METHOD);
}

SM_EXPORT const char *sm_port_product(const sm_port *p)
{
	return text(p, SMI_PORT_PRODUCT);
}

SM_EXPORT const char *sm_port_version(const sm_port *p)
{
	return text(p, SMI_PORT_VERSION);
}

SM_EXPORT const char *sm_port_info(const sm_port *p)
{
	return text(p, SMI_PORT_INFO);
}

SM_EXPORT const void *sm_port_banner(const sm_port *p, size_t *len)
{
	struct smi_span raw =
		smi_rec_raw(rec(p), SM_KIND_PORT, SMI_PORT_BANNER_RAW);

	if (len)
		*len = raw.len;
	return raw.len ? raw.p : "";
}

SM_EXPORT int64_t sm_port_rtt_ns(const sm_port *p)
{
	return number(p, SMI_PORT_RTT_NS);
}

SM_EXPORT int64_t sm_port_time(const sm_port *p)
{
	return smi_rec_time(rec(p), SM_KIND_PORT, SMI_PORT_TIME);
}

SM_EXPORT int32_t sm_port_pid(const sm_port *p)
{
	return (int32_t)number(p, SMI_PORT_PID);
}

SM_EXPORT const char *sm_port_process(const sm_port *p)
{
	return text(p, SMI_PORT_PROCESS);
}

SM_EXPORT const char *sm_port_user(const sm_port *p)
{
	return text(p, SMI_PORT_USER);
}

SM_EXPORT const char *sm_port_exe(const sm_port *p)
{
	return text(p, SMI_PORT_EXE);
}

SM_EXPORT const char *sm_port_unit(const sm_port *p)
{
	return text(p, SMI_PORT_UNIT);
}

SM_EXPORT const sm_tls *sm_port_tls(const sm_port *p)
{
	for (unsigned f = SMI_PORT_TLS_VERSION; p && f <= SMI_PORT_TLS_SHA256;
	     f++)
		if (smi_rec_has(rec(p), f))
			return (const sm_tls *)p;
	return NULL;
}

static const sm_port *port(const sm_tls *t)
{
	return (const sm_port *)t;
}

SM_EXPORT const char *sm_tls_version(const sm_tls *t)
{
	return text(port(t), SMI_PORT_TLS_VERSION);
}

SM_EXPORT const char *sm_tls_cipher(const sm_tls *t)
{
	return text(port(t), SMI_PORT_TLS_CIPHER);
}

SM_EXPORT const char *sm_tls_alpn(const sm_tls *t)
{
	return text(port(t), SMI_PORT_TLS_ALPN);
}

SM_EXPORT const char *sm_tls_subject(const sm_tls *t)
{
	return text(port(t), SMI_PORT_TLS_SUBJECT);
}

SM_EXPORT const char *sm_tls_issuer(const sm_tls *t)
{
	return text(port(t), SMI_PORT_TLS_ISSUER);
}

static const struct smi_strs *sans(const sm_tls *t)
{
	return smi_rec_strs(rec(port(t)), SM_KIND_PORT, SMI_PORT_TLS_SAN);
}

SM_EXPORT size_t sm_tls_nsan(const sm_tls *t)
{
	const struct smi_strs *s = sans(t);

	return s ? s->n : 0;
}

SM_EXPORT const char *sm_tls_san(const sm_tls *t, size_t i)
{
	const struct smi_strs *s = sans(t);

	return s && i < s->n ? s->v[i] : "";
}

SM_EXPORT int64_t sm_tls_not_before(const sm_tls *t)
{
	return smi_rec_time(rec(port(t)), SM_KIND_PORT,
			    SMI_PORT_TLS_NOT_BEFORE);
}

SM_EXPORT int64_t sm_tls_not_after(const sm_tls *t)
{
	return smi_rec_time(rec(port(t)), SM_KIND_PORT, SMI_PORT_TLS_NOT_AFTER);
}

SM_EXPORT int sm_tls_self_signed(const sm_tls *t)
{
	return number(port(t), SMI_PORT_TLS_SELF_SIGNED) != 0;
}

SM_EXPORT const char *sm_tls_sha256(const sm_tls *t)
{
	return text(port(t), SMI_PORT_TLS_SHA256);
}
