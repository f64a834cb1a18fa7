/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_WAKE_H
#define SMI_LOGSRC_WAKE_H

#include "core/job.h"

/*
 * What wakes a job that follows files: one inotify descriptor for all of them, and
 * a slow timer for what it does not see (changes made on another machine, behind a
 * symbolic link). Where inotify is refused the timer is quick.
 */
struct smi_wake {
	struct smi_out *out; /* of the call in progress */
	int fd;		     /* -1: none */
	bool refused;
};
#define SMI_WAKE_NONE ((struct smi_wake){ .fd = -1 })

int smi_wake_start(struct smi_wake *w, struct smi_out *out);
/* Closes, and no more: a forked child may do it. */
void smi_wake_done(struct smi_wake *w);
/* Wakes when what the open fd (O_PATH will do) refers to changes; of a directory,
 * when a name in it does. A number for smi_wake_drop(), or -1. */
int smi_wake_add(struct smi_wake *w, int fd);
void smi_wake_drop(struct smi_wake *w, int number);
/* Wakes when there is something to read, of a FIFO or the like. */
int smi_wake_watch(struct smi_wake *w, int fd);
/* Before looking for news, so that later ones wake again. */
void smi_wake_drain(struct smi_wake *w);
/* Nothing is to be done until something wakes. */
int smi_wake_rest(struct smi_wake *w);

#endif
