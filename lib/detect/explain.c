/* SPDX-License-Identifier: MIT */
#include <sysmon/sysmon.h>

#include "base/clock.h"
#include "base/nls.h"
#include "base/utf8.h"
#include "core/event.h"
#include "detect/allow.h"
#include "detect/f2b-run.h"
#include "detect/keyword.h"
#include "detect/match.h"
#include "detect/near.h"
#include "detect/ruleset.h"
#include "detect/webrules.h"
#include "record/build.h"

/* Telling one line's way through a set, and a set's rules one by one. */
struct teller {
	sm_explain_fn fn;
	void *user;
	struct smi_buf text;
};

static void free_teller(struct teller *t)
{
	smi_buf_free(&t->text);
}

static void add_quoted(struct smi_buf *b, const char *what, struct smi_span s)
{
	smi_buf_str(b, smi_tr(what));
	smi_buf_char(b, '"');
	smi_utf8_escape(b, s);
	smi_buf_char(b, '"');
}

static int tell(struct teller *t, size_t rule, int taken)
{
	int r = smi_buf_cstr(&t->text) ? t->fn(rule, taken, t->text.p, t->user)
				       : -ENOMEM;

	smi_buf_clear(&t->text);
	return r;
}

static int tell_header(struct teller *t, const struct smi_line *line)
{
	char time[SMI_TIME_STRLEN];

	if (!line->header) {
		smi_buf_str(&t->text,
			    smi_tr("no header was understood: the whole line "
				   "is the message"));
		return tell(t, SIZE_MAX, 0);
	}
	smi_buf_printf(&t->text, smi_trf("header %s: "), line->header);
	if (line->time != INT64_MIN)
		smi_buf_printf(&t->text, smi_trf("time %s, "),
			       smi_time_format(line->time, time));
	add_quoted(&t->text, "host ", line->host);
	add_quoted(&t->text, ", program ", line->program);
	if (line->pid)
		smi_buf_printf(&t->text, ", pid %d", (int)line->pid);
	add_quoted(&t->text, ", message ", line->message);
	return tell(t, SIZE_MAX, 0);
}

static bool has_program(const struct smi_rule *r, struct smi_span program)
{
	for (size_t i = 0; i < r->nprograms; i++)
		if (smi_span_eq_str(program, r->programs[i]))
			return true;
	return r->nprograms == 0;
}

static int tell_groups(struct teller *t, const sm_ruleset *rs,
		       const struct smi_line *line)
{
	size_t n = 0, any = 0;

	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct smi_rule *r = rs->rules.v[i];

		if (r->type != SMI_RULE_PATTERN)
			continue;
		any += r->nprograms == 0 && !r->web;
		n += r->nprograms && has_program(r, line->program);
	}
	smi_buf_printf(&t->text,
		       smi_trf("%zu rules ask for this program, and %zu for "
			       "any"),
		       n, any);
	return tell(t, SIZE_MAX, 0);
}

static void add_caught(struct smi_buf *b, const struct smi_match *m)
{
	char ip[SMI_IP_STRLEN];

	smi_buf_printf(b, smi_trf("takes the line: action %s"),
		       m->rule->action);
	if (m->has_user)
		add_quoted(b, ", user ", m->user);
	if (m->ip.family)
		smi_buf_printf(b, ", source_ip %s", smi_ip_format(&m->ip, ip));
	if (m->source_host.len)
		add_quoted(b, ", source_host ", m->source_host);
	if (m->port)
		smi_buf_printf(b, ", source_port %u", (unsigned)m->port);
	smi_buf_printf(b, ", count %llu", (unsigned long long)m->count);
}

#define SHOWN_NEAR  60 /* bytes before and behind the place */
#define NEAR_ENOUGH 4  /* bytes of the message: fewer are chance */

/* The pattern of the rule that gets furthest, and where it stops. */
static int add_near(struct teller *t, const struct smi_rule *r,
		    struct smi_matcher *m, struct smi_span message)
{
	struct smi_near best = { 0 };
	struct smi_span text, before;
	size_t which = 0, skip;

	for (size_t i = 0; i < r->npatterns; i++) {
		struct smi_near n;
		int rc = smi_near_find(r->patterns[i].text, m, message, &n);

		if (rc < 0)
			return rc;
		if (rc && n.pattern > best.pattern) {
			best = n;
			which = i;
		}
	}
	if (best.subject < NEAR_ENOUGH)
		return 0;
	text = smi_span_skip(r->patterns[which].text, best.pattern);
	before = smi_span_head(message, best.subject);
	skip = before.len > SHOWN_NEAR ? before.len - SHOWN_NEAR : 0;
	smi_buf_printf(&t->text, smi_trf("; pattern %zu fits up to"),
		       which + 1);
	add_quoted(&t->text, skip ? " ..." : " ", smi_span_skip(before, skip));
	add_quoted(&t->text, ", where the line goes on with ",
		   smi_span_head(smi_span_skip(message, best.subject),
				 SHOWN_NEAR));
	add_quoted(&t->text, " and the pattern with ",
		   smi_span_head(text, SHOWN_NEAR));
	return 0;
}

