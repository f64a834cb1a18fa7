/* SPDX-License-Identifier: MIT */
#include "detect/f2b-cover.h"

#define NESTED 16

/* A pattern on the way to the texts that it must have. */
struct search {
	struct smi_arena *arena;
	char run[SMI_F2B_WORD_MAX];
	size_t nrun;
	struct smi_f2b_cover best;
	bool given_up;
};

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
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

/* How far the first of the alternatives goes; p.len where there is one only. */
static size_t choice_end(struct smi_span p)
{
	size_t i = 0;

	while (i < p.len && p.p[i] != '|') {
		if (p.p[i] == '\\')
			i += 2;
		else if (p.p[i] == '[')
			i = class_end(p, i);
		else if (p.p[i] == '(')
			i = group_end(p, i);
		else
			i++;
	}
	return SMI_MIN(i, p.len);
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

/* Long words are in few lines, and few words are found fast. */
static size_t worth(const struct smi_f2b_cover *c)
{
	size_t least = SMI_F2B_WORD_MAX;

	for (size_t i = 0; i < c->n; i++)
		least = SMI_MIN(least, c->v[i].len);
	return c->n && least >= SMI_F2B_WORD_MIN
		       ? 4 * least + SMI_F2B_COVER_MAX - c->n
		       : 0;
}

static void take(struct search *s, const struct smi_f2b_cover *c)
{
	if (worth(c) > worth(&s->best))
		s->best = *c;
}

static void end_run(struct search *s)
{
	struct smi_f2b_cover c = { .n = 1 };

	if (s->nrun >= SMI_F2B_WORD_MIN) {
		c.v[0] = smi_span_of(
			smi_arena_strndup(s->arena, s->run, s->nrun), s->nrun);
		take(s, &c);
	}
	s->nrun = 0;
}

static void search_in(struct search *s, struct smi_span p, unsigned depth);

/* A word of each alternative; none where one of them has none. */
static void search_choices(struct search *s, struct smi_span p, unsigned depth)
{
	struct smi_f2b_cover all = { .n = 0 };

	for (;;) {
		struct search one = { .arena = s->arena };
		size_t n = choice_end(p);

		search_in(&one, smi_span_head(p, n), depth);
		s->given_up |= one.given_up;
		if (!one.best.n || all.n + one.best.n > SMI_F2B_COVER_MAX)
			return;
		memcpy(all.v + all.n, one.best.v,
		       one.best.n * sizeof(one.best.v[0]));
		all.n += one.best.n;
		if (n == p.len)
			break;
		p = smi_span_skip(p, n + 1);
	}
	take(s, &all);
}

static size_t search_group(struct search *s, struct smi_span p, size_t i,
			   unsigned depth)
{
	size_t end = group_end(p, i);

	end_run(s);
	if (!is_optional(p, end) && depth < NESTED)
		search_choices(s, group_text(p, i, end), depth + 1);
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
	if (s->nrun < sizeof(s->run))
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

int smi_f2b_cover_find(struct smi_span pattern, struct smi_arena *a,
		       struct smi_f2b_cover *out)
{
	struct search s = { .arena = a };

	out->n = 0;
	if (has_x_flag(pattern))
		return 0;
	search_choices(&s, pattern, 0);
	if (!s.given_up)
		*out = s.best;
	return smi_arena_error(a);
}
