/* SPDX-License-Identifier: MIT */
#include "logsrc/docker.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "logsrc/rotation.h"

#define ID_LEN 64

void smi_paths_free(struct smi_paths *p)
{
	for (size_t i = 0; i < p->v.n; i++)
		free(p->v.v[i]);
	smi_vec_free(&p->v);
}

static bool is_id(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr("0123456789abcdef", s.p[i], 16))
			return false;
	return s.len == ID_LEN;
}

/* ID-json.log, and its elders. */
static bool is_log(const char *name)
{
	struct smi_span base = smi_rotated_parse(name).base;

	return smi_span_eq_str(smi_span_skip(base, ID_LEN), "-json.log") &&
	       is_id(smi_span_head(base, ID_LEN));
}

static int join(const char *dir, const char *name, char **out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };

	smi_buf_str(&path, dir);
	if (!smi_span_ends(smi_span_str(dir), SMI_SPAN("/")))
		smi_buf_char(&path, '/');
	smi_buf_str(&path, name);
	if (!smi_buf_cstr(&path))
		return -ENOMEM;
	*out = path.p;
	path = (struct smi_buf){ 0 };
	return 0;
}

static int scan(const struct smi_fsroot *root, const char *path, bool deeper,
		struct smi_paths *out);

/* A log, or the directory of a container: it may be gone by now. */
static int consider(const struct smi_fsroot *root, const char *dir,
		    const char *name, bool deeper, struct smi_paths *out)
{
	SMI_AUTOFREE char *path = NULL;
	bool log = is_log(name);
	int r;

	if (!log && !(deeper && is_id(smi_span_str(name))))
		return 0;
	r = join(dir, name, &path);
	if (r < 0)
		return r;
	if (!log) {
		r = scan(root, path, false, out);
		return r == -ENOENT || r == -ENOTDIR ? 0 : r;
	}
	if (!smi_vec_push(&out->v, path))
		return -ENOMEM;
	path = NULL;
	return 0;
}

/* In the order of their names: what is told must not depend on the directory. */
static int scan(const struct smi_fsroot *root, const char *path, bool deeper,
		struct smi_paths *out)
{
	SMI_AUTOCLOSE int fd =
		smi_fsroot_open(root, path, O_RDONLY | O_DIRECTORY);
	struct dirent **names = NULL;
	int n, r = 0;

	if (fd < 0)
		return fd;
	n = scandirat(fd, ".", &names, NULL, alphasort);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = consider(root, path, names[i]->d_name, deeper, out);
		free(names[i]);
	}
	free(names);
	return r;
}

int smi_docker_list(const struct smi_fsroot *root, const char *path,
		    struct smi_paths *out)
{
	int r = scan(root, path, true, out);

	if (r < 0)
		smi_paths_free(out);
	return r;
}
