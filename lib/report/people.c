/* SPDX-License-Identifier: MIT */
#include "report/people.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/nls.h"
#include "record/sentence.h"
#include "report/escape.h"

/* So many hosts without an answer have a row each. */
#define UNKNOWN_MAX 5

struct rows {
	struct smi_render *r;
	struct smi_table table;
	enum smi_people_rows which;
	size_t n, max;
	size_t unknown; /* hosts that have no row */
};

static bool is_unknown(const sm_record *rec)
{
	return !strcmp(smi_rec_str(rec, SM_KIND_HOST, SMI_HOST_STATE),
		       "unknown");
}

static int count_unknown(const sm_record *rec, void *user)
{
	size_t *n = user;

	*n += is_unknown(rec);
	return 0;
}

static bool is_listening(const sm_record *rec)
{
	return !strcmp(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_STATE),
		       "listening");
}

static int count_listening(const sm_record *rec, void *user)
{
	uint64_t *n = user;

	*n += is_listening(rec);
	return 0;
}

uint64_t smi_people_listening(const struct smi_render *r)
{
	uint64_t n = 0;

	if (smi_report_each(r->report, SM_KIND_PORT, 0, count_listening, &n) <
	    0)
		r->sink->buf.failed = true;
	return n;
}

bool smi_people_has(struct smi_render *r, int kind, enum smi_people_rows rows)
{
	size_t n = sm_report_size(r->report, kind);

	if (!n || kind != SM_KIND_PORT)
		return n;
	return rows == SMI_ROWS_LISTENING ? smi_people_listening(r)
					  : smi_people_listening(r) < n;
}

static bool is_row(struct rows *rows, const sm_record *rec)
{
	if (rows->which == SMI_ROWS_OPEN &&
	    strcmp(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_STATE), "open") != 0)
		return false;
	if (rows->which == SMI_ROWS_LISTENING && !is_listening(rec))
		return false;
	if (rows->unknown && is_unknown(rec))
		return false;
	return rows->n++ < rows->max || !rows->max;
}

static int measure(const sm_record *rec, void *user)
{
	struct rows *rows = user;

	if (!is_row(rows, rec) || smi_table_measure(&rows->table, rec) == 0)
		return 0;
	return smi_fail_nomem(rows->r->ctx);
}

static int add_row(const sm_record *rec, void *user)
{
	struct rows *rows = user;

	if (!is_row(rows, rec))
		return 0;
	smi_table_row(&rows->table, &rows->r->sink->buf, rec);
	return smi_sink_push(rows->r->sink);
}

static void done_rows(struct rows *rows)
{
	smi_table_done(&rows->table);
}

static int compare(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

/* By CPU, memory, then pid. */
static int compare_hogs(const void *va, const void *vb)
{
	const sm_record *const *a = va, *const *b = vb;
	int k = SM_KIND_PROCESS;
	int r = compare(smi_rec_real(*a, k, SMI_PROC_CPU_PERCENT),
			smi_rec_real(*b, k, SMI_PROC_CPU_PERCENT));

	if (!r)
		r = compare(smi_rec_real(*a, k, SMI_PROC_MEMORY_PERCENT),
			    smi_rec_real(*b, k, SMI_PROC_MEMORY_PERCENT));
	return r ? r
		 : compare((double)smi_rec_int(*b, k, SMI_PROC_PID),
			   (double)smi_rec_int(*a, k, SMI_PROC_PID));
}

static int each_hog(const struct smi_render *r, smi_record_fn fn, void *user)
{
	const struct smi_records *list = &r->report->kinds[SM_KIND_PROCESS];
	SMI_AUTOFREE const sm_record **order =
		smi_realloc_array(NULL, list->all.n, sizeof(*order));
	int rc = 0;

	if (!order)
		return smi_fail_nomem(r->ctx);
	for (size_t i = 0; i < list->all.n; i++)
		order[i] = list->all.v[i];
	if (list->all.n)
		qsort(order, list->all.n, sizeof(*order), compare_hogs);
	for (size_t i = 0; rc == 0 && i < list->all.n; i++)
		rc = fn(order[i], user);
	return rc;
}

static bool any_has(const struct smi_render *r, unsigned field)
{
	const struct smi_records *list = &r->report->kinds[SM_KIND_PROCESS];

	for (size_t i = 0; i < list->all.n; i++)
		if (smi_rec_has(list->all.v[i], field))
			return true;
	return false;
}

enum smi_people_rows smi_people_order(const struct smi_render *r,
				      const char **words)
{
	static const struct {
		const char *order, *words;
	} order_words[] = {
		{ "cpu", ", the busiest first" },
		{ "mem", ", the largest first" },
		{ "name", ", by name" },
		{ "tree", ", each behind its parent" },
	};
	const char *order = smi_rec_str(r->summary, SM_KIND_SUMMARY,
					SMI_SUMMARY_PROCESS_ORDER);

	for (size_t i = 0; i < SMI_COUNT(order_words); i++) {
		if (strcmp(order_words[i].order, order) != 0)
			continue;
		*words = smi_tr(order_words[i].words);
		return SMI_ROWS_ALL;
	}
	*words = any_has(r, SMI_PROC_CPU_PERCENT) ? smi_tr(order_words[0].words)
		 : any_has(r, SMI_PROC_MEMORY_PERCENT)
			 ? smi_tr(order_words[1].words)
			 : "";
	return SMI_ROWS_HOGS;
}

static int each(struct rows *rows, smi_record_fn fn)
{
	const struct smi_render *r = rows->r;

	rows->n = 0;
	if (rows->which == SMI_ROWS_HOGS)
		return each_hog(r, fn, rows);
	return smi_report_each(r->report, rows->table.kind,
			       r->style->min_severity, fn, rows);
}

/* A line behind the table. */
static void add_remark(struct rows *rows, const char *text, uint64_t n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };
	bool html = rows->table.look == SMI_TABLE_HTML;
	struct smi_buf *b = &rows->r->sink->buf;
	char count[SMI_COUNT_STRLEN];

	smi_people_say(&clean, text, "count", smi_count_text(count, n));
	if (html) {
		smi_buf_str(b, "<p>");
		smi_esc_html(b, smi_buf_span(&clean));
		smi_buf_str(b, "</p>\n");
	} else {
		smi_esc_term(b, smi_buf_span(&clean));
		smi_buf_char(b, '\n');
	}
	b->failed |= clean.failed;
}

