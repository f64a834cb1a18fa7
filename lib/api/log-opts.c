/* SPDX-License-Identifier: MIT */
#include "api/log-opts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/tz.h"
#include "core/statefile.h"
#include "detect/fail2ban.h"
#include "detect/ruleset.h"

SM_EXPORT int sm_log_opts_new(sm_ctx *ctx, sm_log_opts **out)
{
	sm_log_opts *o;

	if (!ctx || !out)
		return -EINVAL;
	o = smi_zalloc(sizeof(*o));
	if (!o)
		return smi_fail_nomem(ctx);
	smi_opts_init(&o->head, ctx);
	o->fields = smi_fieldset_default(SM_KIND_EVENT);
	o->since = o->until = o->now = SM_TIME_NONE;
	o->keywords = o->events = true;
	*out = o;
	return 0;
}

SM_EXPORT void sm_log_opts_free(sm_log_opts *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->names.n; i++)
		free(o->names.v[i]);
	smi_vec_free(&o->names);
	smi_vec_free(&o->from);
	smi_vec_free(&o->thresholds);
	smi_vec_free(&o->ignore);
	sm_ruleset_unref(o->rules);
	free(o->zone);
	free(o->state);
	smi_opts_done(&o->head);
	free(o);
}

static int null_value(sm_log_opts *o, const char *what)
{
	return smi_opts_fail(&o->head, -EINVAL, "no %s was given", what);
}

/* Takes a copy of name, which may be NULL. */
static int add(sm_log_opts *o, enum smi_log_what what, const char *name, int fd)
{
	struct smi_log_from from = { what, NULL, fd };
	char *copy = NULL;

	if (name) {
		copy = smi_strdup(name);
		if (!copy || !smi_vec_push(&o->names, copy)) {
			free(copy);
			return smi_opts_nomem(&o->head);
		}
	}
	from.name = copy;
	return smi_vec_push(&o->from, from) ? 0 : smi_opts_nomem(&o->head);
}

SM_EXPORT int sm_log_opts_add_file(sm_log_opts *o, const char *path)
{
	if (!o)
		return -EINVAL;
	if (!path || !path[0])
		return null_value(o, "path of a log");
	return add(o, SMI_LOG_FILE, path, -1);
}

SM_EXPORT int sm_log_opts_add_fd(sm_log_opts *o, int fd, const char *name)
{
	if (!o)
		return -EINVAL;
	if (!name)
		return null_value(o, "name for a descriptor");
	if (fd < 0)
		return smi_opts_fail(&o->head, -EINVAL,
				     "%d is no descriptor to read \"%s\" from",
				     fd, name);
	return add(o, SMI_LOG_FD, name, fd);
}

SM_EXPORT int sm_log_opts_add_journal(sm_log_opts *o, const char *unit)
{
	if (!o)
		return -EINVAL;
	if (unit && !unit[0])
		return null_value(o, "unit of the journal");
	return add(o, SMI_LOG_JOURNAL, unit, -1);
}

SM_EXPORT int sm_log_opts_add_found(sm_log_opts *o)
{
	return o ? add(o, SMI_LOG_FOUND, NULL, -1) : -EINVAL;
}

static bool is_added(const sm_log_opts *o, enum smi_log_what what,
		     const char *name)
{
	for (size_t i = 0; i < o->from.n; i++)
		if (o->from.v[i].what == what &&
		    (what == SMI_LOG_JOURNAL ||
		     strcmp(o->from.v[i].name, name) == 0))
			return true;
	return false;
}

static int add_jail(sm_log_opts *o, const struct smi_f2b_filter *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->npaths; i++) {
		bool journal = strcmp(f->paths[i], "journal") == 0;
		enum smi_log_what what =
			journal ? SMI_LOG_JOURNAL : SMI_LOG_FILE;

		o->jails = true;
		if (!is_added(o, what, f->paths[i]))
			r = add(o, what, journal ? NULL : f->paths[i], -1);
	}
	return r;
}

SM_EXPORT int sm_log_opts_add_jail_logs(sm_log_opts *o, const sm_ruleset *rs)
{
	int r = 0;

	if (!o)
		return -EINVAL;
	if (!rs)
		return null_value(o, "set of rules");
	for (size_t i = 0; r == 0 && i < rs->filters.n; i++)
		r = add_jail(o, rs->filters.v[i]);
	if (r == 0 && !o->jails)
		return smi_opts_fail(&o->head, -ENOENT,
				     "the rules have no jail of fail2ban");
	return r;
}

