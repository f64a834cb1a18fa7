/* SPDX-License-Identifier: MIT */
#include "report/summary.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/fsroot.h"

#define STATUS_MAX ((size_t)1 << 16)

static int64_t timeval_ns(struct timeval t)
{
	return t.tv_sec * SMI_SEC + t.tv_usec * INT64_C(1000);
}

static int64_t cpu_ns(const struct rusage *u)
{
	return timeval_ns(u->ru_utime) + timeval_ns(u->ru_stime);
}

void smi_run_start(struct smi_run *run, sm_ctx *ctx)
{
	struct rusage u = { 0 };

	getrusage(RUSAGE_SELF, &u);
	run->ctx = ctx;
	run->wall = smi_ctx_run_begin(ctx);
	run->mono = smi_now_mono(ctx);
	run->cpu = cpu_ns(&u);
}

void smi_run_done(struct smi_run *run)
{
	if (run->ctx)
		smi_ctx_run_end(run->ctx);
	run->ctx = NULL;
	sm_record_unref(run->saved);
	run->saved = NULL;
}

int smi_run_saved(struct smi_run *run, const sm_record *summary)
{
	sm_record *ref;

	if (!*sm_record_id(summary))
		return 0;
	ref = sm_record_ref(summary);
	if (!ref)
		return -ENOMEM;
	sm_record_unref(run->saved);
	run->saved = ref;
	return 0;
}

static size_t severity_index(int severity)
{
	return severity < SM_SEV_LOW	     ? 0
	       : severity >= SM_SEV_CRITICAL ? 4
					     : (size_t)severity / 10 - 1;
}

/* The last one stands. */
static void set_way(char way[SMI_WAY_MAX], const sm_record *rec, unsigned field)
{
	if (smi_rec_has(rec, field))
		snprintf(way, SMI_WAY_MAX, "%s",
			 smi_rec_str(rec, SM_KIND_SUMMARY, field));
}

/* A job's own: what it did not tell, and by what it saw the rest. */
static void add_job(struct smi_counts *c, const sm_record *rec)
{
	c->allowed += (uint64_t)smi_rec_int(rec, SM_KIND_SUMMARY,
					    SMI_SUMMARY_ALLOWED);
	set_way(c->backend, rec, SMI_SUMMARY_PROCESS_BACKEND);
	set_way(c->events, rec, SMI_SUMMARY_EVENT_SOURCE);
	set_way(c->order, rec, SMI_SUMMARY_PROCESS_ORDER);
	set_way(c->unchecked, rec, SMI_SUMMARY_UNCHECKED);
}

void smi_counts_add(struct smi_counts *c, const sm_record *rec)
{
	if (rec->kind == SM_KIND_SUMMARY) {
		add_job(c, rec);
		return;
	}
	c->kind[rec->kind]++;
	switch (rec->kind) {
	case SM_KIND_PORT:
		c->open += !strcmp(
			smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_STATE), "open");
		break;
	case SM_KIND_FINDING:
		c->severity[severity_index((int)smi_rec_int(
			rec, SM_KIND_FINDING, SMI_FINDING_SEVERITY_CODE))]++;
		break;
	case SM_KIND_COVERAGE:
		c->lines += (uint64_t)smi_rec_int(rec, SM_KIND_COVERAGE,
						  SMI_COVERAGE_LINES);
		c->bytes += (uint64_t)smi_rec_int(rec, SM_KIND_COVERAGE,
						  SMI_COVERAGE_BYTES);
		break;
	default:
		break;
	}
}

void smi_counts_change(struct smi_counts *c, int from, int to)
{
	c->severity[severity_index(from)]--;
	c->severity[severity_index(to)]++;
}

/* In bytes, by proc_pid_status(5): ru_maxrss has that of the program that started this
 * one in it. */
static int64_t peak_memory(struct smi_arena *a, const struct rusage *u)
{
	static const struct smi_fsroot real = { -1, NULL };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_span rest, line, key = SMI_SPAN("VmHWM:");
	uint64_t kib;
	int r = smi_fsroot_read(&real, "/proc/self/status", STATUS_MAX, &text);

	if (r == -ENOMEM)
		a->failed = true;
	if (r == 0)
		for (rest = smi_buf_span(&text);
		     smi_span_split(&rest, '\n', &line);)
			if (smi_span_starts(line, key) &&
			    smi_span_digits(
				    smi_span_trim(smi_span_skip(line, key.len)),
				    &kib))
				return (int64_t)kib * 1024;
	return u->ru_maxrss * INT64_C(1024);
}

