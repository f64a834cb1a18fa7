/* SPDX-License-Identifier: MIT */
#include "detect/regex.h"

/* The run of plain characters that is being read. */
struct run {
	char text[SMI_REGEX_LITERAL];
	size_t len;
};

static void keep_longest(struct smi_regex *re, struct run *run)
{
	if (run->len > re->literal_len) {
		memcpy(re->literal, run->text, run->len);
		re->literal_len = (uint8_t)run->len;
	}
	run->len = 0;
}

static void add(struct smi_regex *re, struct run *run, char c)
{
	if (run->len == sizeof(run->text))
		keep_longest(re, run);
	run->text[run->len++] = c;
}

/* Behind the class that begins at i. */
static size_t skip_class(struct smi_span p, size_t i)
{
	i++;
	if (i < p.len && p.p[i] == '^')
		i++;
	if (i < p.len && p.p[i] == ']')
		i++;
	while (i < p.len && p.p[i] != ']') {
		if (p.p[i] == '\\' || p.p[i] == '[')
			i++;
		i++;
	}
	return i + 1;
}

/* Behind the group that begins at i. */
static size_t skip_group(struct smi_span p, size_t i)
{
	size_t depth = 0;

	while (i < p.len) {
		if (p.p[i] == '[') {
			i = skip_class(p, i);
			continue;
		}
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '(')
			depth++;
		else if (p.p[i] == ')' && --depth == 0)
			return i + 1;
		i++;
	}
	return i;
}

/* What this reader does not know well enough: verbs, comments, quoting, classes
 * by name, escapes with an argument, branches outside of any group. */
static bool is_odd(struct smi_span p)
{
	static const char *const odd[] = { "(*",  "(?#", "[:",	"[.",  "[=",
					   "\\Q", "\\k", "\\g", "\\p", "\\P",
					   "\\x", "\\o", "\\N", "\\c", "\\u" };

	for (size_t i = 0; i < p.len; i++)
		for (size_t k = 0; k < SMI_COUNT(odd); k++)
			if (smi_span_starts(smi_span_skip(p, i),
					    smi_span_str(odd[k])))
				return true;
	for (size_t i = 0; i < p.len;) {
		if (p.p[i] == '|')
			return true;
		if (p.p[i] == '(')
			i = skip_group(p, i);
		else if (p.p[i] == '[')
			i = skip_class(p, i);
		else
			i += p.p[i] == '\\' ? 2 : 1;
	}
	return false;
}

/* Behind the "{2,3}" that begins at i, or behind its brace when it is none. */
static size_t skip_count(struct smi_span p, size_t i)
{
	size_t end = i + 1;

	while (end < p.len &&
	       ((p.p[end] >= '0' && p.p[end] <= '9') || p.p[end] == ','))
		end++;
	return end < p.len && p.p[end] == '}' ? end + 1 : i + 1;
}

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Behind the element of the pattern at i, which ends or continues the run. */
static size_t read_one(struct smi_span p, size_t i, struct smi_regex *re,
		       struct run *run)
{
	char c = p.p[i];

	if (c == '?' || c == '*' || c == '{') {
		/* What it repeats may be missing. */
		run->len -= run->len > 0;
		keep_longest(re, run);
		return c == '{' ? skip_count(p, i) : i + 1;
	}
	if (c == '\\' && i + 1 < p.len && !is_letter_or_digit(p.p[i + 1])) {
		add(re, run, p.p[i + 1]);
		return i + 2;
	}
	if (c != '\\' && c != '(' && c != '[' && !strchr(".^$+", c)) {
		add(re, run, c);
		return i + 1;
	}
	keep_longest(re, run);
	if (c == '(')
		return skip_group(p, i);
	if (c == '[')
		return skip_class(p, i);
	/* The letters and digits behind an escape may belong to it. */
	if (c == '\\')
		for (i++; i + 1 < p.len && is_letter_or_digit(p.p[i + 1]);)
			i++;
	return i + 1;
}

/* How common bytes are in logs, roughly: the first are the most common. */
static unsigned rarity(char c)
{
	static const char common[] = " e0123ison4567r89at[]:d.cupm-lfhv=/";
	const char *at = c ? strchr(common, c) : NULL;

	return at ? (unsigned)(at - common) : SMI_COUNT(common);
}

void smi_regex_find_literal(struct smi_span pattern, struct smi_regex *re)
{
	struct run run = { .len = 0 };

	re->literal_len = 0;
	if (is_odd(pattern))
		return;
	for (size_t i = 0; i < pattern.len;)
		i = read_one(pattern, i, re, &run);
	keep_longest(re, &run);
	re->rarest = 0;
	for (uint8_t i = 1; i < re->literal_len; i++)
		if (rarity(re->literal[i]) > rarity(re->literal[re->rarest]))
			re->rarest = i;
}

bool smi_regex_has_literal(const struct smi_regex *re, struct smi_span subject)
{
	const char *p = subject.p, *end;

	if (subject.len < re->literal_len)
		return false;
	p += re->rarest;
	end = subject.p + subject.len - (re->literal_len - re->rarest) + 1;
	while (p < end) {
		p = memchr(p, re->literal[re->rarest], (size_t)(end - p));
		if (!p)
			return false;
		if (memcmp(p - re->rarest, re->literal, re->literal_len) == 0)
			return true;
		p++;
	}
	return false;
}
