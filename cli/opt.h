/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stdint.h>

struct run;
struct cmd;

/* One row an option: parsing and help are made from it. */
struct opt {
	const char *name;
	char letter; /* 0: none */
	/* What the value is called; "[X]": only as --name=X; NULL: none. */
	const char *arg;
	const char *help; /* NULL: another name of an option that is shown */
	/* 0, OPT_DONE, or a negative errno: then the reason is the one of
	 * run_why(), else the context's. */
	int (*set)(struct run *run, const char *value);
};
#define OPT_DONE 1

/* The options that every command has; the second are in the general help alone. */
extern const struct opt common_opts[];
extern const struct opt pager_opts[];
/* Those of the sections, which `report` takes too. */
extern const struct opt listener_opts[], scan_opts[], ps_opts[], logs_opts[],
	rules_opts[], history_opts[], baseline_opts[], history_file_opts[];
/* --scan-ports and its sisters. */
extern const struct opt section_opts[];

/*
 * Calls the handlers in the order of the command line; what is no option stays in
 * run->args. Only whole long names count. A failure has been told on standard
 * error. 0, OPT_DONE or a negative errno.
 */
int opt_parse(struct run *run, int argc, char **argv);

/* The same without a word or an effect, up to the first mistake: fn gets options with
 * their values, and arguments without an option. 0 or -ENOMEM. */
typedef int (*opt_fn)(struct run *run, const struct opt *opt,
		      const char *value);
int opt_look(struct run *run, int argc, char **argv, opt_fn fn);
/* By its long name; NULL: the command has none of it. */
const struct opt *opt_find(const struct cmd *cmd, const char *name);

/* One sentence why nothing is done, and where to read more; gives rc. */
int opt_refuse(const struct cmd *cmd, int rc, const char *what);

/* The help of one command, or of all where it has no name; on standard output,
 * through a pager where it is longer than the screen. */
void opt_help(const struct cmd *cmd, bool pager);
/* The rows that are shown, without a heading. */
void opt_help_rows(const struct opt *rows);

/* Values. A negative errno with the reason in run_why(). */
int opt_int(struct run *run, const char *value, int64_t min, int64_t max,
	    int64_t *out);
int opt_percent(struct run *run, const char *value, double *out);
int opt_number(struct run *run, const char *value, double *out);
int opt_seconds(struct run *run, const char *value, double min, double max,
		double *out);
int opt_severity(struct run *run, const char *value, int *out);
int opt_time(struct run *run, const char *value, int64_t *out);

/* Keeps in mind what only a scan takes. */
void scan_note(struct run *run, const struct opt *opt);
/* Keeps in mind what is about work. */
void report_note(struct run *run, const struct opt *opt);
/* Whether --listeners may stand with the rest: a negative errno with run_why(). */
int scan_check_listeners(struct run *run, bool has_target);
/* The method is one of the protocol. */
int scan_check_options(struct run *run);
/* For all sections that have threads. */
int opt_threads(struct run *run, const char *value);
/* For logs and ps: the one of them by the form of the value, where both are there. */
int opt_threshold(struct run *run, const char *value);
int logs_threshold(struct run *run, const char *value);
int ps_threshold(struct run *run, const char *value);

/* One of a few words: its number. */
struct opt_word {
	const char *word;
	int number;
};
int opt_choice(struct run *run, const char *value, const struct opt_word *words,
	       int *out);

#endif
