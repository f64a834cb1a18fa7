/* SPDX-License-Identifier: MIT */
#include "process/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "record/build.h"
#include "record/schema.h"

#define SLICE_NS (5 * SMI_MSEC)

/* The best first; the last one works everywhere. */
static const struct smi_events_ops *const ways[] = {
	&smi_events_bpf,
	&smi_events_connector,
	&smi_events_polling,
};

void smi_proc_follow_fields(struct smi_fieldset *fields)
{
	static const uint8_t needed[] = {
		SMI_PROC_ID,	SMI_PROC_PPID, SMI_PROC_NAME,
		SMI_PROC_STATE, SMI_PROC_UID,  SMI_PROC_START_TICKS,
	};

	for (size_t i = 0; i < SMI_COUNT(needed); i++)
		smi_fieldset_add(fields, needed[i]);
}

int smi_proc_follow_begin(struct smi_proc_follow *f, const sm_ctx *ctx)
{
	bool live = f->snap->dir.procfs && ctx->root.fd < 0;
	int r = -ENOTSUP;

	f->kin.dir = &f->snap->dir;
	for (size_t i = 0; i < SMI_COUNT(ways); i++) {
		/* Of a copied tree the kernel knows nothing. */
		if (!live && ways[i] != &smi_events_polling)
			continue;
		r = ways[i]->open(ctx, &f->snap->dir, &f->self);
		if (r == 0)
			f->ops = ways[i];
		if (r == 0 || r == -ENOMEM)
			break;
	}
	return r;
}

void smi_proc_follow_free(struct smi_proc_follow *f)
{
	if (f->ops)
		f->ops->close(f->self);
	smi_lineage_free(&f->kin);
}

static void learn(struct smi_forebear *k, const sm_record *rec)
{
	if (smi_rec_has(rec, SMI_PROC_NAME_RAW))
		smi_forebear_rename(k, smi_rec_raw(rec, SM_KIND_PROCESS,
						   SMI_PROC_NAME_RAW));
	if (smi_rec_has(rec, SMI_PROC_START_TICKS))
		k->start = (uint64_t)rec->v[SMI_PROC_START_TICKS].i;
	if (smi_rec_has(rec, SMI_PROC_UID)) {
		k->uid = (uint32_t)rec->v[SMI_PROC_UID].i;
		k->has_uid = true;
	}
}

int smi_proc_follow_know(struct smi_proc_follow *f, const sm_record *rec)
{
	int32_t pid = (int32_t)rec->v[SMI_PROC_PID].i;
	struct smi_forebear *k;
	int r = smi_lineage_get(&f->kin, pid, &k);

	if (r == 1)
		learn(k, rec);
	return r < 0 ? r : 0;
}

int smi_proc_follow_start(struct smi_proc_follow *f, struct smi_out *out)
{
	struct smi_fieldset *fields = &f->snap->fields;
	int fd = f->ops->fd(f->self);
	int r = smi_out_notice(out, 0, f->ops->name, f->ops->sentence, NULL, 0);

	if (r == 0)
		r = smi_out_way(out, SMI_SUMMARY_EVENT_SOURCE, f->ops->name);
	/* There are no two looks at what has just begun. */
	smi_fieldset_del(fields, SMI_PROC_CPU_PERCENT);
	smi_fieldset_del(fields, SMI_PROC_CPU_PERCENT_LIFETIME);
	smi_fieldset_del(fields, SMI_PROC_READ_RATE);
	smi_fieldset_del(fields, SMI_PROC_WRITE_RATE);
	f->snap->rates = false;
	return r < 0 || fd < 0 ? r : smi_out_watch(out, fd);
}

static const char *const names[] = {
	[SMI_PROC_FORK] = "fork",
	[SMI_PROC_EXEC] = "exec",
	[SMI_PROC_EXIT] = "exit",
};

static bool is_wanted(const struct smi_proc_follow *f, unsigned field)
{
	return smi_fieldset_has(&f->snap->fields, field);
}

static int64_t wall_of(const struct smi_proc_follow *f, int64_t mono)
{
	const sm_ctx *ctx = f->snap->ctx;

	return smi_now_wall(ctx) - (smi_now_mono(ctx) - mono);
}

