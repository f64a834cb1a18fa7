/* SPDX-License-Identifier: MIT */
#include "detect/f2b-date.h"

#define DAY 86400

/* Minutes east of UTC of the abbreviations that logs have; military letters are
 * reckoned below. */
static const struct zone {
	char name[6];
	int16_t minutes;
} zones[] = {
	{ "ACDT", 630 }, { "ACST", 570 },  { "ADT", -180 },  { "AEDT", 660 },
	{ "AEST", 600 }, { "AKDT", -480 }, { "AKST", -540 }, { "ART", -180 },
	{ "AST", -240 }, { "AWDT", 540 },  { "AWST", 480 },  { "AZT", 240 },
	{ "BDT", 480 },	 { "BRST", -120 }, { "BRT", -180 },  { "BST", 60 },
	{ "CAT", 120 },	 { "CDT", -300 },  { "CEDT", 120 },  { "CEST", 120 },
	{ "CET", 60 },	 { "CLST", -180 }, { "CLT", -240 },  { "COT", -300 },
	{ "CST", -360 }, { "EAT", 180 },   { "EDT", -240 },  { "EEDT", 180 },
	{ "EEST", 180 }, { "EET", 120 },   { "EST", -300 },  { "FJT", 720 },
	{ "GET", 240 },	 { "GMT", 0 },	   { "GST", 240 },   { "HKT", 480 },
	{ "HST", -600 }, { "ICT", 420 },   { "IDT", 180 },   { "IRDT", 270 },
	{ "IRST", 210 }, { "JST", 540 },   { "KST", 540 },   { "MDT", -360 },
	{ "MMT", 390 },	 { "MSD", 240 },   { "MSK", 180 },   { "MST", -420 },
	{ "MYT", 480 },	 { "NDT", -150 },  { "NPT", 345 },   { "NST", -210 },
	{ "NZDT", 780 }, { "NZST", 720 },  { "PDT", -420 },  { "PET", -300 },
	{ "PHT", 480 },	 { "PKT", 300 },   { "PST", -480 },  { "PYT", -180 },
	{ "SAST", 120 }, { "SGT", 480 },   { "SRT", -180 },  { "THA", 420 },
	{ "UTC", 0 },	 { "UYT", -180 },  { "UZT", 300 },   { "VET", -270 },
	{ "WAST", 120 }, { "WAT", 60 },	   { "WEDT", 60 },   { "WEST", 60 },
	{ "WET", 0 },	 { "WIB", 420 },   { "WIT", 540 },   { "WST", 480 },
	{ "YEKT", 300 },
};

struct civil {
	int64_t year;
	int month, day, hour, minute, second;
	bool has_year, has_date, zoned;
	int64_t shift; /* s east of UTC */
};

static bool part(const struct smi_f2b_date *d, const struct smi_matcher *m,
		 struct smi_span line, enum smi_f2b_part p,
		 struct smi_span *out)
{
	return d->part[p] > 0 && smi_matcher_group(m, line, d->part[p], out) &&
	       out->len;
}

static bool number(const struct smi_f2b_date *d, const struct smi_matcher *m,
		   struct smi_span line, enum smi_f2b_part p, int *out)
{
	struct smi_span s;
	uint64_t v;

	if (!part(d, m, line, p, &s))
		return false;
	s = smi_span_trim(s);
	if (!smi_span_uint(s, 9999, &v))
		return false;
	*out = (int)v;
	return true;
}

static bool month_of(struct smi_span s, int *month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; s.len >= 3 && i < 12; i++)
		if (smi_span_eq_nocase(smi_span_head(s, 3),
				       smi_span_of(names + 3 * i, 3))) {
			*month = i + 1;
			return true;
		}
	return false;
}

/* The first of December is day 335 or 336. */
static bool day_of_year(struct civil *c, int day)
{
	int64_t first = smi_date_to_days(c->year, 1, 1);
	struct smi_date at;

	if (day < 1)
		return false;
	at = smi_date_from_days(first + day - 1);
	c->year = at.year;
	c->month = at.month;
	c->day = at.day;
	return true;
}

