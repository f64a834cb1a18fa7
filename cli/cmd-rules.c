/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lang.h"
#include "run.h"
#include "term.h"
#include "trust.h"

/* How many rules were left out; *first is the first of them, or a remark. */
static size_t count_errors(const sm_ruleset *rs, size_t from, size_t *first)
{
	size_t n = 0;

	for (size_t i = sm_ruleset_nproblems(rs); i > from; i--)
		if (sm_ruleset_problem_severity(rs, i - 1) >= SM_SEV_HIGH) {
			*first = i - 1;
			n++;
		}
	return n;
}

bool rules_are_builtin(const char *spec)
{
	return !strcmp(spec, "builtin") || !strncmp(spec, "builtin:", 8);
}

/* Root is told who else says what is found; a check has its own words for it. */
static void warn_of_filters(const struct run *run)
{
	const char *dir = run->fail2ban_dir
				  ? run->fail2ban_dir
				  : conf_key_find("fail2ban-dir")->std;
	char why[TRUST_WHY] = "";

	if (geteuid() == 0 && run->cmd != &cmd_rules &&
	    !conf_is_given(run->conf, "quiet") &&
	    trust_filters(dir, why) == -EPERM)
		say("filters in '%.300s': %s", dir, why);
}

/* One source of rules. What is wrong in it has been added as a problem. */
static int add_source(struct run *run, const char *spec)
{
	int r = 0;

	if (!strncmp(spec, "fail2ban", 8) && !run->has_filters)
		warn_of_filters(run);
	run->has_filters |= !strncmp(spec, "fail2ban", 8);
	if (!run->rules)
		r = sm_ruleset_new(run->ctx, &run->rules);
	if (r >= 0 && !strncmp(spec, "fail2ban", 8)) {
		run->has_jails |= !strncmp(spec, "fail2ban-jails:", 15);
		if (run->fail2ban_dir)
			r = sm_ruleset_set_fail2ban_dir(run->rules,
							run->fail2ban_dir);
	}
	if (r >= 0)
		r = sm_ruleset_add(run->rules, spec);
	/* A filter says what is a failure, and not how many are too many. */
	if (r > 0 && !strncmp(spec, "fail2ban:", 9)) {
		int more = sm_ruleset_add(run->rules, "builtin:correlations");

		r = more < 0 ? more : r;
	}
	return r;
}

int rules_are_whole(struct run *run, size_t before)
{
	const sm_ruleset *rs = run->rules;
	size_t i = 0, n = count_errors(rs, before, &i);

	return n ? run_why(run, "%s:%u: %s%s", sm_ruleset_problem_file(rs, i),
			   (unsigned)sm_ruleset_problem_line(rs, i),
			   sm_ruleset_problem(rs, i), n > 1 ? ", and more" : "")
		 : 0;
}

static bool is_check(const struct run *run)
{
	return run->cmd == &cmd_rules && run->conf->nargs > 0 &&
	       !strcmp(run->conf->arg, "check");
}

bool rules_are_checked(const struct run *run)
{
	return is_check(run) && run->conf->nargs == 1;
}

bool rules_are_named(const struct run *run)
{
	return is_check(run) && run->conf->nargs > 1;
}

/* A set with holes is not what was asked for. */
static int add_rules(struct run *run, const char *spec)
{
	size_t before = sm_ruleset_nproblems(run->rules);
	int r = add_source(run, spec);

	if (r < 0 || rules_are_checked(run))
		return r < 0 ? r : 0;
	if (rules_are_whole(run, before) < 0)
		return -EINVAL;
	/* Built-in rules may be there already. */
	return r || rules_are_builtin(spec) ? 0 : run_why(run, "no rule in it");
}

static int set_fail2ban_dir(struct run *run, const char *path)
{
	if (run->has_filters)
		return run_why(run, "goes before the --rules that it is for");
	if (!path[0])
		return run_why(run, "no directory");
	run->fail2ban_dir = path;
	return 0;
}

const struct opt rules_opts[] = {
	{ "rules", 0, "SPEC",
	  "builtin, a file, fail2ban:NAME, fail2ban-jails:", add_rules },
	{ "fail2ban-dir", 0, "DIR", "where fail2ban's filters are",
	  set_fail2ban_dir },
	{ 0 },
};

static int use_builtin(struct run *run)
{
	return run->rules ? 0 : add_rules(run, "builtin");
}