/* 1: it takes the line. */
static int ask_rule(struct teller *t, const struct smi_rule *r,
		    struct smi_matcher *m, struct smi_span message,
		    uint64_t repeated)
{
	bool limit = false;
	int rc = 0;

	for (size_t i = 0; i < r->npatterns; i++) {
		struct smi_candidate c = { r, &r->patterns[i] };
		struct smi_match match;

		rc = smi_match_pattern(&c, m, message, repeated, &match);
		if (rc == -ENOMEM)
			return rc;
		limit |= rc == -E2BIG;
		if (rc != 1)
			continue;
		smi_buf_printf(&t->text, smi_trf("%s: pattern %zu "), r->id,
			       i + 1);
		add_caught(&t->text, &match);
		rc = tell(t, r->index, 1);
		return rc ? rc : 1;
	}
	smi_buf_printf(&t->text, smi_trf("%s: %s"), r->id,
		       limit ? smi_tr("gave up: matching took too many steps")
			     : smi_tr("no pattern fits"));
	rc = limit ? 0 : add_near(t, r, m, message);
	return rc < 0 ? rc : tell(t, r->index, 0);
}

/* A rule for other programs whose pattern would take the message. */
static int ask_other(struct teller *t, const struct smi_rule *r,
		     struct smi_matcher *m, struct smi_span message)
{
	for (size_t i = 0; i < r->npatterns; i++) {
		int rc = smi_regex_match(&r->patterns[i].re, m, message);

		if (rc == -ENOMEM)
			return rc;
		if (rc != 1)
			continue;
		smi_buf_printf(&t->text,
			       smi_trf("%s: not asked, for it is for other "
				       "programs (%s%s); its pattern %zu would "
				       "fit"),
			       r->id, r->programs[0],
			       r->nprograms > 1 ? ", ..." : "", i + 1);
		return tell(t, r->index, 0);
	}
	return 0;
}

static int tell_request(struct teller *t, const struct smi_web *web,
			struct smi_buf *room)
{
	struct smi_webtext text;

	if (!smi_webtext_read(&text, web, room))
		return -ENOMEM;
	add_quoted(&t->text, "request: client ", web->client);
	add_quoted(&t->text, ", method ", web->method);
	smi_buf_printf(&t->text, ", status %d", (int)web->status);
	add_quoted(&t->text, "; decoded: url ", text.of[SMI_SUBJECT_URL]);
	add_quoted(&t->text, ", referer ", text.of[SMI_SUBJECT_REFERER]);
	add_quoted(&t->text, ", agent ", text.of[SMI_SUBJECT_AGENT]);
	return tell(t, SIZE_MAX, 0);
}

/* 1: it takes the line. */
static int ask_web_rule(struct teller *t, const struct smi_rule *r,
			struct smi_matcher *m, const struct smi_line *line)
{
	struct smi_match match;
	int rc = smi_web_rule_match(r, m, line, &match);

	if (rc == -ENOMEM)
		return rc;
	smi_buf_printf(&t->text, smi_trf("%s: "), r->id);
	if (rc == 1)
		add_caught(&t->text, &match);
	else
		smi_buf_str(&t->text,
			    rc ? smi_tr("gave up: matching took too many steps")
			       : smi_tr("no pattern fits"));
	if (rc == 1) {
		rc = tell(t, r->index, 1);
		return rc ? rc : 1;
	}
	return tell(t, r->index, 0);
}

static int add_taken(const struct smi_line *line, const struct smi_match *m,
		     void *user)
{
	struct teller *t = user;

	(void)line;
	smi_buf_printf(&t->text, smi_trf("%s: the filter "), m->rule->id);
	add_caught(&t->text, m);
	return 0;
}

/* A filter of fail2ban, for which this is the only line. 1: it takes the line. */
static int ask_filter(struct teller *t, const sm_ruleset *rs,
		      const struct smi_rule *r, const struct smi_line *line)
{
	SMI_AUTOFREE struct smi_limit *limits =
		smi_zalloc((rs->rules.n + 1) * sizeof(*limits));
	int64_t now = smi_clock_system.wall(smi_clock_system.user);
	struct smi_f2b_run *x = NULL;
	int rc = limits ? smi_f2b_run_new(rs, NULL, now, false, &x) : -ENOMEM;

	if (rc == 0)
		rc = smi_f2b_try(x, r->filter, line, limits, add_taken, t);
	smi_f2b_run_free(x);
	if (rc < 0)
		return rc;
	if (!rc)
		smi_buf_printf(&t->text, smi_trf("%s: %s"), r->id,
			       limits[r->index].hits
				       ? smi_tr("gave up: matching took too "
						"many steps")
				       : smi_tr("no failregex fits"));
	if (rc && !t->text.len)
		smi_buf_printf(&t->text,
			       smi_trf("%s: leaves the address alone"), r->id);

	int told = tell(t, r->index, rc);

	return told ? told : rc;
}

