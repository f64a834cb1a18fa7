/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_RELAYS_H
#define SMI_PROCESS_RELAYS_H

#include "process/sockets.h"

/* A pipe or a FIFO, whichever end; inode 0: none. */
struct smi_pipe {
	uint64_t device, inode;
};
/* What the descriptor of a process is; nothing of what it leads to is waited for. */
struct smi_pipe smi_pipe_of(const struct smi_procdir *d, int32_t pid, int fd);

/* A tool for connections that has one: netcat, socat, telnet, ... */
struct smi_relay {
	int32_t pid;
	char name[16];
	struct smi_pipe in, out; /* its standard input and output */
	struct smi_socket peer;
};

/* All of one list, for any thread: looked for when the first is asked for. */
struct smi_relays;
struct smi_relays *smi_relays_new(void);
void smi_relays_free(struct smi_relays *t);
/* They are looked for anew, unless that was less than a second ago: who starts many
 * shells gets no look for each. No thread may be at it. */
void smi_relays_forget(struct smi_relays *t, int64_t now);
/* By the name of the program's file. */
bool smi_relay_is_one(struct smi_span path);
/*
 * The one that is the parent, or whose output is in, or that takes out in and has a pipe
 * for its output: 1, 0, -ENOMEM or what failed to be listed.
 */
struct smi_relay_ask {
	int32_t parent; /* 0: not asked for */
	struct smi_pipe in, out;
};
int smi_relays_find(struct smi_relays *t, int64_t now, struct smi_procdir *d,
		    struct smi_sockets *sockets,
		    const struct smi_relay_ask *ask, struct smi_relay *out);

#endif