static int ready_list(struct run *run)
{
	if (run->nargs > 1)
		return run_why(run, "list takes no argument; --rules names "
				    "what to list");
	return use_builtin(run);
}

static int ready_check(struct run *run)
{
	if (run->nargs < 2 && !run->rules)
		return run_why(run, "check needs a rule file or directory, for "
				    "the configuration names none");
	for (int i = 1; i < run->nargs; i++) {
		int r = add_source(run, run->args[i]);

		if (r < 0)
			return run_why_of(run, r, "rules", run->args[i]);
	}
	return 0;
}

static int ready_explain(struct run *run)
{
	if (run->nargs != 2)
		return run_why(run, "explain needs one log line, in quotes");
	if (run->out.n || run->out.format)
		return run_why(run, "explain writes sentences to standard "
				    "output only");
	return use_builtin(run);
}

/* Each rule of the set as a record. */
static void run_list(struct run *run)
{
	int r = out_begin(&run->out, run->ctx, SM_KIND_RULE, run->fields, true);

	if (r >= 0)
		r = sm_ruleset_list(run->rules, out_collect, &run->out);
	if (r < 0 && !out_is_over(&run->out)) {
		run_failed(run, r);
		return;
	}
	r = out_finish(&run->out);
	if (r < 0)
		run_status(run,
			   r == -ENOMEM ? STATUS_BROKEN : STATUS_INCOMPLETE);
}

static void say_problem(const sm_ruleset *rs, size_t i)
{
	const char *file = sm_ruleset_problem_file(rs, i);
	bool error = sm_ruleset_problem_severity(rs, i) >= SM_SEV_HIGH;

	say("%s:%u: %s%s", file[0] ? file : "builtin",
	    (unsigned)sm_ruleset_problem_line(rs, i),
	    error ? "" : tr("remark: "), sm_ruleset_problem(rs, i));
}

/* The rows have it all; a person who looks for what is wrong gets it in the form
 * that editors understand. */
static void run_check(struct run *run)
{
	sm_ruleset *rs = run->rules;
	int r = sm_ruleset_lint(rs);
	size_t n = sm_ruleset_nproblems(rs), first = 0;

	if (r < 0) {
		run_failed(run, r);
		return;
	}
	for (size_t i = 0; i < n; i++)
		say_problem(rs, i);
	if (!n && !sm_ruleset_size(rs))
		say("no rule in '%s'",
		    run->nargs > 1 ? run->args[1] : "the configuration");
	if (count_errors(rs, 0, &first) || !sm_ruleset_size(rs))
		run_status(run, STATUS_USAGE);
	run_list(run);
}

static int show_step(size_t rule, int taken, const char *text, void *user)
{
	(void)rule;
	(void)user;
	show("%s %s\n", taken ? "*" : " ", text);
	return show_error() ? SM_STOP : SM_CONTINUE;
}

static void run_explain(struct run *run)
{
	int r = sm_ruleset_explain(run->rules, run->args[1],
				   strlen(run->args[1]), show_step, NULL);

	if (r < 0)
		run_failed(run, r);
}

static const struct verb {
	const char *name;
	int (*ready)(struct run *run);
	void (*run)(struct run *run);
} verbs[] = {
	{ "list", ready_list, run_list },
	{ "check", ready_check, run_check },
	{ "explain", ready_explain, run_explain },
};
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *verb_of(const struct run *run)
{
	for (size_t i = 0; i < NVERBS; i++)
		if (run->nargs && !strcmp(run->args[0], verbs[i].name))
			return &verbs[i];
	return NULL;
}

static int ready(struct run *run)
{
	const struct verb *v = verb_of(run);

	if (!v)
		return run_why(run, "rules needs list, check FILE or "
				    "explain 'LINE'");
	return v->ready(run);
}

static void run_rules(struct run *run)
{
	verb_of(run)->run(run);
}

static const struct opt *const opts[] = { rules_opts, common_opts, pager_opts,
					  conf_opts, NULL };

const struct cmd cmd_rules = {
	.name = "rules",
	.args = "list | check [FILE]... | explain 'LINE' [OPTION]...",
	.summary = "What is loaded, what is wrong, which rule takes a line",
	.manual = "sysmon-rules(5)",
	.opts = opts,
	.shown = 1,
	.examples = "  sysmon rules list --fields id,severity,title\n"
		    "  sysmon rules check /etc/libsysmon/rules\n",
	.ready = ready,
	.run = run_rules,
};
