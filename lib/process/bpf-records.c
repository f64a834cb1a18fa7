/* SPDX-License-Identifier: MIT */
#include "process/bpf-records.h"

#define RECORD_BUSY    (UINT32_C(1) << 31)
#define RECORD_DISCARD (UINT32_C(1) << 30)
#define RECORD_HEAD    ((size_t)8)

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int smi_bpf_proc_next(struct smi_span *rest, const struct smi_bpf_proc **out,
		      const struct smi_bpf_likeness **like)
{
	const struct smi_bpf_proc *p = (const void *)rest->p;
	size_t size;

	if (rest->len == 0)
		return 0;
	if (rest->len < sizeof(*p) || p->args > SMI_BPF_ARGS_MAX ||
	    p->env > SMI_BPF_TEXT_MAX - p->args)
		return -EBADMSG;
	size = padded(sizeof(*p) + p->args + p->env);
	if (size > rest->len)
		return -EBADMSG;
	if (p->has & SMI_BPF_HAS_LIKENESS) {
		if (sizeof(**like) > rest->len - size)
			return -EBADMSG;
		*like = (const void *)(rest->p + size);
		size += sizeof(**like);
	} else {
		*like = NULL;
	}
	*out = p;
	*rest = smi_span_skip(*rest, size);
	return 1;
}

static bool parse(struct smi_span m, struct smi_proc_event *ev)
{
	static const enum smi_proc_what what[] = {
		[SMI_BPF_FORK] = SMI_PROC_FORK,
		[SMI_BPF_EXEC] = SMI_PROC_EXEC,
		[SMI_BPF_EXIT] = SMI_PROC_EXIT,
	};
	const struct smi_bpf_event *e = (const void *)m.p;
	struct smi_span rest, path;

	if (m.len < sizeof(*e))
		return false;
	rest = smi_span_skip(m, sizeof(*e));
	if (e->what >= SMI_COUNT(what) || e->pid <= 0 || e->args > rest.len ||
	    e->path > rest.len - e->args)
		return false;
	path = smi_span_head(smi_span_skip(rest, e->args), e->path);
	*ev = (struct smi_proc_event){
		.what = what[e->what],
		.pid = e->pid,
		.ppid = e->ppid,
		.mono = (int64_t)SMI_MIN(e->mono, (uint64_t)INT64_MAX),
		.start = (int64_t)SMI_MIN(e->start, (uint64_t)INT64_MAX),
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
	return true;
}

int smi_ring_next(struct smi_ring *r, struct smi_proc_event *ev)
{
	unsigned long at = *r->consumer + r->taken;

	for (;;) {
		const char *p = r->data + (at & (r->size - 1));
		unsigned long left;
		uint32_t head;
		size_t len;

		__atomic_store_n(r->consumer, at, __ATOMIC_RELEASE);
		r->taken = 0;
		left = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE) - at;
		if (left == 0)
			return 0;
		if (left < RECORD_HEAD || left > r->size || at & 7)
			return -EBADMSG;
		head = __atomic_load_n((const uint32_t *)(const void *)p,
				       __ATOMIC_ACQUIRE);
		if (head & RECORD_BUSY)
			return 0;
		len = head & ~RECORD_DISCARD;
		if (padded(len) > left - RECORD_HEAD)
			return -EBADMSG;
		r->taken = RECORD_HEAD + padded(len);
		if (!(head & RECORD_DISCARD) &&
		    parse(smi_span_of(p + RECORD_HEAD, len), ev))
			return 1;
		at += r->taken;
	}
}
