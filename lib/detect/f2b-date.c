/* SPDX-License-Identifier: MIT */
#include "detect/f2b-date.h"

#include <stdio.h>

#include "base/buf.h"
#include "detect/f2b-regex.h"
#include "detect/ini.h"

#define ZONE_NAME  "[A-Z](?:[A-Z]{2,4})?"
#define ZONE_SHIFT "[+-][01]\\d(?::?\\d{2})?"
#define DAYS	   "mon|tue|wed|thu|fri|sat|sun"
#define MONTHS	   "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"

/* What each %NAME catches. The longer names come first. */
static const struct field {
	const char *name, *regex;
} fields[] = {
	{ "ExY", "(?P<Y>20\\d\\d)" },
	{ "Exy", "(?P<y>\\d\\d)" },
	{ "Exm", "(?P<m>0[1-9]|1[0-2])" },
	{ "Exd", "(?P<d>0[1-9]|[12]\\d|3[01])" },
	{ "ExH", "(?P<H>[01]\\d|2[0-3])" },
	{ "Exk", " ?(?P<H>[01]?\\d|2[0-3])" },
	{ "Exl", " ?(?P<I>1[0-2]|\\d)" },
	{ "ExM", "(?P<M>[0-5]\\d)" },
	{ "ExS", "(?P<S>[0-5]\\d|6[01])" },
	{ "ExZ", "(?P<Z>" ZONE_NAME ")" },
	{ "Exz", "(?P<z>(?:" ZONE_NAME ")?" ZONE_SHIFT "|" ZONE_NAME ")" },
	{ "Y", "(?P<Y>\\d{4})" },
	{ "y", "(?P<y>\\d\\d)" },
	{ "m", "(?P<m>0?[1-9]|1[0-2])" },
	{ "d", "(?P<d>[12]\\d|[0 ]?[1-9]|3[01])" },
	{ "H", "(?P<H>[01]?\\d|2[0-3])" },
	{ "k", " ?(?P<H>[0-2]?\\d)" },
	{ "I", "(?P<I>1[0-2]|0[1-9]|[1-9])" },
	{ "l", " ?(?P<I>1?\\d)" },
	{ "M", "(?P<M>[0-5]?\\d)" },
	{ "S", "(?P<S>[0-5]?\\d|6[01])" },
	{ "f", "(?P<f>\\d{1,6})" },
	{ "p", "(?P<p>am|pm)" },
	{ "j", "(?P<j>36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|"
	       "0[1-9]|[1-9])" },
	{ "a", "(?P<a>" DAYS ")" },
	{ "A", "(?P<A>wednesday|thursday|saturday|tuesday|monday|friday|"
	       "sunday)" },
	{ "b", "(?P<b>" MONTHS ")" },
	{ "B", "(?P<B>september|february|november|december|january|october|"
	       "august|march|april|june|july|may)" },
	{ "w", "(?P<w>[0-6])" },
	{ "z", "(?P<z>Z|UTC|GMT|" ZONE_SHIFT ")" },
	{ "Z", "(?P<Z>Z|[A-Z]{3,5})" },
	{ "%", "%" },
};

static const struct part_name {
	const char *name;
	enum smi_f2b_part part;
} part_names[] = {
	{ "Y", SMI_F2B_YEAR },	      { "y", SMI_F2B_YEAR2 },
	{ "m", SMI_F2B_MONTH },	      { "b", SMI_F2B_MONTH_NAME },
	{ "B", SMI_F2B_MONTH_NAME },  { "d", SMI_F2B_DAY },
	{ "j", SMI_F2B_DAY_OF_YEAR }, { "H", SMI_F2B_HOUR },
	{ "I", SMI_F2B_HOUR12 },      { "p", SMI_F2B_HALF },
	{ "M", SMI_F2B_MINUTE },      { "S", SMI_F2B_SECOND },
	{ "z", SMI_F2B_ZONE },	      { "Z", SMI_F2B_ZONE },
};

/*
 * What fail2ban looks for where a filter has no datepattern; jail.conf(5) names
 * some, its sample logs have them all. {^LN-BEG} alone is those of them that
 * stand at the begin of a line.
 */
