/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_JOIN_H
#define SMI_DETECT_JOIN_H

#include "base/map.h"
#include "base/vec.h"
#include "core/ctx.h"
#include "detect/accepted.h"
#include "detect/join-rule.h"
#include "detect/ruleset.h"

/* The inside of a join, for the files that make it up. */

/* What is kept of findings, in bytes of copies; of each kind: join-rule.h. */
#define SMI_JOIN_FINDING_BYTES (16u << 20)
/* Records that are tried against others, and findings, of one rule. */
#define SMI_JOIN_STEPS	10000000
#define SMI_JOIN_GROUPS 1000
/* Records of one part that a group keeps, to make its finding of; all are counted. */
#define SMI_JOIN_KEPT 32

struct smi_join_entry {
	sm_record *rec; /* NULL: given up */
	size_t size;
};

struct sm_join {
	sm_ctx *ctx;
	sm_ruleset *rs;
	SMI_VEC(struct smi_join_entry) entries;
	struct smi_map ids; /* to 1 + the index of an entry */
	size_t used[SMI_NKINDS + 1];
	uint64_t dropped[SMI_NKINDS + 1];
	bool finished;
	struct smi_map about; /* kinds, and what their findings are about */
	struct smi_accepted accepted;
};

int smi_join_new(sm_ctx *ctx, sm_ruleset *rs, sm_join **out);

/* Values of a member: of lists and evidence all, up to a bound. */
#define SMI_JOIN_VALUES 32
struct smi_join_value {
	bool is_text;
	int64_t number;
	struct smi_span text;
	/* Of the record that has it */
	const sm_record *rec;
	int field;
};
struct smi_join_values {
	size_t n;
	struct smi_join_value v[SMI_JOIN_VALUES];
};
void smi_join_get(const sm_record *rec, const struct smi_join_member *m,
		  struct smi_join_values *out);
/* recs: of the parts. maybe: what cannot be told of a port counts as true. */
bool smi_join_test(const struct smi_join_test *t, const sm_record *const *recs,
		   bool maybe);
bool smi_join_is_choice(const struct smi_join_part *p, const sm_record *rec);
/* The port is that of a program of the logs; maybe: or its owner is not known, or it
 * is not known what the program serves. */
bool smi_join_serves(const sm_record *port, struct smi_span program,
		     bool maybe);
/* What the program serves is known. */
bool smi_join_is_known(struct smi_span program);
/* The address of a peer, or its network, can come to a port of this machine. */
bool smi_join_reaches(const sm_record *port, struct smi_span peer);

/* Records that make one finding: those of the parts of group-by are the same. */
struct smi_join_row {
	uint8_t part;
	const sm_record *rec;
};
struct smi_join_group {
	SMI_VEC(struct smi_join_row) rows;
	/* Of all records, also those that are not kept. */
	uint64_t records[SMI_JOIN_PARTS]; /* distinct ones */
	uint64_t count;			  /* events, or one for each */
	int64_t first, last;
};
struct smi_join_found {
	SMI_VEC(struct smi_join_group *) groups;
	struct smi_map by_key; /* of group-by */
	struct smi_map seen;   /* group and part and record */
	uint64_t steps;
	bool tired; /* a share of the steps was used up: some were not tried */
	uint64_t dropped; /* findings beyond the limit */
};
/* -ENOMEM. */
int smi_join_match(const sm_join *j, const struct smi_join_rule *rule,
		   struct smi_join_found *out);
void smi_join_found_done(struct smi_join_found *f);

/* NULL: memory is out. */
sm_record *smi_join_finding(struct smi_arena *a, const struct smi_rule *rule,
			    const struct smi_join_group *g, int64_t now);

#endif
