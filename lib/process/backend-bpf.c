/* SPDX-License-Identifier: MIT */
#include "process/backend.h"
#include "process/views.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#ifdef SMI_WITH_BPF
#include "process/bpf-records.h"
#include "process/bpf/procs.lskel.h"
#include "process/environ.h"

/* Of the kernel's buffer: a read gives whole records. */
#define READ_PAGES 8
/* What all that was kept of processes in the table may take. */
#define TABLE_MAX ((size_t)16 << 20)

struct entry {
	int32_t pid;
	const struct smi_bpf_proc *p; /* and its arguments */
	struct smi_span env;	      /* what may be told of it */
	const struct smi_bpf_likeness *like;
};

struct bpf {
	struct procs_bpf *skel;
	int link;
	size_t page;
	char *room;
	bool checked;
	bool may_look; /* into all processes: ptrace(2) */
	/* The last list: */
	struct smi_arena arena;
	SMI_VEC(struct entry) table; /* ascending */
	size_t size;
	int64_t to_mono; /* from the kernel's clock to the context's */
};

static void close_bpf(void *data)
{
	struct bpf *b = data;

	if (!b)
		return;
	smi_closep(&b->link);
	if (b->skel)
		procs_bpf__destroy(b->skel);
	smi_vec_free(&b->table);
	smi_arena_free(&b->arena);
	free(b->room);
	free(b);
}

static void bpf_closep(struct bpf **b)
{
	close_bpf(*b);
}

static unsigned wants_of(const struct smi_snapshot *s)
{
	unsigned wants = 0;

	if (s->files & SMI_FROM_STATUS)
		wants |= SMI_BPF_WANTS_RSS;
	/* It waits for the memory of a process without a bound. */
	if (s->files & SMI_FROM_CMDLINE && !s->dir.guard)
		wants |= SMI_BPF_WANTS_ARGS;
	if (s->files & SMI_FROM_FDS)
		wants |= SMI_BPF_WANTS_FDS;
	if (s->files & SMI_FROM_ENVIRON)
		wants |= SMI_BPF_WANTS_ENV;
	if (s->files & (SMI_FROM_EXE_FILE | SMI_FROM_CGROUP))
		wants |= SMI_BPF_WANTS_LIKENESS;
	return wants;
}

static int refuse(int r, const char *words, const char **why)
{
	*why = words;
	return r;
}

static const char *why_not_loaded(int r)
{
	return r == -EPERM || r == -EACCES
		       ? "the kernel does not allow it here: it takes root, or "
			 "CAP_BPF and CAP_PERFMON"
	       : r == -ENOENT || r == -ENOSYS || r == -EINVAL
		       ? "the kernel is too old or was built without BTF"
		       : "the kernel does not take the program";
}

static int load(struct bpf *b, unsigned wants, const char **why)
{
	int r;

	errno = 0;
	b->skel = procs_bpf__open();
	if (!b->skel)
		return errno && errno != ENOMEM
			       ? refuse(-errno, why_not_loaded(-errno), why)
			       : -ENOMEM;
	b->skel->rodata->may_want = wants;
	r = procs_bpf__load(b->skel);
	if (r < 0)
		return refuse(r, why_not_loaded(r), why);
	b->link = procs_bpf__procs__attach(b->skel);
	return b->link < 0 ? refuse(b->link, why_not_loaded(b->link), why) : 0;
}

