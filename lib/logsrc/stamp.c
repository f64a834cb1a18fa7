/* SPDX-License-Identifier: MIT */
#include "logsrc/stamp.h"

void smi_stamp_clock_init(struct smi_stamp_clock *c, const struct smi_tz *tz,
			  int64_t now_ns)
{
	*c = (struct smi_stamp_clock){ .tz = tz,
				       .now = now_ns / SMI_SEC,
				       .last = INT64_MIN };
}

static int64_t seconds_of(int64_t year, const struct smi_stamp *s)
{
	return smi_date_to_days(year, s->month, s->day) * 86400 +
	       s->hour * 3600 + s->minute * 60 + s->second;
}

static int64_t utc_of(const struct smi_stamp_clock *c, int64_t local,
		      enum smi_stamp_pass *pass)
{
	int64_t both[2] = { local, local };

	*pass = SMI_STAMP_ONCE;
	int found = c->tz ? smi_tz_local(c->tz, local, both) : 1;

	if (found == 0)
		*pass = SMI_STAMP_NEVER;
	if (found != 2)
		return both[0];
	*pass = SMI_STAMP_FIRST;
	if (c->last == INT64_MIN)
		return both[0];
	/* Lines in a hurry overtake others: a minute is no second pass. */
	if (both[0] + 60 >= c->last && c->pass != SMI_STAMP_SECOND)
		return both[0];
	*pass = SMI_STAMP_SECOND;
	return both[1];
}

static bool has_day(int64_t year, const struct smi_stamp *s)
{
	return s->day <= smi_date_month_days(year, s->month);
}

/* At most 8 years lie between two 29ths of February. */
static int64_t latest(const struct smi_stamp_clock *c,
		      const struct smi_stamp *s, enum smi_stamp_pass *pass)
{
	int64_t limit = c->now + SMI_STAMP_SLACK;
	int64_t days = limit / 86400 - (limit % 86400 < 0);
	int64_t top = smi_date_from_days(days).year + 1;

	for (int64_t year = top; year > top - 10; year--) {
		if (!has_day(year, s))
			continue;
		*pass = SMI_STAMP_ONCE;

		int64_t t = s->zoned ? seconds_of(year, s) - s->offset
				     : utc_of(c, seconds_of(year, s), pass);

		/* Of the whole minute, which is what is remembered. */
		if (t - s->second <= limit)
			return t;
	}
	return INT64_MIN;
}

/* What 64 bits of nanoseconds hold, with room to spare. */
static bool in_range(const struct smi_stamp *s)
{
	return s->year == 0 || (s->year >= 1700 && s->year <= 2250);
}

/* A date of numbers is read as the lines above had it. */
static struct smi_stamp in_order(struct smi_stamp_clock *c, struct smi_stamp s)
{
	int month = s.month;

	if (s.order != SMI_STAMP_EITHER) {
		c->order = s.order ? s.order : c->order;
	} else if (c->order == SMI_STAMP_DAY_FIRST) {
		s.month = s.day;
		s.day = month;
	} else if (!c->order) {
		c->doubt.order++;
	}
	return s;
}

static void note_doubt(struct smi_stamp_clock *c, const struct smi_stamp *s,
		       enum smi_stamp_pass pass)
{
	c->doubt.year += !s->year;
	c->doubt.nonexistent += pass == SMI_STAMP_NEVER;
	c->doubt.ambiguous +=
		pass == SMI_STAMP_FIRST || pass == SMI_STAMP_SECOND;
}

static int64_t resolve(struct smi_stamp_clock *c, const struct smi_stamp *s,
		       enum smi_stamp_pass *pass)
{
	struct smi_stamp ordered;

	*pass = SMI_STAMP_ONCE;
	if (s->order) {
		if (!c && s->order == SMI_STAMP_EITHER)
			return INT64_MIN;
		ordered = c ? in_order(c, *s) : *s;
		s = &ordered;
	}
	if (!in_range(s))
		return INT64_MIN;
	if (s->year && s->zoned)
		return seconds_of(s->year, s) - s->offset;
	if (!c)
		return INT64_MIN;
	if (s->year)
		return utc_of(c, seconds_of(s->year, s), pass);
	return latest(c, s, pass);
}

