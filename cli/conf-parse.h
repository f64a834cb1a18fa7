/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONF_PARSE_H
#define CLI_CONF_PARSE_H

#include <stddef.h>

/*
 * The text of a configuration file: lines "[section]", "name = value", comments that
 * begin with # or ;, and empty ones. A value is what is between the blanks around it;
 * there are no quotes, escapes or comments in it. Lines end in LF or CR LF, the last
 * one may lack it; a byte order mark of UTF-8 at the beginning is left out.
 */
#define CONF_MAX_BYTES	 (256u << 10)
#define CONF_MAX_LINE	 4096u /* bytes */
#define CONF_MAX_ENTRIES 2000u

struct conf_line {
	const char *section; /* "": none yet */
	const char *name;    /* NULL: the section begins here */
	const char *value;
	unsigned line; /* from 1 */
};

/* The texts are valid during the call. Not 0 ends the parsing. */
typedef int (*conf_line_fn)(const struct conf_line *l, void *user);

struct conf_error {
	unsigned line;
	const char *why; /* what is wrong, a constant */
};

/* 0, what fn gave, or -EBADMSG with err filled: then fn was called for the lines
 * before. */
int conf_parse(const char *text, size_t len, conf_line_fn fn, void *user,
	       struct conf_error *err);

#endif
