/* SPDX-License-Identifier: MIT */
#include "report/escape.h"
#include "report/nmap.h"
#include "report/people.h"

/*
 * The document type is nmap.dtd (Nmap 7.93), which takes no other scanner than "nmap"
 * and demands this order of elements. A finding stands at the port that it rests on,
 * or behind all hosts.
 */
/* The records of one address: hosts, then ports. */
struct group {
	const struct smi_nmap_item *v;
	size_t n;
};

static void add_known(struct smi_buf *b, const char *name, const char *text)
{
	if (*text)
		smi_nmap_attr(b, name, text);
}

static void add_number(struct smi_buf *b, const char *name, int64_t n)
{
	smi_buf_printf(b, " %s=\"%lld\"", name, (long long)n);
}

static bool has_state(const sm_record *rec, const char *state)
{
	return rec->kind == SM_KIND_PORT &&
	       !strcmp(smi_nmap_port_text(rec, SMI_PORT_STATE), state);
}

static bool has_number(const struct smi_nmap_numbers *n, size_t i)
{
	return i < SMI_NMAP_NUMBERS && n->bits[i / 8] >> i % 8 & 1;
}

/* "22,80,8000-8100": those that records have. */
static int64_t add_ranges(struct smi_buf *b, const struct smi_nmap_numbers *n)
{
	const char *between = "";
	int64_t all = 0;

	for (size_t i = 0; i < SMI_NMAP_NUMBERS; i++) {
		size_t last = i;

		if (!has_number(n, i))
			continue;
		while (has_number(n, last + 1))
			last++;
		smi_buf_printf(b, "%s%zu", between, i);
		if (last > i)
			smi_buf_printf(b, "-%zu", last);
		all += (int64_t)(last - i) + 1;
		between = ",";
		i = last;
	}
	return all;
}

static void add_scaninfo(struct smi_buf *b, const struct smi_nmap_numbers *n,
			 const char *type, const char *protocol)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf services = { 0 };
	int64_t some = add_ranges(&services, n);

	b->failed |= services.failed;
	if (!some && !n->probed)
		return;
	smi_buf_str(b, "<scaninfo");
	smi_nmap_attr(b, "type", type);
	smi_nmap_attr(b, "protocol", protocol);
	add_number(b, "numservices", SMI_MAX(some, n->probed));
	smi_buf_str(b, " services=\"");
	smi_buf_span_add(b, smi_buf_span(&services));
	smi_buf_str(b, "\"/>\n");
}

static void add_head(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	const struct smi_nmap *x = r->state;
	int64_t start = smi_rec_has(r->summary, SMI_SUMMARY_START)
				? smi_rec_time(r->summary, SM_KIND_SUMMARY,
					       SMI_SUMMARY_START)
				: r->generated;
	char text[SMI_TIME_STRLEN];
	bool syn = x->tcp.method && !strcmp(x->tcp.method, "syn");

	smi_buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		       "<!DOCTYPE nmaprun>\n"
		       "<nmaprun scanner=\"nmap\" args=\"sysmon\"");
	add_number(b, "start", start / SMI_SEC);
	smi_nmap_attr(b, "startstr", smi_time_format(start, text));
	smi_nmap_attr(b, "version", sm_version_string());
	if (r->style->title)
		smi_nmap_attr(b, "profile_name", r->style->title);
	smi_buf_str(b, " xmloutputversion=\"1.05\">\n");
	add_scaninfo(b, &x->tcp, syn ? "syn" : "connect", "tcp");
	add_scaninfo(b, &x->udp, "udp", "udp");
	smi_buf_str(b, "<verbose level=\"0\"/>\n<debugging level=\"0\"/>\n");
}

