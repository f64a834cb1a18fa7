/* SPDX-License-Identifier: MIT */
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysmon/sysmon.h>

#include "base/utf8.h"
#include "detect/fail2ban.h"
#include "detect/ini.h"
#include "detect/ruleset.h"

#define MAX_PATHS 1000
#define MAX_WILD  4

/* A jail in the making. */
struct jail {
	sm_ruleset *rs;
	struct smi_f2b_conf *c; /* jail.conf and its kin */
	struct smi_span name;
	const char *file;
	uint32_t line;
	struct smi_f2b_plan plan;
	struct smi_f2b_filter *f;
	const char *backend;
	int64_t findtime;
	uint64_t maxretry;
};

/* 1 and the value, 0 where there is none. */
static int get(struct jail *j, const char *name, struct smi_f2b_value *out)
{
	return smi_f2b_get(j->c, j->name, smi_span_str(name), NULL, out);
}

static int wrong(struct jail *j, const struct smi_f2b_value *v,
		 const char *right)
{
	return smi_f2b_fail(j->c, v->file, v->line,
			    "the jail %.*s has %.*s \"%.*s\": %s is right",
			    (int)j->name.len, j->name.p, (int)v->name.len,
			    v->name.p, (int)SMI_MIN(v->text.len, (size_t)100),
			    v->text.p, right);
}

static bool is_true(struct smi_span s)
{
	static const char *const words[] = { "1", "on", "true", "yes" };

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (smi_span_eq_nocase(s, smi_span_str(words[i])))
			return true;
	return false;
}

/* As fail2ban reckons: a year has 365.25 days, and a month is a twelfth of it. */
static const struct unit {
	const char *names[4];
	int64_t seconds;
} units[] = {
	{ { "s", "ss", "sec", "second" }, 1 },
	{ { "m", "mm", "min", "minute" }, 60 },
	{ { "h", "hh", "hou", "hour" }, 3600 },
	{ { "d", "dd", "da", "day" }, 86400 },
	{ { "w", "ww", "wee", "week" }, 604800 },
	{ { "mo", "mon", "month", "month" }, 2629800 },
	{ { "y", "yy", "yea", "year" }, 31557600 },
};

static bool unit_of(struct smi_span s, int64_t *seconds)
{
	*seconds = 1;
	if (!s.len)
		return true;
	for (int plural = 0; plural < 2; plural++) {
		for (size_t i = 0; i < SMI_COUNT(units); i++)
			for (size_t k = 0; k < 4; k++)
				if (smi_span_eq_nocase(
					    s,
					    smi_span_str(units[i].names[k]))) {
					*seconds = units[i].seconds;
					return true;
				}
		if (s.len < 4 || (s.p[s.len - 1] | 32) != 's')
			return false;
		s.len--;
	}
	return false;
}

static struct smi_span cut_while(struct smi_span *s, bool digits)
{
	size_t n = 0;

	while (n < s->len &&
	       (digits ? s->p[n] >= '0' && s->p[n] <= '9'
		       : (s->p[n] | 32) >= 'a' && (s->p[n] | 32) <= 'z'))
		n++;
	*s = smi_span_skip(*s, n);
	return smi_span_of(s->p - n, n);
}

/* "600", "10m", "1d 12h", "1year-6mo" */
static bool read_seconds(struct smi_span s, int64_t *out)
{
	int64_t total = 0, unit, sign = 1;
	uint64_t n;

	s = smi_ini_strip(s);
	if (!s.len)
		return false;
	while (s.len) {
		if (!smi_span_uint(cut_while(&s, true), 1000000000, &n))
			return false;
		s = smi_ini_strip(s);
		if (!unit_of(cut_while(&s, false), &unit))
			return false;
		total += sign * unit * (int64_t)n;
		s = smi_ini_strip(s);
		sign = 1;
		if (s.len && (s.p[0] == '+' || s.p[0] == '-')) {
			sign = s.p[0] == '-' ? -1 : 1;
			s = smi_ini_strip(smi_span_skip(s, 1));
			if (!s.len)
				return false;
		}
	}
	*out = total;
	return total > 0 && total <= 100 * INT64_C(31557600);
}

