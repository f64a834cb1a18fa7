/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <sysmon/sysmon.h>

#include "base/clock.h"
#include "core/event.h"
#include "detect/allow.h"
#include "detect/join.h"
#include "record/build.h"
#include "record/sentence.h"

struct finish {
	sm_join *j;
	sm_event_fn fn;
	void *user;
	struct smi_arena arena; /* of one record */
	int64_t now;
};

static int tell(struct finish *f, int kind, const sm_record *rec)
{
	const sm_event ev = { kind, rec, 0, 0 };
	int r;

	if (!rec || smi_arena_error(&f->arena))
		return smi_fail_nomem(f->j->ctx);
	r = f->fn(&ev, f->user);
	smi_arena_reset(&f->arena);
	return r;
}

static int notice(struct finish *f, const char *source, const char *template,
		  const char *what, uint64_t count)
{
	struct smi_arena *a = &f->arena;
	const char **v = smi_arena_alloc(a, 6 * sizeof(*v));
	const struct smi_strs args = { 6, v };
	sm_record *r = smi_rec_new(a, SM_KIND_NOTICE);
	char n[24];

	if (!v || !r)
		return smi_fail_nomem(f->j->ctx);
	snprintf(n, sizeof(n), "%" PRIu64, count);
	v[0] = "count";
	v[1] = smi_arena_strndup(a, n, strlen(n));
	v[2] = "source";
	v[3] = source;
	v[4] = "what";
	v[5] = what;
	if (source[0])
		smi_set_text(a, r, SMI_NOTICE_SOURCE, smi_span_str(source));
	smi_set_const(r, SMI_NOTICE_TEMPLATE, template);
	if (!smi_arena_error(a))
		smi_set_strs(a, r, SMI_NOTICE_ARGS, v, 6);
	smi_set_const(r, SMI_NOTICE_TEXT,
		      smi_arena_error(a)
			      ? NULL
			      : smi_sentence_dup(a, template, &args, NULL));
	return tell(f, SM_EVENT_NOTICE, r);
}

/* What findings are about: the peer, and processes. */
static bool about(const sm_record *rec, const char *kind, struct smi_buf *out)
{
	static const char *const names[] = { "source_ip", "pid" };

	if (rec->kind == SM_KIND_EVENT)
		return false;
	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		int at = smi_kind_find(smi_kind(rec->kind),
				       smi_span_str(names[i]));

		if (at < 0 || !smi_rec_has(rec, (unsigned)at))
			continue;
		smi_buf_clear(out);
		smi_buf_printf(out, "%s %s ", kind, names[i]);
		smi_sentence_value(out, rec, (unsigned)at);
		return true;
	}
	return false;
}

static int remember(sm_join *j, const struct smi_rule *rule,
		    const struct smi_join_group *g)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	for (size_t i = 0; i < g->rows.n; i++) {
		if (!about(g->rows.v[i].rec, rule->kind, &text))
			continue;
		if (smi_buf_error(&text) ||
		    !smi_map_put(&j->about, smi_buf_span(&text), j))
			return smi_fail_nomem(j->ctx);
	}
	return 0;
}

/* 1: a finding of the kind that it steps back for is about the same. */
static int is_told(const sm_join *j, const struct smi_rule *rule,
		   const struct smi_join_group *g)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const char *unless = rule->join->unless;

	for (size_t i = 0; unless && i < g->rows.n; i++) {
		if (!about(g->rows.v[i].rec, unless, &text))
			continue;
		if (smi_buf_error(&text))
			return smi_fail_nomem(j->ctx);
		if (smi_map_get(&j->about, smi_buf_span(&text)))
			return 1;
	}
	return 0;
}

static int tell_group(struct finish *f, const struct smi_rule *rule,
		      const struct smi_join_group *g)
{
	sm_join *j = f->j;
	int r = is_told(j, rule, g);
	const struct smi_rule *by;
	sm_record *rec;

	if (r != 0)
		return SMI_MIN(r, 0);
	r = remember(j, rule, g);
	if (r < 0)
		return r;
	rec = smi_join_finding(&f->arena, rule, g, f->now);
	if (!rec)
		return smi_fail_nomem(j->ctx);
	by = smi_allow_find(j->rs,
			    smi_rec_str(rec, SM_KIND_FINDING, SMI_FINDING_KEY),
			    f->now);
	if (!by)
		return tell(f, SM_EVENT_FINDING, rec);
	smi_arena_reset(&f->arena);
	return smi_accepted_add(&j->accepted, by) < 0 ? smi_fail_nomem(j->ctx)
						      : 0;
}

static int tell_rule(struct finish *f, const struct smi_rule *rule)
{
	SMI_CLEANUP(smi_join_found_done) struct smi_join_found found = { 0 };
	int r = smi_join_match(f->j, rule->join, &found);

	if (r < 0)
		return smi_fail_nomem(f->j->ctx);
	for (size_t i = 0; r == 0 && i < found.groups.n; i++)
		r = tell_group(f, rule, found.groups.v[i]);
	if (r == 0 && found.tired)
		r = notice(f, rule->id,
			   "the rule {source} has too many records to try: "
			   "some were left out after {count} tries",
			   "", found.steps);
	if (r == 0 && found.dropped)
		r = notice(f, rule->id,
			   "the rule {source} makes too many findings: {count} "
			   "more times it found something that is not told",
			   "", found.dropped);
	return r;
}

static int tell_dropped(struct finish *f)
{
	int r = 0;

	for (int kind = 1; r == 0 && kind <= SMI_NKINDS; kind++)
		if (f->j->dropped[kind])
			r = notice(f, "",
				   "{count} records of the kind {what} did not "
				   "fit into the memory of joined findings",
				   sm_kind_name(kind), f->j->dropped[kind]);
	return r;
}

static int tell_accepted(struct finish *f)
{
	sm_record *rec;

	if (!f->j->accepted.n)
		return 0;
	smi_accepted_log(&f->j->accepted, f->j->ctx);
	rec = smi_rec_new(&f->arena, SM_KIND_SUMMARY);
	smi_set_int(rec, SMI_SUMMARY_ALLOWED, (int64_t)f->j->accepted.n);
	return tell(f, SM_EVENT_RECORD, rec);
}

static int tell_all(struct finish *f)
{
	const sm_ruleset *rs = f->j->rs;
	int r = 0;

	for (size_t i = 0; r == 0 && i < rs->rules.n; i++)
		if (rs->rules.v[i]->join)
			r = tell_rule(f, rs->rules.v[i]);
	if (r == 0)
		r = tell_dropped(f);
	return r ? r : tell_accepted(f);
}

SM_EXPORT int sm_join_finish(sm_join *j, sm_event_fn fn, void *user)
{
	struct finish f = { .j = j, .fn = fn, .user = user };
	int r;

	if (!j || !fn)
		return -EINVAL;
	if (j->finished)
		return smi_fail(j->ctx, -EINVAL,
				"the join is finished already");
	j->finished = true;
	f.now = smi_now_wall(j->ctx);
	r = tell_all(&f);
	smi_arena_free(&f.arena);
	return r;
}
