/* SPDX-License-Identifier: MIT */
/* The processes of the reader's pid namespace, one record each. */
#include "procs.h"
#include "kernel.h"

char procs_license[] SEC("license") = "Dual MIT/GPL";

/* include/linux/sched.h */
#define PF_KTHREAD	     0x00200000
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_REPORT	     0x007f
#define TASK_NOLOAD	     0x0400
#define TASK_RTLOCK_WAIT     0x1000
#define TASK_FROZEN	     0x8000

/* include/uapi/linux/stat.h, magic.h */
#define S_IFMT		    0170000
#define S_IFSOCK	    0140000
#define ANON_INODE_FS_MAGIC 0x09041934

#define CAP_SYS_ADMIN 21
#define MAX_LEVEL     32 /* MAX_PID_NS_LEVEL */
#define MAX_CPUS      1024
#define MAX_FDS	      1024

/* SMI_BPF_WANTS_*; of the reader: before it begins, and before the program is loaded, of
 * which the verifier then passes over the rest. */
__u32 wants;
const volatile __u32 may_want;

static __always_inline bool is_wanted(__u32 what)
{
	return may_want & what && wants & what;
}

struct room {
	struct smi_bpf_proc p;
	char text[SMI_BPF_TEXT_MAX + 8];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct room);
} rooms SEC(".maps");

/* One value a processor: the distance between where a value lies and what the kernel
 * calls it is the same for all that there is one of for each. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} probe SEC(".maps");
static struct {
	__u64 probe, value;
	__u32 n;
	__u64 distance[MAX_CPUS];
} cpus;

/* For the verifier, which forgets what the compiler knows. */
static __always_inline __u32 index_of(__u32 cpu)
{
	barrier_var(cpu);
	return cpu & (MAX_CPUS - 1);
}

static __always_inline __u64 as_number(const void *p)
{
	*(volatile __u64 *)&cpus.value = (__u64)p;
	return *(volatile __u64 *)&cpus.value;
}

static long measure(__u32 cpu, void *unused)
{
	__u32 zero = 0;
	void *value = bpf_map_lookup_percpu_elem(&probe, &zero, cpu);

	if (!value || cpu >= MAX_CPUS)
		return 1;
	cpus.n = cpu + 1;
	cpus.distance[index_of(cpu)] = as_number(value) - cpus.probe;
	return 0;
}

static __always_inline void measure_cpus(void)
{
	__u64 at = as_number(&probe) +
		   bpf_core_field_offset(struct bpf_array, pptrs);

	bpf_probe_read_kernel(&cpus.probe, sizeof(cpus.probe), (void *)at);
	bpf_loop(MAX_CPUS, measure, NULL, 0);
}

struct sum {
	__u64 counters;
	__s64 value;
};

static long add_cpu(__u32 cpu, void *data)
{
	struct sum *sum = data;
	__s32 v = 0;

	if (cpu >= MAX_CPUS)
		return 1;
	bpf_probe_read_kernel(
		&v, sizeof(v),
		(void *)(sum->counters + cpus.distance[index_of(cpu)]));
	sum->value += v;
	return 0;
}

static __always_inline __s64 pages(struct percpu_counter *c)
{
	struct sum sum = { .value = c->count };

	if (bpf_core_field_exists(c->counters)) {
		sum.counters = (__u64)c->counters;
		bpf_loop(cpus.n, add_cpu, &sum, 0);
	}
	return sum.value > 0 ? sum.value : 0;
}

/* File pages, anonymous ones and shared ones, as VmRSS counts: enum in
 * include/linux/mm_types_task.h. */
static __always_inline __s64 resident(struct mm_struct *mm)
{
	struct mm_struct___sums *old = (void *)mm;

	if (bpf_core_field_exists(old->rss_stat.count))
		return BPF_CORE_READ(old, rss_stat.count[0]) +
		       BPF_CORE_READ(old, rss_stat.count[1]) +
		       BPF_CORE_READ(old, rss_stat.count[3]);
	return pages(&mm->rss_stat[0]) + pages(&mm->rss_stat[1]) +
	       pages(&mm->rss_stat[3]);
}

/* The number that a process has at this level, in this namespace; 0: none. */
static __always_inline int number_in(struct pid *pid, __u32 level, void *ns)
{
	struct upid u = { 0 };

	if (!pid || pid->level < level || level > MAX_LEVEL)
		return 0;
	bpf_core_read(&u, sizeof(u),
		      (char *)pid + bpf_core_field_offset(struct pid, numbers) +
			      level * bpf_core_type_size(struct upid));
	return !ns || u.ns == ns ? u.nr : 0;
}

static __always_inline void *namespace_of(struct pid *pid)
{
	struct upid u = { 0 };

	bpf_core_read(&u, sizeof(u),
		      (char *)pid + bpf_core_field_offset(struct pid, numbers) +
			      pid->level * bpf_core_type_size(struct upid));
	return u.ns;
}

