/* SPDX-License-Identifier: MIT */
#include "detect/fail2ban.h"

#include <stdio.h>
#include <sysmon/sysmon.h>

#include "base/utf8.h"
#include "detect/ini.h"
#include "detect/ruleset.h"

#define DEFINITION SMI_SPAN("Definition")

/* A filter in the making. */
struct maker {
	sm_ruleset *rs;
	struct smi_f2b_conf *c;
	const struct smi_f2b_plan *plan;
	struct smi_f2b_filter *f;
	smi_f2b_values opts; /* what tags are looked up in first */
	smi_f2b_values vars; /* what %(names)s are looked up in first */
	enum smi_f2b_dns dns;
};

static void free_maker(struct maker *m)
{
	smi_vec_free(&m->opts);
	smi_vec_free(&m->vars);
}

static void release_regex(struct smi_f2b_regex *re)
{
	if (re->re.code)
		smi_regex_release(&re->re);
}

void smi_f2b_filter_release(struct smi_f2b_filter *f)
{
	if (f->pref)
		release_regex(f->pref);
	for (size_t i = 0; i < f->nfail; i++)
		release_regex(&f->fail[i]);
	for (size_t i = 0; i < f->nignore; i++)
		release_regex(&f->ignore[i]);
}

/* The options of a filter that mean something by themselves. */
static const char *const known[] = { "usedns",	    "prefregex", "ignoreregex",
				     "failregex",   "maxlines",	 "datepattern",
				     "journalmatch" };

static int add_opt(struct maker *m, struct smi_f2b_value *v,
		   struct smi_span name)
{
	v->name = name;
	return smi_vec_push(&m->opts, *v) ? 0 : -ENOMEM;
}

static int copy_given(struct maker *m)
{
	const smi_f2b_values *given = m->plan->given, *jail = m->plan->jail;

	for (size_t i = 0; given && i < given->n; i++)
		if (!smi_vec_push(&m->opts, given->v[i]) ||
		    !smi_vec_push(&m->vars, given->v[i]))
			return -ENOMEM;
	for (size_t i = 0; jail && i < jail->n; i++)
		if (!smi_f2b_find(given, jail->v[i].name) &&
		    !smi_vec_push(&m->vars, jail->v[i]))
			return -ENOMEM;
	return 0;
}

