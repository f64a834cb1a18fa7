/* SPDX-License-Identifier: MIT */
#include "detect/match.h"

#include "detect/ruleset.h"
#include "detect/webrules.h"

/* What one line may count for: sums of such lines do not overflow. */
#define MAX_COUNT 1000000

/* So many patterns are worth a look at all bytes of a line first. */
#define MANY 16

/* How many digits s begins with; a number that is too large is MAX_COUNT. */
static size_t read_count(struct smi_span s, uint64_t *n)
{
	size_t digits = 0;

	while (digits < s.len && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (digits && !smi_span_uint(smi_span_head(s, digits), MAX_COUNT, n))
		*n = MAX_COUNT;
	return digits;
}

uint64_t smi_match_unrepeat(struct smi_span *s)
{
	static const struct smi_span begin = { "message repeated ", 17 };
	static const struct smi_span middle = { " times: [", 9 };
	struct smi_span rest;
	uint64_t n = 0;
	size_t digits;

	if (!s->len || s->p[0] != 'm' || !smi_span_starts(*s, begin))
		return 1;
	rest = smi_span_skip(*s, begin.len);
	digits = read_count(rest, &n);
	rest = smi_span_skip(rest, digits);
	if (!digits || n == 0 || !smi_span_starts(rest, middle) ||
	    !smi_span_ends(rest, SMI_SPAN("]")))
		return 1;
	rest = smi_span_skip(rest, middle.len);
	rest.len--;
	*s = smi_span_trim(rest);
	return n;
}

/* A peer that is no address is a name: it is kept, and never looked up. */
static void take_peer(struct smi_match *out, struct smi_span text)
{
	if (smi_ip_parse(text, &out->ip)) {
		out->ip.scope = 0;
		return;
	}
	out->ip = (struct smi_ip){ 0 };
	if (text.len)
		out->source_host = text;
}

static uint16_t read_port(struct smi_span s)
{
	unsigned n = 0;

	if (s.len > 5)
		return 0;
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned)(s.p[i] - '0') > 9)
			return 0;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return n > UINT16_MAX ? 0 : (uint16_t)n;
}

static void take_captures(const struct smi_pattern *p,
			  const struct smi_matcher *m, struct smi_span subject,
			  struct smi_match *out)
{
	struct smi_captures c = smi_matcher_captures(m, subject);
	struct smi_span text;
	uint64_t n;

	if (smi_capture(&c, p->group[SMI_ROLE_SOURCE_IP], &text))
		take_peer(out, text);
	if (smi_capture(&c, p->group[SMI_ROLE_SOURCE_HOST], &text) && text.len)
		out->source_host = text;
	if (smi_capture(&c, p->group[SMI_ROLE_SOURCE_PORT], &text))
		out->port = read_port(text);
	if (smi_capture(&c, p->group[SMI_ROLE_DEST_PORT], &text))
		out->dest_port = read_port(text);
	out->has_user = smi_capture(&c, p->group[SMI_ROLE_USER], &out->user);
	if (smi_capture(&c, p->group[SMI_ROLE_COUNT], &text) &&
	    read_count(text, &n) == text.len && text.len && n > 0)
		out->count = SMI_MIN(out->count * n, (uint64_t)MAX_COUNT);
}

int smi_match_pattern(const struct smi_candidate *c, struct smi_matcher *m,
		      struct smi_span message, uint64_t repeated,
		      struct smi_match *out)
{
	int r = smi_regex_match(&c->pattern->re, m, message);

	if (r != 1)
		return r;
	*out = (struct smi_match){ .rule = c->rule, .count = repeated };
	take_captures(c->pattern, m, message, out);
	return 1;
}

void smi_limit_note(struct smi_limit *limits, const struct smi_rule *rule,
		    const struct smi_line *line)
{
	struct smi_limit *l = &limits[rule->index];

	if (l->hits++ == 0) {
		l->line = line->number;
		l->file = line->file;
		l->order = line->order;
	}
}

/* The first of the group: 1 or 0, -ENOMEM. */
static int match_group(const struct smi_group *g, struct smi_matcher *m,
		       const struct smi_line *line, struct smi_span message,
		       struct smi_limit *limits, const struct smi_candidate **c)
{
	const uint64_t *alive = NULL;
	uint64_t have[4];

	if (g->starts && !(alive = smi_starts_read(g->starts, m, message)))
		return -ENOMEM;
	for (size_t w = 0; w < g->words; w++) {
		uint64_t bits = smi_group_may_take(g, w, alive, message);
		bool many = __builtin_popcountll(bits) >= MANY;

		if (many)
			smi_gate_bytes(message, have);
		for (; bits; bits &= bits - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
			const struct smi_regex *re = &g->c[i].pattern->re;
			int r;

			if (many && !smi_gate_has_bytes(&re->gate, have))
				continue;
			r = smi_regex_match(re, m, message);
			*c = &g->c[i];
			if (r == -E2BIG)
				smi_limit_note(limits, g->c[i].rule, line);
			else if (r)
				return r;
		}
	}
	return 0;
}

int smi_match_line(const struct smi_dispatch *d, struct smi_matcher *m,
		   const struct smi_line *line, const struct smi_feeds *feeds,
		   struct smi_limit *limits, struct smi_match *out)
{
	const struct smi_group *g = smi_dispatch_find(d, line->program);
	const struct smi_candidate *c = NULL;
	struct smi_span message = line->message;
	uint64_t repeated;
	int r;

	if (line->web && d->web) {
		r = smi_webset_match(d->web, m, line, limits, out);
		if (r)
			return r;
	}
	if (!g->n || !message.len)
		return 0;
	repeated = smi_match_unrepeat(&message);
	if (!message.len)
		return 0;
	r = match_group(g, m, line, message, limits, &c);
	if (r != 1)
		return r;
	*out = (struct smi_match){ .rule = c->rule, .count = repeated };
	if (!feeds || feeds[c->rule->index].n)
		take_captures(c->pattern, m, message, out);
	return 1;
}
