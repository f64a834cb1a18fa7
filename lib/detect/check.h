/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CHECK_H
#define SMI_DETECT_CHECK_H

#include "detect/detect.h"

/*
 * A check looks at one process and says whether it is a finding: one row each. Its
 * sentences may use {name}, {pid}, {user}, {threshold}, and the fields it reads.
 */
struct smi_check {
	const char *id, *kind;
	int severity;
	const char *const *attack; /* ATT&CK techniques */
	uint8_t nattack;
	uint8_t nfields;
	uint8_t fields[4]; /* that it reads */
	/* Which of them, with the user, names the same on another day. */
	uint8_t key;
	/* The limit that it judges by; 0: none, and it is turned off. NULL for a
	 * check without a limit, which only opts->checks turns off. */
	double (*threshold)(const struct smi_detect_proc_opts *o);
	bool (*fn)(const sm_record *rec, double threshold);
	const char *title, *why, *next_step;
};

extern const struct smi_check smi_checks_process[];
extern const size_t smi_checks_process_n;
/* What is said where an important process does not run; without fn. */
extern const struct smi_check smi_check_missing;

/* Whether the process goes by that name. */
bool smi_check_has_name(const sm_record *rec, const char *name);

#endif
