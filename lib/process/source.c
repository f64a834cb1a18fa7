/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "process/backend.h"
#include "process/crew.h"
#include "process/crossview.h"
#include "process/follow.h"
#include "process/left-out.h"
#include "process/order.h"
#include "process/proc.h"
#include "process/snapshot.h"

#define SLICE_NS    (5 * SMI_MSEC)
#define SWEEP_EVERY (60 * SMI_SEC) /* where lists are made again and again */
#define SLICE_CHECK 16 /* processes between two looks at the clock */

enum phase {
	SWEEP, /* for hidden processes */
	LOOK,  /* the first of two looks */
	PAUSE, /* between them */
	LIST,
	READ,
	EMIT, /* what was kept to be sorted */
	TELL, /* what was left out */
	FOLLOW,
};

struct source {
	sm_ctx *ctx;
	char *user;
	struct smi_filter *filter;
	int32_t pid;
	int64_t interval; /* ns; 0: one look */
	int64_t watch;	  /* ns between lists; 0: one list */
	int sort;
	uint32_t top, shown;
	bool checks;
	int hidden;

	int backend;
	size_t threads;
	struct smi_crew *crew; /* while it reads */
	struct smi_snapshot snap;
	struct smi_procs procs;
	struct smi_pids pids;
	struct smi_cpu_looks looks;
	struct smi_cpu_looks fresh; /* for the next list */
	struct smi_crossview cross;
	bool follows;
	struct smi_proc_follow follow;
	enum phase phase;
	size_t next; /* of pids, or of kept */
	int64_t deadline;
	int64_t swept; /* when hidden processes were looked for */
	int64_t round; /* when this list was due; 0 before the first */
	unsigned told; /* smi_left_out_tell() */
	bool hidepid;  /* other users' processes are not even listed */

	SMI_VEC(sm_record *) kept;
	struct smi_arena arena; /* of kept */
};

