/* SPDX-License-Identifier: MIT */
#include "logsrc/stamp-more.h"

static const char *const month_names[12] = {
	"January", "February", "March",	    "April",   "May",	   "June",
	"July",	   "August",   "September", "October", "November", "December"
};

static bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

/* A number of low to high digits. */
static size_t number(struct smi_span s, size_t low, size_t high, int *out)
{
	size_t n = 0;
	int v = 0;

	while (n < high && n < s.len && is_digit(s.p[n]))
		v = v * 10 + (s.p[n++] - '0');
	*out = v;
	return n >= low && (n == s.len || !is_digit(s.p[n])) ? n : 0;
}

/* Exactly n digits, whatever follows. */
static bool fixed(struct smi_span s, size_t n, int *out)
{
	return number(smi_span_head(s, n), n, n, out) == n;
}

/* "Aug", "August": the length. */
static size_t month_at(struct smi_span s, int *month)
{
	for (int i = 0; i < 12; i++) {
		struct smi_span full = smi_span_str(month_names[i]);

		if (smi_span_starts(s, full)) {
			*month = i + 1;
			return full.len;
		}
		if (smi_span_starts(s, smi_span_head(full, 3))) {
			*month = i + 1;
			return 3;
		}
	}
	return 0;
}

static bool is_date(const struct smi_stamp *s)
{
	return s->month >= 1 && s->month <= 12 && s->day >= 1 &&
	       s->day <=
		       smi_date_month_days(s->year ? s->year : 2000, s->month);
}

static size_t fraction(struct smi_span s, uint32_t *ns)
{
	uint32_t unit = 100000000;
	size_t n = 1;

	if (s.len < 2 || (s.p[0] != '.' && s.p[0] != ',') || !is_digit(s.p[1]))
		return 0;
	for (*ns = 0; n < s.len && is_digit(s.p[n]); n++, unit /= 10)
		*ns += (uint32_t)(s.p[n] - '0') * unit;
	return n;
}

/* "10:00:01", then a fraction and " AM" or " PM" or not: the length. */
static size_t clock_at(struct smi_span s, struct smi_stamp *out)
{
	size_t n = number(s, 1, 2, &out->hour);

	if (!n || s.len < n + 6 || s.p[n] != ':' || s.p[n + 3] != ':' ||
	    !fixed(smi_span_skip(s, n + 1), 2, &out->minute) ||
	    !fixed(smi_span_skip(s, n + 4), 2, &out->second) ||
	    out->hour > 23 || out->minute > 59 || out->second > 60)
		return 0;
	n += 6;
	n += fraction(smi_span_skip(s, n), &out->ns);
	s = smi_span_skip(s, n);
	if (s.len >= 3 && s.p[0] == ' ' && s.p[2] == 'M' &&
	    (s.p[1] == 'A' || s.p[1] == 'P') && out->hour >= 1 &&
	    out->hour <= 12) {
		out->hour = out->hour % 12 + (s.p[1] == 'P' ? 12 : 0);
		n += 3;
	}
	return n;
}

