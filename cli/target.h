/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include <stdbool.h>
#include <stddef.h>

/* Names of outputs, before there is anything to write. */

/* A slash at the end names a directory. */
bool target_is_dir(const char *path);
/* Where it lies: "a/b" and "a/b/" to "a", "b" to ".". false: too long. */
bool target_parent(const char *path, char *out, size_t size);
/* What the library would find out when the work is done; NULL: nothing. */
const char *target_refuse(const char *path);
/* Whether it is or will be one of the files, by whatever name, or the directory of a csv file among
 * them. */
bool target_is_one_of(const char *path, const char *const *files,
		      unsigned nfiles);

#endif
