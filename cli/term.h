/* SPDX-License-Identifier: MIT */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors 0 to 2 are in use from here on, so that no file gets one of them:
 * one that was closed fails to read and write, as before. */
void term_hold_streams(void);

/* Lines of the terminal on fd: LINES, what the terminal says, else 24. */
unsigned term_height(int fd);
/* Columns of the terminal on fd: COLUMNS, what the terminal says, else 80. */
unsigned term_width(int fd);

/* Nanoseconds of a clock that only goes on. */
int64_t term_clock_ns(void);

enum term_color {
	TERM_COLOR_AUTO = 0,
	TERM_COLOR_ALWAYS = 1,
	TERM_COLOR_NEVER = 2
};
/* Whether standard output gets colours. */
bool term_color(int when);

/* A line on standard error that begins with the program's name. */
void say(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
/* On standard output, without the name and the newline. */
void show(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/* Where show() writes from here on; -1: nowhere. Gives how many lines it wrote since the
 * last call. */
unsigned show_to(int fd);
/* How many bytes it wrote since then. */
size_t shown_bytes(void);

/* The positive errno of the first show() there that failed, 0 when none did. */
int show_error(void);

/*
 * Text from outside as it may be shown: control characters, bad UTF-8 and
 * characters that hide or reorder others become \xNN. Newlines stay where lines
 * is set. Always terminated; gives the length.
 */
size_t term_escape(const char *text, bool lines, char *out, size_t size);

#endif
