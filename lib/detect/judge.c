/* SPDX-License-Identifier: MIT */
#include "detect/judge.h"

#include <stdlib.h>

#include "detect/hit.h"
#include "detect/keyword-stats.h"

int smi_judge_new(const struct sm_ruleset *rules, bool keywords, bool events,
		  struct smi_judge **out)
{
	struct smi_judge *j = smi_zalloc(sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->rules = rules;
	j->keywords = keywords;
	j->events = events;
	j->limits = smi_zalloc((rules->rules.n + 1) * sizeof(*j->limits));
	if (!j->limits || smi_matcher_new(&j->matcher) < 0) {
		smi_judge_free(j);
		return -ENOMEM;
	}
	*out = j;
	return 0;
}

void smi_judge_free(struct smi_judge *j)
{
	if (!j)
		return;
	smi_matcher_free(j->matcher);
	free(j->limits);
	free(j);
}

static bool find_word(const struct smi_judge *j, const struct smi_line *line,
		      struct smi_match *m)
{
	struct smi_span text = line->message, word;

	if (!j->keywords || !smi_keywords_find(text, &word))
		return false;
	*m = (struct smi_match){ .rule = &smi_keyword_rule };
	m->count = smi_match_unrepeat(&text);
	return true;
}

void smi_judge_rules(struct smi_judge *j, const struct smi_line *line,
		     struct smi_verdict *v)
{
	bool counts;

	v->rc = smi_match_line(&j->rules->dispatch, j->matcher, line,
			       j->events ? NULL : j->rules->feeds, j->limits,
			       &v->match);
	v->word = false;
	counts = v->rc == 1 &&
		 (j->events || j->rules->feeds[v->match.rule->index].n);
	v->hash = counts ? smi_line_hash(line) : 0;
}

void smi_judge_words(struct smi_judge *j, const struct smi_line *line,
		     struct smi_verdict *v)
{
	v->word = v->rc == 0 && find_word(j, line, &v->match);
	if (v->word)
		v->hash = smi_line_hash(line);
}

struct smi_limit smi_judge_limit(struct smi_judge *const *v, size_t n,
				 size_t rule)
{
	struct smi_limit all = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct smi_limit *l = &v[i]->limits[rule];
		uint64_t hits = all.hits + l->hits;

		if (l->hits && (!all.hits || l->order < all.order))
			all = *l;
		all.hits = hits;
	}
	return all;
}
