/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BPF_EVENTS_H
#define SMI_PROCESS_BPF_EVENTS_H

/* What events.bpf.c writes into its ring: the head, then args bytes of arguments as
 * in /proc/PID/cmdline, then path bytes with the path of the program. */
#define SMI_BPF_EVENT_ARGS 4096
#define SMI_BPF_EVENT_PATH 1024
#define SMI_BPF_EVENT_RING (4 << 20)

enum {
	SMI_BPF_FORK,
	SMI_BPF_EXEC,
	SMI_BPF_EXIT
};

struct smi_bpf_event {
	unsigned int what;
	int pid, ppid;
	unsigned int status; /* wait(2) */
	unsigned int uid, euid;
	unsigned int args, path;	/* bytes */
	unsigned long long mono, start; /* ns; start: since boot */
	char name[16];
	unsigned char args_cut, unused[7];
};

#endif