static int ask_words(struct teller *t, struct smi_span message)
{
	struct smi_span word;

	if (smi_keywords_find(message, &word))
		add_quoted(&t->text, "keyword: the line has the word ", word);
	else
		smi_buf_str(&t->text,
			    smi_tr("keyword: no generic word counts here"));
	return tell(t, SIZE_MAX, 0);
}

SM_EXPORT int sm_ruleset_explain(sm_ruleset *rs, const char *text, size_t len,
				 sm_explain_fn fn, void *user)
{
	SMI_CLEANUP(smi_matcher_freep) struct smi_matcher *m = NULL;
	SMI_CLEANUP(free_teller) struct teller t = { fn, user, { 0 } };
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	struct smi_line line = { .file = "", .time = INT64_MIN, .room = &room };
	struct smi_span message;
	uint64_t repeated;
	int r;

	if (!rs || !fn || (!text && len))
		return -EINVAL;
	line.raw = smi_span_of(len ? text : "", len);
	line.message = line.raw;
	if (rs->header)
		rs->header(&line);
	message = line.message;
	repeated = smi_match_unrepeat(&message);
	r = smi_buf_error(&room.text);
	if (r == 0)
		r = smi_matcher_new(&m);
	if (r == 0)
		r = tell_header(&t, &line);
	if (r == 0)
		r = tell_groups(&t, rs, &line);
	if (r == 0 && line.web)
		r = tell_request(&t, line.web, smi_matcher_room(m));
	for (size_t i = 0; r == 0 && line.web && i < rs->rules.n; i++)
		if (rs->rules.v[i]->web)
			r = ask_web_rule(&t, rs->rules.v[i], m, &line);
	for (size_t i = 0; r == 0 && i < rs->rules.n; i++)
		if (rs->rules.v[i]->type == SMI_RULE_PATTERN &&
		    !rs->rules.v[i]->web &&
		    has_program(rs->rules.v[i], line.program))
			r = rs->rules.v[i]->filter
				    ? ask_filter(&t, rs, rs->rules.v[i], &line)
				    : ask_rule(&t, rs->rules.v[i], m, message,
					       repeated);
	for (size_t i = 0; r == 0 && i < rs->rules.n; i++)
		if (rs->rules.v[i]->type == SMI_RULE_PATTERN &&
		    !rs->rules.v[i]->web &&
		    !has_program(rs->rules.v[i], line.program))
			r = ask_other(&t, rs->rules.v[i], m, message);
	if (r == 0)
		return ask_words(&t, line.message);
	return r == 1 ? 0 : r;
}

static int emit(struct smi_arena *a, const sm_record *r, sm_event_fn fn,
		void *user)
{
	struct sm_event ev = { .kind = SM_EVENT_RECORD, .rec = r };
	int rc;

	if (!r || smi_arena_error(a))
		return -ENOMEM;
	rc = fn(&ev, user);
	smi_arena_reset(a);
	return rc;
}

static sm_record *rule_record(struct smi_arena *a, const char *file,
			      uint32_t line, const char *id, const char *status)
{
	sm_record *r = smi_rec_new(a, SM_KIND_RULE);

	if (file[0])
		smi_set_const(r, SMI_RULE_FILE, file);
	if (line)
		smi_set_int(r, SMI_RULE_LINE, line);
	if (id[0])
		smi_set_const(r, SMI_RULE_ID, id);
	smi_set_const(r, SMI_RULE_STATUS, status);
	return r;
}

/* A frozen set has no context. */
static int64_t now_of(const sm_ruleset *rs)
{
	return rs->ctx ? smi_now_wall(rs->ctx) : smi_clock_system.wall(NULL);
}

SM_EXPORT int sm_ruleset_list(const sm_ruleset *rs, sm_event_fn fn, void *user)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	int rc = 0;

	if (!rs || !fn)
		return -EINVAL;
	for (size_t i = 0; rc == 0 && i < rs->rules.n; i++) {
		const struct smi_rule *rule = rs->rules.v[i];
		sm_record *r =
			rule_record(&a, rule->file, rule->line, rule->id, "ok");

		if (rule->type == SMI_RULE_ALLOW &&
		    smi_allow_is_over(rule, now_of(rs)))
			smi_set_const(r, SMI_RULE_REASON,
				      "it has expired and has no effect");
		smi_set_const(r, SMI_RULE_TITLE, rule->title);
		smi_set_const(r, SMI_RULE_SEVERITY,
			      sm_severity_name(rule->severity));
		rc = emit(&a, r, fn, user);
	}
	for (size_t i = 0; rc == 0 && i < rs->problems.n; i++) {
		const struct smi_problem *p = &rs->problems.v[i];
		sm_record *r = rule_record(&a, p->file, p->line, p->id,
					   p->severity == SM_SEV_HIGH ? "error"
								      : "ok");

		smi_set_const(r, SMI_RULE_REASON, p->text);
		rc = emit(&a, r, fn, user);
	}
	return rc;
}
