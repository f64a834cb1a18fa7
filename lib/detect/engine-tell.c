/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "detect/allow.h"
#include "detect/engine-stage.h"
#include "detect/finding.h"

/* A finding that no person has accepted goes to the caller. */
static int hand_on(struct smi_log_stage *s, const sm_record *finding,
		   bool counts)
{
	const struct smi_rule *by;
	const char *key;

	if (!finding)
		return smi_fail_nomem(smi_out_ctx(s->out));
	key = smi_rec_str(finding, SM_KIND_FINDING, SMI_FINDING_KEY);
	by = smi_allow_find(s->rules, key, smi_now_wall(smi_out_ctx(s->out)));
	if (!by)
		return smi_out_finding(s->out, finding);
	return counts && smi_accepted_add(&s->accepted, by) < 0
		       ? smi_fail_nomem(smi_out_ctx(s->out))
		       : 0;
}

int smi_log_stage_episode(const struct smi_episode *e, void *user)
{
	struct smi_log_stage *s = user;

	s->told++;
	/* It is counted when it has closed. */
	return hand_on(s, smi_episode_finding(smi_out_arena(s->out), e),
		       !e->open || s->closing);
}

static int tell_limits(struct smi_log_stage *s)
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

static int tell_count(struct smi_log_stage *s, uint64_t n, uint64_t most,
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
static int tell_losses(struct smi_log_stage *s)
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

static int tell_keywords(struct smi_log_stage *s)
{
	for (size_t i = 0; i < s->stats.programs.n; i++) {
		int r = hand_on(s,
				smi_keyword_finding(smi_out_arena(s->out),
						    &s->stats,
						    s->stats.programs.v[i]),
				true);

		if (r < 0)
			return r;
	}
	return 0;
}

int smi_log_stage_tell(struct smi_log_stage *s, struct smi_out *out)
{
	int r = tell_keywords(s);

	if (r == 0)
		r = tell_limits(s);
	if (r == 0)
		r = tell_losses(s);
	if (r == 0)
		r = smi_accepted_tell(&s->accepted, out);
	if (r == 0)
		r = smi_allow_notices(s->rules, smi_now_wall(smi_out_ctx(out)),
				      out);
	return r;
}
