/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_WORKERS_H
#define SMI_CORE_WORKERS_H

#include "base/base.h"

/*
 * Threads that prepare the parts of a stream, which their owner takes in order. A
 * part is filled, one after the other and by one thread at a time; then worked on,
 * by any thread; then taken, by the owner, who helps while none is ready. There is
 * a fixed number of parts, so whoever is ahead waits.
 */
struct smi_workers_ops {
	/* The next of the stream, or nothing, into the part. False: there is no
	 * more for now, not before smi_workers_go(). */
	bool (*fill)(void *user, void *part);
	/* thread: 0 is the owner, else 1, 2, ... */
	void (*work)(void *user, void *part, size_t thread);
};
struct smi_workers_opts {
	const struct smi_workers_ops *ops;
	void *user;
	void *const *parts; /* theirs, as long as the workers live */
	size_t nparts;
	size_t threads;	  /* with the owner's */
	bool owner_fills; /* the owner only: its sources allow no other thread */
};
#define SMI_WORKERS_PARTS(threads) ((threads)*2)
#define SMI_WORKERS_MAX		   64

struct smi_workers;
/* Starts threads with all signals blocked; where not all can be had it goes on with
 * those that it has, which may be none. -ENOMEM. */
int smi_workers_new(const struct smi_workers_opts *o, struct smi_workers **out);
/* How many there are, the owner too. */
size_t smi_workers_n(const struct smi_workers *w);
/* Fill (again), until fill says that there is no more. */
void smi_workers_go(struct smi_workers *w);
/* Fill no more: what there is can still be taken. */
void smi_workers_halt(struct smi_workers *w);
/* The next part, worked on. NULL: nothing is left, and no thread is at work. */
void *smi_workers_take(struct smi_workers *w);
/* The part that was taken last may be filled again. */
void smi_workers_give_back(struct smi_workers *w);
/* Nothing is left to be taken. */
bool smi_workers_are_idle(struct smi_workers *w);
/* Joins the threads. In a forked child there are none, and false means that one was
 * filling when it was forked: what it was filling from cannot be freed. */
bool smi_workers_free(struct smi_workers *w);

#endif
