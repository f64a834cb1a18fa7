/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include "detect/engine-stage.h"

void smi_log_stage_free(void *data)
{
	struct smi_log_stage *s = data;

	if (!s)
		return;
	smi_correlator_free(s->correlator);
	/* In a forked child only one thread has let go of its judge. */
	for (size_t i = 0; i < s->njudges; i++)
		if (i == 0 || s->owner == getpid())
			smi_judge_free(s->judges[i]);
	smi_f2b_run_free(s->filters);
	smi_f2b_run_free(s->replay);
	smi_tz_free(s->tz);
	smi_keyword_stats_free(&s->stats);
	sm_ruleset_unref(s->rules);
	free(s->ignore);
	smi_buf_free(&s->kept);
	smi_accepted_free(&s->accepted);
	free(s->ordinals);
	free(s);
}

static void stage_freep(struct smi_log_stage **s)
{
	smi_log_stage_free(*s);
}

static int check_thresholds(sm_ctx *ctx, const struct smi_detect_log_opts *o)
{
	for (size_t i = 0; i < o->nthresholds; i++) {
		const struct smi_threshold *t = &o->thresholds[i];

		if (!smi_ruleset_has_kind(o->rules, t->kind))
			return smi_fail(ctx, -ENOENT,
					"no rule makes findings of the kind "
					"\"%s\"",
					t->kind);
		if (t->count < 1 || t->count > 100000 || t->seconds < 1)
			return smi_fail(ctx, -ERANGE,
					"a threshold of %s is 1 to 100000 "
					"events within at least 1 second",
					t->kind);
	}
	return 0;
}

static int copy_ignore(struct smi_log_stage *s,
		       const struct smi_detect_log_opts *o)
{
	if (!o->nignore)
		return 0;
	s->ignore = smi_memdup(o->ignore, o->nignore * sizeof(*o->ignore));
	s->nignore = o->nignore;
	return s->ignore ? 0 : -ENOMEM;
}

int smi_log_stage_judges(struct smi_log_stage *s, size_t n)
{
	int r = 0;

	while (r == 0 && s->njudges < n) {
		r = smi_judge_new(s->rules, s->keywords, s->events,
				  &s->judges[s->njudges]);
		if (r == 0 && s->plain)
			smi_matcher_set_plain(s->judges[s->njudges]->matcher);
		s->njudges += r == 0;
	}
	return r;
}

static int set_up(struct smi_log_stage *s, const struct smi_detect_log_opts *o)
{
	int r;

	s->rules = sm_ruleset_ref(o->rules);
	s->fields = o->fields;
	s->events = o->events;
	s->keywords = o->keywords;
	s->plain = o->plain;
	s->owner = getpid();
	s->time = SM_TIME_NONE;
	smi_keyword_stats_init(&s->stats);
	s->ordinals = smi_zalloc(sizeof(*s->ordinals));
	if (!s->ordinals)
		return -ENOMEM;
	r = copy_ignore(s, o);
	if (r == 0)
		r = smi_log_stage_judges(s, 1);
	if (r == 0)
		r = smi_correlator_new(s->rules, o->thresholds, o->nthresholds,
				       smi_log_stage_episode, s,
				       &s->correlator);
	if (r < 0)
		return r;
	s->clock = smi_correlator_clock(s->correlator);
	s->live = o->live;
	s->wall = INT64_MIN;
	if (o->live)
		smi_correlator_set_live(s->correlator);
	return 0;
}

static int set_up_filters(sm_ctx *ctx, struct smi_log_stage *s,
			  const struct smi_detect_log_opts *o)
{
	int64_t now =
		o->now == INT64_MIN || !o->now ? smi_now_wall(ctx) : o->now;
	int r;

	if (!s->rules->filters.n)
		return 0;
	r = smi_tz_open(&ctx->root, o->zone, &s->tz);
	if (r < 0 && r != -ENOMEM)
		return smi_fail(ctx, r, "the time zone %s cannot be read: %s",
				o->zone ? o->zone : "of /etc/localtime",
				smi_strerror(-r));
	if (r == 0)
		r = smi_f2b_run_new(s->rules, s->tz, now, o->by_path,
				    &s->filters);
	if (r == 0 && o->plain)
		smi_f2b_run_set_plain(s->filters);
	return r == -ENOMEM ? smi_fail_nomem(ctx) : r;
}

int smi_detect_log_new(sm_ctx *ctx, const struct smi_detect_log_opts *o,
		       void **stage)
{
	SMI_CLEANUP(stage_freep) struct smi_log_stage *s = NULL;
	int r;

	if (!o->rules || !o->rules->frozen)
		return smi_fail(ctx, -EINVAL, "the rules are not frozen");
	r = check_thresholds(ctx, o);
	if (r < 0)
		return r;
	s = smi_zalloc(sizeof(*s));
	if (!s || set_up(s, o) < 0)
		return smi_fail_nomem(ctx);
	r = set_up_filters(ctx, s, o);
	if (r < 0)
		return r;
	*stage = smi_take(&s);
	return 0;
}
