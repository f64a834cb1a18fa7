/* SPDX-License-Identifier: MIT */
#include "process/guard.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/strays.h"
#include "process/guard-reader.h"

#define AGAIN_NS (60 * SMI_SEC)
/* What every read may take counts for nothing. */
#define SLOW_NS SMI_MSEC

/* What the guards of all threads of a list know. */
struct common {
	pthread_mutex_t lock;
	struct smi_strays *strays;
	int64_t ns;
	int err;	/* no reader can be had */
	int64_t waited; /* in this list, and as it counts for those that were late */
	struct {
		int32_t pid;
		bool args; /* with its arguments, too */
		int64_t until;
	} known[SMI_GUARD_KNOWN_MAX]; /* that were late */
	unsigned nknown, next;
};

/* A process that is read, and how much longer that may take. */
struct turn {
	int32_t pid;
	int64_t all, left;
};

struct smi_guard {
	struct common *common;
	bool is_copy;
	bool started; /* once */
	struct smi_reader reader;
	struct turn
		turns[2]; /* of a process and its parent, the last one first */
};

struct request {
	enum smi_reader_what what;
	const char *path, *below; /* below may be NULL */
	enum smi_shape shape;
	size_t max;
	int32_t tid;
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
	g->common->waited = 0;
	pthread_mutex_unlock(&g->common->lock);
	memset(g->turns, 0, sizeof(g->turns));
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

/* How long a process may take now; 0: none is asked any more. */
static int64_t patience(const struct common *c)
{
	int64_t much = c->ns * SMI_GUARD_LATE_MAX;

	if (c->waited < much)
		return c->ns;
	return c->waited < 2 * much ? SMI_MAX(c->ns / SMI_GUARD_SHORTER, 1) : 0;
}

/* SMI_GUARD_KNOWN_MAX: none. */
static unsigned find_known(const struct common *c, int32_t pid, int64_t t)
{
	for (unsigned i = 0; i < c->nknown; i++)
		if (c->known[i].pid == pid && t < c->known[i].until)
			return i;
	return SMI_GUARD_KNOWN_MAX;
}

/* The turn of a process, before all others. */
static struct turn *turn_of(struct smi_guard *g, int32_t pid, int64_t ns)
{
	struct turn was = g->turns[0];

