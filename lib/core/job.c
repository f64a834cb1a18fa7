/* SPDX-License-Identifier: MIT */
#include "core/job.h"

#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "core/loop.h"
#include "record/build.h"
#include "record/sentence.h"

#define MAX_STAGES 4
#define FULL_QUEUE 256

enum job_state {
	JOB_NEW,
	JOB_RUNNING,
	JOB_FLUSHING, /* the source is at its end, the stages are not */
	JOB_ENDED
};

struct stage {
	const struct smi_stage_ops *ops;
	void *data;
	bool flushed;
};

struct smi_out {
	sm_ctx *ctx;
	struct smi_arena arena;
	SMI_VEC(sm_event) queue;
	size_t head;
	struct smi_loop loop;
	struct stage stages[MAX_STAGES];
	size_t nstages;
	atomic_bool cancelled;
	bool complete;
};

struct sm_job {
	struct smi_out out;
	const struct smi_source_ops *ops;
	void *src;
	pid_t owner;
	enum job_state state;
	int result; /* once ended, with its sentence */
	char errmsg[1024];
	bool in_callback;
	bool settled; /* after the end */
};

static void release(sm_job *job)
{
	job->ops->free(job->src);
	for (size_t i = 0; i < job->out.nstages; i++)
		job->out.stages[i].ops->free(job->out.stages[i].data);
	smi_loop_done(&job->out.loop);
	smi_vec_free(&job->out.queue);
	smi_arena_free(&job->out.arena);
	sm_ctx_unref(job->out.ctx);
	free(job);
}

int smi_job_new(sm_ctx *ctx, const struct smi_source_ops *ops, void *src,
		sm_job **out)
{
	sm_job *job = smi_zalloc(sizeof(*job));
	int r;

	if (!job) {
		ops->free(src);
		return smi_fail_nomem(ctx);
	}
	job->out.ctx = sm_ctx_ref(ctx);
	job->ops = ops;
	job->src = src;
	job->owner = getpid();
	r = smi_loop_init(&job->out.loop);
	if (r < 0) {
		release(job);
		return smi_fail(ctx, r, "cannot start a job: %s",
				smi_strerror(-r));
	}
	*out = job;
	return 0;
}

int smi_job_add_stage(sm_job *job, const struct smi_stage_ops *ops, void *stage)
{
	if (job->out.nstages == MAX_STAGES) {
		ops->free(stage);
		return smi_fail(job->out.ctx, -E2BIG,
				"a job has at most %d stages", MAX_STAGES);
	}
	job->out.stages[job->out.nstages++] =
		(struct stage){ ops, stage, false };
	return 0;
}

SM_EXPORT void sm_job_free(sm_job *job)
{
	if (job && !job->in_callback)
		release(job);
}

SM_EXPORT int sm_job_fd(const sm_job *job)
{
	return job ? smi_loop_fd(&job->out.loop) : -EINVAL;
}

SM_EXPORT void sm_job_cancel(sm_job *job)
{
	int saved = errno;

	if (!job || job->owner != getpid())
		return;
	atomic_store(&job->out.cancelled, true);
	smi_loop_cancel(&job->out.loop);
	errno = saved;
}

/* 1: there is more. A stage that fails is done. */
static int flush_stage(struct smi_out *out, struct stage *s)
{
	int r = s->ops->flush ? s->ops->flush(s->data, out) : 0;

	s->flushed = r != 1;
	return r;
}

static void fail_with(sm_job *job, int result)
{
	if (result >= 0 || job->result < 0)
		return;
	job->result = smi_rc(result);
	memcpy(job->errmsg, job->out.ctx->errmsg, sizeof(job->errmsg));
}

static void flush(sm_job *job)
{
	struct smi_out *out = &job->out;

	for (size_t i = 0; i < out->nstages; i++) {
		int r;

		if (out->stages[i].flushed)
			continue;
		r = flush_stage(out, &out->stages[i]);
		if (r == 1)
			return;
		fail_with(job, r);
	}
	job->state = JOB_ENDED;
}

/* What was seen until now is told before the result is. */
static void end(sm_job *job, int result)
{
	job->out.complete = result == 0;
	fail_with(job, result);
	job->state = JOB_FLUSHING;
	flush(job);
}

/* A callback may have failed at something else since the end. */
static int final_result(sm_job *job)
{
	if (job->result == 0)
		return 0;
	return smi_fail(job->out.ctx, job->result, "%s", job->errmsg);
}

static void cancel(sm_job *job)
{
	if (job->state == JOB_RUNNING && job->ops->cancelled)
		(void)job->ops->cancelled(job->src, &job->out);
	smi_fail(job->out.ctx, -ECANCELED, "cancelled");
	end(job, -ECANCELED);
}

