/* SPDX-License-Identifier: MIT */
#include "report/escape.h"

#include "base/lanes.h"
#include "base/utf8.h"

struct range {
	uint32_t first, last;
};

/*
 * Unicode 15: controls (Cc), format characters (Cf), separators of lines (Zl, Zp),
 * tags, variation selectors and joiners, in which a text can hide, interlinear
 * annotation, and letters without a glyph. The noncharacters at the end of each plane
 * are not here.
 */
static const struct range unprintable[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },
	{ 0x034f, 0x034f },   { 0x0600, 0x0605 },   { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd },   { 0x070f, 0x070f },   { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },
	{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
	{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

static bool printable(uint32_t cp)
{
	size_t lo = 0, hi = SMI_COUNT(unprintable);

	if ((cp & 0xfffe) == 0xfffe)
		return false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cp > unprintable[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == SMI_COUNT(unprintable) || cp < unprintable[lo].first;
}

/* How many bytes need no look: printable ASCII but for the stops. */
static size_t plain(struct smi_span s, char stop1, char stop2, char stop3)
{
	size_t i = 0;

	for (; s.len - i >= SMI_LANES; i += SMI_LANES) {
		smi_lanes v = smi_lanes_load(s.p + i);

		if (smi_lanes_any((smi_lanes)(v - 0x20 >= 0x7f - 0x20) |
				  (smi_lanes)(v == (unsigned char)stop1) |
				  (smi_lanes)(v == (unsigned char)stop2) |
				  (smi_lanes)(v == (unsigned char)stop3)))
			break;
	}
	while (i < s.len && s.p[i] >= 0x20 && s.p[i] < 0x7f &&
	       s.p[i] != stop1 && s.p[i] != stop2 && s.p[i] != stop3)
		i++;
	return i;
}

static void add_byte(struct smi_buf *b, const char *backslash, char c)
{
	smi_buf_printf(b, "%sx%02x", backslash, (unsigned char)c);
}

/* What would be taken for an escape of ours. */
static bool is_like_escape(struct smi_span s)
{
	size_t i = 3;

	if (s.len < 5 || memcmp(s.p, "\\u{", 3) != 0)
		return false;
	while (i < s.len && s.p[i] && strchr("0123456789abcdefABCDEF", s.p[i]))
		i++;
	return i > 3 && i < s.len && s.p[i] == '}';
}

void smi_esc_term(struct smi_buf *b, struct smi_span s)
{
	while (s.len) {
		size_t n = plain(s, '\\', '\\', '\\');
		uint32_t cp;

		smi_buf_add(b, s.p, n);
		s = smi_span_skip(s, n);
		if (!s.len)
			return;
		n = smi_utf8_char(s, &cp);
		if (n && cp == '\\' && !is_like_escape(s))
			smi_buf_char(b, '\\');
		else if (!n || cp < 0x80)
			add_byte(b, "\\", s.p[0]);
		else if (printable(cp))
			smi_buf_add(b, s.p, n);
		else
			smi_buf_printf(b, "\\u{%x}", cp);
		s = smi_span_skip(s, SMI_MAX(n, 1));
	}
}

static void json_unicode(struct smi_buf *b, uint32_t cp)
{
	if (cp < 0x10000) {
		smi_buf_printf(b, "\\u%04x", cp);
		return;
	}
	cp -= 0x10000;
	smi_buf_printf(b, "\\u%04x\\u%04x", 0xd800 + (cp >> 10),
		       0xdc00 + (cp & 0x3ff));
}

static bool are_plain(smi_lanes v)
{
	return !smi_lanes_any((smi_lanes)(v - 0x20 >= 0x7f - 0x20) |
			      (smi_lanes)(v == '"') | (smi_lanes)(v == '\\') |
			      (smi_lanes)(v == '<'));
}

/* Copies sixteen bytes; false where one of them needs an escape. */
static bool copy_lanes(char *out, const char *p)
{
	smi_lanes v = smi_lanes_load(p);

	memcpy(out, &v, SMI_LANES);
	return are_plain(v);
}

/* Copies eight to sixteen: its first and its last half may overlap. */
static bool copy_halves(char *out, const char *p, size_t len)
{
	enum {
		HALF = SMI_LANES / 2
	};
	smi_lanes v;

	memcpy(&v, p, HALF);
	memcpy((char *)&v + HALF, p + len - HALF, HALF);
	memcpy(out, p, HALF);
	memcpy(out + len - HALF, (char *)&v + HALF, HALF);
	return are_plain(v);
}

static bool needs_escape(char c)
{
	return (unsigned char)(c - 0x20) >= 0x7f - 0x20 || c == '"' ||
	       c == '\\' || c == '<';
}

/* Copies s where nothing in it needs an escape, as in most texts. */
static bool copy_whole(char *out, struct smi_span s)
{
	size_t i;

	if (s.len < SMI_LANES / 2) {
		for (i = 0; i < s.len && !needs_escape(s.p[i]); i++)
			out[i] = s.p[i];
		return i == s.len;
	}
	if (s.len <= SMI_LANES)
		return copy_halves(out, s.p, s.len);
	for (i = 0; s.len - i > SMI_LANES; i += SMI_LANES)
		if (!copy_lanes(out + i, s.p + i))
			return false;
	i = s.len - SMI_LANES;
	return copy_lanes(out + i, s.p + i);
}

static void escape_json(struct smi_buf *b, struct smi_span s)
{
	smi_buf_char(b, '"');
	while (s.len) {
		size_t n = plain(s, '"', '\\', '<');
		uint32_t cp;

		smi_buf_add(b, s.p, n);
		s = smi_span_skip(s, n);
		if (!s.len)
			break;
		n = smi_utf8_char(s, &cp);
		if (!n) {
			add_byte(b, "\\\\", s.p[0]);
		} else if (cp == '"' || cp == '\\') {
			smi_buf_char(b, '\\');
			smi_buf_char(b, s.p[0]);
		} else if (cp == '<' || !printable(cp)) {
			json_unicode(b, cp);
		} else {
			smi_buf_add(b, s.p, n);
		}
		s = smi_span_skip(s, SMI_MAX(n, 1));
	}
	smi_buf_char(b, '"');
}

void smi_esc_json(struct smi_buf *b, struct smi_span s)
{
	char *at;

	if (s.len > SIZE_MAX - 2 || !smi_buf_reserve(b, s.len + 2))
		return;
	at = b->p + b->len;
	if (!copy_whole(at + 1, s)) {
		escape_json(b, s);
		return;
	}
	at[0] = at[s.len + 1] = '"';
	b->len += s.len + 2;
}

/* -12 or 3.5: a minus sign before nothing but a number is no formula. */
static bool is_number(struct smi_span s)
{
	size_t i = s.len && s.p[0] == '-', digits = 0;

	for (; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		digits++;
	if (!digits || i == s.len)
		return digits;
	if (s.p[i++] != '.')
		return false;
	for (digits = 0; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		digits++;
	return digits && i == s.len;
}

static bool is_formula(struct smi_span s)
{
	uint32_t cp;

	if (!s.len || is_number(s) || !smi_utf8_char(s, &cp))
		return false;
	switch (cp) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '\t':
	case '\r':
	case '\n':
	case '\'':
	case 0xff1d: /* the full-width forms of the first four */
	case 0xff0b:
	case 0xff0d:
	case 0xff20:
		return true;
	default:
		return false;
	}
}

/* Some spreadsheets cut at semicolons and tabs too, and trim spaces. */
static bool needs_quotes(struct smi_span s)
{
	if (s.len && (s.p[0] == ' ' || s.p[s.len - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == ',' || s.p[i] == ';' || s.p[i] == '"')
			return true;
	return false;
}

static void escape_csv(struct smi_buf *b, struct smi_span s)
{
	bool quote = needs_quotes(s);

	if (quote)
		smi_buf_char(b, '"');
	if (is_formula(s))
		smi_buf_char(b, '\'');
	for (size_t n; s.len; s = smi_span_skip(s, n)) {
		if (s.p[0] == '"') {
			smi_buf_str(b, "\"\"");
			n = 1;
			continue;
		}
		n = smi_span_find(s, '"');
		smi_esc_term(b, smi_span_head(s, n));
	}
	if (quote)
		smi_buf_char(b, '"');
}

/* Most texts are as they are: seen in one pass. */
static bool is_csv_plain(struct smi_span s)
{
	smi_lanes special = { 0 };
	size_t i = 0;

	if (strchr(" =+-@'", s.p[0]) || s.p[s.len - 1] == ' ')
		return false;
	for (; s.len - i >= SMI_LANES; i += SMI_LANES) {
		smi_lanes v = smi_lanes_load(s.p + i);

		special |= (smi_lanes)(v - 0x20 >= 0x7f - 0x20) |
			   (smi_lanes)(v == ',') | (smi_lanes)(v == ';') |
			   (smi_lanes)(v == '"') | (smi_lanes)(v == '\\');
	}
	if (smi_lanes_any(special))
		return false;
	for (; i < s.len; i++)
		if ((unsigned char)(s.p[i] - 0x20) >= 0x7f - 0x20 ||
		    strchr(",;\"\\", s.p[i]))
			return false;
	return true;
}

void smi_esc_csv(struct smi_buf *b, struct smi_span s)
{
	if (s.len && is_csv_plain(s))
		smi_buf_add(b, s.p, s.len);
	else if (s.len)
		escape_csv(b, s);
}

/* Char of XML 1.0: tab and the ends of lines, but no other control below U+0020. */
static bool in_xml(uint32_t cp)
{
	return (cp >= 0x20 && cp != 0xfffe && cp != 0xffff) || cp == '\t' ||
	       cp == '\n' || cp == '\r';
}

static bool is_markup(uint32_t cp)
{
	return cp == '<' || cp == '>' || cp == '&' || cp == '"' || cp == '\'';
}

/* Adds what is printable ASCII without markup; false: that was all. */
static bool add_unmarked(struct smi_buf *b, struct smi_span *s)
{
	size_t i = 0;

	while (i < s->len && s->p[i] >= 0x20 && s->p[i] < 0x7f &&
	       !is_markup((unsigned char)s->p[i]))
		i++;
	smi_buf_add(b, s->p, i);
	*s = smi_span_skip(*s, i);
	return s->len > 0;
}

void smi_esc_xml(struct smi_buf *b, struct smi_span s)
{
	while (add_unmarked(b, &s)) {
		uint32_t cp;
		size_t n = smi_utf8_char(s, &cp);

		if (!n || !in_xml(cp))
			smi_esc_term(b, smi_span_head(s, SMI_MAX(n, 1)));
		else if (is_markup(cp) || !printable(cp))
			smi_buf_printf(b, "&#x%x;", cp);
		else
			smi_buf_add(b, s.p, n);
		s = smi_span_skip(s, SMI_MAX(n, 1));
	}
}

void smi_esc_html(struct smi_buf *b, struct smi_span s)
{
	while (add_unmarked(b, &s)) {
		uint32_t cp;
		size_t n = SMI_MAX(smi_utf8_char(s, &cp), 1);

		if (is_markup((unsigned char)s.p[0]))
			smi_buf_printf(b, "&#x%x;", (unsigned char)s.p[0]);
		else
			smi_esc_term(b, smi_span_head(s, n));
		s = smi_span_skip(s, n);
	}
}

static bool is_www(struct smi_span s, size_t dot)
{
	return dot >= 3 && smi_span_eq_nocase(smi_span_of(s.p + dot - 3, 3),
					      SMI_SPAN("www"));
}

/* A printable ASCII character; addresses become links even behind a backslash. */
static void md_char(struct smi_buf *b, struct smi_span s, size_t i)
{
	bool last = i + 1 == s.len;
	char c = s.p[i];

	if (c == ' ' && (i == 0 || last || s.p[i - 1] == ' ')) {
		smi_buf_str(b, "&#32;");
		return;
	}
	if (strchr("\\`*_{}[]<>()#!|~&$^", c) ||
	    (c == ':' && !last && s.p[i + 1] == '/') ||
	    (c == '.' && is_www(s, i)))
		smi_buf_char(b, '\\');
	smi_buf_char(b, c);
	if (c == '@')
		smi_buf_str(b, "<!-- -->");
}

void smi_esc_md(struct smi_buf *b, struct smi_span s)
{
	size_t n;

	for (size_t i = 0; i < s.len; i += n) {
		struct smi_span rest = smi_span_skip(s, i);
		uint32_t cp;

		n = smi_utf8_char(rest, &cp);
		if (n && printable(cp)) {
			if (n == 1)
				md_char(b, s, i);
			else
				smi_buf_add(b, rest.p, n);
			continue;
		}
		n = SMI_MAX(n, 1);
		/* what that shows begins with a backslash */
		smi_buf_char(b, '\\');
		smi_esc_term(b, smi_span_head(rest, n));
	}
}

/* As on a terminal, with a backslash before each of its own and those of stops. */
static void esc_quoted(struct smi_buf *b, struct smi_span s, const char *stops)
{
	for (size_t i = 0, n; i < s.len; i += n) {
		struct smi_span rest = smi_span_skip(s, i);
		uint32_t cp;

		n = SMI_MAX(smi_utf8_char(rest, &cp), 1);
		if ((*rest.p && strchr(stops, *rest.p)) ||
		    !smi_utf8_char(rest, &cp) || !printable(cp))
			smi_buf_char(b, '\\');
		smi_esc_term(b, smi_span_head(rest, n));
	}
}

void smi_esc_prom(struct smi_buf *b, struct smi_span s)
{
	esc_quoted(b, s, "\"\\");
}

void smi_esc_syslog(struct smi_buf *b, struct smi_span s)
{
	esc_quoted(b, s, "\"\\]");
}
