/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_CLOCK_H
#define SMI_BASE_CLOCK_H

#include "base/span.h"

#define SMI_SEC	 INT64_C(1000000000)
#define SMI_USEC INT64_C(1000)
#define SMI_MSEC INT64_C(1000000)

/* Time in ns; tests put their own in a context. */
struct smi_clock {
	int64_t (*wall)(void *user); /* since 1970-01-01 UTC */
	int64_t (*mono)(void *user); /* CLOCK_MONOTONIC */
	void *user;
};
extern const struct smi_clock smi_clock_system;

/* Proleptic Gregorian calendar; days since 1970-01-01. */
struct smi_date {
	int64_t year;
	int month, day; /* from 1 */
};
int64_t smi_date_to_days(int64_t year, int month, int day);
struct smi_date smi_date_from_days(int64_t days);
int smi_date_month_days(int64_t year, int month);

#define SMI_TIME_STRLEN 40
/* RFC 3339 in UTC ("2026-08-04T10:00:01.5Z"): no fraction, or as many digits as
 * it has. "" for SM_TIME_NONE and what has no four-digit year. Gives out. */
const char *smi_time_format(int64_t ns, char out[SMI_TIME_STRLEN]);
/* All of s is an RFC 3339 time with a zone ("Z", "+05:30"); a space may stand for
 * the T. false leaves out alone. */
bool smi_time_parse(struct smi_span s, int64_t *out);

#endif
