/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "process/backend.h"

/*
 * A descriptor of /proc/PID/stat, or of status where that is wanted, for each process,
 * read again in each list: half of what a read costs is to open and to close. Such a
 * descriptor is of the process and not of its number: when it has ended a read gives
 * ESRCH, also where another has its number by then.
 */

/* A file, with the page that the kernel keeps for it, is about 5 KiB. */
#define KEPT_MAX 16384
/* Fewer are not worth it. */
#define KEPT_MIN 16
#define READ_MAX ((size_t)4096)

struct slot {
	int32_t pid;
	int fd;	       /* -1: none */
	bool has_stat; /* of what follows, which never changes */
	uint32_t flags;
	uint64_t start;
};
typedef SMI_VEC(struct slot) slot_list;

struct kept {
	slot_list slots; /* ascending */
	slot_list fresh; /* while it is filled */
	int limit;	 /* descriptors from here on are not kept */
	atomic_bool full;
};

static void close_slots(slot_list *slots)
{
	for (size_t i = 0; i < slots->n; i++)
		smi_closep(&slots->v[i].fd);
	smi_vec_free(slots);
}

static void close_kept(void *data)
{
	struct kept *k = data;

	close_slots(&k->slots);
	close_slots(&k->fresh);
	free(k);
}

/*
 * Half of the descriptors that the program may have, its own counted: the kernel gives
 * the lowest number that is free.
 */
static int limit_now(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return 0;
	return (int)SMI_MIN(l.rlim_cur / 2, (rlim_t)KEPT_MAX);
}

static int open_kept(const struct smi_snapshot *s, void **data,
		     const char **why)
{
	struct kept *k;

	if (!s->dir.procfs) {
		*why = "what is read is not the /proc of a kernel";
		return -ENOTSUP;
	}
	if (limit_now() < KEPT_MIN) {
		*why = "the limit of open files (ulimit -n) is too low";
		return -EMFILE;
	}
	k = smi_zalloc(sizeof(*k));
	if (!k)
		return -ENOMEM;
	*data = k;
	return 0;
}

/* Those of the list go on, the others are closed. */
static int see(void *data, struct smi_snapshot *s, const struct smi_pids *pids,
	       bool look, const char **why)
{
	struct kept *k = data;
	size_t at = 0;
	slot_list old;

	(void)s;
	(void)look;
	(void)why;
	k->limit = limit_now();
	atomic_store_explicit(&k->full, false, memory_order_relaxed);
	k->fresh.n = 0;
	if (pids->list.n > 0 && !smi_vec_reserve(&k->fresh, pids->list.n))
		return -ENOMEM;
	for (size_t i = 0; i < pids->list.n; i++) {
		struct slot one = { .pid = pids->list.v[i], .fd = -1 };

		while (at < k->slots.n && k->slots.v[at].pid < one.pid)
			smi_closep(&k->slots.v[at++].fd);
		if (at < k->slots.n && k->slots.v[at].pid == one.pid)
			one = k->slots.v[at++];
		if (one.fd >= k->limit)
			smi_closep(&one.fd);
		k->fresh.v[k->fresh.n++] = one;
	}
	while (at < k->slots.n)
		smi_closep(&k->slots.v[at++].fd);
	old = k->slots;
	k->slots = k->fresh;
	k->fresh = old;
	k->fresh.n = 0;
	return 0;
}

static int compare_pid(const void *key, const void *slot)
{
	int32_t pid = *(const int32_t *)key;
	int32_t other = ((const struct slot *)slot)->pid;

	return (pid > other) - (pid < other);
}

static struct slot *find(const struct kept *k, int32_t pid)
{
	return k->slots.n ? bsearch(&pid, k->slots.v, k->slots.n,
				    sizeof(struct slot), compare_pid)
			  : NULL;
}

static bool open_slot(struct kept *k, struct slot *slot,
		      const struct smi_snapshot *s, const char *name)
{
	char path[SMI_PROC_PATH];
	int fd;

	if (atomic_load_explicit(&k->full, memory_order_relaxed))
		return false;
	fd = smi_procdir_openat(
		s->dir.fd, smi_procdir_path(path, slot->pid, slot->pid, name));
	if (fd >= k->limit || fd == -EMFILE || fd == -ENFILE) {
		atomic_store_explicit(&k->full, true, memory_order_relaxed);
		smi_closep(&fd);
		return false;
	}
	slot->fd = fd;
	slot->has_stat = false;
	return fd >= 0;
}

