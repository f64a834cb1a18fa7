/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_TZ_TABLE_H
#define SMI_BASE_TZ_TABLE_H

#include "base/tz.h"

/* From a time on (s since 1970, UTC) the offset (s east) holds. */
struct smi_tz_change {
	int64_t at;
	int32_t offset;
};

/*
 * A zone is a table of changes. A rule for all years is written out for 400 of
 * them: the Gregorian calendar, weekdays included, repeats after these, so that
 * any later time is looked up in [cycle, cycle + 400 years).
 */
#define SMI_TZ_CYCLE (INT64_C(146097) * 86400)

struct smi_tz {
	int32_t first;	 /* before all changes */
	int32_t most;	 /* the largest offset, without its sign */
	bool repeats;	 /* there is a cycle */
	bool all_cycles; /* which holds for times before it, too */
	int64_t cycle;
	size_t n;
	struct smi_tz_change change[];
};

struct smi_tz_day {
	char kind; /* 'J': 1 to 365, '0': 0 to 365, 'M': month, week, weekday */
	int month, week, day;
	int32_t time; /* s after midnight */
};

/* A POSIX TZ string; start and end are of the daylight saving time. */
struct smi_tz_rule {
	int32_t std, dst;
	bool has_dst;
	struct smi_tz_day start, end;
};

int smi_tz_rule_parse(struct smi_span text, struct smi_tz_rule *out);
/* When DST starts (or ends) in that year, in UTC. */
int64_t smi_tz_rule_start(const struct smi_tz_rule *rule, int64_t year);
int64_t smi_tz_rule_end(const struct smi_tz_rule *rule, int64_t year);

/* The changes in order of time, then by rule (NULL: none). */
int smi_tz_build(int32_t first, const struct smi_tz_change *change, size_t n,
		 const struct smi_tz_rule *rule, struct smi_tz **out);

#endif