static void free_source(void *p)
{
	struct source *s = p;

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

/* What the percentages of the next list are counted from. */
static void add_watch_fields(struct smi_fieldset *fields)
{
	smi_fieldset_add(fields, SMI_PROC_START_TICKS);
	smi_fieldset_add(fields, SMI_PROC_CPU_NS);
	smi_fieldset_add(fields, SMI_PROC_CPU_WHEN);
}

int smi_proc_source_new(sm_ctx *ctx, const struct sm_proc_opts *o,
			struct smi_fieldset also, void **out)
{
	struct source *s = smi_zalloc(sizeof(*s));
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
	if (o->interval_ms == 0)
		smi_fieldset_del(fields, SMI_PROC_CPU_PERCENT);
	else if (smi_fieldset_has(fields, SMI_PROC_CPU_PERCENT))
		s->interval = o->interval_ms * SMI_MSEC;
	s->watch = o->watch_ms * SMI_MSEC;
	s->snap.watch = s->watch > 0;
	if (s->watch && smi_fieldset_has(fields, SMI_PROC_CPU_PERCENT))
		add_watch_fields(fields);
	if (o->user && !(s->user = smi_strdup(o->user))) {
		free_source(s);
		return smi_fail_nomem(ctx);
	}
	s->snap.user = s->user;
	*out = s;
	return 0;
}

static int fail_list(struct source *s, int r)
{
	return r == -ENOMEM
		       ? smi_fail_nomem(s->ctx)
		       : smi_fail(s->ctx, r, "cannot read %s/proc: %s",
				  s->ctx->root.path ? s->ctx->root.path : "",
				  smi_strerror(-r));
}

static int fail_row(struct source *s, int32_t pid, int r)
{
	return r == -ENOMEM ? smi_fail_nomem(s->ctx)
			    : smi_fail(s->ctx, r, "cannot read process %d: %s",
				       pid, smi_strerror(-r));
}

/* Only one process, where nobody has to see the others. */
static bool only_one(const struct source *s)
{
	return s->pid > 0 && !s->snap.bystanders;
}

static int check_pid(struct source *s, struct smi_out *out)
{
	char number[16];
	const char *args[] = { "pid", number };
	int r = smi_snapshot_is_process(&s->snap, s->pid);

	if (r != 0)
		return r < 0 ? fail_row(s, s->pid, r) : 0;
	snprintf(number, sizeof(number), "%d", s->pid);
	return smi_out_notice(out, ESRCH, "/proc", "There is no process {pid}.",
			      args, SMI_COUNT(args));
}

static int begin_crossview(struct source *s)
{
	bool whole = s->pid == 0 && !s->user && !s->filter &&
		     s->hidden != SM_PROC_HIDDEN_OFF;
	int r = 0;

	if (s->checks)
		r = smi_crossview_begin(&s->cross, s->ctx, &s->snap.dir);
	if (r == 0 && s->checks && whole)
		r = smi_crossview_sweep(&s->cross, s->ctx, &s->snap.dir,
					s->hidden == SM_PROC_HIDDEN_ALL);
	return r < 0 ? smi_fail_nomem(s->ctx) : 0;
}

/* Before the list is read, so that nothing falls in between. */
static int begin_follow(struct source *s)
{
	int r;

	s->follow.snap = &s->snap;
	s->follow.filter = s->filter;
	s->follow.pid = s->pid;
	r = smi_proc_follow_begin(&s->follow, s->ctx);
	return r < 0 ? fail_list(s, r) : 0;
}

static int start(void *p, struct smi_out *out)
{
	struct source *s = p;
	int r = smi_procdir_open(&s->snap.dir, &s->ctx->root);

	if (r < 0)
		return fail_list(s, r);
	s->swept = smi_now_mono(s->ctx);
	r = begin_crossview(s);
	if (r == 0)
		r = smi_snapshot_prepare(&s->snap, s->ctx);
	if (r == 0 && s->follows)
		r = begin_follow(s);
	if (r == 0 && s->pid > 0)
		r = check_pid(s, out);
	return r;
}

/* pid 1 exists in every namespace: who does not see it does not see all. */
static bool is_hidden(const struct source *s)
{
	return s->snap.dir.procfs &&
	       (s->pids.list.n == 0 || s->pids.list.v[0] != 1);
}

static int list(struct source *s, bool look)
{
	int r = 0;

	if (only_one(s)) {
		s->pids.list.n = 0;
		r = smi_snapshot_is_process(&s->snap, s->pid);
		if (r < 0)
			return fail_row(s, s->pid, r);
		if (r == 1 && !smi_vec_push(&s->pids.list, s->pid))
			return smi_fail_nomem(s->ctx);
	} else {
		r = smi_procs_list(&s->procs, &s->snap, s->backend, look,
				   &s->pids);
		if (r < 0)
			return fail_list(s, r);
		s->hidepid = is_hidden(s);
		if (!smi_crossview_add(&s->cross, &s->pids))
			return smi_fail_nomem(s->ctx);
	}
	s->next = 0;
	return r < 0 ? r : 0;
}

/* Time to let others work. */
static bool slice_is_over(const struct source *s, int64_t begin)
{
	return s->next % SLICE_CHECK == 0 &&
	       smi_now_mono(s->ctx) - begin > SLICE_NS;
}

static int look(struct source *s)
{
	int64_t begin = smi_now_mono(s->ctx);

	if (s->next == 0)
		s->deadline = begin + s->interval;
	while (s->next < s->pids.list.n) {
		int32_t pid = s->pids.list.v[s->next++];
		struct smi_cpu_look one;
		int r = smi_snapshot_look(&s->snap, pid, &one);

		if (r < 0)
			return fail_row(s, pid, r);
		if (r == 1 && !smi_vec_push(&s->looks.list, one))
			return smi_fail_nomem(s->ctx);
		if (slice_is_over(s, begin))
			return 1;
	}
	s->phase = PAUSE;
	return 1;
}

/* What is hidden from one list may be another process in a later one. */
static int sweep_again(struct source *s, int64_t now)
{
	smi_crossview_free(&s->cross);
	s->cross = (struct smi_crossview){ 0 };
	s->swept = now;
	s->phase = SWEEP;
	return begin_crossview(s);
}

static int pause_between(struct source *s, struct smi_out *out)
{
	int64_t now = smi_now_mono(s->ctx);
	bool over = now >= s->deadline;
	int r = smi_out_alarm(out, over ? INT64_MAX : s->deadline);

	if (r < 0)
		return r;
	if (over && s->round > 0 && now - s->swept >= SWEEP_EVERY)
		r = sweep_again(s, now);
	else if (over)
		s->phase = LIST;
	return r < 0 ? r : over ? 1 : -EAGAIN;
}

static bool is_shown(struct source *s, const sm_record *rec)
{
	if (smi_rec_has(rec, SMI_PROC_BYSTANDER))
		return false;
	return s->top == 0 || s->shown++ < s->top;
}

static int hand_on(struct source *s, struct smi_out *out, sm_record *rec)
{
	struct smi_arena *a =
		s->sort == SM_PROC_BY_PID ? smi_out_arena(out) : &s->arena;
	int r;

	if (!is_shown(s, rec))
		return smi_out_judge(out, rec);
	r = smi_snapshot_add_late(&s->snap, a, rec);
	if (r < 0)
		return fail_row(s, (int32_t)rec->v[SMI_PROC_PID].i, r);
	if (smi_arena_error(a))
		return smi_fail_nomem(s->ctx);
	return smi_out_record(out, rec);
}

static int keep_or_hand_on(struct source *s, struct smi_out *out,
			   sm_record *rec)
{
	if (s->sort == SM_PROC_BY_PID)
		return hand_on(s, out, rec);
	if (smi_arena_error(&s->arena) || !smi_vec_push(&s->kept, rec))
		return smi_fail_nomem(s->ctx);
	return 0;
}

static int take(struct source *s, struct smi_arena *a, int32_t pid,
		sm_record **rec)
{
	if (s->crew)
		return smi_crew_take(s->crew, &s->snap, a, pid, rec);
	return smi_snapshot_take(&s->snap, a, pid, smi_cpu_find(&s->looks, pid),
				 rec);
}

/* For the list behind this one. */
static bool keep_look(struct source *s, const sm_record *rec)
{
	struct smi_cpu_look one = {
		.pid = (int32_t)rec->v[SMI_PROC_PID].i,
		.start = (uint64_t)smi_rec_int(rec, SM_KIND_PROCESS,
					       SMI_PROC_START_TICKS),
		.cpu = rec->v[SMI_PROC_CPU_NS].i,
		.mono = rec->v[SMI_PROC_CPU_WHEN].i,
	};

	return smi_vec_push(&s->fresh.list, one);
}

static int read_one(struct source *s, struct smi_out *out, int32_t pid)
{
	struct smi_arena *a =
		s->sort == SM_PROC_BY_PID ? smi_out_arena(out) : &s->arena;
	sm_record *rec;
	int r = take(s, a, pid, &rec);

	if (r < 0)
		return fail_row(s, pid, r);
	if (r == 0) {
		if (!smi_crossview_mark(&s->cross, a, pid, NULL))
			return 0;
		rec = smi_snapshot_bare(&s->snap, a, pid, 0);
		if (!rec)
			return smi_fail_nomem(s->ctx);
	}
	(void)smi_crossview_mark(&s->cross, a, pid, rec);
	if (s->follows && smi_proc_follow_know(&s->follow, rec) < 0)
		return smi_fail_nomem(s->ctx);
	if (smi_rec_has(rec, SMI_PROC_CPU_NS) && !keep_look(s, rec))
		return smi_fail_nomem(s->ctx);
	if ((s->pid > 0 && pid != s->pid) ||
	    (s->filter && !smi_filter_match(s->filter, rec))) {
		if (!s->snap.bystanders)
			return 0;
		smi_set_int(rec, SMI_PROC_BYSTANDER, 1);
	}
	return keep_or_hand_on(s, out, rec);
}

static int sort_kept(struct source *s)
{
	s->next = 0;
	s->phase = EMIT;
	return smi_order_sort(s->sort, s->kept.v, s->kept.n)
		       ? 0
		       : smi_fail_nomem(s->ctx);
}

static int read_some(struct source *s, struct smi_out *out)
{
	int64_t begin = smi_now_mono(s->ctx);
	size_t n = s->pids.list.n;

	if (s->crew)
		smi_crew_turn(s->crew);
	while (s->next < n && !(s->crew && smi_crew_is_spent(s->crew))) {
		int r = read_one(s, out, s->pids.list.v[s->next++]);

		if (r < 0)
			return r;
		if (smi_out_full(out) || slice_is_over(s, begin))
			break;
	}
	if (s->next == n) {
		s->phase = TELL;
		if (s->sort != SM_PROC_BY_PID && sort_kept(s) < 0)
			return -ENOMEM;
	}
	return smi_out_progress(out, s->phase == READ ? s->next : n, n) < 0
		       ? -ENOMEM
		       : 1;
}

static int emit_some(struct source *s, struct smi_out *out)
{
	while (s->next < s->kept.n && !smi_out_full(out)) {
		int r = hand_on(s, out, s->kept.v[s->next++]);

		if (r < 0)
			return r;
	}
	if (s->next == s->kept.n)
		s->phase = TELL;
	return 1;
}

/* Only who named it wants to know. */
static int tell_refused(struct source *s, struct smi_out *out)
{
	const char *args[] = { "backend", s->procs.refused, "reason",
			       s->procs.why };

	s->procs.refused = NULL;
	smi_log(s->ctx, SM_LOG_INFO, "process", "no %s: %s", args[1], args[3]);
	if (s->backend == SM_PROC_BACKEND_AUTO)
		return 0;
	return smi_out_notice(out, -s->procs.err, "/proc",
			      "The processes could not be listed by {backend}: "
			      "{reason}. /proc was read instead.",
			      args, SMI_COUNT(args));
}

/* To the next look. */
static int go_on(struct source *s, struct smi_out *out)
{
	int64_t now = smi_now_mono(s->ctx);

	/* Late ones are left out, not made up for. */
	s->round += s->watch;
	if (s->round <= now)
		s->round = now + s->watch;
	s->deadline = s->round;
	s->phase = PAUSE;
	return smi_out_round(out) < 0 ? -ENOMEM : 1;
}

static int tell(struct source *s, struct smi_out *out)
{
	int r = smi_crossview_tell(&s->cross, out);

	/* All that it took has been handed on. */
	smi_crew_free(s->crew);
	s->crew = NULL;
	if (r == 0 && s->procs.refused)
		r = tell_refused(s, out);
	if (s->hidepid)
		smi_out_partial(out);
	if (r == 0)
		r = smi_left_out_tell(&s->snap, s->hidepid, s->pids.list.n,
				      &s->told, out);
	return r;
}

/* What was kept of the look before has been taken by now. */
static void begin_look(struct source *s)
{
	struct smi_cpu_looks before = s->looks;

	s->looks = s->fresh;
	s->fresh = before;
	s->fresh.list.n = 0;
	s->shown = 0;
	s->kept.n = 0;
	smi_arena_reset(&s->arena);
	smi_snapshot_renew(&s->snap);
}

static int start_crew(struct source *s)
{
	const struct smi_crew_opts o = {
		.snap = &s->snap,
		.pids = &s->pids,
		.looks = &s->looks,
		.threads = s->threads,
		.keep = s->sort != SM_PROC_BY_PID,
	};
	int r = smi_crew_new(&o, &s->crew);

	return r < 0 ? smi_fail_nomem(s->ctx) : 0;
}

static int list_and_go(struct source *s)
{
	bool first = s->interval > 0 && s->deadline == 0;
	int r;

	if (s->round > 0)
		begin_look(s);
	else if (!first)
		s->round = smi_now_mono(s->ctx);
	r = list(s, first);
	s->phase = first ? LOOK : READ;
	if (r == 0 && !first)
		r = start_crew(s);
	return r < 0 ? r : 1;
}

static int tell_and_go(struct source *s, struct smi_out *out)
{
	int r = tell(s, out);

	if (r == 0 && s->watch > 0)
		return go_on(s, out);
	if (r < 0 || !s->follows)
		return r;
	s->phase = FOLLOW;
	/* What was seen for the list is old by now. */
	s->snap.procs = NULL;
	r = smi_out_idle(out);
	if (r >= 0)
		r = smi_proc_follow_start(&s->follow, out);
	return r < 0 ? r : 1;
}

static int sweep(struct source *s)
{
	int r = smi_crossview_step(&s->cross, s->ctx);

	if (r == 0)
		s->phase = LIST;
	return r < 0 ? fail_list(s, r) : 1;
}

static int step(void *p, struct smi_out *out)
{
	struct source *s = p;

	switch (s->phase) {
	case SWEEP:
		return sweep(s);
	case LOOK:
		return look(s);
	case PAUSE:
		return pause_between(s, out);
	case LIST:
		return list_and_go(s);
	case READ:
		return read_some(s, out);
	case EMIT:
		return emit_some(s, out);
	case FOLLOW:
		return smi_proc_follow_step(&s->follow, out);
	default:
		return tell_and_go(s, out);
	}
}

/* What was read until now, in order. */
static int cancelled(void *p, struct smi_out *out)
{
	struct source *s = p;
	int r = 0;

	if (s->phase == READ && s->sort != SM_PROC_BY_PID)
		r = sort_kept(s);
	while (r == 0 && s->phase == EMIT && s->next < s->kept.n)
		r = hand_on(s, out, s->kept.v[s->next++]);
	return r == 0 && s->phase == FOLLOW
		       ? smi_proc_follow_end(&s->follow, out)
		       : r;
}

const struct smi_source_ops smi_proc_source_ops = {
	.name = "processes",
	.start = start,
	.step = step,
	.cancelled = cancelled,
	.free = free_source,
};
