/* SPDX-License-Identifier: MIT */
#include "record/record.h"

static const sm_record *record_of(const sm_coverage *c)
{
	return (const sm_record *)c;
}

SM_EXPORT const sm_coverage *sm_record_coverage(const sm_record *rec)
{
	return rec && rec->kind == SM_KIND_COVERAGE ? (const sm_coverage *)rec
						    : NULL;
}

SM_EXPORT const char *sm_coverage_source(const sm_coverage *c)
{
	return smi_rec_str(record_of(c), SM_KIND_COVERAGE, SMI_COVERAGE_SOURCE);
}

static uint64_t number(const sm_coverage *c, unsigned field)
{
	return (uint64_t)smi_rec_int(record_of(c), SM_KIND_COVERAGE, field);
}

SM_EXPORT uint64_t sm_coverage_lines(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_LINES);
}

SM_EXPORT uint64_t sm_coverage_matched(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_MATCHED);
}

SM_EXPORT uint64_t sm_coverage_unparsed(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_UNPARSED);
}

SM_EXPORT uint64_t sm_coverage_skipped(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_SKIPPED);
}

SM_EXPORT int64_t sm_coverage_first(const sm_coverage *c)
{
	return smi_rec_time(record_of(c), SM_KIND_COVERAGE, SMI_COVERAGE_FIRST);
}

SM_EXPORT int64_t sm_coverage_last(const sm_coverage *c)
{
	return smi_rec_time(record_of(c), SM_KIND_COVERAGE, SMI_COVERAGE_LAST);
}

SM_EXPORT uint64_t sm_coverage_bytes(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_BYTES);
}

SM_EXPORT uint64_t sm_coverage_untimed(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_UNTIMED);
}

SM_EXPORT uint64_t sm_coverage_backwards(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_BACKWARDS);
}

SM_EXPORT uint64_t sm_coverage_year_guessed(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_YEAR_GUESSED);
}

SM_EXPORT uint64_t sm_coverage_date_guessed(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_DATE_GUESSED);
}

SM_EXPORT uint64_t sm_coverage_ambiguous(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_AMBIGUOUS);
}

SM_EXPORT uint64_t sm_coverage_nonexistent(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_NONEXISTENT);
}

SM_EXPORT uint64_t sm_coverage_harmless(const sm_coverage *c)
{
	return number(c, SMI_COVERAGE_HARMLESS);
}