static int read_limits(struct jail *j)
{
	struct smi_f2b_value v;
	int r = get(j, "findtime", &v);

	j->findtime = 600;
	j->maxretry = 5;
	if (r == 1 && !read_seconds(v.text, &j->findtime))
		return wrong(j, &v, "a time like 600, 10m or 1d 12h");
	if (r >= 0)
		r = get(j, "maxretry", &v);
	if (r == 1 &&
	    (!smi_span_uint(smi_ini_strip(v.text), 100000, &j->maxretry) ||
	     !j->maxretry))
		return wrong(j, &v, "a number from 1 to 100000");
	return SMI_MIN(r, 0);
}

static int remark(struct jail *j, const struct smi_f2b_value *v,
		  struct smi_span word, const char *why)
{
	return smi_ruleset_problem(
		j->rs, SM_SEV_LOW, v->file, v->line, j->plan.id,
		"the jail %.*s: \"%.*s\" %s", (int)j->name.len, j->name.p,
		(int)SMI_MIN(word.len, (size_t)100), word.p, why);
}

/* The next word between commas and white space; empty at the end. */
static struct smi_span cut_word(struct smi_span *s)
{
	size_t n = 0;

	while (s->len && (smi_ini_space(s->p[0]) || s->p[0] == ','))
		*s = smi_span_skip(*s, 1);
	while (n < s->len && !smi_ini_space(s->p[n]) && s->p[n] != ',')
		n++;
	*s = smi_span_skip(*s, n);
	return smi_span_of(s->p - n, n);
}

static int read_ignoreip(struct jail *j)
{
	struct smi_f2b_value v;
	struct smi_span rest, word;
	size_t max = 0;
	int r = get(j, "ignoreip", &v);

	if (r <= 0)
		return r;
	for (rest = v.text; cut_word(&rest).len;)
		max++;
	j->f->ignoreip = smi_arena_zalloc(&j->rs->arena,
					  (max + 1) * sizeof(*j->f->ignoreip));
	if (!j->f->ignoreip)
		return -ENOMEM;
	for (rest = v.text; r >= 0 && (word = cut_word(&rest)).len;) {
		struct smi_prefix *p = &j->f->ignoreip[j->f->nignoreip];

		if (smi_prefix_parse(word, p))
			j->f->nignoreip++;
		else
			r = remark(j, &v, word,
				   "of ignoreip is no address: names are not "
				   "looked up, so it is not left alone");
	}
	return SMI_MIN(r, 0);
}

static int add_path(struct jail *j, const char *path, const char **list)
{
	char *copy = smi_utf8_escape_dup(&j->rs->arena, smi_span_str(path));

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < j->f->npaths; i++)
		if (strcmp(list[i], copy) == 0)
			return 0;
	if (j->f->npaths == MAX_PATHS)
		return smi_f2b_fail(j->c, j->file, j->line,
				    "the jail %.*s has more than %d logs",
				    (int)j->name.len, j->name.p, MAX_PATHS);
	list[j->f->npaths++] = copy;
	return 0;
}

/* Each wildcard with a way back up multiplies what is looked at. */
static bool is_endless(struct smi_span pattern)
{
	struct smi_span part;
	int wild = 0;

	while (smi_span_split(&pattern, '/', &part)) {
		if (wild && smi_span_eq_str(part, ".."))
			return true;
		for (size_t i = 0; i < part.len; i++)
			if (memchr("*?[", part.p[i], 3)) {
				wild++;
				break;
			}
	}
	return wild > MAX_WILD;
}

/* A log may be a FIFO, but only where its name is written out: whoever can make one
 * beside the logs would stop the reading of all. */
static bool is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static int leave_fifo_out(struct jail *j, const char *path)
{
	char *shown = smi_utf8_escape_dup(&j->rs->arena, smi_span_str(path));

	return shown ? smi_ruleset_problem(
			       j->rs, SM_SEV_LOW, j->file, j->line, j->plan.id,
			       "the jail %.*s: %s is a FIFO that a pattern of "
			       "its logpath found: it is not read",
			       (int)j->name.len, j->name.p, shown)
		     : -ENOMEM;
}

/* "/var/log/a*.log tail": the files now; a pattern without any stays, so that it
 * is told of when it is read. */
