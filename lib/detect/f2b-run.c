/* SPDX-License-Identifier: MIT */
#include "detect/f2b-run.h"

#include "detect/f2b-caught.h"
#include "detect/f2b-gate.h"
#include "detect/f2b-recent.h"
#include "detect/f2b-session.h"
#include "detect/f2b-window.h"
#include "detect/f2b-words.h"
#include "detect/fail2ban.h"
#include "detect/ruleset.h"

/* The date of the line by one list of patterns, found when it is asked for. */
struct dates {
	struct smi_f2b_detector *detector;
	struct smi_f2b_clock clock;
	struct smi_f2b_stamp stamp;
	uint64_t line; /* which one it is of */
	bool loose;
};

struct smi_f2b_run {
	const sm_ruleset *rs;
	struct smi_matcher *matcher;
	struct smi_f2b_gate *gate;
	struct smi_f2b_words *words;
	/* A bit for each filter: its dates may stand anywhere; its window is still
	 * worth a look; and of this line, may take it, and no date is in it. */
	uint64_t *loose, *due, *open, *undated;
	struct smi_f2b_recent recent;
	bool multi; /* some filter has maxlines */
	struct smi_f2b_sessions *sessions;
	struct smi_regex *utf; /* of each regex, made when it is needed */
	struct dates *dates;
	struct smi_f2b_window *windows; /* one a filter */
	int64_t now;
	bool by_path;
	uint64_t nline;
	struct smi_f2b_text text; /* of the line at hand */
	struct smi_buf content;
};

void smi_f2b_run_free(struct smi_f2b_run *x)
{
	if (!x)
		return;
	for (size_t i = 0; x->utf && i < x->rs->nregexes; i++)
		if (x->utf[i].code)
			smi_regex_release(&x->utf[i]);
	for (size_t i = 0; x->dates && i < x->rs->dates.n; i++)
		smi_f2b_detector_free(x->dates[i].detector);
	for (size_t i = 0; x->windows && i < x->rs->filters.n; i++)
		smi_f2b_window_free(&x->windows[i]);
	smi_f2b_sessions_free(x->sessions);
	smi_f2b_gate_free(x->gate);
	smi_f2b_words_free(x->words);
	smi_matcher_free(x->matcher);
	smi_f2b_text_free(&x->text);
	smi_buf_free(&x->content);
	free(x->utf);
	free(x->dates);
	free(x->windows);
	smi_f2b_recent_free(&x->recent);
	free(x->loose);
	free(x);
}

static void run_freep(struct smi_f2b_run **x)
{
	smi_f2b_run_free(*x);
}

static int set_up_dates(struct smi_f2b_run *x, const struct smi_tz *tz)
{
	for (size_t i = 0; i < x->rs->dates.n; i++) {
		struct dates *d = &x->dates[i];

		d->clock = (struct smi_f2b_clock){ tz, x->now / SMI_SEC,
						   INT64_MIN };
		if (smi_f2b_detector_new(x->rs->dates.v[i], &d->detector) < 0)
			return -ENOMEM;
	}
	return 0;
}

