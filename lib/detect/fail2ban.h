/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_FAIL2BAN_H
#define SMI_DETECT_FAIL2BAN_H

#include "detect/f2b-conf.h"
#include "detect/f2b-date.h"
#include "detect/f2b-journal.h"
#include "detect/f2b-regex.h"
#include "detect/rule.h"

#define SMI_F2B_DIR	    "/etc/fail2ban"
#define SMI_F2B_MAX_REGEXES 2000 /* of a filter */
#define SMI_F2B_MAX_LINES   100	 /* of a regex */

/* What an event of a filter can be: each is a rule with its own action. The first
 * is the rule that lists show; they share its id. */
enum smi_f2b_event {
	SMI_F2B_EVENT_FAILURE,
	/* Of a line that another rule took before: it counts for correlations that
	 * name this rule, and for no other. */
	SMI_F2B_EVENT_AGAIN,
	SMI_F2B_EVENT_HELPS,
	SMI_F2B_EVENT_GAINED,
	SMI_F2B_NEVENTS
};

/* A filter of fail2ban, or of one of its jails. */
struct smi_f2b_filter {
	struct smi_rule rules[SMI_F2B_NEVENTS];
	const char *name;
	size_t number; /* in its set of rules */
	const struct smi_f2b_dates *dates;
	struct smi_f2b_regex *pref; /* NULL: there is none */
	struct smi_f2b_regex *fail, *ignore;
	size_t nfail, nignore;
	unsigned max_lines;
	bool journal; /* lines have no date of their own */
	struct smi_f2b_journal journalmatch;
	/* Of a jail: the logs it is for, and whom it leaves alone. */
	const char *const *paths;
	size_t npaths;
	struct smi_prefix *ignoreip;
	size_t nignoreip;
};

struct sm_ruleset;
/* "NAME", "NAME[option=value]": behind "fail2ban:". How many rules were added, or
 * a negative errno. */
int smi_f2b_load(struct sm_ruleset *rs, const char *spec);
/* The same of one file, or of a text that stands for it. */
int smi_f2b_load_file(struct sm_ruleset *rs, const char *path,
		      const struct smi_span *text);
/* The jails of jail.conf that are enabled, or the named ones ("sshd,postfix"): each
 * is a filter with a finding of what it would ban. */
int smi_f2b_load_jails(struct sm_ruleset *rs, const char *only);
/* Makes a filter of the name and options of a jail or of a spec; id is the rule's.
 * -EBADMSG with c->err filled. */
struct smi_f2b_plan {
	const char *id, *title;
	struct smi_span name;
	smi_f2b_values *given; /* [options] */
	smi_f2b_values *jail;  /* options of the jail, or NULL */
	const char *file;      /* where it is asked for; "" by hand */
	uint32_t line;
	/* Instead of the file that name has: this one, or this text for it. */
	const char *path;
	const struct smi_span *text;
};
int smi_f2b_make(struct sm_ruleset *rs, struct smi_f2b_conf *c,
		 const struct smi_f2b_plan *p, struct smi_f2b_filter **out);
/* The filter's own options with everything filled in; they point into c. */
int smi_f2b_known(struct sm_ruleset *rs, struct smi_f2b_conf *c,
		  const struct smi_f2b_plan *p, smi_f2b_values *out);
/* Takes a filter into the set, which releases it from now on, or it is released. */
int smi_f2b_take(struct sm_ruleset *rs, struct smi_f2b_filter *f);
/* The problems of c become those of the set: 0, or what a call fails with. */
int smi_f2b_tell_remarks(struct sm_ruleset *rs, const struct smi_f2b_conf *c,
			 const char *id);
int smi_f2b_tell(struct sm_ruleset *rs, const struct smi_f2b_conf *c, int rc);
void smi_f2b_filter_release(struct smi_f2b_filter *f);
/* A name that can be no path to elsewhere. */
bool smi_f2b_is_name(struct smi_span s);

#endif