static int add_glob(struct jail *j, struct smi_span line, const char **list)
{
	SMI_AUTOFREE char *pattern = NULL;
	glob_t g = { 0 };
	int r = 0, rc;

	if (smi_span_ends(line, SMI_SPAN(" head")) ||
	    smi_span_ends(line, SMI_SPAN(" tail")))
		line = smi_ini_strip(smi_span_head(line, line.len - 5));
	if (is_endless(line))
		return smi_f2b_fail(j->c, j->file, j->line,
				    "the logpath %.*s of the jail %.*s has .. "
				    "behind a wildcard, or wildcards in more "
				    "than %d of its parts",
				    (int)SMI_MIN(line.len, (size_t)200), line.p,
				    (int)j->name.len, j->name.p, MAX_WILD);
	pattern = smi_strndup(line.p, line.len);
	if (!pattern)
		return -ENOMEM;
	rc = glob(pattern, GLOB_NOCHECK, NULL, &g);
	for (size_t i = 0; rc == 0 && r == 0 && i < g.gl_pathc; i++)
		r = strcmp(g.gl_pathv[i], pattern) && is_fifo(g.gl_pathv[i])
			    ? leave_fifo_out(j, g.gl_pathv[i])
			    : add_path(j, g.gl_pathv[i], list);
	globfree(&g);
	return rc == GLOB_NOSPACE ? -ENOMEM : r;
}

static int read_paths(struct jail *j)
{
	struct smi_f2b_value v;
	struct smi_span rest, line;
	const char **list =
		smi_arena_zalloc(&j->rs->arena, MAX_PATHS * sizeof(*list));
	int r = list ? get(j, "logpath", &v) : -ENOMEM;

	if (r < 0)
		return r;
	j->f->paths = list;
	if (strncmp(j->backend, "systemd", 7) == 0)
		return add_path(j, "journal", list);
	rest = r == 1 ? v.text : SMI_SPAN("");
	for (r = 0; r == 0 && smi_span_split(&rest, '\n', &line);) {
		line = smi_ini_strip(line);
		if (line.len)
			r = add_glob(j, line, list);
	}
	if (r == 0 && !j->f->npaths)
		return smi_f2b_fail(j->c, j->file, j->line,
				    "the jail %.*s has no logpath",
				    (int)j->name.len, j->name.p);
	return r;
}

/* The options of a filter that a jail may have in their place, and those that
 * their values may refer to. */
static const char *const overriding[] = { "usedns",	 "prefregex",
					  "ignoreregex", "failregex",
					  "maxlines",	 "datepattern",
					  "journalmatch" };

static int read_overriding(struct jail *j, smi_f2b_values *out)
{
	for (size_t i = 0; i < SMI_COUNT(overriding); i++) {
		struct smi_f2b_value v;
		int r = get(j, overriding[i], &v);

		if (r < 0)
			return r;
		v.name = smi_span_str(overriding[i]);
		if (r == 1 && !smi_vec_push(out, v))
			return -ENOMEM;
	}
	return 0;
}

/* "%(known/failregex)s" in a jail is the filter's. */
static int put_known(struct jail *j, const smi_f2b_values *known)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < known->n; i++) {
		struct smi_f2b_value v = known->v[i];
		struct smi_buf name = { 0 };
		char *text =
			smi_arena_strndup(&j->c->arena, v.text.p, v.text.len);

		smi_buf_str(&name, "known/");
		smi_buf_span_add(&name, v.name);
		v.section = j->name;
		v.text = smi_span_of(text, v.text.len);
		v.name.p = smi_buf_cstr(&name)
				   ? smi_arena_strndup(&j->c->arena, name.p,
						       name.len)
				   : NULL;
		v.name.len = name.len;
		r = text && v.name.p ? smi_f2b_put(j->c, &v) : -ENOMEM;
		smi_buf_free(&name);
	}
	return r;
}

static void free_values(smi_f2b_values *v)
{
	smi_vec_free(v);
}

/* The error of the filter's files is the jail's. */
static int hand_error(struct jail *j, const struct smi_f2b_conf *from, int r)
{
	if (r < 0 && r != -ENOMEM && from->err.text[0]) {
		j->c->err = from->err;
		return -EBADMSG;
	}
	return r;
}

