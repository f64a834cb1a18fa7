/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BPF_PROCS_H
#define SMI_PROCESS_BPF_PROCS_H

/*
 * What procs.bpf.c writes for each process, and reads of the program that asks: one
 * record behind the other, each followed by args bytes of its arguments, env bytes of
 * its environment, padding to eight, and struct smi_bpf_likeness where it has one.
 */
#define SMI_BPF_ARGS_MAX 2048
#define SMI_BPF_TEXT_MAX 8192 /* both together */

enum {
	SMI_BPF_WANTS_RSS = 1,
	SMI_BPF_WANTS_ARGS = 2,
	SMI_BPF_WANTS_FDS = 4,
	SMI_BPF_WANTS_ENV = 8, /* besides arguments */
	SMI_BPF_WANTS_LIKENESS = 16,

	SMI_BPF_HAS_RSS = 1,
	SMI_BPF_HAS_ARGS = 2, /* all of them; may be 0 bytes */
	SMI_BPF_HAS_CPU = 4,  /* and nothing of it has to be added */
	/* Of its descriptors, none is a socket or an io_uring. */
	SMI_BPF_HAS_PLAIN_FDS = 8,
	SMI_BPF_HAS_ENV = 16, /* all of it */
	SMI_BPF_HAS_LIKENESS = 32,
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
	unsigned short args, env;
	unsigned char has;
	char state;
	char name[16];
};

/* Where the kernel has what a process may share with others: equal numbers are the same
 * thing, as long as one of those processes has it. */
struct smi_bpf_likeness {
	/* The program and the root directory, an entry and a mount each; 0: none. */
	unsigned long long exe[2], root[2];
	unsigned long long exe_inode;
	unsigned int exe_major, exe_minor;
	unsigned long long cgroups; /* all that it is in */
};

#endif
