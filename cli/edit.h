/* SPDX-License-Identifier: MIT */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include <stdbool.h>

/* Lines that a person types, with editing and history where there is a terminal and
 * libedit. */
struct edit;

/* NULL: out of memory. */
struct edit *edit_new(void);
/* The line without its end, valid until the next call; NULL at the end of input and
 * after a signal. */
const char *edit_line(struct edit *e, const char *prompt);
void edit_free(struct edit *e);

/* Whether the library that edits lines can be opened; it stays open then. */
bool edit_is_there(void);

#endif