/* A is 1 hour east, M 12; N is 1 hour west, Y 12; J is left out. */
static bool military(char c, int *minutes)
{
	if (c == 'Z')
		*minutes = 0;
	else if (c >= 'A' && c <= 'I')
		*minutes = 60 * (c - 'A' + 1);
	else if (c >= 'K' && c <= 'M')
		*minutes = 60 * (c - 'A');
	else if (c >= 'N' && c <= 'Y')
		*minutes = -60 * (c - 'N' + 1);
	else
		return false;
	return true;
}

static bool zone_name(struct smi_span s, int *minutes)
{
	*minutes = 0;
	if (!s.len)
		return true;
	if (s.len == 1)
		return military(s.p[0], minutes);
	for (size_t i = 0; i < SMI_COUNT(zones); i++)
		if (smi_span_eq_str(s, zones[i].name)) {
			*minutes = zones[i].minutes;
			return true;
		}
	return false;
}

/* "Z", "CEST", "+01", "-0130", "UTC+01:30" */
static bool zone_of(struct smi_span s, int64_t *shift)
{
	size_t n = 0;
	int minutes, sign;
	uint64_t hours, more = 0;
	struct smi_span rest;

	while (n < s.len && s.p[n] != '+' && s.p[n] != '-')
		n++;
	if (!zone_name(smi_span_head(s, n), &minutes))
		return false;
	*shift = minutes * 60;
	rest = smi_span_skip(s, n);
	if (!rest.len)
		return true;
	sign = rest.p[0] == '-' ? -1 : 1;
	rest = smi_span_skip(rest, 1);
	if (!smi_span_uint(smi_span_head(rest, 2), 99, &hours))
		return false;
	rest = smi_span_skip(rest, 2);
	if (rest.len && rest.p[0] == ':')
		rest = smi_span_skip(rest, 1);
	if (rest.len && !smi_span_uint(rest, 99, &more))
		return false;
	*shift += sign * (int64_t)(hours * 3600 + more * 60);
	return true;
}

static int64_t local_day(const struct smi_f2b_clock *c, int64_t t)
{
	int64_t local = t + (c->tz ? smi_tz_offset(c->tz, t) : 0);

	return local / DAY - (local % DAY < 0);
}

static int64_t seconds_of(const struct civil *v)
{
	return smi_date_to_days(v->year, v->month, v->day) * DAY +
	       v->hour * 3600 + v->minute * 60 + v->second;
}

static bool has_day(const struct civil *v)
{
	return v->day >= 1 && v->day <= smi_date_month_days(v->year, v->month);
}

/* A local time that comes twice is the later one, where the earlier would be
 * before the line above. */
static int64_t utc_of(const struct civil *v, const struct smi_f2b_clock *c)
{
	int64_t local = seconds_of(v), both[2] = { local, local };

	if (v->zoned)
		return local - v->shift;
	if (c->tz && smi_tz_local(c->tz, local, both) == 2 &&
	    c->last != INT64_MIN && both[0] + 60 < c->last)
		return both[1];
	return both[0];
}

static bool read_date(const struct smi_f2b_date *d, const struct smi_matcher *m,
		      struct smi_span line, struct civil *v, int64_t this_year)
{
	struct smi_span s;
	int n;

	if (number(d, m, line, SMI_F2B_YEAR, &n))
		v->year = n;
	else if (number(d, m, line, SMI_F2B_YEAR2, &n))
		v->year = n + 2000;
	v->has_year = v->year != 0;
	if (!v->has_year)
		v->year = this_year;
	if (part(d, m, line, SMI_F2B_MONTH_NAME, &s)) {
		if (!month_of(s, &v->month))
			return false;
	} else {
		number(d, m, line, SMI_F2B_MONTH, &v->month);
	}
	number(d, m, line, SMI_F2B_DAY, &v->day);
	if ((!v->month || !v->day) &&
	    number(d, m, line, SMI_F2B_DAY_OF_YEAR, &n) && !day_of_year(v, n))
		return false;
	v->has_date = v->month && v->day;
	return v->has_date || (!v->month && !v->day);
}

static bool read_clock(const struct smi_f2b_date *d,
		       const struct smi_matcher *m, struct smi_span line,
		       struct civil *v)
{
	struct smi_span half;

