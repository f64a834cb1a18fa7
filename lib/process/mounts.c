/* SPDX-License-Identifier: MIT */
#include "process/mounts.h"

#include <stdlib.h>

/* A machine with ten thousand containers has so much. */
#define MOUNTINFO_MAX ((size_t)64 << 20)

static bool skip_fields(struct smi_span *rest, unsigned n)
{
	struct smi_span field;

	while (n-- > 0)
		if (!smi_span_split(rest, ' ', &field))
			return false;
	return true;
}

bool smi_mount_parse(struct smi_span line, struct smi_mount *out)
{
	struct smi_span field = { NULL, 0 };

	/* Mount, parent, device; then the optional fields, which "-" ends. */
	if (!skip_fields(&line, 3) || !smi_span_split(&line, ' ', &out->root) ||
	    !smi_span_split(&line, ' ', &out->point))
		return false;
	while (!smi_span_eq_str(field, "-"))
		if (!smi_span_split(&line, ' ', &field))
			return false;
	return smi_span_split(&line, ' ', &out->type) &&
	       smi_span_split(&line, ' ', &out->source) &&
	       smi_span_split(&line, ' ', &out->super_options);
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

void smi_mount_text(struct smi_buf *b, struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char *p = s.p + i;

		if (*p == '\\' && s.len - i > 3 && p[1] <= '3' &&
		    is_octal(p[1]) && is_octal(p[2]) && is_octal(p[3])) {
			smi_buf_char(b,
				     (char)((p[1] - '0') << 6 |
					    (p[2] - '0') << 3 | (p[3] - '0')));
			i += 3;
		} else {
			smi_buf_char(b, *p);
		}
	}
}

bool smi_mount_on_process(struct smi_span point, int32_t *pid)
{
	const struct smi_span proc = SMI_SPAN("/proc/");
	uint64_t v;
	size_t n;

	if (!smi_span_starts(point, proc))
		return false;
	point = smi_span_skip(point, proc.len);
	n = smi_span_digits(point, &v);
	if (n == 0 || v == 0 || v > INT32_MAX || point.p[0] == '0' ||
	    (n < point.len && point.p[n] != '/'))
		return false;
	*pid = (int32_t)v;
	return true;
}

static bool is_hiding(struct smi_span options)
{
	const struct smi_span key = SMI_SPAN("hidepid=");
	struct smi_span option;

	while (smi_span_split(&options, ',', &option)) {
		struct smi_span v = smi_span_skip(option, key.len);

		if (smi_span_starts(option, key))
			return !smi_span_eq_str(v, "0") &&
			       !smi_span_eq_str(v, "off");
	}
	return false;
}

static bool add_over(struct smi_mounts *m, int32_t pid,
		     const struct smi_mount *mount)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_mount_over over = { pid, NULL };

	if (m->over.n == SMI_MOUNTS_OVER_MAX) {
		m->more++;
		return true;
	}
	smi_mount_text(&b, mount->root);
	smi_buf_str(&b, " (");
	smi_mount_text(&b, mount->type);
	smi_buf_char(&b, ' ');
	smi_mount_text(&b, mount->source);
	smi_buf_char(&b, ')');
	over.what = smi_buf_error(&b) ? NULL : smi_strndup(b.p, b.len);
	if (over.what && smi_vec_push(&m->over, over))
		return true;
	free(over.what);
	return false;
}

static bool add_cgroups(struct smi_mounts *m, const struct smi_mount *mount)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	if (m->cgroups)
		return true;
	smi_mount_text(&b, mount->point);
	if (!smi_buf_error(&b))
		m->cgroups = smi_strndup(b.p, b.len);
	return m->cgroups != NULL;
}

bool smi_mounts_parse(struct smi_mounts *m, struct smi_span text)
{
	struct smi_span line;
	bool ok = true;

	while (ok && smi_span_split(&text, '\n', &line)) {
		struct smi_mount mount;
		int32_t pid;

		if (!smi_mount_parse(line, &mount))
			continue;
		if (smi_mount_on_process(mount.point, &pid))
			ok = add_over(m, pid, &mount);
		else if (smi_span_eq_str(mount.type, "cgroup2"))
			ok = add_cgroups(m, &mount);
		/* The last one lies on top. */
		else if (smi_span_eq_str(mount.point, "/proc"))
			m->hidepid = is_hiding(mount.super_options);
	}
	return ok;
}

int smi_mounts_read(struct smi_mounts *m, const struct smi_fsroot *root)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = smi_fsroot_read(root, "/proc/self/mountinfo", MOUNTINFO_MAX,
				&b);

	if (r == -ENOMEM || !smi_mounts_parse(m, smi_buf_span(&b)))
		return -ENOMEM;
	return 0;
}

void smi_mounts_free(struct smi_mounts *m)
{
	for (size_t i = 0; i < m->over.n; i++)
		free(m->over.v[i].what);
	smi_vec_free(&m->over);
	free(m->cgroups);
	m->cgroups = NULL;
}
