/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_SINK_H
#define SMI_REPORT_SINK_H

#include "base/buf.h"
#include "core/ctx.h"
#include "report/opts.h"

/*
 * Where the text of a report goes: writers add to buf and call smi_sink_push() after
 * each record. The first failure, or non-zero result of the caller's function, stays.
 */
struct smi_sink {
	sm_ctx *ctx;
	sm_write_fn fn;
	void *user;
	struct smi_buf buf;
	int err;
	int64_t flushed; /* monotonic time of the last handing over */
};

/* Hands over what has come together when it is enough to be worth it. */
int smi_sink_push(struct smi_sink *s);
/* Hands over everything. */
int smi_sink_flush(struct smi_sink *s);
/* Everything when the last time is 100 ms ago: for readers that look on. */
int smi_sink_tick(struct smi_sink *s);
void smi_sink_done(struct smi_sink *s);

/* A descriptor as user of smi_fd_write(): writes all, waits where it would block,
 * raises no SIGPIPE. path is for sentences; NULL: "the output". */
struct smi_fd_out {
	sm_ctx *ctx;
	int fd;
	const char *path;
};
int smi_fd_write(const void *data, size_t len, void *out);

#endif
