/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/workers.h"
#include "detect/allow.h"
#include "detect/corr-clock.h"
#include "detect/detect.h"
#include "detect/f2b-state.h"
#include "detect/finding.h"
#include "detect/judge.h"
#include "detect/keyword-stats.h"

/* The stage that turns log lines into events and findings: first what a line says
 * by itself, then what it says behind those before it. */
struct stage {
	sm_ruleset *rules;
	/* One a thread; the first is of the thread that takes. */
	struct smi_judge *judges[SMI_WORKERS_MAX];
	size_t njudges;
	pid_t owner;
	struct smi_f2b_run *filters; /* NULL: none of fail2ban */
	struct smi_f2b_run *replay;  /* for lines of an earlier run */
	struct smi_tz *tz;	     /* theirs */
	struct smi_correlator *correlator;
	struct smi_corr_clock *clock; /* its own */
	struct smi_fieldset fields;
	bool events, keywords, plain;
	struct smi_prefix *ignore;
	size_t nignore;
	struct smi_keyword_stats stats;
	struct smi_ordinals *ordinals;
	int64_t time; /* of the last line that had one */
	/* What time it was, and when that was first seen. */
	int64_t idle_time, idle_since;
	uint64_t timeless;
	uint64_t told; /* episodes */
	uint64_t allowed;
	bool closing;	     /* nothing follows any more */
	bool live;	     /* the logs are followed */
	int64_t wall;	     /* no line of then may be later than this */
	bool keeps;	     /* a state is kept */
	struct smi_buf kept; /* for it, from before the end */
	struct smi_out *out; /* of the call in progress */
};

static void stage_free(void *data)
{
	struct stage *s = data;

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
	free(s->ordinals);
	free(s);
}

static void stage_freep(struct stage **s)
{
	stage_free(*s);
}

/* A finding that no person has accepted goes to the caller. */
static int hand_on(struct stage *s, const sm_record *finding)
{
	const char *key;

	if (!finding)
		return smi_fail_nomem(smi_out_ctx(s->out));
	key = smi_rec_str(finding, SM_KIND_FINDING, SMI_FINDING_KEY);
	if (smi_allow_find(s->rules, key, smi_now_wall(smi_out_ctx(s->out)))) {
		s->allowed++;
		return 0;
	}
	return smi_out_finding(s->out, finding);
}

static int tell_episode(const struct smi_episode *e, void *user)
{
	struct stage *s = user;
	uint64_t allowed = s->allowed;
	int r = hand_on(s, smi_episode_finding(smi_out_arena(s->out), e));

	s->told++;
	/* It is counted when it has closed. */
	if (e->open && !s->closing)
		s->allowed = allowed;
	return r;
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

static int copy_ignore(struct stage *s, const struct smi_detect_log_opts *o)
{
	if (!o->nignore)
		return 0;
	s->ignore = smi_memdup(o->ignore, o->nignore * sizeof(*o->ignore));
	s->nignore = o->nignore;
	return s->ignore ? 0 : -ENOMEM;
}

static int add_judges(struct stage *s, size_t n)
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

static int set_up(struct stage *s, const struct smi_detect_log_opts *o)
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
		r = add_judges(s, 1);
	if (r == 0)
		r = smi_correlator_new(s->rules, o->thresholds, o->nthresholds,
				       tell_episode, s, &s->correlator);
	if (r < 0)
		return r;
	s->clock = smi_correlator_clock(s->correlator);
	s->live = o->live;
	s->wall = INT64_MIN;
	if (o->live)
		smi_correlator_set_live(s->correlator);
	return 0;
}

