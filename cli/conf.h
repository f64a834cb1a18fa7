/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONF_H
#define CLI_CONF_H

#include "cmd.h"
#include "opt.h"

/*
 * Configuration files, sysmon.conf(5). They give what options of the command line
 * give, to the same handlers; which of them is a table.
 */
enum conf_section {
	CONF_COMMON,
	CONF_SCAN,
	CONF_PS,
	CONF_LOGS,
	CONF_REPORT,
	CONF_HISTORY,
	CONF_NSECTIONS,
	/* These commands have no section, and take what is common. */
	CONF_RULES = CONF_NSECTIONS,
	CONF_DOCTOR
};
#define CONF_BIT(section) (1u << (section))

enum conf_kind {
	CONF_ONE,  /* the last one counts */
	CONF_MANY, /* they add up */
	CONF_PATH, /* one, and it is a whole path */
	CONF_PATHS
};

struct conf_key {
	const char *name;
	unsigned in; /* CONF_BIT()s; 0: not for configuration */
	enum conf_kind kind;
	/* Without a value in a file: the one that is in effect; NULL: none is. */
	const char *std;
	/* Only with this one; not where one of these options is given. */
	const char *needs, *yields;
};
/* Sorted as the manual has them; a name of NULL at the end. */
extern const struct conf_key conf_keys[];

const struct conf_key *conf_key_find(const char *name);
/* "" or "common": 0. A negative number for no section. */
int conf_section_find(const char *name);
const char *conf_section_name(int section);
/* The section of a command. */
int conf_section_of(const struct cmd *cmd);
/* Each section of a report sets it for itself. */
bool conf_is_of_part(const struct conf_key *k);
/* The known name that looks most like it; NULL: none does. section -1: those of
 * sections. */
const char *conf_nearest(const char *name, int section);

/* One line of a file. */
struct conf_entry {
	const struct conf_key *key;
	const char *file;
	char *value; /* "": forget what was said before */
	unsigned line, rank /* of the file */;
	int section;
	/* Of the command that runs: */
	const struct opt *opt;
	const struct section *part; /* of a report, where it is for one alone */
	bool is_over;		    /* a later one counts */
};

/* One option of the command line. */
struct conf_flag {
	const struct opt *opt;
	const char *value;
};

struct conf {
	struct conf_flag *flags;
	size_t nflags;
	const char *file; /* --config; NULL: the usual ones */
	bool none, print, asks_help;
	bool is_refused, is_list_refused; /* which doctor tells */
	int verbose;
	const char *arg; /* the first of the command */
	int nargs;

	struct conf_entry *entries;
	size_t nentries;
	struct conf_entry *
		*used; /* those that count for the command, in order */
	size_t nused;
	struct conf_file {
		char *path;
		bool is_read;
	} * files; /* that were looked for */
	size_t nfiles;
	char *rules_dir; /* NULL: none */
};

extern const struct opt conf_opts[];

/* Reads the files and applies what counts for the command. What is wrong has been
 * told. 0 or a negative errno. */
int conf_begin(struct run *run, int argc, char **argv);
/* When all options are known: the rules of the configuration, and --print-config. 0,
 * OPT_DONE or a negative errno. */
int conf_end(struct run *run);
void conf_free(struct conf *c);

/* Fills files, entries and rules_dir. */
int conf_load(struct conf *c);
/* Makes `used` of them. */
int conf_choose(struct run *run);
/* Whether the entry holds in this run, and no option, other entry or lack of what it
 * needs is in the way. */
bool conf_holds(const struct conf *c, const struct conf_entry *e);
bool conf_is_given(const struct conf *c, const char *name);
/* "FILE:LINE" of the entry whose value this is; false: it is of no file. */
bool conf_origin(const struct run *run, const char *value, char *out,
		 size_t size);
/* Whether this value of a key names a file. */
bool conf_is_path(const struct conf_key *k, const char *value);
/* Calls the handlers. */
int conf_apply(struct run *run);
/* All that can be configured, as a file. */
void conf_print(const struct run *run);
/* Adds what is in rules_dir. */
int conf_add_rules(struct run *run);
/* What is behind the prefix in the last value of a key that has it; NULL: none. */
const char *conf_value(const struct conf *c, int section, const char *name,
		       const char *prefix);

#endif
