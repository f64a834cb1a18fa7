/* SPDX-License-Identifier: MIT */
#include "process/kernel.h"

#include <time.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "process/procfs.h"

static int read_proc(const struct smi_procdir *d, const char *path,
		     struct smi_buf *b)
{
	int r = smi_procdir_read(d, path, SMI_PROCFILE_MAX, b);

	/* A file that is cut has what we look for at its beginning. */
	if (r < 0 && r != -ENOMEM && r != -E2BIG)
		smi_buf_clear(b);
	return r == -ENOMEM ? r : 0;
}

static int read_boot_id(struct smi_kernel *m, const struct smi_procdir *d)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = read_proc(d, "sys/kernel/random/boot_id", &b);
	struct smi_span id = smi_buf_span(&b);

	id = smi_span_head(id, smi_span_find(id, '\n'));
	if (r < 0 || id.len >= sizeof(m->boot_id))
		return r;
	for (size_t i = 0; i < id.len; i++)
		if (!memchr("0123456789abcdef-", id.p[i], 17))
			return 0;
	memcpy(m->boot_id, id.p, id.len);
	return 0;
}

static int read_btime(struct smi_kernel *m, const struct smi_procdir *d)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = read_proc(d, "stat", &b);
	uint64_t s;

	if (smi_procfs_number(smi_buf_span(&b), SMI_SPAN("btime"), &s) &&
	    s < (uint64_t)(INT64_MAX / SMI_SEC))
		m->btime = (int64_t)s * SMI_SEC;
	return r;
}

/* "max" is no limit. -ENOENT: no file, no limit. */
static int read_limit(const struct smi_fsroot *root, const char *path,
		      uint64_t *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = smi_fsroot_read(root, path, 64, &b);
	struct smi_span text = smi_buf_span(&b);
	uint64_t v;

	if (r < 0)
		return r;
	if (smi_span_digits(text, &v) > 0)
		*out = SMI_MIN(*out, v);
	return 0;
}

/* The limits of the cgroup and of all above it hold. */
static int read_limits(const struct smi_fsroot *root, const char *mount,
		       struct smi_span path, const char *file, uint64_t *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	for (;;) {
		int r;

		smi_buf_clear(&b);
		smi_buf_str(&b, mount);
		smi_buf_span_add(&b, path);
		smi_buf_str(&b, file);
		if (!smi_buf_cstr(&b) ||
		    (r = read_limit(root, b.p, out)) == -ENOMEM)
			return -ENOMEM;
		if (path.len == 0)
			return 0;
		do {
			path.len--;
		} while (path.p[path.len] != '/');
	}
}

static struct smi_span without_root(struct smi_span path)
{
	return path.len == 1 ? smi_span_head(path, 0) : path;
}

int smi_kernel_memory(const struct smi_fsroot *root,
		      const struct smi_procdir *d, uint64_t *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf meminfo = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf own = { 0 };
	struct smi_span v1;
	uint64_t kib, limit;
	int r;

	*out = 0;
	r = read_proc(d, "meminfo", &meminfo);
	if (r < 0 || !smi_procfs_number(smi_buf_span(&meminfo),
					SMI_SPAN("MemTotal:"), &kib))
		return r;
	limit = kib * 1024;
	r = smi_fsroot_read(root, "/proc/self/cgroup", SMI_PROCFILE_MAX, &own);
	if (r == -ENOMEM)
		return r;
	if (r == 0) {
		r = read_limits(
			root, "/sys/fs/cgroup",
			without_root(smi_cgroup_path(smi_buf_span(&own))),
			"/memory.max", &limit);
		v1 = smi_cgroup_v1_path(smi_buf_span(&own), SMI_SPAN("memory"));
		if (r == 0 && v1.len > 0)
			r = read_limits(root, "/sys/fs/cgroup/memory",
					without_root(v1),
					"/memory.limit_in_bytes", &limit);
		if (r < 0)
			return r;
	}
	*out = limit;
	return 0;
}

/* NSpid of /proc/self/status has one number for each pid namespace from that of this
 * /proc to our own. */
int smi_kernel_sees_own_pids(const struct smi_fsroot *root, bool *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = smi_fsroot_read(root, "/proc/self/status", SMI_PROCFILE_MAX,
				&b);

	*out = r == 0 &&
	       smi_procfs_count(smi_buf_span(&b), SMI_SPAN("NSpid:")) == 1;
	return r == -ENOMEM ? r : 0;
}

static int read_clocks(struct smi_kernel *m, const sm_ctx *ctx,
		       const struct smi_procdir *d)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct timespec ts;
	int64_t ns;
	int r;

	if (d->procfs && ctx->root.fd < 0 &&
	    clock_gettime(CLOCK_BOOTTIME, &ts) == 0) {
		ns = (int64_t)ts.tv_sec * SMI_SEC + ts.tv_nsec;
		m->boot_to_mono = ns - smi_now_mono(ctx);
		m->has_boot_clock = true;
		return smi_kernel_sees_own_pids(&ctx->root, &m->own_pids);
	}
	r = read_proc(d, "uptime", &b);
	if (smi_procfs_seconds(smi_buf_span(&b), &ns)) {
		m->boot_to_mono = ns - smi_now_mono(ctx);
		m->has_boot_clock = true;
	}
	return r;
}

int smi_kernel_read(struct smi_kernel *m, const sm_ctx *ctx,
		    const struct smi_procdir *d,
		    const struct smi_kernel_needs *needs)
{
	long hz = sysconf(_SC_CLK_TCK);
	int r = 0;

	*m = (struct smi_kernel){ 0 };
	m->tick_ns = SMI_SEC / (hz > 0 ? hz : 100);
	if (needs->boot_id)
		r = read_boot_id(m, d);
	if (r == 0 && needs->btime)
		r = read_btime(m, d);
	if (r == 0 && needs->memory)
		r = smi_kernel_memory(&ctx->root, d, &m->memory);
	if (r == 0 && needs->clocks)
		r = read_clocks(m, ctx, d);
	return r;
}
