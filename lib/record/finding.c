/* SPDX-License-Identifier: MIT */
#include "record/record.h"

static const struct {
	int severity;
	const char *name;
} severities[] = {
	{ SM_SEV_INFO, "info" },	 { SM_SEV_LOW, "low" },
	{ SM_SEV_MEDIUM, "medium" },	 { SM_SEV_HIGH, "high" },
	{ SM_SEV_CRITICAL, "critical" },
};

SM_EXPORT const char *sm_severity_name(int severity)
{
	for (size_t i = 0; i < SMI_COUNT(severities); i++)
		if (severities[i].severity == severity)
			return severities[i].name;
	return "";
}

SM_EXPORT int sm_severity_by_name(const char *name)
{
	for (size_t i = 0; name && i < SMI_COUNT(severities); i++)
		if (strcmp(severities[i].name, name) == 0)
			return severities[i].severity;
	return -ENOENT;
}

/* A finding is its record under another name. */
static const sm_record *record_of(const sm_finding *f)
{
	return (const sm_record *)f;
}

static const char *str(const sm_finding *f, unsigned field)
{
	return smi_rec_str(record_of(f), SM_KIND_FINDING, field);
}

static int64_t num(const sm_finding *f, unsigned field)
{
	return smi_rec_int(record_of(f), SM_KIND_FINDING, field);
}

SM_EXPORT const sm_finding *sm_record_finding(const sm_record *rec)
{
	return rec && rec->kind == SM_KIND_FINDING ? (const sm_finding *)rec
						   : NULL;
}

SM_EXPORT const char *sm_finding_id(const sm_finding *f)
{
	return str(f, SMI_FINDING_ID);
}

SM_EXPORT const char *sm_finding_key(const sm_finding *f)
{
	return str(f, SMI_FINDING_KEY);
}

SM_EXPORT int sm_finding_state(const sm_finding *f)
{
	return (int)num(f, SMI_FINDING_STATE_CODE);
}

SM_EXPORT const char *sm_finding_rule(const sm_finding *f)
{
	return str(f, SMI_FINDING_RULE);
}

SM_EXPORT const char *sm_finding_kind(const sm_finding *f)
{
	return str(f, SMI_FINDING_KIND);
}

SM_EXPORT const char *sm_finding_title(const sm_finding *f)
{
	return str(f, SMI_FINDING_TITLE);
}

SM_EXPORT int sm_finding_severity(const sm_finding *f)
{
	return (int)num(f, SMI_FINDING_SEVERITY_CODE);
}

SM_EXPORT const char *sm_finding_subject(const sm_finding *f)
{
	return str(f, SMI_FINDING_SUBJECT);
}

SM_EXPORT const char *sm_finding_source_ip(const sm_finding *f)
{
	return str(f, SMI_FINDING_SOURCE_IP);
}

SM_EXPORT const char *sm_finding_user(const sm_finding *f)
{
	return str(f, SMI_FINDING_USER);
}

SM_EXPORT int32_t sm_finding_pid(const sm_finding *f)
{
	return (int32_t)num(f, SMI_FINDING_PID);
}

SM_EXPORT uint16_t sm_finding_port(const sm_finding *f)
{
	return (uint16_t)num(f, SMI_FINDING_PORT);
}

SM_EXPORT int64_t sm_finding_first(const sm_finding *f)
{
	return smi_rec_time(record_of(f), SM_KIND_FINDING, SMI_FINDING_FIRST);
}

SM_EXPORT int64_t sm_finding_last(const sm_finding *f)
{
	return smi_rec_time(record_of(f), SM_KIND_FINDING, SMI_FINDING_LAST);
}

SM_EXPORT uint64_t sm_finding_count(const sm_finding *f)
{
	return (uint64_t)num(f, SMI_FINDING_COUNT);
}

SM_EXPORT size_t sm_finding_nattack(const sm_finding *f)
{
	return sm_record_field_nitems(record_of(f), SMI_FINDING_ATTACK);
}

SM_EXPORT const char *sm_finding_attack(const sm_finding *f, size_t i)
{
	return sm_record_field_item(record_of(f), SMI_FINDING_ATTACK, i);
}

SM_EXPORT size_t sm_finding_nevidence(const sm_finding *f)
{
	return sm_record_field_nitems(record_of(f), SMI_FINDING_EVIDENCE);
}

SM_EXPORT const sm_record *sm_finding_evidence(const sm_finding *f, size_t i)
{
	return sm_record_field_record(record_of(f), SMI_FINDING_EVIDENCE, i);
}

SM_EXPORT const char *sm_finding_why(const sm_finding *f)
{
	return str(f, SMI_FINDING_WHY);
}

SM_EXPORT const char *sm_finding_next_step(const sm_finding *f)
{
	return str(f, SMI_FINDING_NEXT_STEP);
}
