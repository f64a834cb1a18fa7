/* SPDX-License-Identifier: MIT */
#ifndef CLI_LANG_H
#define CLI_LANG_H

/*
 * The language of sentences, by LC_ALL, LC_MESSAGES or LANG, and LANGUAGE: also where
 * the system does not have that locale, and LANGUAGE where none is set or LANG is C.
 * LC_ALL or LC_MESSAGES of C is English.
 */
void lang_init(void);
/* The translation of text, or text. */
const char *tr(const char *text) __attribute__((__format_arg__(1)));

#endif