static void add_service(struct smi_buf *b, const sm_record *rec)
{
	const char *name = smi_nmap_port_text(rec, SMI_PORT_SERVICE);
	const char *tunnel = smi_nmap_port_text(rec, SMI_PORT_TUNNEL);
	bool said = smi_rec_has(rec, SMI_PORT_SAID) ||
		    smi_rec_has(rec, SMI_PORT_PRODUCT);

	if (!*name && !said && !*tunnel)
		return;
	smi_buf_str(b, "<service");
	smi_nmap_attr(b, "name", *name ? name : "unknown");
	add_known(b, "product", smi_nmap_port_text(rec, SMI_PORT_PRODUCT));
	add_known(b, "version", smi_nmap_port_text(rec, SMI_PORT_VERSION));
	add_known(b, "extrainfo", smi_nmap_port_text(rec, SMI_PORT_INFO));
	if (!strcmp(tunnel, "tls") ||
	    (!*tunnel && smi_rec_has(rec, SMI_PORT_TLS_VERSION)))
		smi_nmap_attr(b, "tunnel", "ssl");
	smi_buf_str(b, said ? " method=\"probed\" conf=\"10\"/>"
			    : " method=\"table\" conf=\"3\"/>");
}

/* "host-unreachable": Nmap cuts that word. */
static void add_reason(struct smi_buf *b, const char *reason)
{
	struct smi_span s = smi_span_str(*reason ? reason : "unknown");

	if (smi_span_ends(s, SMI_SPAN("-unreachable")))
		s.len -= strlen("able");
	smi_buf_str(b, " reason=\"");
	smi_esc_xml(b, s);
	smi_buf_str(b, "\" reason_ttl=\"0\"/>");
}

static void add_port(struct smi_render *r, const sm_record *rec)
{
	struct smi_buf *b = &r->sink->buf;
	bool listening = has_state(rec, "listening");
	const char *state = smi_nmap_port_text(rec, SMI_PORT_STATE);
	const char *reason = smi_nmap_port_text(rec, SMI_PORT_REASON);
	bool udp = !strcmp(smi_nmap_port_text(rec, SMI_PORT_PROTOCOL), "udp");

	smi_buf_str(b, "<port");
	smi_nmap_attr(b, "protocol", udp ? "udp" : "tcp");
	add_number(b, "portid",
		   smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER));
	smi_buf_str(b, "><state");
	smi_nmap_attr(b, "state",
		      listening ? "open"
		      : *state	? state
				: "unknown");
	add_reason(b, listening && !*reason ? "listening" : reason);
	if (*smi_nmap_port_text(rec, SMI_PORT_USER)) {
		smi_buf_str(b, "<owner");
		smi_nmap_attr(b, "name",
			      smi_nmap_port_text(rec, SMI_PORT_USER));
		smi_buf_str(b, "/>");
	}
	add_service(b, rec);
	smi_nmap_port_script(r, rec);
	smi_buf_str(b, "</port>\n");
}

/* What the host counted and no record tells. */
static void add_rest(struct smi_buf *b, const struct group *g,
		     const char *state, unsigned field)
{
	int64_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n = smi_add(n, smi_rec_int(g->v[i].rec, SM_KIND_HOST, field) -
				       has_state(g->v[i].rec, state));
	if (n <= 0)
		return;
	smi_buf_str(b, "<extraports");
	smi_nmap_attr(b, "state", state);
	add_number(b, "count", n);
	smi_buf_str(b, "/>\n");
}

static void add_times(struct smi_buf *b, const struct group *g)
{
	int k = SM_KIND_HOST;
	const sm_record *rec = g->v[0].rec;
	double srtt = smi_rec_real(rec, k, SMI_HOST_SRTT_MS) * 1e3;
	double var = smi_rec_real(rec, k, SMI_HOST_RTTVAR_MS) * 1e3;

	if (rec->kind != k || !smi_rec_has(rec, SMI_HOST_SRTT_MS))
		return;
	/* RFC 6298; in microseconds */
	smi_buf_printf(b,
		       "<times srtt=\"%.0f\" rttvar=\"%.0f\" to=\"%.0f\"/>\n",
		       srtt, var, srtt + 4 * var);
}