	number(d, m, line, SMI_F2B_HOUR, &v->hour);
	number(d, m, line, SMI_F2B_MINUTE, &v->minute);
	number(d, m, line, SMI_F2B_SECOND, &v->second);
	if (number(d, m, line, SMI_F2B_HOUR12, &v->hour)) {
		v->hour %= 12;
		if (part(d, m, line, SMI_F2B_HALF, &half) &&
		    (half.p[0] | 32) == 'p')
			v->hour += 12;
	}
	return v->hour < 24 && v->minute < 60 && v->second < 60;
}

/* Without a year it is the latest one that is not more than a day ahead. */
static int64_t resolve(struct civil *v, const struct smi_f2b_clock *c)
{
	int64_t today = local_day(c, c->now);

	if (!v->has_date) {
		struct smi_date at = smi_date_from_days(today);
		int64_t t;

		v->year = at.year;
		v->month = at.month;
		v->day = at.day;
		t = utc_of(v, c);
		return t > c->now ? t - DAY : t;
	}
	if (v->has_year)
		return has_day(v) ? utc_of(v, c) : INT64_MIN;
	for (int back = 0; back < 9; back++, v->year--) {
		int64_t t = has_day(v) ? utc_of(v, c) : INT64_MAX;

		if (t <= c->now + DAY)
			return t;
	}
	return INT64_MIN;
}

static int64_t calendar(const struct smi_f2b_date *d,
			const struct smi_matcher *m, struct smi_span line,
			const struct smi_f2b_clock *c)
{
	struct civil v = { 0 };
	struct smi_date now = smi_date_from_days(local_day(c, c->now));
	struct smi_span zone;

	if (!read_date(d, m, line, &v, now.year) || !read_clock(d, m, line, &v))
		return INT64_MIN;
	v.zoned = part(d, m, line, SMI_F2B_ZONE, &zone);
	if (v.zoned && !zone_of(zone, &v.shift))
		return INT64_MIN;
	if (v.has_year && (v.year < 1700 || v.year > 2250))
		return INT64_MIN;
	return resolve(&v, c);
}

/* "1119511111.25"; of a long one 13 digits are ms, 16 and more us. */
static int64_t epoch(struct smi_span s, bool is_long)
{
	size_t dot = smi_span_find(s, '.');
	int64_t unit = SMI_SEC, t;
	uint64_t whole;

	if (is_long && s.len >= 13)
		unit = s.len >= 16 && dot == s.len ? 1000 : SMI_MSEC;
	if (!smi_span_uint(smi_span_head(s, dot),
			   (uint64_t)(INT64_MAX / unit - 1), &whole))
		return INT64_MIN;
	t = (int64_t)whole * unit;
	for (size_t i = dot + 1; i < s.len; i++) {
		unit /= 10;
		t += (s.p[i] - '0') * unit;
	}
	return t;
}

/* 2^62 stands for 1970; that TAI is some seconds ahead is left out, as fail2ban
 * leaves it out. */
static int64_t tai64n(struct smi_span s)
{
	int64_t t = 0;

	for (size_t i = 2; i < 17 && i < s.len; i++) {
		char c = s.p[i];

		t = t * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
		if (t > INT64_MAX / SMI_SEC)
			return INT64_MIN;
	}
	return t * SMI_SEC;
}

int64_t smi_f2b_date_time(const struct smi_f2b_date *d,
			  const struct smi_matcher *m, struct smi_span line,
			  struct smi_f2b_clock *c)
{
	struct smi_span s;
	int64_t t = INT64_MIN;

	if (d->kind == SMI_F2B_CALENDAR) {
		t = calendar(d, m, line, c);
		t = t == INT64_MIN ? t : t * SMI_SEC;
	} else if (d->kind == SMI_F2B_TAI64N) {
		t = smi_matcher_group(m, line, 1, &s) ? tai64n(s) : t;
	} else if (smi_matcher_group(m, line, d->epoch_group, &s)) {
		t = epoch(s, d->kind == SMI_F2B_LONG_EPOCH);
	}
	if (t != INT64_MIN)
		c->last = t / SMI_SEC;
	return t;
}
