/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_NATIVE_H
#define SMI_DETECT_NATIVE_H

#include "detect/ruleset.h"
#include "detect/yaml.h"

/* One document on its way to a rule. The first problem makes it useless, but all
 * of them are told. */
struct smi_native {
	sm_ruleset *rs;
	const char *file;
	struct smi_rule *rule;
	bool bad;
	bool full; /* a bound was reached, and told */
	bool has_outcome, has_failure;
	int rc; /* -ENOMEM */
};

struct smi_native_key {
	const char *name;
	void (*read)(struct smi_native *n, const struct smi_yaml *value);
};

struct smi_native_keys {
	const struct smi_native_key *v;
	size_t n;
};

struct smi_native_texts {
	const char **v;
	size_t n, max;
};

/* Gives each value of a map to the reader of its key; an unknown key is a
 * problem. */
void smi_native_read_map(struct smi_native *n, const struct smi_yaml *map,
			 const struct smi_native_key *keys, size_t nkeys,
			 const char *what);
void smi_native_bad(struct smi_native *n, uint32_t line, const char *fmt, ...)
	SMI_PRINTF(3, 4);

/* Values. What they return lies in the set's arena; NULL when it is not what
 * must stand there, which is a problem then, or when memory ran out. */
char *smi_native_keep(struct smi_native *n, const char *p, size_t len);
const char *smi_native_text(struct smi_native *n, const struct smi_yaml *v);
/* Names that scripts and bits stand for: letters, digits, '-', '_', '.'. */
const char *smi_native_name(struct smi_native *n, const struct smi_yaml *v,
			    const char *what);
/* A template for people, as in record/sentence.h. */
const char *smi_native_sentence(struct smi_native *n, const struct smi_yaml *v);
/* Calls fn for each scalar of a list, or for the one scalar. */
void smi_native_each(struct smi_native *n, const struct smi_yaml *list,
		     void (*fn)(struct smi_native *n,
				const struct smi_yaml *item, void *user),
		     void *user);
/* At least as many as smi_native_each() calls fn. */
size_t smi_native_count(const struct smi_yaml *list);
struct smi_native_texts smi_native_texts(struct smi_native *n,
					 const struct smi_yaml *v);

/* The keys that only pattern rules have, and what the parts of such a rule must
 * have in common. */
extern const struct smi_native_keys smi_native_pattern_keys;
void smi_native_check_pattern(struct smi_native *n);
uint64_t smi_native_action(struct smi_native *n, const struct smi_yaml *item);

/* The keys of rules on access lines, and what they must have in common. */
void smi_native_subject(struct smi_native *n, const struct smi_yaml *v);
void smi_native_literals(struct smi_native *n, const struct smi_yaml *v);
void smi_native_method(struct smi_native *n, const struct smi_yaml *v);
void smi_native_status(struct smi_native *n, const struct smi_yaml *v);
void smi_native_check_web(struct smi_native *n);

/* The keys by which an allow entry describes a process, and what its parts must have
 * in common. */
extern const struct smi_native_keys smi_native_allow_keys;
void smi_native_check_allow(struct smi_native *n);

/* correlation: {...} */
void smi_native_correlation(struct smi_native *n, const struct smi_yaml *v);
/* What the parts of a correlation must have in common. */
void smi_native_check_correlation(struct smi_native *n);
/* The same of type join; it needs doc to be a map. */
bool smi_native_is_join(const struct smi_yaml *doc);
extern const struct smi_native_keys smi_native_join_keys;
void smi_native_check_join(struct smi_native *n);
/* "600s", "10m", "48h", "2d" in ns; group-by of a pattern rule. */
void smi_native_timespan(struct smi_native *n, const struct smi_yaml *v);
void smi_native_group_by(struct smi_native *n, const struct smi_yaml *v);
/* The correlation of the rule, made when there is none. NULL: out of memory. */
struct smi_correlation *smi_native_corr(struct smi_native *n);

#endif