/* Each once, where it is not told twice in a row. */
static void add_hostnames(struct smi_buf *b, const struct group *g)
{
	const char *before = "";

	smi_buf_str(b, "<hostnames>");
	for (size_t i = 0; i < g->n; i++) {
		const sm_record *rec = g->v[i].rec;
		const char *name =
			rec->kind == SM_KIND_PORT
				? smi_nmap_port_text(rec, SMI_PORT_HOSTNAME)
				: smi_rec_str(rec, SM_KIND_HOST,
					      SMI_HOST_HOSTNAME);

		if (!*name || !strcmp(name, before))
			continue;
		smi_buf_str(b, "<hostname");
		smi_nmap_attr(b, "name", name);
		smi_buf_str(b, " type=\"user\"/>");
		before = name;
	}
	smi_buf_str(b, "</hostnames>\n");
}

/* A host is up that says so, or of which a port answered. */
static bool add_status(struct smi_buf *b, const struct group *g)
{
	const sm_record *host = g->v[0].rec;
	const char *reason = "";
	bool up =
		!strcmp(smi_rec_str(host, SM_KIND_HOST, SMI_HOST_STATE), "up");

	for (size_t i = 0; i < g->n && !*reason; i++) {
		const sm_record *rec = g->v[i].rec;

		if (!has_state(rec, "open") && !has_state(rec, "closed") &&
		    !has_state(rec, "listening"))
			continue;
		up = true;
		reason = smi_nmap_port_text(rec, SMI_PORT_REASON);
		reason = *reason ? reason : "localhost-response";
	}
	smi_buf_str(b,
		    up ? "<status state=\"up\"" : "<status state=\"unknown\"");
	add_reason(b, !up ? "no-response" : *reason ? reason : "user-set");
	return up;
}

static void add_host_open(struct smi_buf *b, const struct group *g)
{
	int64_t first = SM_TIME_NONE, last = SM_TIME_NONE;

	for (size_t i = 0; i < g->n; i++) {
		int64_t t =
			smi_rec_time(g->v[i].rec, SM_KIND_PORT, SMI_PORT_TIME);

		if (t == SM_TIME_NONE)
			continue;
		first = first == SM_TIME_NONE ? t : SMI_MIN(first, t);
		last = SMI_MAX(last, t);
	}
	smi_buf_str(b, "<host");
	if (first != SM_TIME_NONE) {
		add_number(b, "starttime", first / SMI_SEC);
		add_number(b, "endtime", last / SMI_SEC);
	}
	smi_buf_char(b, '>');
}

static int add_host(struct smi_render *r, const struct group *g)
{
	struct smi_buf *b = &r->sink->buf;
	struct smi_nmap *x = r->state;
	int rc = 0;

	add_host_open(b, g);
	x->total++;
	x->up += add_status(b, g);
	smi_buf_str(b, "\n<address");
	smi_nmap_attr(b, "addr", g->v[0].address);
	smi_nmap_attr(b, "addrtype", g->v[0].ip.family == 6 ? "ipv6" : "ipv4");
	smi_buf_str(b, "/>\n");
	add_hostnames(b, g);
	smi_buf_str(b, "<ports>");
	add_rest(b, g, "closed", SMI_HOST_CLOSED);
	add_rest(b, g, "filtered", SMI_HOST_FILTERED);
	add_rest(b, g, "open|filtered", SMI_HOST_OPEN_FILTERED);
	for (size_t i = 0; i < g->n && rc == 0; i++) {
		if (g->v[i].rec->kind == SM_KIND_PORT)
			add_port(r, g->v[i].rec);
		rc = smi_sink_push(r->sink);
	}
	smi_buf_str(b, "</ports>\n");
	if (g->v[0].rec->kind == SM_KIND_HOST &&
	    smi_nmap_has_extras(r, g->v[0].rec)) {
		smi_buf_str(b, "<hostscript>");
		smi_nmap_script(r, g->v[0].rec, "host", g->v[0].address);
		smi_buf_str(b, "</hostscript>\n");
	}
	add_times(b, g);
	smi_buf_str(b, "</host>\n");
	return rc ? rc : smi_sink_push(r->sink);
}

