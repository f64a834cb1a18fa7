/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_RULESET_H
#define SMI_DETECT_RULESET_H

#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "core/ctx.h"
#include "detect/actions.h"
#include "detect/prefilter.h"
#include "detect/rule.h"
#include "record/line.h"

struct smi_problem {
	const char *file, *text;
	uint32_t line;
	int severity;
	/* "": no document could be made out */
	const char *id;
};

/* What one event of a rule means to one correlation. */
enum {
	SMI_FEED_COUNT = 1,
	SMI_FEED_EXCEPT = 2,
	SMI_FEED_THEN = 4
};
struct smi_feed {
	uint16_t corr, item;
	uint8_t what;
};
struct smi_feeds {
	const struct smi_feed *v;
	size_t n;
};

/* A correlation, the rule it came from, and those that yield to it. */
struct smi_corr_slot {
	const struct smi_rule *rule;
	uint16_t *yielders;
	size_t nyielders;
};

/* What rule files can make us compile and try. */
#define SMI_MAX_PATTERNS      20000 /* of a set, with those that were refused */
#define SMI_MAX_PATTERN_BYTES (64u << 20) /* compiled */
#define SMI_MAX_SAMPLES	      100	  /* of a rule */

struct sm_ruleset {
	atomic_uint refs;
	sm_ctx *ctx; /* NULL once it is frozen */
	smi_header_fn header;
	bool frozen;
	struct smi_arena arena;
	SMI_VEC(struct smi_rule *) rules;
	SMI_VEC(struct smi_problem) problems;
	size_t npatterns, pattern_bytes;
	uint64_t builtin;   /* which of those are in it, a bit each */
	size_t nlinted;	    /* rules whose lint is among the problems */
	struct smi_map ids; /* to rules */
	struct smi_actions actions;
	struct smi_matcher *matcher; /* for samples; NULL once it is frozen */
	/* Of fail2ban: filters, the datepatterns they share, and how many regexes
	 * there are. */
	char *fail2ban_dir; /* NULL: the usual one */
	SMI_VEC(struct smi_f2b_filter *) filters;
	SMI_VEC(struct smi_f2b_dates *) dates;
	size_t nregexes;
	SMI_VEC(const char *) journal_fields; /* that filters look at */

	/* Made by freeze */
	struct smi_dispatch dispatch;
	struct smi_corr_slot *corrs;
	size_t ncorrs;
	struct smi_feeds *feeds; /* one a rule, then those of filters */
};

/* header splits sample lines; it may be NULL for tests that have none. */
int smi_ruleset_new(sm_ctx *ctx, smi_header_fn header, sm_ruleset **out);
/* -EINVAL without a set, -EBUSY when it is frozen. */
int smi_ruleset_check_open(const sm_ruleset *rs);
/* Takes a document that is complete. -EBADMSG where the id is there already. */
int smi_ruleset_take(sm_ruleset *rs, struct smi_rule *rule);
/* Remembers what was wrong. -ENOMEM when that is not possible, else 0. */
int smi_ruleset_problem(sm_ruleset *rs, int severity, const char *file,
			uint32_t line, const char *id, const char *fmt, ...)
	SMI_PRINTF(6, 7);
/* Remarks about names that are not in the set, of rules from index first on. */
int smi_ruleset_check_names(sm_ruleset *rs, size_t first);
/* Some correlation makes findings of this kind. */
bool smi_ruleset_has_kind(const sm_ruleset *rs, const char *kind);

/* Of "sshd,web": these of the built-in files, and what they feed. How many documents,
 * or -ENOENT, -ENOMEM. */
int smi_ruleset_add_builtin(sm_ruleset *rs, struct smi_span names);
/* A built-in rule, and others that it may count on were not wanted. */
bool smi_ruleset_is_part(const sm_ruleset *rs, const struct smi_rule *rule);
/* Reads a native text into the set. How many documents were taken, or -ENOMEM. */
int smi_native_load(sm_ruleset *rs, const char *file, struct smi_span text);

#endif
