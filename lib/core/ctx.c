/* SPDX-License-Identifier: MIT */
#include "core/ctx.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/utf8.h"
#include "core/strays.h"

SM_EXPORT int sm_ctx_new(sm_ctx **out)
{
	sm_ctx *ctx;

	if (!out)
		return -EINVAL;
	ctx = smi_zalloc(sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	ctx->refs = 1;
	ctx->root = SMI_FSROOT_NONE;
	ctx->clock = &smi_clock_system;
	*out = ctx;
	return 0;
}

static void unrefp(sm_ctx **ctx)
{
	sm_ctx_unref(*ctx);
}

static int copy_root(const struct smi_fsroot *from, struct smi_fsroot *to)
{
	if (from->fd < 0)
		return 0;
	to->path = smi_strndup(from->path, strlen(from->path));
	if (!to->path)
		return -ENOMEM;
	to->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 3);
	return to->fd < 0 ? -errno : 0;
}

int smi_ctx_copy(sm_ctx *ctx, sm_ctx **out)
{
	SMI_CLEANUP(unrefp) sm_ctx *copy = NULL;
	int r = sm_ctx_new(&copy);

	if (r == 0)
		r = copy_root(&ctx->root, &copy->root);
	if (r < 0)
		return r;
	copy->clock = ctx->clock;
	snprintf(copy->host_id, sizeof(copy->host_id), "%s",
		 smi_ctx_host_id(ctx));
	*out = smi_take(&copy);
	return 0;
}

SM_EXPORT sm_ctx *sm_ctx_ref(sm_ctx *ctx)
{
	if (ctx)
		ctx->refs++;
	return ctx;
}

SM_EXPORT void sm_ctx_unref(sm_ctx *ctx)
{
	if (!ctx || --ctx->refs)
		return;
	smi_fsroot_done(&ctx->root);
	smi_strays_free(ctx->strays);
	free(ctx);
}

SM_EXPORT const char *sm_ctx_errmsg(const sm_ctx *ctx)
{
	return ctx ? ctx->errmsg : "";
}

SM_EXPORT void sm_ctx_set_log(sm_ctx *ctx, int level, sm_log_fn fn, void *user)
{
	if (!ctx)
		return;
	ctx->log_level = fn ? level : 0;
	ctx->log_fn = fn;
	ctx->log_user = user;
}

SM_EXPORT int sm_ctx_set_sysroot(sm_ctx *ctx, const char *path)
{
	struct smi_fsroot root = SMI_FSROOT_NONE;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!path)
		return smi_fail(ctx, -EINVAL, "no path for the sysroot");
	if (strcmp(path, "/") != 0) {
		r = smi_fsroot_init(&root, path);
		if (r < 0)
			return smi_fail(ctx, r, "cannot use %s as sysroot: %s",
					path, smi_strerror(-r));
	}
	smi_fsroot_done(&ctx->root);
	ctx->root = root;
	ctx->host_id[0] = ctx->hostname[0] = '\0';
	return 0;
}

static void set_name(char *out, size_t size, struct smi_span name)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };

	smi_utf8_escape(&clean, name);
	name = smi_span_head(smi_buf_span(&clean), size - 1);
	memcpy(out, name.p, name.len);
	out[name.len] = '\0';
}

/* The first line of a small file; "" when there is none. */
static void read_name(const sm_ctx *ctx, const char *path, char *out,
		      size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_span line;

	out[0] = '\0';
	if (smi_fsroot_read(&ctx->root, path, 4096, &text) < 0)
		return;
	line = smi_buf_span(&text);
	line = smi_span_head(line, smi_span_find(line, '\n'));
	set_name(out, size, smi_span_trim(line));
}

const char *smi_ctx_hostname(sm_ctx *ctx)
{
	struct utsname name;

	if (ctx->hostname[0])
		return ctx->hostname;
	if (ctx->root.fd >= 0)
		read_name(ctx, "/etc/hostname", ctx->hostname,
			  sizeof(ctx->hostname));
	else if (uname(&name) == 0)
		set_name(ctx->hostname, sizeof(ctx->hostname),
			 smi_span_str(name.nodename));
	return ctx->hostname;
}

const char *smi_ctx_host_id(sm_ctx *ctx)
{
	char machine[64];
	struct smi_id id;

	if (ctx->host_id[0])
		return ctx->host_id;
	read_name(ctx, "/etc/machine-id", machine, sizeof(machine));
	smi_id_begin(&id);
	smi_id_part(&id, SMI_SPAN("host"));
	smi_id_part(&id,
		    smi_span_str(machine[0] ? machine : smi_ctx_hostname(ctx)));
	return smi_id_end(&id, ctx->host_id);
}

int64_t smi_ctx_run_begin(sm_ctx *ctx)
{
	if (!ctx->run.users++) {
		ctx->run.wall = smi_now_wall(ctx);
		ctx->run.kept = false;
	}
	return ctx->run.wall;
}

void smi_ctx_run_end(sm_ctx *ctx)
{
	ctx->run.users--;
}

int64_t smi_ctx_run_keep(sm_ctx *ctx)
{
	if (!ctx->run.users || ctx->run.kept)
		return smi_now_wall(ctx);
	ctx->run.kept = true;
	return ctx->run.wall;
}

const char *smi_ctx_run_id(sm_ctx *ctx, int64_t start, char out[SMI_ID_STRLEN])
{
	struct smi_id id;

	smi_id_begin(&id);
	smi_id_part(&id, smi_span_str(smi_ctx_host_id(ctx)));
	smi_id_int(&id, start);
	smi_id_int(&id, getpid());
	return smi_id_end(&id, out);
}
