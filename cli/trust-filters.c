/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trust.h"

/* What is not there, or cannot be read, is not read. */
static int unless_unread(int rc)
{
	switch (rc) {
	case -ENOENT:
	case -EACCES:
	case -EISDIR:
	case -ENOTDIR:
	case -EINVAL:
		return 0;
	default:
		return rc;
	}
}

static int check_files(const char *dir, char why[TRUST_WHY])
{
	static const char *const ends[] = { ".conf", ".local" };
	int r = 0;

	for (size_t k = 0; k < sizeof(ends) / sizeof(*ends) && r == 0; k++) {
		struct trust_names names = { NULL, 0 };

		r = trust_list(dir, ends[k], &names, why);
		for (size_t i = 0; i < names.n && r == 0; i++) {
			int fd = trust_open(names.v[i], false, why);

			if (fd >= 0)
				close(fd);
			r = fd < 0 ? unless_unread(fd) : 0;
		}
		trust_names_free(&names);
	}
	return unless_unread(r);
}

/* Of the filter x also x.d. */
static int check_more(const char *dir, char why[TRUST_WHY])
{
	struct trust_names names = { NULL, 0 };
	int r = trust_list(dir, ".d", &names, why);

	for (size_t i = 0; i < names.n && r == 0; i++)
		r = check_files(names.v[i], why);
	trust_names_free(&names);
	return unless_unread(r);
}

int trust_filters(const char *dir, char why[TRUST_WHY])
{
	static const char *const parts[] = { "", "/filter.d", "/jail.d" };
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && r == 0; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", dir,
				     parts[i]) >= sizeof(path)) {
			snprintf(why, TRUST_WHY, "%s", strerror(ENAMETOOLONG));
			return -ENAMETOOLONG;
		}
		r = check_files(path, why);
		if (r == 0)
			r = check_more(path, why);
	}
	return r;
}