/* What every event has. */
static void fill_event(const struct smi_proc_follow *f, struct smi_arena *a,
		       const struct smi_proc_event *ev,
		       const struct smi_forebear *k, sm_record *rec)
{
	const char **v;
	size_t n;

	smi_set_const(rec, SMI_PROC_EVENT, names[ev->what]);
	smi_set_int(rec, SMI_PROC_TIME, wall_of(f, ev->mono));
	if (!k)
		return;
	if (k->ppid > 0)
		smi_set_int(rec, SMI_PROC_PPID, k->ppid);
	n = smi_forebear_ancestors(k, a, &v);
	if (n > 0)
		smi_set_strs(a, rec, SMI_PROC_ANCESTORS, v, n);
}

/* Of a process that is not looked at. */
static int bare(const struct smi_proc_follow *f, struct smi_arena *a,
		int32_t pid, const struct smi_forebear *k, sm_record **out)
{
	struct smi_snapshot *s = f->snap;
	sm_record *rec = smi_snapshot_bare(s, a, pid, k ? k->start : 0);
	const char *user;

	*out = rec;
	if (!rec)
		return -ENOMEM;
	if (!k || k->start == 0)
		smi_fieldset_del(&rec->known, SMI_PROC_ID);
	if (!k)
		return 0;
	if (k->name_len > 0)
		smi_set_text(a, rec, SMI_PROC_NAME,
			     smi_span_of(k->name, k->name_len));
	if (!k->has_uid)
		return 0;
	smi_set_int(rec, SMI_PROC_UID, k->uid);
	if (is_wanted(f, SMI_PROC_USER)) {
		user = smi_users_name(s->users, k->uid);
		if (!user)
			return -ENOMEM;
		smi_set_const(rec, SMI_PROC_USER, user);
	}
	return 0;
}

/* Whether it is the process that is asked for. */
static bool is_shown(const struct smi_proc_follow *f,
		     const struct smi_forebear *k, const sm_record *rec)
{
	if (f->pid > 0 && rec->v[SMI_PROC_PID].i != f->pid)
		return false;
	if (f->snap->user && (!k || !k->has_uid || k->uid != f->snap->uid))
		return false;
	return !f->filter || smi_filter_match(f->filter, rec);
}

/* What the event itself tells of the process. */
static void learn_event(const struct smi_proc_follow *f, struct smi_forebear *k,
			const struct smi_proc_event *ev)
{
	if (ev->start > 0)
		k->start = (uint64_t)(ev->start / f->snap->kernel.tick_ns);
	if (ev->has_user) {
		k->uid = ev->uid;
		k->has_uid = true;
	}
	if (ev->has_program)
		smi_forebear_rename(k, ev->name);
}

static int on_fork(struct smi_proc_follow *f, const struct smi_proc_event *ev,
		   struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	struct smi_forebear *parent, *k;
	sm_record *rec;
	int r = smi_lineage_get(&f->kin, ev->ppid, &parent);

	if (r >= 0)
		r = smi_lineage_add(&f->kin, ev->pid, parent, &k);
	if (r < 0)
		return r;
	if (parent) {
		smi_forebear_rename(
			k, smi_span_of(parent->name, parent->name_len));
		k->uid = parent->uid;
		k->has_uid = parent->has_uid;
	}
	k->ppid = ev->ppid;
	learn_event(f, k, ev);
	if (k->start == 0)
		r = smi_lineage_read(&f->kin, k);
	if (r >= 0)
		r = bare(f, a, ev->pid, k, &rec);
	if (r < 0)
		return r;
	fill_event(f, a, ev, k, rec);
	return is_shown(f, k, rec) ? smi_out_emit(out, rec) : 0;
}

static int on_exit_of(struct smi_proc_follow *f,
		      const struct smi_proc_event *ev, struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	struct smi_forebear *k;
	sm_record *rec;
	int r = smi_lineage_get(&f->kin, ev->pid, &k);

	if (r >= 0)
		r = bare(f, a, ev->pid, k, &rec);
	if (r < 0)
		return r;
	fill_event(f, a, ev, k, rec);
	if (ev->has_exit && WIFEXITED(ev->status))
		smi_set_int(rec, SMI_PROC_EXIT_CODE, WEXITSTATUS(ev->status));
	if (ev->has_exit && WIFSIGNALED(ev->status))
		smi_set_int(rec, SMI_PROC_EXIT_SIGNAL, WTERMSIG(ev->status));
	r = is_shown(f, k, rec) ? smi_out_emit(out, rec) : 0;
	smi_lineage_end(&f->kin, ev->pid);
	return r;
}