/* -EAGAIN: the source waits. */
static int work(sm_job *job)
{
	int r;

	if (job->state == JOB_FLUSHING) {
		flush(job);
		return 1;
	}
	if (atomic_load(&job->out.cancelled)) {
		cancel(job);
		return 0;
	}
	if (job->state == JOB_NEW) {
		r = job->ops->start(job->src, &job->out);
		if (r < 0) {
			end(job, r);
			return 0;
		}
		job->state = JOB_RUNNING;
	}
	smi_loop_quiet(&job->out.loop, smi_now_mono(job->out.ctx));
	r = job->ops->step(job->src, &job->out);
	if (r == 1 || r == -EAGAIN)
		return r;
	end(job, r);
	return 0;
}

/* Everything has been taken. */
static void settle(sm_job *job)
{
	bool ended = job->state == JOB_ENDED;
	int r;

	if (job->state == JOB_NEW || job->state == JOB_FLUSHING ||
	    job->settled || !job->ops->settled)
		return;
	job->settled = ended;
	r = job->ops->settled(job->src, &job->out, ended);
	if (r < 0 && !ended) {
		job->settled = true;
		end(job, r);
	} else {
		fail_with(job, r);
	}
}

static bool take_event(sm_job *job, const sm_event **ev)
{
	struct smi_out *out = &job->out;

	if (out->head == out->queue.n)
		return false;
	*ev = &out->queue.v[out->head++];
	return true;
}

SM_EXPORT int sm_job_next(sm_job *job, const sm_event **ev)
{
	struct smi_out *out;
	int r;

	if (!job || !ev)
		return -EINVAL;
	out = &job->out;
	if (job->in_callback || job->owner != getpid())
		return -EBUSY;
	if (take_event(job, ev))
		return 1;
	out->queue.n = out->head = 0;
	smi_arena_reset(&out->arena);
	settle(job);
	if (take_event(job, ev))
		return 1;
	if (job->state == JOB_ENDED)
		return final_result(job);
	r = work(job);
	smi_loop_ready(&out->loop, r != -EAGAIN || out->queue.n > 0);
	if (take_event(job, ev))
		return 1;
	return job->state == JOB_ENDED ? final_result(job) : -EAGAIN;
}

static int wait_for(const sm_job *job)
{
	struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		return smi_fail(job->out.ctx, -errno, "poll failed: %s",
				smi_strerror(errno));
	return 0;
}

SM_EXPORT int sm_job_run(sm_job *job, sm_event_fn fn, void *user)
{
	const sm_event *ev;
	int r;

	if (!job || !fn)
		return -EINVAL;
	while ((r = sm_job_next(job, &ev)) != 0) {
		if (r == -EAGAIN) {
			r = wait_for(job);
		} else if (r == 1) {
			job->in_callback = true;
			r = fn(ev, user);
			job->in_callback = false;
		}
		if (r)
			return r;
	}
	return 0;
}

int smi_job_verb(sm_job *job, sm_event_fn fn, void *user)
{
	int r = sm_job_run(job, fn, user);

	sm_job_free(job);
	return r;
}

sm_ctx *smi_out_ctx(struct smi_out *out)
{
	return out->ctx;
}

struct smi_arena *smi_out_arena(struct smi_out *out)
{
	return &out->arena;
}

static int queue(struct smi_out *out, int kind, const sm_record *rec,
		 uint64_t done, uint64_t total)
{
	sm_event ev = { kind, rec, done, total };

	if (smi_arena_error(&out->arena) || !smi_vec_push(&out->queue, ev))
		return smi_fail_nomem(out->ctx);
	return 0;
}

int smi_out_emit(struct smi_out *out, const sm_record *rec)
{
	return queue(out, SM_EVENT_RECORD, rec, 0, 0);
}

int smi_out_finding(struct smi_out *out, const sm_record *rec)
{
	return queue(out, SM_EVENT_FINDING, rec, 0, 0);
}

int smi_out_progress(struct smi_out *out, uint64_t done, uint64_t total)
{
	return queue(out, SM_EVENT_PROGRESS, NULL, done, total);
}

int smi_out_judge(struct smi_out *out, const sm_record *rec)
{
	if (smi_arena_error(&out->arena))
		return smi_fail_nomem(out->ctx);
	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		int r = s->ops->record ? s->ops->record(s->data, rec, out) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int smi_out_record(struct smi_out *out, const sm_record *rec)
{
	int r = smi_out_emit(out, rec);

	return r < 0 ? r : smi_out_judge(out, rec);
}

int smi_out_line(struct smi_out *out, const struct smi_line *line)
{
	int taken = 0;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		int r = s->ops->line ? s->ops->line(s->data, line, out) : 0;

		if (r < 0)
			return r;
		taken |= r;
	}
	return taken;
}

/* The verdicts of the stages lie one behind the other. */
static size_t verdict_size(const struct stage *s)
{
	size_t to = _Alignof(max_align_t);

	return (s->ops->verdict + to - 1) / to * to;
}

size_t smi_out_verdict(const struct smi_out *out)
{
	size_t size = 0;

	for (size_t i = 0; i < out->nstages; i++)
		size += verdict_size(&out->stages[i]);
	return size;
}

