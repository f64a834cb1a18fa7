/* SPDX-License-Identifier: MIT */
#include "report/sink.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define PUSH_BYTES 65536
#define TICK_NS	   (100 * SMI_MSEC)

int smi_sink_flush(struct smi_sink *s)
{
	if (!s->err && smi_buf_error(&s->buf))
		s->err = smi_fail_nomem(s->ctx);
	if (!s->err && s->buf.len)
		s->err = s->fn(s->buf.p, s->buf.len, s->user);
	smi_buf_clear(&s->buf);
	return s->err;
}

int smi_sink_push(struct smi_sink *s)
{
	if (s->err || s->buf.failed || s->buf.len >= PUSH_BYTES)
		return smi_sink_flush(s);
	return 0;
}

int smi_sink_tick(struct smi_sink *s)
{
	int64_t now = smi_now_mono(s->ctx);

	if (now - s->flushed < TICK_NS)
		return smi_sink_push(s);
	s->flushed = now;
	return smi_sink_flush(s);
}

void smi_sink_done(struct smi_sink *s)
{
	smi_buf_free(&s->buf);
}

/*
 * write(2) to a pipe without readers raises SIGPIPE. It goes to the thread that
 * writes, so blocking it there and taking it back changes nothing for the program.
 */
static ptrdiff_t write_quietly(int fd, const void *p, size_t len)
{
	static const struct timespec now;
	sigset_t pipe, pending, old;
	ptrdiff_t n;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	if (sigismember(&pending, SIGPIPE) == 1 ||
	    pthread_sigmask(SIG_BLOCK, &pipe, &old)) {
		n = write(fd, p, len);
		return n < 0 ? -errno : n;
	}
	n = write(fd, p, len);
	if (n < 0) {
		n = -errno;
		if (n == -EPIPE)
			while (sigtimedwait(&pipe, NULL, &now) < 0 &&
			       errno == EINTR)
				;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return n;
}

static int fail_write(const struct smi_fd_out *o, int rc)
{
	if (rc == -EPIPE)
		return smi_fail(o->ctx, rc, "the reader of %s went away",
				o->path ? o->path : "the output");
	if (o->path)
		return smi_fail(o->ctx, rc, "cannot write '%s': %s", o->path,
				smi_strerror(-rc));
	return smi_fail(o->ctx, rc, "cannot write the output: %s",
			smi_strerror(-rc));
}

int smi_fd_write(const void *data, size_t len, void *out)
{
	const struct smi_fd_out *o = out;
	const char *p = data;

	while (len) {
		ptrdiff_t n = write_quietly(o->fd, p, len);

		if (n == -EAGAIN) {
			struct pollfd pfd = { .fd = o->fd, .events = POLLOUT };

			if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
				return fail_write(o, -errno);
			continue;
		}
		if (n == -EINTR)
			continue;
		if (n < 0)
			return fail_write(o, (int)n);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
