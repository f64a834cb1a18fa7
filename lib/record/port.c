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
