/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "portscan/syn-packet.h"

/* The first byte says which socket the others come from. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_ip here = { .family = 6, .b = { [15] = 1 } };
	struct smi_syn_reply r = { 0 };
	struct smi_span bytes;
	bool ok = false;

	if (!size)
		return 0;
	bytes = smi_span_of(data + 1, size - 1);
	switch (data[0] & 3) {
	case 0:
		ok = smi_syn_read_tcp4(bytes, &r);
		break;
	case 1:
		ok = smi_syn_read_tcp6(bytes, &here, &here, &r);
		break;
	case 2:
		ok = smi_syn_read_icmp4(bytes, &r);
		break;
	default:
		ok = smi_syn_read_icmp6(bytes, &r);
		break;
	}
	if (ok && (!r.reason || r.ends.own.family != r.ends.peer.family ||
		   r.says > SMI_SYN_UNREACHED))
		abort();
	return 0;
}
