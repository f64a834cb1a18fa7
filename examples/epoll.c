/* SPDX-License-Identifier: CC0-1.0 */
/*
 * Two jobs in one event loop, without a thread: the processes of this machine,
 * and the ports of a host while they are listed.
 *     epoll [TARGET]
 */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

struct work {
	sm_job *job;
	unsigned records;
};

/* Other descriptors of the program may be in the same epoll. */
static int run(int ep, struct work *works, int running)
{
	for (int i = 0; i < running; i++) {
		struct epoll_event ev = { .events = EPOLLIN,
					  .data.ptr = &works[i] };

		epoll_ctl(ep, EPOLL_CTL_ADD, sm_job_fd(works[i].job), &ev);
	}
	while (running > 0) {
		const sm_event *event;
		struct epoll_event ev;
		struct work *w;
		int r;

		if (epoll_wait(ep, &ev, 1, -1) < 1)
			continue;
		w = ev.data.ptr;
		r = sm_job_next(w->job, &event);
		if (r == 1)
			w->records += sm_event_kind(event) == SM_EVENT_RECORD;
		else if (r == 0 && --running >= 0)
			epoll_ctl(ep, EPOLL_CTL_DEL, sm_job_fd(w->job), NULL);
		else if (r != -EAGAIN)
			return r;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct work works[2] = { { NULL, 0 }, { NULL, 0 } };
	sm_scan_opts *opts = NULL;
	sm_ctx *ctx;
	int ep = epoll_create1(EPOLL_CLOEXEC), r;

	if (ep < 0 || sm_ctx_new(&ctx) < 0)
		return 4;
	r = sm_scan_opts_new(ctx, &opts);
	/* An error stays in opts, and the job is not made. */
	sm_scan_opts_add_target(opts, argc > 1 ? argv[1] : "127.0.0.1");
	if (r == 0)
		r = sm_job_new_scan(ctx, opts, &works[0].job);
	if (r == 0)
		r = sm_job_new_proc(ctx, NULL, &works[1].job);
	sm_scan_opts_free(opts);
	if (r == 0)
		r = run(ep, works, 2);
	if (r < 0)
		fprintf(stderr, "epoll: %s\n", sm_ctx_errmsg(ctx));
	else
		printf("%u hosts and open ports, %u processes\n",
		       works[0].records, works[1].records);
	sm_job_free(works[0].job);
	sm_job_free(works[1].job);
	sm_ctx_unref(ctx);
	close(ep);
	return r < 0 ? 3 : 0;
}
