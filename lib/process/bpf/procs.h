/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BPF_PROCS_H
#define SMI_PROCESS_BPF_PROCS_H

/*
 * What procs.bpf.c writes for each process, and reads of the program that asks: one
 * record behind the other, each followed by args bytes of its arguments and padding
 * to eight.
 */
#define SMI_BPF_ARGS_MAX 2048

enum {
	SMI_BPF_WANTS_RSS = 1,
	SMI_BPF_WANTS_ARGS = 2,
	SMI_BPF_WANTS_FDS = 4,

	SMI_BPF_HAS_RSS = 1,
	SMI_BPF_HAS_ARGS = 2, /* all of them; may be 0 bytes */
	SMI_BPF_HAS_CPU = 4,  /* and nothing of it has to be added */
	/* Of its descriptors, none is a socket or an io_uring. */
	SMI_BPF_HAS_PLAIN_FDS = 8,
};

struct smi_bpf_proc {
	int pid, ppid; /* in the pid namespace of the reader */
	unsigned int uid, euid;
	unsigned int flags; /* PF_* */
	unsigned int threads;
	unsigned long long start; /* ns since boot */
	unsigned long long cpu;	  /* ns */
	unsigned long long mono;  /* when */
	long long rss;		  /* pages */
	unsigned long long cap_eff;
	int tracer; /* of the same namespace; 0: none */
	unsigned int fds;
	unsigned short args;
	unsigned char has;
	char state;
	char name[16];
};

#endif
