/* SPDX-License-Identifier: MIT */
#ifndef CLI_LIBEDIT_H
#define CLI_LIBEDIT_H

#include <histedit.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * libedit, opened by the menu: it brings a terminal library and three more with it,
 * which would be a tenth of the memory of each command that has no menu.
 */
struct libedit {
	void *handle; /* NULL: not open */
	EditLine *(*el_init)(const char *, FILE *, FILE *, FILE *);
	void (*el_end)(EditLine *);
	const char *(*el_gets)(EditLine *, int *);
	int (*el_set)(EditLine *, int, ...);
	int (*el_get)(EditLine *, int, ...);
	History *(*history_init)(void);
	void (*history_end)(History *);
	int (*history)(History *, HistEvent *, int, ...);
};
/* false: it is not there. It stays open: what the terminal library keeps is known to
 * that alone. */
bool libedit_open(struct libedit *l);

#endif