/* False where it has ended, or says more than fits. */
static bool read_slot(struct slot *slot, struct smi_buf *b)
{
	ssize_t n;

	smi_buf_clear(b);
	if (!smi_buf_reserve(b, READ_MAX))
		return false;
	n = pread(slot->fd, b->p, READ_MAX, 0);
	if (n <= 0)
		smi_closep(&slot->fd);
	if (n <= 0 || (size_t)n == READ_MAX)
		return false;
	b->len = (size_t)n;
	return true;
}

static void take_stat(struct kept *k, struct slot *slot, struct smi_row *row)
{
	struct smi_snapshot *s = row->s;

	if (slot->fd < 0 && !open_slot(k, slot, s, "stat"))
		return;
	if (read_slot(slot, &s->stat))
		row->has_stat = smi_procfs_stat(smi_buf_span(&s->stat),
						s->files & SMI_FROM_MORE_STAT,
						&row->stat);
}

/* What else of stat a row asks for. False: it has to be read. */
static bool has_all_of_stat(struct smi_row *row)
{
	const struct smi_snapshot *s = row->s;

	if (s->files & SMI_FROM_MORE_STAT)
		return false;
	if (!(s->files & SMI_FROM_CPU))
		return true;
	row->cpu = (struct smi_cpu_look){ .pid = row->pid,
					  .mono = smi_now_mono(s->ctx) };
	row->has_cpu =
		s->kernel.own_pids && smi_cpu_clock(row->pid, &row->cpu.cpu);
	return row->has_cpu;
}

/* With what stat said once: an exec changes none of it, but for a kernel thread that
 * becomes a process by it. */
static void make_stat(const struct slot *slot, struct smi_row *row)
{
	const struct smi_status *st = &row->status;
	struct smi_buf *room = &row->s->stat;
	struct smi_span name;

	smi_buf_clear(room);
	if (!smi_buf_reserve(room, SMI_NAME_MAX))
		return;
	name = smi_procfs_name(st->name, room->p);
	row->has_stat = true;
	row->stat = (struct smi_stat){
		.pid = row->pid,
		.ppid = st->ppid,
		.state = st->state,
		.name = name,
		.flags = slot->flags,
		.start = slot->start,
		.threads = st->threads,
	};
}

/* Before status is read: that it can be read then says that both are of one process. */
static void learn_stat(struct slot *slot, struct smi_row *row)
{
	if (smi_row_stat(row) < 0 || !row->has_stat)
		return;
	slot->has_stat = !(row->stat.flags & SMI_PF_KTHREAD);
	slot->flags = row->stat.flags;
	slot->start = row->stat.start;
}

static void take_status(struct kept *k, struct slot *slot, struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	bool wants_stat = s->files & SMI_FROM_STAT;

	if (slot->fd < 0 && !open_slot(k, slot, s, "status"))
		return;
	if (wants_stat && !slot->has_stat)
		learn_stat(slot, row);
	if (read_slot(slot, &s->status))
		row->has_status = smi_procfs_status(
			smi_buf_span(&s->status),
			s->files & SMI_FROM_MORE_STATUS, &row->status);
	if (!row->has_status)
		slot->has_stat = row->has_stat = false;
	else if (slot->has_stat && !row->has_stat && has_all_of_stat(row))
		make_stat(slot, row);
}

static void take(void *data, struct smi_row *row)
{
	struct kept *k = data;
	struct slot *slot = find(k, row->pid);

	if (slot && row->s->files & SMI_FROM_STATUS)
		take_status(k, slot, row);
	/* That may block, and is read by the guard. */
	else if (slot && row->s->files & SMI_FROM_STAT && !row->s->dir.guard)
		take_stat(k, slot, row);
}

const struct smi_procs_ops smi_procs_kept = {
	.name = "kept",
	.open = open_kept,
	.see = see,
	.take = take,
	.close = close_kept,
};
