/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_EVENTS_H
#define SMI_PROCESS_EVENTS_H

#include "core/ctx.h"
#include "process/procdir.h"

enum smi_proc_what {
	SMI_PROC_FORK,
	SMI_PROC_EXEC,
	SMI_PROC_EXIT
};

/* What happened to a process; threads have no events. What is not known is 0. */
struct smi_proc_event {
	enum smi_proc_what what;
	int32_t pid, ppid;
	int64_t mono;  /* when, by the monotonic clock */
	int64_t start; /* when the process began, ns since boot */
	bool has_exit; /* its wait status, wait(2), is known */
	int status;
	bool has_user;
	uint32_t uid, euid;
	/* What it ran, good until the next event: with these nothing has to be read
	 * of a process that may be gone. */
	bool has_program;
	struct smi_span name, exe, args; /* args as in /proc/PID/cmdline */
	bool args_cut;
};

/* A way to learn of events, in the order of their happening. */
struct smi_events_ops {
	const char *name, *sentence; /* for the notice which one is in force */
	/* 0, or a negative errno: not on this system, or not for this caller. dir is
	 * borrowed. */
	int (*open)(const sm_ctx *ctx, const struct smi_procdir *dir,
		    void **self);
	/* Readable when there are events; -1: look at the time of due(). */
	int (*fd)(void *self);
	int64_t (*due)(void *self);
	/* 1 and an event, 0 for none now, or a negative errno. */
	int (*next)(void *self, struct smi_proc_event *ev);
	/* How many were lost so far. */
	uint64_t (*lost)(void *self);
	void (*close)(void *self);
};
extern const struct smi_events_ops smi_events_bpf;
extern const struct smi_events_ops smi_events_connector;
extern const struct smi_events_ops smi_events_polling;

/* The first one with a ring of so many bytes, a power of two and whole pages. 0 or a
 * negative errno as open(). How many events there were for it, with the lost ones. */
int smi_events_bpf_open(const struct smi_procdir *dir, size_t ring,
			void **self);
uint64_t smi_events_bpf_made(void *self);

/* One message of the proc connector: 1 and an event; 0 for what is none of a process;
 * -EBADMSG. seq and cpu number the messages of each processor. */
int smi_connector_parse(struct smi_span message, struct smi_proc_event *ev,
			uint32_t *cpu, uint32_t *seq);

#endif
