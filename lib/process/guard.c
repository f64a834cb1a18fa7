/* SPDX-License-Identifier: MIT */
#include "process/guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/strays.h"
#include "process/guard-reader.h"

#define AGAIN_NS (60 * SMI_SEC)

/* What the guards of all threads of a list know. */
struct common {
	pthread_mutex_t lock;
	struct smi_strays *strays;
	int64_t ns;
	int err;       /* no reader can be had */
	unsigned late; /* in this list */
	struct {
		int32_t pid;
		int64_t until;
	} known[SMI_GUARD_LATE_MAX]; /* that were late */
	unsigned next;		     /* of known */
};

struct smi_guard {
	struct common *common;
	bool is_copy;
	bool started; /* once */
	struct smi_reader reader;
	/* The process that is read, and how much longer that may take. */
	int32_t pid;
	int64_t left;
};

struct request {
	bool is_stat;
	enum smi_shape shape;
	size_t max;
};

static int64_t now(void)
{
	return smi_clock_system.mono(NULL);
}

struct smi_guard *smi_guard_copy(struct smi_guard *of)
{
	struct smi_guard *g = smi_zalloc(sizeof(*g));

	if (!g)
		return NULL;
	g->common = of->common;
	g->is_copy = true;
	g->reader = SMI_READER_NONE;
	return g;
}

int smi_guard_new(sm_ctx *ctx, int64_t ns, struct smi_guard **out)
{
	SMI_AUTOFREE struct common *c = smi_zalloc(sizeof(*c));
	struct smi_guard *g;

	if (!ctx->strays)
		ctx->strays = smi_strays_new();
	if (!c || !ctx->strays || pthread_mutex_init(&c->lock, NULL) != 0)
		return -ENOMEM;
	c->strays = ctx->strays;
	c->ns = ns;
	g = smi_guard_copy(&(struct smi_guard){ .common = c });
	if (!g) {
		pthread_mutex_destroy(&c->lock);
		return -ENOMEM;
	}
	g->is_copy = false;
	(void)smi_take(&c);
	*out = g;
	return 0;
}

static void end_reader(struct smi_guard *g)
{
	int stray = smi_reader_end(&g->reader);

	if (stray >= 0)
		smi_strays_add(g->common->strays, stray);
}

void smi_guard_free(struct smi_guard *g)
{
	if (!g)
		return;
	end_reader(g);
	if (!g->is_copy) {
		pthread_mutex_destroy(&g->common->lock);
		free(g->common);
	}
	free(g);
}

void smi_guard_renew(struct smi_guard *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&g->common->lock);
	g->common->late = 0;
	pthread_mutex_unlock(&g->common->lock);
	g->pid = 0;
}

int smi_guard_error(struct smi_guard *g)
{
	int err;

	if (!g)
		return 0;
	pthread_mutex_lock(&g->common->lock);
	err = g->common->err;
	pthread_mutex_unlock(&g->common->lock);
	return err;
}

/* 0, or why this process is not to be asked. */
static int may_ask(struct smi_guard *g, int32_t pid)
{
	struct common *c = g->common;
	int64_t t = now();
	int r = 0;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < SMI_COUNT(c->known); i++)
		if (c->known[i].pid == pid && t < c->known[i].until)
			r = -ETIMEDOUT;
	if (r == 0 && c->late >= SMI_GUARD_LATE_MAX)
		r = -ECANCELED;
	pthread_mutex_unlock(&c->lock);
	if (g->pid != pid) {
		g->pid = pid;
		g->left = c->ns;
	}
	return r;
}

static int set_late(struct smi_guard *g, int32_t pid)
{
	struct common *c = g->common;

	end_reader(g);
	pthread_mutex_lock(&c->lock);
	c->late++;
	c->known[c->next].pid = pid;
	c->known[c->next].until = now() + AGAIN_NS;
	c->next = (c->next + 1) % SMI_COUNT(c->known);
	pthread_mutex_unlock(&c->lock);
	return -ETIMEDOUT;
}

/* 1: there is none, and never was. */
static int have_reader(struct smi_guard *g, const struct smi_procdir *d)
{
	int r;

	if (g->reader.sock >= 0 && g->reader.owner == getpid())
		return 0;
	end_reader(g);
	if (smi_guard_error(g) < 0)
		return 1;
	if (smi_strays_left(g->common->strays) >= SMI_STRAYS_MAX)
		return -ECANCELED;
	r = smi_reader_start(&g->reader, d);
	if (r == 0) {
		g->started = true;
		return 0;
	}
	if (g->started)
		return -ECANCELED;
	pthread_mutex_lock(&g->common->lock);
	g->common->err = r;
	pthread_mutex_unlock(&g->common->lock);
	return 1;
}

/* 0 and the answer; 1: to be read without. */
static int ask(struct smi_guard *g, const struct smi_procdir *d, int32_t pid,
	       const char *path, const struct request *what)
{
	struct smi_reader_room *q;
	size_t len = strlen(path);
	int64_t begin;
	int r = may_ask(g, pid);

	if (r == 0)
		r = have_reader(g, d);
	if (r != 0)
		return r;
	q = g->reader.room;
	if (len >= sizeof(q->path))
		return -ENAMETOOLONG;
	memcpy(q->path, path, len + 1);
	q->is_stat = what->is_stat;
	q->shape = what->shape;
	q->max = SMI_MIN(what->max, SMI_READER_ROOM);
	begin = now();
	if (smi_reader_ask(&g->reader, SMI_MAX(g->left, 0)) < 0)
		return set_late(g, pid);
	g->left -= now() - begin;
	return 0;
}

int smi_guard_read(struct smi_guard *g, const struct smi_procdir *d,
		   int32_t pid, const char *path, enum smi_shape shape,
		   size_t max, struct smi_buf *b)
{
	const struct request what = { .shape = shape, .max = max };
	const struct smi_reader_room *q;
	int r = g ? ask(g, d, pid, path, &what) : 1;

	if (r == 1)
		return smi_procdir_read_as(d, path, shape, max, b);
	smi_buf_clear(b);
	if (r < 0)
		return r;
	q = g->reader.room;
	if (!smi_buf_reserve(b, q->len))
		return -ENOMEM;
	memcpy(b->p, q->data, q->len);
	b->len = q->len;
	return q->r == -ENOENT ? -ESRCH : q->r;
}

int smi_guard_stat(struct smi_guard *g, const struct smi_procdir *d,
		   int32_t pid, const char *path, struct stat *st)
{
	const struct request what = { .is_stat = true };
	int r = g ? ask(g, d, pid, path, &what) : 1;

	if (r == 1)
		return fstatat(d->fd, path, st, AT_NO_AUTOMOUNT) < 0 ? -errno
								     : 0;
	if (r == 0 && (r = g->reader.room->r) == 0)
		*st = g->reader.room->st;
	return r;
}