static const char *const defaults[] = {
	/* ISO 8601 and its kin */
	"%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T| {1,2})%H:%M:%S(?:[.,]%f)?"
	"(?:\\s*%z)?",
	/* asctime, with or without day and year */
	"(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
	"(?:%a )?%b %d %ExY %k:%M:%S(?:\\.%f)?",
	/* 23/01/2005 21:59:59 */
	"%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S",
	/* web servers, named, roundcube */
	"%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S(?:\\.%f)?(?: %z)?",
	/* CPanel */
	"%m/%d/%ExY:%H:%M:%S",
	"%m-%d-%ExY %k:%M:%S(?:\\.%f)?",
	"EPOCH",
	/* a time of day */
	"{^LN-BEG}%H:%M:%S",
	"^<%m/%d/%Exy@%H:%M:%S>",
	/* MySQL */
	"%Exy%Exm%Exd {1,2}%H:%M:%S",
	/* Tomcat */
	"%b %d, %ExY %I:%M:%S %p",
	/* ASSP */
	"^%b-%d-%Exy %k:%M:%S",
	/* 20050123T215959 */
	"%ExY%Exm%Exd(?:T| {1,2})%ExH%ExM%ExS(?:[.,]%f)?(?:\\s*%z)?",
	/* a zone before it */
	"(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
	"(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
	"TAI64N",
};

enum bound {
	BOUND_NONE,
	BOUND_WORD,
	BOUND_LINE
};

static bool cut_prefix(struct smi_span *s, struct smi_span prefix)
{
	if (!smi_span_starts(*s, prefix))
		return false;
	*s = smi_span_skip(*s, prefix.len);
	return true;
}

static int put_fields(struct smi_buf *out, struct smi_span s, bool *letters,
		      struct smi_regex_error *err)
{
	for (size_t i = 0; i < s.len;) {
		const struct field *f = NULL;

		if (s.p[i] != '%') {
			smi_buf_char(out, s.p[i++]);
			continue;
		}
		for (size_t k = 0; !f && k < SMI_COUNT(fields); k++)
			if (smi_span_starts(smi_span_skip(s, i + 1),
					    smi_span_str(fields[k].name)))
				f = &fields[k];
		if (!f) {
			err->offset = i;
			snprintf(err->text, sizeof(err->text),
				 "a %% without a name of a date's part that is "
				 "supported");
			return -EBADMSG;
		}
		*letters |= strchr("aAbBp", f->name[0]) && !f->name[1];
		smi_buf_str(out, f->regex);
		i += 1 + strlen(f->name);
	}
	return smi_buf_error(out);
}

/* A group without a name. */
static bool has_group(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(' &&
			 (i + 1 == s.len || s.p[i + 1] != '?') &&
			 !(i > 1 && s.p[i - 1] == '?' && s.p[i - 2] == '('))
			return true;
	}
	return false;
}

static size_t count_open(struct smi_span s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] == '(')
		n++;
	return n;
}

/* "**" or the begin of a line stand first: no border is asked for there. */
static bool free_begin(struct smi_span s)
{
	size_t n = count_open(s);
	struct smi_span rest = smi_span_skip(s, n);

	return smi_span_starts(rest, SMI_SPAN("^")) ||
	       smi_span_starts(rest, SMI_SPAN("**")) ||
	       (n && smi_span_starts(rest, SMI_SPAN("?:^")));
}

static struct smi_span without_closing(struct smi_span s)
{
	while (s.len && s.p[s.len - 1] == ')')
		s.len--;
	return s;
}

static bool ends_line(struct smi_span s)
{
	if (smi_span_ends(s, SMI_SPAN(")")))
		s.len--;
	return smi_span_ends(s, SMI_SPAN("$")) &&
	       (s.len < 2 || s.p[s.len - 2] != '\\');
}

static bool free_end(struct smi_span s)
{
	return ends_line(s) || smi_span_ends(s, SMI_SPAN("\\b")) ||
	       smi_span_ends(s, SMI_SPAN("\\s")) ||
	       smi_span_ends(without_closing(s), SMI_SPAN("**"));
}

static bool begins_line(struct smi_span s)
{
	if (cut_prefix(&s, SMI_SPAN("(?:")) || cut_prefix(&s, SMI_SPAN("(")))
		return s.len && s.p[0] == '^' && (s.len < 2 || s.p[1] != '|');
	return smi_span_starts(s, SMI_SPAN("^"));
}