/* The number may have been given to another process since. */
static bool is_other(const struct smi_proc_follow *f,
		     const struct smi_proc_event *ev,
		     const struct smi_forebear *k, const sm_record *rec)
{
	const struct smi_kernel *m = &f->snap->kernel;
	int64_t start, boot = ev->mono + m->boot_to_mono;

	if (!smi_rec_has(rec, SMI_PROC_START_TICKS))
		return false;
	start = rec->v[SMI_PROC_START_TICKS].i;
	if (k && k->start > 0)
		return (uint64_t)start != k->start;
	return m->has_boot_clock && start > boot / m->tick_ns + 1;
}

static void set_unknown(const struct smi_proc_follow *f, struct smi_arena *a,
			sm_record *rec)
{
	static const uint8_t fields[] = {
		SMI_PROC_NAME,	  SMI_PROC_USER, SMI_PROC_EXE,
		SMI_PROC_CMDLINE, SMI_PROC_ARGS, SMI_PROC_CWD,
	};
	const struct smi_kind *kind = smi_kind(SM_KIND_PROCESS);
	const char **v = smi_arena_alloc(a, sizeof(fields) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; v && i < SMI_COUNT(fields); i++)
		if (smi_fieldset_has(&f->snap->chosen, fields[i]) &&
		    !smi_rec_has(rec, fields[i]))
			v[n++] = kind->fields[fields[i]].name;
	if (v && n > 0 && is_wanted(f, SMI_PROC_UNREADABLE))
		smi_set_strs(a, rec, SMI_PROC_UNREADABLE, v, n);
}

/* It has let go of its program, or waits for its parent to take note that it ended. */
static bool is_dead(const struct smi_proc_follow *f, const sm_record *rec)
{
	bool args =
		is_wanted(f, SMI_PROC_ARGS) || is_wanted(f, SMI_PROC_CMDLINE);

	if (smi_rec_has(rec, SMI_PROC_STATE_CODE) &&
	    rec->v[SMI_PROC_STATE_CODE].i == 'Z')
		return true;
	return args && !smi_rec_has(rec, SMI_PROC_ARGS) &&
	       !smi_rec_has(rec, SMI_PROC_CMDLINE) &&
	       !smi_rec_has(rec, SMI_PROC_ARGS_WIPED);
}

/* What it ran, where that is told with the event: it may run something else by now. */
static void fill_program(const struct smi_proc_follow *f,
			 const struct smi_proc_event *ev, struct smi_arena *a,
			 sm_record *rec)
{
	struct smi_span name =
		smi_rec_raw(rec, SM_KIND_PROCESS, SMI_PROC_NAME_RAW);

	if (!ev->has_program)
		return;
	if (!smi_span_eq(name, ev->name)) {
		if (is_wanted(f, SMI_PROC_NAME))
			smi_set_text(a, rec, SMI_PROC_NAME, ev->name);
		smi_set_raw(a, rec, SMI_PROC_NAME_RAW, ev->name);
		smi_fieldset_del(&rec->known, SMI_PROC_EXE);
	}
	if (is_wanted(f, SMI_PROC_EXE) && !smi_rec_has(rec, SMI_PROC_EXE) &&
	    ev->exe.len > 0)
		smi_set_text(a, rec, SMI_PROC_EXE, ev->exe);
	if (!ev->args_cut || !smi_rec_has(rec, SMI_PROC_ARGS))
		smi_snapshot_set_args(f->snap, a, rec, ev->args);
	if (is_wanted(f, SMI_PROC_EUID))
		smi_set_int(rec, SMI_PROC_EUID, ev->euid);
}

/* Files of the whole machine are not read for each of many programs. */
#define RENEW_NS (10 * SMI_SEC)

static int renew(struct smi_proc_follow *f)
{
	int64_t now = smi_now_mono(f->snap->ctx);

	if (now - f->renewed < RENEW_NS) {
		smi_snapshot_forget(f->snap);
		return 0;
	}
	f->renewed = now;
	return smi_snapshot_renew(f->snap);
}

