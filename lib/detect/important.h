/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_IMPORTANT_H
#define SMI_DETECT_IMPORTANT_H

#include "record/record.h"

/* One process that must be there. */
struct smi_important {
	char *name;
	bool seen; /* in this look */
	/* Of those that run, when the first began, in ns; those below init come
	 * before the others, which may be its children. 0: none. */
	int64_t began, child_began;
	int64_t before; /* in the look before; 0: none */
};
struct smi_importants {
	struct smi_important *v;
	size_t n;
};

/* Copies the names. -ENOMEM. */
int smi_importants_init(struct smi_importants *list, const char *const *names,
			size_t n);
void smi_importants_free(struct smi_importants *list);
/* A process was seen. */
void smi_importants_see(struct smi_importants *list, const sm_record *rec);
/* Another began since the look before, in its place. */
bool smi_important_restarted(const struct smi_important *one);
/* The next look begins. */
void smi_importants_next(struct smi_importants *list);

#endif
