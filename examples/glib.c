/* SPDX-License-Identifier: CC0-1.0 */
/*
 * A scan in the main loop of GLib, beside whatever else runs there.
 *     cc glib.c $(pkg-config --cflags --libs sysmon glib-2.0)
 *     glib TARGET
 */
#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <sysmon/sysmon.h>

struct scan {
	sm_job *job;
	GMainLoop *loop;
	unsigned ports;
	int result;
};

/* One event each time, so that the loop's other sources have their turn. */
static gboolean go_on(gint fd, GIOCondition condition, gpointer user)
{
	struct scan *s = user;
	const sm_event *ev;
	int r = sm_job_next(s->job, &ev);
	const sm_port *p = r == 1 ? sm_record_port(sm_event_record(ev)) : NULL;

	(void)fd;
	(void)condition;
	if (p) {
		printf("%s %u open\n", sm_port_address(p),
		       (unsigned)sm_port_number(p));
		s->ports++;
	}
	if (r == 1 || r == -EAGAIN)
		return G_SOURCE_CONTINUE;
	s->result = r;
	g_main_loop_quit(s->loop);
	return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
	struct scan s = { NULL, g_main_loop_new(NULL, FALSE), 0, 0 };
	sm_scan_opts *opts = NULL;
	sm_ctx *ctx;

	if (sm_ctx_new(&ctx) < 0)
		return 4;
	s.result = sm_scan_opts_new(ctx, &opts);
	/* An error stays in opts, and the job is not made. */
	sm_scan_opts_add_target(opts, argc > 1 ? argv[1] : "127.0.0.1");
	if (s.result == 0)
		s.result = sm_job_new_scan(ctx, opts, &s.job);
	sm_scan_opts_free(opts);
	if (s.result == 0) {
		g_unix_fd_add(sm_job_fd(s.job), G_IO_IN, go_on, &s);
		g_main_loop_run(s.loop);
	}
	if (s.result < 0)
		fprintf(stderr, "glib: %s\n", sm_ctx_errmsg(ctx));
	else
		printf("%u open ports\n", s.ports);
	sm_job_free(s.job);
	sm_ctx_unref(ctx);
	g_main_loop_unref(s.loop);
	return s.result < 0 ? 3 : 0;
}
