/* SPDX-License-Identifier: MIT */
#include "report/people.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/nls.h"
#include "record/sentence.h"
#include "report/escape.h"

void smi_people_fill(struct smi_buf *b, const char *text,
		     const char *const *args, size_t n)
{
	const struct smi_strs list = { n, args };

	smi_sentence_fill(b, text, &list, NULL);
}

const char *smi_people_machine(const struct smi_machine *m)
{
	return *m->hostname ? m->hostname : smi_tr("this machine");
}

void smi_people_title(struct smi_buf *b, const struct smi_machine *m)
{
	smi_people_say(b, "Report on {machine}", "machine",
		       smi_people_machine(m));
}

void smi_people_system(struct smi_buf *b, const struct smi_machine *m)
{
	smi_buf_str(b, m->os);
	if (*m->kernel) {
		smi_buf_str(b, *m->os ? ", " : "");
		smi_people_say(b, "kernel {version}", "version", m->kernel);
	}
	if (*m->arch)
		smi_buf_printf(b, " (%s)", m->arch);
}

static uint64_t summed(const struct smi_render *r, unsigned field)
{
	return (uint64_t)smi_rec_int(r->summary, SM_KIND_SUMMARY, field);
}

static const struct {
	unsigned field;
	const char *name;
} severities[] = {
	{ SMI_SUMMARY_CRITICAL, "critical" }, { SMI_SUMMARY_HIGH, "high" },
	{ SMI_SUMMARY_MEDIUM, "medium" },     { SMI_SUMMARY_LOW, "low" },
	{ SMI_SUMMARY_INFO, "info" },
};

/* Machines read the summary of one format. */
static const char *in(const struct smi_render *r, const char *text)
{
	return r->format == &smi_format_nmap_xml ? text : smi_tr(text);
}

static void add_plural(const struct smi_render *r, struct smi_buf *b,
		       uint64_t n, const char *one, const char *many)
{
	smi_layout_count(b, n);
	smi_buf_char(b, ' ');
	smi_buf_str(b, r->format == &smi_format_nmap_xml
			       ? n == 1 ? one : many
			       : smi_trn(one, many, n));
}

/* ", 2 new": unless it is 0, and the comma only behind another. */
static void add_counted(const struct smi_render *r, struct smi_buf *b,
			uint64_t n, const char *word)
{
	char count[SMI_COUNT_STRLEN];

	if (!n)
		return;
	smi_buf_str(b, b->len ? ", " : "");
	smi_people_with(b, in(r, "{count} {word}"), "count",
			smi_count_text(count, n), "word", in(r, word));
}

/* " Since 2026-08-04T10:00:00Z: 2 new, 1 gone." */
static void add_changes(struct smi_render *r, struct smi_buf *b)
{
	static const char *const words[] = { "new", "gone", "changed" };
	const struct smi_records *list = &r->report->kinds[SM_KIND_CHANGE];
	SMI_CLEANUP(smi_buf_free) struct smi_buf time = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf all = { 0 };

	if (!smi_rec_has(r->summary, SMI_SUMMARY_CHANGES))
		return;
	if (smi_rec_has(r->summary, SMI_SUMMARY_BASELINE))
		smi_layout_time(&time, smi_rec_time(r->summary, SM_KIND_SUMMARY,
						    SMI_SUMMARY_BASELINE));
	else
		smi_buf_str(&time, in(r, "the run before"));
	for (size_t w = 0; w < SMI_COUNT(words); w++) {
		uint64_t n = 0;

		for (size_t i = 0; i < list->all.n; i++)
			n += !strcmp(smi_rec_str(list->all.v[i], SM_KIND_CHANGE,
						 SMI_CHANGE_CHANGE),
				     words[w]);
		add_counted(r, &all, n, words[w]);
	}
	smi_buf_char(b, ' ');
	if (smi_buf_cstr(&time) && smi_buf_cstr(&all))
		smi_people_with(b,
				in(r, list->all.n ? "Since {time}: {changes}."
						  : "Since {time}: no change."),
				"time", time.p, "changes", all.p);
	b->failed |= time.failed | all.failed;
}

void smi_people_findings(struct smi_render *r, struct smi_buf *b)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf some = { 0 };
	uint64_t n = summed(r, SMI_SUMMARY_FINDINGS);
	size_t all = sm_report_size(r->report, SM_KIND_FINDING);
	uint64_t allowed = summed(r, SMI_SUMMARY_ALLOWED);
	char count[SMI_COUNT_STRLEN];

	if (n)
		add_plural(r, b, n, "finding", "findings");
	else if (sm_report_size(r->report, SM_KIND_RUN))
		smi_buf_str(b, in(r, "Runs alone"));
	else
		smi_buf_str(b, in(r, "No findings"));
	for (size_t i = 0; i < SMI_COUNT(severities); i++)
		add_counted(r, &some, summed(r, severities[i].field),
			    severities[i].name);
	if (some.len) {
		smi_buf_str(b, in(r, ": "));
		smi_buf_span_add(b, smi_buf_span(&some));
	}
	if (all > n)
		smi_people_with(b,
				in(r, " ({count} of less severity not shown)"),
				"count", smi_count_text(count, all - n));
	if (allowed)
		smi_people_with(
			b, in(r, "; {count} more accepted by allow entries"),
			"count", smi_count_text(count, allowed));
	if (smi_rec_has(r->summary, SMI_SUMMARY_UNCHECKED))
		smi_people_with(b, in(r, "; the {what} were not checked"),
				"what",
				in(r, smi_rec_str(r->summary, SM_KIND_SUMMARY,
						  SMI_SUMMARY_UNCHECKED)));
	smi_buf_char(b, '.');
	add_changes(r, b);
	b->failed |= some.failed;
}

