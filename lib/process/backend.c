/* SPDX-License-Identifier: MIT */
#include "process/backend.h"

/* From so many on, loading a program costs less than what it saves in one list. */
#define MANY 1500

static const struct smi_procs_ops procfs = { .name = "procfs" };

static const struct smi_procs_ops *const by_number[] = {
	[SM_PROC_BACKEND_PROCFS] = &procfs,
	[SM_PROC_BACKEND_BPF] = &smi_procs_bpf,
	[SM_PROC_BACKEND_KEPT] = &smi_procs_kept,
};

const char *smi_procs_name(const struct smi_procs *p)
{
	return p->ops ? p->ops->name : procfs.name;
}

void smi_procs_close(struct smi_procs *p)
{
	if (p->data)
		p->ops->close(p->data);
	p->data = NULL;
	p->ops = &procfs;
}

static const struct smi_procs_ops *
choose(const struct smi_snapshot *s, int wanted, const struct smi_pids *pids)
{
	bool is_here = s->dir.procfs && s->ctx->root.fd < 0;

	if (wanted != SM_PROC_BACKEND_AUTO)
		return by_number[wanted];
	return is_here && (s->watch || pids->list.n >= MANY) ? &smi_procs_bpf
							     : &procfs;
}

/* Who named one gets that, or plain /proc. */
static const struct smi_procs_ops *instead_of(const struct smi_procs_ops *ops,
					      const struct smi_snapshot *s,
					      int wanted)
{
	return wanted == SM_PROC_BACKEND_AUTO && s->watch &&
			       ops == &smi_procs_bpf
		       ? &smi_procs_kept
		       : &procfs;
}

/* Opens it, or what stands in for it. 0 or -ENOMEM. */
static int open_one(struct smi_procs *p, const struct smi_snapshot *s,
		    const struct smi_procs_ops *ops, int wanted)
{
	for (;;) {
		void *data = NULL;
		int r = ops->open ? ops->open(s, &data, &p->why) : 0;

		if (r == 0 || r == -ENOMEM) {
			p->ops = r == 0 ? ops : &procfs;
			p->data = data;
			return r;
		}
		p->refused = ops->name;
		p->err = r;
		ops = instead_of(ops, s, wanted);
	}
}

static int see(struct smi_procs *p, struct smi_snapshot *s, int wanted,
	       bool look, const struct smi_pids *pids)
{
	while (p->ops->see) {
		const struct smi_procs_ops *ops = p->ops;
		int r = ops->see(p->data, s, pids, look, &p->why);

		if (r == 0 || r == -ENOMEM)
			return r;
		smi_procs_close(p);
		p->refused = ops->name;
		p->err = r;
		r = open_one(p, s, instead_of(ops, s, wanted), wanted);
		if (r < 0)
			return r;
	}
	return 0;
}

int smi_procs_list(struct smi_procs *p, struct smi_snapshot *s, int wanted,
		   bool look, struct smi_pids *pids)
{
	int r = smi_procdir_list(&s->dir, pids);

	s->procs = p;
	p->seen = smi_now_mono(s->ctx);
	smi_reuse_begin(&s->reuse, &s->dir, p->seen);
	if (r == 0 && !p->ops)
		r = open_one(p, s, choose(s, wanted, pids), wanted);
	return r < 0 ? r : see(p, s, wanted, look, pids);
}
