/* SPDX-License-Identifier: MIT */
#include "portscan/scan-facts.h"

#include <inttypes.h>
#include <stdio.h>

/* Fixed: it tells two lists apart, no more. */
static const struct smi_siphash_key mark_key = { UINT64_C(0x7379736d6f6e2d74),
						 UINT64_C(0x6172676574732d31) };

/* What was asked for. Of a value the part before the comma is for people. */
#define VALUE_MAX 64

static void mark(uint64_t *h, const void *p, size_t len)
{
	*h ^= smi_siphash(&mark_key, p, len);
	*h = smi_siphash_u64(&mark_key, *h);
}

static void targets_value(const struct smi_scan *s, char out[VALUE_MAX])
{
	const struct smi_targets *t = &s->targets;
	uint64_t h = 0;

	for (size_t i = 0; i < t->stretches.n; i++) {
		const struct smi_stretch *x = &t->stretches.v[i];
		uint64_t numbers[] = { x->first.family, x->first.scope,
				       x->start };

		mark(&h, numbers, sizeof(numbers));
		mark(&h, x->first.b, x->first.family == 4 ? 4 : 16);
		if (x->name)
			mark(&h, x->name, strlen(x->name));
	}
	snprintf(out, VALUE_MAX, "%" PRIu64 " address%s, %016" PRIx64, t->count,
		 t->count == 1 ? "" : "es", h);
}

static void ports_value(const struct smi_scan *s, char out[VALUE_MAX])
{
	struct smi_ports set = { 0 };

	for (uint32_t i = 0; i < s->nports; i++)
		smi_ports_add(&set, s->ports[i]);
	snprintf(out, VALUE_MAX, "%u port%s, %016" PRIx64, (unsigned)s->nports,
		 s->nports == 1 ? "" : "s",
		 smi_siphash(&mark_key, set.w, sizeof(set.w)));
}

/* Where the walk of a host stands is a place in this order (set_ports()). */
static void order_value(const struct smi_scan *s, char out[VALUE_MAX])
{
	snprintf(out, VALUE_MAX, "%016" PRIx64,
		 smi_siphash(&mark_key, s->ports,
			     s->nports * sizeof(*s->ports)));
}

static void show_value(const struct smi_scan *s, char out[VALUE_MAX])
{
	snprintf(out, VALUE_MAX, "%s",
		 s->show == SM_SCAN_SHOW_ALL ? "all" : "open ones");
}

static void protocol_value(const struct smi_scan *s, char out[VALUE_MAX])
{
	snprintf(out, VALUE_MAX, "%s", s->udp ? "udp" : "tcp");
}

static void services_value(const struct smi_scan *s, char out[VALUE_MAX])
{
	snprintf(out, VALUE_MAX, "%s", s->asking ? "asked" : "not asked");
}

static const struct {
	const char *name, *what;
	void (*value)(const struct smi_scan *s, char out[VALUE_MAX]);
} facts[] = {
	{ "targets", "targets", targets_value },
	{ "ports", "ports", ports_value },
	{ "protocol", "protocols", protocol_value },
	{ "show", "ports to be shown", show_value },
	{ "services", "services", services_value },
	/* Of the same scan it differs by the version alone. */
	{ "order", NULL, order_value },
};

struct smi_span smi_scan_fact(const struct smi_kept *k, const char *name)
{
	for (size_t i = 0; i < k->facts.n; i++)
		if (smi_span_eq_str(k->facts.v[i].name, name))
			return k->facts.v[i].value;
	return smi_span_of("", 0);
}

void smi_scan_facts_keep(const struct smi_scan *s, struct smi_buf *out)
{
	char value[VALUE_MAX];

	for (size_t i = 0; i < SMI_COUNT(facts); i++) {
		facts[i].value(s, value);
		smi_kept_add_fact(out, facts[i].name, value);
	}
}

bool smi_scan_facts_match(const struct smi_scan *s, const struct smi_kept *k,
			  char why[SMI_SCAN_WHY])
{
	for (size_t i = 0; i < SMI_COUNT(facts); i++) {
		struct smi_span then = smi_scan_fact(k, facts[i].name);
		char now[VALUE_MAX];

		facts[i].value(s, now);
		if (smi_span_eq_str(then, now))
			continue;
		then = smi_span_head(then, smi_span_find(then, ','));
		if (facts[i].what)
			snprintf(why, SMI_SCAN_WHY,
				 "its %s are others (%.*s then, %.*s now)",
				 facts[i].what,
				 (int)SMI_MIN(then.len, VALUE_MAX), then.p,
				 (int)strcspn(now, ","), now);
		else
			snprintf(why, SMI_SCAN_WHY,
				 "another version wrote it, which probes these "
				 "ports in another order; without it the scan "
				 "begins anew");
		return false;
	}
	return true;
}
