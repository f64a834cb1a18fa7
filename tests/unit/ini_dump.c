/* SPDX-License-Identifier: MIT */
/* Reads INI texts, each as "LENGTH LF BYTES", and prints the options of each in
 * hexadecimal, "SECTION NAME VALUE", then "." or "!" where it is refused. */
#include <stdio.h>
#include <stdlib.h>

#include "detect/ini.h"

static void put_hex(struct smi_span s, char end)
{
	putchar('x');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.p[i]);
	putchar(end);
}

static void dump(struct smi_span text)
{
	struct smi_arena arena = { 0 };
	struct smi_ini ini = { { 0 } };
	struct smi_ini_error err;
	int r = smi_ini_parse(&ini, &arena, text, &err);

	for (size_t i = 0; r == 0 && i < ini.entries.n; i++) {
		const struct smi_ini_entry *e = &ini.entries.v[i];

		if (!e->name.len)
			continue;
		put_hex(e->section, ' ');
		put_hex(e->name, ' ');
		put_hex(e->value, '\n');
	}
	puts(r == 0 ? "." : "!");
	smi_ini_free(&ini);
	smi_arena_free(&arena);
}

int main(void)
{
	static char text[1 << 20];
	size_t len;

	while (scanf("%zu", &len) == 1) {
		getchar();
		if (len > sizeof(text) || fread(text, 1, len, stdin) != len)
			return 1;
		dump(smi_span_of(text, len));
	}
	return 0;
}