static bool is_anchored(struct smi_span s)
{
	size_t n = s.len - (s.len && s.p[s.len - 1] == ')');

	return begins_line(s) || (ends_line(s) && (n < 2 || s.p[n - 2] != '|'));
}

/* Borders of the date, and a group around it where there is none. */
static void put_bounds(struct smi_buf *out, struct smi_span s, enum bound begin,
		       bool end)
{
	bool open = !has_group(s), stars;
	bool word_begin = begin && !free_begin(s),
	     word_end = end && !free_end(s);
	size_t n = count_open(s), tail;

	if (word_begin)
		smi_buf_str(out, begin == BOUND_LINE ? "^(?:\\W{0,2})?"
						     : "(?=^|\\b|\\W)");
	if (open && cut_prefix(&s, SMI_SPAN("^")))
		smi_buf_char(out, '^');
	if (open)
		smi_buf_char(out, '(');
	n = count_open(s);
	smi_buf_add(out, s.p, n);
	s = smi_span_skip(s, n);
	cut_prefix(&s, SMI_SPAN("**"));
	tail = s.len - without_closing(s).len;
	s.len -= tail;
	stars = smi_span_ends(s, SMI_SPAN("**")) &&
		(s.len < 3 || s.p[s.len - 3] != '\\');
	s.len -= stars ? 2 : 0;
	if (open && !tail && smi_span_ends(s, SMI_SPAN("$")) &&
	    (s.len < 2 || s.p[s.len - 2] != '\\')) {
		smi_buf_add(out, s.p, s.len - 1);
		smi_buf_str(out, ")$");
		open = false;
	} else {
		smi_buf_span_add(out, s);
		smi_buf_fill(out, ')', tail);
	}
	if (open)
		smi_buf_char(out, ')');
	if (word_end)
		smi_buf_str(out, "(?=\\b|\\W|$)");
}

int smi_f2b_date_regex(struct smi_span s, struct smi_buf *out, bool *anchored,
		       struct smi_regex_error *err)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf raw = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf bounded = { 0 };
	enum bound begin = BOUND_WORD;
	bool end = true, letters = false;
	int r;

	if (cut_prefix(&s, SMI_SPAN("{UNB}"))) {
		begin = BOUND_NONE;
		end = false;
	}
	if (begin && cut_prefix(&s, SMI_SPAN("{^LN-BEG}")))
		begin = BOUND_LINE;
	r = put_fields(&raw, smi_ini_strip(s), &letters, err);
	if (r < 0)
		return r;
	put_bounds(&bounded, smi_buf_span(&raw), begin, end);
	if (smi_buf_error(&bounded))
		return -ENOMEM;
	*anchored = is_anchored(smi_buf_span(&bounded));
	if (letters)
		smi_buf_str(out, "(?i)");
	return smi_f2b_translate(smi_buf_span(&bounded), out, err);
}

static const char epoch[] = "\\d{10,11}\\b(?:\\.\\d{3,6})?";
static const char long_epoch[] = "\\d{10,11}(?:\\d{3}(?:\\.\\d{1,6}|\\d{3})?)?";

/* Seconds since 1970: alone, in square brackets, or of the audit log. */
static void put_epoch(struct smi_buf *out, bool line_begin, bool is_long)
{
	const char *digits = is_long ? long_epoch : epoch;

	if (line_begin)
		smi_buf_printf(out,
			       "^(?:\\W{0,2})?((?P<square>(?<=^\\[))?%s)"
			       "(?(square)(?=\\]))",
			       digits);
	else
		smi_buf_printf(out,
			       "((?:^|(?P<square>(?<=^\\[))|"
			       "(?P<audit>(?<=\\baudit\\()))%s)"
			       "(?:(?(audit)(?=:\\d+\\)))|(?(square)(?=\\])))",
			       digits);
	smi_buf_str(out, "(?=\\b|\\W|$)");
}

static void put_tai64n(struct smi_buf *out, bool line_begin)
{
	smi_buf_str(out, line_begin ? "^(?:\\W{0,2})?" : "");
	smi_buf_str(out, "(@[0-9a-f]{24})(?=\\b|\\W|$)");
}

