/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "portscan/targets.h"

/* The blocks that were to be spared; begin() takes its own. */
static struct smi_block spared[64];
static size_t nspared;

static void add(struct smi_targets *t, struct smi_span line)
{
	struct smi_range r;
	struct smi_block b;
	const char *why;

	if (!smi_span_starts(line, SMI_SPAN("!"))) {
		if (smi_range_parse(line, &r, &why) == 1 &&
		    !smi_targets_add(t, &r))
			abort();
		return;
	}
	line = smi_span_skip(line, 1);
	if (nspared == SMI_COUNT(spared) ||
	    smi_block_parse(line, &b, &why) != 1)
		return;
	if (!smi_targets_add_exclude(t, &b))
		abort();
	spared[nspared++] = b;
}

static bool is_spared(struct smi_ip ip)
{
	for (size_t i = 0; i < nspared; i++) {
		const struct smi_block *b = &spared[i];
		struct smi_ip at = ip;

		if (!b->first.scope)
			at.scope = 0;
		if (at.scope == b->first.scope &&
		    smi_ip_cmp(&b->first, &at) <= 0 &&
		    smi_ip_cmp(&at, &b->last) <= 0)
			return true;
	}
	return false;
}

/* Targets, one a line; those behind a "!" are excluded. The walk must give as many
 * addresses as the count says, none of them twice in a row or excluded. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_targets t = { .count = 0 };
	struct smi_span rest = smi_span_of(data, size), line;
	struct smi_ip ip, last = { 0 };
	const char *name;

	nspared = 0;
	while (smi_span_split(&rest, '\n', &line))
		add(&t, line);
	if (smi_targets_begin(&t) < 0)
		abort();
	while (t.walked < 5000 && smi_targets_next(&t, &ip, &name)) {
		if (smi_ip_eq(&ip, &last) || is_spared(ip))
			abort();
		last = ip;
	}
	if (t.walked != SMI_MIN(t.count, 5000))
		abort();
	smi_targets_free(&t);
	return 0;
}
