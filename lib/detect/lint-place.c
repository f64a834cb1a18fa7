/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"
#include "detect/match.h"

static bool reads(const struct smi_rule *r, struct smi_span program)
{
	for (size_t i = 0; i < r->nprograms; i++)
		if (smi_span_eq_str(program, r->programs[i]))
			return true;
	return r->nprograms == 0;
}

bool smi_lint_meet(const struct smi_rule *a, const struct smi_rule *b)
{
	if (!a->nprograms || !b->nprograms)
		return true;
	for (size_t i = 0; i < a->nprograms; i++)
		if (reads(b, smi_span_str(a->programs[i])))
			return true;
	return false;
}

struct smi_span smi_lint_message(const sm_ruleset *rs,
				 const struct smi_sample *s,
				 struct smi_span *program)
{
	struct smi_line line = { .file = "",
				 .raw = s->text,
				 .time = INT64_MIN };
	struct smi_span message;

	rs->header(&line);
	message = line.message;
	smi_match_unrepeat(&message);
	*program = line.program;
	return message;
}

/* The forms of headers in which the writer of a line gives his name freely. */
static const struct {
	const char *before, *behind;
} headers[] = {
	{ "Aug  4 10:00:01 web ", ": x" },
	{ "Aug  4 10:00:01 web ", "[7]: x" },
};

static bool can_be_named(struct smi_lint *l, const char *program)
{
	for (size_t i = 0; i < SMI_COUNT(headers); i++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
		struct smi_line line = { .file = "", .time = INT64_MIN };

		smi_buf_str(&b, headers[i].before);
		smi_buf_str(&b, program);
		smi_buf_str(&b, headers[i].behind);
		if (smi_buf_error(&b)) {
			l->rc = -ENOMEM;
			return true;
		}
		line.raw = smi_buf_span(&b);
		l->rs->header(&line);
		if (line.header && smi_span_eq_str(line.program, program))
			return true;
	}
	return false;
}

static void check_programs(struct smi_lint *l, const struct smi_rule *r)
{
	for (size_t i = 0; i < r->nprograms; i++)
		if (!can_be_named(l, r->programs[i]))
			smi_lint_say(l, r, r->line,
				     "no syslog line has the program "
				     "\"%.60s\": give "
				     "the name as it stands in the header, "
				     "without a pid or ':'",
				     r->programs[i]);
}

/* The rule before r that takes the line, or NULL. */
static const struct smi_rule *find_earlier(struct smi_lint *l,
					   const struct smi_rule *r,
					   const struct smi_sample *s)
{
	struct smi_span program;
	struct smi_span message = smi_lint_message(l->rs, s, &program);

	for (size_t i = 0; message.len && i < r->index; i++) {
		const struct smi_rule *o = l->rs->rules.v[i];

		if (o->type != SMI_RULE_PATTERN || !reads(o, program))
			continue;
		for (size_t k = 0; k < o->npatterns; k++) {
			int rc = smi_regex_match(&o->patterns[k].re, l->matcher,
						 message);

			if (rc == 1)
				return o;
			if (rc == -ENOMEM)
				l->rc = rc;
		}
	}
	return NULL;
}

static void check_samples(struct smi_lint *l, const struct smi_rule *r)
{
	const struct smi_rule *first = NULL, *o = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->nsamples; i++)
		n += r->samples[i].match;
	/* The built-in ones come without theirs. */
	if (!n && !r->file[0])
		return;
	if (!n) {
		smi_lint_say(l, r, r->line,
			     "no sample of match shows what the rule takes");
		return;
	}
	for (size_t i = 0; i < r->nsamples; i++) {
		if (!r->samples[i].match)
			continue;
		o = find_earlier(l, r, &r->samples[i]);
		if (!o)
			return;
		if (!first)
			first = o;
	}
	smi_lint_say(l, r, r->line,
		     "every sample of match is taken before by the rule %s "
		     "(line %u%s%s)",
		     first->id, (unsigned)first->line,
		     first->file[0] ? " of " : "", first->file);
}

void smi_lint_place(struct smi_lint *l, const struct smi_rule *r)
{
	if (!l->rs->header)
		return;
	check_programs(l, r);
	check_samples(l, r);
}
