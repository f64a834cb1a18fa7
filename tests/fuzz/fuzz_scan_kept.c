/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"

/* Whatever a file says, a scan either goes on from where it can have been, and says
 * the same again, or it is refused. */
#define PORTS 32
#define HOSTS 16
#define SLOTS 64

static sm_ctx *ctx;
static struct smi_scan *scan;

static void set_up(const struct smi_kept *k)
{
	struct smi_range r = { { .family = 4, .b = { 127 } }, HOSTS, NULL };

	if (!ctx && sm_ctx_new(&ctx) < 0)
		abort();
	scan = smi_zalloc(sizeof(*scan));
	if (!scan)
		abort();
	scan->ctx = ctx;
	scan->key = k->key;
	scan->slots = smi_zalloc(SLOTS * sizeof(*scan->slots));
	scan->free_slots = smi_zalloc(SLOTS * sizeof(*scan->free_slots));
	scan->ports = smi_zalloc(PORTS * sizeof(*scan->ports));
	if (!scan->slots || !scan->free_slots || !scan->ports ||
	    !smi_targets_add(&scan->targets, &r) ||
	    smi_targets_begin(&scan->targets) < 0)
		abort();
	for (scan->nports = 0; scan->nports < PORTS; scan->nports++)
		scan->ports[scan->nports] = (uint16_t)(PORTS - scan->nports);
	for (scan->nslots = SLOTS; scan->nfree < SLOTS; scan->nfree++)
		scan->free_slots[scan->nfree] = SLOTS - 1 - scan->nfree;
	smi_scan_hosts_init(scan);
}

static void tear_down(void)
{
	for (unsigned i = 0; i < SMI_SCAN_HOSTS; i++)
		smi_held_free(&scan->hosts[i]);
	smi_targets_free(&scan->targets);
	free(scan->ports);
	free(scan->slots);
	free(scan->free_slots);
	free(scan);
}

static int restore(struct smi_span text, struct smi_buf *again)
{
	struct smi_kept k = { 0 };
	int r = smi_kept_parse(text, &k);

	if (r == 0) {
		set_up(&k);
		r = smi_scan_restore(scan, &k, 0);
		smi_kept_add_key(again, &k.key);
		if (r == 0 && smi_scan_keep(scan, again) < 0)
			abort();
		tear_down();
	}
	smi_kept_free(&k);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf first = { 0 }, second = { 0 };

	if (restore(smi_span_of((const char *)data, size), &first) < 0)
		return 0;
	if (restore(smi_buf_span(&first), &second) < 0 ||
	    !smi_span_eq(smi_buf_span(&first), smi_buf_span(&second)))
		abort();
	return 0;
}
