/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/html.h"

/* Ports by host and by number, and what became of them since the run before. */

enum since {
	AS_BEFORE,
	NEW,
	CHANGED,
	GONE
};
static const char *const words[] = { "", "new", "changed", "gone" };

static const char *change_of(const sm_record *rec, unsigned field)
{
	return smi_rec_str(rec, SM_KIND_CHANGE, field);
}

static bool of_ports(const sm_record *change)
{
	const char *what = change_of(change, SMI_CHANGE_WHAT);

	return !strcmp(what, "port") || !strcmp(what, "listener");
}

static enum since since_of(const sm_record *change)
{
	enum since s = GONE;

	while (s && strcmp(change_of(change, SMI_CHANGE_CHANGE), words[s]) != 0)
		s--;
	return s;
}

static int add_change(const sm_record *rec, void *user)
{
	enum since since = since_of(rec);
	struct smi_render *r = user;
	struct smi_html *h = r->state;

	if (!of_ports(rec) || (since != NEW && since != CHANGED))
		return 0;
	if (smi_map_put(&h->changes,
			smi_span_str(change_of(rec, SMI_CHANGE_SUBJECT)),
			(void *)(uintptr_t)since))
		return 0;
	return smi_fail_nomem(r->ctx);
}

struct ports {
	struct smi_render *r;
	struct smi_html *h;
	struct smi_chart *chart;
	struct smi_buf key;
	bool hosts; /* they have counted */
	bool counts;
};

static bool is(const sm_record *port, const char *state)
{
	return !strcmp(smi_rec_str(port, SM_KIND_PORT, SMI_PORT_STATE), state);
}

/* By the subject that its change would have. */
static enum since became(struct ports *p, const sm_record *port)
{
	smi_buf_clear(&p->key);
	smi_buf_printf(
		&p->key, "%s %lld %s %s",
		smi_rec_str(port, SM_KIND_PORT, SMI_PORT_PROTOCOL),
		(long long)smi_rec_int(port, SM_KIND_PORT, SMI_PORT_NUMBER),
		is(port, "open") ? "of" : "on",
		smi_rec_str(port, SM_KIND_PORT, SMI_PORT_ADDRESS));
	p->r->sink->buf.failed |= p->key.failed;
	return (enum since)(uintptr_t)smi_map_get(&p->h->changes,
						  smi_buf_span(&p->key));
}

enum column {
	OPEN,
	LISTENING,
	IS_NEW,
	HAS_CHANGED,
	IS_GONE,
	OPEN_FILTERED,
	FILTERED,
	CLOSED,
	NCOLUMNS
};
static const struct {
	const char *name, *since, *class; /* without one, since is its name */
	const char *state;		  /* of a port */
	unsigned host; /* the field of a host that counts them */
} columns[NCOLUMNS] = {
	{ "open", "open as before", "good", "open", SMI_HOST_OPEN },
	{ "listening", "listening as before", "low", "listening", 0 },
	{ NULL, "new", "high", NULL, 0 },
	{ NULL, "changed", "medium", NULL, 0 },
	{ NULL, "gone", "idle", NULL, 0 },
	{ "open|filtered", "open|filtered", "odd", "open|filtered",
	  SMI_HOST_OPEN_FILTERED },
	{ "filtered", "filtered", NULL, "filtered", SMI_HOST_FILTERED },
	{ "closed", "closed", NULL, "closed", SMI_HOST_CLOSED },
};

static const char *word_of(const char *name)
{
	return name ? smi_tr(name) : NULL;
}

/* All have a place; those that a run without another cannot know have no name. */
static void add_columns(struct ports *p, enum column n)
{
	bool compared = smi_rec_has(p->r->summary, SMI_SUMMARY_CHANGES);

	for (size_t i = 0; i < n; i++)
		smi_chart_column(
			p->chart,
			word_of(compared ? columns[i].since : columns[i].name),
			columns[i].class);
}

