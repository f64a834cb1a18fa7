/* SPDX-License-Identifier: MIT */
#include "process/order.h"

#include <stdlib.h>

#include "process/tree.h"

static const struct {
	uint8_t sort, field;
} needs[] = {
	{ SM_PROC_BY_CPU, SMI_PROC_CPU_PERCENT },
	{ SM_PROC_BY_CPU, SMI_PROC_CPU_PERCENT_LIFETIME },
	{ SM_PROC_BY_MEMORY, SMI_PROC_RSS },
	{ SM_PROC_BY_NAME, SMI_PROC_NAME },
	{ SM_PROC_BY_TREE, SMI_PROC_PPID },
};

void smi_order_fields(int sort, struct smi_fieldset *set)
{
	for (size_t i = 0; i < SMI_COUNT(needs); i++)
		if (needs[i].sort == sort)
			smi_fieldset_add(set, needs[i].field);
}

static double busy(const sm_record *r)
{
	if (smi_rec_has(r, SMI_PROC_CPU_PERCENT))
		return r->v[SMI_PROC_CPU_PERCENT].r;
	return smi_rec_has(r, SMI_PROC_CPU_PERCENT_LIFETIME)
		       ? r->v[SMI_PROC_CPU_PERCENT_LIFETIME].r
		       : -1.0;
}

static int by_pid(const sm_record *a, const sm_record *b)
{
	int64_t x = a->v[SMI_PROC_PID].i, y = b->v[SMI_PROC_PID].i;

	return (x > y) - (x < y);
}

static int by_cpu(const void *pa, const void *pb)
{
	const sm_record *a = *(const sm_record *const *)pa;
	const sm_record *b = *(const sm_record *const *)pb;
	double x = busy(a), y = busy(b);

	return x != y ? (x < y) - (x > y) : by_pid(a, b);
}

static int by_memory(const void *pa, const void *pb)
{
	const sm_record *a = *(const sm_record *const *)pa;
	const sm_record *b = *(const sm_record *const *)pb;
	int64_t x = a->v[SMI_PROC_RSS].i, y = b->v[SMI_PROC_RSS].i;

	return x != y ? (x < y) - (x > y) : by_pid(a, b);
}

static int by_name(const void *pa, const void *pb)
{
	const sm_record *a = *(const sm_record *const *)pa;
	const sm_record *b = *(const sm_record *const *)pb;
	int r = smi_span_cmp(
		smi_rec_raw(a, SM_KIND_PROCESS, SMI_PROC_NAME_RAW),
		smi_rec_raw(b, SM_KIND_PROCESS, SMI_PROC_NAME_RAW));

	return r != 0 ? r : by_pid(a, b);
}

bool smi_order_sort(int sort, sm_record **v, size_t n)
{
	static int (*const orders[])(const void *, const void *) = {
		[SM_PROC_BY_CPU] = by_cpu,
		[SM_PROC_BY_MEMORY] = by_memory,
		[SM_PROC_BY_NAME] = by_name,
	};

	if (n == 0 || sort == SM_PROC_BY_PID)
		return true;
	if (sort == SM_PROC_BY_TREE)
		return smi_tree_sort(v, n);
	qsort(v, n, sizeof(*v), orders[sort]);
	return true;
}
