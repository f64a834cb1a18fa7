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

/*
 * A context with one reference, silent, sysroot "/". *out is the caller's, who
 * ends it with sm_ctx_unref(). -EINVAL: out is NULL. -ENOMEM.
 */
int sm_ctx_new(sm_ctx **out);
/*
 * Takes a reference and gives ctx back. NULL gives NULL. The count is not atomic:
 * a context, and all that was made from it, is used by one thread at a time.
 */
sm_ctx *sm_ctx_ref(sm_ctx *ctx);
/* Gives a reference back; the last one, those of objects included, frees the
 * context. NULL does nothing. */
void sm_ctx_unref(sm_ctx *ctx);

/*
 * One sentence about the last call that failed on this context or on an object
 * made from it: in the language of the program (see sm_record_field_text()) or
 * English, valid UTF-8, no control characters, no line end; "" when none has failed.
 * Borrowed until the next call on the context.
 */
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
/*
 * Sets who hears messages of at most that level (SM_LOG_*); user is handed on as
 * it is. fn is called on the thread that called the library, and must not call
 * back into the same context. fn NULL (the default) is silence.
 */
void sm_ctx_set_log(sm_ctx *ctx, int level, sm_log_fn fn, void *user);

/*
 * Reads /proc, /etc, /var/log below this directory (of a container, an image, a
 * test); symbolic links are resolved inside it. "/" is the machine itself, and
 * the default. Set it before anything else is made from ctx. Port scans find the
 * owners of this machine's ports whatever the sysroot is. -EINVAL: a NULL.
 * -ENOENT, -EACCES, -EIO: path is no directory that can be opened; the old one
 * stays.
 */
int sm_ctx_set_sysroot(sm_ctx *ctx, const char *path);

#ifdef __cplusplus
}
#endif

#endif
