/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_CTX_H
#define SMI_CORE_CTX_H

#include <sysmon/sysmon.h>

#include "base/clock.h"
#include "base/fsroot.h"
#include "record/id.h"

struct sm_ctx {
	unsigned refs;
	char errmsg[1024];
	int log_level;
	sm_log_fn log_fn;
	void *log_user;
	struct smi_fsroot root;
	const struct smi_clock *clock;
	char host_id[SMI_ID_STRLEN]; /* "" until asked for */
	char hostname[256];
	struct smi_strays *strays; /* NULL until there may be some */
	struct {
		int64_t wall;
		unsigned users;
		bool kept;
	} run;
};

/* One for another thread, with the same clock and root and no log. -ENOMEM, or what
 * dup(2) gives. */
int smi_ctx_copy(sm_ctx *ctx, sm_ctx **out);

/*
 * Remembers one sentence about what failed and gives rc back, mapped to the closed
 * set of errors (see smi_rc). Control characters in it are escaped. ctx may be NULL.
 */
int smi_fail(sm_ctx *ctx, int rc, const char *fmt, ...) SMI_PRINTF(3, 4);
/* "not enough memory", -ENOMEM. */
int smi_fail_nomem(sm_ctx *ctx);
/*
 * Any negative errno to the closed set: EINVAL ENOMEM ENOENT EACCES EPERM EBADMSG
 * ENOTSUP ERANGE E2BIG EBUSY EAGAIN ECANCELED EIO EPIPE; what is not in it is -EIO.
 * 0 and more stay.
 */
int smi_rc(int rc);
/* strerror_r without the locale: "No such file or directory". */
const char *smi_strerror(int err);

void smi_log_at(sm_ctx *ctx, int level, const char *module, const char *fmt,
		...) SMI_PRINTF(4, 5);
#define smi_log(ctx, level, module, ...)                                       \
	((level) <= (ctx)->log_level                                           \
		 ? smi_log_at((ctx), (level), (module), __VA_ARGS__)           \
		 : (void)0)

static inline int64_t smi_now_wall(const sm_ctx *ctx)
{
	return ctx->clock->wall(ctx->clock->user);
}
static inline int64_t smi_now_mono(const sm_ctx *ctx)
{
	return ctx->clock->mono(ctx->clock->user);
}

/* The id of the machine below the sysroot (record/id.h, from /etc/machine-id, else
 * its name), and its name; read once. */
const char *smi_ctx_host_id(sm_ctx *ctx);
const char *smi_ctx_hostname(sm_ctx *ctx);

/*
 * All that reports and writers of a context are told at one time is of one run: it
 * begins with the first of them, gives its start to each, and ends with the last.
 */
int64_t smi_ctx_run_begin(sm_ctx *ctx);
void smi_ctx_run_end(sm_ctx *ctx);
/* Its start for a store, which keeps a run once; the time of now where none goes on, or
 * where it was kept before. */
int64_t smi_ctx_run_keep(sm_ctx *ctx);
/* The id of a run that began then. */
const char *smi_ctx_run_id(sm_ctx *ctx, int64_t start, char out[SMI_ID_STRLEN]);

#endif
