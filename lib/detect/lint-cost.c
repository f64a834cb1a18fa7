/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/utf8.h"
#include "detect/lint.h"

#define SHORT_LINE 2048
#define FEW_STEPS  (SHORT_LINE * 3 / 2)
#define LONG_LINE  16384
/* Long lines for all rules together, so that a file full of bombs has an end. */
#define BUDGET	   100000
#define SHOWN_PART 40

struct trial {
	struct smi_lint *l;
	const struct smi_regex *re;
	uint32_t steps; /* of the short line */
	char part[SHOWN_PART];
	size_t part_len;
};

/* 1: it gives up, be it with or without machine code. */
static int gives_up(struct trial *t, struct smi_span line)
{
	int r = smi_regex_match(t->re, t->l->matcher, line);

	if (r == -E2BIG)
		return 1;
	if (r == -ENOMEM || !line.len)
		return -ENOMEM;
	r = smi_probe_within(t->l->probe, t->re, line, SMI_REGEX_MATCH_LIMIT);
	return r < 0 ? r : !r;
}

/* 1 ends the row: there is nothing worse. What takes little more than a step for
 * each byte of a short line is left at that. */
static int try_pump(struct smi_pump *p, void *user)
{
	struct trial *t = user;
	struct smi_span line = smi_pump_line(p, SHORT_LINE);
	int r = smi_probe_within(t->l->probe, t->re, line, FEW_STEPS);

	if (r || !line.len)
		return line.len ? SMI_MIN(r, 0) : -ENOMEM;
	t->l->work++;
	r = gives_up(t, smi_pump_line(p, LONG_LINE));
	if (r <= 0)
		return r;
	t->part_len = SMI_MIN(p->part.len, sizeof(t->part));
	memcpy(t->part, p->part.p, t->part_len);
	line = smi_pump_line(p, SHORT_LINE);
	r = smi_probe_steps(t->l->probe, t->re, line, &t->steps);
	return r < 0 ? r : 1;
}

static void tell_cost(struct smi_lint *l, const struct smi_rule *r, size_t i,
		      const struct trial *t)
{
	char few[48] = "one of 2048 is enough";
	const char *part = smi_utf8_escape_dup(
		&l->kept, smi_span_of(t->part, t->part_len));

	if (!part) {
		l->rc = -ENOMEM;
		return;
	}
	if (t->steps != UINT32_MAX)
		snprintf(few, sizeof(few), "up to %u for one of %d",
			 (unsigned)t->steps, SHORT_LINE);
	smi_lint_say(l, r, r->patterns[i].line,
		     "pattern %zu gives up on a line of %d bytes that repeats "
		     "\"%s\" (more than %d steps; %s): who writes such a "
		     "line hides it from this rule",
		     i + 1, LONG_LINE, part, SMI_REGEX_MATCH_LIMIT, few);
}

void smi_lint_cost(struct smi_lint *l, const struct smi_rule *r, size_t i)
{
	struct trial t = { .l = l, .re = &r->patterns[i].re };
	int rc;

	if (l->work > BUDGET) {
		l->untried++;
		return;
	}
	rc = smi_pump_all(l, r, i, try_pump, &t);
	if (rc < 0)
		l->rc = rc;
	else if (rc > 0)
		tell_cost(l, r, i, &t);
}
