/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "portscan/scan.h"

/* Bytes of a list of targets. */
#define MAX_LIST (64u << 20)

/* What is named, and where, for sentences: a line of a list, or nowhere. */
struct place {
	bool exclude;
	const char *list;
	unsigned line;
};

static int add_name(sm_scan_opts *o, struct smi_span text, bool exclude)
{
	struct smi_scan_name n = { smi_strndup(text.p, text.len), exclude };

	if (!n.name)
		return smi_opts_nomem(&o->head);
	if (!smi_vec_push(&o->names, n)) {
		free(n.name);
		return smi_opts_nomem(&o->head);
	}
	return 0;
}

static int fail_target(sm_scan_opts *o, int rc, const struct place *at,
		       struct smi_span text, const char *why)
{
	const char *what = at->exclude ? "exclude" : "target";
	int len = (int)SMI_MIN(text.len, 200);

	if (!at->list)
		return smi_opts_fail(&o->head, rc, "%s '%.*s': %s", what, len,
				     text.p, why);
	return smi_opts_fail(&o->head, rc, "%s:%u: %s '%.*s': %s", at->list,
			     at->line, what, len, text.p, why);
}

static int add_range(sm_scan_opts *o, struct smi_span text, const char **why)
{
	struct smi_range range;
	int r = smi_range_parse(text, &range, why);

	return r == 1 && !smi_targets_add(&o->targets, &range) ? -ENOMEM : r;
}

static int add_block(sm_scan_opts *o, struct smi_span text, const char **why)
{
	struct smi_block block;
	int r = smi_block_parse(text, &block, why);

	return r == 1 && !smi_targets_add_exclude(&o->targets, &block) ? -ENOMEM
								       : r;
}

static int add(sm_scan_opts *o, struct smi_span text, const struct place *at)
{
	const char *why;
	int r;

	if (o->targets.items.n + o->targets.exclude.n + o->names.n >=
	    SMI_TARGETS_MAX)
		return fail_target(o, -E2BIG, at, text,
				   "there are more than 1,000,000 targets");
	r = at->exclude ? add_block(o, text, &why) : add_range(o, text, &why);
	if (r == 0)
		return add_name(o, text, at->exclude);
	if (r == -ENOMEM)
		return smi_opts_nomem(&o->head);
	return r > 0 ? 0
		     : fail_target(o, r == -ENODEV ? -ENOENT : r, at, text,
				   why);
}

static int add_text(sm_scan_opts *o, const char *text, bool exclude)
{
	struct place nowhere = { .exclude = exclude };

	if (!o)
		return -EINVAL;
	if (!text)
		return smi_opts_fail(&o->head, -EINVAL,
				     "a target is a text, not NULL");
	return add(o, smi_span_trim(smi_span_str(text)), &nowhere);
}

SM_EXPORT int sm_scan_opts_add_target(sm_scan_opts *o, const char *target)
{
	return add_text(o, target, false);
}

SM_EXPORT int sm_scan_opts_add_exclude(sm_scan_opts *o, const char *target)
{
	return add_text(o, target, true);
}

static int add_lines(sm_scan_opts *o, struct smi_span text, struct place at)
{
	struct smi_span line;

	while (smi_span_split(&text, '\n', &line)) {
		int r;

		at.line++;
		line = smi_span_head(line, smi_span_find(line, '#'));
		if (smi_span_ends(line, SMI_SPAN("\r")))
			line.len--;
		line = smi_span_trim(line);
		if (line.len == 0)
			continue;
		r = add(o, line, &at);
		if (r < 0)
			return r;
	}
	return 0;
}

/* fd may be a negative errno: of the open() that failed. */
static int add_list(sm_scan_opts *o, int fd, const char *name, bool exclude)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct place at = { .exclude = exclude, .list = name };
	int r = fd < 0 ? fd : smi_fd_read(fd, MAX_LIST, &text);

	if (r == -ENOMEM)
		return smi_opts_nomem(&o->head);
	if (r == -E2BIG)
		return smi_opts_fail(&o->head, r,
				     "%s: a list of targets has at most 64 MiB",
				     name);
	if (r < 0)
		return smi_opts_fail(&o->head, r,
				     "%s: the targets cannot be read: %s", name,
				     smi_strerror(-r));
	return add_lines(o, smi_buf_span(&text), at);
}

static int add_file(sm_scan_opts *o, const char *path, bool exclude)
{
	SMI_AUTOCLOSE int fd = -1;

	if (!o)
		return -EINVAL;
	if (!path)
		return smi_opts_fail(&o->head, -EINVAL,
				     "a file of targets has a name, not NULL");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return add_list(o, fd < 0 ? -errno : fd, path, exclude);
}

static int add_fd(sm_scan_opts *o, int fd, const char *name, bool exclude)
{
	if (!o)
		return -EINVAL;
	if (!name)
		return smi_opts_fail(&o->head, -EINVAL,
				     "a list of targets has a name, not NULL");
	if (fd < 0)
		return smi_opts_fail(&o->head, -EINVAL,
				     "%d is no descriptor to read \"%s\" from",
				     fd, name);
	return add_list(o, fd, name, exclude);
}

SM_EXPORT int sm_scan_opts_add_targets_file(sm_scan_opts *o, const char *path)
{
	return add_file(o, path, false);
}

SM_EXPORT int sm_scan_opts_add_targets_fd(sm_scan_opts *o, int fd,
					  const char *name)
{
	return add_fd(o, fd, name, false);
}

SM_EXPORT int sm_scan_opts_add_exclude_file(sm_scan_opts *o, const char *path)
{
	return add_file(o, path, true);
}

SM_EXPORT int sm_scan_opts_add_exclude_fd(sm_scan_opts *o, int fd,
					  const char *name)
{
	return add_fd(o, fd, name, true);
}
