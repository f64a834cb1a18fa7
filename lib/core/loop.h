/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_LOOP_H
#define SMI_CORE_LOOP_H

#include "base/base.h"

/*
 * One epoll descriptor for everything that can wake a job: what its source
 * watches, a timer, "there is more to do", and "cancelled", which stays readable
 * for ever so that no race can lose it.
 */
struct smi_loop {
	int epoll, ready, cancel, timer;
	bool is_ready;
	int64_t alarm; /* INT64_MAX: none */
};

int smi_loop_init(struct smi_loop *l);
/* Closes; never epoll_ctl, which would reach the parent of a forked child. */
void smi_loop_done(struct smi_loop *l);
static inline int smi_loop_fd(const struct smi_loop *l)
{
	return l->epoll;
}
int smi_loop_watch(struct smi_loop *l, int fd);
int smi_loop_alarm(struct smi_loop *l, int64_t at, int64_t now);
/* Takes an alarm that has gone off back. */
void smi_loop_quiet(struct smi_loop *l, int64_t now);
void smi_loop_ready(struct smi_loop *l, bool ready);
/* Async-signal-safe. */
void smi_loop_cancel(struct smi_loop *l);

#endif
