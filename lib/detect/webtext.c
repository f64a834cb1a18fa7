/* SPDX-License-Identifier: MIT */
#include "detect/webtext.h"

#include "base/lanes.h"

#define ROUNDS 3

/* What a text has that needs more than copying. */
enum {
	HAS_PERCENT = 1,
	HAS_PLUS = 2,
	HAS_BACKSLASH = 4,
	HAS_AMPERSAND = 8,
	HAS_SPACE = 16, /* more than single ones; NUL, and stars of comments */
	HAS_HIGH = 32
};
static const uint8_t has[256] = {
	['%'] = HAS_PERCENT,	     ['+'] = HAS_PLUS,
	['\\'] = HAS_BACKSLASH,	     ['&'] = HAS_AMPERSAND,
	['*'] = HAS_SPACE,	     [0] = HAS_SPACE,
	['\t' ... '\r'] = HAS_SPACE, [0x80 ... 0xff] = HAS_HIGH,
};

static const uint8_t small[256] = {
#define SAME(c)	  [c] = c
#define SAME4(c)  SAME(c), SAME(c + 1), SAME(c + 2), SAME(c + 3)
#define SAME16(c) SAME4(c), SAME4(c + 4), SAME4(c + 8), SAME4(c + 12)
	SAME16(0x00), SAME16(0x10), SAME16(0x20), SAME16(0x30), SAME(0x40),
	['A'] = 'a',  ['B'] = 'b',  ['C'] = 'c',  ['D'] = 'd',	['E'] = 'e',
	['F'] = 'f',  ['G'] = 'g',  ['H'] = 'h',  ['I'] = 'i',	['J'] = 'j',
	['K'] = 'k',  ['L'] = 'l',  ['M'] = 'm',  ['N'] = 'n',	['O'] = 'o',
	['P'] = 'p',  ['Q'] = 'q',  ['R'] = 'r',  ['S'] = 's',	['T'] = 't',
	['U'] = 'u',  ['V'] = 'v',  ['W'] = 'w',  ['X'] = 'x',	['Y'] = 'y',
	['Z'] = 'z',  SAME(0x5b),   SAME4(0x5c),  SAME16(0x60), SAME16(0x70),
	SAME16(0x80), SAME16(0x90), SAME16(0xa0), SAME16(0xb0), SAME16(0xc0),
	SAME16(0xd0), SAME16(0xe0), SAME16(0xf0),
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n hexadecimal digits; -1 where they are not. */
static int32_t hexes(const char *p, const char *end, int n)
{
	int32_t v = 0;

	if (end - p < n)
		return -1;
	while (n--) {
		int d = hex(*p++);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* A character that stands for an ASCII one where servers or browsers take it for
 * that; 0: it has no width and goes; cp itself: neither. */
static uint32_t plain_form(uint32_t cp)
{
	static const struct {
		uint16_t from, to;
		uint8_t is;
	} forms[] = {
		{ 0xa0, 0xa0, ' ' },	  { 0xad, 0xad, 0 },
		{ 0x2bc, 0x2bc, '\'' },	  { 0x2000, 0x200a, ' ' },
		{ 0x200b, 0x200d, 0 },	  { 0x2024, 0x2024, '.' },
		{ 0x2028, 0x2029, '\n' }, { 0x2032, 0x2032, '\'' },
		{ 0x2044, 0x2044, '/' },  { 0x2215, 0x2215, '/' },
		{ 0x2216, 0x2216, '\\' }, { 0x3000, 0x3000, ' ' },
		{ 0xfeff, 0xfeff, 0 },
	};

	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xfee0;
	for (size_t i = 0; i < SMI_COUNT(forms); i++)
		if (cp >= forms[i].from && cp <= forms[i].to)
			return forms[i].is;
	return cp;
}

/* A code point as UTF-8; at most 3 bytes, and none of a surrogate's worth. */
static char *put(char *out, uint32_t cp)
{
	cp = cp < 0x80 ? cp : plain_form(cp);
	if (cp < 0x80) {
		*out++ = (char)small[cp];
	} else if (cp < 0x800) {
		*out++ = (char)(0xc0 | cp >> 6);
		*out++ = (char)(0x80 | (cp & 0x3f));
	} else {
		*out++ = (char)(0xe0 | (cp >> 12 & 0xf));
		*out++ = (char)(0x80 | (cp >> 6 & 0x3f));
		*out++ = (char)(0x80 | (cp & 0x3f));
	}
	return out;
}

static unsigned also_has(unsigned char c, unsigned char last)
{
	return has[c] | (c == ' ' && last == ' ' ? HAS_SPACE : 0u);
}

static unsigned what_has(const char *p, const char *end)
{
	unsigned char last = 0;
	unsigned flags = 0;

	while (p < end) {
		unsigned char c = (unsigned char)*p++;

		flags |= also_has(c, last);
		last = c;
	}
	return flags;
}

/* What a byte and those behind it stand for in the log, and how many they are. */
static size_t read_logged(const char *p, const char *end, bool plus,
			  unsigned char *c)
{
	int32_t v;

	*c = (unsigned char)*p;
	if (*p == '+' && plus) {
		*c = ' ';
		return 1;
	}
	if (end - p < 2)
		return 1;
	if (*p == '%') {
		v = hexes(p + 1, end, 2);
		*c = v < 0 ? '%' : (unsigned char)v;
		return v < 0 ? 1 : 3;
	}
	if (*p != '\\')
		return 1;
	v = p[1] == 'x' ? hexes(p + 2, end, 2) : -1;
	if (v >= 0) {
		*c = (unsigned char)v;
		return 4;
	}
	if (p[1] != '"' && p[1] != '\\')
		return 1;
	*c = (unsigned char)p[1];
	return 2;
}

/* Bytes that need more than copying in some texts only. */
struct also {
	uint8_t plus, ampersand; /* or '%' where they do not */
};

/* No entity is in a text without a semicolon. */
static struct also what_also(struct smi_span raw, bool plus)
{
	return (struct also){
		.plus = plus ? '+' : '%',
		.ampersand = raw.len && memchr(raw.p, ';', raw.len) ? '&' : '%',
	};
}

/* The lanes in which v has a byte that needs more than copying; the bytes before
 * them are last. */
static smi_lanes is_special(smi_lanes v, smi_lanes last, struct also also)
{
	smi_lanes odd = (smi_lanes)(v < 32) | (smi_lanes)(v > 126);

	odd |= (smi_lanes)(v == '%') | (smi_lanes)(v == '\\') |
	       (smi_lanes)(v == also.ampersand);
	odd |= (smi_lanes)(v == '*') |
	       ((smi_lanes)(v == ' ') & (smi_lanes)(last == ' '));
	return odd | (smi_lanes)(v == also.plus);
}

static bool copy_lanes(const char *p, smi_lanes last, struct also also,
		       char *out)
{
	smi_lanes v = smi_lanes_load(p);
	smi_lanes capital = (smi_lanes)((smi_lanes)(v - 'A') < 26) & 32;

	v |= capital;
	memcpy(out, &v, SMI_LANES);
	return !smi_lanes_any(is_special(v, last, also));
}

static smi_lanes lanes_before(const char *begin, const char *p,
			      unsigned char last)
{
	smi_lanes v = { 0 };

	if (p > begin)
		v = smi_lanes_load(p - 1);
	else
		memcpy((char *)&v + 1, p, SMI_LANES - 1);
	v[0] = last;
	return v;
}

/* Out of the log's escapes and once out of percent codes, into small letters; byte
 * by byte where that is more than copying. */
static size_t read_once(struct smi_span raw, bool plus, char *out,
			unsigned *flags)
{
	const char *p = raw.p, *end = raw.p + raw.len;
	struct also also = { plus ? '+' : '%', '&' };
	unsigned char last = 0;
	char *o = out;

	while (p < end) {
		const char *stop = p + SMI_MIN(end - p, SMI_LANES);

		if (stop - p == SMI_LANES &&
		    copy_lanes(p, lanes_before(raw.p, p, last), also, o)) {
			p = stop;
			o += SMI_LANES;
			last = (unsigned char)o[-1];
			continue;
		}
		while (p < stop) {
			unsigned char c = (unsigned char)*p;

			if (has[c] & (HAS_PERCENT | HAS_PLUS | HAS_BACKSLASH))
				p += read_logged(p, end, plus, &c);
			else
				p++;
			*flags |= also_has(c, last);
			last = c;
			*o++ = (char)small[c];
		}
	}
	return (size_t)(o - out);
}

/* Copies what needs no more than small letters, which is all of most texts: how
 * many bytes, in whole lanes where not all. */
static size_t copy_plain(struct smi_span raw, bool plus, char *out)
{
	struct also also = what_also(raw, plus);
	unsigned odd = ~((plus ? 0 : HAS_PLUS) |
			 (also.ampersand == '&' ? 0 : (unsigned)HAS_AMPERSAND));
	size_t i = 0;
	char last;

	if (raw.len >= SMI_LANES) {
		if (!copy_lanes(raw.p, lanes_before(raw.p, raw.p, 0), also,
				out))
			return 0;
		for (i = SMI_LANES; raw.len - i >= SMI_LANES; i += SMI_LANES)
			if (!copy_lanes(raw.p + i,
					smi_lanes_load(raw.p + i - 1), also,
					out + i))
				return i;
	}
	last = i ? raw.p[i - 1] : 0;
	for (size_t k = i; k < raw.len; k++) {
		unsigned char c = (unsigned char)raw.p[k];

		if (c < 32 || (has[c] & odd) || (c == ' ' && last == ' '))
			return i;
		last = (char)c;
		out[k] = (char)small[c];
	}
	return raw.len;
}

static size_t decode_percent(char *text, size_t len)
{
	const char *p = text, *end = text + len;
	char *o = text;

	while (p < end) {
		int32_t v;

		if (*p != '%') {
			*o++ = *p++;
		} else if ((v = hexes(p + 1, end, 2)) >= 0) {
			*o++ = (char)small[v];
			p += 3;
		} else if (end - p > 1 && p[1] == 'u' &&
			   (v = hexes(p + 2, end, 4)) >= 0) {
			o = put(o, (uint32_t)v);
			p += 6;
		} else {
			*o++ = *p++;
		}
	}
	return (size_t)(o - text);
}

/* The entity behind "&": its length with the ";", 0 where there is none. */
static size_t read_entity(const char *p, const char *end, uint32_t *cp)
{
	static const struct {
		const char *name;
		char is;
	} names[] = {
		{ "amp", '&' },	     { "apos", '\'' }, { "bsol", '\\' },
		{ "colon", ':' },    { "comma", ',' }, { "dollar", '$' },
		{ "equals", '=' },   { "excl", '!' },  { "grave", '`' },
		{ "gt", '>' },	     { "lcub", '{' },  { "lpar", '(' },
		{ "lsqb", '[' },     { "lt", '<' },    { "nbsp", ' ' },
		{ "newline", '\n' }, { "num", '#' },   { "period", '.' },
		{ "quot", '"' },     { "rcub", '}' },  { "rpar", ')' },
		{ "rsqb", ']' },     { "semi", ';' },  { "sol", '/' },
		{ "tab", '\t' },
	};
	struct smi_span s =
		smi_span_head(smi_span_of(p, (size_t)(end - p)), 12);
	size_t n = smi_span_find(s, ';');
	bool base16;

	if (n == s.len || n < 2)
		return 0;
	s.len = n;
	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		if (smi_span_eq_str(s, names[i].name)) {
			*cp = (uint32_t)names[i].is;
			return n + 1;
		}
	}
	if (s.p[0] != '#')
		return 0;
	base16 = s.p[1] == 'x';
	*cp = 0;
	for (size_t i = base16 ? 2 : 1; i < n; i++) {
		int d = hex(s.p[i]);

		if (d < 0 || (!base16 && d > 9))
			return 0;
		*cp = SMI_MIN(*cp * (base16 ? 16 : 10) + (uint32_t)d, 0x10000);
	}
	/* So that what is written is no longer than what was read. */
	return *cp < 0x10000 && n > 2 ? n + 1 : 0;
}

/* \xHH, \uHHHH and entities. */
static size_t decode_escapes(char *text, size_t len)
{
	const char *p = text, *end = text + len;
	char *o = text;

	while (p < end) {
		uint32_t cp;
		size_t n;
		int32_t v = -1;

		if (*p == '\\' && end - p > 3) {
			int digits = p[1] == 'u' ? 4 : p[1] == 'x' ? 2 : 0;

			if (digits)
				v = hexes(p + 2, end, digits);
			if (v >= 0) {
				o = put(o, (uint32_t)v);
				p += 2 + digits;
				continue;
			}
		} else if (*p == '&') {
			n = read_entity(p + 1, end, &cp);
			if (n) {
				o = put(o, cp);
				p += 1 + n;
				continue;
			}
		}
		*o++ = *p++;
	}
	return (size_t)(o - text);
}

static bool is_tail(const char *p, const char *end)
{
	return p < end && ((unsigned char)*p & 0xc0) == 0x80;
}

/* A sequence of UTF-8, also an overlong one, which strict decoders refuse and lax
 * servers take. 0: none. */
static size_t read_lax(const char *p, const char *end, uint32_t *cp)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;

	if (!n || c >= 0xf8)
		return 0;
	*cp = c & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (!is_tail(p + i, end))
			return 0;
		*cp = *cp << 6 | ((unsigned char)p[i] & 0x3f);
	}
	return n;
}