static int on_exec(struct smi_proc_follow *f, const struct smi_proc_event *ev,
		   struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	struct smi_forebear *k;
	sm_record *rec;
	bool gone;
	int r = smi_lineage_get(&f->kin, ev->pid, &k), taken;

	if (r == 0 && ev->has_user)
		r = smi_lineage_add(&f->kin, ev->pid,
				    smi_lineage_find(&f->kin, ev->ppid), &k);
	if (r < 0)
		return r;
	r = renew(f);
	if (r < 0)
		return r;
	f->execs++;
	if (k)
		learn_event(f, k, ev);
	taken = smi_snapshot_take(f->snap, a, ev->pid, NULL, &rec);
	if (taken < 0)
		return taken;
	gone = taken == 0 || is_other(f, ev, k, rec);
	if (taken == 0 && f->snap->user &&
	    smi_procdir_has(&f->snap->dir, ev->pid))
		return 0; /* Another user's. */
	if (gone) {
		r = bare(f, a, ev->pid, k, &rec);
		if (r < 0)
			return r;
		/* What it was before. */
		smi_fieldset_del(&rec->known, SMI_PROC_NAME);
	} else if (k) {
		learn(k, rec);
	}
	gone = gone || is_dead(f, rec);
	fill_program(f, ev, a, rec);
	if (gone)
		set_unknown(f, a, rec);
	gone = gone && !ev->has_program;
	f->gone += gone;
	fill_event(f, a, ev, k, rec);
	smi_left_out_add(f->left_out, f->snap);
	f->looks += taken == 1;
	if (!is_shown(f, k, rec))
		return 0;
	return gone ? smi_out_emit(out, rec) : smi_out_record(out, rec);
}

static int take(struct smi_proc_follow *f, const struct smi_proc_event *ev,
		struct smi_out *out)
{
	int r;

	switch (ev->what) {
	case SMI_PROC_FORK:
		r = on_fork(f, ev, out);
		break;
	case SMI_PROC_EXEC:
		r = on_exec(f, ev, out);
		break;
	default:
		r = on_exit_of(f, ev, out);
		break;
	}
	return r == -ENOMEM ? smi_fail_nomem(smi_out_ctx(out)) : r;
}

/* At most once a second. */
static int tell_lost(struct smi_proc_follow *f, struct smi_out *out, bool now)
{
	uint64_t lost = f->ops->lost(f->self);
	int64_t mono = smi_now_mono(f->snap->ctx);
	uint64_t more = lost - f->told;

	if (more == 0 || (!now && f->told_at && mono - f->told_at < SMI_SEC))
		return 0;
	f->told = lost;
	f->told_at = mono;
	return smi_out_notice_count(
		out, ENOBUFS, f->ops->name,
		"{count} events of processes and threads were lost "
		"({total} until now): they came faster than they could "
		"be taken.",
		more, lost);
}

#define LEFT_OUT_NS (60 * SMI_SEC)

/* At once, and then at most once a minute. */
static int tell_left_out(struct smi_proc_follow *f, struct smi_out *out,
			 bool now)
{
	int64_t mono = smi_now_mono(f->snap->ctx);
	uint64_t looks = f->looks;

	if (!smi_left_out_any(f->left_out) ||
	    (!now && f->looks_told_at && mono - f->looks_told_at < LEFT_OUT_NS))
		return 0;
	f->looks_told_at = mono;
	f->looks = 0;
	smi_left_out_again(f->left_out);
	return smi_left_out_tell(f->left_out, f->snap, false, looks, out);
}

int smi_proc_follow_step(struct smi_proc_follow *f, struct smi_out *out)
{
	int64_t begin = smi_now_mono(f->snap->ctx);
	int r;

	for (;;) {
		struct smi_proc_event ev;

		r = f->ops->next(f->self, &ev);
		if (r < 0)
			return smi_fail(smi_out_ctx(out), r,
					"cannot follow processes: %s",
					smi_strerror(-r));
		if (r == 0)
			break;
		r = take(f, &ev, out);
		if (r < 0)
			return r;
		if (smi_out_full(out) ||
		    smi_now_mono(f->snap->ctx) - begin > SLICE_NS)
			return 1;
	}
	r = tell_lost(f, out, false);
	if (r == 0)
		r = tell_left_out(f, out, false);
	if (r == 0 && f->ops->due)
		r = smi_out_alarm(out, f->ops->due(f->self));
	return r < 0 ? r : -EAGAIN;
}

int smi_proc_follow_end(struct smi_proc_follow *f, struct smi_out *out)
{
	int r = tell_lost(f, out, true);

	if (r == 0)
		r = tell_left_out(f, out, true);
	if (r == 0 && f->gone > 0)
		r = smi_out_notice_count(
			out, 0, f->ops->name,
			"{count} of {total} programs that were started had "
			"ended before they could be looked at.",
			f->gone, f->execs);
	if (r == 0 && f->kin.evicted > 0)
		r = smi_out_notice_count(
			out, 0, f->ops->name,
			"{count} ancestors of processes were forgotten: more "
			"than {total} generations are not kept.",
			f->kin.evicted, SMI_LINEAGE_DEPTH);
	return r;
}
