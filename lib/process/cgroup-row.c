/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"
#include "process/row.h"

static struct smi_span same(struct smi_span path)
{
	return path;
}

static const struct {
	unsigned field;
	struct smi_span (*read)(struct smi_span path);
} of_cgroup[] = {
	{ SMI_PROC_CGROUP, same },
	{ SMI_PROC_CONTAINER, smi_cgroup_container },
	{ SMI_PROC_UNIT, smi_cgroup_unit },
	{ SMI_PROC_SLICE, smi_cgroup_slice },
	{ SMI_PROC_RUNTIME, smi_cgroup_runtime },
};

/* 1 and the path, or as smi_row_files(). */
static int read_cgroup(struct smi_row *row, struct smi_span *path)
{
	char name[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	int r;

	if (smi_memo_cgroup(&s->memo, &row->like, path))
		return 1;
	r = smi_procdir_read(
		&s->dir, smi_procdir_path(name, row->pid, row->tid, "cgroup"),
		SMI_PROCFILE_MAX, &s->text);
	if (r < 0 && r != -E2BIG)
		return smi_row_failure(row, SMI_FROM_CGROUP, r);
	*path = smi_cgroup_path(smi_buf_span(&s->text));
	r = r == 0 ? smi_memo_keep_cgroup(&s->memo, &row->like, *path) : 0;
	return r < 0 ? r : 1;
}

int smi_row_cgroup(struct smi_row *row)
{
	struct smi_span path;
	int r = read_cgroup(row, &path);

	if (r <= 0)
		return r;
	for (size_t i = 0; i < SMI_COUNT(of_cgroup); i++) {
		struct smi_span text;

		if (!smi_row_wants(row, of_cgroup[i].field))
			continue;
		text = of_cgroup[i].read(path);
		if (text.len > 0)
			smi_set_text(row->a, row->rec, of_cgroup[i].field,
				     text);
	}
	return 0;
}