SM_EXPORT int sm_log_opts_set_rules(sm_log_opts *o, sm_ruleset *rs)
{
	if (!o)
		return -EINVAL;
	if (!rs)
		return null_value(o, "set of rules");
	sm_ruleset_ref(rs);
	sm_ruleset_unref(o->rules);
	o->rules = rs;
	return 0;
}

SM_EXPORT int sm_log_opts_set_keywords(sm_log_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->keywords = on != 0;
	return 0;
}

SM_EXPORT int sm_log_opts_set_threshold(sm_log_opts *o, const char *kind,
					uint32_t count, uint32_t seconds)
{
	struct smi_threshold t = { .count = count, .seconds = seconds };
	size_t len;

	if (!o)
		return -EINVAL;
	if (!kind || !kind[0])
		return null_value(o, "finding kind for a threshold");
	len = strlen(kind);
	if (len >= sizeof(t.kind))
		return smi_opts_fail(&o->head, -ENOENT,
				     "no rule makes findings of kind \"%s\"",
				     kind);
	if (!count || !seconds)
		return smi_opts_fail(&o->head, -ERANGE,
				     "threshold of %s: %u in %u s, but both "
				     "are at least 1",
				     kind, count, seconds);
	memcpy(t.kind, kind, len);
	return smi_vec_push(&o->thresholds, t) ? 0 : smi_opts_nomem(&o->head);
}

SM_EXPORT int sm_log_opts_add_ignore(sm_log_opts *o, const char *prefix)
{
	struct smi_prefix p;
	int r = o ? smi_opts_ignore(&o->head, prefix, &p) : -EINVAL;

	if (r < 0)
		return r;
	return smi_vec_push(&o->ignore, p) ? 0 : smi_opts_nomem(&o->head);
}

SM_EXPORT int sm_log_opts_set_fields(sm_log_opts *o, const char *fields)
{
	return o ? smi_opts_set_fields(&o->head, SM_KIND_EVENT, fields,
				       &o->fields, NULL)
		 : -EINVAL;
}

SM_EXPORT int sm_log_opts_set_since(sm_log_opts *o, int64_t time)
{
	if (!o)
		return -EINVAL;
	o->since = time;
	return 0;
}

SM_EXPORT int sm_log_opts_set_until(sm_log_opts *o, int64_t time)
{
	if (!o)
		return -EINVAL;
	o->until = time;
	return 0;
}

SM_EXPORT int sm_log_opts_set_now(sm_log_opts *o, int64_t time)
{
	if (!o)
		return -EINVAL;
	o->now = time;
	return 0;
}

SM_EXPORT int sm_log_opts_set_zone(sm_log_opts *o, const char *tz)
{
	struct smi_tz *probe;
	char *copy = NULL;

	if (!o)
		return -EINVAL;
	if (tz) {
		int r = smi_tz_open(&o->head.ctx->root, tz, &probe);

		if (r == -ENOMEM)
			return smi_opts_nomem(&o->head);
		if (r < 0)
			return smi_opts_fail(&o->head, r,
					     "\"%s\" is no time zone", tz);
		smi_tz_free(probe);
		copy = smi_strdup(tz);
		if (!copy)
			return smi_opts_nomem(&o->head);
	}
	free(o->zone);
	o->zone = copy;
	return 0;
}

SM_EXPORT int sm_log_opts_set_follow(sm_log_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->follow = on != 0;
	return 0;
}

/* A file that cannot be used is refused before any work is done. */
static int check_state(sm_log_opts *o, const char *path)
{
	struct smi_statefile probe;
	char why[1024];
	int r = smi_statefile_load(&probe, o->head.ctx, path);

	if (r < 0) {
		snprintf(why, sizeof(why), "%s", sm_ctx_errmsg(o->head.ctx));
		return smi_opts_fail(&o->head, r, "%s", why);
	}
	smi_statefile_done(&probe);
	return 0;
}

SM_EXPORT int sm_log_opts_set_state(sm_log_opts *o, const char *path)
{
	int r;

	if (!o)
		return -EINVAL;
	if (path && !path[0])
		return null_value(o, "file for the state");
	r = path ? check_state(o, path) : 0;
	return r < 0 ? r : smi_opts_set_text(&o->head, &o->state, path);
}

SM_EXPORT int sm_log_opts_set_events(sm_log_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->events = on != 0;
	return 0;
}

SM_EXPORT int sm_log_opts_set_lines(sm_log_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->lines = on != 0;
	return 0;
}

SM_EXPORT int sm_log_opts_set_threads(sm_log_opts *o, uint32_t n)
{
	return o ? smi_opts_set_threads(&o->head, &o->threads, n) : -EINVAL;
}

SM_EXPORT int sm_log_opts_set_coverage(sm_log_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->coverage = on != 0;
	return 0;
}
