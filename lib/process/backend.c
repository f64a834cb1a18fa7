/* SPDX-License-Identifier: MIT */
#include "process/backend.h"

/* From so many on, loading a program costs less than what it saves in one list. */
#define MANY 1500

static const struct smi_procs_ops procfs = { .name = "procfs" };

static const struct smi_procs_ops *const by_number[] = {
	[SM_PROC_BACKEND_PROCFS] = &procfs,
	[SM_PROC_BACKEND_BPF] = &smi_procs_bpf,
};

void smi_procs_close(struct smi_procs *p)
{
	if (p->data)
		p->ops->close(p->data);
	p->data = NULL;
	p->ops = &procfs;
}

static void refuse(struct smi_procs *p, const struct smi_procs_ops *ops, int r)
{
	smi_procs_close(p);
	p->refused = ops->name;
	p->err = r;
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

/* 0 also where procfs stands in for it. */
static int open_one(struct smi_procs *p, const struct smi_snapshot *s,
		    const struct smi_procs_ops *ops)
{
	void *data = NULL;
	int r = ops->open ? ops->open(s, &data, &p->why) : 0;

	if (r < 0 && r != -ENOMEM) {
		refuse(p, ops, r);
		return 0;
	}
	p->ops = ops;
	p->data = data;
	return r;
}

int smi_procs_list(struct smi_procs *p, struct smi_snapshot *s, int wanted,
		   bool look, struct smi_pids *pids)
{
	int r = smi_procdir_list(&s->dir, pids);

	s->procs = p;
	if (r == 0 && !p->ops)
		r = open_one(p, s, choose(s, wanted, pids));
	if (r < 0 || !p->ops->see)
		return r;
	r = p->ops->see(p->data, s, look, &p->why);
	if (r < 0 && r != -ENOMEM) {
		refuse(p, p->ops, r);
		return 0;
	}
	return r;
}
