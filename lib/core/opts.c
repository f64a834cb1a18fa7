/* SPDX-License-Identifier: MIT */
#include "core/opts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ip.h"
#include "base/nls.h"
#include "core/workers.h"
#include "record/schema.h"

/* Bytes of a name that a sentence repeats. */
#define NAME_SHOWN 64

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
	vsnprintf(raw, sizeof(raw), smi_trf(fmt), ap);
	va_end(ap);
	rc = smi_fail(o->ctx, rc, "%s", raw);
	if (!o->err) {
		o->err = rc;
		memcpy(o->msg, o->ctx->errmsg, sizeof(o->msg));
	}
	return rc;
}

int smi_opts_nomem(struct smi_opts *o)
{
	return smi_opts_fail(o, -ENOMEM, "not enough memory");
}

int smi_opts_set_text(struct smi_opts *o, char **at, const char *text)
{
	char *copy = text ? smi_strdup(text) : NULL;

	if (text && !copy)
		return smi_opts_nomem(o);
	free(*at);
	*at = copy;
	return 0;
}

static int fail_no_field(struct smi_opts *o, const struct smi_kind *k,
			 struct smi_span name)
{
	const char *near = smi_fields_near(k, name);

	return smi_opts_fail(o, -ENOENT,
			     "%s records have no field '%.*s'%s%s%s", k->name,
			     (int)SMI_MIN(name.len, NAME_SHOWN), name.p,
			     near ? "; did you mean '" : "", near ? near : "",
			     near ? "'?" : "");
}

int smi_opts_set_fields(struct smi_opts *o, int kind, const char *text,
			struct smi_fieldset *set, struct smi_fieldlist *list)
{
	const struct smi_kind *k = smi_kind(kind);
	struct smi_span bad = SMI_SPAN("");
	int r;

	if (!k)
		return smi_opts_fail(o, -EINVAL, "%d is no kind of record",
				     kind);
	if (!text) {
		*set = smi_fieldset_default(kind);
		if (list)
			list->n = 0;
		return 0;
	}
	r = smi_fields_parse(kind, text, set, list, &bad);
	if (r == -ENOENT)
		return fail_no_field(o, k, bad);
	if (r < 0 && bad.len)
		return smi_opts_fail(o, r, "the field '%.*s' is named twice",
				     (int)SMI_MIN(bad.len, NAME_SHOWN), bad.p);
	if (r < 0)
		return smi_opts_fail(
			o, r, "the list of fields '%s' lacks a name", text);
	return 0;
}

int smi_opts_set_threads(struct smi_opts *o, uint32_t *at, uint32_t n)
{
	if (!n || n > SMI_WORKERS_MAX)
		return smi_opts_fail(o, -ERANGE,
				     "%" PRIu32 " threads: 1 to %d can work", n,
				     SMI_WORKERS_MAX);
	*at = n;
	return 0;
}

int smi_opts_ignore(struct smi_opts *o, const char *text,
		    struct smi_prefix *out)
{
	if (!text)
		return smi_opts_fail(o, -EINVAL,
				     "no address to ignore was given");
	if (!smi_prefix_parse(smi_span_str(text), out))
		return smi_opts_fail(o, -EINVAL,
				     "\"%s\" is no address or prefix "
				     "(192.0.2.7, 192.0.2.0/24, 2001:db8::/32)",
				     text);
	return 0;
}

int smi_opts_check(const struct smi_opts *o, sm_ctx *ctx)
{
	if (!o || !o->err)
		return 0;
	return smi_fail(ctx, o->err, "%s", o->msg);
}
