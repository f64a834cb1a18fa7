/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_INI_H
#define SMI_DETECT_INI_H

#include "base/arena.h"
#include "base/vec.h"

/*
 * INI text as Python's configparser reads it in fail2ban: "name = value" or
 * "name: value", deeper lines continue a value, lines that begin with # or ; are
 * comments, and " ;" begins one within a line. Names of options are lower case;
 * of a section that has none, an entry with an empty name tells that it is there.
 */
#define SMI_INI_MAX_BYTES   (1u << 20)
#define SMI_INI_MAX_ENTRIES 20000

struct smi_ini_entry {
	struct smi_span section, name, value;
	uint32_t line; /* of the name */
};
struct smi_ini {
	SMI_VEC(struct smi_ini_entry) entries; /* in reading order */
};
struct smi_ini_error {
	uint32_t line;
	const char *text;
};

/* Everything is copied into the arena. -EBADMSG with err filled, -ENOMEM. */
int smi_ini_parse(struct smi_ini *ini, struct smi_arena *a,
		  struct smi_span text, struct smi_ini_error *err);
void smi_ini_free(struct smi_ini *ini);

/* White space as Python's str.strip() means it, in ASCII. */
bool smi_ini_space(char c);
struct smi_span smi_ini_strip(struct smi_span s);

#endif
