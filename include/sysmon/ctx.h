/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_CTX_H
#define SYSMON_CTX_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The context: configuration, log hook, last error. Every other object is made
 * from one and keeps a reference to it, so objects may be freed in any order.
 */
typedef struct sm_ctx sm_ctx;

/* One reference, silent, sysroot "/". */
int sm_ctx_new(sm_ctx **out);
/* Gives ctx back; unref to 0 ends it when no object is left. */
sm_ctx *sm_ctx_ref(sm_ctx *ctx);
void sm_ctx_unref(sm_ctx *ctx);

/* One sentence about the last failed call on this context, "" if none. */
const char *sm_ctx_errmsg(const sm_ctx *ctx);

enum sm_log_level {
	SM_LOG_ERROR = 1,
	SM_LOG_WARNING = 2,
	SM_LOG_INFO = 3,
	SM_LOG_DEBUG = 4
};
/* msg is one finished UTF-8 line without newline: no format, no va_list. */
typedef void (*sm_log_fn)(int level, const char *module, const char *msg,
			  void *user);
/* fn NULL (the default) is silence. */
void sm_ctx_set_log(sm_ctx *ctx, int level, sm_log_fn fn, void *user);

/* Read /proc, /etc, /var/log below this directory (container, image, test). */
int sm_ctx_set_sysroot(sm_ctx *ctx, const char *path);

#ifdef __cplusplus
}
#endif

#endif