static void set_run(struct smi_arena *a, sm_record *s, sm_ctx *ctx,
		    const struct smi_run *run)
{
	struct rusage u = { 0 };
	char text[SMI_ID_STRLEN];

	smi_set_text(a, s, SMI_SUMMARY_ID,
		     smi_span_str(smi_ctx_run_id(ctx, run->wall, text)));
	getrusage(RUSAGE_SELF, &u);
	smi_set_int(s, SMI_SUMMARY_START, run->wall);
	smi_set_real(s, SMI_SUMMARY_WALL_SECONDS,
		     (double)(smi_now_mono(ctx) - run->mono) / 1e9);
	smi_set_real(s, SMI_SUMMARY_CPU_SECONDS,
		     (double)(cpu_ns(&u) - run->cpu) / 1e9);
	smi_set_int(s, SMI_SUMMARY_PEAK_MEMORY, peak_memory(a, &u));
}

/* The run and its machine, as they were told then. */
static void set_saved(sm_record *s, const sm_record *saved)
{
	static const uint8_t fields[] = {
		SMI_SUMMARY_ID,		  SMI_SUMMARY_HOST_ID,
		SMI_SUMMARY_HOSTNAME,	  SMI_SUMMARY_START,
		SMI_SUMMARY_WALL_SECONDS, SMI_SUMMARY_CPU_SECONDS,
		SMI_SUMMARY_PEAK_MEMORY,
	};

	for (size_t i = 0; s && i < SMI_COUNT(fields); i++) {
		if (!smi_rec_has(saved, fields[i]))
			continue;
		s->v[fields[i]] = saved->v[fields[i]];
		smi_fieldset_add(&s->known, fields[i]);
	}
}

static void set_text(struct smi_arena *a, sm_record *s, unsigned field,
		     const char *text)
{
	if (text && *text)
		smi_set_text(a, s, field, smi_span_str(text));
}

sm_record *smi_summary(struct smi_arena *a, sm_ctx *ctx,
		       const struct smi_run *run, const struct smi_counts *c,
		       const struct smi_style *style)
{
	const struct {
		unsigned field;
		uint64_t n;
	} counts[] = {
		{ SMI_SUMMARY_PORTS, c->kind[SM_KIND_PORT] },
		{ SMI_SUMMARY_OPEN, c->open },
		{ SMI_SUMMARY_PROCESSES, c->kind[SM_KIND_PROCESS] },
		{ SMI_SUMMARY_EVENTS, c->kind[SM_KIND_EVENT] },
		{ SMI_SUMMARY_FINDINGS, c->kind[SM_KIND_FINDING] },
		{ SMI_SUMMARY_CRITICAL, c->severity[4] },
		{ SMI_SUMMARY_HIGH, c->severity[3] },
		{ SMI_SUMMARY_MEDIUM, c->severity[2] },
		{ SMI_SUMMARY_LOW, c->severity[1] },
		{ SMI_SUMMARY_INFO, c->severity[0] },
		{ SMI_SUMMARY_NOTICES, c->kind[SM_KIND_NOTICE] },
		{ SMI_SUMMARY_LINES, c->lines },
		{ SMI_SUMMARY_BYTES, c->bytes },
		{ SMI_SUMMARY_ALLOWED, c->allowed },
	};
	sm_record *s = smi_rec_new(a, SM_KIND_SUMMARY);

	if (run->saved) {
		set_saved(s, run->saved);
	} else {
		set_text(a, s, SMI_SUMMARY_HOST_ID, smi_ctx_host_id(ctx));
		set_text(a, s, SMI_SUMMARY_HOSTNAME, smi_ctx_hostname(ctx));
	}
	for (size_t i = 0; i < SMI_COUNT(counts); i++)
		smi_set_int(s, counts[i].field, (int64_t)counts[i].n);
	set_text(a, s, SMI_SUMMARY_PROCESS_BACKEND, c->backend);
	set_text(a, s, SMI_SUMMARY_EVENT_SOURCE, c->events);
	set_text(a, s, SMI_SUMMARY_PROCESS_ORDER, c->order);
	set_text(a, s, SMI_SUMMARY_UNCHECKED, c->unchecked);
	if (run->compared)
		smi_set_int(s, SMI_SUMMARY_CHANGES,
			    (int64_t)c->kind[SM_KIND_CHANGE]);
	if (run->compared && run->baseline != SM_TIME_NONE)
		smi_set_int(s, SMI_SUMMARY_BASELINE, run->baseline);
	if (!style->has_time && !run->saved)
		set_run(a, s, ctx, run);
	return smi_arena_error(a) ? NULL : s;
}
