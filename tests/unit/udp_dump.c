/* SPDX-License-Identifier: MIT */
/* Prints what UDP ports are asked, "PORT ATTEMPT HEX"; then reads answers, "PORT HEX",
 * and prints what each says, "SERVICE|PRODUCT|VERSION|INFO|OPEN" or "-". */
#include <stdio.h>
#include <string.h>

#include "portscan/udp-payload.h"

static void put_span(struct smi_span s, char end)
{
	printf("%.*s%c", (int)s.len, s.p ? s.p : "", end);
}

static void say(unsigned port, struct smi_span answer)
{
	struct smi_service_id id = { .service = NULL };

	if (smi_udp_match((uint16_t)port, answer, &id) != SMI_MATCH_YES) {
		puts("-");
		return;
	}
	printf("%s|", id.service);
	put_span(id.product, '|');
	put_span(id.version, '|');
	put_span(id.info, '|');
	printf("%d\n", id.open);
}

int main(void)
{
	static char line[8192], bytes[4096];
	unsigned port, n;

	for (port = 1; port < 65536; port++) {
		for (n = 0;
		     smi_udp_row((uint16_t)port) && n < SMI_UDP_QUESTIONS;
		     n++) {
			struct smi_span s = smi_udp_payload((uint16_t)port, n);

			printf("%u %u ", port, n);
			for (size_t i = 0; i < s.len; i++)
				printf("%02x", (unsigned char)s.p[i]);
			putchar('\n');
		}
	}
	puts(".");
	while (fgets(line, sizeof(line), stdin)) {
		int at = 0;
		size_t len = 0;

		if (sscanf(line, "%u %n", &port, &at) < 1)
			return 1;
		for (const char *p = line + at; sscanf(p, "%2x", &n) == 1;
		     p += 2)
			bytes[len++] = (char)n;
		say(port, smi_span_of(bytes, len));
	}
	return 0;
}
