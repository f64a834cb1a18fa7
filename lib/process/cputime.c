/* SPDX-License-Identifier: MIT */
#include "process/cputime.h"

#include <stdlib.h>
#include <time.h>

/* The clock's number is the pid's complement above three bits, of which 2 is
 * CPUCLOCK_SCHED: include/linux/posix-timers_types.h. */
static clockid_t clock_of(int32_t pid)
{
	return (clockid_t)(~(uint32_t)pid << 3 | 2U);
}

bool smi_cpu_clock(int32_t pid, int64_t *ns)
{
	struct timespec ts;

	if (clock_gettime(clock_of(pid), &ts) != 0)
		return false;
	*ns = (int64_t)ts.tv_sec * SMI_SEC + ts.tv_nsec;
	return true;
}

static double percent(int64_t cpu, int64_t elapsed)
{
	return cpu <= 0 ? 0.0 : 100.0 * (double)cpu / (double)elapsed;
}

/* ns, at least those of a tick; 0: not known. */
static int64_t age_of(const struct smi_kernel *m,
		      const struct smi_cpu_look *now)
{
	int64_t age;

	if (!m->has_boot_clock ||
	    now->start > (uint64_t)(INT64_MAX / 2 / m->tick_ns))
		return 0;
	age = now->mono + m->boot_to_mono - (int64_t)now->start * m->tick_ns;
	return SMI_MAX(age, m->tick_ns);
}

bool smi_cpu_lifetime(const struct smi_kernel *m,
		      const struct smi_cpu_look *now, double *out)
{
	int64_t age = age_of(m, now);

	if (age > 0)
		*out = percent(now->cpu, age);
	return age > 0;
}

/* The start is known to a tick: what may have started in the tick of the first
 * look counts as started after it. */
static bool is_same(const struct smi_kernel *m,
		    const struct smi_cpu_look *before,
		    const struct smi_cpu_look *now)
{
	int64_t looked = (before->mono + m->boot_to_mono) / m->tick_ns;

	if (before->start > 0 && before->start != now->start)
		return false;
	if (m->has_boot_clock && looked >= 0 && now->start >= (uint64_t)looked)
		return false;
	return now->cpu >= before->cpu;
}

bool smi_cpu_percent(const struct smi_kernel *m,
		     const struct smi_cpu_look *before,
		     const struct smi_cpu_look *now, double *out)
{
	if (!before || !is_same(m, before, now))
		return smi_cpu_lifetime(m, now, out);
	if (now->mono <= before->mono)
		return false;
	*out = percent(now->cpu - before->cpu, now->mono - before->mono);
	return true;
}

int64_t smi_cpu_rate(const struct smi_kernel *m,
		     const struct smi_cpu_look *before,
		     const struct smi_cpu_look *now, uint64_t was, uint64_t is)
{
	bool same = before && is_same(m, before, now);
	int64_t elapsed = same ? now->mono - before->mono : age_of(m, now);
	double rate;

	if (!same)
		was = 0;
	else if (!before->has_io)
		return -1;
	if (elapsed <= 0 || is < was)
		return -1;
	rate = (double)(is - was) * (double)SMI_SEC / (double)elapsed;
	return rate < (double)(INT64_MAX / 2) ? (int64_t)rate : INT64_MAX / 2;
}

static int compare_pid(const void *key, const void *look)
{
	int32_t pid = *(const int32_t *)key;
	int32_t other = ((const struct smi_cpu_look *)look)->pid;

	return (pid > other) - (pid < other);
}

const struct smi_cpu_look *smi_cpu_find(const struct smi_cpu_looks *l,
					int32_t pid)
{
	return l->list.n ? bsearch(&pid, l->list.v, l->list.n,
				   sizeof(*l->list.v), compare_pid)
			 : NULL;
}
