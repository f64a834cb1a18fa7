/* SPDX-License-Identifier: MIT */
#include "base/ip.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span s = smi_span_of(data, size);
	char text[SMI_IP_STRLEN];
	struct smi_ip ip, ip2;
	struct smi_prefix p, p2;

	if (smi_ip_parse(s, &ip)) {
		smi_ip_format(&ip, text);
		if (!smi_ip_parse(smi_span_str(text), &ip2) ||
		    !smi_ip_eq(&ip, &ip2))
			__builtin_trap();
		if (!smi_prefix_parse(smi_span_str(text), &p) ||
		    !smi_prefix_has(&p, &ip))
			__builtin_trap();
	}
	if (smi_prefix_parse(s, &p) && p.ip.scope == 0) {
		smi_prefix_format(&p, text);
		if (!smi_prefix_parse(smi_span_str(text), &p2) ||
		    p.bits != p2.bits || !smi_ip_eq(&p.ip, &p2.ip))
			__builtin_trap();
	}
	smi_ip_parse_zone(s, &ip);
	return 0;
}
