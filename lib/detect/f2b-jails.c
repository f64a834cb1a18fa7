/* SPDX-License-Identifier: MIT */
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysmon/sysmon.h>

#include "base/utf8.h"
#include "detect/f2b-jail.h"
#include "detect/ini.h"
#include "detect/ruleset.h"

#define MAX_PATHS 1000
#define MAX_WILD  4

int smi_f2b_jail_get(struct smi_f2b_jail *j, const char *name,
		     struct smi_f2b_value *out)
{
	return smi_f2b_get(j->c, j->name, smi_span_str(name), NULL, out);
}

int smi_f2b_jail_wrong(struct smi_f2b_jail *j, const struct smi_f2b_value *v,
		       const char *right)
{
	return smi_f2b_fail(j->c, v->file, v->line,
			    "the jail %.*s has %.*s \"%.*s\": %s is right",
			    (int)j->name.len, j->name.p, (int)v->name.len,
			    v->name.p, (int)SMI_MIN(v->text.len, (size_t)100),
			    v->text.p, right);
}

int smi_f2b_jail_remark(struct smi_f2b_jail *j, const struct smi_f2b_value *v,
			struct smi_span word, const char *why)
{
	return smi_ruleset_problem(
		j->rs, SM_SEV_LOW, v->file, v->line, j->plan.id,
		"the jail %.*s: \"%.*s\" %s", (int)j->name.len, j->name.p,
		(int)SMI_MIN(word.len, (size_t)100), word.p, why);
}

static int read_limits(struct smi_f2b_jail *j)
{
	struct smi_f2b_value v;
	int r = smi_f2b_jail_get(j, "findtime", &v);

	j->findtime = 600;
	j->maxretry = 5;
	if (r == 1 && !smi_f2b_seconds(v.text, &j->findtime))
		return smi_f2b_jail_wrong(j, &v,
					  "a time like 600, 10m or 1d 12h");
	if (r >= 0)
		r = smi_f2b_jail_get(j, "maxretry", &v);
	if (r == 1 &&
	    (!smi_span_uint(smi_ini_strip(v.text), 100000, &j->maxretry) ||
	     !j->maxretry))
		return smi_f2b_jail_wrong(j, &v, "a number from 1 to 100000");
	return SMI_MIN(r, 0);
}

static int add_path(struct smi_f2b_jail *j, const char *path, const char **list)
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

static int leave_fifo_out(struct smi_f2b_jail *j, const char *path)
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
static int add_glob(struct smi_f2b_jail *j, struct smi_span line,
		    const char **list)
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

static int read_paths(struct smi_f2b_jail *j)
{
	struct smi_f2b_value v;
	struct smi_span rest, line;
	const char **list =
		smi_arena_zalloc(&j->rs->arena, MAX_PATHS * sizeof(*list));
	int r = list ? smi_f2b_jail_get(j, "logpath", &v) : -ENOMEM;

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

static int read_overriding(struct smi_f2b_jail *j, smi_f2b_values *out)
{
	for (size_t i = 0; i < SMI_COUNT(overriding); i++) {
		struct smi_f2b_value v;
		int r = smi_f2b_jail_get(j, overriding[i], &v);

		if (r < 0)
			return r;
		v.name = smi_span_str(overriding[i]);
		if (r == 1 && !smi_vec_push(out, v))
			return -ENOMEM;
	}
	return 0;
}

/* "%(known/failregex)s" in a jail is the filter's. */
static int put_known(struct smi_f2b_jail *j, const smi_f2b_values *known)
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
static int hand_error(struct smi_f2b_jail *j, const struct smi_f2b_conf *from,
		      int r)
{
	if (r < 0 && r != -ENOMEM && from->err.text[0]) {
		j->c->err = from->err;
		return -EBADMSG;
	}
	return r;
}

static int make_filter(struct smi_f2b_jail *j)
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
			   struct smi_span name)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%.*s", before, (int)name.len, name.p);
	return smi_arena_strndup(&rs->arena, text, strlen(text));
}

/* What the jail would ban is a finding. */
static int make_finding(struct smi_f2b_jail *j, struct smi_rule **out)
{
	struct smi_rule *r = smi_arena_zalloc(&j->rs->arena, sizeof(*r));
	struct smi_correlation *c = smi_arena_zalloc(&j->rs->arena, sizeof(*c));

	if (!r || !c)
		return -ENOMEM;
	r->type = SMI_RULE_CORRELATION;
	r->file = j->file;
	r->line = j->line;
	r->id = text_of(j->rs, "fail2ban-ban-", j->name);
	r->jail = text_of(j->rs, "", j->name);
	r->title = "{count} failures from {source_ip} in the jail {jail}";
	r->why = "The jail {jail} of fail2ban bans whoever makes {threshold} "
		 "failures within {window}.";
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
	return r->id && r->jail ? 0 : -ENOMEM;
}

static int read_filter(struct smi_f2b_jail *j, smi_f2b_values *given)
{
	struct smi_f2b_value v;
	int r = smi_f2b_jail_get(j, "backend", &v);

	j->backend = "auto";
	if (r == 1)
		j->backend =
			smi_arena_strndup(&j->c->arena, v.text.p, v.text.len);
	if (r < 0 || !j->backend)
		return r < 0 ? r : -ENOMEM;
	r = smi_f2b_jail_get(j, "filter", &v);
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
static int load_jail(struct smi_f2b_jail *j)
{
	SMI_CLEANUP(free_values) smi_f2b_values given = { 0 };
	struct smi_rule *finding = NULL;
	int r = read_filter(j, &given);

	j->plan.id = text_of(j->rs, "fail2ban-", j->name);
	j->plan.title = text_of(j->rs, "The fail2ban jail ", j->name);
	if (!j->plan.id || !j->plan.title)
		return -ENOMEM;
	if (r == 0)
		r = read_limits(j);
	if (r == 0)
		r = make_filter(j);
	if (r < 0)
		return r;
	r = smi_f2b_jail_ignore(j);
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

	while ((word = smi_f2b_cut_word(&rest)).len)
		if (smi_span_eq(word, name))
			return true;
	return false;
}

/* 1: the section is a jail that is asked for. */
static int is_wanted(struct smi_f2b_jail *j, struct smi_span only)
{
	struct smi_f2b_value v;
	int r;

	if (only.len)
		return is_named(only, j->name);
	r = smi_f2b_jail_get(j, "enabled", &v);
	return r < 0 ? r : r == 1 && smi_f2b_is_true(smi_ini_strip(v.text));
}

static int tell_error(struct smi_f2b_jail *j, int r)
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
	struct smi_f2b_jail j = { .rs = rs,
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
