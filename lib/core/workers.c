/* SPDX-License-Identifier: MIT */
#include "core/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum state {
	EMPTY,
	FILLING,
	FILLED,
	WORKING,
	DONE
};

struct thread {
	struct smi_workers *workers;
	pthread_t id;
	size_t number;
};

/* The parts are a ring: those from head to tail are in use. */
struct smi_workers {
	struct smi_workers_opts o;
	pid_t owner;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* for threads: there may be something to do */
	pthread_cond_t ready; /* for the owner: a part may be */
	uint64_t head, tail;
	enum state *states; /* one a part */
	bool go, stop;
	size_t filler; /* the thread that fills; NOBODY */
	size_t nthreads;
	struct thread threads[];
};
#define NOBODY SIZE_MAX

static enum state *state_of(struct smi_workers *w, uint64_t n)
{
	return &w->states[n % w->o.nparts];
}

static void work_on(struct smi_workers *w, uint64_t n, size_t thread)
{
	*state_of(w, n) = WORKING;
	pthread_mutex_unlock(&w->lock);
	w->o.ops->work(w->o.user, w->o.parts[n % w->o.nparts], thread);
	pthread_mutex_lock(&w->lock);
	*state_of(w, n) = DONE;
	if (n == w->head)
		pthread_cond_signal(&w->ready);
}

static bool may_fill(const struct smi_workers *w, size_t thread)
{
	return w->go && w->filler == NOBODY &&
	       w->tail - w->head < w->o.nparts &&
	       (!w->o.owner_fills || !thread);
}

static void fill(struct smi_workers *w, size_t thread)
{
	uint64_t n = w->tail++;
	bool more;

	*state_of(w, n) = FILLING;
	w->filler = thread;
	pthread_mutex_unlock(&w->lock);
	more = w->o.ops->fill(w->o.user, w->o.parts[n % w->o.nparts]);
	pthread_mutex_lock(&w->lock);
	w->filler = NOBODY;
	w->go = w->go && more;
	*state_of(w, n) = FILLED;
	if (w->go) {
		pthread_cond_signal(&w->work);
		pthread_cond_signal(&w->ready);
	}
	/* Whoever fills works on it too, unless others cannot fill. */
	if (!w->o.owner_fills || !more)
		work_on(w, n, thread);
}

/* The oldest part that waits for work. */
static bool find_filled(struct smi_workers *w, uint64_t *n)
{
	for (*n = w->head; *n < w->tail; ++*n)
		if (*state_of(w, *n) == FILLED)
			return true;
	return false;
}

/* Something was done. */
static bool help(struct smi_workers *w, size_t thread)
{
	uint64_t n;

	if (may_fill(w, thread)) {
		fill(w, thread);
		return true;
	}
	if (!find_filled(w, &n))
		return false;
	work_on(w, n, thread);
	return true;
}

static void *run(void *arg)
{
	struct thread *t = arg;
	struct smi_workers *w = t->workers;

	pthread_mutex_lock(&w->lock);
	while (!w->stop)
		if (!help(w, t->number))
			pthread_cond_wait(&w->work, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* The handlers of the program do not run on threads that it does not know. */
static void start(struct smi_workers *w)
{
	sigset_t all, old;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &old))
		return;
	while (w->nthreads + 1 < w->o.threads) {
		struct thread *t = &w->threads[w->nthreads];

		*t = (struct thread){ .workers = w, .number = w->nthreads + 1 };
		if (pthread_create(&t->id, NULL, run, t))
			break;
		w->nthreads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

int smi_workers_new(const struct smi_workers_opts *o, struct smi_workers **out)
{
	struct smi_workers *w =
		smi_zalloc(sizeof(*w) + o->threads * sizeof(struct thread));

	if (!w)
		return -ENOMEM;
	w->o = *o;
	w->owner = getpid();
	w->filler = NOBODY;
	w->states = smi_zalloc(o->nparts * sizeof(*w->states));
	if (!w->states) {
		free(w);
		return -ENOMEM;
	}
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->ready, NULL);
	start(w);
	*out = w;
	return 0;
}

size_t smi_workers_n(const struct smi_workers *w)
{
	return w->nthreads + 1;
}

void smi_workers_go(struct smi_workers *w)
{
	pthread_mutex_lock(&w->lock);
	if (!w->go && !w->o.owner_fills)
		pthread_cond_signal(&w->work);
	w->go = true;
	pthread_mutex_unlock(&w->lock);
}

void smi_workers_halt(struct smi_workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->go = false;
	pthread_mutex_unlock(&w->lock);
}

void *smi_workers_take(struct smi_workers *w)
{
	void *part = NULL;

	pthread_mutex_lock(&w->lock);
	while (w->head == w->tail || *state_of(w, w->head) != DONE) {
		if (help(w, 0))
			continue;
		if (w->head == w->tail)
			break;
		pthread_cond_wait(&w->ready, &w->lock);
	}
	if (w->head < w->tail)
		part = w->o.parts[w->head % w->o.nparts];
	pthread_mutex_unlock(&w->lock);
	return part;
}

/* Half of the parts at once: waking a thread costs more than a part's worth of
 * room. */
void smi_workers_give_back(struct smi_workers *w)
{
	pthread_mutex_lock(&w->lock);
	*state_of(w, w->head++) = EMPTY;
	if (w->go && !w->o.owner_fills && w->tail - w->head <= w->o.nparts / 2)
		pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

bool smi_workers_are_idle(struct smi_workers *w)
{
	bool idle;

	pthread_mutex_lock(&w->lock);
	idle = w->head == w->tail;
	pthread_mutex_unlock(&w->lock);
	return idle;
}

static void join(struct smi_workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->nthreads; i++)
		pthread_join(w->threads[i].id, NULL);
	pthread_cond_destroy(&w->ready);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
}

bool smi_workers_free(struct smi_workers *w)
{
	bool whole = true;

	if (!w)
		return true;
	if (w->owner == getpid())
		join(w);
	else
		whole = w->filler == NOBODY;
	free(w->states);
	free(w);
	return whole;
}
