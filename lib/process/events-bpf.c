/* SPDX-License-Identifier: MIT */
#include "process/events.h"

#ifdef SMI_WITH_BPF
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process/bpf-records.h"
#include "process/bpf/events.lskel.h"

struct bpf {
	struct events_bpf *skel;
	size_t page;
	struct smi_ring ring; /* mapped, producer in front of the data */
};

static void close_bpf(void *self)
{
	struct bpf *b = self;

	if (!b)
		return;
	if (b->ring.consumer)
		munmap(b->ring.consumer, b->page);
	if (b->ring.producer)
		munmap((void *)(uintptr_t)b->ring.producer,
		       b->page + 2 * b->ring.size);
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
	b->skel->maps.ring.max_entries = (uint32_t)b->ring.size;
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
	b->ring.consumer = p;
	p = mmap(NULL, b->page + 2 * b->ring.size, PROT_READ, MAP_SHARED, fd,
		 (off_t)b->page);
	if (p == MAP_FAILED)
		return -errno;
	b->ring.producer = p;
	b->ring.data = (const char *)p + b->page;
	return 0;
}

int smi_events_bpf_open(const struct smi_procdir *dir, size_t ring, void **self)
{
	struct bpf *b;
	int r;

	if (!is_in_first_namespaces(dir))
		return -ENOTSUP;
	b = smi_zalloc(sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->page = (size_t)sysconf(_SC_PAGESIZE);
	b->ring.size = ring;
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

static int open_bpf(const sm_ctx *ctx, const struct smi_procdir *dir,
		    void **self)
{
	(void)ctx;
	return smi_events_bpf_open(dir, SMI_BPF_EVENT_RING, self);
}

static int fd_of(void *self)
{
	const struct bpf *b = self;

	return b->skel->maps.ring.map_fd;
}

static int next_event(void *self, struct smi_proc_event *ev)
{
	struct bpf *b = self;

	return smi_ring_next(&b->ring, ev);
}

static uint64_t lost(void *self)
{
	const struct bpf *b = self;

	return __atomic_load_n(&b->skel->bss->lost, __ATOMIC_RELAXED);
}

uint64_t smi_events_bpf_made(void *self)
{
	const struct bpf *b = self;

	return __atomic_load_n(&b->skel->bss->made, __ATOMIC_RELAXED);
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

int smi_events_bpf_open(const struct smi_procdir *dir, size_t ring, void **self)
{
	(void)dir;
	(void)ring;
	(void)self;
	return -ENOTSUP;
}

uint64_t smi_events_bpf_made(void *self)
{
	(void)self;
	return 0;
}

static int open_bpf(const sm_ctx *ctx, const struct smi_procdir *dir,
		    void **self)
{
	(void)ctx;
	return smi_events_bpf_open(dir, 0, self);
}

const struct smi_events_ops smi_events_bpf = {
	.name = "bpf",
	.open = open_bpf,
};

#endif
