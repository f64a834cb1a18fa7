/* SPDX-License-Identifier: CC0-1.0 */
/*
 * The findings of a log in the loop of libuv, beside whatever else runs there.
 *     cc libuv.c $(pkg-config --cflags --libs sysmon libuv)
 *     libuv FILE
 */
#include <errno.h>
#include <stdio.h>
#include <sysmon/sysmon.h>
#include <uv.h>

struct watch {
	uv_poll_t poll;
	sm_job *job;
	int result;
};

/* Called when the job has something; one event each time. */
static void go_on(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	const sm_finding *f;
	const sm_event *ev;
	int r = status < 0 ? -EIO : sm_job_next(w->job, &ev);

	(void)events;
	f = r == 1 ? sm_record_finding(sm_event_record(ev)) : NULL;
	if (f)
		printf("%s: %s\n", sm_severity_name(sm_finding_severity(f)),
		       sm_finding_title(f));
	if (r == 1 || r == -EAGAIN)
		return;
	w->result = r;
	uv_close((uv_handle_t *)poll, NULL);
}

int main(int argc, char **argv)
{
	struct watch w = { .job = NULL };
	sm_log_opts *opts = NULL;
	uv_loop_t loop;
	sm_ctx *ctx;

	if (argc != 2) {
		fprintf(stderr, "usage: libuv FILE\n");
		return 2;
	}
	if (uv_loop_init(&loop) < 0 || sm_ctx_new(&ctx) < 0)
		return 4;
	w.result = sm_log_opts_new(ctx, &opts);
	/* An error stays in opts, and the job is not made. */
	sm_log_opts_add_file(opts, argv[1]);
	if (w.result == 0)
		w.result = sm_job_new_log(ctx, opts, &w.job);
	sm_log_opts_free(opts);
	if (w.result == 0) {
		uv_poll_init(&loop, &w.poll, sm_job_fd(w.job));
		w.poll.data = &w;
		uv_poll_start(&w.poll, UV_READABLE, go_on);
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	if (w.result < 0)
		fprintf(stderr, "libuv: %s\n", sm_ctx_errmsg(ctx));
	sm_job_free(w.job);
	sm_ctx_unref(ctx);
	uv_loop_close(&loop);
	return w.result < 0 ? 3 : 0;
}
