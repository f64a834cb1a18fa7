/* SPDX-License-Identifier: MIT */
#include "detect/keyword.h"

static const struct smi_span words[] = {
	{ "denied", 6 },	{ "error", 5 },		{ "errors", 6 },
	{ "failed", 6 },	{ "failure", 7 },	{ "failures", 8 },
	{ "fatal", 5 },		{ "forbidden", 9 },	{ "illegal", 7 },
	{ "invalid", 7 },	{ "refused", 7 },	{ "rejected", 8 },
	{ "unauthorised", 12 }, { "unauthorized", 12 }, { "violation", 9 },
};
#define SHORTEST 5

/* Letters alike in both cases; other bytes share their blocks, and are told
 * apart where a word is compared. */
static unsigned block(const unsigned char *p)
{
	return (unsigned)(p[0] & 31) << 5 | (p[1] & 31);
}

void smi_keywords_init(struct smi_keywords *k)
{
	memset(k->shift, SHORTEST - 1, sizeof(k->shift));
	for (size_t w = 0; w < SMI_COUNT(words); w++) {
		const unsigned char *p = (const unsigned char *)words[w].p;

		for (unsigned i = 0; i + 1 < SHORTEST; i++) {
			uint8_t *s = &k->shift[block(p + i)];

			*s = (uint8_t)SMI_MIN(*s, SHORTEST - 2 - i);
		}
	}
}

static bool is_word_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       c == '_' || c >= 0x80;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* What stands around it up to the next spaces has no = and no slash. */
static bool is_free(struct smi_span text, size_t at, size_t end)
{
	while (at > 0 && !is_space(text.p[at - 1]))
		at--;
	while (end < text.len && !is_space(text.p[end]))
		end++;
	for (; at < end; at++)
		if (text.p[at] == '=' || text.p[at] == '/' ||
		    text.p[at] == '\\')
			return false;
	return true;
}

static bool is_none(struct smi_span token)
{
	static const struct smi_span none[] = { { "no", 2 },
						{ "zero", 4 },
						{ "without", 7 } };

	for (size_t i = 0; i < SMI_COUNT(none); i++)
		if (smi_span_eq_nocase(token, none[i]))
			return true;
	return token.len == 1 && token.p[0] == '0';
}

/* "0 failed", "no errors", "(0 errors)". */
static bool zero_before(struct smi_span text, size_t at)
{
	size_t end = at, start;

	while (end > 0 && is_space(text.p[end - 1]))
		end--;
	if (end == at)
		return false;
	start = end;
	while (start > 0 && is_word_char((unsigned char)text.p[start - 1]))
		start--;
	/* 10.0 errors are no zero errors; 1,0 neither. */
	if (start > 0 && (text.p[start - 1] == '.' ||
			  text.p[start - 1] == ',' || text.p[start - 1] == '-'))
		return false;
	return is_none(smi_span_of(text.p + start, end - start));
}

/* "errors: 0". */
static bool zero_behind(struct smi_span text, size_t end)
{
	if (end == text.len || text.p[end] != ':')
		return false;
	end++;
	while (end < text.len && is_space(text.p[end]))
		end++;
	if (end == text.len || text.p[end] != '0')
		return false;
	end++;
	return end == text.len || (!is_word_char((unsigned char)text.p[end]) &&
				   (text.p[end] != '.' || end + 1 == text.len ||
				    is_space(text.p[end + 1])));
}

static bool counts(struct smi_span text, size_t at, size_t len)
{
	size_t end = at + len;

	if (at > 0 && is_word_char((unsigned char)text.p[at - 1]))
		return false;
	if (end < text.len && is_word_char((unsigned char)text.p[end]))
		return false;
	return is_free(text, at, end) && !zero_before(text, at) &&
	       !zero_behind(text, end);
}

/* A word of the list begins at this place. */
static bool find_at(struct smi_span text, size_t at, struct smi_span *word)
{
	for (size_t w = 0; w < SMI_COUNT(words); w++) {
		struct smi_span s = words[w];

		if (text.len - at < s.len || (text.p[at] | 32) != s.p[0])
			continue;
		if (smi_span_eq_nocase(smi_span_of(text.p + at, s.len), s) &&
		    counts(text, at, s.len)) {
			*word = smi_span_of(text.p + at, s.len);
			return true;
		}
	}
	return false;
}

bool smi_keywords_find(const struct smi_keywords *k, struct smi_span text,
		       struct smi_span *word)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t i = SHORTEST - 2;

	while (i + 1 < text.len) {
		uint8_t shift = k->shift[block(p + i)];

		if (shift) {
			i += shift;
			continue;
		}
		if (find_at(text, i - (SHORTEST - 2), word))
			return true;
		i++;
	}
	return false;
}
