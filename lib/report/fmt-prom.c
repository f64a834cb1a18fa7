/* SPDX-License-Identifier: MIT */
#include "report/escape.h"
#include "report/format.h"

/*
 * The text format of Prometheus, for the textfile collector of its node exporter. All
 * are gauges: they tell of one run, and the next one begins at 0. No label has text
 * from outside, and those whose values come from rules and targets have so many
 * values at most; what is beyond them is "other".
 */
#define KINDS_MAX    64
#define KIND_LEN_MAX 64
#define HOSTS_MAX    256

static const char *const severities[] = { "info", "low", "medium", "high",
					  "critical" };
static const char *const states[] = { "open",	       "closed",    "filtered",
				      "open|filtered", "listening", "other" };
#define NSEVERITIES SMI_COUNT(severities)
#define NSTATES	    SMI_COUNT(states)

struct finding_kind {
	const char *name;
	uint64_t n[NSEVERITIES];
};
struct port_host {
	const char *address, *protocol;
	uint64_t n[NSTATES];
};

/* The last of each is "other". */
struct prom {
	struct finding_kind kinds[KINDS_MAX + 1];
	struct port_host hosts[HOSTS_MAX + 1];
	size_t nkinds, nhosts, host; /* host: the last one asked for */
	uint64_t lines, matched, unparsed, skipped, bytes, failed_logins;
	bool has_hosts;
};