static int read_known(struct maker *m)
{
	for (size_t i = 0; i < SMI_COUNT(known); i++) {
		struct smi_span name = smi_span_str(known[i]);
		struct smi_f2b_value v;
		int r;

		if (smi_f2b_find(&m->vars, name))
			continue;
		r = smi_f2b_get(m->c, DEFINITION, name, &m->vars, &v);
		if (r == 1)
			r = add_opt(m, &v, name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int known_name(struct maker *m, struct smi_span name,
		      struct smi_span *out)
{
	char *p = smi_arena_alloc(&m->c->arena, name.len + 6);

	if (!p)
		return -ENOMEM;
	memcpy(p, "known/", 6);
	memcpy(p + 6, name.p, name.len);
	*out = smi_span_of(p, name.len + 6);
	return 0;
}

/* [Init] has what may be overridden. */
static int read_init(struct maker *m)
{
	for (size_t i = 0; i < m->c->values.n; i++) {
		struct smi_f2b_value *raw = m->c->values.v[i], v;
		struct smi_span name = raw->name, known_as;
		int r;

		if (!smi_span_eq_str(raw->section, "Init") || !name.len)
			continue;
		r = smi_f2b_get(m->c, raw->section, name, NULL, &v);
		if (r < 0)
			return r;
		r = known_name(m, name, &known_as);
		if (r == 0)
			r = add_opt(m, &v, known_as);
		if (r == 0 && !smi_f2b_find(&m->opts, name))
			r = add_opt(m, &v, name);
		if (r < 0)
			return r;
	}
	return 0;
}

/* An option with everything filled in. 1, 0 where there is none. */
static int final_value(struct maker *m, const char *name,
		       struct smi_f2b_value *out)
{
	const struct smi_f2b_value *v =
		smi_f2b_find(&m->opts, smi_span_str(name));
	int r;

	if (!v && m->plan->jail)
		v = smi_f2b_find(m->plan->jail, smi_span_str(name));
	if (!v)
		return 0;
	*out = *v;
	r = smi_f2b_fill_tags(m->c, &m->opts, &m->vars, out);
	return r < 0 ? r : 1;
}

static int bad_regex(struct maker *m, const struct smi_f2b_value *v,
		     const char *what, struct smi_span text, const char *why)
{
	return smi_f2b_fail(m->c, v->file, v->line, "%s \"%.*s\": %s", what,
			    (int)SMI_MIN(text.len, (size_t)200), text.p, why);
}

static int count_regex(struct maker *m, const struct smi_f2b_value *v,
		       struct smi_f2b_regex *re)
{
	sm_ruleset *rs = m->rs;

	re->number = rs->nregexes++;
	rs->npatterns++;
	rs->pattern_bytes += smi_regex_size(&re->re);
	if (rs->npatterns > SMI_MAX_PATTERNS ||
	    rs->pattern_bytes > SMI_MAX_PATTERN_BYTES)
		return smi_f2b_fail(m->c, v->file, v->line,
				    "there are too many patterns");
	return 0;
}

static int compile_one(struct maker *m, const struct smi_f2b_value *v,
		       const char *what, struct smi_span text,
		       struct smi_f2b_regex *out)
{
	struct smi_regex_error err = { 0 };
	int r = smi_f2b_regex_compile(text, m->dns, m->f->max_lines > 1,
				      &m->rs->arena, out, &err);

	if (r == -EBADMSG)
		return bad_regex(m, v, what, text, err.text);
	return r < 0 ? r : count_regex(m, v, out);
}

static size_t count_lines(struct smi_span text)
{
	size_t n = 0;
	struct smi_span line;

	while (smi_span_split(&text, '\n', &line))
		n += line.len > 0;
	return n;
}

/* A regex a line. *n grows with each, so that what is there can be released. */
static int compile_list(struct maker *m, const char *what,
			struct smi_f2b_regex **list, size_t *n)
{
	struct smi_f2b_value v;
	struct smi_span rest, line;
	int r = final_value(m, what, &v);
	size_t max;

	if (r <= 0)
		return r;
	max = count_lines(v.text);
	if (max > SMI_F2B_MAX_REGEXES)
		return smi_f2b_fail(m->c, v.file, v.line,
				    "%s has more than %d lines", what,
				    SMI_F2B_MAX_REGEXES);
	*list = smi_arena_zalloc(&m->rs->arena, (max + 1) * sizeof(**list));
	if (!*list)
		return -ENOMEM;
	rest = v.text;
	while (r >= 0 && smi_span_split(&rest, '\n', &line)) {
		if (!line.len)
			continue;
		if (!smi_ini_strip(line).len)
			return bad_regex(m, &v, what, line, "it is empty");
		r = compile_one(m, &v, what, line, &(*list)[*n]);
		*n += (*list)[*n].re.code != NULL;
	}
	return SMI_MIN(r, 0);
}

#define IDS                                                                    \
	(1u << SMI_F2B_FID | 1u << SMI_F2B_IP4 | 1u << SMI_F2B_IP6 |           \
	 1u << SMI_F2B_DNS | 1u << SMI_F2B_MLFID)

static int compile_fail(struct maker *m)
{
	struct smi_f2b_filter *f = m->f;
	const struct smi_f2b_value *v;
	int r = compile_list(m, "failregex", &f->fail, &f->nfail);

	if (r < 0)
		return r;
	v = smi_f2b_find(&m->opts, SMI_SPAN("failregex"));
	if (!f->nfail)
		return smi_f2b_fail(m->c, v ? v->file : f->rules[0].file,
				    v ? v->line : 0,
				    "the filter has no failregex");
	for (size_t i = 0; i < f->nfail; i++)
		if (!(f->fail[i].keys & IDS) &&
		    !(f->pref && f->pref->keys & IDS))
			return bad_regex(m, v ? v : &m->opts.v[0], "failregex",
					 f->fail[i].pattern,
					 "it catches no <HOST>, <ADDR> or "
					 "other address");
	return 0;
}

static int compile_pref(struct maker *m)
{
	struct smi_f2b_value v;
	struct smi_f2b_regex *re;
	int r = final_value(m, "prefregex", &v);

	if (r <= 0 || !v.text.len)
		return r;
	re = smi_arena_zalloc(&m->rs->arena, sizeof(*re));
	if (!re)
		return -ENOMEM;
	r = compile_one(m, &v, "prefregex", v.text, re);
	if (re->re.code)
		m->f->pref = re;
	return r;
}

static int read_numbers(struct maker *m)
{
	struct smi_f2b_value v;
	uint64_t n;
	int r = final_value(m, "maxlines", &v);

	if (r < 0)
		return r;
	m->f->max_lines = 1;
	if (r == 1 && v.text.len) {
		if (!smi_span_uint(smi_ini_strip(v.text), SMI_F2B_MAX_LINES,
				   &n) ||
		    !n)
			return smi_f2b_fail(
				m->c, v.file, v.line,
				"maxlines is \"%.*s\", but a "
				"number from 1 to %d is right",
				(int)SMI_MIN(v.text.len, (size_t)64), v.text.p,
				SMI_F2B_MAX_LINES);
		m->f->max_lines = (unsigned)n;
	}
	r = final_value(m, "usedns", &v);
	if (r == 1 && smi_span_eq_nocase(v.text, SMI_SPAN("no")))
		m->dns = SMI_F2B_DNS_NO;
	return SMI_MIN(r, 0);
}

static int share_dates(struct maker *m, struct smi_span text,
		       struct smi_regex_error *err)
{
	sm_ruleset *rs = m->rs;
	struct smi_f2b_dates *d;
	int r;

	for (size_t i = 0; i < rs->dates.n; i++)
		if (smi_span_eq(rs->dates.v[i]->text, text)) {
			m->f->dates = rs->dates.v[i];
			return 0;
		}
	d = smi_arena_zalloc(&rs->arena, sizeof(*d));
	if (!d || !smi_vec_reserve(&rs->dates, rs->dates.n + 1))
		return -ENOMEM;
	r = smi_f2b_dates_compile(d, text, &rs->arena, err);
	if (r < 0) {
		smi_f2b_dates_release(d);
		return r;
	}
	d->number = rs->dates.n;
	rs->dates.v[rs->dates.n++] = d;
	m->f->dates = d;
	return 0;
}

static int compile_dates(struct maker *m)
{
	struct smi_regex_error err = { 0 };
	struct smi_f2b_value v = { .text = SMI_SPAN(""), .file = "" };
	int r = final_value(m, "datepattern", &v);

	if (r >= 0)
		r = share_dates(m, v.text, &err);
	return r == -EBADMSG && err.text[0]
		       ? bad_regex(m, &v, "datepattern", v.text, err.text)
		       : r;
}

static int read_journal(struct maker *m)
{
	struct smi_f2b_value v;
	struct smi_span bad = { 0 };
	int r = smi_f2b_find(&m->opts, SMI_SPAN("logtype"))
			? final_value(m, "logtype", &v)
			: smi_f2b_get(m->c, DEFINITION, SMI_SPAN("logtype"),
				      &m->vars, &v);

	if (r < 0)
		return r;
	m->f->journal = r == 1 && smi_span_eq_str(v.text, "journal");
	r = final_value(m, "journalmatch", &v);
	if (r == 1)
		r = smi_f2b_journal_parse(m->rs, v.text, &m->f->journalmatch,
					  &bad);
	if (r != -EBADMSG)
		return SMI_MIN(r, 0);
	return smi_f2b_fail(m->c, v.file, v.line,
			    "the journalmatch has \"%.*s\": FIELD=value and + "
			    "are right, at most 64 of them with 32 fields in "
			    "all filters",
			    (int)SMI_MIN(bad.len, (size_t)100), bad.p);
}

static const struct {
	const char *action;
	int outcome;
	bool failure;
} events[SMI_F2B_NEVENTS] = {
	[SMI_F2B_EVENT_FAILURE] = { "login_failed", SM_OUTCOME_FAILURE, true },
	[SMI_F2B_EVENT_AGAIN] = { "login_failed", SM_OUTCOME_FAILURE, true },
	[SMI_F2B_EVENT_HELPS] = { "auth_detail", SM_OUTCOME_FAILURE, false },
	[SMI_F2B_EVENT_GAINED] = { "login_ok", SM_OUTCOME_SUCCESS, false },
};

static int make_rules(struct maker *m, const char *file, uint32_t line)
{
	for (size_t i = 0; i < SMI_F2B_NEVENTS; i++) {
		struct smi_rule *r = &m->f->rules[i];

		*r = (struct smi_rule){
			.type = SMI_RULE_PATTERN,
			.file = file,
			.line = line,
			.id = m->plan->id,
			.title = m->plan->title,
			.kind = "",
			.why = "",
			.next_step = "",
			.severity = SM_SEV_LOW,
			.action = events[i].action,
			.outcome = events[i].outcome,
			.failure = events[i].failure,
			.filter = m->f,
		};
		if (i == SMI_F2B_EVENT_AGAIN)
			continue;
		r->actions = smi_actions_bit(&m->rs->actions, r->action);
		if (!r->actions)
			return smi_f2b_fail(m->c, file, line,
					    "the rules name more than %d "
					    "actions",
					    SMI_MAX_ACTIONS);
	}
	return 0;
}

static int make_all(struct maker *m)
{
	int (*const steps[])(struct maker *) = {
		copy_given,   read_known,   read_init,	   read_numbers,
		compile_pref, compile_fail, compile_dates, read_journal,
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < SMI_COUNT(steps); i++)
		r = steps[i](m);
	return r < 0 ? r
		     : compile_list(m, "ignoreregex", &m->f->ignore,
				    &m->f->nignore);
}

bool smi_f2b_is_name(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c | 32) >= 'a' && (c | 32) <= 'z') &&
		    !(c >= '0' && c <= '9') && !strchr("-_.+", c))
			return false;
	}
	return s.len && s.len < 100 && s.p[0] != '.';
}

