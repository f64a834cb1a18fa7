/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "process/events.h"
#include "process/guard.h"
#include "process/procfs.h"

/*
 * The list of processes, compared with the one before: what began and ended in
 * between is not seen. One that is new is told as an exec.
 */

#define PAUSE_NS (250 * SMI_MSEC)
/* At most a twentieth of a processor. */
#define PAUSE_FACTOR 20

struct one {
	int32_t pid;
	uint64_t start;
};

struct polling {
	const sm_ctx *ctx;
	const struct smi_procdir *dir;
	struct smi_pids pids;
	struct smi_buf text;
	SMI_VEC(struct one) was, is;
	size_t was_at, is_at; /* what is compared: all, where nothing is due */
	int64_t due, looked;
};

/* Of the list before. */
static bool known_start(const struct polling *p, int32_t pid, uint64_t *start)
{
	for (size_t i = 0; i < p->was.n; i++) {
		if (p->was.v[i].pid != pid)
			continue;
		*start = p->was.v[i].start;
		return true;
	}
	return false;
}

static bool read_start(struct polling *p, int32_t pid, uint64_t *start)
{
	char path[SMI_PROC_PATH];
	struct smi_stat stat;
	int r = smi_guard_read(p->dir, pid,
			       smi_procdir_path(path, pid, pid, "stat"),
			       SMI_ONE_PIECE, SMI_PROCFILE_MAX, &p->text);

	if (r == -ETIMEDOUT || r == -ECANCELED)
		return known_start(p, pid, start);
	if (r < 0 || !smi_procfs_stat(smi_buf_span(&p->text), false, &stat))
		return false;
	*start = stat.start;
	return true;
}

static int look(struct polling *p)
{
	struct smi_procdir dir = *p->dir;
	int64_t begin = smi_now_mono(p->ctx);
	int r = smi_procdir_list(&dir, &p->pids);

	if (r < 0)
		return r;
	p->is.n = 0;
	for (size_t i = 0; i < p->pids.list.n; i++) {
		struct one one = { .pid = p->pids.list.v[i] };

		if (read_start(p, one.pid, &one.start) &&
		    !smi_vec_push(&p->is, one))
			return -ENOMEM;
	}
	p->looked = smi_now_mono(p->ctx);
	p->due = p->looked +
		 SMI_MAX(PAUSE_NS, (p->looked - begin) * PAUSE_FACTOR);
	p->was_at = p->is_at = 0;
	return 0;
}

static void keep(struct polling *p)
{
	struct one *v = p->was.v;
	size_t cap = p->was.cap;

	p->was.v = p->is.v;
	p->was.cap = p->is.cap;
	p->was.n = p->was_at = p->is.n;
	p->is.v = v;
	p->is.cap = cap;
	p->is.n = p->is_at = 0;
}

/* 1 where the two lists differ next. */
static int compare(struct polling *p, struct smi_proc_event *ev)
{
	while (p->was_at < p->was.n || p->is_at < p->is.n) {
		const struct one *was =
			p->was_at < p->was.n ? &p->was.v[p->was_at] : NULL;
		const struct one *is =
			p->is_at < p->is.n ? &p->is.v[p->is_at] : NULL;
		bool gone = was &&
			    (!is || was->pid < is->pid ||
			     (was->pid == is->pid && was->start != is->start));

		if (!gone && was && is && was->pid == is->pid) {
			p->was_at++;
			p->is_at++;
			continue;
		}
		*ev = (struct smi_proc_event){
			.what = gone ? SMI_PROC_EXIT : SMI_PROC_EXEC,
			.pid = gone ? was->pid : is->pid,
			.mono = p->looked,
		};
		if (gone)
			p->was_at++;
		else
			p->is_at++;
		return 1;
	}
	return 0;
}

static int next_event(void *self, struct smi_proc_event *ev)
{
	struct polling *p = self;
	int r = compare(p, ev);

	if (r == 1)
		return 1;
	if (p->is.n > 0)
		keep(p);
	if (smi_now_mono(p->ctx) < p->due)
		return 0;
	r = look(p);
	return r < 0 ? r : compare(p, ev);
}

static void close_polling(void *self)
{
	struct polling *p = self;

	if (!p)
		return;
	smi_vec_free(&p->pids.list);
	smi_vec_free(&p->was);
	smi_vec_free(&p->is);
	smi_buf_free(&p->text);
	free(p);
}

static int open_polling(const sm_ctx *ctx, const struct smi_procdir *dir,
			void **self)
{
	struct polling *p = smi_zalloc(sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->ctx = ctx;
	p->dir = dir;
	r = look(p);
	if (r < 0) {
		close_polling(p);
		return r;
	}
	keep(p);
	*self = p;
	return 0;
}

static int no_fd(void *self)
{
	(void)self;
	return -1;
}

static int64_t due(void *self)
{
	const struct polling *p = self;

	return p->due;
}

static uint64_t none_counted(void *self)
{
	(void)self;
	return 0;
}

const struct smi_events_ops smi_events_polling = {
	.name = "polling",
	.sentence = "What processes start and end is found by looking at the "
		    "list again and again, as the kernel tells this caller of "
		    "no events: what ends soon is not seen, and an exec that "
		    "keeps its number is not.",
	.open = open_polling,
	.fd = no_fd,
	.due = due,
	.next = next_event,
	.lost = none_counted,
	.close = close_polling,
};