static int set_up_filters(sm_ctx *ctx, struct stage *s,
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
	SMI_CLEANUP(stage_freep) struct stage *s = NULL;
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

static bool is_ignored(const struct stage *s, const struct smi_match *m)
{
	for (size_t i = 0; m->ip.family && i < s->nignore; i++)
		if (smi_prefix_has(&s->ignore[i], &m->ip))
			return true;
	return false;
}

/* A line without a stamp has the time of the one before it. */
static int correlate(struct stage *s, const struct smi_line *line,
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

static int emit_event(struct stage *s, const struct smi_line *line,
		      const struct smi_match *m, uint32_t ordinal)
{
	sm_record *r;

	if (!s->events)
		return 0;
	r = smi_hit_record(smi_out_arena(s->out), &s->fields, line, m, ordinal);
	return r ? smi_out_emit(s->out, r)
		 : smi_fail_nomem(smi_out_ctx(s->out));
}

static uint32_t ordinal_of(struct stage *s, const struct smi_line *line,
			   uint64_t hash)
{
	return smi_ordinal(s->ordinals, hash ? hash : smi_line_hash(line),
			   line->time);
}

static int take_word(struct stage *s, const struct smi_line *line,
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

static int take_match(struct stage *s, const struct smi_line *line,
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
	struct stage *s = user;
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
static bool is_to_come(struct stage *s, int64_t time)
{
	if (!s->live || time <= s->wall)
		return false;
	s->wall = smi_now_wall(smi_out_ctx(s->out)) + SMI_CLOCK_NEAR;
	return time > s->wall;
}

static void see_time(struct stage *s, const struct smi_line *line)
{
	if (line->time == SM_TIME_NONE)
		return;
	s->time = line->time;
	if (!line->again && !is_to_come(s, line->time))
		smi_corr_clock_see(s->clock, line->time);
}

static struct smi_f2b_run *filters_for(const struct stage *s,
				       const struct smi_line *line)
{
	return line->again && s->replay ? s->replay : s->filters;
}

static int take(struct stage *s, const struct smi_line *line,
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
	int r = add_judges(data, n);

	return r < 0 ? smi_fail_nomem(smi_out_ctx(out)) : 0;
}

static void stage_judge(void *data, size_t thread, const struct smi_line *line,
			void *verdict)
{
	const struct stage *s = data;

	smi_judge_rules(s->judges[thread], line, verdict);
	smi_judge_words(s->judges[thread], line, verdict);
}

static int stage_take(void *data, const struct smi_line *line,
		      const void *verdict, struct smi_out *out)
{
	struct stage *s = data;
	int r;

	s->out = out;
	r = take(s, line, verdict);
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

/* Words are looked for only in what no filter took. */
static int stage_line(void *data, const struct smi_line *line,
		      struct smi_out *out)
{
	struct stage *s = data;
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

static int tell_limits(struct stage *s)
{
	for (size_t i = 0; i < s->rules->rules.n; i++) {
		const struct smi_limit l =
			smi_judge_limit(s->judges, s->njudges, i);
		const struct smi_rule *rule = s->rules->rules.v[i];
		char count[24], number[24];
		const char *args[] = { "rule",	rule->id, "rules", rule->file,
				       "count", count,	  "line",  number };
		int r;

		if (!l.hits)
			continue;
		snprintf(count, sizeof(count), "%" PRIu64, l.hits);
		snprintf(number, sizeof(number), "%" PRIu64, l.line);
		r = smi_out_notice(s->out, E2BIG, l.file,
				   "rule_limit: the rule {rule} of {rules} "
				   "gave up on {count} lines, first on line "
				   "{line} of {source}, because matching them "
				   "took too many steps",
				   args, SMI_COUNT(args));
		if (r < 0)
			return r;
	}
	return 0;
}

static int tell_count(struct stage *s, uint64_t n, uint64_t most,
		      const char *text)
{
	char count[24], number[24];
	const char *args[] = { "count", count, "most", number };

	if (!n)
		return 0;
	snprintf(count, sizeof(count), "%" PRIu64, n);
	snprintf(number, sizeof(number), "%" PRIu64, most);
	return smi_out_notice(s->out, 0, NULL, text, args, SMI_COUNT(args));
}

/* What was not done, and why. */
static int tell_losses(struct stage *s)
{
	const struct smi_lost *lost = smi_correlator_lost(s->correlator);
	const struct {
		uint64_t n;
		const char *text;
	} rows[] = {
		{ lost->keys,
		  "more addresses or users than there is memory for were "
		  "watched at once: {count} of them were given up, first those "
		  "that came once, the longest quiet first; none had counted "
		  "more than {most} events" },
		{ lost->entries,
		  "more than 1024 events of one address or user within one "
		  "window: {count} of them were left out of its count" },
		{ lost->late,
		  "{count} events are so much older than what the lines around "
		  "them say that findings may be missing: a clock was wrong, "
		  "or "
		  "lines are forged" },
		{ lost->evidence + s->stats.unkept,
		  "{count} events were counted, but not kept as evidence: "
		  "there are too many" },
		{ smi_f2b_lost(s->filters),
		  "fail2ban filters followed more than 4096 connections at "
		  "once, or values longer than 1024 bytes: {count} of them "
		  "were given up" },
		{ s->timeless,
		  "{count} events before the first time stamp count for no "
		  "finding" },
	};

	for (size_t i = 0; i < SMI_COUNT(rows); i++) {
		int r = tell_count(s, rows[i].n, lost->most, rows[i].text);

		if (r < 0)
			return r;
	}
	return 0;
}

static int tell_keywords(struct stage *s)
{
	for (size_t i = 0; i < s->stats.programs.n; i++) {
		int r = hand_on(s, smi_keyword_finding(smi_out_arena(s->out),
						       &s->stats,
						       s->stats.programs.v[i]));

		if (r < 0)
			return r;
	}
	return 0;
}

/* The time of a silent log goes on from its last lines as fast as the clock does. */
static int stage_idle(void *data, struct smi_out *out)
{
	struct stage *s = data;
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

#define NO_WINDOWS                                                             \
	"the windows in the state file were made with other rules or by "      \
	"another version: they begin anew"

static int stage_load(void *data, struct smi_span bytes, struct smi_out *out)
{
	struct stage *s = data;
	sm_ctx *ctx = smi_out_ctx(out);
	int r;

	s->keeps = true;
	s->out = out;
	if (bytes.len < sizeof(s->time))
		return 0;
	r = smi_correlator_load(s->correlator,
				smi_span_skip(bytes, sizeof(s->time)));
	if (r == -ENOTSUP)
		return smi_out_notice(out, 0, NULL, NO_WINDOWS, NULL, 0);
	if (r == -EBADMSG)
		return smi_fail(ctx, r,
				"cannot use the state: its windows are "
				"damaged");
	if (r < 0)
		return r == -ENOMEM ? smi_fail_nomem(ctx) : r;
	memcpy(&s->time, bytes.p, sizeof(s->time));
	return 0;
}

static int save(struct stage *s, bool last, struct smi_buf *out)
{
	smi_buf_add(out, &s->time, sizeof(s->time));
	return smi_correlator_save(s->correlator, last, out);
}

static int stage_save(void *data, struct smi_buf *out)
{
	struct stage *s = data;

	if (!s->closing)
		return save(s, false, out);
	smi_buf_span_add(out, smi_buf_span(&s->kept));
	return smi_buf_error(out);
}

static int save_filters(void *data, struct smi_buf *out)
{
	const struct stage *s = data;

	return s->filters ? smi_f2b_run_save(s->filters, out) : 0;
}

#define NO_FILTERS                                                             \
	"what the filters knew in the state file was written by another "      \
	"version: they begin anew"

/* Lines that an earlier run has told are shown to filters that know nothing of it:
 * only how many of them are equal counts. */
static int load_filters(void *data, struct smi_span bytes, struct smi_out *out)
{
	struct stage *s = data;
	sm_ctx *ctx = smi_out_ctx(out);
	int r;

	if (!s->filters || !bytes.len)
		return 0;
	r = smi_f2b_run_again(s->filters, &s->replay);
	if (r == 0)
		r = smi_f2b_run_load(s->filters, bytes);
	if (r == -ENOTSUP)
		return smi_out_notice(out, 0, NULL, NO_FILTERS, NULL, 0);
	if (r == -EBADMSG)
		return smi_fail(ctx, r,
				"cannot use the state: what its filters knew "
				"is damaged");
	return r < 0 ? smi_fail_nomem(ctx) : 0;
}

/* What is told at the end is open still for the run that goes on. */
static int close_down(struct stage *s)
{
	int r = s->keeps && !s->closing ? save(s, true, &s->kept) : 0;

	s->closing = true;
	return r;
}

static int stage_flush(void *data, struct smi_out *out)
{
	struct stage *s = data;
	int r;

	s->out = out;
	r = close_down(s);
	if (r == 0)
		r = smi_correlator_flush(s->correlator);
	if (r == 0)
		r = tell_keywords(s);
	if (r == 0)
		r = tell_limits(s);
	if (r == 0)
		r = tell_losses(s);
	if (r == 0)
		r = smi_allow_tell(s->allowed, out);
	if (r == 0)
		r = smi_allow_notices(s->rules, smi_now_wall(smi_out_ctx(out)),
				      out);
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

static const struct smi_stage_part parts[] = {
	{ "windows", stage_save, stage_load },
	{ "filters", save_filters, load_filters },
};

const struct smi_stage_ops smi_detect_log_ops = {
	.line = stage_line,
	.verdict = sizeof(struct smi_verdict),
	.judges = stage_judges,
	.judge = stage_judge,
	.take = stage_take,
	.idle = stage_idle,
	.flush = stage_flush,
	.free = stage_free,
	.parts = parts,
	.nparts = SMI_COUNT(parts),
};
