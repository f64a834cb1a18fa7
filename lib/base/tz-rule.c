/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/tz-table.h"

/* POSIX.1-2017, chapter 8.3, TZ, with the times of RFC 8536, section 3.3.1 */
#define HOURS_OFFSET 24
#define HOURS_TIME   167

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_char(struct smi_span *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	*s = smi_span_skip(*s, 1);
	return true;
}

static bool take_uint(struct smi_span *s, int max, int *out)
{
	uint64_t v;
	size_t n = smi_span_digits(smi_span_head(*s, 4), &v);

	if (n == 0 || v > (uint64_t)max)
		return false;
	*s = smi_span_skip(*s, n);
	*out = (int)v;
	return true;
}

static bool take_name(struct smi_span *s)
{
	bool quoted = take_char(s, '<');
	size_t n = 0;

	while (n < s->len && (is_alpha(s->p[n]) ||
			      (quoted && ((s->p[n] >= '0' && s->p[n] <= '9') ||
					  s->p[n] == '+' || s->p[n] == '-'))))
		n++;
	if (n < 3)
		return false;
	*s = smi_span_skip(*s, n);
	return !quoted || take_char(s, '>');
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct smi_span *s, int max_hours, int32_t *out)
{
	int sign = 1, hour, minute = 0, sec = 0;

	if (take_char(s, '-'))
		sign = -1;
	else
		take_char(s, '+');
	if (!take_uint(s, max_hours, &hour))
		return false;
	if (take_char(s, ':')) {
		if (!take_uint(s, 59, &minute))
			return false;
		if (take_char(s, ':') && !take_uint(s, 59, &sec))
			return false;
	}
	*out = sign * (hour * 3600 + minute * 60 + sec);
	return true;
}

static bool take_day(struct smi_span *s, struct smi_tz_day *out)
{
	struct smi_tz_day d = { .kind = '0', .time = 2 * 3600 };

	if (take_char(s, 'M')) {
		d.kind = 'M';
		if (!take_uint(s, 12, &d.month) || d.month < 1 ||
		    !take_char(s, '.') || !take_uint(s, 5, &d.week) ||
		    d.week < 1 || !take_char(s, '.') ||
		    !take_uint(s, 6, &d.day))
			return false;
	} else {
		if (take_char(s, 'J'))
			d.kind = 'J';
		if (!take_uint(s, 365, &d.day) || (d.kind == 'J' && d.day < 1))
			return false;
	}
	if (take_char(s, '/') && !take_time(s, HOURS_TIME, &d.time))
		return false;
	*out = d;
	return true;
}

int smi_tz_rule_parse(struct smi_span text, struct smi_tz_rule *out)
{
	struct smi_tz_rule r = { 0 };
	struct smi_span s = text;

	if (!take_name(&s) || !take_time(&s, HOURS_OFFSET, &r.std))
		return -EINVAL;
	/* West is positive in TZ. */
	r.std = -r.std;
	if (s.len > 0) {
		r.has_dst = true;
		if (!take_name(&s))
			return -EINVAL;
		r.dst = -(r.std + 3600);
		if (s.len > 0 && s.p[0] != ',' &&
		    !take_time(&s, HOURS_OFFSET, &r.dst))
			return -EINVAL;
		r.dst = -r.dst;
		/* Without days POSIX leaves them open; all take these. */
		if (s.len == 0)
			s = SMI_SPAN(",M3.2.0,M11.1.0");
		if (!take_char(&s, ',') || !take_day(&s, &r.start) ||
		    !take_char(&s, ',') || !take_day(&s, &r.end) || s.len > 0)
			return -EINVAL;
	}
	*out = r;
	return 0;
}

static int64_t days_of(const struct smi_tz_day *d, int64_t year)
{
	int64_t first;
	int weekday, day;

	if (d->kind != 'M') {
		first = smi_date_to_days(year, 1, 1);
		if (d->kind == '0')
			return first + d->day;
		/* Jn does not count 29 February. */
		return first + d->day - 1 +
		       (d->day >= 60 && smi_date_month_days(year, 2) == 29);
	}
	first = smi_date_to_days(year, d->month, 1);
	/* 1970-01-01 was a Thursday. */
	weekday = (int)(((first + 4) % 7 + 7) % 7);
	day = (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
	if (day >= smi_date_month_days(year, d->month))
		day -= 7;
	return first + day;
}

int64_t smi_tz_rule_start(const struct smi_tz_rule *rule, int64_t year)
{
	return days_of(&rule->start, year) * 86400 + rule->start.time -
	       rule->std;
}

int64_t smi_tz_rule_end(const struct smi_tz_rule *rule, int64_t year)
{
	return days_of(&rule->end, year) * 86400 + rule->end.time - rule->dst;
}

int smi_tz_parse_posix(struct smi_span text, struct smi_tz **out)
{
	struct smi_tz_rule rule;
	int r = smi_tz_rule_parse(text, &rule);

	return r < 0 ? r : smi_tz_build(rule.std, NULL, 0, &rule, out);
}