/* The letter of fs/proc/array.c. */
static __always_inline char state_of(struct task_struct *t)
{
	__u32 state = t->__state, bits;

	if ((state & ~TASK_FROZEN) == (TASK_UNINTERRUPTIBLE | TASK_NOLOAD))
		return 'I';
	if (state & (TASK_RTLOCK_WAIT | TASK_FROZEN))
		state = TASK_UNINTERRUPTIBLE;
	bits = (state | (__u32)t->exit_state) & TASK_REPORT;
	return bits & 0x40   ? 'P'
	       : bits & 0x20 ? 'Z'
	       : bits & 0x10 ? 'X'
	       : bits & 0x08 ? 't'
	       : bits & 0x04 ? 'T'
	       : bits & 0x02 ? 'D'
	       : bits & 0x01 ? 'S'
			     : 'R';
}

static __always_inline __u64 capabilities_of(const struct cred *cred)
{
	const struct cred___words *words = (void *)cred;
	const struct cred___one *one = (void *)cred;

	if (bpf_core_field_exists(one->cap_effective.val))
		return BPF_CORE_READ(one, cap_effective.val);
	return BPF_CORE_READ(words, cap_effective.cap[0]) |
	       (__u64)BPF_CORE_READ(words, cap_effective.cap[1]) << 32;
}

/* A table of descriptors while it is walked. */
struct walk {
	struct file **fd;
	unsigned long *open;
	__u64 bits; /* of the word of open that has the next one */
	__u32 max, n;
	bool plain;
};

/* Whether it is no socket and no io_uring: the only ones that are looked for. */
static __always_inline bool is_plain(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	static const char ring[16] = "[io_uring]";
	char name[16] = { 0 };

	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFSOCK)
		return false;
	if (BPF_CORE_READ(inode, i_sb, s_magic) != ANON_INODE_FS_MAGIC)
		return true;
	bpf_probe_read_kernel(name, 11,
			      BPF_CORE_READ(file, f_path.dentry, d_name.name));
	for (int i = 0; i < 11; i++)
		if (name[i] != ring[i])
			return true;
	return false;
}

static long see_fd(__u32 i, void *data)
{
	struct walk *w = data;
	struct file *file = NULL;

	if (i >= w->max)
		return 1;
	if (i % 64 == 0 &&
	    bpf_probe_read_kernel(&w->bits, sizeof(w->bits), w->open + i / 64))
		w->plain = false;
	if (w->bits >> i % 64 & 1) {
		w->n++;
		if (bpf_probe_read_kernel(&file, sizeof(file), w->fd + i) ||
		    (file && !is_plain(file)))
			w->plain = false;
	}
	return !w->plain;
}

/* A table that is replaced meanwhile is not told, nor is a long one. */
static __always_inline void read_fds(struct smi_bpf_proc *p,
				     struct task_struct *t)
{
	struct files_struct *files = t->files;
	struct walk w = { .plain = true };
	struct fdtable *table;

	if (!files)
		return;
	table = files->fdt;
	w.fd = BPF_CORE_READ(table, fd);
	w.open = BPF_CORE_READ(table, open_fds);
	w.max = BPF_CORE_READ(table, max_fds);
	if (w.max > MAX_FDS)
		return;
	bpf_loop(MAX_FDS, see_fd, &w, 0);
	if (!w.plain || t->files != files || files->fdt != table)
		return;
	p->fds = w.n;
	p->has |= SMI_BPF_HAS_PLAIN_FDS;
}

/*
 * Whether its memory may be read from here. A page that is not there is fetched, and
 * who lays a file of its own file system where its arguments were can make that take
 * for ever; /proc/PID/cmdline does not fetch those. Those who could stop the
 * reader anyway gain nothing by it.
 */
static __always_inline bool is_trusted(const struct cred *cred, __u64 caps)
{
	if (cred->uid.val || cred->euid.val || cred->user_ns->level)
		return false;
	return caps >> CAP_SYS_ADMIN & 1;
}

/*
 * Only what is exactly what /proc/PID/cmdline gives: whole, and no title that was
 * written over it. The environment lies behind it, and costs little more.
 */
static __always_inline void read_text(struct room *room, struct task_struct *t,
				      struct mm_struct *mm)
{
	__u64 from = mm->arg_start, to = mm->arg_end, end = mm->env_end;
	__u64 args = to - from, len = args;

	if (!end || from >= to || args > SMI_BPF_ARGS_MAX)
		return;
	if (is_wanted(SMI_BPF_WANTS_ENV) && mm->env_start == to && end >= to &&
	    end - from <= SMI_BPF_TEXT_MAX)
		len = end - from;
	barrier_var(len);
	if (len > SMI_BPF_TEXT_MAX ||
	    bpf_copy_from_user_task(room->text, len, (void *)from, t, 0))
		return;
	if (room->text[(args - 1) & (SMI_BPF_ARGS_MAX - 1)])
		return;
	room->p.args = args;
	room->p.has |= SMI_BPF_HAS_ARGS;
	if (len > args || end == to) {
		room->p.env = len - args;
		room->p.has |= SMI_BPF_HAS_ENV;
	}
}

