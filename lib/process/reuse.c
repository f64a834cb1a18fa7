/* SPDX-License-Identifier: MIT */
#include "process/reuse.h"

#include <unistd.h>

#include "base/clock.h"
#include "process/procfs.h"

#define LOOK_NS (2 * SMI_MSEC)
/* No processor makes a thread, and so gives a number, in less. */
#define GIVE_NS 5000

static int32_t read_number(const struct smi_procdir *d, const char *path,
			   bool (*read)(struct smi_span text, int32_t *out))
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	int32_t v;

	return smi_procdir_read(d, path, SMI_PROCFILE_MAX, &text) == 0 &&
			       read(smi_buf_span(&text), &v)
		       ? v
		       : 0;
}

static bool read_max(struct smi_span text, int32_t *out)
{
	uint64_t v;

	*out = smi_span_digits(text, &v) > 0 && v <= INT32_MAX ? (int32_t)v : 0;
	return *out > 0;
}

/* At most so many were given in a time. */
static int64_t most(const struct smi_reuse *r, int64_t ns)
{
	return (ns / GIVE_NS + 1) * r->cpus;
}

void smi_reuse_begin(struct smi_reuse *r, const struct smi_procdir *d,
		     int64_t now)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*r = (struct smi_reuse){ .when = now };
	r->cpus = SMI_MAX(cpus, 1);
	r->first = r->last = read_number(d, "loadavg", smi_procfs_last_pid);
	r->max = read_number(d, "sys/kernel/pid_max", read_max);
	if (r->first == 0 || r->first >= r->max)
		r->max = 0;
}

void smi_reuse_go_on(struct smi_reuse *r, const struct smi_procdir *d,
		     int64_t now)
{
	int32_t last;

	if (r->max == 0 || now - r->when < LOOK_NS)
		return;
	last = read_number(d, "loadavg", smi_procfs_last_pid);
	if (last == 0 || last >= r->max || most(r, now - r->when) >= r->max) {
		r->max = 0;
		return;
	}
	r->given += (last - r->last + r->max) % r->max;
	r->last = last;
	r->when = now;
}

bool smi_reuse_may_be(struct smi_reuse *r, const struct smi_procdir *d,
		      int32_t pid, int64_t now)
{
	int64_t behind;

	smi_reuse_go_on(r, d, now);
	if (r->max == 0 || pid >= r->max)
		return true;
	behind = (pid - r->first + r->max) % r->max;
	return behind > 0 && behind <= r->given + most(r, now - r->when);
}
