/* SPDX-License-Identifier: MIT */
#include "detect/f2b-words.h"

#include <stdlib.h>

#include "base/vec.h"
#include "detect/ruleset.h"

#define WORD_MIN 6 /* shorter ones are in every line */
#define HALF_MAX 6
#define CLASSES	 64
#define STATES	 UINT16_MAX

/* Aho and Corasick's automaton, with all its steps worked out. */
struct smi_f2b_words {
	size_t nfilters, words;
	uint8_t class_of[256]; /* 0: in no word */
	size_t nclasses;
	SMI_VEC(uint16_t) next;	  /* nclasses a state */
	SMI_VEC(uint64_t) accept; /* words a state */
	size_t nstates;
	uint64_t *always, *found;
};

/* A pattern on the way to its longest text. */
struct search {
	struct smi_span in;
	char *run, *best;
	size_t nrun, nbest, size;
	bool given_up;
};

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static void end_run(struct search *s)
{
	if (s->nrun > s->nbest) {
		memcpy(s->best, s->run, s->nrun);
		s->nbest = s->nrun;
	}
	s->nrun = 0;
}

static size_t class_end(struct smi_span p, size_t i)
{
	i++;
	if (i < p.len && p.p[i] == '^')
		i++;
	if (i < p.len && p.p[i] == ']')
		i++;
	while (i < p.len && p.p[i] != ']')
		i += p.p[i] == '\\' ? 2 : 1;
	return SMI_MIN(i + 1, p.len);
}

/* Behind the bracket that closes the group at i. */
static size_t group_end(struct smi_span p, size_t i)
{
	size_t depth = 0;

	while (i < p.len) {
		if (p.p[i] == '\\')
			i += 2;
		else if (p.p[i] == '[')
			i = class_end(p, i);
		else if (p.p[i] == '(')
			depth++, i++;
		else if (p.p[i++] == ')' && --depth == 0)
			break;
	}
	return SMI_MIN(i, p.len);
}

static bool is_optional(struct smi_span p, size_t i)
{
	if (i >= p.len)
		return false;
	return p.p[i] == '?' || p.p[i] == '*' ||
	       (p.p[i] == '{' && i + 1 < p.len &&
		(p.p[i + 1] == '0' || p.p[i + 1] == ','));
}

static size_t skip_count(struct smi_span p, size_t i)
{
	if (i < p.len && p.p[i] == '{')
		i += smi_span_find(smi_span_skip(p, i), '}') + 1;
	else if (i < p.len && strchr("?*+", p.p[i]))
		i++;
	if (i < p.len && (p.p[i] == '?' || p.p[i] == '+'))
		i++;
	return SMI_MIN(i, p.len);
}

/* Alternatives outside of groups. */
static bool has_choice(struct smi_span p)
{
	for (size_t i = 0; i < p.len;) {
		if (p.p[i] == '|')
			return true;
		if (p.p[i] == '\\')
			i += 2;
		else if (p.p[i] == '[')
			i = class_end(p, i);
		else if (p.p[i] == '(')
			i = group_end(p, i);
		else
			i++;
	}
	return false;
}

/* What stands in a group that takes part always; empty for others. */
static struct smi_span group_text(struct smi_span p, size_t begin, size_t end)
{
	struct smi_span g = smi_span_of(p.p + begin + 1, end - begin - 1);
	size_t n;

	if (g.len && g.p[g.len - 1] == ')')
		g.len--;
	if (!g.len || g.p[0] != '?')
		return g;
	if (smi_span_starts(g, SMI_SPAN("?:")))
		return smi_span_skip(g, 2);
	if (!smi_span_starts(g, SMI_SPAN("?P<")))
		return smi_span_head(g, 0);
	n = smi_span_find(g, '>');
	return smi_span_skip(g, n + 1);
}

static bool has_x_flag(struct smi_span p)
{
	for (size_t i = 0; i + 2 < p.len; i++) {
		if (p.p[i] != '(' || p.p[i + 1] != '?')
			continue;
		for (size_t k = i + 2; k < p.len && ((p.p[k] | 32) >= 'a') &&
				       ((p.p[k] | 32) <= 'z');
		     k++)
			if (p.p[k] == 'x')
				return true;
	}
	return false;
}

