/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BPF_KERNEL_H
#define SMI_PROCESS_BPF_KERNEL_H

/*
 * What the programs name of the kernel: only the members that they read. Where these
 * lie is found when a program is loaded, in the types that the running kernel
 * describes itself with (BTF), so that a build needs none of its headers.
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef signed short __s16;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>

/* include/uapi/linux/bpf.h */
#define BPF_MAP_TYPE_ARRAY	  2
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_RINGBUF	  27

#pragma clang attribute push(__attribute__((preserve_access_index)),           \
			     apply_to = record)

struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[1];
};
typedef struct {
	unsigned int val;
} kuid_t;
struct user_namespace {
	int level;
};
struct cred {
	kuid_t uid, euid;
	struct user_namespace *user_ns;
};
struct bpf_array {
	void *pptrs[1];
};
struct percpu_counter {
	long long count;
	int *counters; /* not on machines with one processor */
};
struct mm_struct {
	unsigned long arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
	struct percpu_counter rss_stat[4];
};
typedef struct {
	int counter;
} atomic_t;
struct signal_struct {
	atomic_t live;
	int nr_threads, group_exit_code;
	unsigned int flags;
	unsigned long long sum_sched_runtime;
};
struct sched_entity {
	unsigned long long sum_exec_runtime;
};
struct super_block {
	unsigned int s_dev;
	unsigned long s_magic;
};
struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
};
struct qstr {
	const unsigned char *name;
};
struct dentry {
	struct qstr d_name;
};
struct vfsmount;
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct fs_struct {
	struct path root;
};
struct css_set;
struct file {
	struct path f_path;
	struct inode *f_inode;
};
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *open_fds;
};
struct files_struct {
	struct fdtable *fdt;
};
struct task_struct {
	unsigned int __state, flags, ptrace;
	int exit_state, exit_code, pid, tgid;
	struct pid *thread_pid;
	struct task_struct *real_parent, *parent, *group_leader;
	const struct cred *real_cred;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	struct css_set *cgroups; /* not in kernels without them */
	struct signal_struct *signal;
	struct sched_entity se;
	unsigned long long start_boottime;
	char comm[16];
};

struct linux_binprm {
	const char *filename, *interp;
};

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
	unsigned long long seq_num;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* Before 6.2: the sums are the kernel's. */
struct mm_rss_stat___sums {
	long long count[4];
};
struct mm_struct___sums {
	struct mm_rss_stat___sums rss_stat;
};
/* cap_effective: two words until 6.3, one of 64 bits since. */
struct kernel_cap_struct___words {
	__u32 cap[2];
};
struct cred___words {
	struct kernel_cap_struct___words cap_effective;
};
typedef struct {
	__u64 val;
} kernel_cap_t___one;
struct cred___one {
	kernel_cap_t___one cap_effective;
};

#pragma clang attribute pop

#endif
