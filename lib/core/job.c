/* SPDX-License-Identifier: MIT */
#include "core/job.h"

#include <poll.h>
#include <stdlib.h>

#include "base/owner.h"
#include "core/out.h"

enum job_state {
	JOB_NEW,
	JOB_RUNNING,
	JOB_FLUSHING, /* the source is at its end, the stages are not */
	JOB_ENDED
};

struct sm_job {
	struct smi_out out;
	const struct smi_source_ops *ops;
	void *src;
	struct smi_owner owner;
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
	smi_owner_done(&job->owner);
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
	smi_owner_init(&job->owner);
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
	if (job->out.nstages == SMI_MAX_STAGES) {
		ops->free(stage);
		return smi_fail(job->out.ctx, -E2BIG,
				"a job has at most %d stages", SMI_MAX_STAGES);
	}
	job->out.stages[job->out.nstages++] =
		(struct smi_stage){ ops, stage, false };
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

	if (!job || !smi_owner_is_me(&job->owner))
		return;
	atomic_store(&job->out.cancelled, true);
	smi_loop_cancel(&job->out.loop);
	errno = saved;
}

/* 1: there is more. A stage that fails is done. */
static int flush_stage(struct smi_out *out, struct smi_stage *s)
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
	if (job->in_callback || !smi_owner_is_me(&job->owner))
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
	if (job->state != JOB_ENDED)
		return -EAGAIN;
	settle(job);
	return take_event(job, ev) ? 1 : final_result(job);
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
