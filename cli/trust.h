/* SPDX-License-Identifier: MIT */
#ifndef CLI_TRUST_H
#define CLI_TRUST_H

#include <stdbool.h>
#include <stddef.h>

/* Where the settings of the whole system are. */
const char *etc_dir(void);

#define TRUST_WHY 400

/*
 * Opens what steers a run, which nobody but root and the user of this process may
 * write: neither the file, nor a directory or a symbolic link on the way to it. A
 * directory that others may write is taken on the way where it is sticky and its entry
 * belongs to root or the user. Only regular files, only directories; a FIFO does not
 * hold it up. A descriptor or a negative errno: -ENOENT where there is nothing,
 * whoever may write the way there, -EPERM for what is not trusted. why is a sentence.
 */
int trust_open(const char *path, bool dir, char why[TRUST_WHY]);

/* The whole of such a file, at most max bytes (-E2BIG); *out has a NUL behind them,
 * which *len does not count. */
int trust_read(const char *path, size_t max, char **out, size_t *len,
	       char why[TRUST_WHY]);

#define TRUST_NAMES 1000

/* The paths in such a directory of what ends in suffix, in the order of their bytes:
 * names that begin with a dot do not count. -E2BIG for more than TRUST_NAMES. */
struct trust_names {
	char **v;
	size_t n;
};
int trust_list(const char *path, const char *suffix, struct trust_names *out,
	       char why[TRUST_WHY]);
void trust_names_free(struct trust_names *names);

/* A file, or a directory with all that ends in .yaml or .yml in it. */
int trust_check(const char *path, char why[TRUST_WHY]);

/* All that may be read of a directory of fail2ban, and the directories in it. What is not
 * there is no matter. */
int trust_filters(const char *dir, char why[TRUST_WHY]);

#endif