static int add_table(struct rows *rows)
{
	struct smi_render *r = rows->r;
	struct smi_buf *b = &r->sink->buf;
	int rc = each(rows, measure);

	if (rc)
		return rc;
	if (!rows->n) {
		if (!rows->unknown)
			add_remark(rows, "none", 0);
		return 0;
	}
	smi_table_fit(&rows->table);
	smi_table_header(&rows->table, b);
	rc = each(rows, add_row);
	smi_table_end(&rows->table, b);
	if (rc == 0 && rows->max && rows->n > rows->max)
		add_remark(rows, "... and {count} more", rows->n - rows->max);
	return rc;
}

int smi_people_table(struct smi_render *r, int kind, enum smi_people_rows which,
		     size_t max)
{
	SMI_CLEANUP(done_rows)
	struct rows rows = { .r = r, .which = which, .max = max };
	struct smi_buf *b = &r->sink->buf;
	int rc;

	if (smi_table_init(&rows.table, kind, r->style) < 0)
		return smi_fail_nomem(r->ctx);
	rows.table.look = r->format == &smi_format_md	  ? SMI_TABLE_MD
			  : r->format == &smi_format_html ? SMI_TABLE_HTML
							  : SMI_TABLE_TEXT;
	rc = kind == SM_KIND_HOST
		     ? smi_report_each(r->report, kind, 0, count_unknown,
				       &rows.unknown)
		     : 0;
	if (rows.unknown <= UNKNOWN_MAX)
		rows.unknown = 0;
	if (rc == 0)
		rc = add_table(&rows);
	if (rc == 0 && rows.unknown) {
		/* else it would be a row */
		smi_buf_str(b, rows.table.look == SMI_TABLE_MD && rows.n ? "\n"
									 : "");
		/* more than UNKNOWN_MAX */
		add_remark(&rows, "{count} hosts gave no answer: state unknown",
			   rows.unknown);
	}
	return rc;
}

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

/* One part of a sentence, when there is something to tell. */
static bool add_part(struct smi_buf *b, uint64_t n, const char *one,
		     const char *many)
{
	if (!n)
		return false;
	if (b->len)
		smi_buf_str(b, ", ");
	smi_layout_plural(b, n, one, many);
	return true;
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

	add_ports(r, b);
	if (add_part(b, summed(r, SMI_SUMMARY_PROCESSES), "process",
		     "processes"))
		add_ways(r, b);
	add_part(b, summed(r, SMI_SUMMARY_EVENTS), "log event", "log events");
	add_part(b, sm_report_size(r->report, SM_KIND_RUN), "run", "runs");
	if (add_part(b, lines, "log line", "log lines")) {
		smi_buf_str(b, " (");
		smi_layout_size(b, summed(r, SMI_SUMMARY_BYTES));
		smi_buf_char(b, ')');
	}
}