static void add_number(struct smi_buf *b, uint64_t n, const char *one,
		       const char *many)
{
	if (b->len)
		smi_buf_str(b, ", ");
	smi_layout_plural(b, n, one, many);
}

/* One part of a sentence, when there is something to tell. */
static bool add_part(struct smi_buf *b, uint64_t n, const char *one,
		     const char *many)
{
	if (n)
		add_number(b, n, one, many);
	return n;
}

struct probed {
	uint64_t hosts, ports, open, silent;
	char method[16]; /* of the first that has one */
	bool mixed;
};

static void add_method(struct probed *p, const char *method)
{
	if (!*p->method)
		snprintf(p->method, sizeof(p->method), "%s", method);
	p->mixed |= *method && strcmp(p->method, method) != 0;
}

static int add_probed(const sm_record *rec, void *user)
{
	int k = SM_KIND_HOST;
	struct probed *p = user;
	uint64_t open = (uint64_t)smi_rec_int(rec, k, SMI_HOST_OPEN);
	uint64_t silent = (uint64_t)smi_rec_int(rec, k, SMI_HOST_OPEN_FILTERED);
	uint64_t n = open + silent +
		     (uint64_t)smi_rec_int(rec, k, SMI_HOST_CLOSED) +
		     (uint64_t)smi_rec_int(rec, k, SMI_HOST_FILTERED);

	add_method(p, smi_rec_str(rec, k, SMI_HOST_METHOD));
	p->hosts += n > 0;
	p->ports += n;
	p->open += open;
	p->silent += silent;
	return 0;
}

static void add_probed_ports(struct smi_buf *b, const struct probed *p)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf hosts = { 0 };
	char open[SMI_COUNT_STRLEN], silent[SMI_COUNT_STRLEN];

	if (!add_part(b, p->ports, "port", "ports"))
		return;
	if (p->hosts)
		smi_layout_plural(&hosts, p->hosts, "host", "hosts");
	if (p->hosts && smi_buf_cstr(&hosts))
		smi_people_say(b, " of {hosts}", "hosts", hosts.p);
	smi_people_say(b,
		       p->silent ? " ({open} open, {silent} open or filtered)"
				 : " ({open} open)",
		       "open", smi_count_text(open, p->open), "silent",
		       smi_count_text(silent, p->silent));
	if (*p->method && !p->mixed)
		smi_people_say(b, " by {method}", "method", p->method);
	b->failed |= hosts.failed;
}

/* Only some of the ports that were probed are records: hosts know them all. */
static void add_ports(const struct smi_render *r, struct smi_buf *b)
{
	uint64_t listening = smi_people_listening(r);
	struct probed p = { 0 };

	if (smi_report_each(r->report, SM_KIND_HOST, 0, add_probed, &p) < 0)
		b->failed = true;
	if (!p.hosts) {
		p.ports = summed(r, SMI_SUMMARY_PORTS) - listening;
		p.open = summed(r, SMI_SUMMARY_OPEN);
	}
	add_probed_ports(b, &p);
	add_part(b, listening, "listening port", "listening ports");
}

/* They are words of ours: nothing has to be escaped. */
static void add_ways(const struct smi_render *r, struct smi_buf *b)
{
	const char *backend = smi_rec_str(r->summary, SM_KIND_SUMMARY,
					  SMI_SUMMARY_PROCESS_BACKEND);
	const char *events = smi_rec_str(r->summary, SM_KIND_SUMMARY,
					 SMI_SUMMARY_EVENT_SOURCE);

	if (*backend)
		smi_people_say(b,
			       *events ? " (listed by {backend}, followed by "
					 "{events})"
				       : " (listed by {backend})",
			       "backend", backend, "events", events);
}

void smi_people_seen(struct smi_render *r, struct smi_buf *b)
{
	uint64_t lines = summed(r, SMI_SUMMARY_LINES);
	uint64_t processes = summed(r, SMI_SUMMARY_PROCESSES);

	add_ports(r, b);
	/* that a filter has left none is no clean bill */
	if (processes || smi_rec_has(r->summary, SMI_SUMMARY_PROCESS_BACKEND)) {
		add_number(b, processes, "process", "processes");
		add_ways(r, b);
	}
	add_part(b, summed(r, SMI_SUMMARY_EVENTS), "log event", "log events");
	add_part(b, sm_report_size(r->report, SM_KIND_RUN), "run", "runs");
	if (add_part(b, lines, "log line", "log lines")) {
		smi_buf_str(b, " (");
		smi_layout_size(b, summed(r, SMI_SUMMARY_BYTES));
		smi_buf_char(b, ')');
	}
}
