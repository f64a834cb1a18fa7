/* SPDX-License-Identifier: MIT */
/* Starts and ends of processes, with what they run, as the numbers of the first pid
 * namespace; threads are left out. */
#include "events.h"
#include "kernel.h"

char events_license[] SEC("license") = "Dual MIT/GPL";

#define SIGNAL_GROUP_EXIT 4 /* include/linux/sched/signal.h */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SMI_BPF_EVENT_RING);
} ring SEC(".maps");

struct room {
	struct smi_bpf_event e;
	char bytes[SMI_BPF_EVENT_ARGS + SMI_BPF_EVENT_PATH];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct room);
} rooms SEC(".maps");

/* For the reader: how many there were, and for how many the ring had no room. */
__u64 made, lost;

struct raw_args {
	__u64 args[3];
};

static __always_inline struct room *begin(unsigned what, struct task_struct *t)
{
	__u32 zero = 0;
	struct room *room = bpf_map_lookup_elem(&rooms, &zero);
	struct smi_bpf_event *e;

	if (!room)
		return NULL;
	e = &room->e;
	e->what = what;
	e->pid = BPF_CORE_READ(t, tgid);
	e->ppid = BPF_CORE_READ(t, real_parent, tgid);
	e->uid = BPF_CORE_READ(t, real_cred, uid.val);
	e->euid = BPF_CORE_READ(t, real_cred, euid.val);
	e->start = BPF_CORE_READ(t, group_leader, start_boottime);
	e->mono = bpf_ktime_get_ns();
	e->status = e->args = e->path = 0;
	e->args_cut = 0;
	BPF_CORE_READ_INTO(&e->name, t, comm);
	return room;
}

static __always_inline int send(struct room *room, __u32 bytes)
{
	if (bytes > sizeof(room->bytes))
		return 0;
	__sync_fetch_and_add(&made, 1);
	if (bpf_ringbuf_output(&ring, room, sizeof(room->e) + bytes, 0) < 0)
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

SEC("raw_tp/sched_process_fork")
int at_fork(struct raw_args *ctx)
{
	struct task_struct *child = (void *)ctx->args[1];
	struct room *room;

	if (BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid))
		return 0;
	room = begin(SMI_BPF_FORK, child);
	return room ? send(room, 0) : 0;
}

/* They have just been written, by the kernel: nothing has to be fetched. */
static __always_inline void read_args(struct room *room, struct task_struct *t)
{
	__u64 from = BPF_CORE_READ(t, mm, arg_start);
	__u64 to = BPF_CORE_READ(t, mm, arg_end);
	__u32 len = to - from;

	if (from >= to)
		return;
	if (to - from > SMI_BPF_EVENT_ARGS - 1) {
		len = SMI_BPF_EVENT_ARGS - 1;
		room->e.args_cut = 1;
	}
	len &= SMI_BPF_EVENT_ARGS - 1;
	if (bpf_probe_read_user(room->bytes, len, (void *)from) == 0)
		room->e.args = len;
	else
		room->e.args_cut = 1;
}

SEC("raw_tp/sched_process_exec")
int at_exec(struct raw_args *ctx)
{
	struct task_struct *t = (void *)ctx->args[0];
	struct linux_binprm *bprm = (void *)ctx->args[2];
	struct room *room = begin(SMI_BPF_EXEC, t);
	__u32 args;
	long path;

	if (!room)
		return 0;
	read_args(room, t);
	args = room->e.args & (SMI_BPF_EVENT_ARGS - 1);
	path = bpf_probe_read_kernel_str(room->bytes + args, SMI_BPF_EVENT_PATH,
					 BPF_CORE_READ(bprm, interp));
	if (path < 0 || path > SMI_BPF_EVENT_PATH)
		path = 0;
	room->e.path = path;
	return send(room, args + (__u32)path);
}

SEC("raw_tp/sched_process_exit")
int at_end(struct raw_args *ctx)
{
	struct task_struct *t = (void *)ctx->args[0];
	struct signal_struct *signal = BPF_CORE_READ(t, signal);
	struct room *room;

	/* Of its threads, this is not the last. */
	if (BPF_CORE_READ(signal, live.counter) != 0)
		return 0;
	room = begin(SMI_BPF_EXIT, t);
	if (!room)
		return 0;
	BPF_CORE_READ_INTO(&room->e.name, t, group_leader, comm);
	room->e.status = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT
				 ? BPF_CORE_READ(signal, group_exit_code)
				 : BPF_CORE_READ(t, group_leader, exit_code);
	return send(room, 0);
}
