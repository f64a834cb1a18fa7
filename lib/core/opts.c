/* SPDX-License-Identifier: MIT */
#include "core/opts.h"

#include <stdarg.h>
#include <stdio.h>

void smi_opts_init(struct smi_opts *o, sm_ctx *ctx)
{
	o->ctx = sm_ctx_ref(ctx);
	o->err = 0;
	o->msg[0] = '\0';
}

void smi_opts_done(struct smi_opts *o)
{
	sm_ctx_unref(o->ctx);
}

int smi_opts_fail(struct smi_opts *o, int rc, const char *fmt, ...)
{
	char raw[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	rc = smi_fail(o->ctx, rc, "%s", raw);
	if (!o->err) {
		o->err = rc;
		memcpy(o->msg, o->ctx->errmsg, sizeof(o->msg));
	}
	return rc;
}

int smi_opts_check(const struct smi_opts *o, sm_ctx *ctx)
{
	if (!o || !o->err)
		return 0;
	return smi_fail(ctx, o->err, "%s", o->msg);
}