static int read_path(struct maker *m, const char **file)
{
	const struct smi_f2b_plan *p = m->plan;
	int r;

	*file = smi_utf8_escape_dup(&m->rs->arena, smi_span_str(p->path));
	if (!*file)
		return -ENOMEM;
	r = p->text ? smi_f2b_conf_text(m->c, p->path, *p->text)
		    : smi_f2b_conf_file(m->c, p->path);
	if (r != 0)
		return SMI_MIN(r, 0);
	smi_f2b_fail(m->c, "", 0, "there is no filter %s", *file);
	return -ENOENT;
}

static int read_files(struct maker *m, const char **file)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf base = { 0 };
	const struct smi_f2b_plan *p = m->plan;
	const char *dir =
		m->rs->fail2ban_dir ? m->rs->fail2ban_dir : SMI_F2B_DIR;
	int r;

	if (p->path)
		return read_path(m, file);
	if (!smi_f2b_is_name(p->name))
		return smi_f2b_fail(m->c, p->file, p->line,
				    "\"%.*s\" is no name of a filter",
				    (int)SMI_MIN(p->name.len, (size_t)100),
				    p->name.p);
	smi_buf_printf(&base, "%s/filter.d/%.*s", dir, (int)p->name.len,
		       p->name.p);
	if (!smi_buf_cstr(&base))
		return -ENOMEM;
	r = smi_f2b_conf_read(m->c, base.p);
	if (r < 0)
		return r;
	smi_buf_str(&base, ".conf");
	*file = smi_buf_cstr(&base) ? smi_utf8_escape_dup(&m->rs->arena,
							  smi_buf_span(&base))
				    : NULL;
	if (!*file)
		return -ENOMEM;
	if (r == 0) {
		smi_f2b_fail(m->c, p->file, p->line, "there is no filter %s",
			     *file);
		return -ENOENT;
	}
	return 0;
}

