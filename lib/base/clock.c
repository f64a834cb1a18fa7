/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

#define DAY_SEC	  INT64_C(86400)
#define TIME_NONE INT64_MIN

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * SMI_SEC + now.tv_nsec;
}

static int64_t read_wall(void *user)
{
	(void)user;
	return read_clock(CLOCK_REALTIME);
}

static int64_t read_mono(void *user)
{
	(void)user;
	return read_clock(CLOCK_MONOTONIC);
}

const struct smi_clock smi_clock_system = { read_wall, read_mono, NULL };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* A year is counted from March here, so that a leap day is its last day; 400
 * of them have 146097 days. */
int64_t smi_date_to_days(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct smi_date smi_date_from_days(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct smi_date d;

	d.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d.year = yoe + era * 400 + (d.month <= 2);
	return d;
}

int smi_date_month_days(int64_t year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static char *put_digits(char *at, unsigned int v, int n)
{
	for (int i = n; i-- > 0; v /= 10)
		at[i] = (char)('0' + v % 10);
	return at + n;
}

const char *smi_time_format(int64_t ns, char out[SMI_TIME_STRLEN])
{
	int64_t sec = floor_div(ns, SMI_SEC);
	int64_t frac = ns % SMI_SEC + (ns % SMI_SEC < 0 ? SMI_SEC : 0);
	int64_t day = floor_div(sec, DAY_SEC);
	unsigned int tod = (unsigned int)(sec - day * DAY_SEC);
	struct smi_date d = smi_date_from_days(day);
	char *at = out;

	if (ns == TIME_NONE || d.year < 0 || d.year > 9999) {
		*out = '\0';
		return out;
	}
	at = put_digits(at, (unsigned int)d.year, 4);
	*at++ = '-';
	at = put_digits(at, (unsigned int)d.month, 2);
	*at++ = '-';
	at = put_digits(at, (unsigned int)d.day, 2);
	*at++ = 'T';
	at = put_digits(at, tod / 3600, 2);
	*at++ = ':';
	at = put_digits(at, tod / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, tod % 60, 2);
	if (frac > 0) {
		*at++ = '.';
		at = put_digits(at, (unsigned int)frac, 9);
		while (at[-1] == '0')
			at--;
	}
	*at++ = 'Z';
	*at = '\0';
	return out;
}

/* Takes n digits off the front. */
static bool take_digits(struct smi_span *s, size_t n, int *out)
{
	int v = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = smi_span_skip(*s, n);
	*out = v;
	return true;
}

static bool take_char(struct smi_span *s, const char *any)
{
	if (s->len == 0 || s->p[0] == '\0' || !strchr(any, s->p[0]))
		return false;
	*s = smi_span_skip(*s, 1);
	return true;
}

static bool take_day(struct smi_span *s, int64_t *days)
{
	int year, month, day;

	if (!take_digits(s, 4, &year) || !take_char(s, "-") ||
	    !take_digits(s, 2, &month) || !take_char(s, "-") ||
	    !take_digits(s, 2, &day) || month < 1 || month > 12 || day < 1 ||
	    day > smi_date_month_days(year, month))
		return false;
	*days = smi_date_to_days(year, month, day);
	return true;
}

/* Digits behind the ninth are cut off. */
static bool take_fraction(struct smi_span *s, int64_t *ns)
{
	int64_t unit = SMI_SEC / 10;
	bool some = false;
	int digit;

	for (*ns = 0; take_digits(s, 1, &digit); unit /= 10) {
		*ns += digit * unit;
		some = true;
	}
	return some;
}

static bool take_zone(struct smi_span *s, int *offset)
{
	int sign, hour, minute;

	*offset = 0;
	if (take_char(s, "Zz"))
		return true;
	sign = s->len > 0 && s->p[0] == '-' ? -1 : 1;
	if (!take_char(s, "+-") || !take_digits(s, 2, &hour) ||
	    !take_char(s, ":") || !take_digits(s, 2, &minute) || hour > 23 ||
	    minute > 59)
		return false;
	*offset = sign * (hour * 3600 + minute * 60);
	return true;
}

bool smi_time_parse(struct smi_span s, int64_t *out)
{
	int64_t days, ns = 0, t;
	int hour, minute, sec, offset;

	if (!take_day(&s, &days) || !take_char(&s, "Tt ") ||
	    !take_digits(&s, 2, &hour) || !take_char(&s, ":") ||
	    !take_digits(&s, 2, &minute) || !take_char(&s, ":") ||
	    !take_digits(&s, 2, &sec) || hour > 23 || minute > 59 || sec > 60)
		return false;
	if (take_char(&s, ".") && !take_fraction(&s, &ns))
		return false;
	if (!take_zone(&s, &offset) || s.len > 0)
		return false;
	t = days * DAY_SEC + hour * 3600 + minute * 60 + sec - offset;
	/* Before 1970 the second counts up to a negative time: add it last. */
	if (t < 0) {
		t++;
		ns -= SMI_SEC;
	}
	if (__builtin_mul_overflow(t, SMI_SEC, &t) ||
	    __builtin_add_overflow(t, ns, &t) || t == TIME_NONE)
		return false;
	*out = t;
	return true;
}
