/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_JUDGE_H
#define SMI_DETECT_JUDGE_H

#include "detect/keyword.h"
#include "detect/match.h"
#include "detect/ruleset.h"

/*
 * What a line says by itself, whatever stood before it: spans into the line, which
 * is all that it is made from. So lines can be judged by any number of threads, in
 * any order; what has an order (times, sessions, windows) comes after it.
 */
struct smi_verdict {
	int rc;	   /* 1: match is what a rule made of it; 0: none; -ENOMEM */
	bool word; /* no rule, but a generic word; match tells how often */
	uint64_t hash; /* smi_line_hash(), 0: not asked for */
	struct smi_match match;
};

/* One thread's means for it. The rules are frozen, shared, and outlive it. */
struct smi_judge {
	const struct sm_ruleset *rules;
	struct smi_matcher *matcher;
	struct smi_limit *limits; /* one a rule */
	bool keywords, events;	  /* what is asked for */
};

/* -ENOMEM. */
int smi_judge_new(const struct sm_ruleset *rules, bool keywords, bool events,
		  struct smi_judge **out);
void smi_judge_free(struct smi_judge *j);
/* First the rules, then, when none took the line, the words. */
void smi_judge_rules(struct smi_judge *j, const struct smi_line *line,
		     struct smi_verdict *v);
void smi_judge_words(struct smi_judge *j, const struct smi_line *line,
		     struct smi_verdict *v);
/* What all judges of the job had to give up, of one rule. */
struct smi_limit smi_judge_limit(struct smi_judge *const *v, size_t n,
				 size_t rule);

#endif
