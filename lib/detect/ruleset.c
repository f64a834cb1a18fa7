/* SPDX-License-Identifier: MIT */
#include "detect/ruleset.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sysmon/sysmon.h>

#include "base/utf8.h"
#include "detect/fail2ban.h"
#include "detect/match.h"
#include "detect/webrules.h"

int smi_ruleset_new(sm_ctx *ctx, smi_header_fn header, sm_ruleset **out)
{
	sm_ruleset *rs = smi_zalloc(sizeof(*rs));

	if (!rs)
		return smi_fail_nomem(ctx);
	atomic_init(&rs->refs, 1);
	rs->ctx = sm_ctx_ref(ctx);
	rs->header = header;
	*out = rs;
	return 0;
}

SM_EXPORT sm_ruleset *sm_ruleset_ref(sm_ruleset *rs)
{
	if (rs)
		atomic_fetch_add_explicit(&rs->refs, 1, memory_order_relaxed);
	return rs;
}

SM_EXPORT void sm_ruleset_unref(sm_ruleset *rs)
{
	if (!rs ||
	    atomic_fetch_sub_explicit(&rs->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < rs->rules.n; i++)
		smi_rule_release(rs->rules.v[i]);
	for (size_t i = 0; i < rs->filters.n; i++)
		smi_f2b_filter_release(rs->filters.v[i]);
	for (size_t i = 0; i < rs->dates.n; i++)
		smi_f2b_dates_release(rs->dates.v[i]);
	smi_vec_free(&rs->filters);
	smi_vec_free(&rs->journal_fields);
	smi_vec_free(&rs->dates);
	free(rs->fail2ban_dir);
	smi_vec_free(&rs->rules);
	smi_vec_free(&rs->problems);
	smi_map_free(&rs->ids);
	smi_matcher_free(rs->matcher);
	smi_arena_free(&rs->arena);
	sm_ctx_unref(rs->ctx);
	free(rs);
}

int smi_ruleset_problem(sm_ruleset *rs, int severity, const char *file,
			uint32_t line, const char *id, const char *fmt, ...)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_problem p = { .file = file,
				 .line = line,
				 .severity = severity };
	va_list ap;

	va_start(ap, fmt);
	smi_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (smi_buf_error(&text))
		return smi_fail_nomem(rs->ctx);
	p.text = smi_utf8_escape_dup(&rs->arena, smi_buf_span(&text));
	p.id = smi_arena_strndup(&rs->arena, id, strlen(id));
	if (!p.text || !p.id || !smi_vec_push(&rs->problems, p))
		return smi_fail_nomem(rs->ctx);
	return 0;
}

/* 1: the rule takes the line. */
static int try_rule(const struct smi_rule *r, struct smi_matcher *m,
		    const struct smi_line *line)
{
	struct smi_span message = line->message;
	uint64_t repeated = smi_match_unrepeat(&message);
	struct smi_match match;
	bool program = r->nprograms == 0;

	if (r->web)
		return smi_web_rule_match(r, m, line, &match);
	for (size_t i = 0; i < r->nprograms; i++)
		program |= smi_span_eq_str(line->program, r->programs[i]);
	for (size_t i = 0; program && i < r->npatterns; i++) {
		struct smi_candidate c = { r, &r->patterns[i] };
		int rc = smi_match_pattern(&c, m, message, repeated, &match);

		if (rc == 1 || rc == -ENOMEM)
			return rc;
	}
	return 0;
}

static int run_samples(sm_ruleset *rs, struct smi_rule *r)
{
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	bool good = true;
	int rc = 0;

	if (!r->nsamples || !rs->header)
		return 0;
	if (!rs->matcher)
		rc = smi_matcher_new(&rs->matcher);
	for (size_t i = 0; rc == 0 && i < r->nsamples; i++) {
		const struct smi_sample *s = &r->samples[i];
		struct smi_line line = { .file = r->file,
					 .raw = s->text,
					 .time = INT64_MIN,
					 .room = &room };

		rs->header(&line);
		rc = smi_buf_error(&room.text);
		if (rc == 0)
			rc = try_rule(r, rs->matcher, &line);
		if (rc < 0 || rc == s->match)
			rc = SMI_MIN(rc, 0);
		else
			good = false,
			rc = smi_ruleset_problem(
				rs, SM_SEV_HIGH, r->file, s->line, r->id,
				s->match ? "the rule does not take this sample "
					   "of match"
					 : "the rule takes this sample of "
					   "nomatch");
	}
	return rc < 0 ? rc : good ? 0 : -EBADMSG;
}

