/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "portscan/scan-state.h"
#include "portscan/svc.h"
#include "portscan/udp-payload.h"

#define TEXT_MAX 256 /* bytes of a product, version or info as they came */

static const char *text_of(struct smi_out *out, struct smi_span raw)
{
	return raw.len ? smi_utf8_escape_dup(smi_out_arena(out),
					     smi_span_head(raw, TEXT_MAX))
		       : NULL;
}

int smi_scan_said_record(struct smi_scan *s, struct smi_out *out,
			 struct smi_scan_host *h, uint16_t port,
			 const char *reason, int64_t rtt)
{
	struct smi_service_id id = { .service = NULL };
	struct smi_svc_found found = { .asked = true, .spoke = true };

	h->asked++;
	h->spoke++;
	found.banner = smi_span_head(s->said, SMI_SVC_BANNER);
	if (smi_udp_match(port, s->said, &id) == SMI_MATCH_YES) {
		found.service = id.service;
		found.anyone = id.open;
		found.product = text_of(out, id.product);
		found.version = text_of(out, id.version);
		found.info = text_of(out, id.info);
	}
	return smi_scan_asked_record(s, out, h, port, reason, rtt, &found);
}
