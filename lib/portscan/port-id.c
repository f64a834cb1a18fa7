/* SPDX-License-Identifier: MIT */
#include "portscan/port-id.h"

#include "record/build.h"
#include "record/id.h"

/* Each machine has its own 127.0.0.1, fe80::1 and 0.0.0.0. */
static bool is_of_one_machine(const struct smi_ip *ip)
{
	return smi_ip_is_loopback(ip) || smi_ip_is_link_local(ip) ||
	       smi_ip_is_any(ip);
}

void smi_port_set_id(sm_ctx *ctx, struct smi_arena *a, sm_record *r,
		     const struct smi_ip *ip, const char *protocol,
		     uint16_t port)
{
	char text[SMI_ID_STRLEN], address[SMI_IP_STRLEN];
	struct smi_id id;

	smi_id_begin(&id);
	if (is_of_one_machine(ip))
		smi_id_part(&id, smi_span_str(smi_ctx_host_id(ctx)));
	smi_id_part(&id, smi_span_str(smi_ip_format(ip, address)));
	smi_id_part(&id, smi_span_str(protocol));
	smi_id_int(&id, port);
	smi_set_text(a, r, SMI_PORT_ID, smi_span_str(smi_id_end(&id, text)));
}
