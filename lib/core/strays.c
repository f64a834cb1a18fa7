/* SPDX-License-Identifier: MIT */
#include "core/strays.h"

#include <pthread.h>
#include <sys/wait.h>

#include "base/vec.h"

/* linux/wait.h; older headers of the C library lack it. */
#define BY_PIDFD ((idtype_t)3)

struct smi_strays {
	pthread_mutex_t lock;
	SMI_VEC(int) pidfds;
};

struct smi_strays *smi_strays_new(void)
{
	struct smi_strays *s = smi_zalloc(sizeof(*s));

	if (s && pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return NULL;
	}
	return s;
}

/* They send no signal when they end, and only who waits for all kinds sees them. */
bool smi_stray_is_gone(int pidfd)
{
	siginfo_t info = { .si_pid = 0 };
	int r;

	do
		r = waitid(BY_PIDFD, (id_t)pidfd, &info,
			   WEXITED | WNOHANG | __WALL);
	while (r < 0 && errno == EINTR);
	return r < 0 || info.si_pid != 0;
}

static void take_dead(struct smi_strays *s)
{
	for (size_t i = s->pidfds.n; i-- > 0;) {
		if (!smi_stray_is_gone(s->pidfds.v[i]))
			continue;
		smi_closep(&s->pidfds.v[i]);
		s->pidfds.v[i] = s->pidfds.v[--s->pidfds.n];
	}
}

void smi_strays_free(struct smi_strays *s)
{
	if (!s)
		return;
	take_dead(s);
	for (size_t i = 0; i < s->pidfds.n; i++)
		smi_closep(&s->pidfds.v[i]);
	smi_vec_free(&s->pidfds);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void smi_strays_add(struct smi_strays *s, int pidfd)
{
	pthread_mutex_lock(&s->lock);
	if (!smi_vec_push(&s->pidfds, pidfd))
		smi_closep(&pidfd);
	pthread_mutex_unlock(&s->lock);
}

unsigned smi_strays_left(struct smi_strays *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	take_dead(s);
	n = (unsigned)s->pidfds.n;
	pthread_mutex_unlock(&s->lock);
	return n;
}
