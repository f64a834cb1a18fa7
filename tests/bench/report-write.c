/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/event.h"
#include "record/build.h"
#include "report/format.h"

/*
 * report-write [FORMAT]: one report of 100,000 findings, 10,000 processes and 65,535 ports
 * through each format, each in a process of its own. Prints of each the megabytes, the
 * median of 5 in seconds, MB/s, and by how many KiB its memory was above the report's.
 */
#define FINDINGS  100000
#define PROCESSES 10000
#define PORTS	  65535
#define TIMES	  5
#define T0	  INT64_C(1785837600000000000)

static void stop(const char *why)
{
	fprintf(stderr, "report-write: %s\n", why);
	exit(1);
}

static void tell(sm_report *r, int kind, const sm_record *rec)
{
	const sm_event ev = { .kind = kind, .rec = rec };

	if (!rec || sm_report_add(r, &ev) < 0)
		stop("no memory");
}

SMI_PRINTF(4, 5)
static void text(struct smi_arena *a, sm_record *r, unsigned f,
		 const char *format, ...)
{
	char s[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(s, sizeof(s), format, ap);
	va_end(ap);
	smi_set_text(a, r, f, smi_span_str(s));
}

static const sm_record *make_event(struct smi_arena *a, int n)
{
	sm_record *r = smi_rec_new(a, SM_KIND_EVENT);

	text(a, r, SMI_EVENT_ID, "e%031d", n);
	smi_set_const(r, SMI_EVENT_FILE, "/var/log/auth.log");
	smi_set_int(r, SMI_EVENT_NUMBER, n);
	smi_set_int(r, SMI_EVENT_TIME, T0 + n * SMI_SEC);
	smi_set_const(r, SMI_EVENT_HOST, "web1");
	smi_set_const(r, SMI_EVENT_PROGRAM, "sshd");
	smi_set_int(r, SMI_EVENT_PID, 411);
	smi_set_const(r, SMI_EVENT_ACTION, "login_failed");
	text(a, r, SMI_EVENT_MESSAGE,
	     "Failed password for invalid user u%d from 10.1.%d.%d port 51515 "
	     "ssh2",
	     n, n / 7 % 256, n % 251);
	return r;
}

static void add_finding(sm_report *report, struct smi_arena *a, int n)
{
	static const char *const attack[] = { "T1110", "T1110.001" };
	sm_record *r = smi_rec_new(a, SM_KIND_FINDING);
	const sm_record *evidence[3];

	text(a, r, SMI_FINDING_ID, "f%031d", n);
	text(a, r, SMI_FINDING_KEY, "k%031d", n);
	smi_set_const(r, SMI_FINDING_RULE, "brute-force");
	smi_set_const(r, SMI_FINDING_KIND, n % 3 ? "brute_force" : "web_scan");
	text(a, r, SMI_FINDING_TITLE, "%d failed logins from 10.%d.1.%d", n,
	     n / 500, n % 251);
	smi_set_severity(r, SM_SEV_INFO + n % 5 * 10);
	text(a, r, SMI_FINDING_SOURCE_IP, "10.%d.1.%d", n / 500, n % 251);
	smi_set_int(r, SMI_FINDING_FIRST, T0 + n * SMI_SEC);
	smi_set_int(r, SMI_FINDING_LAST, T0 + (n + 12) * SMI_SEC);
	smi_set_int(r, SMI_FINDING_COUNT, 12);
	smi_set_const(r, SMI_FINDING_STATE, "closed");
	smi_set_strs(a, r, SMI_FINDING_ATTACK, attack, 2);
	for (int i = 0; i < 3; i++)
		evidence[i] = make_event(a, n + i);
	smi_set_recs(a, r, SMI_FINDING_EVIDENCE, evidence, 3);
	smi_set_const(
		r, SMI_FINDING_WHY,
		"At least 5 failed logins from one address within 600 s.");
	text(a, r, SMI_FINDING_NEXT_STEP,
	     "Block 10.%d.1.%d, and look whether a login from it was accepted.",
	     n / 500, n % 251);
	tell(report, SM_EVENT_FINDING, r);
}

static void add_process(sm_report *report, struct smi_arena *a, int n)
{
	sm_record *r = smi_rec_new(a, SM_KIND_PROCESS);

	text(a, r, SMI_PROC_ID, "p%031d", n);
	smi_set_int(r, SMI_PROC_PID, n);
	smi_set_int(r, SMI_PROC_PPID, 1);
	text(a, r, SMI_PROC_NAME, "worker-%d", n);
	smi_set_const(r, SMI_PROC_USER, "www-data");
	smi_set_const(r, SMI_PROC_STATE, "S");
	smi_set_real(r, SMI_PROC_CPU_PERCENT, n % 1000 / 10.0);
	smi_set_real(r, SMI_PROC_MEMORY_PERCENT, n % 100 / 10.0);
	smi_set_int(r, SMI_PROC_RSS, n * INT64_C(4096));
	smi_set_int(r, SMI_PROC_THREADS, 1 + n % 7);
	smi_set_int(r, SMI_PROC_START, T0);
	text(a, r, SMI_PROC_EXE, "/usr/lib/worker-%d/bin/worker", n);
	text(a, r, SMI_PROC_CMDLINE,
	     "/usr/lib/worker-%d/bin/worker --number %d --of %d --quiet", n, n,
	     PROCESSES);
	tell(report, SM_EVENT_RECORD, r);
}

static void add_port(sm_report *report, struct smi_arena *a, int n)
{
	sm_record *r = smi_rec_new(a, SM_KIND_PORT);

	text(a, r, SMI_PORT_ID, "o%031d", n);
	smi_set_const(r, SMI_PORT_ADDRESS, "203.0.113.9");
	smi_set_int(r, SMI_PORT_NUMBER, n);
	smi_set_const(r, SMI_PORT_PROTOCOL, "tcp");
	smi_set_const(r, SMI_PORT_STATE, n % 50 ? "closed" : "open");
	smi_set_const(r, SMI_PORT_REASON, n % 50 ? "reset" : "syn-ack");
	smi_set_real(r, SMI_PORT_RTT_MS, 0.125 * (n % 9));
	smi_set_int(r, SMI_PORT_TIME, T0);
	tell(report, SM_EVENT_RECORD, r);
}

static void fill(sm_report *r)
{
	static const struct {
		void (*add)(sm_report *, struct smi_arena *, int);
		int n;
	} kinds[] = {
		{ add_finding, FINDINGS },
		{ add_process, PROCESSES },
		{ add_port, PORTS },
	};
	struct smi_arena a = { 0 };

	for (size_t k = 0; k < SMI_COUNT(kinds); k++) {
		for (int i = 1; i <= kinds[k].n; i++) {
			smi_arena_reset(&a);
			kinds[k].add(r, &a, i);
		}
	}
	smi_arena_free(&a);
}

static int count(const void *data, size_t len, void *user)
{
	uint64_t *bytes = user;

	(void)data;
	*bytes += len;
	return 0;
}

/* A value of /proc/self/status in KiB. */
static long status(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	while (f && kib < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kib = strtol(line + strlen(name) + 1, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* The peak begins anew. */
static void forget_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (!f || fputs("5", f) < 0 || fclose(f) != 0)
		stop("no peak of memory without /proc/self/clear_refs");
}

static double now(void)
{
	return (double)smi_clock_system.mono(NULL) / (double)SMI_SEC;
}

static int compare(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

static void measure(const sm_report *r, int format)
{
	double seconds[TIMES];
	uint64_t bytes = 0;
	long before;

	forget_peak();
	before = status("VmRSS");
	for (int i = 0; i < TIMES; i++) {
		double start = now();

		bytes = 0;
		if (sm_report_write(r, format, NULL, count, &bytes) != 0)
			stop("a report was not written");
		seconds[i] = now() - start;
	}
	qsort(seconds, TIMES, sizeof(*seconds), compare);
	printf("%-9s %8.1f MB %7.3f s %7.0f MB/s %8ld KiB\n",
	       sm_format_name(format), (double)bytes / 1e6, seconds[TIMES / 2],
	       (double)bytes / 1e6 / seconds[TIMES / 2],
	       status("VmHWM") - before);
	fflush(stdout);
}

static bool write_in_child(const sm_report *r, int format)
{
	int ended = 0;
	pid_t pid = fork();

	if (pid == 0) {
		measure(r, format);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &ended, 0) == pid && !ended;
}

int main(int argc, char **argv)
{
	sm_report *report;
	bool good = true;
	sm_ctx *ctx;

	if (sm_ctx_new(&ctx) < 0 || sm_report_new(ctx, &report) < 0)
		stop("no memory");
	fill(report);
	for (int format = 1; format <= SM_FORMAT_TABLE; format++)
		if (*sm_format_name(format) &&
		    (argc < 2 || !strcmp(argv[1], sm_format_name(format))))
			good &= write_in_child(report, format);
	sm_report_free(report);
	sm_ctx_unref(ctx);
	return !good;
}
