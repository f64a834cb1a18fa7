/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_FOLLOW_H
#define SMI_LOGSRC_FOLLOW_H

#include "base/vec.h"
#include "logsrc/gen.h"
#include "logsrc/wake.h"

/*
 * What becomes of a log after its end: it grows, is renamed and made anew, is
 * copied and cut, goes and comes back. The reader reads one generation; here is
 * which one comes next, so that no line is lost and none is read twice.
 */
struct smi_follow {
	const struct smi_fsroot *root;
	char *path;	       /* NULL: a descriptor, which has no successors */
	struct smi_wake *wake; /* NULL: there is no waiting */
	SMI_VEC(struct smi_gen) next; /* after the current one, in order */
	/* The one before: who writes may not have noticed the new one yet. */
	struct smi_gen rest;
	int64_t rest_until; /* monotonic */
	int dir;	    /* of path, kept open to be watched; -1 */
	int watch;	    /* of the current one */
	bool resumed;	    /* the file of an earlier run was found */
	bool refused;	    /* a successor may not be read; that was told */
};

int smi_follow_new(const struct smi_fsroot *root, const char *path,
		   struct smi_follow **out);
void smi_follow_free(struct smi_follow *f);

/* From now on there is waiting. */
int smi_follow_start(struct smi_follow *f, struct smi_wake *wake,
		     const struct smi_gen *cur);
/*
 * The current generation gave no more. pending: the last line has no end yet. 0:
 * there is news, read on; 1: it is over; -EAGAIN: wait; -ENOMEM. With another one
 * in f->next the end of the current one is final.
 */
int smi_follow_rest(struct smi_follow *f, struct smi_gen *cur, uint64_t number,
		    bool pending);
/*
 * Before a read between two lines: what was written to the generation before comes
 * before what the current one has now. 1: there is some, cur is over until then; 0: of
 * cur *room bytes may be read, which can be none; -ENOMEM.
 */
int smi_follow_late(struct smi_follow *f, struct smi_gen *cur, uint64_t number,
		    size_t *room);
/*
 * smi_gen_was_cut(): 0: cur is now the copy that was made before, read on; 1: there
 * is none, cur is over. What was written since comes next.
 */
int smi_follow_cut(struct smi_follow *f, struct smi_gen *cur);
/*
 * Goes on where an earlier run was: was says what it had read of which file, cur is
 * what stands at the path now, and given up. What comes is in f->next: the rest of
 * that file, wherever it is now, and what is newer. 1, 0 when that file is gone:
 * what is newer comes all the same; -ENOMEM.
 */
int smi_follow_resume(struct smi_follow *f, struct smi_gen *cur,
		      const struct smi_gen *was);
/* The next one becomes the current one; false when there is none. number: lines
 * of the old one. */
bool smi_follow_next(struct smi_follow *f, struct smi_gen *cur,
		     uint64_t number);

#endif
