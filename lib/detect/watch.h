/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_WATCH_H
#define SMI_DETECT_WATCH_H

#include "base/map.h"
#include "base/vec.h"
#include "core/job.h"

/*
 * What is found where the same is looked at again and again: told once, not in every
 * look. What goes up and down (a load, a size) is told when it was there in
 * SMI_WATCH_ENOUGH of the last SMI_WATCH_LOOKS looks, stays open, and is told again,
 * closed, when it was there in none of them.
 */
#define SMI_WATCH_LOOKS	 5
#define SMI_WATCH_ENOUGH 3
#define SMI_WATCH_MAX	 16384 /* that are remembered */

struct smi_watched {
	uint8_t looks; /* one bit each, the latest is bit 0 */
	bool steady;   /* it does not go up and down */
	bool told;
	uint32_t count; /* of looks in which it was there */
	int64_t first, last;
	sm_record *finding; /* that is open; NULL: none */
};
struct smi_watch {
	struct smi_map seen;	     /* by check and process */
	uint64_t forgotten;	     /* looks at what there was no room for */
	SMI_VEC(sm_record *) closed; /* until the caller has them */
	SMI_VEC(struct smi_span) gone;
};

void smi_watch_free(struct smi_watch *w);
/*
 * It is there now. *out is what is known of it where it is to be told, and then
 * smi_watch_told() follows; else NULL. -ENOMEM.
 */
int smi_watch_see(struct smi_watch *w, const char *check, const char *id,
		  bool steady, int64_t when, struct smi_watched **out);
/* Its finding becomes an open one where it is not steady, before it is handed on;
 * NULL: it was accepted. -ENOMEM. */
int smi_watch_told(struct smi_watched *one, sm_record *finding);
/* The end of a look, or of all of them: what is over is told. */
int smi_watch_round(struct smi_watch *w, bool end, struct smi_out *out);

#endif
