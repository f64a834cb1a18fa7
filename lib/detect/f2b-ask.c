/* SPDX-License-Identifier: MIT */
#include "detect/f2b-ask.h"

#include "detect/ruleset.h"

/* Journals tell the time beside the text. */
static bool has_own_date(const struct smi_f2b_run *x,
			 const struct smi_f2b_filter *f)
{
	return !f->journal && !(x->text.line->header &&
				strcmp(x->text.line->header, "journal") == 0);
}

/* A journal's line begins with a stamp that its reader made. */
static size_t made_stamp(const struct smi_line *line)
{
	size_t n = smi_span_find(line->raw, ' ');

	return line->header && strcmp(line->header, "journal") == 0 ? n : 0;
}

void smi_f2b_note_loose(struct smi_f2b_run *x,
			const struct smi_f2b_dates *dates)
{
	struct smi_f2b_dating *d = &x->dates[dates->number];

	if (d->loose || !smi_f2b_detector_is_loose(d->detector))
		return;
	d->loose = true;
	for (size_t i = 0; i < x->rs->filters.n; i++)
		if (x->rs->filters.v[i]->dates == dates)
			x->loose[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Cuts the date off and says when it was, in ns. */
static int find_time(struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		     int64_t *time)
{
	struct smi_f2b_dating *d = &x->dates[f->dates->number];
	int64_t last = d->clock.last;
	int r;

	*time = x->text.line->time;
	if (!has_own_date(x, f)) {
		*time = *time == INT64_MIN ? x->now : *time;
		return smi_f2b_text_cut(&x->text, 0, made_stamp(x->text.line));
	}
	if (d->line != x->nline) {
		d->line = x->nline;
		r = smi_f2b_detect(d->detector, x->matcher, x->text.line->raw,
				   &d->clock, &d->stamp);
		if (r < 0)
			return r;
		smi_f2b_note_loose(x, f->dates);
	}
	if (d->stamp.found && d->stamp.time != INT64_MIN)
		*time = d->stamp.time;
	else if (*time == INT64_MIN && last != INT64_MIN)
		*time = last * SMI_SEC;
	return d->stamp.found ? smi_f2b_text_cut(&x->text, d->stamp.begin,
						 d->stamp.end)
			      : smi_f2b_text_cut(&x->text, 0, 0);
}

/* 1, 0, -E2BIG, -ENOMEM. */
static int match(struct smi_f2b_run *x, const struct smi_f2b_regex *re,
		 const struct smi_f2b_subject *t)
{
	struct smi_regex *utf = &x->utf[re->number];
	struct smi_regex_error err;

	if (t->ascii)
		return smi_regex_match(&re->re, x->matcher, t->s);
	if (!utf->code) {
		int r = smi_regex_compile_as(
			re->pattern, re->flags | SMI_REGEX_UTF, utf, &err);

		if (r < 0)
			return -ENOMEM;
	}
	return smi_regex_match(utf, x->matcher, t->s);
}

static void note_limit(struct smi_f2b_run *x, struct smi_limit *limits,
		       const struct smi_f2b_filter *f)
{
	struct smi_limit *l = &limits[f->rules[0].index];

	if (l->hits++ == 0) {
		l->line = x->text.line->number;
		l->file = x->text.line->file;
	}
}

/* One of the ignoreregexes takes it: 1, 0, -ENOMEM. */
static int is_ignored(struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		      const struct smi_f2b_subject *t, struct smi_limit *limits)
{
	for (size_t i = 0; i < f->nignore; i++) {
		int r = match(x, &f->ignore[i], t);

		if (r == -E2BIG)
			note_limit(x, limits, f);
		else if (r)
			return r;
	}
	return 0;
}

/* Few ignoreregexes are asked first, many only when a failregex has hit. */
static bool ignores_first(const struct smi_f2b_filter *f)
{
	return f->nignore && f->nignore + 2 < f->nfail;
}

static bool leaves_alone(const struct smi_f2b_filter *f,
			 const struct smi_ip *ip)
{
	for (size_t i = 0; ip->family && i < f->nignoreip; i++)
		if (smi_prefix_has(&f->ignoreip[i], ip))
			return true;
	return false;
}

static int tell(struct smi_f2b_run *x, const struct smi_f2b_asking *a,
		const struct smi_f2b_caught *c, enum smi_f2b_verdict v)
{
	static const enum smi_f2b_event events[] = {
		[SMI_F2B_FAILURE] = SMI_F2B_EVENT_FAILURE,
		[SMI_F2B_HELPS] = SMI_F2B_EVENT_HELPS,
		[SMI_F2B_GAINED] = SMI_F2B_EVENT_GAINED,
	};
	const struct smi_f2b_filter *f = a->f;
	enum smi_f2b_event e = events[v];
	struct smi_match m = { .count = 1 };
	struct smi_line line = *x->text.line;
	int r;

	smi_f2b_caught_show(&x->text, c, &m);
	if (leaves_alone(f, &m.ip))
		return 1;
	if (a->taken && e != SMI_F2B_EVENT_FAILURE)
		return 1;
	if (a->taken)
		e = SMI_F2B_EVENT_AGAIN;
	m.rule = &f->rules[e];
	if (e == SMI_F2B_EVENT_AGAIN && !x->rs->feeds[m.rule->index].n)
		return 1;
	line.time = a->time;
	r = a->fn(&line, &m, a->user);
	return r < 0 ? r : 1 + (e <= SMI_F2B_EVENT_AGAIN);
}

static int judge(struct smi_f2b_run *x, const struct smi_f2b_asking *a,
		 struct smi_f2b_caught *c)
{
	enum smi_f2b_verdict v = SMI_F2B_FAILURE;
	int r;

	if (!smi_f2b_has(c, SMI_F2B_MLFID)) {
		if (smi_f2b_has(c, SMI_F2B_NOFAIL) || !smi_f2b_caught_has_id(c))
			v = SMI_F2B_HELPS;
		return tell(x, a, c, v);
	}
	r = smi_f2b_sessions_join(x->sessions, a->f->number, a->time, c, &v);
	return r < 0 ? r : tell(x, a, c, v);
}

/* A failregex has hit: 0 an ignoreregex takes that back, 1 it took the line, 2 it is
 * a failure. */
static int take(struct smi_f2b_run *x, struct smi_f2b_asking *a,
		const struct smi_f2b_regex *re)
{
	struct smi_f2b_window *w = &x->windows[a->f->number];
	const struct smi_f2b_filter *f = a->f;
	struct smi_f2b_subject lines = a->subject;
	struct smi_f2b_caught c;
	int r = 0;

	smi_f2b_catch(x->matcher, re, a->subject.s, &c);
	smi_f2b_caught_add(&c, &a->pref);
	if (f->max_lines > 1)
		lines.s =
			smi_f2b_window_matched(w, x->matcher, re, a->subject.s);
	if (f->nignore && (!ignores_first(f) || f->max_lines > 1))
		r = is_ignored(x, f, &lines, a->limits);
	if (r < 0)
		return r;
	r = r ? 0 : judge(x, a, &c);
	if (f->max_lines > 1)
		smi_f2b_window_drop(w);
	return r;
}

/* The failregexes, from number i on, one of which may match: those that cannot, by
 * the first byte of the line, are left out. */
static size_t next_failregex(struct smi_f2b_run *x,
			     const struct smi_f2b_asking *a, size_t i)
{
	const struct smi_f2b_filter *f = a->f;
	struct smi_f2b_first *first = &x->firsts[f->number];
	unsigned char c = a->subject.s.len ? a->subject.s.p[0] : '\n';
	uint64_t left;

	if (f->nfail > 64 || f->max_lines > 1 || !a->subject.ascii || i == 64)
		return i;
	if (!(first->known[c / 64] >> (c % 64) & 1)) {
		for (size_t k = 0; k < f->nfail; k++)
			if (smi_regex_may_begin(&f->fail[k].re, x->matcher,
						(char)c))
				first->may[c] |= UINT64_C(1) << k;
		first->known[c / 64] |= UINT64_C(1) << (c % 64);
	}
	left = first->may[c] >> i;
	return left ? i + (size_t)__builtin_ctzll(left) : f->nfail;
}

/* Each failregex in turn, until one has hit. */
static int ask_failregexes(struct smi_f2b_run *x, struct smi_f2b_asking *a)
{
	const struct smi_f2b_filter *f = a->f;
	size_t i = 0;

	while ((i = next_failregex(x, a, i)) < f->nfail) {
		int r = match(x, &f->fail[i], &a->subject);

		if (r == -E2BIG)
			note_limit(x, a->limits, f);
		else if (r)
			return r < 0 ? r : take(x, a, &f->fail[i]);
		i++;
	}
	return 0;
}

/* 1: pref is filled; 0, -E2BIG, -ENOMEM. */
static int match_prefregex(struct smi_f2b_run *x, struct smi_f2b_asking *a)
{
	struct smi_f2b_prefix *known = x->prefixes[a->f->number];
	int r;

	known = a->subject.ascii ? known : NULL;
	if (known && smi_f2b_prefix_recall(known, a->subject.s, &a->pref))
		return 1;
	r = match(x, a->f->pref, &a->subject);
	if (r <= 0)
		return r;
	smi_f2b_catch(x->matcher, a->f->pref, a->subject.s, &a->pref);
	if (known &&
	    smi_f2b_prefix_learn(known, x->matcher, a->subject.s, &a->pref) < 0)
		return -ENOMEM;
	return 1;
}

/* The prefregex, once a line: what failregexes look at then is its F-CONTENT. */
static int ask_prefregex(struct smi_f2b_run *x, struct smi_f2b_asking *a)
{
	struct smi_span content;
	int r;

	if (!a->f->pref)
		return 1;
	r = match_prefregex(x, a);
	if (r == -E2BIG) {
		note_limit(x, a->limits, a->f);
		return 0;
	}
	if (r <= 0)
		return r;
	content = a->pref.v[SMI_F2B_CONTENT];
	if (!smi_f2b_has(&a->pref, SMI_F2B_CONTENT) || !content.len)
		return 1;
	if (content.p + content.len + 1 == a->subject.s.p + a->subject.s.len) {
		/* The LF behind it is there already. */
		a->subject.s = smi_span_of(content.p, content.len + 1);
		return 1;
	}
	smi_buf_clear(&x->content);
	smi_buf_span_add(&x->content, content);
	smi_buf_char(&x->content, '\n');
	a->subject.s = smi_buf_span(&x->content);
	return smi_buf_error(&x->content) ? -ENOMEM : 1;
}

bool smi_f2b_is_for(const struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		    const struct smi_line *line)
{
	if (line->fields.p &&
	    !smi_f2b_journal_has(&f->journalmatch, line->fields))
		return false;
	if (!x->by_path || !f->npaths)
		return true;
	for (size_t i = 0; i < f->npaths; i++)
		if (strcmp(f->paths[i], line->file) == 0)
			return true;
	return false;
}

/* The lines since the last one that the window has. */
static int catch_up(struct smi_f2b_run *x, const struct smi_f2b_filter *f)
{
	struct smi_f2b_window *w = &x->windows[f->number];
	struct smi_f2b_dating *d = &x->dates[f->dates->number], now = *d;
	const struct smi_line *line = x->text.line;
	uint64_t i = SMI_MAX(w->seen, x->recent.first);
	int r = 0;

	if (x->recent.n - i > f->max_lines)
		i = x->recent.n - f->max_lines;
	for (; r == 0 && i < x->recent.n; i++) {
		struct smi_line old = smi_f2b_recent_line(&x->recent, i);
		int64_t time;

		if (!smi_f2b_is_for(x, f, &old))
			continue;
		smi_f2b_text_set(&x->text, &old);
		d->line = 0;
		r = find_time(x, f, &time);
		if (r == 0)
			r = smi_f2b_window_add(w, x->text.whole.s,
					       f->max_lines);
	}
	w->seen = x->recent.n + 1;
	/* What another filter has found out about this line still holds. */
	if (now.line == x->nline) {
		d->clock = now.clock;
		d->stamp = now.stamp;
	}
	d->line = now.line == x->nline ? now.line : 0;
	smi_f2b_text_set(&x->text, line);
	return r;
}

/* 0: the line is nothing that the window must be looked at for. */
static int look_back(struct smi_f2b_run *x, struct smi_f2b_asking *a)
{
	struct smi_f2b_window *w = &x->windows[a->f->number];
	size_t i = a->f->number;

	w->due = a->has_word ? a->f->max_lines : w->due;
	if (!w->due)
		return 0;
	if (--w->due)
		x->due[i / 64] |= UINT64_C(1) << (i % 64);
	else
		x->due[i / 64] &= ~(UINT64_C(1) << (i % 64));
	return w->seen < x->recent.n ? catch_up(x, a->f) : 0;
}

/* The lines of the window, this one at their end. */
static int ask_window(struct smi_f2b_run *x, struct smi_f2b_asking *a)
{
	struct smi_f2b_window *w = &x->windows[a->f->number];
	int r = smi_f2b_window_add(w, x->text.whole.s, a->f->max_lines);

	w->seen = x->recent.n + 1;
	a->subject.s = smi_f2b_window_text(w);
	a->subject.ascii = smi_f2b_is_ascii(a->subject.s);
	return r;
}

int smi_f2b_ask(struct smi_f2b_run *x, struct smi_f2b_asking *a)
{
	const struct smi_f2b_dating *dates = &x->dates[a->f->dates->number];
	bool multi = a->f->max_lines > 1;
	int r = multi ? look_back(x, a) : 0;

	if (r == 0)
		r = find_time(x, a->f, &a->time);
	if (r < 0)
		return r;
	if (dates->line == x->nline && dates->stamp.gave_up)
		note_limit(x, a->limits, a->f);
	a->subject = x->text.whole;
	r = multi ? ask_window(x, a) : 0;
	if (r < 0)
		return r;
	if (ignores_first(a->f)) {
		r = is_ignored(x, a->f, &a->subject, a->limits);
		if (r)
			return SMI_MIN(r, 0);
	}
	r = ask_prefregex(x, a);
	return r == 1 ? ask_failregexes(x, a) : r;
}
