/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "run.h"
#include "term.h"
#include "trust.h"

#define RULES_MAX (4u << 20) /* as in sm_ruleset_add() */

/* What none but the allow entries are of use for needs no other rule. */
static bool needs_builtin(const struct run *run)
{
	return run->cmd != &cmd_scan && run->cmd != &cmd_ps &&
	       run->cmd != &cmd_doctor && !rules_are_checked(run);
}

static int begin_set(struct run *run)
{
	int r;

	if (run->rules)
		return 0;
	r = sm_ruleset_new(run->ctx, &run->rules);
	if (r >= 0 && needs_builtin(run))
		r = sm_ruleset_add_builtin(run->rules);
	return r < 0 ? r : 0;
}

/* A user who may not read a list of the system has no part in it. */
static int refuse(const char *path, int rc, const char *why)
{
	if (rc == -EACCES && geteuid() != 0) {
		say("%s: %s; the run goes on without it", path, why);
		return 0;
	}
	say("%s: not read, and nothing is done without it: %s", path, why);
	return rc;
}

static int add_file(struct run *run, const char *path)
{
	size_t before = sm_ruleset_nproblems(run->rules), len = 0;
	char why[TRUST_WHY] = "", *text = NULL;
	int r = trust_read(path, RULES_MAX, &text, &len, why);

	if (r < 0)
		return refuse(path, r, why);
	run->why[0] = '\0';
	r = sm_ruleset_add_text(run->rules, path, text, len, SM_RULES_NATIVE);
	free(text);
	if (r >= 0 && !rules_are_checked(run))
		r = rules_are_whole(run, before);
	if (r < 0)
		say("%s", run_reason(run, r));
	return r < 0 ? r : 0;
}

static int list(const struct conf *c, struct trust_names *names)
{
	char why[TRUST_WHY] = "";
	int r = trust_list(c->rules_dir, ".yaml", names, why);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? refuse(c->rules_dir, r, why) : 0;
}

int conf_add_rules(struct run *run)
{
	const struct conf *c = run->conf;
	struct trust_names names = { NULL, 0 };
	int r;

	if (!c->rules_dir || run->cmd == &cmd_history || rules_are_named(run))
		return 0;
	r = list(c, &names);
	if (names.n && r >= 0)
		r = begin_set(run);
	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = add_file(run, names.v[i]);
	trust_names_free(&names);
	return r;
}
