/* SPDX-License-Identifier: MIT */
#include "process/hidden.h"

#include <stdlib.h>

#include "process/procfs.h"

#define SLICE_NS    (5 * SMI_MSEC)
#define SLICE_CHECK 256 /* numbers between two looks at the clock */
#define SWEEP_NS    (500 * SMI_MSEC)
/* PID_MAX_LIMIT, include/linux/threads.h. */
#define PID_MAX	 (4 << 20)
#define MARGIN	 32768
#define ROUNDS	 3
#define PINS_MAX 256

int32_t smi_hidden_top(int32_t pid_max, int32_t listed, struct smi_span loadavg,
		       struct smi_span stat)
{
	uint64_t forks = 0;
	int32_t last;

	if (!smi_procfs_last_pid(loadavg, &last) || last > PID_MAX)
		last = 0;
	(void)smi_procfs_number(stat, SMI_SPAN("processes"), &forks);
	/* The numbers begin anew behind pid_max. */
	if (last == 0 || forks == 0 || forks + MARGIN >= (uint64_t)pid_max ||
	    listed > last)
		return pid_max;
	return SMI_MIN(pid_max, last + MARGIN);
}

static int read_file(struct smi_hidden *h, const char *path, struct smi_buf *b)
{
	int r = smi_procdir_read(h->dir, path, SMI_PROCFILE_MAX, b);

	return r == -ENOMEM ? r : 0;
}

static int find_top(struct smi_hidden *h)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf loadavg = { 0 }, stat = { 0 };
	const struct smi_pids *b = &h->before;
	uint64_t max;
	int r = read_file(h, "sys/kernel/pid_max", &h->text);

	if (r == 0)
		r = read_file(h, "loadavg", &loadavg);
	if (r == 0)
		r = read_file(h, "stat", &stat);
	if (r < 0)
		return r;
	if (smi_span_digits(smi_buf_span(&h->text), &max) == 0 || max > PID_MAX)
		max = PID_MAX;
	h->top = h->all ? (int32_t)max
			: smi_hidden_top(
				  (int32_t)max,
				  b->list.n ? b->list.v[b->list.n - 1] : 0,
				  smi_buf_span(&loadavg), smi_buf_span(&stat));
	return 0;
}

int smi_hidden_begin(struct smi_hidden *h, const sm_ctx *ctx)
{
	int r = smi_procdir_list(h->dir, &h->before);

	h->usable = smi_views_usable();
	h->next = 1;
	if (r == 0 && h->all &&
	    smi_view_bpf_open(ctx, h->dir, &h->bpf) == -ENOMEM)
		r = -ENOMEM;
	return r < 0 ? r : find_top(h);
}

static int add(struct smi_hidden *h, int32_t pid)
{
	struct smi_hidden_process p = { .pid = pid, .pidfd = -1 };

	if (h->found.n == SMI_HIDDEN_MAX) {
		h->more++;
		return 0;
	}
	return smi_vec_push(&h->found, p) ? 0 : -ENOMEM;
}

/*
 * The thread ids of all processes answer many calls, but not a signal to the process
 * of that number. Where only another call answers, a descriptor of a process tells.
 */
static bool is_there(const struct smi_hidden *h, int32_t pid)
{
	int fd;

	if (h->usable & SMI_VIEW_SIGNAL) {
		if (smi_view_signal(pid))
			return true;
		if (!h->all)
			return false;
	}
	if (!(h->usable & SMI_VIEW_SCHED) || !smi_view_sched(pid))
		return false;
	if (!(h->usable & SMI_VIEW_PIDFD))
		return false;
	fd = smi_view_pidfd(pid);
	if (fd < 0)
		return fd == -ESRCH;
	smi_closep(&fd);
	return true;
}

static int sweep(struct smi_hidden *h, const sm_ctx *ctx)
{
	int64_t begin = smi_now_mono(ctx), took = 0;
	bool able = h->usable & (SMI_VIEW_SIGNAL | SMI_VIEW_SCHED);

	while (able && h->next <= h->top && took < SLICE_NS) {
		int32_t pid = h->next++;

		if (is_there(h, pid) && !smi_pids_have(&h->before, pid) &&
		    add(h, pid) < 0)
			return -ENOMEM;
		h->swept = pid;
		if (pid % SLICE_CHECK == 0)
			took = smi_now_mono(ctx) - begin;
	}
	h->spent += took;
	if (!able || h->next > h->top || (!h->all && h->spent > SWEEP_NS))
		h->phase = SMI_HIDDEN_READDIR;
	return 1;
}

static void keep_missing(struct smi_pids *a, const struct smi_pids *in,
			 const struct smi_pids *not_in)
{
	size_t n = 0;

	for (size_t i = 0; i < a->list.n; i++) {
		int32_t pid = a->list.v[i];

		if (smi_pids_have(in, pid) && !smi_pids_have(not_in, pid))
			a->list.v[n++] = pid;
	}
	a->list.n = n;
}

/* What is listed before and after, each time, and never by the C library. */
static int ask_readdir(struct smi_hidden *h)
{
	int r = 0;

	for (size_t i = 0; i < h->before.list.n; i++)
		if (!smi_vec_push(&h->filtered.list, h->before.list.v[i]))
			return -ENOMEM;
	for (int i = 0; i < ROUNDS && h->filtered.list.n > 0; i++) {
		r = smi_view_readdir(&h->libc);
		if (r == 0)
			r = smi_procdir_list(h->dir, &h->now);
		if (r < 0)
			break;
		keep_missing(&h->filtered, &h->now, &h->libc);
	}
	if (r < 0)
		h->filtered.list.n = 0;
	h->phase = SMI_HIDDEN_CGROUPS;
	return r == -ENOMEM ? r : 1;
}

