/* SPDX-License-Identifier: MIT */
#include "conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "term.h"

static int set_config(struct run *run, const char *value)
{
	if (!*value)
		return run_why(run, "no file name");
	if (run->conf->none)
		return run_why(run, "not together with --no-config");
	if (strcmp(run->conf->file, value) != 0)
		return run_why(run, "one file is read; rules.d beside it is");
	return 0;
}

/* They have been looked at before the others. */
static int ignore(struct run *run, const char *value)
{
	(void)run;
	(void)value;
	return 0;
}

const struct opt conf_opts[] = {
	{ "config", 0, "FILE", "read this one, sysmon.conf(5), and no other",
	  set_config },
	{ "no-config", 0, NULL, "read none", ignore },
	{ "print-config", 0, NULL, "what is configured, and where; no run",
	  ignore },
	{ 0 },
};

static int note_flag(struct run *run, const struct opt *opt, const char *value)
{
	struct conf *c = run->conf;
	struct conf_flag *v;

	if (!opt) {
		c->arg = c->nargs++ ? c->arg : value;
		return 0;
	}
	v = reallocarray(c->flags, c->nflags + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	c->flags = v;
	v[c->nflags++] = (struct conf_flag){ opt, value };
	if (!strcmp(opt->name, "config"))
		c->file = value;
	c->none |= !strcmp(opt->name, "no-config");
	c->print |= !strcmp(opt->name, "print-config");
	c->verbose += !strcmp(opt->name, "verbose");
	c->asks_help |=
		!strcmp(opt->name, "help") || !strcmp(opt->name, "version");
	return 0;
}

bool conf_is_given(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nflags; i++)
		if (!strcmp(c->flags[i].opt->name, name))
			return true;
	return false;
}

/* What holds up every other command is what this one is for. */
static int doctor_goes_on(const struct run *run, int rc, bool *refused)
{
	if (rc >= 0 || rc == -ENOMEM || run->cmd != &cmd_doctor)
		return rc;
	*refused = true;
	return 0;
}

int conf_begin(struct run *run, int argc, char **argv)
{
	struct conf *c = run->conf = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = opt_look(run, argc, argv, note_flag);
	/* What both want cannot be had, which the options tell. */
	if (r < 0 || c->asks_help || (c->file && (c->none || !*c->file)))
		return r;
	r = conf_load(c);
	if (r >= 0)
		r = conf_choose(run);
	if (r >= 0)
		r = conf_apply(run);
	if (r == -ENOMEM)
		say("not enough memory");
	return doctor_goes_on(run, r, &c->is_refused);
}

int conf_end(struct run *run)
{
	if (run->conf->print) {
		conf_print(run);
		return OPT_DONE;
	}
	return doctor_goes_on(run, conf_add_rules(run),
			      &run->conf->is_list_refused);
}

bool conf_origin(const struct run *run, const char *value, char *out,
		 size_t size)
{
	const struct conf *c = run->conf;

	for (size_t i = 0; i < c->nentries; i++) {
		const struct conf_entry *e = &c->entries[i];

		if (e->value != value)
			continue;
		snprintf(out, size, "%s:%u: %s", e->file, e->line,
			 e->key->name);
		return true;
	}
	return false;
}

const char *conf_value(const struct conf *c, int section, const char *name,
		       const char *prefix)
{
	size_t len = strlen(prefix);
	const char *value = NULL;

	for (size_t i = 0; i < c->nentries; i++) {
		const struct conf_entry *e = &c->entries[i];

		if (e->section != section || strcmp(e->key->name, name) != 0)
			continue;
		if (!*e->value)
			value = NULL;
		else if (!strncmp(e->value, prefix, len))
			value = e->value + len;
	}
	return value;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nentries; i++)
		free(c->entries[i].value);
	for (size_t i = 0; i < c->nfiles; i++)
		free(c->files[i].path);
	free(c->entries);
	free(c->files);
	free(c->flags);
	free(c->used);
	free(c->rules_dir);
	free(c);
}
