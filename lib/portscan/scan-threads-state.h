/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_THREADS_STATE_H
#define SMI_PORTSCAN_SCAN_THREADS_STATE_H

#include <pthread.h>

#include "portscan/scan-threads.h"

/* A scan on several threads, shared by the files scan-threads*.c. */

/* What may wait for the caller; a share that has more to tell waits too. */
#define SMI_FULL_QUEUE 256

enum smi_told_kind {
	SMI_TOLD_RECORD,
	SMI_TOLD_NOTICE,
	SMI_TOLD_HOST,
	SMI_TOLD_PROGRESS,
	SMI_TOLD_STATE,
	SMI_TOLD_END,
};

struct smi_told {
	enum smi_told_kind kind;
	struct smi_share *from;
	sm_record *rec; /* a reference */
	union {
		struct smi_scan_host host;
		uint64_t done;
		struct smi_buf state;
		int result;
	};
};

struct smi_told_list {
	SMI_VEC(struct smi_told) list;
};

struct smi_share {
	struct smi_threads *all;
	sm_ctx *ctx;
	struct smi_scan *scan; /* the job's */
	sm_job *job;
	uint64_t done; /* ports */
	/* On its thread: hosts that it has told, and when it told how far it came. */
	SMI_VEC(struct smi_scan_host) parts;
	SMI_VEC(struct smi_scan_host)
	ended; /* that it tells behind their ports */
	int64_t kept_at;
	/* On the caller's: how far it came, by what was told and what was taken. */
	struct smi_buf fresh, state;
	bool is_fresh;
};

/* What several shares learn of one host. */
struct smi_whole_host {
	struct smi_scan_host host;
	unsigned shares;
};

struct smi_threads {
	struct smi_scan *scan; /* the whole one, which is never run */
	pid_t owner;
	unsigned nshares, nended;
	int wake; /* eventfd: the queue is not empty */
	pthread_t *ids;
	unsigned nthreads, most_threads;
	bool alone; /* no thread was to be had */
	bool complete;
	struct smi_told_list batch;   /* taken off the queue */
	SMI_VEC(sm_record *) records; /* that the caller has now */
	SMI_VEC(sm_record *) notices;
	SMI_VEC(struct smi_whole_host) hosts;
	SMI_VEC(uint64_t) told; /* numbers of hosts */
	int64_t progress_at;

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t room;
	struct smi_told_list queue;
	unsigned next; /* share to be begun */
	bool stop, nomem;

	struct smi_share shares[];
};

/* scan-threads-share.c: on the thread of a share. */
/* Also what it refers to. */
void smi_told_free(const struct smi_told *told);
/* A host of the share is complete; how far it came: end_host and keep of its scan. */
int smi_share_tell_host(void *user, const struct smi_scan_host *h);
int smi_share_tell_state(void *user, bool ended);
/* Hosts that a scan which was stopped had told for its part are told again. */
void smi_share_tell_parts(struct smi_share *share);
/* How far it came, as text. */
int smi_share_keep(struct smi_share *share, struct smi_buf *b);
/* What its job has next. 1: go on; 0: it has ended; -EAGAIN: it waits. */
int smi_share_turn(struct smi_share *share);
/* The thread: one share after the other. */
void *smi_threads_run(void *threads);

#endif