int64_t smi_stamp_time(struct smi_stamp_clock *c, const struct smi_stamp *s)
{
	enum smi_stamp_pass pass;
	int64_t t = resolve(c, s, &pass);

	if (t == INT64_MIN)
		return INT64_MIN;
	if (c) {
		c->last = t;
		c->pass = pass;
		note_doubt(c, s, pass);
	}
	return t * SMI_SEC + s->ns;
}

/* The next stamps are likely to differ in seconds only. Where a local time comes
 * twice each must be looked at. */
static void remember(struct smi_stamp_clock *c, struct smi_span text,
		     const struct smi_stamp *s, int64_t t)
{
	size_t zone_len = text.len - s->zone_at;

	c->text_len = 0;
	if (c->pass != SMI_STAMP_ONCE || !s->second_at ||
	    s->second_at > sizeof(c->text) || zone_len > sizeof(c->zone))
		return;
	memcpy(c->text, text.p, s->second_at);
	memcpy(c->zone, text.p + s->zone_at, zone_len);
	c->text_len = s->second_at;
	c->zone_len = zone_len;
	c->minute = t - s->second;
	c->format = s->format;
	c->own_file = s->own_file;
	c->yearless = !s->year;
}

static size_t fraction(struct smi_span s, uint32_t *ns)
{
	uint32_t v = 0, unit = 100000000;
	size_t n = 1;

	if (s.len < 2 || (s.p[0] != '.' && s.p[0] != ','))
		return 0;
	for (; n < s.len && (unsigned)(s.p[n] - '0') < 10; n++, unit /= 10)
		v += (uint32_t)(s.p[n] - '0') * unit;
	*ns = v;
	return n > 1 ? n : 0;
}

static bool may_begin_zone(char c)
{
	return c == '+' || c == '-' || (c >= 'A' && c <= 'Z');
}

static size_t recall(struct smi_stamp_clock *c, struct smi_span s,
		     int64_t *time)
{
	size_t n = c->text_len;
	unsigned tens, ones;
	uint32_t ns = 0;

	if (!n || s.len < n + 2 || memcmp(s.p, c->text, n) != 0)
		return 0;
	tens = (unsigned)(s.p[n] - '0');
	ones = (unsigned)(s.p[n + 1] - '0');
	if (tens > 5 || ones > 9)
		return 0;
	n += 2;
	n += fraction(smi_span_skip(s, n), &ns);
	if (c->zone_len) {
		if (s.len - n < c->zone_len ||
		    memcmp(s.p + n, c->zone, c->zone_len) != 0)
			return 0;
		n += c->zone_len;
		/* " UTC" is one where something follows. */
		if (c->zone[0] == ' ' && n == s.len)
			return 0;
	}
	if (n < s.len && s.p[n] != ' ')
		return 0;
	/* " UTC", " +0200": the one before had no zone, this one may have. */
	if (!c->zone_len && n + 1 < s.len && may_begin_zone(s.p[n + 1]))
		return 0;
	c->last = c->minute + tens * 10 + ones;
	c->pass = SMI_STAMP_ONCE;
	c->doubt.year += c->yearless;
	*time = c->last * SMI_SEC + ns;
	return n;
}

size_t smi_stamp_read(struct smi_stamp_clock *c, struct smi_span s,
		      struct smi_stamp *out, int64_t *time)
{
	size_t n = c ? recall(c, s, time) : 0;
	enum smi_stamp_pass pass;

	if (n) {
		out->format = c->format;
		out->own_file = c->own_file;
		return n;
	}
	n = smi_stamp_scan(s, out);
	if (!n)
		return 0;

	int64_t t = resolve(c, out, &pass);

	*time = t == INT64_MIN ? t : t * SMI_SEC + out->ns;
	if (c && t != INT64_MIN) {
		c->last = t;
		c->pass = pass;
		note_doubt(c, out, pass);
		remember(c, smi_span_head(s, n), out, t);
	}
	return n;
}
