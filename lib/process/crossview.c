/* SPDX-License-Identifier: MIT */
#include "process/crossview.h"

#include <stdio.h>
#include <unistd.h>

#include "record/build.h"

int smi_crossview_begin(struct smi_crossview *cv, const sm_ctx *ctx,
			struct smi_procdir *dir)
{
	int r = 0;

	if (dir->procfs && ctx->root.fd < 0)
		r = smi_mounts_read(&cv->mounts, &ctx->root);
	if (r == 0 && cv->mounts.over.n > 0)
		(void)smi_procdir_uncover(dir);
	return r;
}

int smi_crossview_sweep(struct smi_crossview *cv, const sm_ctx *ctx,
			struct smi_procdir *dir, bool all)
{
	bool own = false;
	int r = 0;

	if (!dir->procfs || ctx->root.fd >= 0) {
		cv->unswept = all ? "Hidden processes were not looked for: "
				    "this is not the /proc of a kernel."
				  : NULL;
		return 0;
	}
	/* That it hides processes is told by who lists them. */
	if (cv->mounts.hidepid && geteuid() != 0)
		return 0;
	r = smi_kernel_sees_own_pids(&ctx->root, &own);
	if (r == 0 && !own)
		cv->unswept = "Hidden processes were not looked for: /proc is "
			      "of another pid namespace than this program.";
	if (r < 0 || !own)
		return r;
	cv->hidden.dir = dir;
	cv->hidden.cgroups = cv->mounts.cgroups;
	cv->hidden.all = all;
	r = smi_hidden_begin(&cv->hidden, ctx);
	/* pid 1 is in every namespace: who does not see it does not see all. */
	cv->sweeping = r == 0 && cv->hidden.before.list.n > 0 &&
		       cv->hidden.before.list.v[0] == 1;
	if (r < 0) {
		cv->unswept = "Hidden processes could not be looked for "
			      "({errno}).";
		cv->err = -r;
	}
	return r == -ENOMEM ? r : 0;
}

int smi_crossview_step(struct smi_crossview *cv, const sm_ctx *ctx)
{
	return cv->sweeping ? smi_hidden_step(&cv->hidden, ctx) : 0;
}

void smi_crossview_free(struct smi_crossview *cv)
{
	smi_mounts_free(&cv->mounts);
	smi_hidden_free(&cv->hidden);
}

bool smi_crossview_add(const struct smi_crossview *cv, struct smi_pids *pids)
{
	const struct smi_hidden *h = &cv->hidden;

	for (size_t i = 0; i < h->found.n; i++)
		if (!smi_vec_push(&pids->list, h->found.v[i].pid))
			return false;
	/* It may be listed by now. */
	if (h->found.n > 0)
		smi_pids_unique(pids);
	return true;
}

static const struct smi_hidden_process *find(const struct smi_hidden *h,
					     int32_t pid)
{
	for (size_t i = 0; i < h->found.n; i++)
		if (h->found.v[i].pid == pid)
			return &h->found.v[i];
	return NULL;
}

static void set_views(struct smi_arena *a, sm_record *rec, unsigned field,
		      unsigned views)
{
	const char *names[SMI_NVIEWS], **v;
	size_t n = smi_views_names(views, names);

	v = smi_arena_alloc(a, SMI_MAX(n, 1) * sizeof(*v));
	if (!v)
		return;
	memcpy(v, names, n * sizeof(*v));
	smi_set_strs(a, rec, field, v, n);
}

static bool mark_hidden(const struct smi_crossview *cv, struct smi_arena *a,
			int32_t pid, sm_record *rec)
{
	const struct smi_hidden *h = &cv->hidden;
	const struct smi_hidden_process *p = find(h, pid);
	unsigned seen = SMI_VIEW_LISTING, unseen = SMI_VIEW_READDIR;

	if (p) {
		seen = p->seen;
		unseen = p->unseen;
	} else if (!smi_pids_have(&h->filtered, pid)) {
		return false;
	}
	if (rec) {
		set_views(a, rec, SMI_PROC_SEEN_BY, seen);
		set_views(a, rec, SMI_PROC_HIDDEN_FROM, unseen);
	}
	return true;
}

static bool mark_mounted(const struct smi_crossview *cv, struct smi_arena *a,
			 int32_t pid, sm_record *rec)
{
	const struct smi_mounts *m = &cv->mounts;
	const char *what = NULL;

	/* The last one lies on top. */
	for (size_t i = 0; i < m->over.n; i++)
		if (m->over.v[i].pid == pid)
			what = m->over.v[i].what;
	if (what && rec)
		smi_set_text(a, rec, SMI_PROC_MOUNTED_OVER, smi_span_str(what));
	return what != NULL;
}

bool smi_crossview_mark(const struct smi_crossview *cv, struct smi_arena *a,
			int32_t pid, sm_record *rec)
{
	bool hidden = mark_hidden(cv, a, pid, rec);

	return mark_mounted(cv, a, pid, rec) || hidden;
}

#define UNSWEPT (1U << 31)

/* A sentence by its number, once. */
static int tell_once(struct smi_out *out, unsigned *told, unsigned number,
		     const char *sentence, uint64_t count, uint64_t total)
{
	unsigned bit = 1U << number;

	if (*told & bit)
		return 0;
	*told |= bit;
	return smi_out_notice_count(out, number == 0 ? 0 : E2BIG, "/proc",
				    sentence, count, total);
}

int smi_crossview_tell(const struct smi_crossview *cv, unsigned *told,
		       struct smi_out *out)
{
	const struct smi_hidden *h = &cv->hidden;
	int r = 0;

	if (cv->unswept && !(*told & UNSWEPT)) {
		*told |= UNSWEPT;
		r = smi_out_notice(out, cv->err, "/proc", cv->unswept, NULL, 0);
	}
	if (r == 0 && cv->sweeping && h->phase == SMI_HIDDEN_END &&
	    h->swept < h->top)
		r = tell_once(
			out, told, 0,
			h->swept ? "{count} of {total} numbers were not looked "
				   "at for hidden processes: the others took "
				   "half a second."
				 : "No system call that this program may use "
				   "tells whether a process is there: "
				   "hidden ones were looked for in the "
				   "cgroups only.",
			(uint64_t)(h->top - h->swept), (uint64_t)h->top);
	if (r == 0 && h->more > 0)
		r = tell_once(
			out, told, 1,
			"{count} numbers more than {total} seem to be hidden "
			"processes: they are not told one by one.",
			h->more, SMI_HIDDEN_MAX);
	if (r == 0 && h->cut)
		r = tell_once(out, told, 2,
			      "Not all cgroups could be looked at for hidden "
			      "processes.",
			      0, 0);
	if (r == 0 && cv->mounts.more > 0)
		r = tell_once(
			out, told, 3,
			"{count} mounts over directories of processes more "
			"than {total} are not told one by one.",
			cv->mounts.more, SMI_MOUNTS_OVER_MAX);
	return r;
}
