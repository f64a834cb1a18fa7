/* SPDX-License-Identifier: MIT */
#include "logsrc/stamp-more.h"

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char weekdays[7][4] = { "Mon", "Tue", "Wed", "Thu",
				     "Fri", "Sat", "Sun" };

static int name3(const char (*names)[4], int n, const char *p)
{
	for (int i = 0; i < n; i++)
		if (memcmp(names[i], p, 3) == 0)
			return i + 1;
	return 0;
}

static int digits(const char *p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if ((unsigned)(p[i] - '0') > 9)
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

/* "04", " 4" and "4": the length, 0 when it is no day. */
static size_t day_at(struct smi_span s, int *day)
{
	size_t skip = s.len && s.p[0] == ' ';
	size_t n = 0;
	int v = 0;

	for (; n < 2 && skip + n < s.len; n++) {
		int d = digits(s.p + skip + n, 1);

		if (d < 0)
			break;
		v = v * 10 + d;
	}
	if (!n || v < 1 || v > 31)
		return 0;
	*day = v;
	return skip + n;
}

/* "10:00:01" */
static bool clock_at(struct smi_span s, struct smi_stamp *out)
{
	if (s.len < 8 || s.p[2] != ':' || s.p[5] != ':')
		return false;
	out->hour = digits(s.p, 2);
	out->minute = digits(s.p + 3, 2);
	out->second = digits(s.p + 6, 2);
	/* 60 is a leap second. */
	return out->hour >= 0 && out->hour < 24 && out->minute >= 0 &&
	       out->minute < 60 && out->second >= 0 && out->second <= 60;
}

static size_t fraction_at(struct smi_span s, uint32_t *ns)
{
	uint32_t unit = 100000000;
	size_t n = 1;

	if (s.len < 2 || (s.p[0] != '.' && s.p[0] != ',') ||
	    digits(s.p + 1, 1) < 0)
		return 0;
	for (*ns = 0; n < s.len && digits(s.p + n, 1) >= 0; n++, unit /= 10)
		*ns += (uint32_t)(s.p[n] - '0') * unit;
	return n;
}

/* "Z", "+0530", "+05:30", "+05": the length, 0 when there is none. */
static size_t zone_at(struct smi_span s, struct smi_stamp *out)
{
	int hours, minutes = 0;
	size_t n = 3;

	if (s.len && s.p[0] == 'Z') {
		out->zoned = true;
		return 1;
	}
	if (s.len < 3 || (s.p[0] != '+' && s.p[0] != '-'))
		return 0;
	hours = digits(s.p + 1, 2);
	if (s.len >= 6 && s.p[3] == ':' && digits(s.p + 4, 2) >= 0) {
		minutes = digits(s.p + 4, 2);
		n = 6;
	} else if (s.len >= 5 && digits(s.p + 3, 2) >= 0) {
		minutes = digits(s.p + 3, 2);
		n = 5;
	}
	if (hours < 0 || hours > 23 || minutes > 59)
		return 0;
	out->zoned = true;
	out->offset = (hours * 60 + minutes) * (s.p[0] == '-' ? -60 : 60);
	return n;
}

static bool day_exists(const struct smi_stamp *s)
{
	/* 2000 has a 29th of February. */
	return s->day >= 1 &&
	       s->day <=
		       smi_date_month_days(s->year ? s->year : 2000, s->month);
}

/* RFC 3164, 4.1.2: "Aug  4 10:00:01"; a fraction as journalctl writes it; a year
 * after the day or the time, as routers and ctime(3) have it. */
static size_t scan_bsd(struct smi_span s, struct smi_stamp *out)
{
	size_t n = 4, day;

	if (s.len < 14 || s.p[3] != ' ')
		return 0;
	out->month = name3(months, 12, s.p);
	day = day_at(smi_span_skip(s, n), &out->day);
	n += day;
	if (!out->month || !day || n >= s.len || s.p[n++] != ' ')
		return 0;
	if (s.len - n > 5 && s.p[n + 4] == ' ' && digits(s.p + n, 4) > 0) {
		out->year = digits(s.p + n, 4);
		n += 5;
	}
	if (!clock_at(smi_span_skip(s, n), out) || !day_exists(out))
		return 0;
	out->second_at = n + 6;
	n += 8;
	n += fraction_at(smi_span_skip(s, n), &out->ns);
	out->zone_at = n;
	return n;
}

/* RFC 3339 and its relatives: "2026-08-04T10:00:01.5+00:00", "... 10:00:01,123". */
static size_t scan_iso(struct smi_span s, struct smi_stamp *out)
{
	size_t n = 19, zone;

	if (s.len < 19 || s.p[4] != '-' || s.p[7] != '-' ||
	    (s.p[10] != 'T' && s.p[10] != ' ' && s.p[10] != 't'))
		return 0;
	out->year = digits(s.p, 4);
	out->month = digits(s.p + 5, 2);
	out->day = digits(s.p + 8, 2);
	if (out->year < 1 || out->month < 1 || out->month > 12 ||
	    !day_exists(out) || !clock_at(smi_span_skip(s, 11), out))
		return 0;
	out->second_at = 17;
	n += fraction_at(smi_span_skip(s, n), &out->ns);
	out->zone_at = n;
	zone = zone_at(smi_span_skip(s, n), out);
	if (!zone && smi_span_starts(smi_span_skip(s, n), SMI_SPAN(" UTC "))) {
		out->zoned = true;
		zone = 4;
	}
	/* "%F %T %z" */
	if (!zone && s.p[10] == ' ' && s.len > n + 5 && s.p[n] == ' ') {
		zone = zone_at(smi_span_skip(s, n + 1), out);
		/* "+10 points" is none. */
		out->zoned = zone >= 5;
		zone = zone >= 5 ? zone + 1 : 0;
		out->second_at = zone ? 0 : out->second_at;
	}
	out->own_file = s.p[10] == ' ' && !zone;
	return n + zone;
}

/* " CEST ": letters of the machine's own zone say nothing new. */
static size_t letters_zone(struct smi_span s)
{
	size_t n = 1;

	if (!s.len || s.p[0] != ' ')
		return 0;
	while (n < s.len && s.p[n] >= 'A' && s.p[n] <= 'Z')
		n++;
	return n >= 4 && n <= 6 && n < s.len && s.p[n] == ' ' ? n : 0;
}

/* journalctl -o short-full: "Tue 2026-08-04 10:00:01 UTC"; ctime(3). */
static size_t scan_weekday(struct smi_span s, struct smi_stamp *out)
{
	struct smi_span rest = smi_span_skip(s, 4);
	size_t n;

	if (s.len < 20 || s.p[3] != ' ' || !name3(weekdays, 7, s.p))
		return 0;
	n = digits(rest.p, 1) >= 0 ? scan_iso(rest, out)
				   : smi_stamp_scan_ctime(s, out);
	if (!n || digits(rest.p, 1) < 0)
		return n;
	out->second_at = 0;
	out->own_file = false;
	n += 4;
	return out->zoned ? n : n + letters_zone(smi_span_skip(s, n));
}

/* nginx: "2026/08/04 10:00:01". */
static size_t scan_slashes(struct smi_span s, struct smi_stamp *out)
{
	if (s.len < 19 || s.p[4] != '/' || s.p[7] != '/' || s.p[10] != ' ')
		return 0;
	out->year = digits(s.p, 4);
	out->month = digits(s.p + 5, 2);
	out->day = digits(s.p + 8, 2);
	if (out->year < 1 || out->month < 1 || out->month > 12 ||
	    !day_exists(out) || !clock_at(smi_span_skip(s, 11), out))
		return 0;
	out->second_at = 17;
	out->zone_at = 19;
	out->own_file = true;
	return 19;
}

void smi_stamp_from_epoch(struct smi_stamp *out, int64_t t)
{
	struct smi_date d = smi_date_from_days(t / 86400);

	out->year = (int32_t)d.year;
	out->month = d.month;
	out->day = d.day;
	out->hour = (int)(t % 86400 / 3600);
	out->minute = (int)(t % 3600 / 60);
	out->second = (int)(t % 60);
	out->zoned = true;
}

/* journalctl -o short-unix: "1785837601.123456". */
static size_t scan_epoch(struct smi_span s, struct smi_stamp *out)
{
	uint64_t t;
	size_t n = smi_span_digits(smi_span_head(s, 11), &t);
	size_t frac;

	if (n < 9 || n > 10)
		return 0;
	frac = fraction_at(smi_span_skip(s, n), &out->ns);
	if (!frac || (n + frac < s.len && s.p[n + frac] != ' '))
		return 0;
	smi_stamp_from_epoch(out, (int64_t)t);
	return n + frac;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* D. J. Bernstein's TAI64N label: "@" and 24 hexadecimal digits, of which 2^62 and
 * 10 s are taken; leap seconds are not, as in his tai64nlocal. */
static size_t scan_tai64n(struct smi_span s, struct smi_stamp *out)
{
	uint64_t t = 0, ns = 0;

	if (s.len < 25 || s.p[0] != '@')
		return 0;
	for (size_t i = 1; i < 25; i++) {
		int d = hex(s.p[i]);

		if (d < 0)
			return 0;
		if (i <= 16)
			t = t << 4 | (unsigned)d;
		else
			ns = ns << 4 | (unsigned)d;
	}
	t -= (UINT64_C(1) << 62) + 10;
	if (t > 253402300799 || ns > 999999999) /* the end of 9999 */
		return 0;
	smi_stamp_from_epoch(out, (int64_t)t);
	out->ns = (uint32_t)ns;
	return 25;
}

size_t smi_stamp_scan_clf(struct smi_span s, struct smi_stamp *out)
{
	size_t zone;

	*out = (struct smi_stamp){ .format = "clf" };
	if (s.len < 26 || s.p[2] != '/' || s.p[6] != '/' || s.p[11] != ':' ||
	    s.p[20] != ' ')
		return 0;
	out->day = digits(s.p, 2);
	out->month = name3(months, 12, s.p + 3);
	out->year = digits(s.p + 7, 4);
	if (out->year < 1 || !out->month || !day_exists(out) ||
	    !clock_at(smi_span_skip(s, 12), out))
		return 0;
	zone = zone_at(smi_span_skip(s, 21), out);
	return zone ? 21 + zone : 0;
}

size_t smi_stamp_scan_ctime(struct smi_span s, struct smi_stamp *out)
{
	size_t n;

	*out = (struct smi_stamp){ .format = "ctime" };
	if (s.len < 24 || s.p[3] != ' ' || !name3(weekdays, 7, s.p))
		return 0;
	n = scan_bsd(smi_span_skip(s, 4), out);
	if (!n)
		return 0;
	n += 4;
	out->second_at = 0;
	if (!out->year && s.len >= n + 5 && s.p[n] == ' ' &&
	    digits(s.p + n + 1, 4) > 0) {
		out->year = digits(s.p + n + 1, 4);
		n += 5;
	}
	return day_exists(out) ? n : 0;
}

static const struct {
	const char *name;
	size_t (*scan)(struct smi_span s, struct smi_stamp *out);
} formats[] = {
	{ "rfc3164", scan_bsd },      { "iso", scan_iso },
	{ "weekday", scan_weekday },  { "nginx-error", scan_slashes },
	{ "short-unix", scan_epoch }, { "tai64n", scan_tai64n },
};

size_t smi_stamp_scan(struct smi_span s, struct smi_stamp *out)
{
	for (size_t i = 0; i < SMI_COUNT(formats); i++) {
		*out = (struct smi_stamp){ 0 };

		size_t n = formats[i].scan(s, out);

		if (n) {
			out->format = formats[i].name;
			return n;
		}
	}
	return smi_stamp_scan_more(s, out);
}
