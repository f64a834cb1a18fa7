/* SPDX-License-Identifier: MIT */
#include "detect/f2b-run.h"

#include "detect/f2b-ask.h"
#include "detect/f2b-gate.h"
#include "detect/f2b-words.h"
#include "detect/ruleset.h"

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
	for (size_t i = 0; x->prefixes && i < x->rs->filters.n; i++)
		smi_f2b_prefix_free(x->prefixes[i]);
	smi_f2b_sessions_free(x->sessions);
	smi_f2b_gate_free(x->gate);
	smi_f2b_words_free(x->words);
	smi_matcher_free(x->matcher);
	smi_f2b_text_free(&x->text);
	smi_buf_free(&x->content);
	free(x->utf);
	free(x->dates);
	free(x->windows);
	free(x->prefixes);
	free(x->firsts);
	smi_f2b_recent_free(&x->recent);
	for (size_t i = 0; i < x->files.n; i++)
		free(x->files.v[i]);
	smi_vec_free(&x->files);
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
		struct smi_f2b_dating *d = &x->dates[i];

		d->clock = (struct smi_f2b_clock){ tz, x->now / SMI_SEC,
						   INT64_MIN };
		if (smi_f2b_detector_new(x->rs->dates.v[i], &d->detector) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int set_up_prefixes(struct smi_f2b_run *x)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->rs->filters.n; i++) {
		const struct smi_f2b_filter *f = x->rs->filters.v[i];

		if (f->pref && f->max_lines == 1)
			r = smi_f2b_prefix_new(f->pref, &x->prefixes[i]);
	}
	return r;
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
	x->tz = tz;
	x->by_path = by_path;
	x->utf = smi_zalloc((rs->nregexes + 1) * sizeof(*x->utf));
	x->dates = smi_zalloc((rs->dates.n + 1) * sizeof(*x->dates));
	x->windows = smi_zalloc((rs->filters.n + 1) * sizeof(*x->windows));
	x->firsts = smi_zalloc((rs->filters.n + 1) * sizeof(*x->firsts));
	x->prefixes = smi_zalloc((rs->filters.n + 1) * sizeof(*x->prefixes));
	words = rs->filters.n / 64 + 1;
	x->loose = smi_zalloc(4 * words * sizeof(*x->loose));
	x->due = x->loose + words;
	x->open = x->due + words;
	x->undated = x->open + words;
	if (!x->utf || !x->dates || !x->windows || !x->prefixes || !x->firsts ||
	    !x->loose || smi_matcher_new(&x->matcher) < 0 ||
	    smi_f2b_gate_new(rs, &x->gate) < 0 ||
	    smi_f2b_words_new(rs, &x->words) < 0 ||
	    smi_f2b_sessions_new(&x->sessions) < 0 || set_up_dates(x, tz) < 0 ||
	    set_up_prefixes(x) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rs->filters.n; i++)
		x->multi |= rs->filters.v[i]->max_lines > 1;
	*out = smi_take(&x);
	return 0;
}

int smi_f2b_run_again(const struct smi_f2b_run *x, struct smi_f2b_run **out)
{
	int r = smi_f2b_run_new(x->rs, x->tz, x->now, x->by_path, out);

	if (r == 0 && x->plain)
		smi_f2b_run_set_plain(*out);
	return r;
}

void smi_f2b_run_set_plain(struct smi_f2b_run *x)
{
	x->plain = true;
	smi_matcher_set_plain(x->matcher);
}

uint64_t smi_f2b_lost(const struct smi_f2b_run *x)
{
	return x ? smi_f2b_sessions_lost(x->sessions) : 0;
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
	struct smi_f2b_asking a = {
		.f = f,
		.limits = limits,
		.has_word = true,
		.fn = fn,
		.user = user,
	};
	int r;

	begin_line(x, line);
	r = smi_f2b_ask(x, &a);
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
	struct smi_f2b_asking a = { .f = x->rs->filters.v[i],
				    .limits = limits,
				    .taken = taken,
				    .has_word = has_word,
				    .fn = fn,
				    .user = user };

	return smi_f2b_is_for(x, a.f, x->text.line) ? smi_f2b_ask(x, &a) : 0;
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
