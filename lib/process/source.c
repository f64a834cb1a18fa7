/* SPDX-License-Identifier: MIT */
#include "process/source.h"

#include "process/order.h"
#include "process/proc.h"

#define SLICE_NS    (5 * SMI_MSEC)
#define SWEEP_EVERY (60 * SMI_SEC) /* where lists are made again and again */
#define SLICE_CHECK 16 /* processes between two looks at the clock */

/* pid 1 exists in every namespace: who does not see it does not see all. */
static bool is_hidden(const struct smi_proc_source *s)
{
	return s->snap.dir.procfs &&
	       (s->pids.list.n == 0 || s->pids.list.v[0] != 1);
}

static int list(struct smi_proc_source *s, bool look)
{
	int r = 0;

	if (smi_source_is_one(s)) {
		s->pids.list.n = 0;
		r = smi_snapshot_is_process(&s->snap, s->pid);
		if (r < 0)
			return smi_source_fail_row(s, s->pid, r);
		if (r == 1 && !smi_vec_push(&s->pids.list, s->pid))
			return smi_fail_nomem(s->ctx);
	} else {
		r = smi_procs_list(&s->procs, &s->snap, s->backend, look,
				   &s->pids);
		if (r < 0)
			return smi_source_fail(s, r);
		s->hidepid = is_hidden(s);
		if (!smi_crossview_add(&s->cross, &s->pids))
			return smi_fail_nomem(s->ctx);
	}
	s->next = 0;
	return r < 0 ? r : 0;
}

/* Time to let others work. */
static bool slice_is_over(const struct smi_proc_source *s, int64_t begin)
{
	return s->next % SLICE_CHECK == 0 &&
	       smi_now_mono(s->ctx) - begin > SLICE_NS;
}

static int look(struct smi_proc_source *s)
{
	int64_t begin = smi_now_mono(s->ctx);

	if (s->next == 0)
		s->deadline = begin + s->interval;
	while (s->next < s->pids.list.n) {
		int32_t pid = s->pids.list.v[s->next++];
		struct smi_cpu_look one;
		int r = smi_snapshot_look(&s->snap, pid, &one);

		if (r < 0)
			return smi_source_fail_row(s, pid, r);
		if (r == 1 && !smi_vec_push(&s->looks.list, one))
			return smi_fail_nomem(s->ctx);
		if (slice_is_over(s, begin))
			return 1;
	}
	s->phase = PAUSE;
	return 1;
}

/* What is hidden from one list may be another process in a later one. */
static int sweep_again(struct smi_proc_source *s, int64_t now)
{
	smi_crossview_free(&s->cross);
	s->cross = (struct smi_crossview){ 0 };
	s->swept = now;
	s->phase = SWEEP;
	return smi_source_crossview(s);
}

static int pause_between(struct smi_proc_source *s, struct smi_out *out)
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

static bool is_shown(struct smi_proc_source *s, const sm_record *rec)
{
	if (smi_rec_has(rec, SMI_PROC_BYSTANDER))
		return false;
	return s->top == 0 || s->shown++ < s->top;
}

static int hand_on(struct smi_proc_source *s, struct smi_out *out,
		   sm_record *rec)
{
	struct smi_arena *a =
		s->sort == SM_PROC_BY_PID ? smi_out_arena(out) : &s->arena;
	int r;

	if (!is_shown(s, rec))
		return smi_out_judge(out, rec);
	r = smi_snapshot_add_late(&s->snap, a, rec);
	if (r < 0)
		return smi_source_fail_row(s, (int32_t)rec->v[SMI_PROC_PID].i,
					   r);
	if (smi_arena_error(a))
		return smi_fail_nomem(s->ctx);
	return smi_out_record(out, rec);
}

static int keep_or_hand_on(struct smi_proc_source *s, struct smi_out *out,
			   sm_record *rec)
{
	if (s->sort == SM_PROC_BY_PID)
		return hand_on(s, out, rec);
	if (smi_arena_error(&s->arena) || !smi_vec_push(&s->kept, rec))
		return smi_fail_nomem(s->ctx);
	return 0;
}

static int take(struct smi_proc_source *s, struct smi_arena *a, int32_t pid,
		sm_record **rec)
{
	if (s->crew)
		return smi_crew_take(s->crew, &s->snap, a, pid, rec);
	return smi_snapshot_take(&s->snap, a, pid, smi_cpu_find(&s->looks, pid),
				 rec);
}