static struct smi_chart_row *host_row(struct ports *p, const char *address)
{
	return smi_chart_named(p->chart,
			       *address ? address : smi_tr("this machine"),
			       smi_tr("other hosts"));
}

/* Hosts know of ports that are no records, too. */
static int count_host(const sm_record *rec, void *user)
{
	struct smi_chart_row *row;
	struct ports *p = user;
	bool any = false;

	for (size_t i = 0; i < NCOLUMNS; i++)
		any |= columns[i].host &&
		       smi_rec_int(rec, SM_KIND_HOST, columns[i].host) > 0;
	if (!any)
		return 0;
	row = host_row(p, smi_rec_str(rec, SM_KIND_HOST, SMI_HOST_ADDRESS));
	for (size_t i = 0; i < NCOLUMNS; i++)
		if (columns[i].host)
			row->v[i] += (double)smi_rec_int(rec, SM_KIND_HOST,
							 columns[i].host);
	return 0;
}

static int count_port(const sm_record *rec, void *user)
{
	const char *address = smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_ADDRESS);
	struct ports *p = user;
	enum since since = became(p, rec);
	struct smi_chart_row *row;
	size_t i = 0;

	while (i < NCOLUMNS && !(columns[i].state && is(rec, columns[i].state)))
		i++;
	if (i == NCOLUMNS)
		return 0;
	if (p->hosts && columns[i].host && !since)
		return 0;
	row = host_row(p, address);
	if (since) {
		row->v[since == NEW ? IS_NEW : HAS_CHANGED]++;
		row->v[i] -= p->hosts && columns[i].host && row->v[i] > 0;
	} else {
		row->v[i]++;
	}
	return 0;
}

/* "192.0.2.1" of "tcp 443 of 192.0.2.1", and how much is before " of ". */
static const char *address_of(const char *subject, size_t *number)
{
	const char *s = strchr(subject, ' ');

	s = s ? strchr(s + 1, ' ') : NULL;
	*number = s ? (size_t)(s - subject) : strlen(subject);
	s = s ? strchr(s + 1, ' ') : NULL;
	return s ? s + 1 : "";
}

static int count_gone(const sm_record *rec, void *user)
{
	struct ports *p = user;
	const char *address;
	size_t number;

	if (!of_ports(rec) || since_of(rec) != GONE)
		return 0;
	address = address_of(change_of(rec, SMI_CHANGE_SUBJECT), &number);
	host_row(p, address)->v[IS_GONE]++;
	return 0;
}

static int draw_hosts(struct ports *p)
{
	const sm_report *report = p->r->report;
	int rc;

	smi_chart_start(p->chart, "ports", "Open ports by host", "Host");
	add_columns(p, NCOLUMNS);
	rc = smi_report_each(report, SM_KIND_HOST, 0, count_host, p);
	p->hosts = p->chart->nrows;
	if (rc == 0)
		rc = smi_report_each(report, SM_KIND_PORT, 0, count_port, p);
	if (rc == 0)
		rc = smi_report_each(report, SM_KIND_CHANGE, 0, count_gone, p);
	if (rc == 0 && p->chart->nrows)
		smi_chart_bars(&p->r->sink->buf, p->chart);
	return rc;
}

/* Far more than there are ports of one number: what changed has a row. */
#define MATTERS ((uint64_t)1 << 32)

static void take(struct ports *p, const char *number, const char *service,
		 enum column column)
{
	struct smi_html_top *top = &p->h->ports;
	struct smi_chart_row *row;
	char label[SMI_HTML_KEY];
	int at;

	if (!p->counts) {
		smi_html_top_guess(top, number,
				   column > LISTENING ? MATTERS : 1);
		return;
	}
	at = smi_html_top_count(top, number, 1);
	if (at < 0)
		return;
	row = &p->chart->row[at];
	if (*service && !strchr(row->label, '/')) {
		snprintf(label, sizeof(label), "%s / %.64s", number, service);
		smi_html_key(row->label, label);
	}
	row->v[column]++;
}

