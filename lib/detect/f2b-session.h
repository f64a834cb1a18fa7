/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_SESSION_H
#define SMI_DETECT_F2B_SESSION_H

#include "base/vec.h"
#include "detect/corr-pack.h"
#include "detect/f2b-regex.h"

/* What a regex caught: v[k] is known where bit k of set is set. defined are the
 * groups that it has. */
struct smi_f2b_caught {
	struct smi_span v[SMI_F2B_NKEYS];
	uint32_t set, defined;
};
static inline bool smi_f2b_has(const struct smi_f2b_caught *c,
			       enum smi_f2b_key k)
{
	return (c->set >> k & 1) != 0;
}

/*
 * What the lines of one connection (F-MLFID) said before: the address of one and
 * the user of another make one failure. In bounded memory, and only while the
 * lines follow one another: a pid that comes again hours later is another
 * connection.
 */
#define SMI_F2B_SESSION_GAP  300 /* s */
#define SMI_F2B_MAX_SESSIONS 4096
#define SMI_F2B_MAX_VALUE    1024

struct smi_f2b_sessions;
int smi_f2b_sessions_new(struct smi_f2b_sessions **out);
void smi_f2b_sessions_free(struct smi_f2b_sessions *s);
/* How many were given up for lack of room, and values that were too long. */
uint64_t smi_f2b_sessions_lost(const struct smi_f2b_sessions *s);

enum smi_f2b_verdict {
	SMI_F2B_FAILURE,
	SMI_F2B_HELPS, /* no failure, or not yet */
	SMI_F2B_GAINED /* somebody was let in */
};
/*
 * Joins what a line of filter number caught with the lines before it, and says what
 * the line is then. c is filled up; it may point into s until the next call.
 * time in ns, INT64_MIN: not known. -ENOMEM.
 */
int smi_f2b_sessions_join(struct smi_f2b_sessions *s, size_t filter,
			  int64_t time, struct smi_f2b_caught *c,
			  enum smi_f2b_verdict *out);
/* For the next run, in which filter i has the number that map says; SIZE_MAX: there
 * is none. load sets in->bad; -ENOMEM, else 0. */
typedef SMI_VEC(size_t) smi_f2b_numbers;
void smi_f2b_sessions_save(const struct smi_f2b_sessions *s,
			   struct smi_buf *out);
int smi_f2b_sessions_load(struct smi_f2b_sessions *s, struct smi_unpack *in,
			  const smi_f2b_numbers *map);

#endif
