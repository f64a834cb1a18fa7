/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_RULE_H
#define SMI_DETECT_RULE_H

#include "base/clock.h"
#include "base/ip.h"
#include "detect/regex.h"

/* What a capture or a group-by name stands for. */
enum smi_role {
	SMI_ROLE_SOURCE_IP,
	SMI_ROLE_SOURCE_HOST,
	SMI_ROLE_SOURCE_PORT,
	SMI_ROLE_DEST_PORT,
	SMI_ROLE_USER,
	SMI_ROLE_COUNT,
	/* Of the header; no captures. */
	SMI_ROLE_HOST,
	SMI_ROLE_PROGRAM,
	SMI_ROLE_URL, /* of an access line, as it stands there */
	SMI_ROLE_NONE
};
#define SMI_NCAPTURES (SMI_ROLE_COUNT + 1)

/* SMI_ROLE_NONE for a name that is none. */
enum smi_role smi_role_by_name(struct smi_span name);

struct smi_pattern {
	struct smi_regex re;
	struct smi_span text;	     /* as it was written */
	int8_t group[SMI_NCAPTURES]; /* of the regex; -1: not captured */
	uint32_t line;
};

/* A sample line of a rule, and whether the rule must take it. */
struct smi_sample {
	struct smi_span text;
	uint32_t line;
	bool match;
};

enum smi_corr_type {
	SMI_CORR_EVENT_COUNT,
	SMI_CORR_VALUE_COUNT,
	SMI_CORR_RATIO,
	SMI_CORR_SILENCE,
	SMI_CORR_TEMPORAL,
	SMI_CORR_TEMPORAL_ORDERED
};
#define SMI_MAX_ITEMS	 16
#define SMI_MAX_GROUP_BY 4

/* What a correlation names: events by action, or by the rule that made them. */
struct smi_item {
	uint64_t actions; /* 0: by rule */
	const char *rule;
	uint32_t line;
};

/* Its members are in smi_corr_sum() too: the windows of an earlier run go on only
 * where they mean the same. */
struct smi_correlation {
	enum smi_corr_type type;
	struct smi_item items[SMI_MAX_ITEMS];
	size_t nitems;
	enum smi_role group_by[SMI_MAX_GROUP_BY];
	size_t ngroup_by;
	int64_t span; /* ns */
	uint64_t count;
	enum smi_role field, once_per;
	uint64_t max_per_value; /* 0: no such limit */
	uint64_t min_events;
	uint64_t min_slots; /* that have an event, each of slot ns */
	int64_t slot;
	uint64_t share; /* actions: of so many percent of the events */
	uint64_t percent;
	int64_t after;		  /* ns that went on before it was silent */
	uint64_t except, then;	  /* actions */
	int64_t within, cooldown; /* ns */
	uint8_t prefix4, prefix6; /* 0: no fallback */
	const char *unless;	  /* a kind */
};

/* What a rule on the access lines of web servers asks for. */
#define SMI_MAX_STATUS 16
struct smi_web_rule {
	unsigned subjects;	     /* bits of enum smi_subject */
	const char *const *literals; /* one must be there; none: no matter */
	size_t nliterals;
	const char *const *methods;
	size_t nmethods;
	uint16_t status[SMI_MAX_STATUS];
	size_t nstatus;
};

/* What an allow entry asks of a process: patterns with * and ?, of text as it is
 * shown; NULL asks nothing. */
enum smi_allow_part {
	SMI_ALLOW_EXE,
	SMI_ALLOW_USER,
	SMI_ALLOW_CONTAINER, /* without one only what is in none is accepted */
	SMI_ALLOW_ARGS,	     /* joined by blanks */
	SMI_ALLOW_PACKAGE,   /* that has the program */
	SMI_ALLOW_NPARTS
};
struct smi_allow_process {
	const char *parts[SMI_ALLOW_NPARTS];
	const char *const *checks; /* ids; none: all of them */
	size_t nchecks;
};

enum smi_rule_type {
	SMI_RULE_PATTERN,
	SMI_RULE_CORRELATION,
	SMI_RULE_JOIN, /* a correlation of what several jobs saw */
	SMI_RULE_ALLOW
};

struct smi_rule {
	enum smi_rule_type type;
	size_t index; /* in its set */
	const char *file;
	uint32_t line;
	const char *id, *title, *kind, *why, *next_step;
	int severity;
	const char *const *attack;
	size_t nattack;

	/* Patterns */
	const char *const *programs;
	size_t nprograms;
	struct smi_pattern *patterns;
	size_t npatterns;
	const char *action;
	uint64_t actions; /* a bit an action: its own, and what it counts for */
	int outcome;
	bool failure;
	struct smi_sample *samples;
	size_t nsamples;
	struct smi_web_rule *web; /* of access lines, else NULL */

	/* Correlations, and patterns with a kind */
	struct smi_correlation *corr;

	/* Correlations of type join, which have no corr */
	struct smi_join_rule *join;

	/* Of fail2ban: it has no patterns of its own */
	const struct smi_f2b_filter *filter;
	const char *
		jail; /* that its correlation is of; its texts may use {jail} */

	/* Allow entries: the finding's key or a process, and ns or INT64_MAX */
	const char *key, *reason;
	struct smi_allow_process *process;
	int64_t expires;
};

/* Frees what does not lie in the set's arena. */
void smi_rule_release(struct smi_rule *r);

#endif
