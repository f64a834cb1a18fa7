/* SPDX-License-Identifier: MIT */
#include "detect/keyword-stats.h"

#include <stdlib.h>

#include "record/id.h"
#include "record/sentence.h"

#define OTHERS "(other programs)"
#define NONE   "(no program)"
const struct smi_rule smi_keyword_rule = {
	.file = "",
	.id = "keyword",
	.action = "keyword",
	.kind = "keyword",
	.severity = SM_SEV_INFO,
	.title = "Words like error or failed in lines of {subject}: {count}",
	.why = "Words like failed, error, denied stand in lines that no more "
	       "exact rule knows.",
	.next_step = "Look at the samples. Where they matter, write a rule for "
		     "them.",
};

static void free_program(struct smi_keyword_stats *s,
			 struct smi_keyword_program *p)
{
	for (size_t i = 0; i < p->nhead; i++)
		smi_hit_unref(&s->pool, p->head[i]);
	for (size_t i = 0; i < p->ntail; i++)
		smi_hit_unref(&s->pool, p->tail[i]);
	free(p);
}

void smi_keyword_stats_init(struct smi_keyword_stats *s)
{
	*s = (struct smi_keyword_stats){ .pool.limit = SMI_KEYWORD_BYTES };
}

void smi_keyword_stats_free(struct smi_keyword_stats *s)
{
	for (size_t i = 0; i < s->programs.n; i++)
		free_program(s, s->programs.v[i]);
	smi_pool_done(&s->pool);
	smi_vec_free(&s->programs);
	smi_map_free(&s->by_name);
}

static int new_program(struct smi_keyword_stats *s, struct smi_span name,
		       struct smi_keyword_program **out)
{
	struct smi_keyword_program *p = smi_zalloc(sizeof(*p) + name.len);

	if (!p || !smi_vec_reserve(&s->programs, s->programs.n + 1) ||
	    !smi_map_put(&s->by_name, name, p)) {
		free(p);
		return -ENOMEM;
	}
	memcpy(p + 1, name.p, name.len);
	p->name = smi_span_of(p + 1, name.len);
	p->first = SM_TIME_NONE;
	p->last = SM_TIME_NONE;
	s->programs.v[s->programs.n++] = p;
	*out = p;
	return 0;
}

static int find_program(struct smi_keyword_stats *s, struct smi_span name,
			struct smi_keyword_program **out)
{
	if (s->recent && smi_span_eq(s->recent->name, name)) {
		*out = s->recent;
		return 0;
	}
	*out = smi_map_get(&s->by_name, name);
	if (!*out && s->programs.n >= SMI_KEYWORD_PROGRAMS) {
		name = SMI_SPAN(OTHERS);
		*out = smi_map_get(&s->by_name, name);
	}
	if (!*out) {
		int r = new_program(s, name, out);

		if (r < 0)
			return r;
	}
	s->recent = *out;
	return 0;
}

static int add_sample(struct smi_keyword_stats *s,
		      struct smi_keyword_program *p,
		      const struct smi_line *line, const struct smi_match *m,
		      uint32_t ordinal)
{
	struct smi_hit *hit;

	int r = smi_hit_new(&s->pool, line, m, ordinal, &hit);

	if (r == -ENOSPC) {
		s->unkept++;
		return 0;
	}
	if (r < 0)
		return r;
	if (p->nhead < SMI_KEYWORD_SAMPLES) {
		p->head[p->nhead++] = hit;
		return 0;
	}
	if (p->ntail == SMI_KEYWORD_SAMPLES) {
		smi_hit_unref(&s->pool, p->tail[0]);
		memmove(p->tail, p->tail + 1,
			(SMI_KEYWORD_SAMPLES - 1) * sizeof(*p->tail));
		p->ntail--;
	}
	p->tail[p->ntail++] = hit;
	return 0;
}

