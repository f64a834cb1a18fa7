/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BPF_RECORDS_H
#define SMI_PROCESS_BPF_RECORDS_H

#include "process/bpf/events.h"
#include "process/bpf/procs.h"
#include "process/events.h"

/* What our programs in the kernel write, as it lies in memory. */

/* Takes a process off rest, which begins at a multiple of eight: 1; 0 at the end;
 * -EBADMSG. like is NULL where it has none. */
int smi_bpf_proc_next(struct smi_span *rest, const struct smi_bpf_proc **out,
		      const struct smi_bpf_likeness **like);

/* The kernel's ring buffer, include/uapi/linux/bpf.h: size bytes, a power of two, twice
 * behind each other, so that no record has to be put together. */
struct smi_ring {
	const char *data;
	size_t size;
	unsigned long *consumer;       /* how far it is read, and free again */
	const unsigned long *producer; /* how far it is written */
	size_t taken;		       /* to be given back at the next call */
};
/* 1 and an event, good until the next call; 0 for none now; -EBADMSG. */
int smi_ring_next(struct smi_ring *r, struct smi_proc_event *ev);

#endif