/* Where "{EPOCH}" or "{LEPOCH}" stands in any case; s.len: nowhere. */
static size_t find_word(struct smi_span s, struct smi_span word)
{
	for (size_t i = 0; i + word.len <= s.len; i++)
		if (smi_span_eq_nocase(smi_span_of(s.p + i, word.len), word) &&
		    (i == 0 || s.p[i - 1] != '\\'))
			return i;
	return s.len;
}

/* A regex with "{EPOCH}" in it: all that it takes is cut out. */
static bool put_epoch_within(struct smi_buf *out, struct smi_span s,
			     bool is_long, bool *anchored)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf raw = { 0 };
	struct smi_span word =
		is_long ? SMI_SPAN("{LEPOCH}") : SMI_SPAN("{EPOCH}");
	enum bound begin =
		cut_prefix(&s, SMI_SPAN("{^LN-BEG}")) ? BOUND_LINE : BOUND_WORD;
	size_t at = find_word(s, word);

	if (at == s.len)
		return false;
	smi_buf_char(&raw, '(');
	smi_buf_add(&raw, s.p, at);
	smi_buf_printf(&raw, "(%s)", is_long ? long_epoch : epoch);
	smi_buf_span_add(&raw, smi_span_skip(s, at + word.len));
	smi_buf_char(&raw, ')');
	put_bounds(out, smi_buf_span(&raw), begin, true);
	out->failed |= raw.failed;
	*anchored = is_anchored(smi_buf_span(out));
	return true;
}

/* "NAME", "^NAME", "{^LN-BEG}NAME" in any case. */
static bool is_word_alone(struct smi_span s, const char *name, bool *line_begin)
{
	*line_begin = cut_prefix(&s, SMI_SPAN("^")) ||
		      (s.len > 9 && smi_span_eq_nocase(smi_span_head(s, 9),
						       SMI_SPAN("{^LN-BEG}")));
	if (*line_begin && s.len && s.p[0] == '{')
		s = smi_span_skip(s, 9);
	return smi_span_eq_nocase(s, smi_span_str(name));
}

/* The patterns that are no calendar dates. */
static bool put_special(struct smi_buf *out, struct smi_span s,
			struct smi_f2b_date *d)
{
	bool begin;

	d->epoch_group = 1;
	if (put_epoch_within(out, s, false, &d->anchored) ||
	    put_epoch_within(out, s, true, &d->anchored)) {
		d->kind = find_word(s, SMI_SPAN("{LEPOCH}")) < s.len
				  ? SMI_F2B_LONG_EPOCH
				  : SMI_F2B_EPOCH;
		d->epoch_group = 2;
		return true;
	}
	if (is_word_alone(s, "EPOCH", &begin)) {
		d->kind = SMI_F2B_EPOCH;
		put_epoch(out, begin, false);
	} else if (is_word_alone(s, "LEPOCH", &begin)) {
		d->kind = SMI_F2B_LONG_EPOCH;
		put_epoch(out, begin, true);
	} else if (is_word_alone(s, "TAI64N", &begin)) {
		d->kind = SMI_F2B_TAI64N;
		put_tai64n(out, begin);
	} else {
		return false;
	}
	d->anchored = begin;
	return true;
}

static void find_parts(struct smi_f2b_date *d)
{
	for (size_t i = 0; i < SMI_F2B_NPARTS; i++)
		d->part[i] = -1;
	for (size_t i = 0; i < SMI_COUNT(part_names); i++) {
		int g = smi_regex_group(&d->re, part_names[i].name);

		if (g > 0)
			d->part[part_names[i].part] = (int8_t)g;
	}
}

static bool is_there(const struct smi_f2b_dates *d, struct smi_span pattern)
{
	for (size_t i = 0; i < d->n; i++)
		if (smi_span_eq(d->v[i].pattern, pattern))
			return true;
	return false;
}