	if (was.pid == pid)
		return &g->turns[0];
	g->turns[0] = g->turns[1].pid == pid ? g->turns[1]
					     : (struct turn){ pid, ns, ns };
	g->turns[1] = was;
	return &g->turns[0];
}

/* 0, or why this process is not to be asked. */
static int may_ask(struct smi_guard *g, int32_t pid, bool args)
{
	struct common *c = g->common;
	unsigned known;
	int64_t ns;
	int r = 0;

	pthread_mutex_lock(&c->lock);
	ns = patience(c);
	known = find_known(c, pid, now());
	/* Arguments may be told by who tells nothing else. */
	if (known < SMI_GUARD_KNOWN_MAX && !(args && !c->known[known].args))
		r = -ETIMEDOUT;
	else if (ns == 0)
		r = -ECANCELED;
	pthread_mutex_unlock(&c->lock);
	if (r == 0)
		turn_of(g, pid, ns);
	return r;
}

static void count_wait(struct smi_guard *g, int64_t ns)
{
	g->turns[0].left -= ns;
	if (ns < SLOW_NS)
		return;
	pthread_mutex_lock(&g->common->lock);
	g->common->waited += ns;
	pthread_mutex_unlock(&g->common->lock);
}

static int set_late(struct smi_guard *g, int32_t pid, bool args)
{
	struct common *c = g->common;
	int64_t t = now();
	unsigned i;

	end_reader(g);
	pthread_mutex_lock(&c->lock);
	c->waited += SMI_MAX(g->turns[0].left, 0);
	i = find_known(c, pid, t);
	if (i == SMI_GUARD_KNOWN_MAX) {
		i = c->next;
		c->next = (c->next + 1) % SMI_GUARD_KNOWN_MAX;
		c->nknown = SMI_MIN(c->nknown + 1, SMI_GUARD_KNOWN_MAX);
	}
	c->known[i].pid = pid;
	c->known[i].args = args;
	c->known[i].until = t + AGAIN_NS;
	pthread_mutex_unlock(&c->lock);
	g->turns[0].left = g->turns[0].all / SMI_GUARD_SHORTER;
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

static int put(struct smi_reader_room *q, const struct smi_procdir *d,
	       const struct request *what)
{
	size_t len = strlen(what->path) + 1;
	size_t more = what->below ? strlen(what->below) + 1 : 0;

	if (len + more > sizeof(q->path))
		return -ENAMETOOLONG;
	memcpy(q->path, what->path, len);
	if (what->below)
		memcpy(q->path + len, what->below, more);
	q->what = what->what;
	q->procfs = d->procfs;
	q->shape = what->shape;
	q->max = SMI_MIN(what->max, SMI_READER_ROOM);
	q->tid = what->tid;
	return 0;
}

/* 0 and the answer; 1: to be read without. */
static int ask(const struct smi_procdir *d, int32_t pid,
	       const struct request *what, struct smi_reader_room **out)
{
	bool args =
		what->what == SMI_ASK_READ && what->shape == SMI_ENDS_IN_NUL;
	struct smi_guard *g = d->guard;
	int64_t begin;
	int r;

	if (!g)
		return 1;
	r = may_ask(g, pid, args);
	if (r == 0)
		r = have_reader(g, d);
	if (r == 0)
		r = put(g->reader.room, d, what);
	if (r != 0)
		return r;
	begin = now();
	if (smi_reader_ask(&g->reader, SMI_MAX(g->turns[0].left, 0)) < 0)
		return set_late(g, pid, args);
	count_wait(g, now() - begin);
	*out = g->reader.room;
	return 0;
}

static int take(const struct smi_reader_room *q, struct smi_buf *b)
{
	if (!smi_buf_reserve(b, q->len))
		return -ENOMEM;
	if (q->len > 0)
		memcpy(b->p, q->data, q->len);
	b->len = q->len;
	return q->r;
}

int smi_guard_read(const struct smi_procdir *d, int32_t pid, const char *path,
		   enum smi_shape shape, size_t max, struct smi_buf *b)
{
	const struct request what = { .path = path,
				      .shape = shape,
				      .max = max };
	struct smi_reader_room *q;
	int r = ask(d, pid, &what, &q);

	if (r == 1)
		return smi_procdir_read_as(d, path, shape, max, b);
	smi_buf_clear(b);
	if (r == 0)
		r = take(q, b);
	return r == -ENOENT ? -ESRCH : r;
}

int smi_guard_readlink(const struct smi_procdir *d, int32_t pid,
		       const char *path, struct smi_buf *b)
{
	const struct request what = { .what = SMI_ASK_LINK,
				      .path = path,
				      .max = PATH_MAX };
	struct smi_reader_room *q;
	int r = ask(d, pid, &what, &q);

	if (r == 1)
		return smi_procdir_readlink(d, path, b);
	smi_buf_clear(b);
	return r == 0 ? take(q, b) : r;
}

static int stat_as(const struct smi_procdir *d, int32_t pid,
		   const struct request *what, struct stat *st)
{
	struct smi_reader_room *q;
	int r = ask(d, pid, what, &q);

	if (r == 0 && (r = q->r) == 0)
		*st = q->st;
	return r;
}

int smi_guard_stat(const struct smi_procdir *d, int32_t pid, const char *path,
		   struct stat *st)
{
	const struct request what = { .what = SMI_ASK_STAT, .path = path };
	int r = stat_as(d, pid, &what, st);

	if (r == 1)
		return fstatat(d->fd, path, st, AT_NO_AUTOMOUNT) < 0 ? -errno
								     : 0;
	return r;
}

int smi_guard_stat_known(const struct smi_procdir *d, int32_t pid,
			 const char *path, struct stat *st)
{
	const struct request what = { .what = SMI_ASK_STAT_KNOWN,
				      .path = path };
	int r = stat_as(d, pid, &what, st);

	return r == 1 ? smi_procdir_stat_known(d, path, st) : r;
}

int smi_guard_stat_in(const struct smi_procdir *d, int32_t pid,
		      const char *root, const char *path, struct stat *st)
{
	const struct request what = { .what = SMI_ASK_STAT_IN,
				      .path = root,
				      .below = path };
	int r = stat_as(d, pid, &what, st);

	return r == 1 ? smi_procdir_stat_in(d, root, path, st) : r;
}

static int list(const struct smi_procdir *d, int32_t pid,
		const struct request *what, struct smi_span *entries,
		uint64_t *total)
{
	struct smi_reader_room *q;
	int r = ask(d, pid, what, &q);

	if (r != 0)
		return r;
	*entries = smi_span_of(q->data, q->len);
	*total = q->total;
	return q->r == -ENOENT ? -ESRCH : q->r;
}

int smi_guard_links(const struct smi_procdir *d, int32_t pid, const char *path,
		    size_t max, struct smi_span *entries, uint64_t *total)
{
	const struct request what = { .what = SMI_ASK_LINKS,
				      .path = path,
				      .max = max };

	return list(d, pid, &what, entries, total);
}

int smi_guard_count(const struct smi_procdir *d, int32_t pid, const char *path,
		    uint64_t *total)
{
	const struct request what = { .what = SMI_ASK_COUNT, .path = path };
	struct smi_span none;

	return list(d, pid, &what, &none, total);
}

int smi_guard_threads(const struct smi_procdir *d, int32_t pid,
		      struct smi_pids *tids)
{
	char path[SMI_PROC_PATH];
	const struct request what = {
		.what = SMI_ASK_LIST,
		.path = smi_procdir_path(path, pid, pid, "task"),
		.max = SMI_READER_ROOM,
	};
	struct smi_span entries;
	uint64_t total;
	int r = list(d, pid, &what, &entries, &total);

	if (r == 1)
		return smi_procdir_threads(d, pid, tids);
	tids->list.n = 0;
	if (r < 0)
		return r;
	for (struct smi_guard_entry e; entries.len >= sizeof(e);
	     entries = smi_span_skip(entries, sizeof(e))) {
		memcpy(&e, entries.p, sizeof(e));
		if (e.number > 0 && !smi_vec_push(&tids->list, e.number))
			return -ENOMEM;
	}
	smi_pids_sort(tids);
	return 0;
}

int smi_guard_tables(const struct smi_procdir *d, int32_t pid, int32_t tid,
		     struct smi_tables *out)
{
	char path[SMI_PROC_PATH];
	const struct request what = {
		.what = SMI_ASK_TABLES,
		.path = smi_procdir_path(path, pid, pid, "task"),
		.tid = tid,
	};
	struct smi_reader_room *q;
	int r = ask(d, pid, &what, &q);

	if (r == 1)
		return smi_tables_find(d, path, tid, out);
	if (r < 0)
		return r;
	*out = q->tables;
	return q->r;
}
