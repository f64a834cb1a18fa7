/* SPDX-License-Identifier: MIT */
#include "report/nmap.h"

#include <stdlib.h>

static int compare_items(const void *va, const void *vb)
{
	const struct smi_nmap_item *a = va, *b = vb;
	int k = SM_KIND_PORT, r = smi_ip_cmp(&a->ip, &b->ip);
	int64_t x, y;

	if (!r)
		r = strcmp(a->address, b->address);
	if (!r)
		r = (a->rec->kind == k) - (b->rec->kind == k);
	if (!r)
		r = strcmp(smi_nmap_port_text(a->rec, SMI_PORT_PROTOCOL),
			   smi_nmap_port_text(b->rec, SMI_PORT_PROTOCOL));
	x = smi_rec_int(a->rec, k, SMI_PORT_NUMBER);
	y = smi_rec_int(b->rec, k, SMI_PORT_NUMBER);
	if (!r)
		r = x < y ? -1 : x > y;
	return r ? r : a->index < b->index ? -1 : 1;
}

static int compare_findings(const void *va, const void *vb)
{
	const struct smi_nmap_finding *a = va, *b = vb;
	int r = strcmp(a->port, b->port);

	return r ? r : a->index < b->index ? -1 : 1;
}

static void note_port(struct smi_nmap *x, const sm_record *rec)
{
	bool udp = !strcmp(smi_nmap_port_text(rec, SMI_PORT_PROTOCOL), "udp");
	struct smi_nmap_numbers *n = udp ? &x->udp : &x->tcp;
	uint64_t port =
		(uint64_t)smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER);

	if (port < SMI_NMAP_NUMBERS)
		n->bits[port / 8] |= (uint8_t)(1 << port % 8);
}

static void note_host(struct smi_nmap *x, const sm_record *rec)
{
	int k = SM_KIND_HOST;
	const char *method = smi_rec_str(rec, k, SMI_HOST_METHOD);
	struct smi_nmap_numbers *n =
		strcmp(method, "udp") != 0 ? &x->tcp : &x->udp;
	int64_t probed = smi_host_probed(rec);

	n->probed = SMI_MAX(n->probed, probed);
	n->method = method;
}

/* Records of ports and hosts live as long as the report. */
static int collect(struct smi_render *r, int kind, unsigned address)
{
	const struct smi_records *list = &r->report->kinds[kind];
	struct smi_nmap *x = r->state;

	for (size_t i = 0; i < list->all.n; i++) {
		const sm_record *rec = list->all.v[i];
		struct smi_nmap_item it = { .address = smi_rec_str(rec, kind,
								   address),
					    .rec = rec,
					    .index = i };

		if (!smi_ip_parse(smi_span_str(it.address), &it.ip) ||
		    (kind == SM_KIND_PORT &&
		     !smi_rec_has(rec, SMI_PORT_NUMBER))) {
			x->placeless++;
			continue;
		}
		if (kind == SM_KIND_PORT)
			note_port(x, rec);
		else
			note_host(x, rec);
		if (!smi_vec_push(&x->items, it))
			return smi_fail_nomem(r->ctx);
	}
	return 0;
}

static int collect_finding(const sm_record *rec, void *user)
{
	struct smi_render *r = user;
	struct smi_nmap *x = r->state;
	struct smi_nmap_finding f = { .port = "",
				      .rec = rec,
				      .index = x->findings.n };
	size_t n = sm_record_field_nitems(rec, SMI_FINDING_EVIDENCE);

	for (size_t i = 0; i < n && !*f.port; i++) {
		const sm_record *e =
			sm_record_field_record(rec, SMI_FINDING_EVIDENCE, i);

		f.port = smi_nmap_port_text(e, SMI_PORT_ID);
	}
	return smi_vec_push(&x->findings, f) ? 0 : smi_fail_nomem(r->ctx);
}

int smi_nmap_collect(struct smi_render *r)
{
	struct smi_nmap *x = r->state;
	int rc = collect(r, SM_KIND_HOST, SMI_HOST_ADDRESS);

	if (rc == 0)
		rc = collect(r, SM_KIND_PORT, SMI_PORT_ADDRESS);
	if (rc == 0)
		rc = smi_report_each(r->report, SM_KIND_FINDING,
				     r->style->min_severity, collect_finding,
				     r);
	if (x->items.n)
		qsort(x->items.v, x->items.n, sizeof(*x->items.v),
		      compare_items);
	if (x->findings.n)
		qsort(x->findings.v, x->findings.n, sizeof(*x->findings.v),
		      compare_findings);
	return rc;
}

/* The first of those that rest on the port; the others follow it. */
static struct smi_nmap_finding *first_finding(struct smi_nmap *x,
					      const sm_record *port)
{
	const char *id = smi_nmap_port_text(port, SMI_PORT_ID);
	size_t lo = 0, hi = x->findings.n;

	while (*id && lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(x->findings.v[mid].port, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!*id || lo == x->findings.n || x->findings.v[lo].written ||
	    strcmp(x->findings.v[lo].port, id) != 0)
		return NULL;
	return &x->findings.v[lo];
}

static size_t count_findings(const struct smi_nmap *x,
			     const struct smi_nmap_finding *f)
{
	size_t n = 0;

	while (f && f + n < x->findings.v + x->findings.n &&
	       !strcmp(f[n].port, f->port))
		n++;
	return n;
}

struct smi_nmap_finding *smi_nmap_findings(struct smi_nmap *x,
					   const sm_record *port, size_t *n)
{
	struct smi_nmap_finding *f = first_finding(x, port);

	*n = count_findings(x, f);
	return f;
}

void smi_nmap_done(void *state)
{
	struct smi_nmap *x = state;

	smi_vec_free(&x->items);
	smi_vec_free(&x->findings);
}
