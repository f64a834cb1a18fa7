/* SPDX-License-Identifier: MIT */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cmd.h"
#include "conf.h"
#include "history.h"
#include "notices.h"
#include "out.h"
#include "progress.h"

/* What one command line asks for, and how it went. */
struct run {
	const struct cmd *cmd;
	struct conf *conf;
	/* The part of a report whose configuration is applied; NULL: all. */
	const struct section *part;
	sm_ctx *ctx;
	sm_scan_opts *scan;
	sm_proc_opts *proc;
	sm_log_opts *log;
	sm_log_opts *log_check; /* the thresholds alone */
	sm_ruleset *rules;	/* NULL until --rules */
	bool has_filters;	/* of fail2ban */
	bool has_jails;
	const char *fail2ban_dir;
	struct out out;
	struct progress progress;
	struct notices notices;
	sm_join *join; /* of more than one section */
	struct history history;
	/* Of history: what to look for in it. */
	struct {
		const char *match[SM_STORE_RUN + 1];
		int kind;
		int64_t since, until;
	} ask;

	/* What is no option. */
	char **args;
	int nargs;
	/* The log files among the sources. */
	const char **files;
	unsigned nfiles;

	/* Of report: which sections; 0 is all. */
	bool want_scan, want_ps, want_logs;
	bool listeners; /* instead of a scan */
	bool udp, services;
	const char *method;	 /* of a scan, where it is no auto */
	const char *asks;	 /* an option of how services are asked */
	const struct opt *probe; /* the first option that is about probes */
	/* A target, ports, a log was named. */
	bool has_target, other_target, has_log;
	const char *from;	  /* a saved run instead of work */
	const char *state;	  /* of --state or --resume */
	const struct opt *work;	  /* the first option that is about work */
	char *ports;		  /* of all -p; NULL: none */
	const char *stdin_reader; /* NULL: nobody yet */
	const char *fields;
	const char *threshold; /* the last one */
	int fail_on;
	int verbose;
	bool quiet;

	bool no_progress;
	bool keeps_state; /* what is taken must not be lost any more */
	bool seen;	  /* something could be looked at */
	int worst;	  /* severity of the gravest finding */
	int status;
	char why[1200];
	char said[512]; /* the last notice that was told */
};

/* A negative errno. */
int run_init(struct run *run, const struct cmd *cmd);
void run_done(struct run *run);

/* Why the handler or the command refuses: gives -EINVAL. */
int run_why(struct run *run, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
/* The reason of a failed call: run_why(), else the context's sentence. */
const char *run_reason(const struct run *run, int rc);
/* The same behind the value that it is about, which has been told. */
const char *run_reason_of(const struct run *run, int rc, const char *value);
/* The reason of rc becomes one about a named thing: "target 'x': ...". Gives rc. */
int run_why_of(struct run *run, int rc, const char *what, const char *value);
/* Standard input has one reader, which is named as in "read for ...". A
 * negative errno with run_why() for a second one. */
int run_take_stdin(struct run *run, const char *reader);
/* The exit status becomes at least this. */
void run_status(struct run *run, int status);
/* A call of the library failed while working: one sentence, and the status. */
void run_failed(struct run *run, int rc);

/* --fields and the like, for the sections that are asked for. */
int run_ready_sections(struct run *run, const struct section *const *list,
		       unsigned n);
/* Writes the outputs; worst is the severity of the gravest finding. */
void run_finish(struct run *run, int worst);
/* The whole work of a command made of sections: outputs opened, jobs driven one
 * after the other, outputs written. */
void run_sections(struct run *run, const struct section *const *list,
		  unsigned n);

/* What was added to the rules since there were so many problems has no hole: -EINVAL
 * with run_why() otherwise. */
int rules_are_whole(struct run *run, size_t before);
/* Whether they are those of the library, or some of them, and no file. */
bool rules_are_builtin(const char *spec);
/* Whether the command is to tell what is wrong in rules: of all that are configured,
 * of those that are named. */
bool rules_are_checked(const struct run *run);
bool rules_are_named(const struct run *run);

/* SIGINT and SIGTERM stop the job that runs, a second one the program. A menu goes on
 * when what it has begun was stopped. */
void run_catch_signals(bool is_menu);
/* Whether what was kept is read, which is no job: the first signal ends the program
 * then, with STATUS_INCOMPLETE, for a report of a part would hide the rest. Nothing may
 * be half written meanwhile. */
void run_reads(bool on);

#endif
