/* SPDX-License-Identifier: MIT */
#include "detect/fail2ban.h"

#include <stdio.h>
#include <sysmon/sysmon.h>

#include "detect/ruleset.h"

int smi_f2b_tell_remarks(sm_ruleset *rs, const struct smi_f2b_conf *c,
			 const char *id)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->remarks.n; i++) {
		const struct smi_f2b_error *e = &c->remarks.v[i];

		r = smi_ruleset_problem(rs, SM_SEV_LOW, e->file, e->line, id,
					"%s", e->text);
	}
	return r;
}

/* "fail2ban-sshd", and "fail2ban-sshd-2" when it is there already. */
static const char *make_id(sm_ruleset *rs, struct smi_span name)
{
	char id[64];

	for (unsigned n = 1; n < 1000; n++) {
		int len = snprintf(id, sizeof(id) - 4, "fail2ban-%.*s",
				   (int)name.len, name.p);

		len = SMI_MIN(len, (int)sizeof(id) - 5);
		if (n > 1)
			snprintf(id + len, 5, "-%u", n);
		for (char *p = id; *p; p++)
			*p = *p == '+' ? '_' : *p;
		if (!smi_map_get(&rs->ids, smi_span_str(id)))
			break;
	}
	return smi_arena_strndup(&rs->arena, id, strlen(id));
}

int smi_f2b_take(sm_ruleset *rs, struct smi_f2b_filter *f)
{
	int r;

	if (!smi_vec_reserve(&rs->filters, rs->filters.n + 1)) {
		smi_f2b_filter_release(f);
		return -ENOMEM;
	}
	f->number = rs->filters.n;
	rs->filters.v[rs->filters.n++] = f;
	r = smi_ruleset_take(rs, &f->rules[0]);
	if (r < 0) {
		rs->filters.n--;
		smi_f2b_filter_release(f);
	}
	return r;
}

static void free_values(smi_f2b_values *v)
{
	smi_vec_free(v);
}

static int load(sm_ruleset *rs, struct smi_f2b_conf *c,
		struct smi_f2b_plan plan)
{
	struct smi_f2b_filter *f = NULL;
	char title[160];
	int r;

	snprintf(title, sizeof(title), "The fail2ban filter %.*s",
		 (int)SMI_MIN(plan.name.len, (size_t)100), plan.name.p);
	plan.id = make_id(rs, plan.name);
	plan.title = smi_arena_strndup(&rs->arena, title, strlen(title));
	if (!plan.id || !plan.title)
		return -ENOMEM;
	r = smi_f2b_make(rs, c, &plan, &f);
	return r < 0 ? r : smi_f2b_take(rs, f);
}

int smi_f2b_tell(sm_ruleset *rs, const struct smi_f2b_conf *c, int r)
{
	int told;

	if (r == -ENOMEM)
		return smi_fail_nomem(rs->ctx);
	told = smi_f2b_tell_remarks(rs, c, "");
	if (told < 0)
		return told;
	if (r == 0)
		return 1;
	if (r != -EBADMSG || !c->err.file || !c->err.file[0])
		return smi_fail(rs->ctx, r == -EBADMSG ? -EINVAL : r, "%s%s%s",
				c->err.file ? c->err.file : "",
				c->err.file && c->err.file[0] ? ": " : "",
				c->err.text);
	return smi_ruleset_problem(rs, SM_SEV_HIGH, c->err.file, c->err.line,
				   "", "%s", c->err.text);
}

int smi_f2b_load(sm_ruleset *rs, const char *spec)
{
	SMI_CLEANUP(smi_f2b_conf_free) struct smi_f2b_conf c;
	SMI_CLEANUP(free_values) smi_f2b_values given = { 0 };
	struct smi_f2b_plan plan = { .given = &given, .file = "" };
	const char *copy;
	int r;

	smi_f2b_conf_init(&c, &rs->arena);
	copy = smi_arena_strndup(&c.arena, spec, strlen(spec));
	r = copy ? smi_f2b_parse_spec(&c, smi_span_str(copy), "", 0, &plan.name,
				      &given)
		 : -ENOMEM;
	if (r == 0)
		r = load(rs, &c, plan);
	return smi_f2b_tell(rs, &c, r);
}

int smi_f2b_load_file(sm_ruleset *rs, const char *path,
		      const struct smi_span *text)
{
	SMI_CLEANUP(smi_f2b_conf_free) struct smi_f2b_conf c;
	const char *slash = strrchr(path, '/');
	struct smi_f2b_plan plan = { .file = "", .path = path, .text = text };

	smi_f2b_conf_init(&c, &rs->arena);
	plan.name = smi_span_str(slash ? slash + 1 : path);
	if (smi_span_ends(plan.name, SMI_SPAN(".conf")))
		plan.name.len -= 5;
	if (!smi_f2b_is_name(plan.name))
		plan.name = SMI_SPAN("filter");
	return smi_f2b_tell(rs, &c, load(rs, &c, plan));
}