static int open_bpf(const struct smi_snapshot *s, void **data, const char **why)
{
	SMI_CLEANUP(bpf_closep) struct bpf *b = NULL;
	bool own = false;
	int r;

	if (s->ctx->root.fd >= 0 || !s->dir.procfs)
		return refuse(-ENOTSUP,
			      "what is read is not this system's /proc", why);
	r = smi_kernel_sees_own_pids(&s->ctx->root, &own);
	if (r < 0)
		return r;
	if (!own)
		return refuse(-ENOTSUP,
			      "/proc is that of another pid namespace", why);
	b = smi_zalloc(sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->link = -1;
	b->page = (size_t)sysconf(_SC_PAGESIZE);
	b->room = smi_alloc(b->page * READ_PAGES);
	if (!b->room)
		return -ENOMEM;
	r = load(b, wants_of(s), why);
	if (r == 0)
		*data = smi_take(&b);
	return r;
}

static void *keep(struct bpf *b, const void *p, size_t n)
{
	void *copy = smi_arena_alloc(&b->arena, n);

	if (copy)
		memcpy(copy, p, n);
	b->size += n;
	return copy;
}

/* What may be told is little, and nothing else of it is to lie about. */
static bool keep_env(struct bpf *b, struct smi_span text, struct smi_span *out)
{
	struct smi_span rest = text, name, value;
	size_t n = 0;
	char *p;

	*out = SMI_SPAN("");
	while (smi_environ_next_told(&rest, &name, &value))
		n += name.len + value.len + 2;
	if (n == 0)
		return true;
	p = smi_arena_alloc(&b->arena, n);
	*out = smi_span_of(p, n);
	b->size += n;
	while (p && smi_environ_next_told(&text, &name, &value)) {
		memcpy(p, name.p, name.len);
		p += name.len;
		*p++ = '=';
		if (value.len > 0)
			memcpy(p, value.p, value.len);
		p += value.len;
		*p++ = '\0';
	}
	return p;
}

static int add_record(struct bpf *b, const struct smi_bpf_proc *p,
		      const struct smi_bpf_likeness *like)
{
	const char *text = (const char *)(p + 1);
	struct entry e = {
		.pid = p->pid,
		.p = keep(b, p, sizeof(*p) + p->args),
		.like = like ? keep(b, like, sizeof(*like)) : NULL,
	};

	if (!e.p || (like && !e.like) ||
	    !keep_env(b, smi_span_of(text + p->args, p->env), &e.env))
		return -ENOMEM;
	return smi_vec_push(&b->table, e) ? 0 : -ENOMEM;
}

static int add_records(struct bpf *b, size_t n)
{
	struct smi_span rest = smi_span_of(b->room, n);
	const struct smi_bpf_likeness *like;
	const struct smi_bpf_proc *p;
	int r;

	while ((r = smi_bpf_proc_next(&rest, &p, &like)) == 1) {
		r = add_record(b, p, like);
		if (r < 0)
			return r;
	}
	return r;
}

static int64_t real_mono(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SMI_SEC + ts.tv_nsec;
}

static int read_table(struct bpf *b, struct smi_snapshot *s, unsigned wants)
{
	union bpf_attr attr = { 0 };
	SMI_AUTOCLOSE int fd = -1;

	b->table.n = b->size = 0;
	smi_arena_reset(&b->arena);
	b->skel->bss->wants = wants;
	attr.iter_create.link_fd = (uint32_t)b->link;
	fd = skel_sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return -errno;
	for (;;) {
		ptrdiff_t n = smi_read(fd, b->room, b->page * READ_PAGES);
		int r;

		if (n <= 0)
			return (int)n;
		r = add_records(b, (size_t)n);
		if (r < 0)
			return r;
		if (s)
			smi_reuse_go_on(&s->reuse, &s->dir,
					smi_now_mono(s->ctx));
		if (b->size > TABLE_MAX)
			b->skel->bss->wants = wants & SMI_BPF_WANTS_RSS;
	}
}

static int compare_entries(const void *pa, const void *pb)
{
	int32_t a = ((const struct entry *)pa)->pid;
	int32_t b = ((const struct entry *)pb)->pid;

	return (a > b) - (a < b);
}

/* The kernel gives them in order, and says nowhere that it will always. */
static void sort_table(struct bpf *b)
{
	for (size_t i = 1; i < b->table.n; i++) {
		if (b->table.v[i - 1].pid >= b->table.v[i].pid) {
			qsort(b->table.v, b->table.n, sizeof(struct entry),
			      compare_entries);
			return;
		}
	}
}

static const struct entry *find_entry(const struct bpf *b, int32_t pid)
{
	const struct entry key = { .pid = pid };

	return b->table.n ? bsearch(&key, b->table.v, b->table.n, sizeof(key),
				    compare_entries)
			  : NULL;
}

static const struct smi_bpf_proc *find(const struct bpf *b, int32_t pid)
{
	const struct entry *e = find_entry(b, pid);

	return e ? e->p : NULL;
}

/*
 * Of this process both are known: where they differ, this kernel is not as its types
 * say, or there are namespaces (of time) in between.
 */
static bool is_like_procfs(const struct bpf *b, struct smi_snapshot *s,
			   int64_t begin, int64_t end)
{
	struct smi_row row = { .s = s, .pid = getpid(), .tid = getpid() };
	const struct smi_bpf_proc *p = find(b, row.pid);
	uint64_t tick = (uint64_t)s->kernel.tick_ns;

	if (!p || smi_row_stat(&row) < 0 || !row.has_stat ||
	    smi_row_status(&row) < 0 || !row.has_status)
		return false;
	return p->ppid == row.stat.ppid && p->start / tick == row.stat.start &&
	       p->uid == row.status.uid && p->euid == row.status.euid &&
	       (!(s->files & SMI_FROM_POWERS) ||
		(p->cap_eff == row.status.cap_eff &&
		 p->tracer == row.status.tracer)) &&
	       (int64_t)p->mono >= begin && (int64_t)p->mono <= end;
}

static int see(void *data, struct smi_snapshot *s, const struct smi_pids *pids,
	       bool look, const char **why)
{
	struct bpf *b = data;
	const struct smi_bpf_proc *self;
	int64_t begin = real_mono();
	unsigned wants = 0;
	int r;

	(void)pids;
	b->to_mono = smi_now_mono(s->ctx) - begin;
	if (!look)
		wants = wants_of(s);
	r = read_table(b, s, wants);
	if (r < 0)
		return r == -ENOMEM ? r : refuse(r, "it cannot be read", why);
	sort_table(b);
	if (!b->checked && !is_like_procfs(b, s, begin, real_mono()))
		return refuse(-ENOTSUP, "it differs from what /proc says", why);
	b->checked = true;
	self = find(b, getpid());
	b->may_look = self && self->cap_eff >> CAP_SYS_PTRACE & 1;
	return 0;
}

static bool look(const void *data, int32_t pid, struct smi_cpu_look *out)
{
	const struct bpf *b = data;
	const struct smi_bpf_proc *p = find(b, pid);

	if (!p || !(p->has & SMI_BPF_HAS_CPU))
		return false;
	*out = (struct smi_cpu_look){
		.pid = pid,
		.cpu = (int64_t)p->cpu,
		.mono = (int64_t)p->mono + b->to_mono,
	};
	return true;
}

static void take_stat(struct smi_row *row, const struct smi_bpf_proc *p)
{
	uint64_t tick = (uint64_t)row->s->kernel.tick_ns;

	row->has_stat = true;
	row->stat = (struct smi_stat){
		.pid = p->pid,
		.ppid = p->ppid,
		.state = p->state,
		.name = smi_span_of(p->name, strnlen(p->name, sizeof(p->name))),
		.flags = p->flags,
		.ticks = p->cpu / tick,
		.start = p->start / tick,
		.threads = p->threads,
	};
}

static void take_status(const struct bpf *b, struct smi_row *row,
			const struct smi_bpf_proc *p)
{
	row->has_status = true;
	row->status = (struct smi_status){
		.tgid = p->pid,
		.ppid = p->ppid,
		.state = p->state,
		.uid = p->uid,
		.euid = p->euid,
		.threads = p->threads,
		.rss = (uint64_t)p->rss * b->page,
		.tracer = p->tracer,
		.cap_eff = p->cap_eff,
	};
}

/* The name of a kernel thread is longer than what its task has. */
static bool knows_name(const struct smi_row *row, const struct smi_bpf_proc *p)
{
	return !(p->flags & SMI_PF_KTHREAD) ||
	       !smi_row_wants(row, SMI_PROC_NAME);
}

/* What is not for everybody's eyes is read by who may read it. */
static void take_looks(struct smi_row *row, const struct entry *e)
{
	const struct smi_bpf_likeness *l = e->like;

	row->has_env = e->p->has & SMI_BPF_HAS_ENV;
	row->env = e->env;
	if (!l)
		return;
	row->like = (struct smi_likeness){
		.exe = { l->exe[0], l->exe[1], l->root[0], l->root[1] },
		.exe_dev = makedev(l->exe_major, l->exe_minor),
		.exe_inode = l->exe_inode,
		.cgroups = l->cgroups,
	};
}

static void take(void *data, struct smi_row *row)
{
	const struct bpf *b = data;
	const struct entry *e = find_entry(b, row->pid);
	const struct smi_bpf_proc *p = e ? e->p : NULL;

	if (!p || !knows_name(row, p))
		return;
	if (!(row->s->files & SMI_FROM_MORE_STAT))
		take_stat(row, p);
	if (!(row->s->files & SMI_FROM_MORE_STATUS) && p->has & SMI_BPF_HAS_RSS)
		take_status(b, row, p);
	row->has_plain_fds = p->has & SMI_BPF_HAS_PLAIN_FDS;
	row->fds = p->fds;
	row->has_cpu = look(b, row->pid, &row->cpu);
	if (b->may_look)
		take_looks(row, e);
	row->has_args = p->has & SMI_BPF_HAS_ARGS;
	row->args = smi_span_of((const char *)(p + 1), p->args);
}

const struct smi_procs_ops smi_procs_bpf = {
	.name = "bpf",
	.open = open_bpf,
	.see = see,
	.take = take,
	.look = look,
	.close = close_bpf,
};

int smi_view_bpf_open(const sm_ctx *ctx, const struct smi_procdir *d,
		      struct smi_view_bpf **out)
{
	const struct smi_snapshot s = { .ctx = ctx, .dir = *d };
	void *data = NULL;
	const char *why;
	int r = open_bpf(&s, &data, &why);

	*out = data;
	return r;
}

int smi_view_bpf_list(struct smi_view_bpf *v, struct smi_pids *pids)
{
	struct bpf *b = (void *)v;
	int r = read_table(b, NULL, 0);

	pids->list.n = 0;
	for (size_t i = 0; r == 0 && i < b->table.n; i++)
		if (!smi_vec_push(&pids->list, b->table.v[i].pid))
			return -ENOMEM;
	return r;
}

void smi_view_bpf_close(struct smi_view_bpf *v)
{
	close_bpf(v);
}

#else

int smi_view_bpf_open(const sm_ctx *ctx, const struct smi_procdir *d,
		      struct smi_view_bpf **out)
{
	*out = NULL;
	return -ENOTSUP;
}

int smi_view_bpf_list(struct smi_view_bpf *v, struct smi_pids *pids)
{
	return -ENOTSUP;
}

void smi_view_bpf_close(struct smi_view_bpf *v)
{
}

static int open_bpf(const struct smi_snapshot *s, void **data, const char **why)
{
	*why = "this build is without it";
	return -ENOTSUP;
}

const struct smi_procs_ops smi_procs_bpf = {
	.name = "bpf",
	.open = open_bpf,
};

#endif
