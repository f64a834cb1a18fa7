/* SPDX-License-Identifier: MIT */
#include "logsrc/rotation.h"

#include "logsrc/packed.h"

static bool cut(struct smi_span *s, struct smi_span post)
{
	if (s->len <= post.len || !smi_span_ends(*s, post))
		return false;
	s->len -= post.len;
	return true;
}

static size_t trailing_digits(struct smi_span s, uint64_t *v)
{
	size_t n = 0;

	while (n < s.len && n < 15 && (unsigned)(s.p[s.len - n - 1] - '0') < 10)
		n++;
	return n && smi_span_uint(smi_span_skip(s, s.len - n), INT64_MAX, v)
		       ? n
		       : 0;
}

/* "-20260804", "-20260804-1785837601" (dateext, dateformat -%Y%m%d-%s),
 * "-2026080410" (hourly). */
static bool cut_date(struct smi_span *s, int64_t *order)
{
	struct smi_span left = *s;
	uint64_t v;
	size_t n = trailing_digits(left, &v);

	if (n < 8 || n + 1 >= left.len || left.p[left.len - n - 1] != '-')
		return false;
	left.len -= n + 1;
	*order = (int64_t)v;
	if (n == 10 && v < 1900000000 && trailing_digits(left, &v) == 8 &&
	    left.len > 9 && left.p[left.len - 9] == '-')
		left.len -= 9;
	*s = left;
	return true;
}

/* "-2026-08-04" and ".2026-08-04", of dateformat -%Y-%m-%d. */
static bool cut_dashed_date(struct smi_span *s, int64_t *order)
{
	static const char shape[] = "0000-00-00";
	const size_t len = sizeof(shape) - 1;
	int64_t v = 0;
	const char *p;

	if (s->len < len + 2)
		return false;
	p = s->p + s->len - len;
	if (p[-1] != '-' && p[-1] != '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (shape[i] == '-' ? p[i] != '-' : (unsigned)(p[i] - '0') > 9)
			return false;
		if (shape[i] == '0')
			v = v * 10 + (p[i] - '0');
	}
	s->len -= len + 1;
	*order = v;
	return true;
}

/* ".1" and upwards: the higher, the older. */
static bool cut_number(struct smi_span *s, int64_t *order)
{
	uint64_t v;
	size_t n = trailing_digits(*s, &v);

	if (!n || n > 4 || n + 1 >= s->len || s->p[s->len - n - 1] != '.')
		return false;
	s->len -= n + 1;
	*order = -(int64_t)v;
	return true;
}

struct smi_rotated smi_rotated_parse(const char *path)
{
	struct smi_rotated r = { smi_span_str(path), INT64_MAX, false };
	struct smi_span slash;

	for (size_t i = 0; !r.packed && smi_pack_suffix(i); i++)
		r.packed = cut(&r.base, smi_span_str(smi_pack_suffix(i)));
	if (!cut_dashed_date(&r.base, &r.order) &&
	    !cut_date(&r.base, &r.order) && !cut_number(&r.base, &r.order) &&
	    cut(&r.base, SMI_SPAN(".old")))
		r.order = -1;
	/* A name that is nothing but its suffix stays as it is. */
	slash = smi_span_head(r.base, r.base.len);
	if (slash.len && slash.p[slash.len - 1] == '/')
		return (struct smi_rotated){ smi_span_str(path), INT64_MAX,
					     r.packed };
	return r;
}
