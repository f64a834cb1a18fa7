/* SPDX-License-Identifier: MIT */
#include "detect/allow.h"

#include "detect/check-look.h"
#include "detect/ruleset.h"

bool smi_allow_is_over(const struct smi_rule *r, int64_t now)
{
	return r->expires != INT64_MAX && now > r->expires;
}

const struct smi_rule *smi_allow_find(const sm_ruleset *rs, const char *key,
				      int64_t now)
{
	for (size_t i = 0; rs && i < rs->rules.n; i++) {
		const struct smi_rule *r = rs->rules.v[i];

		if (r->type == SMI_RULE_ALLOW && r->key &&
		    !smi_allow_is_over(r, now) && strcmp(r->key, key) == 0)
			return r;
	}
	return NULL;
}

/* * is any text, ? one byte; linear but for the last *. */
static bool fits(const char *pattern, struct smi_span text)
{
	const char *star = NULL;
	size_t at = 0, from = 0;

	while (at < text.len) {
		if (*pattern == '*') {
			star = ++pattern;
			from = at;
		} else if (*pattern == '?' || *pattern == text.p[at]) {
			pattern++;
			at++;
		} else if (star) {
			pattern = star;
			at = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static const unsigned fields[SMI_ALLOW_NPARTS] = {
	[SMI_ALLOW_EXE] = SMI_PROC_EXE,
	[SMI_ALLOW_USER] = SMI_PROC_USER,
	[SMI_ALLOW_CONTAINER] = SMI_PROC_CONTAINER,
	[SMI_ALLOW_ARGS] = SMI_PROC_CMDLINE,
	[SMI_ALLOW_PACKAGE] = SMI_PROC_PACKAGE,
};

static bool is_for_check(const struct smi_allow_process *p, const char *check)
{
	for (size_t i = 0; i < p->nchecks; i++)
		if (strcmp(p->checks[i], check) == 0)
			return true;
	return p->nchecks == 0;
}

static struct smi_span text_of(const sm_record *rec, size_t part)
{
	if (part == SMI_ALLOW_EXE)
		return smi_look_exe(rec);
	return smi_span_str(smi_rec_str(rec, SM_KIND_PROCESS, fields[part]));
}

/* A path inside of a container is whatever its owner wants it to be. */
static bool is_described(const struct smi_allow_process *p,
			 const sm_record *rec)
{
	if (!p->parts[SMI_ALLOW_CONTAINER] &&
	    smi_rec_has(rec, SMI_PROC_CONTAINER))
		return false;
	for (size_t i = 0; i < SMI_ALLOW_NPARTS; i++) {
		if (!p->parts[i])
			continue;
		if (i == SMI_ALLOW_EXE && smi_look_exe_is_elsewhere(rec))
			return false;
		if (!smi_rec_has(rec, fields[i]) ||
		    !fits(p->parts[i], text_of(rec, i)))
			return false;
	}
	return true;
}

const struct smi_rule *smi_allow_process(const sm_ruleset *rs,
					 const char *check,
					 const sm_record *rec, int64_t now)
{
	for (size_t i = 0; rs && i < rs->rules.n; i++) {
		const struct smi_rule *r = rs->rules.v[i];

		if (r->type == SMI_RULE_ALLOW && r->process &&
		    !smi_allow_is_over(r, now) &&
		    is_for_check(r->process, check) &&
		    is_described(r->process, rec))
			return r;
	}
	return NULL;
}

void smi_allow_fields(const sm_ruleset *rs, struct smi_fieldset *set)
{
	for (size_t i = 0; rs && i < rs->rules.n; i++) {
		const struct smi_allow_process *p = rs->rules.v[i]->process;

		for (size_t k = 0; p && k < SMI_ALLOW_NPARTS; k++)
			if (p->parts[k])
				smi_fieldset_add(set, fields[k]);
		if (p && p->parts[SMI_ALLOW_EXE])
			smi_fieldset_add(set, SMI_PROC_EXE_ELSEWHERE);
		if (p) {
			smi_fieldset_add(set, SMI_PROC_CONTAINER);
			smi_fieldset_add(set, SMI_PROC_EXE_NLINK);
		}
	}
}

int smi_allow_notices(const sm_ruleset *rs, int64_t now, struct smi_out *out)
{
	for (size_t i = 0; rs && i < rs->rules.n; i++) {
		const struct smi_rule *r = rs->rules.v[i];
		char when[SMI_TIME_STRLEN];
		const char *args[] = { "id", r->id, "expires", when };
		int rc;

		if (r->type != SMI_RULE_ALLOW || !smi_allow_is_over(r, now))
			continue;
		smi_time_format(r->expires, when);
		rc = smi_out_notice(out, 0, r->file,
				    "the allow entry {id} expired at {expires} "
				    "and has no effect",
				    args, SMI_COUNT(args));
		if (rc < 0)
			return rc;
	}
	return 0;
}
