/* SPDX-License-Identifier: MIT */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <sysmon/sysmon.h>

#include "opt.h"
#include "progress.h"

/* Exit status: the highest that applies wins. */
enum {
	STATUS_OK = 0,	       /* saw everything it was asked to see */
	STATUS_FOUND = 1,      /* a finding at or above --fail-on */
	STATUS_USAGE = 2,      /* nothing was done */
	STATUS_INCOMPLETE = 3, /* a source, host or output is missing */
	STATUS_BROKEN = 4      /* no memory, or our own mistake */
};

/* One part of a report: a command of its own, and a flag of `report`. */
struct section {
	const char *name;
	int kind; /* of the records that --fields chooses members of */
	/* Of its progress, where the rate tells something. */
	struct progress_unit unit;
	/* Its options object in the run. */
	int (*open)(struct run *run);
	void (*close)(struct run *run);
	int (*new_job)(struct run *run, sm_job **out);
	/* "pid,name": gather only these. */
	int (*set_fields)(struct run *run, const char *fields);
	/* NULL: it has one. */
	int (*set_threads)(struct run *run, uint32_t n);
	/* --ignore, where addresses make findings; else NULL. */
	int (*add_ignore)(struct run *run, const char *prefix);
	/* Whether this notice says that something named was not seen. */
	bool (*is_loss)(const struct run *run, const sm_notice *n);
	/* Whether it goes without saying, and is left out; NULL: none does. */
	bool (*is_usual)(const struct run *run, const sm_notice *n);
};

struct cmd {
	const char *name;
	const char *args; /* as in the usage line */
	const char *summary;
	const char *manual; /* the page that has all of it */
	/* The rows it takes, NULL at the end; help shows the first `shown` of
	 * them, and always the common ones. */
	const struct opt *const *opts;
	unsigned shown;
	const char *more;     /* a further line of help, or NULL */
	const char *examples; /* finished lines */
	/* The arguments, when all options are known: a negative errno with
	 * run_why(), and nothing is done. */
	int (*ready)(struct run *run);
	/* The work; the status is raised by run_status(). */
	void (*run)(struct run *run);
};

extern const struct cmd cmd_scan, cmd_ps, cmd_logs, cmd_report, cmd_rules,
	cmd_history, cmd_doctor;
/* Flags without a command. */
extern const struct cmd cmd_flags;
/* All that have a name, and all sections; NULL at the end. */
extern const struct cmd *const cmds[];
extern const struct section *const sections[];
extern const struct section section_scan, section_ps, section_logs;

/* One command line, from its first word: gives the exit status. check: stop
 * before the work begins. */
int cmd_main(const struct cmd *cmd, int argc, char **argv, bool check);

/* Numbered choices until the end of input; gives the exit status. */
int menu_run(void);

#endif
