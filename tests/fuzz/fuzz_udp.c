/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "portscan/udp-payload.h"

static bool is_within(struct smi_span s, const void *p, size_t len)
{
	uintptr_t at = (uintptr_t)s.p, from = (uintptr_t)p;

	return at >= from && at + s.len <= from + len;
}

/* Reads all of a text. */
static void look(struct smi_span s)
{
	const volatile char *p = s.p;

	for (size_t i = 0; i < s.len; i++)
		(void)p[i];
}

/* Two bytes of the port, then the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_service_id id = { .service = NULL };
	enum smi_match m;
	uint16_t port;
	char *copy;

	if (size < 2)
		return 0;
	port = (uint16_t)(data[0] << 8 | data[1]);
	size -= 2;
	/* Exactly as long as the answer, so that a byte too far is seen. */
	copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, data + 2, size);
	m = smi_udp_match(port, smi_span_of(copy, size), &id);
	if (m == SMI_MATCH_MORE || (m == SMI_MATCH_YES) != (id.service != NULL))
		abort();
	if (m == SMI_MATCH_YES) {
		look(id.product);
		look(id.version);
		look(id.info);
		if (id.info.len > 0 &&
		    !is_within(id.info, id.space, sizeof(id.space)))
			abort();
	}
	free(copy);
	return 0;
}
