/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_LINT_H
#define SMI_DETECT_LINT_H

#include "detect/probe.h"
#include "detect/ruleset.h"
#include "detect/shape.h"

/*
 * Remarks about rules that are right in their form: what they will not do, and
 * whom they help. None of it is an error.
 */
struct smi_lint {
	sm_ruleset *rs;
	struct smi_matcher *matcher;
	struct smi_probe *probe;
	struct smi_arena arena; /* of one pattern */
	struct smi_map texts;	/* of patterns, to struct smi_candidate */
	struct smi_arena kept;	/* as long as the lint runs */
	size_t work;		/* long lines that were tried */
	size_t untried;		/* patterns whose cost is not known */
	int rc;
};

void smi_lint_say(struct smi_lint *l, const struct smi_rule *r, uint32_t line,
		  const char *fmt, ...) SMI_PRINTF(4, 5);

/* Of the text of pattern i of a rule: anchors, captures, what it can match. */
void smi_lint_text(struct smi_lint *l, const struct smi_rule *r, size_t i);
/* What hostile lines make it cost. */
void smi_lint_cost(struct smi_lint *l, const struct smi_rule *r, size_t i);
/* Of a rule among others: programs, samples, those before it. */
void smi_lint_place(struct smi_lint *l, const struct smi_rule *r);
/* Of a correlation, and of a pattern rule with a kind: what feeds it. */
void smi_lint_feeds(struct smi_lint *l, const struct smi_rule *r);

/* Whether the two rules read the lines of one program. */
bool smi_lint_meet(const struct smi_rule *a, const struct smi_rule *b);
/* A sample as the engine sees it: the message, without "message repeated". */
struct smi_span smi_lint_message(const sm_ruleset *rs,
				 const struct smi_sample *s,
				 struct smi_span *program);

/*
 * Hostile lines: a seed, which is a sample or what the pattern asks for, with a
 * part of it repeated at its place; then as it goes on, or with what no pattern
 * ends with.
 */
struct smi_pump {
	struct smi_span seed, part;
	int form;
	struct smi_buf line;
};
/* The line with so many bytes or a few less, until the next call. An empty one
 * when memory is out. */
struct smi_span smi_pump_line(struct smi_pump *p, size_t size);
/* All of them for pattern i of a rule. fn ends the row by a result other than 0,
 * which is given back. */
typedef int (*smi_pump_fn)(struct smi_pump *p, void *user);
int smi_pump_all(struct smi_lint *l, const struct smi_rule *r, size_t i,
		 smi_pump_fn fn, void *user);

#endif
