/* SPDX-License-Identifier: MIT */
#include "process/backend.h"

#include <sys/stat.h>

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

/* include/linux/proc_ns.h: what the first pid namespace has on every system. */
#define PROC_PID_INIT_INO 0xEFFFFFFCU

/* /proc has a link for each process of the whole system. Where that is not what is
 * listed they are counted. 1, 0 or a negative errno. */
static int are_many(struct smi_snapshot *s, struct smi_pids *pids)
{
	struct stat st;
	int r;

	if (fstatat(s->dir.fd, "self/ns/pid", &st, 0) == 0 &&
	    st.st_ino == PROC_PID_INIT_INO && fstat(s->dir.fd, &st) == 0)
		return st.st_nlink >= MANY;
	r = smi_procdir_list(&s->dir, pids);
	return r < 0 ? r : pids->list.n >= MANY;
}

static int choose(struct smi_snapshot *s, int wanted, struct smi_pids *pids,
		  const struct smi_procs_ops **out)
{
	bool is_here = s->dir.procfs && s->ctx->root.fd < 0;
	int r = 0;

	if (wanted == SM_PROC_BACKEND_AUTO && is_here)
		r = s->watch ? 1 : are_many(s, pids);
	*out = wanted != SM_PROC_BACKEND_AUTO ? by_number[wanted]
	       : r == 1			      ? &smi_procs_bpf
					      : &procfs;
	return SMI_MIN(r, 0);
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

static int list_seen(const struct smi_procs *p, struct smi_snapshot *s,
		     struct smi_pids *pids)
{
	int r = p->ops->list ? p->ops->list(p->data, pids) : 1;

	return r == 0 ? smi_procdir_list(&s->dir, pids) : SMI_MIN(r, 0);
}

static int see(struct smi_procs *p, struct smi_snapshot *s, int wanted,
	       bool look, struct smi_pids *pids)
{
	for (;;) {
		const struct smi_procs_ops *ops = p->ops;
		int r = ops->list ? 0 : smi_procdir_list(&s->dir, pids);

		if (r < 0)
			return r;
		r = ops->see ? ops->see(p->data, s, pids, look, &p->why) : 0;
		if (r == 0)
			return list_seen(p, s, pids);
		if (r == -ENOMEM)
			return r;
		smi_procs_close(p);
		p->refused = ops->name;
		p->err = r;
		r = open_one(p, s, instead_of(ops, s, wanted), wanted);
		if (r < 0)
			return r;
	}
}

int smi_procs_list(struct smi_procs *p, struct smi_snapshot *s, int wanted,
		   bool look, struct smi_pids *pids)
{
	const struct smi_procs_ops *ops;
	int r = 0;

	s->procs = p;
	p->seen = smi_now_mono(s->ctx);
	smi_reuse_begin(&s->reuse, &s->dir, p->seen);
	if (!p->ops)
		r = choose(s, wanted, pids, &ops);
	if (r == 0 && !p->ops)
		r = open_one(p, s, ops, wanted);
	return r < 0 ? r : see(p, s, wanted, look, pids);
}