static int add_one(struct smi_f2b_dates *d, struct smi_span pattern,
		   unsigned weight, struct smi_arena *a,
		   struct smi_regex_error *err)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf regex = { 0 };
	struct smi_f2b_date one = { .weight = weight };
	char *copy;
	int r = 0;

	if (is_there(d, pattern))
		return 0;
	if (d->n == SMI_F2B_MAX_DATES) {
		err->offset = 0;
		snprintf(err->text, sizeof(err->text), "more than %d patterns",
			 SMI_F2B_MAX_DATES);
		return -EBADMSG;
	}
	copy = smi_arena_strndup(a, pattern.p, pattern.len);
	if (!copy)
		return -ENOMEM;
	one.pattern = smi_span_of(copy, pattern.len);
	if (!put_special(&regex, pattern, &one))
		r = smi_f2b_date_regex(pattern, &regex, &one.anchored, err);
	if (r < 0 || smi_buf_error(&regex))
		return r < 0 ? r : -ENOMEM;
	r = smi_regex_compile_as(smi_buf_span(&regex), SMI_REGEX_PYTHON,
				 &one.re, err);
	if (r < 0)
		return r;
	find_parts(&one);
	d->v[d->n++] = one;
	return 0;
}

static bool is_begin(const char *pattern)
{
	return pattern[0] == '^' || strncmp(pattern, "{^LN-BEG}", 9) == 0;
}

/* Those at the begin of a line come first, and count more. */
static int add_defaults(struct smi_f2b_dates *d, bool anywhere,
			struct smi_arena *a, struct smi_regex_error *err)
{
	char text[256];
	int r = 0;

	for (size_t i = 0; r == 0 && i < SMI_COUNT(defaults); i++) {
		if (is_begin(defaults[i]))
			continue;
		snprintf(text, sizeof(text), "{^LN-BEG}%s", defaults[i]);
		r = add_one(d, smi_span_str(text), 100, a, err);
	}
	for (size_t i = 0; r == 0 && i < SMI_COUNT(defaults); i++)
		if (anywhere || is_begin(defaults[i]))
			r = add_one(d, smi_span_str(defaults[i]), 1, a, err);
	return r;
}

/* A pattern with {DATE} in it stands for one of each of the known forms. */
static int add_each(struct smi_f2b_dates *d, struct smi_span pattern,
		    struct smi_arena *a, struct smi_regex_error *err)
{
	static const struct smi_span word = { "{DATE}", 6 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < SMI_COUNT(defaults); i++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf full = { 0 };
		struct smi_span rest = pattern, form;

		form = smi_span_str(defaults[i]);
		if (!strchr(defaults[i], '%'))
			continue;
		cut_prefix(&form, SMI_SPAN("{^LN-BEG}"));
		for (;;) {
			size_t at = find_word(rest, word);

			smi_buf_add(&full, rest.p, at);
			if (at == rest.len)
				break;
			smi_buf_span_add(&full, form);
			rest = smi_span_skip(rest, at + word.len);
		}
		if (smi_buf_error(&full))
			return -ENOMEM;
		r = add_one(d, smi_buf_span(&full), 1, a, err);
	}
	return r;
}

static int add_pattern(struct smi_f2b_dates *d, struct smi_span s,
		       struct smi_arena *a, struct smi_regex_error *err)
{
	if (smi_span_eq_nocase(s, SMI_SPAN("{^LN-BEG}")))
		return add_defaults(d, false, a, err);
	if (smi_span_eq_nocase(s, SMI_SPAN("{DEFAULT}")))
		return add_defaults(d, true, a, err);
	if (find_word(s, SMI_SPAN("{DATE}")) < s.len)
		return add_each(d, s, a, err);
	if (smi_span_eq_nocase(s, SMI_SPAN("{NONE}")))
		s = SMI_SPAN("{UNB}^");
	return add_one(d, s, 1, a, err);
}

int smi_f2b_dates_compile(struct smi_f2b_dates *d, struct smi_span text,
			  struct smi_arena *a, struct smi_regex_error *err)
{
	struct smi_span rest = text, line;
	char *copy = smi_arena_strndup(a, text.p, text.len);
	int r = copy ? 0 : -ENOMEM;

	*d = (struct smi_f2b_dates){ .text = smi_span_of(copy, text.len) };
	while (r == 0 && smi_span_split(&rest, '\n', &line)) {
		line = smi_ini_strip(line);
		if (line.len)
			r = add_pattern(d, line, a, err);
	}
	return r == 0 && d->n == 0 ? add_defaults(d, true, a, err) : r;
}

void smi_f2b_dates_release(struct smi_f2b_dates *d)
{
	for (size_t i = 0; i < d->n; i++)
		smi_regex_release(&d->v[i].re);
	d->n = 0;
}
