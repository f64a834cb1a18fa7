/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "run.h"
#include "term.h"

/* Whether a file can have it: no control characters, no blanks around it. */
static bool can_stand(const char *value)
{
	char clean[4200];
	size_t len = strlen(value);

	/* "-" is the standard input of one run. */
	if (!len || len > 4000 || !strcmp(value, "-") ||
	    strchr(" \t", *value) || strchr(" \t", value[len - 1]))
		return false;
	term_escape(value, false, clean, sizeof(clean));
	return !strcmp(clean, value);
}

static void print_value(const char *name, const char *origin, const char *value)
{
	char clean[PATH_MAX];
	bool fits = can_stand(value);

	term_escape(origin, false, clean, sizeof(clean));
	show("# %s%s\n", clean, fits ? "" : "; no file can have it");
	term_escape(value, false, clean, sizeof(clean));
	show("%s%s = %s\n", fits ? "" : "#", name, clean);
}

/* One that is relative is so to the directory of this run. */
static void print_flag(const struct conf_key *k, const struct conf_flag *f)
{
	bool is_path = f->value && *f->value && *f->value != '/' &&
		       strcmp(f->value, "-") != 0 && conf_is_path(k, f->value);
	char here[PATH_MAX];
	size_t n;

	if (is_path && getcwd(here, sizeof(here))) {
		n = strlen(here);
		snprintf(here + n, sizeof(here) - n, "/%s", f->value);
		print_value(k->name, "flag", here);
	} else {
		print_value(k->name, "flag", f->value ? f->value : "yes");
	}
}

/* A threshold of a whole report is for one of its parts, by its form. */
static bool is_for(const struct conf_key *k, const struct section *part,
		   const char *value)
{
	if (!part || !value || strcmp(k->name, "threshold") != 0)
		return true;
	return (part == &section_logs) == (strchr(value, '/') != NULL);
}

static bool prints_flags(const struct conf *c, const struct conf_key *k,
			 const struct section *part)
{
	bool any = false;

	for (size_t i = 0; i < c->nflags; i++) {
		const struct conf_flag *f = &c->flags[i];

		if (strcmp(f->opt->name, k->name) != 0 ||
		    !is_for(k, part, f->value))
			continue;
		/* The last one counts. */
		if (k->kind == CONF_ONE || k->kind == CONF_PATH)
			for (size_t j = i + 1; j < c->nflags; j++)
				if (c->flags[j].opt == f->opt)
					f = &c->flags[j];
		print_flag(k, f);
		any = true;
		if (k->kind == CONF_ONE || k->kind == CONF_PATH)
			break;
	}
	return any;
}

static void print_key(const struct conf *c, const struct conf_key *k,
		      const struct section *part)
{
	char origin[1000];
	bool any = false;

	for (size_t i = 0; i < c->nused; i++) {
		const struct conf_entry *e = c->used[i];

		if (e->key != k || !conf_holds(c, e) ||
		    (part && e->part && e->part != part) ||
		    (!e->part && !is_for(k, part, e->value)))
			continue;
		snprintf(origin, sizeof(origin), "%s:%u", e->file, e->line);
		print_value(k->name, origin, e->value);
		any = true;
	}
	any |= prints_flags(c, k, part);
	if (!any)
		show("# %s\n#%s =%s%s\n", "default", k->name, k->std ? " " : "",
		     k->std ? k->std : "");
}

/* Where a key stands in the configuration of a report. */
static bool stands_in(const struct conf_key *k, int section)
{
	bool is_whole =
		k->in & CONF_BIT(CONF_COMMON) || k->in == CONF_BIT(CONF_REPORT);

	if (section == CONF_REPORT)
		return is_whole;
	return !is_whole && k->in & CONF_BIT(section);
}

static void print_section(const struct run *run, int section)
{
	static const struct section *const parts[CONF_NSECTIONS] = {
		[CONF_SCAN] = &section_scan,
		[CONF_PS] = &section_ps,
		[CONF_LOGS] = &section_logs,
	};
	int own = conf_section_of(run->cmd);

	show("[%s]\n",
	     section < CONF_NSECTIONS ? conf_section_name(section) : "common");
	for (const struct conf_key *k = conf_keys; k->name; k++) {
		if (!(k->in & CONF_BIT(own)) ||
		    (own == CONF_REPORT && !stands_in(k, section)))
			continue;
		print_key(run->conf, k,
			  own == CONF_REPORT ? parts[section] : NULL);
	}
}

void conf_print(const struct run *run)
{
	static const int report[] = { CONF_REPORT, CONF_SCAN, CONF_PS,
				      CONF_LOGS };
	int own = conf_section_of(run->cmd);

	if (own != CONF_REPORT) {
		print_section(run, own);
		return;
	}
	for (size_t i = 0; i < sizeof(report) / sizeof(report[0]); i++) {
		show("%s", i ? "\n" : "");
		print_section(run, report[i]);
	}
}