int smi_keyword_stats_add(struct smi_keyword_stats *s,
			  const struct smi_line *line,
			  const struct smi_match *m, uint32_t ordinal)
{
	struct smi_span name =
		line->program.len ? line->program : SMI_SPAN(NONE);
	struct smi_keyword_program *p;
	int r = find_program(s, smi_span_head(name, 256), &p);

	if (r < 0)
		return r;
	p->count += m->count;
	if (line->time != SM_TIME_NONE) {
		if (p->first == SM_TIME_NONE || line->time < p->first)
			p->first = line->time;
		p->last = SMI_MAX(p->last, line->time);
	}
	return add_sample(s, p, line, m, ordinal);
}

static void set_ids(struct smi_arena *a, sm_record *r,
		    const struct smi_keyword_program *p)
{
	struct smi_id id, key;
	char text[SMI_ID_STRLEN];

	smi_id_begin(&id);
	smi_id_part(&id, smi_span_str(smi_keyword_rule.id));
	smi_id_part(&id, p->name);
	key = id;
	smi_id_end(&key, text);
	smi_set_const(r, SMI_FINDING_KEY,
		      smi_arena_strndup(a, text, SMI_ID_STRLEN - 1));
	smi_id_int(&id, p->first);
	smi_id_end(&id, text);
	smi_set_const(r, SMI_FINDING_ID,
		      smi_arena_strndup(a, text, SMI_ID_STRLEN - 1));
}

static void set_samples(struct smi_arena *a, sm_record *r,
			const struct smi_keyword_stats *s,
			const struct smi_keyword_program *p)
{
	struct smi_fieldset all = smi_fieldset_default(SM_KIND_EVENT);
	const sm_record **v =
		smi_arena_alloc(a, 2 * SMI_KEYWORD_SAMPLES * sizeof(*v));
	size_t n = 0;

	if (!v)
		return;
	for (size_t i = 0; i < p->nhead + p->ntail; i++) {
		const struct smi_hit *h =
			i < p->nhead ? p->head[i] : p->tail[i - p->nhead];
		struct smi_kept k;

		if (smi_hit_read(a, &s->pool, h, &k) < 0)
			return;
		v[n] = smi_hit_record(a, &all, &k.line, &k.m, k.ordinal);
		if (!v[n++])
			return;
	}
	smi_set_recs(a, r, SMI_FINDING_EVIDENCE, v, n);
}

sm_record *smi_keyword_finding(struct smi_arena *a,
			       const struct smi_keyword_stats *s,
			       const struct smi_keyword_program *p)
{
	const struct smi_rule *rule = &smi_keyword_rule;
	sm_record *r = smi_rec_new(a, SM_KIND_FINDING);

	if (!r)
		return NULL;
	set_ids(a, r, p);
	smi_set_const(r, SMI_FINDING_RULE, rule->id);
	smi_set_const(r, SMI_FINDING_KIND, rule->kind);
	smi_set_severity(r, rule->severity);
	smi_set_text(a, r, SMI_FINDING_SUBJECT, p->name);
	if (p->first != SM_TIME_NONE) {
		smi_set_int(r, SMI_FINDING_FIRST, p->first);
		smi_set_int(r, SMI_FINDING_LAST, p->last);
	}
	smi_set_int(r, SMI_FINDING_COUNT, (int64_t)p->count);
	smi_set_const(r, SMI_FINDING_STATE, "closed");
	smi_set_int(r, SMI_FINDING_STATE_CODE, SM_FINDING_CLOSED);
	set_samples(a, r, s, p);
	smi_set_const(r, SMI_FINDING_TITLE_TEMPLATE, rule->title);
	smi_set_const(r, SMI_FINDING_TITLE,
		      smi_sentence_dup(a, rule->title, NULL, r));
	smi_set_const(r, SMI_FINDING_WHY_TEMPLATE, rule->why);
	smi_set_const(r, SMI_FINDING_WHY, rule->why);
	smi_set_const(r, SMI_FINDING_NEXT_STEP_TEMPLATE, rule->next_step);
	smi_set_const(r, SMI_FINDING_NEXT_STEP, rule->next_step);
	return smi_arena_error(a) ? NULL : r;
}
