/* SPDX-License-Identifier: MIT */
/*
 * The list of processes as a program on libproc2 makes it: the fields of the
 * benchmark, one JSON object a line. Built by bench-procs.sh.
 */
#include <libproc2/pids.h>
#include <stdio.h>
#include <unistd.h>

static enum pids_item items[] = {
	PIDS_ID_PID,   PIDS_ID_PPID, PIDS_CMD,
	PIDS_ID_RUSER, PIDS_VM_RSS,  PIDS_CMDLINE,
};
enum {
	PID,
	PPID,
	NAME,
	USER,
	RSS,
	CMDLINE,
	NITEMS
};

static void put_text(const char *s)
{
	putchar_unlocked('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar_unlocked('\\');
		putchar_unlocked((unsigned char)*s < 32 ? ' ' : *s);
	}
	putchar_unlocked('"');
}

static void put_row(const struct pids_stack *s, double memory_kib)
{
	unsigned long rss = s->head[RSS].result.ul_int;

	printf("{\"pid\":%d,\"ppid\":%d,\"name\":", s->head[PID].result.s_int,
	       s->head[PPID].result.s_int);
	put_text(s->head[NAME].result.str);
	fputs_unlocked(",\"user\":", stdout);
	put_text(s->head[USER].result.str);
	printf(",\"memory_percent\":%.3f,\"rss\":%lu,\"cmdline\":",
	       100.0 * (double)rss / memory_kib, rss * 1024);
	put_text(s->head[CMDLINE].result.str);
	fputs_unlocked("}\n", stdout);
}

int main(void)
{
	struct pids_info *info = NULL;
	struct pids_fetch *got;
	double memory_kib = (double)sysconf(_SC_PHYS_PAGES) *
			    (double)sysconf(_SC_PAGESIZE) / 1024;

	if (procps_pids_new(&info, items, NITEMS) < 0)
		return 1;
	got = procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (!got)
		return 1;
	for (int i = 0; i < got->counts->total; i++)
		put_row(got->stacks[i], memory_kib);
	procps_pids_unref(&info);
	return 0;
}
