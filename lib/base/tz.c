/* SPDX-License-Identifier: MIT */
#include "base/tz.h"

#include "base/clock.h"
#include "base/tz-table.h"

/* Later changes (the year 33658) are nobody's; a rule behind them is left out. */
#define RULE_LATEST INT64_C(1000000000000)
#define FAR	    (INT64_C(1) << 60)

void smi_tz_free(struct smi_tz *tz)
{
	free(tz);
}

/* The rules are nearly in order: each step is short. */
static void insert(struct smi_tz *tz, size_t from, int64_t at, int32_t offset)
{
	size_t i = tz->n++;

	for (; i > from && tz->change[i - 1].at > at; i--)
		tz->change[i] = tz->change[i - 1];
	tz->change[i] = (struct smi_tz_change){ at, offset };
}

static void add_rule(struct smi_tz *tz, const struct smi_tz_rule *rule)
{
	size_t from = tz->n;
	int64_t after = from > 0 ? tz->change[from - 1].at : INT64_MIN;
	int64_t year = 1970;

	if (from > 0)
		year = smi_date_from_days(after / 86400).year;
	for (int64_t y = year - 1; y <= year + 403; y++) {
		int64_t start = smi_tz_rule_start(rule, y);
		int64_t end = smi_tz_rule_end(rule, y);

		/* Where a year's end is the next one's start, DST goes on. */
		if (end > after)
			insert(tz, from, end, rule->std);
		if (start > after)
			insert(tz, from, start, rule->dst);
	}
	tz->repeats = true;
	tz->all_cycles = from == 0;
	tz->cycle = smi_date_to_days(year + 2, 1, 1) * 86400;
}

/* Leaves the real changes of the offset. */
static void compact(struct smi_tz *tz)
{
	size_t n = 0;

	for (size_t i = 0; i < tz->n; i++) {
		int32_t before;

		if (i + 1 < tz->n && tz->change[i + 1].at == tz->change[i].at)
			continue;
		before = n > 0 ? tz->change[n - 1].offset : tz->first;
		if (tz->change[i].offset != before)
			tz->change[n++] = tz->change[i];
	}
	tz->n = n;
}

int smi_tz_build(int32_t first, const struct smi_tz_change *change, size_t n,
		 const struct smi_tz_rule *rule, struct smi_tz **out)
{
	struct smi_tz *tz;

	if (rule && n > 0 &&
	    (change[n - 1].at > RULE_LATEST || change[n - 1].at < -RULE_LATEST))
		rule = NULL;
	tz = smi_zalloc(sizeof(*tz) + (n + 2 * 405) * sizeof(tz->change[0]));
	if (!tz)
		return -ENOMEM;
	tz->first = n == 0 && rule ? rule->std : first;
	tz->n = n;
	if (n > 0)
		memcpy(tz->change, change, n * sizeof(*change));
	if (rule && rule->has_dst)
		add_rule(tz, rule);
	compact(tz);
	tz->most = tz->first < 0 ? -tz->first : tz->first;
	for (size_t i = 0; i < tz->n; i++)
		tz->most = SMI_MAX(tz->most, tz->change[i].offset < 0
						     ? -tz->change[i].offset
						     : tz->change[i].offset);
	*out = tz;
	return 0;
}

/* How far t is to be moved to be in the part that the table has. */
static int64_t to_cycle(const struct smi_tz *tz, int64_t t)
{
	int64_t past = t - tz->cycle, k;

	if (!tz->repeats || (past < 0 && !tz->all_cycles))
		return 0;
	k = past / SMI_TZ_CYCLE - (past % SMI_TZ_CYCLE < 0);
	return -k * SMI_TZ_CYCLE;
}

/* How many changes are at t or before. */
static size_t changes_until(const struct smi_tz *tz, int64_t t)
{
	size_t lo = 0, hi = tz->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (tz->change[mid].at <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The offset behind the first i changes. */
static int32_t offset_after(const struct smi_tz *tz, size_t i)
{
	return i > 0 ? tz->change[i - 1].offset : tz->first;
}

int32_t smi_tz_offset(const struct smi_tz *tz, int64_t utc)
{
	utc = SMI_MAX(-FAR, SMI_MIN(utc, FAR));
	return offset_after(tz, changes_until(tz, utc + to_cycle(tz, utc)));
}

int smi_tz_local(const struct smi_tz *tz, int64_t local, int64_t out[2])
{
	int64_t shift, skipped;
	int found = 0;

	local = SMI_MAX(-FAR, SMI_MIN(local, FAR));
	shift = to_cycle(tz, local);
	local += shift;
	skipped = local - tz->first;
	for (size_t i = changes_until(tz, local - tz->most - 1); i <= tz->n;
	     i++) {
		int64_t utc = local - offset_after(tz, i);

		if (i > 0 && tz->change[i - 1].at > local + tz->most)
			break;
		if (i > 0 && utc < tz->change[i - 1].at)
			continue;
		/* Behind this one's end: right only when the next says so. */
		skipped = utc;
		if (i < tz->n && utc >= tz->change[i].at)
			continue;
		if (found < 2)
			out[found++] = utc - shift;
	}
	if (found == 0)
		out[0] = skipped - shift;
	return found;
}
