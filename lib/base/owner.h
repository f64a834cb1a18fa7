/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_OWNER_H
#define SMI_BASE_OWNER_H

#include <sys/types.h>

#include "base/base.h"

/*
 * Tells the process that made something from one that was forked later, as often as
 * it is asked: a page that the kernel clears in a child (MADV_WIPEONFORK, madvise(2))
 * costs a load, getpid(2) a system call.
 */
struct smi_owner {
	char *page; /* NULL: there is no such page here */
	pid_t pid;
};

void smi_owner_init(struct smi_owner *o);
void smi_owner_done(struct smi_owner *o);
bool smi_owner_is_other(const struct smi_owner *o);
static inline bool smi_owner_is_me(const struct smi_owner *o)
{
	return o->page ? *o->page : !smi_owner_is_other(o);
}

#endif
