/* SPDX-License-Identifier: MIT */
#include "report/machine.h"

#include <sys/utsname.h>

#include "base/utf8.h"
#include "report/format.h"

#define FILE_MAX_BYTES 65536

/* os-release(5): shell assignments; quotes around, backslash before $ " \ `. */
void smi_machine_os(struct smi_span text, struct smi_buf *out)
{
	struct smi_span line, value;
	char quote = 0;

	while (smi_span_split(&text, '\n', &line)) {
		if (!smi_span_starts(line, SMI_SPAN("PRETTY_NAME=")))
			continue;
		value = smi_span_trim(smi_span_skip(line, 12));
		smi_buf_clear(out);
		if (value.len && (value.p[0] == '"' || value.p[0] == '\''))
			quote = value.p[0];
		for (size_t i = quote != 0; i < value.len; i++) {
			if (quote && value.p[i] == quote)
				break;
			if (quote != '\'' && value.p[i] == '\\' &&
			    i + 1 < value.len)
				i++;
			smi_buf_char(out, value.p[i]);
		}
		return;
	}
}

/* What does not fit is left out whole: half a name misleads. */
static int keep(char *to, size_t size, struct smi_span text)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	smi_utf8_escape(&b, smi_span_trim(text));
	if (!smi_buf_cstr(&b))
		return -ENOMEM;
	if (b.len < size)
		memcpy(to, b.p, b.len + 1);
	return 0;
}

static int read_line(sm_ctx *ctx, const char *path, char *to, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = smi_fsroot_read(&ctx->root, path, FILE_MAX_BYTES, &b);
	struct smi_span line, all = smi_buf_span(&b);

	if (r == 0 && smi_span_split(&all, '\n', &line))
		return keep(to, size, line);
	return r == -ENOMEM ? r : 0;
}

static int read_os(struct smi_machine *m, sm_ctx *ctx)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 }, name = { 0 };
	int r = smi_fsroot_read(&ctx->root, "/etc/os-release", FILE_MAX_BYTES,
				&b);

	if (r < 0 && r != -ENOMEM) {
		smi_buf_clear(&b);
		r = smi_fsroot_read(&ctx->root, "/usr/lib/os-release",
				    FILE_MAX_BYTES, &b);
	}
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	smi_machine_os(smi_buf_span(&b), &name);
	if (smi_buf_error(&name))
		return -ENOMEM;
	return keep(m->os, sizeof(m->os), smi_buf_span(&name));
}

/* Below a sysroot the running kernel may be another one. */
static int read_kernel(struct smi_machine *m, sm_ctx *ctx)
{
	struct utsname u;
	int r;

	if (ctx->root.fd < 0 && uname(&u) == 0) {
		r = keep(m->kernel, sizeof(m->kernel), smi_span_str(u.release));
		return r ? r
			 : keep(m->arch, sizeof(m->arch),
				smi_span_str(u.machine));
	}
	r = read_line(ctx, "/proc/sys/kernel/osrelease", m->kernel,
		      sizeof(m->kernel));
	return r ? r
		 : read_line(ctx, "/proc/sys/kernel/arch", m->arch,
			     sizeof(m->arch));
}

int smi_machine_read(struct smi_machine *m, sm_ctx *ctx)
{
	*m = (struct smi_machine){ .hostname = smi_ctx_hostname(ctx),
				   .id = smi_ctx_host_id(ctx) };
	if (read_os(m, ctx) < 0 || read_kernel(m, ctx) < 0)
		return smi_fail_nomem(ctx);
	return 0;
}

int smi_machine_of(struct smi_machine *m, const struct smi_render *r)
{
	const char *id =
		smi_rec_str(r->summary, SM_KIND_SUMMARY, SMI_SUMMARY_HOST_ID);
	int rc = smi_machine_read(m, r->ctx);

	if (rc < 0 || !r->summary || !strcmp(id, m->id))
		return rc;
	*m = (struct smi_machine){
		.hostname = smi_rec_str(r->summary, SM_KIND_SUMMARY,
					SMI_SUMMARY_HOSTNAME),
		.id = id,
	};
	return 0;
}