int smi_f2b_run_new(const sm_ruleset *rs, const struct smi_tz *tz, int64_t now,
		    bool by_path, struct smi_f2b_run **out)
{
	SMI_CLEANUP(run_freep) struct smi_f2b_run *x = NULL;
	size_t words;

	*out = NULL;
	if (!rs->filters.n)
		return 0;
	x = smi_zalloc(sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->rs = rs;
	x->now = now;
	x->by_path = by_path;
	x->utf = smi_zalloc((rs->nregexes + 1) * sizeof(*x->utf));
	x->dates = smi_zalloc((rs->dates.n + 1) * sizeof(*x->dates));
	x->windows = smi_zalloc((rs->filters.n + 1) * sizeof(*x->windows));
	words = rs->filters.n / 64 + 1;
	x->loose = smi_zalloc(4 * words * sizeof(*x->loose));
	x->due = x->loose + words;
	x->open = x->due + words;
	x->undated = x->open + words;
	if (!x->utf || !x->dates || !x->windows || !x->loose ||
	    smi_matcher_new(&x->matcher) < 0 ||
	    smi_f2b_gate_new(rs, &x->gate) < 0 ||
	    smi_f2b_words_new(rs, &x->words) < 0 ||
	    smi_f2b_sessions_new(&x->sessions) < 0 || set_up_dates(x, tz) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rs->filters.n; i++)
		x->multi |= rs->filters.v[i]->max_lines > 1;
	*out = smi_take(&x);
	return 0;
}

void smi_f2b_run_set_plain(struct smi_f2b_run *x)
{
	smi_matcher_set_plain(x->matcher);
}

uint64_t smi_f2b_lost(const struct smi_f2b_run *x)
{
	return x ? smi_f2b_sessions_lost(x->sessions) : 0;
}

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

static void note_loose(struct smi_f2b_run *x, const struct smi_f2b_dates *dates)
{
	struct dates *d = &x->dates[dates->number];

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
	struct dates *d = &x->dates[f->dates->number];
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
		note_loose(x, f->dates);
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

/* What is asked of one filter about one line. */
struct asking {
	const struct smi_f2b_filter *f;
	struct smi_limit *limits;
	bool taken;
	bool has_word; /* one that the filter needs is in the line */
	int64_t time;
	struct smi_f2b_subject subject; /* of failregexes */
	struct smi_f2b_caught pref;
	smi_f2b_fn fn;
	void *user;
};

static bool leaves_alone(const struct smi_f2b_filter *f,
			 const struct smi_ip *ip)
{
	for (size_t i = 0; ip->family && i < f->nignoreip; i++)
		if (smi_prefix_has(&f->ignoreip[i], ip))
			return true;
	return false;
}

static int tell(struct smi_f2b_run *x, const struct asking *a,
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

static int judge(struct smi_f2b_run *x, const struct asking *a,
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

/* Each failregex in turn: 0 none, 1 one took the line, 2 it is a failure. */
static int ask_failregexes(struct smi_f2b_run *x, struct asking *a)
{
	struct smi_f2b_window *w = &x->windows[a->f->number];
	const struct smi_f2b_filter *f = a->f;
	bool late = f->nignore && !ignores_first(f);

	for (size_t i = 0; i < f->nfail; i++) {
		struct smi_f2b_caught c;
		struct smi_f2b_subject lines = a->subject;
		int r = match(x, &f->fail[i], &a->subject);

		if (r == -E2BIG)
			note_limit(x, a->limits, f);
		if (r == 0 || r == -E2BIG)
			continue;
		if (r < 0)
			return r;
		smi_f2b_catch(x->matcher, &f->fail[i], a->subject.s, &c);
		smi_f2b_caught_add(&c, &a->pref);
		if (f->max_lines > 1)
			lines.s = smi_f2b_window_matched(
				w, x->matcher, &f->fail[i], a->subject.s);
		if (late || (f->nignore && f->max_lines > 1)) {
			r = is_ignored(x, f, &lines, a->limits);
			if (r < 0)
				return r;
		} else {
			r = 0;
		}
		r = r ? 0 : judge(x, a, &c);
		if (f->max_lines > 1)
			smi_f2b_window_drop(w);
		return r;
	}
	return 0;
}

/* The prefregex, once a line: what failregexes look at then is its F-CONTENT. */
static int ask_prefregex(struct smi_f2b_run *x, struct asking *a)
{
	struct smi_span content;
	int r;

	if (!a->f->pref)
		return 1;
	r = match(x, a->f->pref, &a->subject);
	if (r == -E2BIG) {
		note_limit(x, a->limits, a->f);
		return 0;
	}
	if (r <= 0)
		return r;
	smi_f2b_catch(x->matcher, a->f->pref, a->subject.s, &a->pref);
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

static bool is_for(const struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		   const struct smi_line *line)
{
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
	struct dates *d = &x->dates[f->dates->number], now = *d;
	const struct smi_line *line = x->text.line;
	uint64_t i = SMI_MAX(w->seen, x->recent.first);
	int r = 0;

	if (x->recent.n - i > f->max_lines)
		i = x->recent.n - f->max_lines;
	for (; r == 0 && i < x->recent.n; i++) {
		struct smi_line old = smi_f2b_recent_line(&x->recent, i);
		int64_t time;

		if (!is_for(x, f, &old))
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
static int look_back(struct smi_f2b_run *x, struct asking *a)
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
static int ask_window(struct smi_f2b_run *x, struct asking *a)
{
	struct smi_f2b_window *w = &x->windows[a->f->number];
	int r = smi_f2b_window_add(w, x->text.whole.s, a->f->max_lines);

	w->seen = x->recent.n + 1;
	a->subject.s = smi_f2b_window_text(w);
	a->subject.ascii = smi_f2b_is_ascii(a->subject.s);
	return r;
}

static int ask(struct smi_f2b_run *x, struct asking *a)
{
	bool multi = a->f->max_lines > 1;
	int r = multi ? look_back(x, a) : 0;

	if (r == 0)
		r = find_time(x, a->f, &a->time);
	if (r < 0)
		return r;
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

static void begin_line(struct smi_f2b_run *x, const struct smi_line *line)
{
	x->nline++;
	smi_f2b_text_set(&x->text, line);
}

int smi_f2b_try(struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		const struct smi_line *line, struct smi_limit *limits,
		smi_f2b_fn fn, void *user)
{
	struct asking a = {
		.f = f,
		.limits = limits,
		.has_word = true,
		.fn = fn,
		.user = user,
	};
	int r;

	begin_line(x, line);
	r = ask(x, &a);
	return r < 0 ? r : r > 0;
}

/* Filters that may take the line by its begin, and by the words in it. */
static const uint64_t *choose(struct smi_f2b_run *x)
{
	struct smi_f2b_answer a =
		smi_f2b_gate_ask(x->gate, x->matcher, x->text.line);

	for (size_t left = x->rs->filters.n, i = 0; left; i++) {
		size_t n = SMI_MIN(left, (size_t)64);
		uint64_t all = UINT64_MAX >> (64 - n);

		x->open[i] = a.open ? all & (a.open[i] | x->loose[i]) : all;
		x->undated[i] = a.open ? a.whole[i] & ~x->loose[i] : 0;
		left -= n;
	}
	return x->text.ascii ? smi_f2b_words_find(x->words, x->text.line->raw,
						  x->open, x->undated)
			     : x->open;
}

static int ask_number(struct smi_f2b_run *x, size_t i, bool taken,
		      bool has_word, struct smi_limit *limits, smi_f2b_fn fn,
		      void *user)
{
	struct asking a = { .f = x->rs->filters.v[i],
			    .limits = limits,
			    .taken = taken,
			    .has_word = has_word,
			    .fn = fn,
			    .user = user };

	return is_for(x, a.f, x->text.line) ? ask(x, &a) : 0;
}

static int ask_all(struct smi_f2b_run *x, const uint64_t *may, bool taken,
		   struct smi_limit *limits, smi_f2b_fn fn, void *user)
{
	bool any = false;

	for (size_t w = 0; w * 64 < x->rs->filters.n; w++) {
		uint64_t bits = may[w] | x->due[w];

		for (; bits; bits &= bits - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
			bool word = may[w] >> (i % 64) & 1;
			int r = ask_number(x, i, taken, word, limits, fn, user);

			if (r < 0)
				return r;
			any |= r > 0;
			taken |= r == 2;
		}
	}
	return any;
}

int smi_f2b_line(struct smi_f2b_run *x, const struct smi_line *line, bool taken,
		 struct smi_limit *limits, smi_f2b_fn fn, void *user)
{
	int r;

	begin_line(x, line);
	r = ask_all(x, choose(x), taken, limits, fn, user);
	if (r >= 0 && x->multi && smi_f2b_recent_add(&x->recent, line) < 0)
		return -ENOMEM;
	return r;
}
