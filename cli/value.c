/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

int opt_int(struct run *run, const char *value, int64_t min, int64_t max,
	    int64_t *out)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (!*value || *end || strspn(value, "-0123456789") != strlen(value))
		return run_why(run,
			       "not a whole number; from %" PRId64
			       " to %" PRId64 " is right",
			       min, max);
	if (errno || n < min || n > max)
		return run_why(run,
			       "out of range; from %" PRId64 " to %" PRId64
			       " is right",
			       min, max);
	*out = n;
	return 0;
}

/* Digits and a point only: no sign, no exponent, no "inf". */
static bool is_decimal(const char *value, double *out)
{
	char *end;

	*out = strtod(value, &end);
	return *value && !*end && strspn(value, "0123456789.") == strlen(value);
}

int opt_percent(struct run *run, const char *value, double *out)
{
	double d;

	if (!is_decimal(value, &d) || !(d <= 1e6))
		return run_why(run, "not a percentage; a number such as 80 or "
				    "99.5 is right, 0 is never");
	*out = d;
	return 0;
}

/* Above it there is none that anything here could have. */
int opt_number(struct run *run, const char *value, double *out)
{
	double d;

	if (!is_decimal(value, &d) || !(d <= 1e15))
		return run_why(run, "not KIND=N; thread_hog=500 is right, 0 is "
				    "never");
	*out = d;
	return 0;
}

int opt_seconds(struct run *run, const char *value, double min, double max,
		double *out)
{
	double d;

	if (!is_decimal(value, &d) || !(d >= min && d <= max))
		return run_why(run, "not a time in seconds from %g to %g", min,
			       max);
	*out = d;
	return 0;
}

int opt_severity(struct run *run, const char *value, int *out)
{
	int r = sm_severity_by_name(value);

	if (r < 0)
		return run_why(run, "no severity; info, low, medium, high and "
				    "critical are");
	*out = r;
	return 0;
}

int opt_time(struct run *run, const char *value, int64_t *out)
{
	if (sm_time_parse(value, out) < 0)
		return run_why(run, "not a time; one such as "
				    "2026-08-04T10:00:00Z (RFC 3339) is right");
	return 0;
}

int opt_choice(struct run *run, const char *value, const struct opt_word *words,
	       int *out)
{
	char list[200] = "";

	for (const struct opt_word *w = words; w->word; w++) {
		if (!strcmp(w->word, value)) {
			*out = w->number;
			return 0;
		}
		if (*list)
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, w->word, sizeof(list) - strlen(list) - 1);
	}
	return run_why(run, "unknown; the choices are %s", list);
}
