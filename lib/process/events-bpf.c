/* SPDX-License-Identifier: MIT */
#include "process/events.h"

#ifdef SMI_WITH_BPF
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process/bpf/events.h"
#include "process/bpf/events.lskel.h"

/* What the kernel's ring buffer looks like: include/uapi/linux/bpf.h. */
#define RECORD_BUSY    (UINT32_C(1) << 31)
#define RECORD_DISCARD (UINT32_C(1) << 30)
#define RECORD_HEAD    ((size_t)8)

struct bpf {
	struct events_bpf *skel;
	size_t page;
	unsigned long *consumer;       /* mapped: how far we have read */
	const unsigned long *producer; /* mapped: how far it is written */
	size_t taken;		       /* to be given back at the next call */
};

static void close_bpf(void *self)
{
	struct bpf *b = self;

	if (!b)
		return;
	if (b->consumer)
		munmap(b->consumer, b->page);
	if (b->producer)
		munmap((void *)(uintptr_t)b->producer,
		       b->page + 2 * (size_t)SMI_BPF_EVENT_RING);
	if (b->skel)
		events_bpf__destroy(b->skel);
	free(b);
}

static bool links_to(const struct smi_procdir *dir, const char *path,
		     const char *want)
{
	char text[64];
	ssize_t n = readlinkat(dir->fd, path, text, sizeof(text));

	return n < 0 ? errno == ENOENT
		     : smi_span_eq_str(smi_span_of(text, (size_t)n), want);
}

/* The programs tell the numbers and times of the first namespaces, which have these
 * inodes: include/linux/proc_ns.h. */
static bool is_in_first_namespaces(const struct smi_procdir *dir)
{
	return links_to(dir, "self/ns/pid", "pid:[4026531836]") &&
	       links_to(dir, "self/ns/time", "time:[4026531834]");
}

static int load(struct bpf *b)
{
	int r;

	errno = 0;
	b->skel = events_bpf__open();
	if (!b->skel)
		return errno ? -errno : -ENOMEM;
	r = events_bpf__load(b->skel);
	return r < 0 ? r : events_bpf__attach(b->skel);
}

static int map_ring(struct bpf *b)
{
	int fd = b->skel->maps.ring.map_fd;
	void *p =
		mmap(NULL, b->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	b->consumer = p;
	/* The data come twice, so that none has to be put together. */
	p = mmap(NULL, b->page + 2 * (size_t)SMI_BPF_EVENT_RING, PROT_READ,
		 MAP_SHARED, fd, (off_t)b->page);
	if (p == MAP_FAILED)
		return -errno;
	b->producer = p;
	return 0;
}

static int open_bpf(const sm_ctx *ctx, const struct smi_procdir *dir,
		    void **self)
{
	struct bpf *b;
	int r;

	(void)ctx;
	if (!is_in_first_namespaces(dir))
		return -ENOTSUP;
	b = smi_zalloc(sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->page = (size_t)sysconf(_SC_PAGESIZE);
	r = load(b);
	if (r == 0)
		r = map_ring(b);
	if (r < 0) {
		close_bpf(b);
		return r;
	}
	*self = b;
	return 0;
}

static int fd_of(void *self)
{
	const struct bpf *b = self;

	return b->skel->maps.ring.map_fd;
}

static int parse(struct smi_span m, struct smi_proc_event *ev)
{
	static const enum smi_proc_what what[] = {
		[SMI_BPF_FORK] = SMI_PROC_FORK,
		[SMI_BPF_EXEC] = SMI_PROC_EXEC,
		[SMI_BPF_EXIT] = SMI_PROC_EXIT,
	};
	const struct smi_bpf_event *e = (const void *)m.p;
	struct smi_span rest = smi_span_skip(m, sizeof(*e)), path;

	if (m.len < sizeof(*e) || e->what >= SMI_COUNT(what) || e->pid <= 0 ||
	    e->args > rest.len || e->path > rest.len - e->args)
		return 0;
	path = smi_span_head(smi_span_skip(rest, e->args), e->path);
	*ev = (struct smi_proc_event){
		.what = what[e->what],
		.pid = e->pid,
		.ppid = e->ppid,
		.mono = (int64_t)e->mono,
		.start = (int64_t)e->start,
		.has_exit = e->what == SMI_BPF_EXIT,
		.status = (int)e->status,
		.has_user = true,
		.uid = e->uid,
		.euid = e->euid,
		.has_program = e->what == SMI_BPF_EXEC,
		.name = smi_span_of(e->name, strnlen(e->name, sizeof(e->name))),
		.exe = smi_span_head(path, smi_span_find(path, '\0')),
		.args = smi_span_head(rest, e->args),
		.args_cut = e->args_cut,
	};
	return 1;
}

static int next_event(void *self, struct smi_proc_event *ev)
{
	struct bpf *b = self;
	const char *data = (const char *)b->producer + b->page;
	unsigned long at = *b->consumer + b->taken;

	for (;;) {
		const char *p = data + (at & (SMI_BPF_EVENT_RING - 1));
		uint32_t head;
		bool is;

		__atomic_store_n(b->consumer, at, __ATOMIC_RELEASE);
		b->taken = 0;
		if (at >= __atomic_load_n(b->producer, __ATOMIC_ACQUIRE))
			return 0;
		head = __atomic_load_n((const uint32_t *)(const void *)p,
				       __ATOMIC_ACQUIRE);
		if (head & RECORD_BUSY)
			return 0;
		is = !(head & RECORD_DISCARD) &&
		     parse(smi_span_of(p + RECORD_HEAD, head), ev);
		b->taken = ((head & ~RECORD_DISCARD) + RECORD_HEAD + 7) &
			   ~(size_t)7;
		if (is)
			return 1;
		at += b->taken;
	}
}

static uint64_t lost(void *self)
{
	const struct bpf *b = self;

	return __atomic_load_n(&b->skel->bss->lost, __ATOMIC_RELAXED);
}

const struct smi_events_ops smi_events_bpf = {
	.name = "bpf",
	.sentence = "What processes start and how they end comes from programs "
		    "in the kernel (BPF), with the arguments of each.",
	.open = open_bpf,
	.fd = fd_of,
	.next = next_event,
	.lost = lost,
	.close = close_bpf,
};

#else

static int open_bpf(const sm_ctx *ctx, const struct smi_procdir *dir,
		    void **self)
{
	(void)ctx;
	(void)dir;
	(void)self;
	return -ENOTSUP;
}

const struct smi_events_ops smi_events_bpf = {
	.name = "bpf",
	.open = open_bpf,
};

#endif
