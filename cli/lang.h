/* SPDX-License-Identifier: MIT */
#ifndef CLI_LANG_H
#define CLI_LANG_H

/*
 * The language of sentences, by LC_ALL, LC_MESSAGES or LANG, and LANGUAGE. Where that
 * is set and the locale is unset, unknown, or C by LANG, it counts as well, which
 * gettext(3) has not: a server often has no other locale. LC_ALL=C or LC_MESSAGES=C
 * is English in any case.
 */
void lang_init(void);
/* The translation of text, or text. */
const char *tr(const char *text) __attribute__((__format_arg__(1)));

#endif
