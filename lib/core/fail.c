/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "base/nls.h"
#include "base/utf8.h"
#include "core/ctx.h"

int smi_rc(int rc)
{
	static const int closed[] = { EINVAL,  ENOMEM,	  ENOENT, EACCES, EPERM,
				      EBADMSG, ENOTSUP,	  ERANGE, E2BIG,  EBUSY,
				      EAGAIN,  ECANCELED, EIO,	  EPIPE };

	if (rc >= 0)
		return rc;
	for (size_t i = 0; i < SMI_COUNT(closed); i++)
		if (rc == -closed[i])
			return rc;
	return -EIO;
}

const char *smi_strerror(int err)
{
#ifdef HAVE_STRERRORDESC_NP
	const char *text = strerrordesc_np(err);

	return text ? text : "unknown error";
#else
	return strerror(err);
#endif
}

/* More than a sentence can hold, so that it is cut there, between characters. */
#define RAW_MAX 2048

/*
 * Names and values in a sentence may be hostile: control characters and what is
 * no UTF-8 become \xHH. Done twice it changes nothing more, so a sentence may
 * hold parts that were escaped before.
 */
static void set_sentence(char *out, size_t size, const char *raw)
{
	struct smi_span rest = smi_span_str(raw);
	size_t n = 0;

	while (rest.len && n + 5 < size) {
		uint32_t cp;
		size_t len = smi_utf8_char(rest, &cp);
		unsigned char c = (unsigned char)rest.p[0];
		bool plain = len && cp >= 0x20 && (cp < 0x7f || cp > 0x9f);

		if (plain)
			memcpy(out + n, rest.p, len);
		else
			snprintf(out + n, 5, "\\x%02x", c);
		n += plain ? len : 4;
		rest = smi_span_skip(rest, plain ? len : 1);
	}
	out[n] = '\0';
}

/* The reason at the end, "cannot read x: Permission denied", which a translation has
 * left as it was given. */
static void translate_reason(char *raw, size_t size)
{
	for (char *p = raw; (p = strstr(p, ": ")); p += 2) {
		char *at = p + 2;
		char reason[256];
		const char *found;

		if (strlen(at) >= sizeof(reason))
			continue;
		memcpy(reason, at, strlen(at) + 1);
		found = smi_tr(reason);
		if (found == reason)
			continue;
		snprintf(at, size - (size_t)(at - raw), "%s", found);
		return;
	}
}

int smi_fail(sm_ctx *ctx, int rc, const char *fmt, ...)
{
	char raw[RAW_MAX];
	va_list ap;

	if (!ctx)
		return smi_rc(rc);
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), smi_trf(fmt), ap);
	va_end(ap);
	if (smi_has_tr())
		translate_reason(raw, sizeof(raw));
	set_sentence(ctx->errmsg, sizeof(ctx->errmsg), raw);
	return smi_rc(rc);
}

int smi_fail_nomem(sm_ctx *ctx)
{
	return smi_fail(ctx, -ENOMEM, "not enough memory");
}

void smi_log_at(sm_ctx *ctx, int level, const char *module, const char *fmt,
		...)
{
	char raw[RAW_MAX], line[1024];
	va_list ap;

	if (!ctx->log_fn)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	set_sentence(line, sizeof(line), raw);
	ctx->log_fn(level, module, line, ctx->log_user);
}