static struct smi_hidden_process *find(struct smi_hidden *h, int32_t pid)
{
	for (size_t i = 0; i < h->found.n; i++)
		if (h->found.v[i].pid == pid)
			return &h->found.v[i];
	return NULL;
}

/* In the first round, what is not listed is added; then, what was found is marked. */
static int take(struct smi_hidden *h, const struct smi_pids *pids,
		enum smi_view view, const struct smi_pids *listed)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pids->list.n; i++) {
		int32_t pid = pids->list.v[i];
		struct smi_hidden_process *p;

		if (smi_pids_have(listed, pid))
			continue;
		p = find(h, pid);
		if (!p && h->round == 0) {
			r = add(h, pid);
			p = find(h, pid);
		}
		if (p)
			p->seen |= view;
	}
	return r;
}

static int take_cgroup(struct smi_hidden *h)
{
	int r = take(h, &h->cgroup, SMI_VIEW_CGROUP, &h->before);

	h->cgroup.list.n = 0;
	return r;
}

static int walk_cgroups(struct smi_hidden *h, const sm_ctx *ctx)
{
	int64_t begin = smi_now_mono(ctx);
	int r = 0;

	if (h->cgroups && !h->walk.begun)
		r = smi_cgroup_walk_begin(&h->walk, h->cgroups);
	while (h->walk.begun && r >= 0) {
		r = smi_cgroup_walk_next(&h->walk, &h->cgroup);
		if (r <= 0)
			break;
		r = take_cgroup(h);
		if (r == 0 && smi_now_mono(ctx) - begin > SLICE_NS)
			return 1;
	}
	h->cut |= h->walk.cut || r < 0;
	smi_cgroup_walk_end(&h->walk);
	h->phase = SMI_HIDDEN_CHECK;
	return r == -ENOMEM ? r : 1;
}

static void drop(struct smi_hidden *h, size_t i)
{
	smi_closep(&h->found.v[i].pidfd);
	h->found.v[i] = h->found.v[--h->found.n];
}

/* Whether it is still there, and not listed. */
static bool is_hidden(struct smi_hidden *h, struct smi_hidden_process *p)
{
	unsigned listed = p->seen & (SMI_VIEW_CGROUP | SMI_VIEW_BPF);

	if (smi_pids_have(&h->now, p->pid))
		return false;
	p->seen = smi_views_look(h->dir, p->pid, h->usable, &h->text);
	if (p->seen & SMI_VIEW_PIDFD && p->pidfd < 0 && h->found.n < PINS_MAX)
		p->pidfd = smi_view_pidfd(p->pid);
	else if (p->pidfd >= 0 && !smi_view_pidfd_lives(p->pidfd))
		return false;
	p->seen |= listed;
	return p->seen != 0;
}

static int compare(const void *a, const void *b)
{
	const struct smi_hidden_process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void finish(struct smi_hidden *h)
{
	unsigned asked = SMI_VIEW_LISTING | SMI_VIEW_READDIR | SMI_VIEW_ENTRY |
			 h->usable | (h->cgroups ? SMI_VIEW_CGROUP : 0) |
			 (h->bpf ? SMI_VIEW_BPF : 0);

	for (size_t i = 0; i < h->found.n; i++) {
		struct smi_hidden_process *p = &h->found.v[i];

		smi_closep(&p->pidfd);
		p->unseen = asked & ~p->seen;
	}
	if (h->found.n > 1)
		qsort(h->found.v, h->found.n, sizeof(*h->found.v), compare);
	h->phase = SMI_HIDDEN_END;
}

/* /proc is listed afterwards: what began meanwhile is there. */
static int ask_kernel(struct smi_hidden *h)
{
	int r = h->bpf ? smi_view_bpf_list(h->bpf, &h->kernel) : 0;

	if (r < 0 && r != -ENOMEM) {
		smi_view_bpf_close(smi_take(&h->bpf));
		h->kernel.list.n = 0;
		r = 0;
	}
	return r;
}

static int check(struct smi_hidden *h)
{
	int r = ask_kernel(h);

	if (r == 0)
		r = smi_procdir_list(h->dir, &h->now);
	if (r == 0)
		r = take(h, &h->kernel, SMI_VIEW_BPF, &h->now);
	if (r < 0)
		return r;
	for (size_t i = h->found.n; i-- > 0;)
		if (!is_hidden(h, &h->found.v[i]))
			drop(h, i);
	if (++h->round == ROUNDS || h->found.n == 0) {
		finish(h);
		return 1;
	}
	/* They are asked anew. */
	for (size_t i = 0; i < h->found.n; i++)
		h->found.v[i].seen = 0;
	h->phase = SMI_HIDDEN_CGROUPS;
	return 1;
}

int smi_hidden_step(struct smi_hidden *h, const sm_ctx *ctx)
{
	switch (h->phase) {
	case SMI_HIDDEN_SWEEP:
		return sweep(h, ctx);
	case SMI_HIDDEN_READDIR:
		return ask_readdir(h);
	case SMI_HIDDEN_CGROUPS:
		return walk_cgroups(h, ctx);
	case SMI_HIDDEN_CHECK:
		return check(h);
	default:
		return 0;
	}
}

void smi_hidden_free(struct smi_hidden *h)
{
	while (h->found.n > 0)
		drop(h, h->found.n - 1);
	smi_vec_free(&h->found);
	smi_vec_free(&h->before.list);
	smi_vec_free(&h->now.list);
	smi_vec_free(&h->libc.list);
	smi_vec_free(&h->cgroup.list);
	smi_vec_free(&h->kernel.list);
	smi_view_bpf_close(h->bpf);
	smi_vec_free(&h->filtered.list);
	smi_cgroup_walk_end(&h->walk);
	smi_buf_free(&h->text);
}