static int make_filter(struct jail *j)
{
	SMI_CLEANUP(smi_f2b_conf_free) struct smi_f2b_conf c;
	SMI_CLEANUP(free_values) smi_f2b_values known = { 0 };
	SMI_CLEANUP(free_values) smi_f2b_values own = { 0 };
	int r;

	smi_f2b_conf_init(&c, &j->rs->arena);
	r = smi_f2b_known(j->rs, &c, &j->plan, &known);
	if (r == 0)
		r = put_known(j, &known);
	r = hand_error(j, &c, r);
	if (r == 0)
		r = read_overriding(j, &own);
	smi_f2b_conf_free(&c);
	smi_f2b_conf_init(&c, &j->rs->arena);
	j->plan.jail = &own;
	if (r == 0)
		r = hand_error(j, &c, smi_f2b_make(j->rs, &c, &j->plan, &j->f));
	j->plan.jail = NULL;
	return r;
}

static const char *text_of(sm_ruleset *rs, const char *before,
			   struct smi_span name, const char *after)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%.*s%s", before, (int)name.len, name.p,
		 after);
	return smi_arena_strndup(&rs->arena, text, strlen(text));
}

/* What the jail would ban is a finding. */
static int make_finding(struct jail *j, struct smi_rule **out)
{
	struct smi_rule *r = smi_arena_zalloc(&j->rs->arena, sizeof(*r));
	struct smi_correlation *c = smi_arena_zalloc(&j->rs->arena, sizeof(*c));

	if (!r || !c)
		return -ENOMEM;
	r->type = SMI_RULE_CORRELATION;
	r->file = j->file;
	r->line = j->line;
	r->id = text_of(j->rs, "fail2ban-ban-", j->name, "");
	r->title =
		text_of(j->rs, "{count} failures from {source_ip} in the jail ",
			j->name, "");
	r->why = text_of(j->rs, "The jail ", j->name,
			 " of fail2ban bans whoever makes {threshold} "
			 "failures within {window}.");
	r->next_step = "Look whether fail2ban has banned {source_ip}.";
	r->kind = "brute_force";
	r->severity = SM_SEV_HIGH;
	r->corr = c;
	c->type = SMI_CORR_EVENT_COUNT;
	c->items[0] = (struct smi_item){ .rule = j->plan.id, .line = j->line };
	c->nitems = 1;
	c->group_by[0] = SMI_ROLE_SOURCE_IP;
	c->ngroup_by = 1;
	c->span = j->findtime * SMI_SEC;
	c->count = j->maxretry;
	c->field = c->once_per = SMI_ROLE_NONE;
	*out = r;
	return r->id && r->title && r->why ? 0 : -ENOMEM;
}

static int read_filter(struct jail *j, smi_f2b_values *given)
{
	struct smi_f2b_value v;
	int r = get(j, "backend", &v);

	j->backend = "auto";
	if (r == 1)
		j->backend =
			smi_arena_strndup(&j->c->arena, v.text.p, v.text.len);
	if (r < 0 || !j->backend)
		return r < 0 ? r : -ENOMEM;
	r = get(j, "filter", &v);
	if (r == 0 || (r == 1 && !v.text.len))
		return smi_f2b_fail(j->c, j->file, j->line,
				    "the jail %.*s has no filter",
				    (int)j->name.len, j->name.p);
	if (r < 0)
		return r;
	r = smi_f2b_parse_spec(j->c, v.text, v.file, v.line, &j->plan.name,
			       given);
	j->plan.given = given;
	j->plan.file = v.file;
	j->plan.line = v.line;
	if (r == 0 && strncmp(j->backend, "systemd", 7) == 0 &&
	    !smi_f2b_find(given, SMI_SPAN("logtype"))) {
		v.name = SMI_SPAN("logtype");
		v.text = SMI_SPAN("journal");
		r = smi_vec_push(given, v) ? 0 : -ENOMEM;
	}
	return r;
}

/* How many rules were added. */
static int load_jail(struct jail *j)
{
	SMI_CLEANUP(free_values) smi_f2b_values given = { 0 };
	struct smi_rule *finding = NULL;
	int r = read_filter(j, &given);

	j->plan.id = text_of(j->rs, "fail2ban-", j->name, "");
	j->plan.title = text_of(j->rs, "The fail2ban jail ", j->name, "");
	if (!j->plan.id || !j->plan.title)
		return -ENOMEM;
	if (r == 0)
		r = read_limits(j);
	if (r == 0)
		r = make_filter(j);
	if (r < 0)
		return r;
	r = read_ignoreip(j);
	if (r == 0)
		r = read_paths(j);
	if (r == 0)
		r = make_finding(j, &finding);
	if (r < 0) {
		smi_f2b_filter_release(j->f);
		return r;
	}
	r = smi_f2b_take(j->rs, j->f);
	if (r == 0)
		r = smi_ruleset_take(j->rs, finding);
	/* That the id is taken has been told. */
	return r == -EBADMSG ? 0 : r < 0 ? r : 2;
}