static int take_port(const sm_record *rec, void *user)
{
	int k = SM_KIND_PORT;
	struct ports *p = user;
	bool open = is(rec, "open");
	enum since since;
	char number[64];

	if (!open && !is(rec, "listening"))
		return 0;
	since = became(p, rec);
	snprintf(number, sizeof(number), "%.16s %lld",
		 smi_rec_str(rec, k, SMI_PORT_PROTOCOL),
		 (long long)smi_rec_int(rec, k, SMI_PORT_NUMBER));
	take(p, number, smi_rec_str(rec, k, SMI_PORT_SERVICE),
	     since == NEW ? IS_NEW
	     : since	  ? HAS_CHANGED
	     : open	  ? OPEN
			  : LISTENING);
	return 0;
}

static int take_gone(const sm_record *rec, void *user)
{
	const char *subject = change_of(rec, SMI_CHANGE_SUBJECT);
	struct ports *p = user;
	char number[64];
	size_t len;

	if (!of_ports(rec) || since_of(rec) != GONE)
		return 0;
	address_of(subject, &len);
	snprintf(number, sizeof(number), "%.*s", (int)SMI_MIN(len, 63),
		 subject);
	take(p, number, "", IS_GONE);
	return 0;
}

static int take_all(struct ports *p)
{
	int rc = smi_report_each(p->r->report, SM_KIND_PORT, 0, take_port, p);

	return rc ? rc
		  : smi_report_each(p->r->report, SM_KIND_CHANGE, 0, take_gone,
				    p);
}

static double sum(const struct smi_chart *c, const struct smi_chart_row *row,
		  size_t first)
{
	double n = 0;

	for (size_t i = first; i < c->ncolumns; i++)
		n += row->v[i];
	return n;
}

/* What changed first, then the most frequent. */
static void sort_rows(struct smi_chart *c)
{
	for (size_t i = 1; i < c->nrows; i++) {
		struct smi_chart_row row = c->row[i];
		double changed = sum(c, &row, IS_NEW), all = sum(c, &row, 0);
		size_t k = i;

		for (; k; k--) {
			double other = sum(c, &c->row[k - 1], IS_NEW);

			if (other > changed ||
			    (other == changed &&
			     sum(c, &c->row[k - 1], 0) >= all))
				break;
			c->row[k] = c->row[k - 1];
		}
		c->row[k] = row;
	}
}

static int draw_numbers(struct ports *p)
{
	struct smi_html_top *top = &p->h->ports;
	struct smi_chart *c = p->chart;
	char others[24];
	int rc = take_all(p);

	if (rc)
		return rc;
	smi_html_top_keep(top);
	smi_chart_start(c, "numbers", "Open ports by number and service",
			"Port");
	add_columns(p, OPEN_FILTERED);
	for (size_t i = 0; i < top->n; i++)
		smi_chart_add(c, top->v[i].key);
	p->counts = true;
	rc = take_all(p);
	if (rc || !c->nrows)
		return rc;
	sort_rows(c);
	snprintf(others, sizeof(others), "%llu",
		 (unsigned long long)top->others);
	smi_chart_note(c,
		       top->others ? "Counted for each address; {count} more "
				     "of other numbers."
				   : "Counted for each address.",
		       "count", others);
	smi_chart_bars(&p->r->sink->buf, c);
	return 0;
}

int smi_html_ports(struct smi_render *r, struct smi_chart *c)
{
	struct ports p = { .r = r, .h = r->state, .chart = c };
	int rc = smi_report_each(r->report, SM_KIND_CHANGE, 0, add_change, r);

	if (rc == 0)
		rc = draw_hosts(&p);
	if (rc == 0)
		rc = draw_numbers(&p);
	smi_buf_free(&p.key);
	return rc;
}
