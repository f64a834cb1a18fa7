/* SPDX-License-Identifier: MIT */
#include "detect/keyword.h"

#include "base/lanes.h"

static const struct smi_span words[] = {
	{ "denied", 6 },	{ "error", 5 },		{ "errors", 6 },
	{ "failed", 6 },	{ "failure", 7 },	{ "failures", 8 },
	{ "fatal", 5 },		{ "forbidden", 9 },	{ "illegal", 7 },
	{ "invalid", 7 },	{ "refused", 7 },	{ "rejected", 8 },
	{ "unauthorised", 12 }, { "unauthorized", 12 }, { "violation", 9 },
};
#define SHORTEST 5
#define KEY	 4 /* the bytes that tell whether one may begin here */

/* Where a word of the list may begin, by its second to fourth letter in any case. */
static smi_lanes may_begin(const unsigned char *p)
{
	smi_lanes b = smi_lanes_load(p + 1) | 32;
	smi_lanes c = smi_lanes_load(p + 2) | 32;
	smi_lanes d = smi_lanes_load(p + 3) | 32;
#define IS(v, letter) ((smi_lanes)((v) == (letter)))

	return (IS(b, 'a') &
		((IS(c, 'i') & IS(d, 'l')) | (IS(c, 't') & IS(d, 'a')))) |
	       (IS(b, 'e') &
		((IS(c, 'n') & IS(d, 'i')) | (IS(c, 'f') & IS(d, 'u')) |
		 (IS(c, 'j') & IS(d, 'e')))) |
	       (IS(b, 'n') &
		((IS(c, 'v') & IS(d, 'a')) | (IS(c, 'a') & IS(d, 'u')))) |
	       (IS(b, 'r') & IS(c, 'r') & IS(d, 'o')) |
	       (IS(b, 'o') & IS(c, 'r') & IS(d, 'b')) |
	       (IS(b, 'l') & IS(c, 'l') & IS(d, 'e')) |
	       (IS(b, 'i') & IS(c, 'o') & IS(d, 'l'));
#undef IS
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

/* From at on, where the lanes say that one may begin. */
static bool find_in(smi_lanes may, struct smi_span text, size_t at,
		    struct smi_span *word)
{
	if (!smi_lanes_any(may))
		return false;
	for (size_t k = 0; k < SMI_LANES && at + k + SHORTEST <= text.len; k++)
		if (may[k] && find_at(text, at + k, word))
			return true;
	return false;
}

bool smi_keywords_find(struct smi_span text, struct smi_span *word)
{
	const unsigned char *p = (const unsigned char *)text.p;
	unsigned char last[SMI_LANES + KEY] = { 0 };
	size_t i;

	for (i = 0; text.len - i >= SMI_LANES + KEY; i += SMI_LANES)
		if (find_in(may_begin(p + i), text, i, word))
			return true;
	if (text.len - i < SHORTEST)
		return false;
	memcpy(last, p + i, text.len - i);
	return find_in(may_begin(last), text, i, word);
}