static int add_hosts(struct smi_render *r)
{
	struct smi_nmap *x = r->state;
	int rc = 0;

	for (size_t i = 0; i < x->items.n && rc == 0;) {
		struct group g = { &x->items.v[i], 1 };

		while (i + g.n < x->items.n &&
		       !strcmp(g.v[g.n].address, g.v[0].address))
			g.n++;
		rc = add_host(r, &g);
		i += g.n;
	}
	return rc;
}

/* A machine may read it: English in any case. */
static void add_count(struct smi_buf *b, uint64_t n, const char *one,
		      const char *many)
{
	smi_layout_count(b, n);
	smi_buf_char(b, ' ');
	smi_buf_str(b, n == 1 ? one : many);
}

static void add_left_out(struct smi_render *r)
{
	static const struct {
		uint8_t kind;
		const char *one, *many;
	} kinds[] = {
		{ SM_KIND_PROCESS, "process", "processes" },
		{ SM_KIND_EVENT, "log event", "log events" },
		{ SM_KIND_LINE, "log line", "log lines" },
		{ SM_KIND_COVERAGE, "log read", "logs read" },
		{ SM_KIND_TEMPLATE, "template", "templates" },
		{ SM_KIND_RULE, "rule", "rules" },
		{ SM_KIND_RUN, "run", "runs" },
		{ SM_KIND_CHANGE, "change", "changes" },
		{ SM_KIND_ABILITY, "ability", "abilities" },
	};
	struct smi_buf *b = &r->sink->buf;
	const struct smi_nmap *x = r->state;
	const char *before = "<!-- This format has no place for ";

	for (size_t i = 0; i < SMI_COUNT(kinds); i++) {
		size_t n = sm_report_size(r->report, kinds[i].kind);

		if (!n)
			continue;
		smi_buf_str(b, before);
		add_count(b, n, kinds[i].one, kinds[i].many);
		before = ", ";
	}
	if (x->placeless) {
		smi_buf_str(b, before);
		add_count(b, x->placeless, "port without an address",
			  "ports without an address");
		before = ", ";
	}
	if (*before == ',')
		smi_buf_str(b, " -->\n");
}

static void add_end(struct smi_render *r)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_buf *b = &r->sink->buf;
	const struct smi_nmap *x = r->state;
	char when[SMI_TIME_STRLEN];

	smi_people_findings(r, &text);
	smi_buf_str(b, "<runstats><finished");
	add_number(b, "time", r->generated / SMI_SEC);
	smi_nmap_attr(b, "timestr", smi_time_format(r->generated, when));
	smi_buf_str(b, " elapsed=\"");
	smi_buf_real(b,
		     smi_rec_real(r->summary, SM_KIND_SUMMARY,
				  SMI_SUMMARY_WALL_SECONDS),
		     2);
	smi_buf_str(b, "\" summary=\"");
	smi_esc_xml(b, smi_buf_span(&text));
	b->failed |= text.failed;
	smi_buf_str(b, "\" exit=\"success\"/><hosts");
	add_number(b, "up", (int64_t)x->up);
	add_number(b, "down", (int64_t)(x->total - x->up));
	add_number(b, "total", (int64_t)x->total);
	smi_buf_str(b, "/></runstats>\n</nmaprun>\n");
}

static int nmap_whole(struct smi_render *r)
{
	int rc = smi_nmap_collect(r);

	if (rc)
		return rc;
	add_head(r);
	rc = add_hosts(r);
	if (rc == 0)
		rc = smi_nmap_others(r);
	if (rc)
		return rc;
	add_left_out(r);
	add_end(r);
	return smi_sink_push(r->sink);
}

const struct smi_format smi_format_nmap_xml = {
	.number = SM_FORMAT_NMAP_XML,
	.name = "nmap-xml",
	.suffix = "xml",
	.state_size = sizeof(struct smi_nmap),
	.done = smi_nmap_done,
	.whole = nmap_whole,
};