static __always_inline void read_memory(struct room *room,
					struct task_struct *trusted,
					struct task_struct *t,
					struct mm_struct *mm)
{
	struct smi_bpf_proc *p = &room->p;

	if (!mm || p->flags & PF_KTHREAD) {
		p->has |= SMI_BPF_HAS_RSS;
		return;
	}
	if (is_wanted(SMI_BPF_WANTS_RSS)) {
		p->rss = resident(mm);
		p->has |= SMI_BPF_HAS_RSS;
	}
	if (is_wanted(SMI_BPF_WANTS_ARGS) &&
	    is_trusted(t->real_cred, p->cap_eff))
		read_text(room, trusted, mm);
	/* It was taken away in between. */
	if (t->mm != mm)
		p->has = 0;
}

static __always_inline void read_task(struct smi_bpf_proc *p,
				      struct task_struct *t)
{
	p->uid = t->real_cred->uid.val;
	p->euid = t->real_cred->euid.val;
	p->cap_eff = capabilities_of(t->real_cred);
	p->flags = t->flags;
	p->threads = t->signal->nr_threads;
	p->start = t->start_boottime;
	p->state = state_of(t);
	p->mono = bpf_ktime_get_ns();
	p->cpu = t->signal->sum_sched_runtime + t->se.sum_exec_runtime;
	p->rss = 0;
	p->args = p->env = 0;
	p->fds = 0;
	/* The time of one that runs is added up at the next tick. */
	p->has = p->threads == 1 && p->state != 'R' ? SMI_BPF_HAS_CPU : 0;
	bpf_probe_read_kernel(p->name, sizeof(p->name), t->comm);
}

/* The number of a device: MINORBITS of include/linux/kdev_t.h. */
static __always_inline void read_likeness(struct smi_bpf_likeness *l,
					  struct task_struct *t,
					  struct mm_struct *mm)
{
	struct file *exe = mm ? mm->exe_file : NULL;
	struct fs_struct *fs = t->fs;
	__u32 dev;

	if (bpf_core_field_exists(t->cgroups))
		l->cgroups = (__u64)t->cgroups;
	if (!exe || !fs)
		return;
	dev = BPF_CORE_READ(exe, f_inode, i_sb, s_dev);
	l->exe_major = dev >> 20;
	l->exe_minor = dev & 0xfffff;
	l->exe_inode = BPF_CORE_READ(exe, f_inode, i_ino);
	l->exe[0] = (__u64)BPF_CORE_READ(exe, f_path.dentry);
	l->exe[1] = (__u64)BPF_CORE_READ(exe, f_path.mnt);
	l->root[0] = (__u64)BPF_CORE_READ(fs, root.dentry);
	l->root[1] = (__u64)BPF_CORE_READ(fs, root.mnt);
}

/* Where the reader is, in whose pid namespace all are numbered. */
static __u32 level;
static void *ns;

static __always_inline void find_reader(void)
{
	struct task_struct *self = bpf_get_current_task_btf();
	struct pid *own = self->thread_pid;

	level = own->level;
	ns = namespace_of(own);
	if (!cpus.n)
		measure_cpus();
}

/* By a pointer that the verifier does not trust it follows others at once; for each that
 * it trusts it searches all of the kernel's types. */
static __always_inline struct task_struct *untrusted(struct task_struct *t)
{
	return t->group_leader;
}

SEC("iter.s/task")
int procs(struct bpf_iter__task *ctx)
{
	struct task_struct *trusted = ctx->task, *t;
	struct smi_bpf_likeness like = { 0 };
	struct mm_struct *mm;
	struct room *room;
	__u32 zero = 0, len;

	if (!ctx->meta->seq_num)
		find_reader();
	if (!trusted || trusted->pid != trusted->tgid)
		return 0;
	room = bpf_map_lookup_elem(&rooms, &zero);
	if (!room)
		return 0;
	t = untrusted(trusted);
	room->p.pid = number_in(t->thread_pid, level, ns);
	room->p.ppid =
		number_in(t->real_parent->group_leader->thread_pid, level, ns);
	if (!room->p.pid)
		return 0;
	room->p.tracer =
		t->ptrace ? number_in(t->parent->thread_pid, level, ns) : 0;
	mm = t->mm;
	read_task(&room->p, t);
	if (is_wanted(SMI_BPF_WANTS_LIKENESS)) {
		read_likeness(&like, t, mm);
		room->p.has |= SMI_BPF_HAS_LIKENESS;
	}
	read_memory(room, trusted, t, mm);
	if (is_wanted(SMI_BPF_WANTS_FDS))
		read_fds(&room->p, t);
	len = (sizeof(room->p) + room->p.args + room->p.env + 7) & ~7U;
	if (len > sizeof(*room))
		return 0;
	bpf_seq_write(ctx->meta->seq, room, len);
	if (room->p.has & SMI_BPF_HAS_LIKENESS)
		bpf_seq_write(ctx->meta->seq, &like, sizeof(like));
	return 0;
}