static void search_in(struct search *s, struct smi_span p, unsigned depth);

static size_t search_group(struct search *s, struct smi_span p, size_t i,
			   unsigned depth)
{
	size_t end = group_end(p, i);
	struct smi_span inner = group_text(p, i, end);

	end_run(s);
	if (!is_optional(p, end) && depth < 16 && !has_choice(inner))
		search_in(s, inner, depth + 1);
	end_run(s);
	return skip_count(p, end);
}

/* One character that stands for itself, behind which p goes on at next. */
static size_t search_char(struct search *s, struct smi_span p, char c,
			  size_t next)
{
	if (is_optional(p, next)) {
		end_run(s);
		return skip_count(p, next);
	}
	if (s->nrun < s->size)
		s->run[s->nrun++] = fold(c);
	if (next < p.len && (p.p[next] == '+' || p.p[next] == '{')) {
		end_run(s);
		return skip_count(p, next);
	}
	return next;
}

static void search_in(struct search *s, struct smi_span p, unsigned depth)
{
	for (size_t i = 0; i < p.len;) {
		char c = p.p[i];

		if (c == '(') {
			i = search_group(s, p, i, depth);
		} else if (c == '[') {
			end_run(s);
			i = skip_count(p, class_end(p, i));
		} else if (c == '\\') {
			char e = i + 1 < p.len ? p.p[i + 1] : 'A';
			bool plain = !((e | 32) >= 'a' && (e | 32) <= 'z') &&
				     !(e >= '0' && e <= '9');

			if (plain) {
				i = search_char(s, p, e, i + 2);
				continue;
			}
			end_run(s);
			/* "\x41" has digits behind it. */
			s->given_up |= e == 'x' || (e >= '0' && e <= '9');
			i = skip_count(p, SMI_MIN(i + 2, p.len));
		} else if (strchr(".^$", c) && c) {
			end_run(s);
			i = skip_count(p, i + 1);
		} else if ((unsigned char)c >= 0x80) {
			end_run(s);
			i = skip_count(p, i + 1);
		} else {
			i = search_char(s, p, c, i + 1);
		}
	}
	end_run(s);
}

struct smi_span smi_f2b_must_have(struct smi_span pattern, char *room,
				  size_t size)
{
	struct search s = { .in = pattern,
			    .run = room,
			    .best = room + size / 2,
			    .size = size / 2 };

	if (has_choice(pattern) || has_x_flag(pattern))
		return smi_span_of(room, 0);
	search_in(&s, pattern, 0);
	return smi_span_of(s.best, s.given_up ? 0 : s.nbest);
}

void smi_f2b_words_free(struct smi_f2b_words *w)
{
	if (!w)
		return;
	smi_vec_free(&w->next);
	smi_vec_free(&w->accept);
	free(w->always);
	free(w->found);
	free(w);
}

static void words_freep(struct smi_f2b_words **w)
{
	smi_f2b_words_free(*w);
}

static int add_state(struct smi_f2b_words *w)
{
	if (w->nstates + 1 >= STATES ||
	    !smi_vec_reserve(&w->next, (w->nstates + 1) * CLASSES) ||
	    !smi_vec_reserve(&w->accept, (w->nstates + 1) * w->words))
		return -ENOMEM;
	memset(w->next.v + w->nstates * CLASSES, 0, CLASSES * sizeof(uint16_t));
	memset(w->accept.v + w->nstates * w->words, 0,
	       w->words * sizeof(uint64_t));
	return (int)w->nstates++;
}

static void set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* false: there are more letters than classes. */
static bool classify(struct smi_f2b_words *w, struct smi_span word)
{
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (w->class_of[c])
			continue;
		if (w->nclasses == CLASSES)
			return false;
		w->class_of[c] = (uint8_t)w->nclasses++;
		if (c >= 'a' && c <= 'z')
			w->class_of[c ^ 32] = w->class_of[c];
	}
	return true;
}