/* " +0200", "+02:00", " UTC", " GMT", "Z", or nothing: the length. */
static size_t zone_at(struct smi_span s, struct smi_stamp *out)
{
	size_t space = s.len && s.p[0] == ' ', n = space + 3;
	int hours, minutes = 0;

	if (smi_span_starts(s, SMI_SPAN("Z"))) {
		out->zoned = true;
		return 1;
	}
	if (smi_span_starts(s, SMI_SPAN(" UTC")) ||
	    smi_span_starts(s, SMI_SPAN(" GMT"))) {
		out->zoned = s.len == 4 || s.p[4] == ' ' || s.p[4] == ']';
		return out->zoned ? 4 : 0;
	}
	s = smi_span_skip(s, space);
	if (s.len < 5 || (s.p[0] != '+' && s.p[0] != '-') ||
	    !fixed(smi_span_skip(s, 1), 2, &hours))
		return 0;
	s.p[3] == ':' ? n++ : 0;
	if (!fixed(smi_span_skip(s, 3 + (s.p[3] == ':')), 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return 0;
	out->zoned = true;
	out->offset = (hours * 60 + minutes) * (s.p[0] == '-' ? -60 : 60);
	return n + 2;
}

/* What follows a date: a separator, the clock and the zone. */
static size_t rest_at(struct smi_span s, size_t n, struct smi_stamp *out)
{
	size_t len;

	if (!n || n >= s.len ||
	    (s.p[n] != ' ' && s.p[n] != 'T' && s.p[n] != ':' && s.p[n] != '-'))
		return 0;
	n++;
	len = clock_at(smi_span_skip(s, n), out);
	if (!len || !is_date(out))
		return 0;
	n += len;
	return n + zone_at(smi_span_skip(s, n), out);
}

/* Those without another shape: in programs' own files, where no host follows. */
static size_t own_file(size_t n, struct smi_stamp *out)
{
	out->own_file = n && !out->zoned;
	return n;
}

/* named, Tomcat, PHP, Redis, RFC 5322: "04-Aug-2026 10:00:01.123", "4 Aug 2026
 * 10:00:01", "04/Aug/2026:10:00:01". */
static size_t scan_day_month(struct smi_span s, struct smi_stamp *out)
{
	size_t n = number(s, 1, 2, &out->day), len;
	char sep;

	if (!n || s.len < n + 12)
		return 0;
	sep = s.p[n++];
	if (sep != '-' && sep != ' ' && sep != '/')
		return 0;
	len = month_at(smi_span_skip(s, n), &out->month);
	n += len;
	if (!len || n >= s.len || s.p[n++] != sep ||
	    !number(smi_span_skip(s, n), 4, 4, &out->year))
		return 0;
	return own_file(rest_at(s, n + 4, out), out);
}

/* "Aug 4, 2026 10:00:01 AM" (Java), "August 4 2026 10:00:01". */
static size_t scan_month_day(struct smi_span s, struct smi_stamp *out)
{
	size_t n = month_at(s, &out->month), len;

	if (!n || n >= s.len || s.p[n] != ' ')
		return 0;
	n += 1 + (n + 1 < s.len && s.p[n + 1] == ' ');
	len = number(smi_span_skip(s, n), 1, 2, &out->day);
	n += len;
	if (!len || n >= s.len)
		return 0;
	n += s.p[n] == ',';
	if (n < s.len && s.p[n] == ' ' &&
	    number(smi_span_skip(s, n + 1), 4, 4, &out->year))
		n += 5;
	return own_file(rest_at(s, n, out), out);
}

/* "Tue, 04 Aug 2026 10:00:01 +0000": RFC 5322, 3.3. */
static size_t scan_rfc5322(struct smi_span s, struct smi_stamp *out)
{
	size_t n;

	if (s.len < 20 || s.p[3] != ',' || s.p[4] != ' ')
		return 0;
	n = scan_day_month(smi_span_skip(s, 5), out);
	return n ? n + 5 : 0;
}

/* ISO 8601 without separators: "20260804T100001Z", "20260804 10:00:01". */
static size_t scan_basic(struct smi_span s, struct smi_stamp *out)
{
	size_t n = 15;

	if (s.len < 15 || !fixed(s, 4, &out->year) ||
	    !fixed(smi_span_skip(s, 4), 2, &out->month) ||
	    !fixed(smi_span_skip(s, 6), 2, &out->day) || !is_date(out) ||
	    !out->year)
		return 0;
	if (s.p[8] != 'T')
		return own_file(rest_at(s, 8, out), out);
	if (!fixed(smi_span_skip(s, 9), 2, &out->hour) ||
	    !fixed(smi_span_skip(s, 11), 2, &out->minute) ||
	    !fixed(smi_span_skip(s, 13), 2, &out->second) || out->hour > 23 ||
	    out->minute > 59 || out->second > 60)
		return 0;
	n += fraction(smi_span_skip(s, n), &out->ns);
	return n + zone_at(smi_span_skip(s, n), out);
}

/* "08/04/2026 10:00:01", "04.08.2026 10:00:01", "08/04/26-10:00:01.5", "08/04-10:00:01.5"
 * (Snort): with dots the day is first; with strokes the file has to tell. */
static size_t scan_numbers(struct smi_span s, struct smi_stamp *out)
{
	size_t n = number(s, 1, 2, &out->month), len;
	char sep;

	if (!n || s.len < n + 8 || (s.p[n] != '/' && s.p[n] != '.'))
		return 0;
	sep = s.p[n++];
	len = number(smi_span_skip(s, n), 1, 2, &out->day);
	n += len;
	if (!len || n >= s.len)
		return 0;
	if (s.p[n] == sep) {
		n++;
		len = number(smi_span_skip(s, n), 2, 4, &out->year);
		if (!len || len == 3)
			return 0;
		out->year += len == 2 ? 2000 : 0;
		n += len;
	} else if (s.p[n] != '-' || sep != '/') {
		return 0;
	}
	if (sep == '.' || out->month > 12) {
		int day = out->month;

		out->month = out->day;
		out->day = day;
		out->order = SMI_STAMP_DAY_FIRST;
	} else if (out->day > 12) {
		out->order = SMI_STAMP_MONTH_FIRST;
	} else {
		out->order = SMI_STAMP_EITHER;
	}
	if (sep == '.' || out->day == out->month)
		out->order = SMI_STAMP_WRITTEN;
	return own_file(rest_at(s, n, out), out);
}

/* "1785837601 ", "1785837601123 ": what other numbers are unlikely to be. */
static size_t scan_epoch(struct smi_span s, struct smi_stamp *out)
{
	uint64_t t;
	size_t n = smi_span_digits(smi_span_head(s, 14), &t);

	if ((n != 10 && n != 13) || n >= s.len || s.p[n] != ' ')
		return 0;
	if (n == 13) {
		out->ns = (uint32_t)(t % 1000) * 1000000;
		t /= 1000;
	}
	/* 2001 to 2100 */
	if (t < 1000000000 || t >= 4102444800)
		return 0;
	smi_stamp_from_epoch(out, (int64_t)t);
	return n;
}

static const struct {
	const char *name;
	bool letter; /* begins with one, else with a digit */
	size_t (*scan)(struct smi_span s, struct smi_stamp *out);
} formats[] = {
	{ "iso-basic", false, scan_basic },
	{ "day-month", false, scan_day_month },
	{ "numbers", false, scan_numbers },
	{ "epoch", false, scan_epoch },
	{ "month-day", true, scan_month_day },
	{ "rfc5322", true, scan_rfc5322 },
};

size_t smi_stamp_scan_more(struct smi_span s, struct smi_stamp *out)
{
	if (s.len < 10)
		return 0;
	for (size_t i = 0; i < SMI_COUNT(formats); i++) {
		size_t n;

		if (formats[i].letter == is_digit(s.p[0]))
			continue;
		*out = (struct smi_stamp){ .format = formats[i].name };
		n = formats[i].scan(s, out);
		if (n)
			return n;
	}
	return 0;
}