int smi_ruleset_check_open(const sm_ruleset *rs)
{
	if (!rs)
		return -EINVAL;
	return rs->frozen ? -EBUSY : 0;
}

int smi_ruleset_take(sm_ruleset *rs, struct smi_rule *rule)
{
	const struct smi_rule *other =
		smi_map_get(&rs->ids, smi_span_str(rule->id));
	int r;

	if (other) {
		r = smi_ruleset_problem(
			rs, SM_SEV_HIGH, rule->file, rule->line, rule->id,
			"the id \"%s\" is taken by %s, line %u", rule->id,
			other->file[0] ? other->file : "the built-in rules",
			other->line);
		return r < 0 ? r : -EBADMSG;
	}
	r = run_samples(rs, rule);
	if (r < 0)
		return r;
	rule->index = rs->rules.n;
	if (!smi_vec_reserve(&rs->rules, rs->rules.n + 1) ||
	    !smi_map_put(&rs->ids, smi_span_str(rule->id), rule))
		return smi_fail_nomem(rs->ctx);
	rs->rules.v[rs->rules.n++] = rule;
	return 0;
}

bool smi_ruleset_has_kind(const sm_ruleset *rs, const char *kind)
{
	for (size_t i = 0; i < rs->rules.n; i++)
		if (rs->rules.v[i]->corr &&
		    strcmp(rs->rules.v[i]->kind, kind) == 0)
			return true;
	return false;
}

static const struct smi_rule *rule_at(const sm_ruleset *rs, size_t i)
{
	return rs && i < rs->rules.n ? rs->rules.v[i] : NULL;
}

SM_EXPORT size_t sm_ruleset_size(const sm_ruleset *rs)
{
	return rs ? rs->rules.n : 0;
}

SM_EXPORT const char *sm_ruleset_id(const sm_ruleset *rs, size_t i)
{
	return rule_at(rs, i) ? rule_at(rs, i)->id : "";
}

SM_EXPORT const char *sm_ruleset_title(const sm_ruleset *rs, size_t i)
{
	return rule_at(rs, i) ? rule_at(rs, i)->title : "";
}

SM_EXPORT const char *sm_ruleset_file(const sm_ruleset *rs, size_t i)
{
	return rule_at(rs, i) ? rule_at(rs, i)->file : "";
}

SM_EXPORT int sm_ruleset_severity(const sm_ruleset *rs, size_t i)
{
	return rule_at(rs, i) ? rule_at(rs, i)->severity : 0;
}

static const struct smi_problem *problem_at(const sm_ruleset *rs, size_t i)
{
	return rs && i < rs->problems.n ? &rs->problems.v[i] : NULL;
}

SM_EXPORT size_t sm_ruleset_nproblems(const sm_ruleset *rs)
{
	return rs ? rs->problems.n : 0;
}

SM_EXPORT const char *sm_ruleset_problem(const sm_ruleset *rs, size_t i)
{
	return problem_at(rs, i) ? problem_at(rs, i)->text : "";
}

SM_EXPORT const char *sm_ruleset_problem_file(const sm_ruleset *rs, size_t i)
{
	return problem_at(rs, i) ? problem_at(rs, i)->file : "";
}

SM_EXPORT uint32_t sm_ruleset_problem_line(const sm_ruleset *rs, size_t i)
{
	return problem_at(rs, i) ? problem_at(rs, i)->line : 0;
}

SM_EXPORT int sm_ruleset_problem_severity(const sm_ruleset *rs, size_t i)
{
	return problem_at(rs, i) ? problem_at(rs, i)->severity : 0;
}
