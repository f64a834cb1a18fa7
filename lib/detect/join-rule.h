/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_JOIN_RULE_H
#define SMI_DETECT_JOIN_RULE_H

#include "detect/rule.h"
#include "record/filter.h"
#include "record/schema.h"

/* A correlation of type join: records of several jobs that belong together. */
#define SMI_JOIN_PARTS 8
#define SMI_JOIN_TESTS 16
#define SMI_JOIN_SHOWN 16

/* A kind of record that can be a part, and how many bytes of it are kept. */
struct smi_join_kind {
	int kind;
	size_t bytes;
};
/* NULL: joined findings do not rest on it. */
const struct smi_join_kind *smi_join_kind(int kind);

enum smi_join_need {
	SMI_JOIN_NEEDED,
	SMI_JOIN_WITHOUT, /* there is none */
	SMI_JOIN_ALSO	  /* kept where there is one */
};

/* One kind of record that can be a part; with no filter each is. */
struct smi_join_choice {
	bool is_on;
	struct smi_filter *filter;
};

struct smi_join_part {
	const char *name;
	enum smi_join_need need;
	struct smi_join_choice choices[SMI_NKINDS + 1]; /* by kind */
};

/* PART.MEMBER. What a finding does not have itself, its evidence may. */
struct smi_join_member {
	uint8_t part;
	int16_t field[SMI_NKINDS + 1]; /* by kind; -1: it has none */
};
#define SMI_JOIN_ANSWERED 1000 /* of a host: open and closed ports */

enum smi_join_op {
	SMI_JOIN_EQ,
	SMI_JOIN_LT,
	SMI_JOIN_LE,
	SMI_JOIN_GT,
	SMI_JOIN_GE,
	SMI_JOIN_SERVES,
	SMI_JOIN_REACHES
};

struct smi_join_test {
	enum smi_join_op op;
	struct smi_join_member left, right;
	bool has_number; /* instead of right */
	int64_t number;
	uint8_t last; /* the part with which all of it is known */
};

/* {PART.MEMBER} of a sentence. */
struct smi_join_shown {
	const char *name;
	bool counts; /* PART.records: how many there are */
	struct smi_join_member member;
};

/* Parts that are needed come first. */
struct smi_join_rule {
	struct smi_join_part parts[SMI_JOIN_PARTS];
	size_t nparts, nneeded;
	struct smi_join_test tests[SMI_JOIN_TESTS];
	size_t ntests;
	struct smi_join_shown shown[SMI_JOIN_SHOWN];
	size_t nshown;
	unsigned group_by;  /* a bit a part: what one finding has one of */
	const char *unless; /* a kind */
};

/* Frees what does not lie in the set's arena. NULL is fine. */
void smi_join_rule_release(struct smi_join_rule *j);

#endif
