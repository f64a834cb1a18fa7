/* SPDX-License-Identifier: MIT */
#include "core/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

int smi_loop_watch(struct smi_loop *l, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

int smi_loop_init(struct smi_loop *l)
{
	int r;

	*l = (struct smi_loop){ .epoll = -1,
				.ready = -1,
				.cancel = -1,
				.timer = -1,
				.is_ready = true,
				.alarm = INT64_MAX };
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->ready = l->epoll < 0 ? -1 : eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	l->cancel = l->ready < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->cancel < 0)
		return -errno;
	r = smi_loop_watch(l, l->ready);
	return r < 0 ? r : smi_loop_watch(l, l->cancel);
}

void smi_loop_done(struct smi_loop *l)
{
	smi_closep(&l->timer);
	smi_closep(&l->cancel);
	smi_closep(&l->ready);
	smi_closep(&l->epoll);
}

static int arm(const struct smi_loop *l, int64_t delay)
{
	struct itimerspec t = {
		.it_value = { .tv_sec = delay / SMI_SEC,
			      .tv_nsec = (long)(delay % SMI_SEC) },
	};

	return timerfd_settime(l->timer, 0, &t, NULL) < 0 ? -errno : 0;
}

static int make_timer(struct smi_loop *l)
{
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return l->timer < 0 ? -errno : smi_loop_watch(l, l->timer);
}

int smi_loop_alarm(struct smi_loop *l, int64_t at, int64_t now)
{
	int r;

	if (at == l->alarm)
		return 0;
	if (l->timer < 0) {
		r = make_timer(l);
		if (r < 0)
			return r;
	}
	/* A delay of 0 would disarm it. */
	r = arm(l, at == INT64_MAX ? 0 : SMI_MAX(at - now, 1));
	if (r == 0)
		l->alarm = at;
	return r;
}

void smi_loop_quiet(struct smi_loop *l, int64_t now)
{
	if (l->alarm > now)
		return;
	(void)arm(l, 0);
	l->alarm = INT64_MAX;
}

void smi_loop_ready(struct smi_loop *l, bool ready)
{
	uint64_t one = 1;

	if (l->is_ready == ready)
		return;
	if (ready)
		(void)!write(l->ready, &one, sizeof(one));
	else
		(void)!read(l->ready, &one, sizeof(one));
	l->is_ready = ready;
}

void smi_loop_cancel(struct smi_loop *l)
{
	uint64_t one = 1;

	(void)!write(l->cancel, &one, sizeof(one));
}
