/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_UTF8_H
#define SMI_BASE_UTF8_H

#include "base/arena.h"
#include "base/buf.h"

/* The length of the well-formed UTF-8 character (RFC 3629) that s begins with,
 * 0 when there is none. cp may be NULL. */
size_t smi_utf8_char(struct smi_span s, uint32_t *cp);
bool smi_utf8_valid(struct smi_span s);

/*
 * Text for people from any bytes. What is not well-formed and the control
 * characters (C0, DEL, C1) become \xHH, byte by byte; a backslash becomes \x5c
 * where x and two hexadecimal digits follow it, so that the way back is clear.
 */
bool smi_utf8_clean(struct smi_span s); /* nothing to escape */
void smi_utf8_escape(struct smi_buf *b, struct smi_span s);
/* The same, NUL-terminated in the arena; NULL when memory is out. */
char *smi_utf8_escape_dup(struct smi_arena *a, struct smi_span s);

/* Terminal columns of a character: 0, 1 or 2 (Unicode East Asian Width), and of
 * a clean string. */
int smi_utf8_width(uint32_t cp);
size_t smi_utf8_columns(struct smi_span s);

#endif