static size_t fold_characters(char *text, size_t len)
{
	const char *p = text, *end = text + len;
	char *o = text;

	while (p < end) {
		uint32_t cp;
		size_t n = (unsigned char)*p < 0x80 ? 0 : read_lax(p, end, &cp);

		if (!n) {
			*o++ = *p++;
		} else if (cp < 0x10000 && plain_form(cp) < 0x80) {
			o = put(o, cp);
			p += n;
		} else {
			memmove(o, p, n);
			o += n;
			p += n;
		}
	}
	return (size_t)(o - text);
}

/* Comments of SQL: their inside is no text, but that of a conditional one is. */
struct comments {
	bool conditional; /* one is open */
	bool unclosed;	  /* no other one ends */
};

/* The bytes of a comment, or of one end of it; 0: none is here. */
static size_t read_comment(struct comments *c, const char *p, const char *end)
{
	const char *q;
	size_t n = 3;

	if (c->conditional && end - p > 1 && p[0] == '*' && p[1] == '/') {
		c->conditional = false;
		return 2;
	}
	if (c->unclosed || end - p < 4 || p[0] != '/' || p[1] != '*')
		return 0;
	q = memmem(p + 2, (size_t)(end - p) - 2, "*/", 2);
	c->unclosed = !q;
	if (!q)
		return 0;
	if (p[2] != '!')
		return (size_t)(q - p) + 2;
	c->conditional = true;
	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

static size_t fold_spaces(char *text, size_t len)
{
	struct comments c = { 0 };
	const char *p = text, *end = text + len;
	char *o = text, space = 0;

	while (p < end) {
		size_t n =
			*p == '/' || *p == '*' ? read_comment(&c, p, end) : 0;

		if (*p == '\n' || *p == '\r') {
			space = '\n';
			p++;
		} else if (*p == ' ' || (*p >= '\t' && *p <= '\r') || n) {
			space = space ? space : ' ';
			p += n ? n : 1;
		} else if (*p == '\0') {
			p++;
		} else {
			if (space)
				*o++ = space;
			space = 0;
			*o++ = *p++;
		}
	}
	if (space)
		*o++ = space;
	return (size_t)(o - text);
}

size_t smi_webtext_fold(struct smi_span raw, bool plus, char *out)
{
	size_t len = copy_plain(raw, plus, out);
	unsigned flags;

	if (len == raw.len)
		return len;
	/* What was copied may end with a space, and has what a semicolon makes
	 * an entity. */
	flags = len && out[len - 1] == ' ' ? HAS_SPACE : 0;
	flags |= len && memchr(out, '&', len) ? HAS_AMPERSAND : 0;
	len += read_once(smi_span_skip(raw, len), plus, out + len, &flags);
	for (int i = 1; i < ROUNDS && (flags & HAS_PERCENT); i++) {
		size_t before = len;

		len = decode_percent(out, len);
		flags |= what_has(out, out + len);
		if (len == before)
			break;
	}
	if (flags & HAS_BACKSLASH ||
	    (flags & HAS_AMPERSAND && memchr(out, ';', len))) {
		len = decode_escapes(out, len);
		flags = what_has(out, out + len);
	}
	if (flags & HAS_HIGH) {
		len = fold_characters(out, len);
		flags = what_has(out, out + len);
	}
	if (flags & HAS_SPACE)
		len = fold_spaces(out, len);
	return len;
}

static struct smi_span fold_at(struct smi_buf *room, struct smi_span raw,
			       bool plus)
{
	char *out = room->p + room->len;
	size_t n = smi_webtext_fold(raw, plus, out);

	room->len += n;
	return smi_span_of(out, n);
}

bool smi_webtext_read(struct smi_webtext *t, const struct smi_web *web,
		      struct smi_buf *room)
{
	size_t question = smi_span_find(web->url, '?');
	struct smi_span *of = t->of;
	const char *start;

	smi_buf_clear(room);
	if (!smi_buf_reserve(room, web->url.len + web->referer.len +
					   web->agent.len + web->user.len + 1))
		return false;
	start = room->p;
	of[SMI_SUBJECT_PATH] =
		fold_at(room, smi_span_head(web->url, question), false);
	of[SMI_SUBJECT_QUERY] = smi_span_of(room->p + room->len, 0);
	if (question < web->url.len) {
		room->p[room->len++] = '?';
		of[SMI_SUBJECT_QUERY] = fold_at(
			room, smi_span_skip(web->url, question + 1), true);
	}
	of[SMI_SUBJECT_URL] = smi_span_of(start, room->len);
	of[SMI_SUBJECT_REFERER] = fold_at(room, web->referer, true);
	of[SMI_SUBJECT_AGENT] = fold_at(room, web->agent, false);
	of[SMI_SUBJECT_USER] = fold_at(room, web->user, false);
	return true;
}

/* No secret is in it: who makes two texts meet has both looked at. */
static size_t slot_of(struct smi_span text)
{
	uint64_t h = text.len, w;
	const char *p = text.p;
	size_t len = text.len;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (w = 0; len; len--)
		w = w << 8 | (unsigned char)*p++;
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return (h >> 32) % SMI_SEEN_SLOTS;
}

bool smi_webseen_has(const struct smi_webseen *s, struct smi_span text)
{
	size_t i;

	if (!text.len || text.len > SMI_SEEN_MAX)
		return false;
	i = slot_of(text);
	return s->slots[i].len == text.len &&
	       memcmp(s->slots[i].text, text.p, text.len) == 0;
}

void smi_webseen_add(struct smi_webseen *s, struct smi_span text)
{
	size_t i;

	if (!text.len || text.len > SMI_SEEN_MAX)
		return;
	i = slot_of(text);
	s->slots[i].len = (uint16_t)text.len;
	memcpy(s->slots[i].text, text.p, text.len);
}
