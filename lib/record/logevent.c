/* SPDX-License-Identifier: MIT */
#include "record/record.h"

/* An event is its record under another name. */
static const sm_record *record_of(const sm_logevent *e)
{
	return (const sm_record *)e;
}

static const char *str(const sm_logevent *e, unsigned field)
{
	return smi_rec_str(record_of(e), SM_KIND_EVENT, field);
}

static int64_t num(const sm_logevent *e, unsigned field)
{
	return smi_rec_int(record_of(e), SM_KIND_EVENT, field);
}

SM_EXPORT const sm_logevent *sm_record_logevent(const sm_record *rec)
{
	return rec && rec->kind == SM_KIND_EVENT ? (const sm_logevent *)rec
						 : NULL;
}

SM_EXPORT const char *sm_logevent_rule(const sm_logevent *e)
{
	return str(e, SMI_EVENT_RULE);
}

SM_EXPORT const char *sm_logevent_action(const sm_logevent *e)
{
	return str(e, SMI_EVENT_ACTION);
}

SM_EXPORT int sm_logevent_outcome(const sm_logevent *e)
{
	return (int)num(e, SMI_EVENT_OUTCOME_CODE);
}

SM_EXPORT int sm_logevent_failure(const sm_logevent *e)
{
	return num(e, SMI_EVENT_FAILURE) != 0;
}

SM_EXPORT const char *sm_logevent_source_ip(const sm_logevent *e)
{
	return str(e, SMI_EVENT_SOURCE_IP);
}

SM_EXPORT uint16_t sm_logevent_source_port(const sm_logevent *e)
{
	return (uint16_t)num(e, SMI_EVENT_SOURCE_PORT);
}

SM_EXPORT const char *sm_logevent_source_host(const sm_logevent *e)
{
	return str(e, SMI_EVENT_SOURCE_HOST);
}

SM_EXPORT const char *sm_logevent_user(const sm_logevent *e)
{
	return str(e, SMI_EVENT_USER);
}

SM_EXPORT uint64_t sm_logevent_count(const sm_logevent *e)
{
	return (uint64_t)num(e, SMI_EVENT_COUNT);
}
