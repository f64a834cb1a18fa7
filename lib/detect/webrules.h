/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_WEBRULES_H
#define SMI_DETECT_WEBRULES_H

#include "detect/literals.h"
#include "detect/match.h"
#include "detect/webtext.h"

/*
 * The rules on the access lines of web servers. One pass over the decoded texts of
 * a request finds the literals of all of them; only a rule of which one literal is
 * there, or which asks for none, tries its patterns. One that has no patterns takes
 * what has one of its literals.
 */
struct smi_webset;

/* NULL in *out where no rule is one. -E2BIG: too many literals. */
int smi_webset_build(struct smi_rule *const *rules, size_t n,
		     struct smi_arena *a, struct smi_webset **out);
/* The first rule that takes the request: as smi_match_line. */
int smi_webset_match(const struct smi_webset *w, struct smi_matcher *m,
		     const struct smi_line *line, struct smi_limit *limits,
		     struct smi_match *out);
/* One rule, which is one of these. */
int smi_web_rule_match(const struct smi_rule *r, struct smi_matcher *m,
		       const struct smi_line *line, struct smi_match *out);

#endif
