/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_JAIL_H
#define SMI_DETECT_F2B_JAIL_H

#include "detect/fail2ban.h"

/* What the files that read a jail have in common. */

/* A jail in the making. */
struct smi_f2b_jail {
	struct sm_ruleset *rs;
	struct smi_f2b_conf *c; /* jail.conf and its kin */
	struct smi_span name;
	const char *file;
	uint32_t line;
	struct smi_f2b_plan plan;
	struct smi_f2b_filter *f;
	const char *backend;
	int64_t findtime;
	uint64_t maxretry;
};

/* 1 and the value, 0 where there is none. */
int smi_f2b_jail_get(struct smi_f2b_jail *j, const char *name,
		     struct smi_f2b_value *out);
/* Errors: -EBADMSG. */
int smi_f2b_jail_wrong(struct smi_f2b_jail *j, const struct smi_f2b_value *v,
		       const char *right);
/* A problem of low severity. */
int smi_f2b_jail_remark(struct smi_f2b_jail *j, const struct smi_f2b_value *v,
			struct smi_span word, const char *why);
/* Whom it leaves alone: ignoreip and ignoreself. */
int smi_f2b_jail_ignore(struct smi_f2b_jail *j);

/* The next word between commas and white space; empty at the end. */
struct smi_span smi_f2b_cut_word(struct smi_span *s);
bool smi_f2b_is_true(struct smi_span s);
/* "600", "10m", "1d 12h", "1year-6mo": up to 100 years. */
bool smi_f2b_seconds(struct smi_span s, int64_t *out);

#endif
