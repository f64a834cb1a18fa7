/* SPDX-License-Identifier: MIT */
#include "process/tree.h"

#include <stdlib.h>

#include "record/build.h"

#define NOBODY UINT32_MAX

/* By index in the list; children of one are a chain, ascending. */
struct node {
	uint32_t parent, child, next;
	bool placed;
	sm_record *rec;
};

static int32_t pid_of(const sm_record *r)
{
	return (int32_t)r->v[SMI_PROC_PID].i;
}

static uint32_t find(const struct node *t, size_t n, int32_t pid)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pid_of(t[mid].rec) < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && pid_of(t[low].rec) == pid ? (uint32_t)low : NOBODY;
}

/* From behind: what is put before the others has the lower pid. */
static void link_children(struct node *t, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		int64_t ppid =
			smi_rec_int(t[i].rec, SM_KIND_PROCESS, SMI_PROC_PPID);
		uint32_t parent = find(t, n, (int32_t)ppid);

		t[i].parent = parent == i ? NOBODY : parent;
		if (t[i].parent == NOBODY)
			continue;
		t[i].next = t[parent].child;
		t[parent].child = (uint32_t)i;
	}
}

static uint32_t not_placed(const struct node *t, uint32_t at)
{
	while (at != NOBODY && t[at].placed)
		at = t[at].next;
	return at;
}

/* The next one in the order: down, else aside, else up and aside; no further up
 * than root. */
static uint32_t next_of(const struct node *t, uint32_t at, uint32_t root,
			int64_t *depth)
{
	uint32_t next = not_placed(t, t[at].child);

	if (next != NOBODY) {
		++*depth;
		return next;
	}
	for (; at != root; at = t[at].parent, --*depth) {
		next = not_placed(t, t[at].next);
		if (next != NOBODY)
			return next;
	}
	return NOBODY;
}

static size_t place(struct node *t, uint32_t root, sm_record **v, size_t used)
{
	int64_t depth = 0;

	for (uint32_t at = root; at != NOBODY;
	     at = next_of(t, at, root, &depth)) {
		t[at].placed = true;
		smi_set_int(t[at].rec, SMI_PROC_DEPTH, depth);
		v[used++] = t[at].rec;
	}
	return used;
}

bool smi_tree_sort(sm_record **v, size_t n)
{
	struct node *t;
	size_t used = 0;

	if (n == 0)
		return true;
	if (n >= NOBODY)
		return false;
	t = smi_zalloc(n * sizeof(*t));
	if (!t)
		return false;
	for (size_t i = 0; i < n; i++)
		t[i] = (struct node){ NOBODY, NOBODY, NOBODY, false, v[i] };
	link_children(t, n);
	for (size_t i = 0; i < n; i++)
		if (t[i].parent == NOBODY)
			used = place(t, (uint32_t)i, v, used);
	for (size_t i = 0; used < n && i < n; i++)
		if (!t[i].placed)
			used = place(t, (uint32_t)i, v, used);
	free(t);
	return true;
}
