/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CHECK_H
#define SMI_DETECT_CHECK_H

#include "detect/detect.h"

/* What a check found out, beside that there is something. */
struct smi_verdict {
	int severity;		/* of the check, unless it is weighed */
	struct smi_span detail; /* clean text: what of the evidence decided */
	const char *note;	/* a sentence why it is weighed; NULL */
};

/*
 * A check looks at the evidence on one process and says whether it is a finding: one
 * row, and one function that reads nothing else. Its sentences may use {name}, {pid},
 * {user}, {threshold}, {detail}, and the fields it reads.
 */
struct smi_check {
	const char *id, *kind;
	int severity;
	const char *const *attack; /* ATT&CK techniques */
	uint8_t nattack;
	uint8_t nfields;
	uint8_t fields[10]; /* that it reads */
	/* Which of them, with the user, names the same on another day. */
	uint8_t key;
	/* Whose threshold it judges by, which turns it off where it is 0. One without
	 * is turned off by opts->checks only. */
	enum smi_load load;
	/* v has the check's severity, and nothing else yet. */
	bool (*fn)(const sm_record *rec, double threshold,
		   struct smi_verdict *v);
	const char *title, *why;
	const char *innocent; /* what looks the same and is honest; NULL */
	const char *next_step;
};
#define SMI_CHECK_ATTACK(list) .attack = (list), .nattack = SMI_COUNT(list)
#define SMI_CHECK_FIELDS(...)                                                  \
	.fields = { __VA_ARGS__ },                                             \
	.nfields = sizeof((const uint8_t[]){ __VA_ARGS__ })

/* The checks of one theme. */
struct smi_checks {
	const struct smi_check *v;
	size_t n;
};
#define SMI_CHECKS(name)                                                       \
	const struct smi_checks smi_checks_##name = {                          \
		name##_checks, SMI_COUNT(name##_checks)                        \
	}
extern const struct smi_checks smi_checks_args;
extern const struct smi_checks smi_checks_environ;
extern const struct smi_checks smi_checks_exe;
extern const struct smi_checks smi_checks_hidden;
extern const struct smi_checks smi_checks_identity;
extern const struct smi_checks smi_checks_memory;
extern const struct smi_checks smi_checks_privilege;
extern const struct smi_checks smi_checks_relation;
extern const struct smi_checks smi_checks_resource;
extern const struct smi_checks smi_checks_socket;
/* Of all themes: the check after the one at theme and at, which begin at 0; NULL behind
 * the last. */
const struct smi_check *smi_check_next(size_t *theme, size_t *at);
/* What is said where an important process does not run, or was started anew, and of who
 * leaves zombies; without fn. */
extern const struct smi_check smi_check_missing, smi_check_restarted;
extern const struct smi_check smi_check_zombies;

#endif
