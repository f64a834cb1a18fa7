/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "run.h"
#include "term.h"
#include "trust.h"

static const struct section *part_of(int section)
{
	return section == CONF_SCAN   ? &section_scan
	       : section == CONF_PS   ? &section_ps
	       : section == CONF_LOGS ? &section_logs
				      : NULL;
}

/* The option of this run that an entry sets; NULL: it does not count in it. */
static const struct opt *option_of(const struct run *run,
				   const struct conf_entry *e)
{
	int own = conf_section_of(run->cmd);
	const struct conf_key *k = e->key;
	bool is_part = own == CONF_REPORT && part_of(e->section);

	if (e->section != CONF_COMMON && e->section != own && !is_part)
		return NULL;
	if (!(k->in & CONF_BIT(own)))
		return NULL;
	/* What is of the whole report is not for one of its parts to say; rules
	 * are of the logs. */
	if (is_part && k->in & CONF_BIT(CONF_COMMON) &&
	    strcmp(k->name, "rules") != 0 &&
	    strcmp(k->name, "fail2ban-dir") != 0)
		return NULL;
	if (!strcmp(k->name, "rules") && rules_are_named(run))
		return NULL;
	return opt_find(run->cmd, k->name);
}

/* Files in their order; in a file, what is of all before what is of one. */
static unsigned order_of(const struct conf_entry *e)
{
	return e->rank * 4 + (e->section == CONF_COMMON	  ? 0
			      : e->section == CONF_REPORT ? 2
							  : 1);
}

static int by_order(const void *a, const void *b)
{
	const struct conf_entry *x = *(struct conf_entry *const *)a;
	const struct conf_entry *y = *(struct conf_entry *const *)b;
	unsigned n = order_of(x), m = order_of(y);

	if (n != m)
		return n < m ? -1 : 1;
	return x < y ? -1 : x > y;
}

static bool adds_up(const struct conf_key *k)
{
	return k->kind == CONF_MANY || k->kind == CONF_PATHS;
}

static bool is_replaced(const struct conf *c, size_t i)
{
	const struct conf_entry *e = c->used[i];

	for (size_t j = i + 1; j < c->nused; j++) {
		const struct conf_entry *later = c->used[j];

		if (later->key == e->key &&
		    (!later->part || later->part == e->part) &&
		    (!adds_up(e->key) || !*later->value))
			return true;
	}
	return false;
}

int conf_choose(struct run *run)
{
	struct conf *c = run->conf;

	c->used = calloc(c->nentries + 1, sizeof(struct conf_entry *));
	if (!c->used)
		return -ENOMEM;
	for (size_t i = 0; i < c->nentries; i++) {
		struct conf_entry *e = &c->entries[i];

		e->opt = option_of(run, e);
		if (conf_section_of(run->cmd) == CONF_REPORT &&
		    conf_is_of_part(e->key))
			e->part = part_of(e->section);
		if (e->opt)
			c->used[c->nused++] = e;
	}
	qsort(c->used, c->nused, sizeof(struct conf_entry *), by_order);
	for (size_t i = 0; i < c->nused; i++)
		c->used[i]->is_over = !*c->used[i]->value || is_replaced(c, i);
	return 0;
}

/* Whether one of the words is an option of the command line. */
static bool one_is_given(const struct conf *c, const char *words)
{
	char word[32];

	while (words && *words) {
		size_t n = strcspn(words, " ");

		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		if (conf_is_given(c, word))
			return true;
		words += n + strspn(words + n, " ");
	}
	return false;
}

static bool is_set(const struct conf *c, const char *name)
{
	if (conf_is_given(c, name))
		return true;
	for (size_t i = 0; i < c->nused; i++)
		if (!strcmp(c->used[i]->key->name, name) &&
		    strcmp(c->used[i]->value, "no") != 0 &&
		    conf_holds(c, c->used[i]))
			return true;
	return false;
}

static bool is_in_environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