static bool is_named(struct smi_span list, struct smi_span name)
{
	struct smi_span rest = list, word;

	while ((word = cut_word(&rest)).len)
		if (smi_span_eq(word, name))
			return true;
	return false;
}

/* 1: the section is a jail that is asked for. */
static int is_wanted(struct jail *j, struct smi_span only)
{
	struct smi_f2b_value v;
	int r;

	if (only.len)
		return is_named(only, j->name);
	r = get(j, "enabled", &v);
	return r < 0 ? r : r == 1 && is_true(smi_ini_strip(v.text));
}

static int tell_error(struct jail *j, int r)
{
	if (r == -ENOMEM)
		return r;
	return smi_ruleset_problem(
		j->rs, SM_SEV_HIGH,
		j->c->err.file && j->c->err.file[0] ? j->c->err.file : j->file,
		j->c->err.line, "", "%s", j->c->err.text);
}

static int load_section(sm_ruleset *rs, struct smi_f2b_conf *c,
			const struct smi_f2b_value *v, struct smi_span only,
			bool *wanted)
{
	struct jail j = { .rs = rs,
			  .c = c,
			  .name = v->section,
			  .file = v->file,
			  .line = v->line };
	int r = is_wanted(&j, only);

	if (r == 0)
		return 0;
	*wanted = true;
	if (r == 1 && !smi_f2b_is_name(j.name))
		r = smi_f2b_fail(
			c, v->file, v->line, "\"%.*s\" is no name of a jail",
			(int)SMI_MIN(j.name.len, (size_t)64), j.name.p);
	if (r == 1)
		r = load_jail(&j);
	return r < 0 ? tell_error(&j, r) : r;
}

static int read_jails(sm_ruleset *rs, struct smi_f2b_conf *c)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf base = { 0 };
	const char *dir = rs->fail2ban_dir ? rs->fail2ban_dir : SMI_F2B_DIR;
	struct smi_f2b_value known = { .section = SMI_SPAN("DEFAULT"),
				       .name = SMI_SPAN("fail2ban_confpath"),
				       .text = smi_span_str(dir),
				       .file = "" };
	int r;

	smi_buf_printf(&base, "%s/jail", dir);
	r = smi_buf_cstr(&base) ? smi_f2b_put(c, &known) : -ENOMEM;
	known.name = SMI_SPAN("fail2ban_version");
	known.text = SMI_SPAN("");
	if (r == 0)
		r = smi_f2b_put(c, &known);
	if (r == 0)
		r = smi_f2b_conf_read(c, base.p);
	if (r != 0)
		return r;
	smi_f2b_fail(c, "", 0, "there is no %s.conf", base.p);
	return -ENOENT;
}

int smi_f2b_load_jails(sm_ruleset *rs, const char *only)
{
	SMI_CLEANUP(smi_f2b_conf_free) struct smi_f2b_conf c;
	struct smi_span names = smi_span_str(only);
	int r, total = 0, told;
	bool any = false;

	smi_f2b_conf_init(&c, &rs->arena);
	r = read_jails(rs, &c);
	if (r < 0)
		return smi_f2b_tell(rs, &c, r);
	told = smi_f2b_tell_remarks(rs, &c, "");
	r = told;
	for (size_t i = 0; r >= 0 && i < c.values.n; i++) {
		const struct smi_f2b_value *v = c.values.v[i];

		if (v->name.len || smi_span_eq_str(v->section, "INCLUDES") ||
		    smi_span_eq_str(v->section, "DEFAULT") ||
		    smi_span_starts(v->section, SMI_SPAN("KNOWN/")))
			continue;
		r = load_section(rs, &c, v, names, &any);
		total += SMI_MAX(r, 0);
	}
	if (r == -ENOMEM)
		return smi_fail_nomem(rs->ctx);
	if (r >= 0 && !any)
		return only[0] ? smi_fail(rs->ctx, -ENOENT,
					  "there is no jail \"%s\"", only)
			       : smi_fail(rs->ctx, -ENOENT,
					  "no jail of fail2ban is enabled");
	return r < 0 ? r : total;
}
