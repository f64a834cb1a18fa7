/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include <stddef.h>

/*
 * A temporary directory that stands for a machine's files. Paths are relative to
 * it; directories above them are made. Whatever fails, fails the test.
 */
const char *tree_make(void);
void tree_remove(void);
void tree_dir(const char *path);
void tree_file(const char *path, const void *bytes, size_t len);
void tree_text(const char *path, const char *text);
void tree_link(const char *path, const char *target);
void tree_fifo(const char *path);
/* A directory of it; the caller closes it. */
int tree_open(const char *path);

#endif
