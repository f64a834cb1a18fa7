/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BPF_EVENTS_H
#define SMI_PROCESS_BPF_EVENTS_H

/* What events.bpf.c writes into its ring, and what of it follows the head: args bytes
 * of arguments, then path bytes of the program's path. */
#define SMI_BPF_EVENT_ARGS 4096
#define SMI_BPF_EVENT_PATH 1024
#define SMI_BPF_EVENT_RING (16 << 20)

struct smi_bpf_event {
	unsigned int what; /* enum smi_proc_what */
	int pid, ppid;	   /* in the pid namespace of the one who asks */
	unsigned int status;
	unsigned int uid, euid;
	unsigned int args, path; /* bytes */
	unsigned char args_cut;
	char name[16];
	unsigned long long mono, start; /* ns; start: since boot */
};

#endif
