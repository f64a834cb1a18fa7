/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_RULES_H
#define SYSMON_RULES_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Pattern rules, correlations and allow entries. Mutable until it is frozen;
 * then it refuses changes (-EBUSY), holds no context, and may be shared between
 * threads. Native rule files are YAML: sysmon-rules(5).
 */
typedef struct sm_ruleset sm_ruleset;
enum sm_rule_format {
	/* By the file: a filter of fail2ban ends in ".conf", others are native. */
	SM_RULES_AUTO = 0,
	SM_RULES_NATIVE = 1,
	SM_RULES_FAIL2BAN = 2
};
/*
 * An empty set: add "builtin" for the built-in rules. It keeps a reference on
 * ctx until it is frozen. -EINVAL where ctx or out is NULL, -ENOMEM.
 */
int sm_ruleset_new(sm_ctx *ctx, sm_ruleset **out);
/* Gives rs back. Of a frozen set: from any thread. NULL is allowed. */
sm_ruleset *sm_ruleset_ref(sm_ruleset *rs);
void sm_ruleset_unref(sm_ruleset *rs);

/* Where "fail2ban:NAME" finds filter.d and jail.conf, from now on. Default:
 * /etc/fail2ban. -EINVAL without a path, -EBUSY when the set is frozen, -ENOMEM. */
int sm_ruleset_set_fail2ban_dir(sm_ruleset *rs, const char *path);
/*
 * What can be added gives how many documents were taken. A document that is
 * wrong is left out, and what was wrong with it is a problem of the set: look at
 * sm_ruleset_nproblems(), for the call does not fail. It fails when a file
 * cannot be read (-ENOENT, -EACCES, -EIO; -EINVAL: it is no file), is larger
 * than 4 MiB (-E2BIG), with -ENOMEM, and with -EBUSY when the set is frozen.
 *
 * spec is "builtin"; "builtin:sshd,web", some of the built-in rules, by the files
 * that sysmon-rules(5) names, with all that may come of them (-ENOENT where there
 * is no such); a file, a directory, or "fail2ban:NAME" with or without
 * options as in jail.conf(5): fail2ban:sshd[mode="aggressive"]. "fail2ban-jails:"
 * is the jails that are enabled there, "fail2ban-jails:sshd,postfix" these: each
 * with a finding at its maxretry within its findtime. "sigma:PATH" is
 * -ENOTSUP in this version.
 */
int sm_ruleset_add(sm_ruleset *rs, const char *spec);
/* The same as adding "builtin". */
int sm_ruleset_add_builtin(sm_ruleset *rs);
/* A file, or every .yaml and .yml file of a directory in the order of their
 * names. path is the caller's own, whatever the sysroot. A filter of fail2ban is
 * read with the files that it includes and the .local beside it. */
int sm_ruleset_add_path(sm_ruleset *rs, const char *path, int format);
/* len bytes of text, which need no NUL; name stands for the file in problems. */
int sm_ruleset_add_text(sm_ruleset *rs, const char *name, const char *text,
			size_t len, int format);

/*
 * Ends the changes. Once is enough, more does no harm. A job that gets a set
 * which is not frozen does it, so then from the thread that owns the set. Names
 * of rules and kinds that correlations refer to are looked up now, and those
 * that are not there are problems (SM_SEV_LOW). -ENOMEM, and then the set is as
 * it was.
 */
int sm_ruleset_freeze(sm_ruleset *rs);

/*
 * Looks for what is not wrong but hardly meant, and adds it to the problems
 * (SM_SEV_LOW): patterns that are not anchored, can take no line, or make a
 * hostile line cost so much that the rule gives up; captures that are dropped;
 * rules without a sample, or behind another that takes all of theirs; programs
 * that no header gives; actions that no rule makes, and correlations that
 * nothing feeds. Hostile lines are tried, so that it may take seconds for
 * hundreds of rules. Once, when all is added: rules that were looked at are not
 * looked at again. How many problems were added, -EINVAL, -EBUSY when the set is
 * frozen, or -ENOMEM, and then none is added.
 */
int sm_ruleset_lint(sm_ruleset *rs);

/* Documents of all kinds, in reading order. */
size_t sm_ruleset_size(const sm_ruleset *rs);
/* Of document i, borrowed from rs; the file is "" for the built-in ones. */
const char *sm_ruleset_id(const sm_ruleset *rs, size_t i);
const char *sm_ruleset_title(const sm_ruleset *rs, size_t i);
const char *sm_ruleset_file(const sm_ruleset *rs, size_t i);
/* SM_SEV_*. */
int sm_ruleset_severity(const sm_ruleset *rs, size_t i);

/* What was wrong in the rule files, in reading order: sentences, borrowed from
 * rs until the next thing is added to it. */
size_t sm_ruleset_nproblems(const sm_ruleset *rs);
const char *sm_ruleset_problem(const sm_ruleset *rs, size_t i);
const char *sm_ruleset_problem_file(const sm_ruleset *rs, size_t i);
/* From 1; 0 where it is about the whole file. */
uint32_t sm_ruleset_problem_line(const sm_ruleset *rs, size_t i);
/* SM_SEV_LOW a remark, SM_SEV_HIGH: the rule was left out. */
int sm_ruleset_problem_severity(const sm_ruleset *rs, size_t i);

/*
 * One record of kind SM_KIND_RULE (fields: file, line, id, title, severity,
 * status, reason) as SM_EVENT_RECORD for each document that is in the set, and
 * then for each problem. The status is "ok", where a reason may be a remark, or
 * "error" for what was left out. 0, fn's non-zero result, -EINVAL, or -ENOMEM.
 */
int sm_ruleset_list(const sm_ruleset *rs, sm_event_fn fn, void *user);

/*
 * Runs one log line through the set and tells each step in one sentence: which
 * header form took it, which program, which rule asked, what it caught. rule is
 * an index, or SIZE_MAX for a step that is no rule's; taken is 1 for the rule
 * that takes the line. text is for people, in the language of the program (see
 * sm_record_field_text()). The set need not be frozen and does not change. 0, fn's
 * non-zero result, -EINVAL, or -ENOMEM.
 */
typedef int (*sm_explain_fn)(size_t rule, int taken, const char *text,
			     void *user);
int sm_ruleset_explain(sm_ruleset *rs, const char *line, size_t len,
		       sm_explain_fn fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