/* For the list behind this one. */
static bool keep_look(struct smi_proc_source *s, const sm_record *rec)
{
	struct smi_cpu_look one = {
		.pid = (int32_t)rec->v[SMI_PROC_PID].i,
		.start = (uint64_t)smi_rec_int(rec, SM_KIND_PROCESS,
					       SMI_PROC_START_TICKS),
		.cpu = rec->v[SMI_PROC_CPU_NS].i,
		.mono = rec->v[SMI_PROC_CPU_WHEN].i,
		.has_io = smi_rec_has(rec, SMI_PROC_READ_BYTES) &&
			  smi_rec_has(rec, SMI_PROC_WRITE_BYTES),
	};

	if (one.has_io) {
		one.read = (uint64_t)rec->v[SMI_PROC_READ_BYTES].i;
		one.written = (uint64_t)rec->v[SMI_PROC_WRITE_BYTES].i;
	}
	return smi_vec_push(&s->fresh.list, one);
}

static int read_one(struct smi_proc_source *s, struct smi_out *out, int32_t pid)
{
	struct smi_arena *a =
		s->sort == SM_PROC_BY_PID ? smi_out_arena(out) : &s->arena;
	sm_record *rec;
	int r = take(s, a, pid, &rec);

	if (r < 0)
		return smi_source_fail_row(s, pid, r);
	if (r == 0) {
		/* Gone, or of another user than the one who is asked for. */
		if (s->snap.user ||
		    !smi_crossview_mark(&s->cross, a, pid, NULL))
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

static int sort_kept(struct smi_proc_source *s)
{
	s->next = 0;
	s->phase = EMIT;
	return smi_order_sort(s->sort, s->kept.v, s->kept.n)
		       ? 0
		       : smi_fail_nomem(s->ctx);
}

static int read_some(struct smi_proc_source *s, struct smi_out *out)
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

static int emit_some(struct smi_proc_source *s, struct smi_out *out)
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
static int tell_refused(struct smi_proc_source *s, struct smi_out *out)
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
static int go_on(struct smi_proc_source *s, struct smi_out *out)
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

/* Again where another has to stand in for it. */
static int tell_backend(struct smi_proc_source *s, struct smi_out *out)
{
	const char *name = smi_procs_name(&s->procs);
	int r;

	if (s->named == name)
		return 0;
	r = smi_out_way(out, SMI_SUMMARY_PROCESS_BACKEND, name);
	s->named = name;
	return r;
}

static int tell(struct smi_proc_source *s, struct smi_out *out)
{
	int r = smi_crossview_tell(&s->cross, &s->cross_told, out);

	/* All that it took has been handed on. */
	smi_crew_free(s->crew);
	s->crew = NULL;
	if (r == 0 && s->procs.refused)
		r = tell_refused(s, out);
	if (r == 0)
		r = tell_backend(s, out);
	if (s->hidepid)
		smi_out_partial(out);
	smi_left_out_add(&s->left_out, &s->snap);
	if (r == 0)
		r = smi_left_out_tell(&s->left_out, &s->snap, s->hidepid,
				      s->pids.list.n, out);
	return r;
}

/* What was kept of the look before has been taken by now. */
static int begin_look(struct smi_proc_source *s)
{
	struct smi_cpu_looks before = s->looks;

	s->looks = s->fresh;
	s->fresh = before;
	s->fresh.list.n = 0;
	s->shown = 0;
	s->kept.n = 0;
	smi_arena_reset(&s->arena);
	return smi_snapshot_renew(&s->snap) < 0 ? smi_fail_nomem(s->ctx) : 0;
}

static int start_crew(struct smi_proc_source *s)
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

static int list_and_go(struct smi_proc_source *s)
{
	bool first = s->interval > 0 && s->deadline == 0;
	int r = 0;

	if (s->round > 0)
		r = begin_look(s);
	else if (!first)
		s->round = smi_now_mono(s->ctx);
	if (r == 0)
		r = list(s, first);
	s->phase = first ? LOOK : READ;
	if (r == 0 && !first)
		r = start_crew(s);
	return r < 0 ? r : 1;
}

static int tell_and_go(struct smi_proc_source *s, struct smi_out *out)
{
	int r = tell(s, out);

	if (r == 0 && s->watch > 0)
		return go_on(s, out);
	if (r < 0 || !s->follows)
		return r;
	s->phase = FOLLOW;
	/* What was seen for the list is old by now. */
	s->snap.procs = NULL;
	smi_procs_close(&s->procs);
	r = smi_out_idle(out);
	if (r >= 0)
		r = smi_proc_follow_start(&s->follow, out);
	return r < 0 ? r : 1;
}

static int sweep(struct smi_proc_source *s)
{
	int r = smi_crossview_step(&s->cross, s->ctx);

	if (r == 0)
		s->phase = LIST;
	return r < 0 ? smi_source_fail(s, r) : 1;
}

static int step(void *p, struct smi_out *out)
{
	struct smi_proc_source *s = p;

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
	struct smi_proc_source *s = p;
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
	.start = smi_source_start,
	.step = step,
	.cancelled = cancelled,
	.free = smi_source_free,
};
