/* SPDX-License-Identifier: MIT */
#include "detect/f2b-jail.h"
#include "detect/ini.h"

/* As fail2ban reckons: a year has 365.25 days, and a month is a twelfth of it. */
static const struct unit {
	const char *names[4];
	int64_t seconds;
} units[] = {
	{ { "s", "ss", "sec", "second" }, 1 },
	{ { "m", "mm", "min", "minute" }, 60 },
	{ { "h", "hh", "hou", "hour" }, 3600 },
	{ { "d", "dd", "da", "day" }, 86400 },
	{ { "w", "ww", "wee", "week" }, 604800 },
	{ { "mo", "mon", "month", "month" }, 2629800 },
	{ { "y", "yy", "yea", "year" }, 31557600 },
};

static bool unit_of(struct smi_span s, int64_t *seconds)
{
	*seconds = 1;
	if (!s.len)
		return true;
	for (int plural = 0; plural < 2; plural++) {
		for (size_t i = 0; i < SMI_COUNT(units); i++)
			for (size_t k = 0; k < 4; k++)
				if (smi_span_eq_nocase(
					    s,
					    smi_span_str(units[i].names[k]))) {
					*seconds = units[i].seconds;
					return true;
				}
		if (s.len < 4 || (s.p[s.len - 1] | 32) != 's')
			return false;
		s.len--;
	}
	return false;
}

static struct smi_span cut_while(struct smi_span *s, bool digits)
{
	size_t n = 0;

	while (n < s->len &&
	       (digits ? s->p[n] >= '0' && s->p[n] <= '9'
		       : (s->p[n] | 32) >= 'a' && (s->p[n] | 32) <= 'z'))
		n++;
	*s = smi_span_skip(*s, n);
	return smi_span_of(s->p - n, n);
}

bool smi_f2b_seconds(struct smi_span s, int64_t *out)
{
	int64_t total = 0, unit, sign = 1;
	uint64_t n;

	s = smi_ini_strip(s);
	if (!s.len)
		return false;
	while (s.len) {
		if (!smi_span_uint(cut_while(&s, true), 1000000000, &n))
			return false;
		s = smi_ini_strip(s);
		if (!unit_of(cut_while(&s, false), &unit))
			return false;
		total += sign * unit * (int64_t)n;
		s = smi_ini_strip(s);
		sign = 1;
		if (s.len && (s.p[0] == '+' || s.p[0] == '-')) {
			sign = s.p[0] == '-' ? -1 : 1;
			s = smi_ini_strip(smi_span_skip(s, 1));
			if (!s.len)
				return false;
		}
	}
	*out = total;
	return total > 0 && total <= 100 * INT64_C(31557600);
}
