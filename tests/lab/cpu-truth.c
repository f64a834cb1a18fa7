/* SPDX-License-Identifier: MIT */
/*
 * "cpu-truth LOOKS [POINTS]": how far cpu_percent is from what the scheduler counted,
 * for a process that burns with one thread, then for one with two. Both are read
 * directly around the library's two looks: /proc/PID/task/TID/schedstat, and what the
 * threads read of their own clocks all the time, which is exact where schedstat is as
 * old as the last tick of a thread that runs. Ends with 1 when the median is more than
 * POINTS away from the threads' own clocks.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysmon/sysmon.h>
#include <time.h>
#include <unistd.h>

#define THREADS 2
#define LOOKS	1000

struct thread {
	_Atomic int64_t tid, cpu;
};

static struct thread *threads;

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void *burn(void *user)
{
	struct thread *t = user;

	t->tid = syscall(SYS_gettid);
	for (;;)
		t->cpu = now(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

static pid_t start(int n)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < n; i++) {
		pthread_t t;

		if (pthread_create(&t, NULL, burn, &threads[i]))
			_exit(2);
	}
	burn(&threads[0]);
	_exit(0);
}

struct look {
	int64_t mono, own, scheduler;
};

static int64_t schedstat(pid_t pid, int64_t tid)
{
	char path[64];
	int64_t ns = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%lld/schedstat", (int)pid,
		 (long long)tid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%lld", (long long *)&ns) != 1)
		ns = -1;
	if (f)
		fclose(f);
	return ns;
}

static struct look look(pid_t pid, int n)
{
	struct look l = { .mono = now(CLOCK_MONOTONIC) };

	for (int i = 0; i < n; i++)
		l.own += threads[i].cpu;
	for (int i = 0; i < n; i++)
		l.scheduler += schedstat(pid, threads[i].tid);
	return l;
}

static int keep_percent(const sm_event *ev, void *user)
{
	const sm_proc *p = sm_record_proc(sm_event_record(ev));
	double *percent = user;

	if (p)
		*percent = sm_proc_cpu_percent(p);
	return SM_CONTINUE;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void row(const char *what, double *off, int n)
{
	qsort(off, (size_t)n, sizeof(*off), compare);
	printf("  %-28s%12.2f%12.2f\n", what, off[n / 2], off[n - 1]);
}

static double measure(sm_ctx *ctx, const sm_proc_opts *opts, pid_t pid, int n,
		      int looks)
{
	static double own[LOOKS], scheduler[LOOKS], seen[LOOKS];

	for (int i = 0; i < looks; i++) {
		struct look a, b;
		double span;
		int r;

		a = look(pid, n);
		r = sm_list_processes(ctx, opts, keep_percent, &seen[i]);
		b = look(pid, n);
		if (r < 0) {
			fprintf(stderr, "cpu-truth: %s\n", sm_ctx_errmsg(ctx));
			exit(2);
		}
		span = (double)(b.mono - a.mono) / 100;
		own[i] = fabs(seen[i] - (double)(b.own - a.own) / span);
		scheduler[i] = fabs(seen[i] -
				    (double)(b.scheduler - a.scheduler) / span);
	}
	qsort(seen, (size_t)looks, sizeof(*seen), compare);
	printf("%d thread%s, %d looks: median %.1f %%\n", n, n > 1 ? "s" : "",
	       looks, seen[looks / 2]);
	row("off the threads' own clocks", own, looks);
	row("off schedstat", scheduler, looks);
	return own[looks / 2];
}

static double try_threads(sm_ctx *ctx, int n, int looks)
{
	sm_proc_opts *opts = NULL;
	double off = -1;
	pid_t pid;

	memset(threads, 0, sizeof(*threads) * THREADS);
	pid = start(n);
	if (pid < 0)
		return off;
	while (!threads[n - 1].cpu || !threads[0].cpu)
		usleep(1000);
	/* over the tick of its start, from which it would be measured */
	usleep(50000);
	if (sm_proc_opts_new(ctx, &opts) == 0) {
		sm_proc_opts_set_pid(opts, pid);
		sm_proc_opts_set_checks(opts, 0);
		sm_proc_opts_set_fields(opts, "pid,cpu_percent");
		off = measure(ctx, opts, pid, n, looks);
	}
	sm_proc_opts_free(opts);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return off;
}

int main(int argc, char **argv)
{
	int looks = argc > 1 ? atoi(argv[1]) : 20, failed = 0;
	double bar = argc > 2 ? atof(argv[2]) : INFINITY;
	sm_ctx *ctx = NULL;

	if (looks < 1 || looks > LOOKS || sm_ctx_new(&ctx) < 0)
		return 2;
	threads = mmap(NULL, sizeof(*threads) * THREADS, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (threads == MAP_FAILED)
		return 2;
	printf("cpu_percent over the default interval, one burner at a time\n"
	       "  %-28s%12s%12s\n",
	       "points of a percent", "median", "most");
	for (int n = 1; n <= THREADS; n++) {
		double off = try_threads(ctx, n, looks);

		failed |= off < 0 || off > bar;
	}
	sm_ctx_unref(ctx);
	return failed;
}