bool conf_holds(const struct conf *c, const struct conf_entry *e)
{
	const struct conf_key *k = e->key;

	if (e->is_over || (!adds_up(k) && conf_is_given(c, k->name)) ||
	    one_is_given(c, k->yields) || (k->needs && !is_set(c, k->needs)))
		return false;
	/* A user's own word against that of a file. */
	if (!strcmp(k->name, "color"))
		return !is_in_environment("NO_COLOR") &&
		       !is_in_environment("CLICOLOR_FORCE");
	if (!strcmp(k->name, "fail-on") && !strncmp(e->value, "new:", 4))
		return is_set(c, "baseline");
	return true;
}

/* Words of --rules, and names of runs, are no names of files. */
bool conf_is_path(const struct conf_key *k, const char *value)
{
	if (k->kind != CONF_PATH && k->kind != CONF_PATHS)
		return false;
	if (!strcmp(k->name, "baseline"))
		return history_is_file(value);
	return strcmp(k->name, "rules") != 0 ||
	       (!rules_are_builtin(value) &&
		strncmp(value, "fail2ban:", 9) != 0 &&
		strncmp(value, "fail2ban-jails:", 15) != 0 &&
		strncmp(value, "sigma:", 6) != 0);
}

/* What a file names is what this file says in every directory; and what is read is as
 * trusted as the file itself. */
static int check_path(struct run *run, const struct conf_entry *e)
{
	char why[TRUST_WHY] = "";
	int fd;

	if (*e->value != '/')
		return run_why(run, "not a whole path; one that begins with "
				    "'/' is right");
	if (!strcmp(e->key->name, "history"))
		return 0;
	if (strcmp(e->key->name, "fail2ban-dir") != 0)
		return trust_check(e->value, why) < 0 ? run_why(run, "%s", why)
						      : 0;
	fd = trust_open(e->value, true, why);
	if (fd < 0)
		return run_why(run, "%s", why);
	close(fd);
	return trust_filters(e->value, why) < 0 ? run_why(run, "%s", why) : 0;
}

/* Filters are named without the directory where they are. */
static int check_filters(struct run *run, const struct conf_entry *e)
{
	const char *dir = run->fail2ban_dir
				  ? run->fail2ban_dir
				  : conf_key_find("fail2ban-dir")->std;
	char why[TRUST_WHY] = "";

	if (strcmp(e->key->name, "rules") != 0 ||
	    strncmp(e->value, "fail2ban", 8) != 0)
		return 0;
	return trust_filters(dir, why) < 0 ? run_why(run, "%s", why) : 0;
}

/* A flag has yes or no, and so has what may have a value. 1: it is not set. */
static int value_of(struct run *run, const struct conf_entry *e,
		    const char **value)
{
	bool yes = !strcmp(e->value, "yes"), no = !strcmp(e->value, "no");
	const char *arg = e->opt->arg;

	*value = e->value;
	if (!arg && !yes && !no)
		return run_why(run, "yes or no is right");
	if (!arg || *arg == '[') {
		*value = yes ? NULL : e->value;
		if (no)
			return 1;
	}
	if (*value && conf_is_path(e->key, *value))
		return check_path(run, e);
	return check_filters(run, e);
}

static int apply(struct run *run, const struct conf_entry *e)
{
	const char *value;
	int r;

	run->why[0] = '\0';
	r = value_of(run, e, &value);
	if (r == 1)
		return 0;
	run->part = e->part;
	if (r >= 0)
		r = e->opt->set(run, value);
	run->part = NULL;
	if (r < 0)
		say("%s:%u: %s '%.600s': %s", e->file, e->line, e->key->name,
		    e->value, run_reason_of(run, r, e->value));
	return r;
}

int conf_apply(struct run *run)
{
	struct conf *c = run->conf;

	/* Where filters are goes before what names them. */
	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < c->nused; i++) {
			const struct conf_entry *e = c->used[i];
			int r = 0;

			if (first == !strcmp(e->key->name, "fail2ban-dir") &&
			    conf_holds(c, e))
				r = apply(run, e);
			if (r < 0)
				return r;
		}
	/* Another place for those that the command line names. */
	run->has_filters = false;
	return 0;
}
