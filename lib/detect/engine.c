/* SPDX-License-Identifier: MIT */
#include "detect/engine-stage.h"

static bool is_ignored(const struct smi_log_stage *s, const struct smi_match *m)
{
	for (size_t i = 0; m->ip.family && i < s->nignore; i++)
		if (smi_prefix_has(&s->ignore[i], &m->ip))
			return true;
	return false;
}

/* A line without a stamp has the time of the one before it. */
static int correlate(struct smi_log_stage *s, const struct smi_line *line,
		     const struct smi_match *m, uint32_t ordinal)
{
	if (!s->rules->feeds[m->rule->index].n || is_ignored(s, m))
		return 0;
	if (s->time == SM_TIME_NONE) {
		s->timeless++;
		return 0;
	}
	return smi_correlator_feed(s->correlator, line, m, s->time, ordinal);
}

static int emit_event(struct smi_log_stage *s, const struct smi_line *line,
		      const struct smi_match *m, uint32_t ordinal)
{
	sm_record *r;

	if (!s->events)
		return 0;
	r = smi_hit_record(smi_out_arena(s->out), &s->fields, line, m, ordinal);
	return r ? smi_out_emit(s->out, r)
		 : smi_fail_nomem(smi_out_ctx(s->out));
}

static uint32_t ordinal_of(struct smi_log_stage *s, const struct smi_line *line,
			   uint64_t hash)
{
	return smi_ordinal(s->ordinals, hash ? hash : smi_line_hash(line),
			   line->time);
}

static int take_word(struct smi_log_stage *s, const struct smi_line *line,
		     const struct smi_verdict *v)
{
	uint32_t ordinal = ordinal_of(s, line, v->hash);
	int r;

	if (line->again)
		return SMI_LINE_TELLS;
	r = emit_event(s, line, &v->match, ordinal);
	if (r == 0)
		r = smi_keyword_stats_add(&s->stats, line, &v->match, ordinal);
	return r < 0 ? r : SMI_LINE_TELLS;
}

/* Understood, and nothing bad: an accepted login, the end of a session. */
static bool is_harmless(const struct smi_rule *rule)
{
	return rule->severity == SM_SEV_INFO && !rule->failure &&
	       rule->outcome != SM_OUTCOME_FAILURE;
}

static int take_match(struct smi_log_stage *s, const struct smi_line *line,
		      const struct smi_match *m, uint64_t hash)
{
	uint32_t ordinal;
	int r;

	if (!s->events && !s->rules->feeds[m->rule->index].n)
		return 0;
	ordinal = ordinal_of(s, line, hash);
	if (line->again)
		return 0;
	r = emit_event(s, line, m, ordinal);
	return r < 0 ? r : correlate(s, line, m, ordinal);
}

/* A filter of fail2ban has read the time itself. */
static int take_filtered(const struct smi_line *line, const struct smi_match *m,
			 void *user)
{
	struct smi_log_stage *s = user;
	int64_t before = s->time;
	int r;

	if (line->time != SM_TIME_NONE)
		s->time = line->time;
	/* No header has told any yet. */
	if (before == SM_TIME_NONE && s->time != SM_TIME_NONE)
		smi_corr_clock_see(s->clock, s->time);
	r = take_match(s, line, m, 0);
	s->time = before;
	return r;
}

/* A log that is followed tells of no time that is to come. */
static bool is_to_come(struct smi_log_stage *s, int64_t time)
{
	if (!s->live || time <= s->wall)
		return false;
	s->wall = smi_now_wall(smi_out_ctx(s->out)) + SMI_CLOCK_NEAR;
	return time > s->wall;
}

static void see_time(struct smi_log_stage *s, const struct smi_line *line)
{
	if (line->time == SM_TIME_NONE)
		return;
	s->time = line->time;
	if (!line->again && !is_to_come(s, line->time))
		smi_corr_clock_see(s->clock, line->time);
}

static struct smi_f2b_run *filters_for(const struct smi_log_stage *s,
				       const struct smi_line *line)
{
	return line->again && s->replay ? s->replay : s->filters;
}

static int take(struct smi_log_stage *s, const struct smi_line *line,
		const struct smi_verdict *v)
{
	bool taken = v->rc == 1;
	int r = v->rc, filtered = 0;

	see_time(s, line);
	if (taken)
		r = take_match(s, line, &v->match, v->hash);
	if (r >= 0 && s->filters)
		filtered = smi_f2b_line(filters_for(s, line), line, taken,
					s->judges[0]->limits, take_filtered, s);
	if (r < 0 || filtered < 0)
		return SMI_MIN(r, filtered);
	if (taken && !filtered && is_harmless(v->match.rule))
		return SMI_LINE_TAKEN;
	if (taken || filtered)
		return SMI_LINE_TAKEN | SMI_LINE_TELLS;
	return v->word ? take_word(s, line, v) : 0;
}

static int stage_judges(void *data, size_t n, struct smi_out *out)
{
	int r = smi_log_stage_judges(data, n);

	return r < 0 ? smi_fail_nomem(smi_out_ctx(out)) : 0;
}

static void stage_judge(void *data, size_t thread, const struct smi_line *line,
			void *verdict)
{
	const struct smi_log_stage *s = data;

	smi_judge_rules(s->judges[thread], line, verdict);
	smi_judge_words(s->judges[thread], line, verdict);
}

static int stage_take(void *data, const struct smi_line *line,
		      const void *verdict, struct smi_out *out)
{
	struct smi_log_stage *s = data;
	int r;

	s->out = out;
	r = take(s, line, verdict);
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

/* Words are looked for only in what no filter took. */
static int stage_line(void *data, const struct smi_line *line,
		      struct smi_out *out)
{
	struct smi_log_stage *s = data;
	struct smi_verdict v;
	int r;

	smi_judge_rules(s->judges[0], line, &v);
	if (!s->filters)
		smi_judge_words(s->judges[0], line, &v);
	r = stage_take(s, line, &v, out);
	if (r || !s->filters)
		return r;
	smi_judge_words(s->judges[0], line, &v);
	r = v.word ? take_word(s, line, &v) : 0;
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

/* The time of a silent log goes on from its last lines as fast as the clock does. */
static int stage_idle(void *data, struct smi_out *out)
{
	struct smi_log_stage *s = data;
	int64_t now = smi_now_mono(smi_out_ctx(out));
	int64_t time = smi_corr_clock_guess(s->clock);
	uint64_t told = s->told;
	int r;

	if (time == SMI_CLOCK_UNSET)
		return 0;
	if (time != s->idle_time) {
		s->idle_time = time;
		s->idle_since = now;
	}
	s->out = out;
	r = smi_correlator_tick(s->correlator, time + (now - s->idle_since));
	if (r == 0)
		return s->told != told;
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

static int stage_flush(void *data, struct smi_out *out)
{
	struct smi_log_stage *s = data;
	int r;

	s->out = out;
	r = smi_log_stage_close(s);
	if (r == 0)
		r = smi_correlator_flush(s->correlator);
	if (r == 0)
		r = smi_log_stage_tell(s, out);
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

const struct smi_stage_ops smi_detect_log_ops = {
	.line = stage_line,
	.verdict = sizeof(struct smi_verdict),
	.judges = stage_judges,
	.judge = stage_judge,
	.take = stage_take,
	.idle = stage_idle,
	.flush = stage_flush,
	.free = smi_log_stage_free,
	.parts = smi_log_stage_parts,
	.nparts = SMI_LOG_STAGE_PARTS,
};
