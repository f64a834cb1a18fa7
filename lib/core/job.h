/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_JOB_H
#define SMI_CORE_JOB_H

#include "core/ctx.h"
#include "core/event.h"
#include "core/statefile.h"
#include "record/line.h"

/*
 * A job is one source, then stages that judge what it saw, then a queue of events
 * for the caller. All of it runs inside sm_job_next().
 *
 * Everything in one batch lies in the job's arena: the records that a source or a
 * stage makes live until all events of the batch have been handed on, and then
 * the arena is emptied. What must live longer is copied (sm_record_ref).
 */
struct smi_out;

struct smi_source_ops {
	const char *name;
	/* Opens what it needs. 0 or a negative errno with its sentence. */
	int (*start)(void *src, struct smi_out *out);
	/*
	 * Works for about 5 ms or 1 MiB, or until smi_out_full(). 1: call again,
	 * 0: at the end, -EAGAIN: wait for a watched descriptor or the alarm,
	 * else it failed.
	 */
	int (*step)(void *src, struct smi_out *out);
	/*
	 * The caller cancelled: what is finished by now may be handed on (partial
	 * results, coverage). May be NULL.
	 */
	int (*cancelled)(void *src, struct smi_out *out);
	/*
	 * All that was told has been taken by the caller: whoever keeps how far it
	 * came may do so. ended: nothing comes any more. A failure is the job's. May be
	 * NULL.
	 */
	int (*settled)(void *src, struct smi_out *out, bool ended);
	/* Closes and frees src, and does no more: it may run in a forked child,
	 * where epoll_ctl, joins and unlinks would reach the parent. */
	void (*free)(void *src);
};

/* A part of what a stage keeps, by its name in the state file. load is called once
 * where a state is kept, before all lines; with no bytes where the part is not in the
 * file, or there is no file yet. */
struct smi_stage_part {
	const char *section;
	int (*save)(void *stage, struct smi_buf *out);
	int (*load)(void *stage, struct smi_span bytes, struct smi_out *out);
};

struct smi_stage_ops {
	/* A log line: 1 where a rule took it, 0 not. May be NULL. */
	int (*line)(void *stage, const struct smi_line *line,
		    struct smi_out *out);
	/*
	 * The same in two parts, for a source that has threads: what the line says
	 * by itself, in verdict bytes, and what that means behind the lines before
	 * it. judge() is called for any line by any of n threads at once, each
	 * with a number less than n of its own; the line's bytes then stay where
	 * they are. May be NULL, verdict 0.
	 */
	size_t verdict;
	int (*judges)(void *stage, size_t n, struct smi_out *out);
	void (*judge)(void *stage, size_t thread, const struct smi_line *line,
		      void *verdict);
	int (*take)(void *stage, const struct smi_line *line,
		    const void *verdict, struct smi_out *out);
	/* A port or process record. May be NULL. */
	int (*record)(void *stage, const sm_record *rec, struct smi_out *out);
	/* The source has nothing to tell for now. 1: what save() gives is another
	 * since. May be NULL. */
	int (*idle)(void *stage, struct smi_out *out);
	/* The source is at its end. 1: there is more to tell, call again when
	 * this was taken. May be NULL. */
	int (*flush)(void *stage, struct smi_out *out);
	void (*free)(void *stage);
	/* What it keeps from one run to the next. */
	const struct smi_stage_part *parts;
	size_t nparts;
};

/* Takes src over, also when it fails. */
int smi_job_new(sm_ctx *ctx, const struct smi_source_ops *ops, void *src,
		sm_job **out);
/* Takes stage over, also when it fails. */
int smi_job_add_stage(sm_job *job, const struct smi_stage_ops *ops,
		      void *stage);

/* What a verb is: the job to its end, and free. */
int smi_job_verb(sm_job *job, sm_event_fn fn, void *user);

/* What a source and a stage may do to their job. A negative result is to be
 * passed on. */
sm_ctx *smi_out_ctx(struct smi_out *out);
struct smi_arena *smi_out_arena(struct smi_out *out);
/* Through the stages, and to the caller. -ENOMEM also where the arena failed. */
int smi_out_record(struct smi_out *out, const sm_record *rec);
/* To the caller only; through the stages only. */
int smi_out_emit(struct smi_out *out, const sm_record *rec);
int smi_out_judge(struct smi_out *out, const sm_record *rec);
/* What stages make of a line, bits. */
enum {
	SMI_LINE_TAKEN = 1, /* one of them understood it */
	/* It tells of something that may be bad; alone: by a word only. */
	SMI_LINE_TELLS = 2,
};
/* Through the stages: bits as above, or a negative errno. */
int smi_out_line(struct smi_out *out, const struct smi_line *line);
/* The same in two parts. How many bytes of a verdict the stages write, 0 where no
 * stage can; n threads may judge from now on; one of them does, which is no use of
 * out otherwise; and the verdict is taken. */
size_t smi_out_verdict(const struct smi_out *out);
int smi_out_judges(struct smi_out *out, size_t n);
void smi_out_judge_line(const struct smi_out *out, size_t thread,
			const struct smi_line *line, void *verdict);
int smi_out_take(struct smi_out *out, const struct smi_line *line,
		 const void *verdict);
/* Through the stages: there is nothing for now, and time goes by. 1: what they keep
 * is another since. */
int smi_out_idle(struct smi_out *out);
/* The sections of the stages, into a new state file and out of one. */
int smi_out_save(struct smi_out *out, struct smi_buf *file);
int smi_out_load(struct smi_out *out, const struct smi_statefile *file);
int smi_out_finding(struct smi_out *out, const sm_record *rec);
int smi_out_progress(struct smi_out *out, uint64_t done, uint64_t total);
/* All of one look has been told: the stages' idle(), and the caller. */
int smi_out_round(struct smi_out *out);
/*
 * Something was left out: text is a sentence with placeholders (record/sentence.h)
 * for args, pairs of name and value that are copied; err is a positive errno or
 * 0. {source} and {errno} (as words) are known too.
 */
int smi_out_notice(struct smi_out *out, int err, const char *source,
		   const char *text, const char *const *args, size_t nargs);
/* One that another job has told. */
int smi_out_told_notice(struct smi_out *out, const sm_record *notice);
/* The same with the numbers {count} and {total}. */
int smi_out_notice_count(struct smi_out *out, int err, const char *source,
			 const char *text, uint64_t count, uint64_t total);
/* By what the source sees: a word for a field of the summary. */
int smi_out_way(struct smi_out *out, unsigned field, const char *word);
/* Enough is queued: step should return 1. */
bool smi_out_full(const struct smi_out *out);
/* The source may not see all there is: what it does not tell may still be there. */
void smi_out_partial(struct smi_out *out);
bool smi_out_is_partial(const struct smi_out *out);
/* In a flush: the source came to its end and saw all; it was neither stopped nor
 * failed. */
bool smi_out_complete(const struct smi_out *out);
/* The caller has cancelled; long work asks now and then. */
bool smi_out_cancelled(const struct smi_out *out);
/* Makes the job wake up when fd is readable; it stays the source's, and open
 * until free. Once a descriptor. */
int smi_out_watch(struct smi_out *out, int fd);
/* Makes the job wake up at a monotonic time; INT64_MAX: not at all. */
int smi_out_alarm(struct smi_out *out, int64_t mono_ns);

#endif