int smi_f2b_known(sm_ruleset *rs, struct smi_f2b_conf *c,
		  const struct smi_f2b_plan *p, smi_f2b_values *out)
{
	SMI_CLEANUP(free_maker)
	struct maker m = { .rs = rs, .c = c, .plan = p };
	const char *file = "";
	int r = read_files(&m, &file);

	if (r == 0)
		r = copy_given(&m);
	if (r == 0)
		r = read_known(&m);
	if (r == 0)
		r = read_init(&m);
	for (size_t i = 0; r >= 0 && i < SMI_COUNT(known); i++) {
		struct smi_f2b_value v;

		r = final_value(&m, known[i], &v);
		v.name = smi_span_str(known[i]);
		if (r == 1 && !smi_vec_push(out, v))
			r = -ENOMEM;
	}
	return SMI_MIN(r, 0);
}

int smi_f2b_make(sm_ruleset *rs, struct smi_f2b_conf *c,
		 const struct smi_f2b_plan *p, struct smi_f2b_filter **out)
{
	SMI_CLEANUP(free_maker)
	struct maker m = { .rs = rs, .c = c, .plan = p };
	const char *file = "";
	int r = 0;

	m.f = smi_arena_zalloc(&rs->arena, sizeof(*m.f));
	if (m.f)
		m.f->name =
			smi_arena_strndup(&rs->arena, p->name.p, p->name.len);
	if (!m.f || !m.f->name)
		return -ENOMEM;
	r = read_files(&m, &file);
	if (r == 0)
		r = make_rules(&m, file, 1);
	if (r == 0)
		r = make_all(&m);
	if (r < 0) {
		smi_f2b_filter_release(m.f);
		return r;
	}
	*out = m.f;
	return 0;
}
