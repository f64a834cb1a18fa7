/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

void smi_json_init(struct smi_json *j, struct smi_span text)
{
	*j = (struct smi_json){ .p = text.p, .end = text.p + text.len };
}

static bool fail(struct smi_json *j)
{
	j->failed = true;
	j->p = j->end;
	return false;
}

static void skip_space(struct smi_json *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' ||
				 *j->p == '\r' || *j->p == '\n'))
		j->p++;
}

static bool is_next(struct smi_json *j, char c)
{
	skip_space(j);
	if (j->p == j->end || *j->p != c)
		return false;
	j->p++;
	return true;
}

/* Is one of the 8 bytes a quote or a backslash? */
static bool has_special(uint64_t w)
{
	uint64_t quote = w ^ (ONES * '"'), slash = w ^ (ONES * '\\');

	return (((quote - ONES) & ~quote) | ((slash - ONES) & ~slash)) & HIGHS;
}

/* The text up to the quote that ends it; p is behind the one that began it. */
static bool string(struct smi_json *j, struct smi_json_value *out)
{
	const char *start = j->p, *p = start;

	out->escaped = false;
	for (;;) {
		uint64_t w;

		while (j->end - p >= 8) {
			memcpy(&w, p, 8);
			if (has_special(w))
				break;
			p += 8;
		}
		while (p < j->end && *p != '"' && *p != '\\')
			p++;
		if (j->end - p < 1 + (p < j->end && *p == '\\'))
			return fail(j);
		if (*p == '"')
			break;
		out->escaped = true;
		p += 2;
	}
	out->type = SMI_JSON_STRING;
	out->text = smi_span_of(start, (size_t)(p - start));
	j->p = p + 1;
	return true;
}

enum smi_json_type smi_json_peek(struct smi_json *j)
{
	skip_space(j);
	if (j->p == j->end)
		return SMI_JSON_NONE;
	switch (*j->p) {
	case '"':
		return SMI_JSON_STRING;
	case '{':
		return SMI_JSON_OBJECT;
	case '[':
		return SMI_JSON_ARRAY;
	case 't':
	case 'f':
	case 'n':
		return SMI_JSON_WORD;
	case '-':
	case '0' ... '9':
		return SMI_JSON_NUMBER;
	default:
		return SMI_JSON_NONE;
	}
}

bool smi_json_open(struct smi_json *j, char bracket)
{
	if (!is_next(j, bracket))
		return fail(j);
	j->first = true;
	return true;
}

/* Is there another one before the bracket? */
static bool more(struct smi_json *j, char bracket)
{
	bool first = j->first;

	j->first = false;
	if (j->failed || is_next(j, bracket))
		return false;
	return first || is_next(j, ',') || fail(j);
}

bool smi_json_member(struct smi_json *j, struct smi_span *key)
{
	struct smi_json_value v;

	if (!more(j, '}'))
		return false;
	if (!is_next(j, '"') || !string(j, &v) || !is_next(j, ':'))
		return fail(j);
	*key = v.text;
	return true;
}

bool smi_json_element(struct smi_json *j)
{
	return more(j, ']');
}

/* What a number or a word may be made of: no more is looked at. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '+' || c == '.' || c == 'E';
}

bool smi_json_value(struct smi_json *j, struct smi_json_value *out)
{
	const char *start;

	out->type = smi_json_peek(j);
	out->escaped = false;
	if (out->type == SMI_JSON_STRING) {
		j->p++;
		return string(j, out);
	}
	if (out->type != SMI_JSON_NUMBER && out->type != SMI_JSON_WORD)
		return fail(j);
	start = j->p;
	while (j->p < j->end && is_plain(*j->p))
		j->p++;
	out->text = smi_span_of(start, (size_t)(j->p - start));
	return out->type == SMI_JSON_NUMBER ||
	       smi_span_eq_str(out->text, "true") ||
	       smi_span_eq_str(out->text, "false") ||
	       smi_span_eq_str(out->text, "null") || fail(j);
}

/* From behind an opening bracket to behind the one that closes it. */
static bool skip_nested(struct smi_json *j, char bracket)
{
	struct smi_json_value v;
	uint64_t objects =
		bracket == '{'; /* of each level, the lowest bit last */
	unsigned depth = 1;

	while (j->p < j->end) {
		char c = *j->p++;

		if (c == '"') {
			if (!string(j, &v))
				return false;
		} else if (c == '{' || c == '[') {
			if (++depth > 64)
				return fail(j);
			objects = objects << 1 | (c == '{');
		} else if (c == '}' || c == ']') {
			if ((objects & 1) != (c == '}'))
				return fail(j);
			objects >>= 1;
			if (!--depth)
				return true;
		}
	}
	return fail(j);
}

bool smi_json_skip(struct smi_json *j)
{
	enum smi_json_type type = smi_json_peek(j);
	struct smi_json_value v;

	if (type != SMI_JSON_OBJECT && type != SMI_JSON_ARRAY)
		return smi_json_value(j, &v);
	return skip_nested(j, *j->p++);
}

bool smi_json_done(struct smi_json *j)
{
	skip_space(j);
	return !j->failed && j->p == j->end;
}

static int hex(struct smi_span s)
{
	int v = 0;

	if (s.len < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s.p[i] | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return v;
}

static void add_char(struct smi_buf *b, uint32_t c)
{
	if (c < 0x80) {
		smi_buf_char(b, (char)c);
	} else if (c < 0x800) {
		smi_buf_char(b, (char)(0xc0 | c >> 6));
		smi_buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		if (c < 0x10000) {
			smi_buf_char(b, (char)(0xe0 | c >> 12));
		} else {
			smi_buf_char(b, (char)(0xf0 | c >> 18));
			smi_buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		smi_buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		smi_buf_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* s begins behind "\u": how many bytes of it were used. */
static size_t add_unicode(struct smi_buf *b, struct smi_span s)
{
	int high = hex(s), low = -1;

	if (high < 0) {
		smi_buf_str(b, "\\u");
		return 0;
	}
	if (high < 0xd800 || high > 0xdfff) {
		add_char(b, (uint32_t)high);
		return 4;
	}
	if (high < 0xdc00 && s.len >= 10 && s.p[4] == '\\' && s.p[5] == 'u')
		low = hex(smi_span_skip(s, 6));
	if (low < 0xdc00 || low > 0xdfff) {
		add_char(b, 0xfffd);
		return 4;
	}
	add_char(b, 0x10000 + ((uint32_t)(high - 0xd800) << 10) +
			    (uint32_t)(low - 0xdc00));
	return 10;
}

void smi_json_unescape(struct smi_buf *b, struct smi_span s)
{
	static const char plain[256] = {
		['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
		['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
	};

	for (;;) {
		size_t n = smi_span_find(s, '\\');
		char c;

		smi_buf_add(b, s.p, n);
		s = smi_span_skip(s, n);
		if (s.len < 2) {
			smi_buf_span_add(b, s);
			return;
		}
		c = s.p[1];
		if (c == 'u') {
			s = smi_span_skip(s, 2);
			s = smi_span_skip(s, add_unicode(b, s));
			continue;
		}
		if (plain[(unsigned char)c])
			smi_buf_char(b, plain[(unsigned char)c]);
		else
			smi_buf_add(b, s.p, 2);
		s = smi_span_skip(s, 2);
	}
}