static int add_word(struct smi_f2b_words *w, struct smi_span word,
		    size_t filter)
{
	size_t at = 0;

	for (size_t i = 0; i < word.len; i++) {
		size_t k = w->class_of[(unsigned char)word.p[i]];
		uint16_t *step = &w->next.v[at * CLASSES + k];

		if (!*step) {
			int n = add_state(w);

			if (n < 0)
				return n;
			w->next.v[at * CLASSES + k] = (uint16_t)n;
			at = (size_t)n;
		} else {
			at = *step;
		}
	}
	set_bit(w->accept.v + at * w->words, filter);
	return 0;
}

/* Both halves, shortened: the one that is not cut is there. */
static int add_halves(struct smi_f2b_words *w, struct smi_span word,
		      size_t filter)
{
	size_t half = word.len / 2;
	int r;

	if (!classify(w, word)) {
		set_bit(w->always, filter);
		return 0;
	}
	r = add_word(w, smi_span_head(word, SMI_MIN(half, (size_t)HALF_MAX)),
		     filter);
	if (r < 0)
		return r;
	word = smi_span_skip(word, half);
	return add_word(w, smi_span_head(word, HALF_MAX), filter);
}

static int add_filter(struct smi_f2b_words *w, const struct smi_f2b_filter *f)
{
	char room[256];

	for (size_t i = 0; i < f->nfail; i++) {
		struct smi_span word = smi_f2b_must_have(f->fail[i].pattern,
							 room, sizeof(room));
		int r = 0;

		if (word.len < WORD_MIN)
			set_bit(w->always, f->number);
		else
			r = add_halves(w, word, f->number);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Where a state has no step, the longest end of its text that is a begin goes on:
 * breadth first, so that those are complete. */
static int complete(struct smi_f2b_words *w)
{
	SMI_AUTOFREE uint16_t *fail = smi_zalloc(w->nstates * sizeof(*fail));
	SMI_AUTOFREE uint16_t *queue = smi_zalloc(w->nstates * sizeof(*queue));
	size_t head = 0, tail = 0;

	if (!fail || !queue)
		return -ENOMEM;
	queue[tail++] = 0;
	while (head < tail) {
		size_t s = queue[head++];

		for (size_t k = 1; k < w->nclasses; k++) {
			uint16_t *step = &w->next.v[s * CLASSES + k];
			uint16_t other =
				s ? w->next.v[fail[s] * CLASSES + k] : 0;

			if (!*step) {
				*step = other;
				continue;
			}
			fail[*step] = other;
			queue[tail++] = *step;
			for (size_t i = 0; i < w->words; i++)
				w->accept.v[*step * w->words + i] |=
					w->accept.v[other * w->words + i];
		}
	}
	return 0;
}

int smi_f2b_words_new(const sm_ruleset *rs, struct smi_f2b_words **out)
{
	SMI_CLEANUP(words_freep)
	struct smi_f2b_words *w = smi_zalloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->nclasses = 1;
	w->nfilters = rs->filters.n;
	w->words = (rs->filters.n + 63) / 64;
	w->always = smi_zalloc((w->words + 1) * sizeof(*w->always));
	w->found = smi_zalloc((w->words + 1) * sizeof(*w->found));
	if (!w->always || !w->found || add_state(w) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rs->filters.n; i++)
		if (add_filter(w, rs->filters.v[i]) < 0)
			return -ENOMEM;
	if (complete(w) < 0)
		return -ENOMEM;
	*out = smi_take(&w);
	return 0;
}

const uint64_t *smi_f2b_words_find(struct smi_f2b_words *w,
				   struct smi_span line)
{
	const uint16_t *next = w->next.v;
	size_t at = 0;

	memcpy(w->found, w->always, w->words * sizeof(*w->found));
	for (size_t i = 0; i < line.len; i++) {
		at = next[at * CLASSES + w->class_of[(unsigned char)line.p[i]]];
		if (!at)
			continue;
		for (size_t k = 0; k < w->words; k++)
			w->found[k] |= w->accept.v[at * w->words + k];
	}
	return w->found;
}
