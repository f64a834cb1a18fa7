/* SPDX-License-Identifier: MIT */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

/* The files that a run reads or keeps, none of which may be an output of it. */

/* What the path is of them, by whatever name, or the directory of a csv file among them;
 * NULL: none. run is a struct run. */
const char *input_named(const char *path, const void *run);

#endif