/* A name as rules give them to their findings. */
static bool is_kind(const char *s)
{
	size_t len = strlen(s);

	return len && len <= KIND_LEN_MAX &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static struct finding_kind *find_kind(struct prom *p, const char *name)
{
	for (size_t i = 0; i < p->nkinds; i++)
		if (!strcmp(p->kinds[i].name, name))
			return &p->kinds[i];
	if (p->nkinds == KINDS_MAX || !is_kind(name))
		return &p->kinds[KINDS_MAX];
	p->kinds[p->nkinds].name = name;
	return &p->kinds[p->nkinds++];
}

static int count_finding(const sm_record *rec, void *user)
{
	int k = SM_KIND_FINDING;
	int64_t severity = smi_rec_int(rec, k, SMI_FINDING_SEVERITY_CODE);
	struct finding_kind *kind =
		find_kind(user, smi_rec_str(rec, k, SMI_FINDING_KIND));

	severity = SMI_MIN(SMI_MAX(severity, SM_SEV_INFO), SM_SEV_CRITICAL);
	kind->n[severity / SM_SEV_INFO - 1]++;
	return 0;
}

static bool is_host(const struct port_host *h, const char *address,
		    const char *protocol)
{
	return !strcmp(h->address, address) && !strcmp(h->protocol, protocol);
}

static struct port_host *find_host(struct prom *p, const char *address,
				   const char *protocol)
{
	if (p->host < p->nhosts &&
	    is_host(&p->hosts[p->host], address, protocol))
		return &p->hosts[p->host];
	for (p->host = 0; p->host < p->nhosts; p->host++)
		if (is_host(&p->hosts[p->host], address, protocol))
			return &p->hosts[p->host];
	if (p->nhosts == HOSTS_MAX)
		return &p->hosts[HOSTS_MAX];
	p->hosts[p->nhosts].address = address;
	p->hosts[p->nhosts].protocol = protocol;
	return &p->hosts[p->nhosts++];
}

/* Hosts know how many of their ports are not records. */
static int count_host(const sm_record *rec, void *user)
{
	int k = SM_KIND_HOST;
	const char *method = smi_rec_str(rec, k, SMI_HOST_METHOD);
	struct prom *p = user;
	struct port_host *h =
		find_host(p, smi_rec_str(rec, k, SMI_HOST_ADDRESS),
			  strcmp(method, "udp") != 0 ? "tcp" : "udp");

	p->has_hosts = true;
	h->n[0] += (uint64_t)smi_rec_int(rec, k, SMI_HOST_OPEN);
	h->n[1] += (uint64_t)smi_rec_int(rec, k, SMI_HOST_CLOSED);
	h->n[2] += (uint64_t)smi_rec_int(rec, k, SMI_HOST_FILTERED);
	h->n[3] += (uint64_t)smi_rec_int(rec, k, SMI_HOST_OPEN_FILTERED);
	return 0;
}

static int count_port(const sm_record *rec, void *user)
{
	int k = SM_KIND_PORT;
	const char *state = smi_rec_str(rec, k, SMI_PORT_STATE);
	const char *protocol = smi_rec_str(rec, k, SMI_PORT_PROTOCOL);
	struct prom *p = user;
	size_t s = 0;

	if (p->has_hosts && strcmp(state, "listening") != 0)
		return 0;
	while (s + 1 < NSTATES && strcmp(states[s], state) != 0)
		s++;
	find_host(p, smi_rec_str(rec, k, SMI_PORT_ADDRESS),
		  strcmp(protocol, "udp") != 0 ? "tcp" : "udp")
		->n[s]++;
	return 0;
}

static int count_log(const sm_record *rec, void *user)
{
	int k = SM_KIND_COVERAGE;
	struct prom *p = user;

	p->lines += (uint64_t)smi_rec_int(rec, k, SMI_COVERAGE_LINES);
	p->matched += (uint64_t)smi_rec_int(rec, k, SMI_COVERAGE_MATCHED);
	p->unparsed += (uint64_t)smi_rec_int(rec, k, SMI_COVERAGE_UNPARSED);
	p->skipped += (uint64_t)smi_rec_int(rec, k, SMI_COVERAGE_SKIPPED);
	p->bytes += (uint64_t)smi_rec_int(rec, k, SMI_COVERAGE_BYTES);
	return 0;
}

static int count_event(const sm_record *rec, void *user)
{
	int k = SM_KIND_EVENT;
	struct prom *p = user;
	int64_t times = smi_rec_int(rec, k, SMI_EVENT_COUNT);

	if (!strcmp(smi_rec_str(rec, k, SMI_EVENT_ACTION), "login_failed"))
		p->failed_logins += (uint64_t)SMI_MAX(times, 1);
	return 0;
}

static int count_all(struct smi_render *r)
{
	static const struct {
		uint8_t kind;
		smi_record_fn fn;
	} counts[] = {
		{ SM_KIND_FINDING, count_finding },
		{ SM_KIND_HOST, count_host },
		{ SM_KIND_PORT, count_port },
		{ SM_KIND_COVERAGE, count_log },
		{ SM_KIND_EVENT, count_event },
	};
	struct prom *p = r->state;
	int rc = 0;

	p->kinds[KINDS_MAX].name = "other";
	p->hosts[HOSTS_MAX].address = p->hosts[HOSTS_MAX].protocol = "other";
	for (size_t i = 0; rc == 0 && i < SMI_COUNT(counts); i++)
		rc = smi_report_each(r->report, counts[i].kind,
				     r->style->min_severity, counts[i].fn, p);
	return rc;
}

static void add_family(struct smi_buf *b, const char *name, const char *help)
{
	smi_buf_printf(b, "# HELP sysmon_%s %s\n# TYPE sysmon_%s gauge\n", name,
		       help, name);
}

static void add_label(struct smi_buf *b, const char *between, const char *name,
		      const char *value)
{
	smi_buf_printf(b, "%s%s=\"", between, name);
	smi_esc_prom(b, smi_span_str(value));
	smi_buf_char(b, '"');
}

static void add_value(struct smi_buf *b, const char *after, uint64_t n)
{
	smi_buf_str(b, after);
	smi_buf_char(b, ' ');
	smi_buf_uint(b, n);
	smi_buf_char(b, '\n');
}

static void add_one(struct smi_buf *b, const char *name, const char *help,
		    uint64_t n)
{
	add_family(b, name, help);
	smi_buf_printf(b, "sysmon_%s", name);
	add_value(b, "", n);
}

static void add_of(struct smi_buf *b, const char *name, const char *label,
		   const char *value, uint64_t n)
{
	smi_buf_printf(b, "sysmon_%s", name);
	add_label(b, "{", label, value);
	add_value(b, "}", n);
}

static void add_kind(struct smi_buf *b, const struct finding_kind *kind)
{
	for (size_t s = 0; s < NSEVERITIES; s++) {
		if (!kind->n[s])
			continue;
		smi_buf_str(b, "sysmon_findings_by_kind");
		add_label(b, "{", "kind", kind->name);
		add_label(b, ",", "severity", severities[s]);
		add_value(b, "}", kind->n[s]);
	}
}

static void add_findings(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	const struct prom *p = r->state;

	add_family(b, "findings", "Findings of the last run by severity.");
	for (size_t s = 0; s < NSEVERITIES; s++) {
		uint64_t n = 0;

		for (size_t i = 0; i <= KINDS_MAX; i++)
			n += p->kinds[i].n[s];
		add_of(b, "findings", "severity", severities[s], n);
	}
	add_one(b, "findings_allowed", "Findings that allow entries accepted.",
		(uint64_t)smi_rec_int(r->summary, SM_KIND_SUMMARY,
				      SMI_SUMMARY_ALLOWED));
	add_family(b, "findings_by_kind", "Findings by kind and severity.");
	for (size_t i = 0; i <= KINDS_MAX; i++)
		add_kind(b, &p->kinds[i]);
}

static void add_ports(struct smi_buf *b, const struct prom *p)
{
	if (!p->nhosts)
		return;
	add_family(b, "ports", "Ports by address, protocol and state.");
	for (size_t i = 0; i <= HOSTS_MAX; i++) {
		const struct port_host *h = &p->hosts[i];

		for (size_t s = 0; s < NSTATES; s++) {
			if (!h->n[s])
				continue;
			smi_buf_str(b, "sysmon_ports");
			add_label(b, "{", "address", h->address);
			add_label(b, ",", "protocol", h->protocol);
			add_label(b, ",", "state", states[s]);
			add_value(b, "}", h->n[s]);
		}
	}
}

static void add_processes(struct smi_render *r)
{
	static const struct {
		const char *kind, *resource;
	} hogs[] = {
		{ "cpu_hog", "cpu" },
		{ "memory_hog", "memory" },
		{ "io_hog", "io" },
		{ "descriptor_hog", "descriptors" },
		{ "thread_hog", "threads" },
	};
	struct smi_buf *b = &r->sink->buf;
	const struct prom *p = r->state;
	size_t n = sm_report_size(r->report, SM_KIND_PROCESS);

	if (!n)
		return;
	add_one(b, "processes", "Processes that were listed.", n);
	add_family(b, "process_hogs", "Findings about what processes use.");
	for (size_t h = 0; h < SMI_COUNT(hogs); h++) {
		uint64_t sum = 0;

		for (size_t i = 0; i < p->nkinds; i++)
			for (size_t s = 0; s < NSEVERITIES; s++)
				if (!strcmp(p->kinds[i].name, hogs[h].kind))
					sum += p->kinds[i].n[s];
		add_of(b, "process_hogs", "resource", hogs[h].resource, sum);
	}
}

static void add_logs(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	const struct prom *p = r->state;
	size_t events = sm_report_size(r->report, SM_KIND_EVENT);

	if (!sm_report_size(r->report, SM_KIND_COVERAGE))
		return;
	add_family(b, "log_lines", "Log lines by what became of them.");
	add_of(b, "log_lines", "result", "read", p->lines);
	add_of(b, "log_lines", "result", "matched", p->matched);
	add_of(b, "log_lines", "result", "unparsed", p->unparsed);
	add_of(b, "log_lines", "result", "skipped", p->skipped);
	add_one(b, "log_bytes", "Bytes of logs that were read.", p->bytes);
	/* with --no-events nobody knows */
	if (!events && p->matched)
		return;
	add_one(b, "log_events", "Events that rules saw in logs.", events);
	add_one(b, "failed_logins", "Failed logins in the logs.",
		p->failed_logins);
}

static uint64_t count_changes(const struct smi_render *r, const char *change,
			      const char *what)
{
	const struct smi_records *list = &r->report->kinds[SM_KIND_CHANGE];
	int k = SM_KIND_CHANGE;
	uint64_t n = 0;

	for (size_t i = 0; i < list->all.n; i++) {
		const sm_record *rec = list->all.v[i];

		n += !strcmp(change, smi_rec_str(rec, k, SMI_CHANGE_CHANGE)) &&
		     !strcmp(what, smi_rec_str(rec, k, SMI_CHANGE_WHAT));
	}
	return n;
}

static void add_changes(struct smi_render *r)
{
	static const char *const changes[] = { "new", "gone", "changed" };
	struct smi_buf *b = &r->sink->buf;
	const char *what;

	if (!smi_rec_has(r->summary, SMI_SUMMARY_CHANGES))
		return;
	add_family(b, "changes", "What differs from the run before.");
	for (size_t i = 0; i < SMI_COUNT(changes); i++) {
		for (size_t k = 0; (what = smi_compare_thing(k)); k++) {
			smi_buf_str(b, "sysmon_changes");
			add_label(b, "{", "change", changes[i]);
			add_label(b, ",", "what", what);
			add_value(b, "}", count_changes(r, changes[i], what));
		}
	}
}

static void add_real(struct smi_render *r, const char *name, const char *help,
		     unsigned field)
{
	struct smi_buf *b = &r->sink->buf;

	if (!smi_rec_has(r->summary, field))
		return;
	add_family(b, name, help);
	smi_buf_printf(b, "sysmon_%s ", name);
	smi_buf_real(b, smi_rec_real(r->summary, SM_KIND_SUMMARY, field), 3);
	smi_buf_char(b, '\n');
}

static void add_run(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;

	add_one(b, "notices", "What could not be looked at.",
		sm_report_size(r->report, SM_KIND_NOTICE));
	add_one(b, "run_timestamp_seconds",
		"When this was written, in seconds since 1970.",
		(uint64_t)SMI_MAX(r->generated, 0) / SMI_SEC);
	add_real(r, "run_duration_seconds", "How long the run took.",
		 SMI_SUMMARY_WALL_SECONDS);
	add_real(r, "run_cpu_seconds", "Processor time of the run.",
		 SMI_SUMMARY_CPU_SECONDS);
	if (smi_rec_has(r->summary, SMI_SUMMARY_PEAK_MEMORY))
		add_one(b, "run_peak_memory_bytes", "Memory of the run.",
			(uint64_t)smi_rec_int(r->summary, SM_KIND_SUMMARY,
					      SMI_SUMMARY_PEAK_MEMORY));
}

static int prom_whole(struct smi_render *r)
{
	int rc = count_all(r);

	if (rc)
		return rc;
	add_findings(r);
	add_ports(&r->sink->buf, r->state);
	add_processes(r);
	add_logs(r);
	add_changes(r);
	add_run(r);
	return smi_sink_push(r->sink);
}

const struct smi_format smi_format_prom = {
	.number = SM_FORMAT_PROM,
	.name = "prom",
	.state_size = sizeof(struct prom),
	.whole = prom_whole,
};
