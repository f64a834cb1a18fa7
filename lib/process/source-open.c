/* SPDX-License-Identifier: MIT */
#include "process/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "process/order.h"
#include "process/proc.h"

void smi_source_free(void *p)
{
	struct smi_proc_source *s = p;

	if (!s)
		return;
	smi_crew_free(s->crew);
	if (s->procs.ops)
		smi_procs_close(&s->procs);
	smi_snapshot_free(&s->snap);
	smi_vec_free(&s->pids.list);
	smi_vec_free(&s->looks.list);
	smi_vec_free(&s->fresh.list);
	smi_crossview_free(&s->cross);
	smi_proc_follow_free(&s->follow);
	smi_vec_free(&s->kept);
	smi_arena_free(&s->arena);
	smi_filter_free(s->filter);
	free(s->user);
	free(s);
}

static const uint8_t of_two_looks[] = {
	SMI_PROC_CPU_PERCENT,
	SMI_PROC_READ_RATE,
	SMI_PROC_WRITE_RATE,
};

/* What percentages and rates are counted from. */
static void add_counters(struct smi_proc_source *s)
{
	struct smi_fieldset *fields = &s->snap.fields;

	s->snap.rates = smi_fieldset_has(fields, SMI_PROC_READ_RATE) ||
			smi_fieldset_has(fields, SMI_PROC_WRITE_RATE);
	if (s->snap.rates) {
		smi_fieldset_add(fields, SMI_PROC_READ_BYTES);
		smi_fieldset_add(fields, SMI_PROC_WRITE_BYTES);
	}
	if (s->snap.rates || s->watch) {
		smi_fieldset_add(fields, SMI_PROC_START_TICKS);
		smi_fieldset_add(fields, SMI_PROC_CPU_NS);
		smi_fieldset_add(fields, SMI_PROC_CPU_WHEN);
	}
}

static void set_looks(struct smi_proc_source *s, int64_t interval)
{
	struct smi_fieldset *fields = &s->snap.fields;
	bool two = false;

	for (size_t i = 0; i < SMI_COUNT(of_two_looks); i++) {
		two |= smi_fieldset_has(fields, of_two_looks[i]);
		if (interval == 0)
			smi_fieldset_del(fields, of_two_looks[i]);
	}
	if (!two || interval == 0)
		return;
	s->interval = interval;
	add_counters(s);
}

int smi_proc_source_new(sm_ctx *ctx, const struct sm_proc_opts *o,
			struct smi_fieldset also, void **out)
{
	struct smi_proc_source *s = smi_zalloc(sizeof(*s));
	struct smi_fieldset *fields;

	if (!s)
		return smi_fail_nomem(ctx);
	s->ctx = ctx;
	s->snap.dir.fd = -1;
	s->pid = o->pid;
	s->sort = o->sort;
	s->top = o->top;
	s->checks = o->checks;
	s->hidden = o->hidden;
	s->backend = o->backend;
	s->follows = o->follow;
	s->threads = o->threads;
	s->snap.bystanders = o->important.n > 0;
	s->snap.chosen = o->fields;
	fields = &s->snap.fields;
	*fields = also;
	smi_order_fields(s->sort, fields);
	if (s->follows)
		smi_proc_follow_fields(fields);
	if (o->filter) {
		s->filter = smi_filter_ref(o->filter);
		smi_filter_fields(s->filter, fields);
	}
	also = *fields;
	for (size_t i = 0; i < SMI_COUNT(also.w); i++)
		fields->w[i] |= o->fields.w[i];
	/* What begins later is shown whatever the top is. */
	if (s->top > 0 && !s->follows)
		smi_snapshot_defer(&s->snap, &also);
	s->watch = o->watch_ms * SMI_MSEC;
	s->snap.watch = s->watch > 0;
	s->patience = o->deadline_ms * SMI_MSEC;
	set_looks(s, o->interval_ms * SMI_MSEC);
	if (o->user && !(s->user = smi_strdup(o->user))) {
		smi_source_free(s);
		return smi_fail_nomem(ctx);
	}
	s->snap.user = s->user;
	*out = s;
	return 0;
}