int smi_out_judges(struct smi_out *out, size_t n)
{
	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		int r = s->ops->verdict ? s->ops->judges(s->data, n, out) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

void smi_out_judge_line(const struct smi_out *out, size_t thread,
			const struct smi_line *line, void *verdict)
{
	char *v = verdict;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];

		if (s->ops->verdict)
			s->ops->judge(s->data, thread, line, v);
		v += verdict_size(s);
	}
}

static int take_line(const struct stage *s, const struct smi_line *line,
		     const void *verdict, struct smi_out *out)
{
	if (s->ops->verdict)
		return s->ops->take(s->data, line, verdict, out);
	return s->ops->line ? s->ops->line(s->data, line, out) : 0;
}

int smi_out_take(struct smi_out *out, const struct smi_line *line,
		 const void *verdict)
{
	const char *v = verdict;
	int taken = 0;

	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		int r = take_line(s, line, v, out);

		if (r < 0)
			return r;
		taken |= r;
		v += verdict_size(s);
	}
	return taken;
}

int smi_out_save(struct smi_out *out, struct smi_buf *file)
{
	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

		if (!s->ops->section)
			continue;
		if (s->ops->save(s->data, &b) < 0)
			return smi_fail_nomem(out->ctx);
		smi_statefile_add(file, s->ops->section, smi_buf_span(&b));
	}
	return 0;
}

int smi_out_load(struct smi_out *out, const struct smi_statefile *file)
{
	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		int r = 0;

		if (s->ops->section)
			r = s->ops->load(
				s->data,
				smi_statefile_part(file, s->ops->section), out);
		if (r < 0)
			return r;
	}
	return 0;
}

int smi_out_idle(struct smi_out *out)
{
	for (size_t i = 0; i < out->nstages; i++) {
		const struct stage *s = &out->stages[i];
		int r = s->ops->idle ? s->ops->idle(s->data, out) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* args, and behind them source and errno as words for the sentence. */
static const struct smi_strs *notice_args(struct smi_arena *a, int err,
					  const char *source,
					  const char *const *args, size_t nargs)
{
	struct smi_strs *list = smi_arena_alloc(a, sizeof(*list));
	const char **v = smi_arena_alloc(a, (nargs + 4) * sizeof(*v));

	if (!list || !v)
		return NULL;
	for (size_t i = 0; i < nargs; i++)
		v[i] = smi_arena_strndup(a, args[i], strlen(args[i]));
	v[nargs] = "source";
	v[nargs + 1] = source;
	v[nargs + 2] = "errno";
	v[nargs + 3] = err ? smi_strerror(err) : "";
	*list = (struct smi_strs){ nargs + 4, v };
	return smi_arena_error(a) ? NULL : list;
}

int smi_out_notice(struct smi_out *out, int err, const char *source,
		   const char *text, const char *const *args, size_t nargs)
{
	struct smi_arena *a = &out->arena;
	sm_record *r = smi_rec_new(a, SM_KIND_NOTICE);
	const struct smi_strs *list;

	smi_set_text(a, r, SMI_NOTICE_SOURCE,
		     smi_span_str(source ? source : ""));
	list = r ? notice_args(
			   a, err,
			   smi_rec_str(r, SM_KIND_NOTICE, SMI_NOTICE_SOURCE),
			   args, nargs)
		 : NULL;
	if (!list)
		return smi_fail_nomem(out->ctx);
	if (!source || !source[0])
		smi_fieldset_del(&r->known, SMI_NOTICE_SOURCE);
	smi_set_const(r, SMI_NOTICE_TEMPLATE, text);
	smi_set_strs(a, r, SMI_NOTICE_ARGS, list->v, list->n);
	smi_set_const(r, SMI_NOTICE_TEXT,
		      smi_sentence_dup(a, text, list, NULL));
	if (err)
		smi_set_int(r, SMI_NOTICE_ERRNO, err);
	return queue(out, SM_EVENT_NOTICE, r, 0, 0);
}

bool smi_out_full(const struct smi_out *out)
{
	return out->queue.n >= FULL_QUEUE;
}

bool smi_out_complete(const struct smi_out *out)
{
	return out->complete;
}

bool smi_out_cancelled(const struct smi_out *out)
{
	return atomic_load_explicit(
		&((struct smi_out *)(uintptr_t)out)->cancelled,
		memory_order_relaxed);
}

int smi_out_watch(struct smi_out *out, int fd)
{
	int r = smi_loop_watch(&out->loop, fd);

	return r < 0 ? smi_fail(out->ctx, r,
				"cannot wait for descriptor %d: %s", fd,
				smi_strerror(-r))
		     : 0;
}

int smi_out_alarm(struct smi_out *out, int64_t mono_ns)
{
	int r = smi_loop_alarm(&out->loop, mono_ns, smi_now_mono(out->ctx));

	return r < 0 ? smi_fail(out->ctx, r, "cannot set a timer: %s",
				smi_strerror(-r))
		     : 0;
}