int smi_source_fail(const struct smi_proc_source *s, int r)
{
	return r == -ENOMEM
		       ? smi_fail_nomem(s->ctx)
		       : smi_fail(s->ctx, r, "cannot read %s/proc: %s",
				  s->ctx->root.path ? s->ctx->root.path : "",
				  smi_strerror(-r));
}

int smi_source_fail_row(const struct smi_proc_source *s, int32_t pid, int r)
{
	return r == -ENOMEM ? smi_fail_nomem(s->ctx)
			    : smi_fail(s->ctx, r, "cannot read process %d: %s",
				       pid, smi_strerror(-r));
}

static int check_pid(struct smi_proc_source *s, struct smi_out *out)
{
	char number[16];
	const char *args[] = { "pid", number };
	int r = smi_snapshot_is_process(&s->snap, s->pid);

	if (r != 0)
		return r < 0 ? smi_source_fail_row(s, s->pid, r) : 0;
	snprintf(number, sizeof(number), "%d", s->pid);
	return smi_out_notice(out, ESRCH, "/proc", "There is no process {pid}.",
			      args, SMI_COUNT(args));
}

int smi_source_crossview(struct smi_proc_source *s)
{
	bool whole = s->pid == 0 && !s->user && !s->filter &&
		     s->hidden != SM_PROC_HIDDEN_OFF;
	int r = 0;

	if (s->checks)
		r = smi_crossview_begin(&s->cross, s->ctx, &s->snap.dir);
	/* By default nobody asked for it. */
	if (s->hidden == SM_PROC_HIDDEN_ALL && !(s->checks && whole))
		s->cross.unswept = "Hidden processes were not looked for: that "
				   "takes a list of all processes, and the "
				   "checks.";
	if (r == 0 && s->checks && whole)
		r = smi_crossview_sweep(&s->cross, s->ctx, &s->snap.dir,
					s->hidden == SM_PROC_HIDDEN_ALL);
	return r < 0 ? smi_fail_nomem(s->ctx) : 0;
}

/* Before the list is read, so that nothing falls in between. */
static int begin_follow(struct smi_proc_source *s)
{
	int r;

	s->follow.snap = &s->snap;
	s->follow.filter = s->filter;
	s->follow.pid = s->pid;
	s->follow.left_out = &s->left_out;
	r = smi_proc_follow_begin(&s->follow, s->ctx);
	return r < 0 ? smi_source_fail(s, r) : 0;
}

/* What a report for people says of the list. */
static int tell_manner(const struct smi_proc_source *s, struct smi_out *out)
{
	static const char *const orders[] = {
		[SM_PROC_BY_CPU] = "cpu",
		[SM_PROC_BY_MEMORY] = "mem",
		[SM_PROC_BY_NAME] = "name",
		[SM_PROC_BY_TREE] = "tree",
	};
	int r = 0;

	if (orders[s->sort])
		r = smi_out_way(out, SMI_SUMMARY_PROCESS_ORDER,
				orders[s->sort]);
	if (r == 0 && !s->checks)
		r = smi_out_way(out, SMI_SUMMARY_UNCHECKED, "processes");
	return r;
}

int smi_source_start(void *p, struct smi_out *out)
{
	struct smi_proc_source *s = p;
	int r = smi_procdir_open(&s->snap.dir, &s->ctx->root);

	if (r < 0)
		return smi_source_fail(s, r);
	s->swept = smi_now_mono(s->ctx);
	r = smi_source_crossview(s);
	if (r == 0)
		r = smi_snapshot_prepare(&s->snap, s->ctx);
	if (r == 0 && s->patience > 0 &&
	    smi_guard_new(s->ctx, s->patience, &s->snap.dir.guard) < 0)
		r = smi_fail_nomem(s->ctx);
	if (r == 0 && s->follows)
		r = begin_follow(s);
	if (r == 0 && s->pid > 0)
		r = check_pid(s, out);
	return r < 0 ? r : tell_manner(s, out);
}
