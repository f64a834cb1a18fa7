/* SPDX-License-Identifier: MIT */
#include "process/lineage.h"

#include <stdio.h>

#include "base/utf8.h"
#include "process/guard.h"
#include "process/procfs.h"

#define FIRST_CAP ((size_t)1024)

static void unref(struct smi_lineage *l, struct smi_forebear *k)
{
	while (k && --k->refs == 0) {
		struct smi_forebear *parent = k->parent;

		free(k);
		l->kin--;
		k = parent;
	}
}

void smi_lineage_free(struct smi_lineage *l)
{
	for (size_t i = 0; i < l->cap; i++)
		if (l->slots[i])
			unref(l, l->slots[i]);
	free(l->slots);
	smi_buf_free(&l->text);
	l->slots = NULL;
	l->n = l->cap = 0;
}

/* Neighbours have numbers near by: they are spread by a multiplication. */
static size_t slot_of(const struct smi_lineage *l, int32_t pid)
{
	return ((uint32_t)pid * UINT32_C(2654435769)) & (l->cap - 1);
}

static struct smi_forebear **probe(const struct smi_lineage *l, int32_t pid)
{
	size_t i = slot_of(l, pid);

	while (l->slots[i] && l->slots[i]->pid != pid)
		i = (i + 1) & (l->cap - 1);
	return &l->slots[i];
}

struct smi_forebear *smi_lineage_find(const struct smi_lineage *l, int32_t pid)
{
	return l->cap ? *probe(l, pid) : NULL;
}

static int grow(struct smi_lineage *l)
{
	struct smi_lineage bigger = *l;

	if (l->n * 2 < l->cap)
		return 0;
	bigger.cap = l->cap ? l->cap * 2 : FIRST_CAP;
	bigger.slots = smi_zalloc(bigger.cap * sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < l->cap; i++)
		if (l->slots[i])
			*probe(&bigger, l->slots[i]->pid) = l->slots[i];
	free(l->slots);
	*l = bigger;
	return 0;
}

/* What stands behind it moves up, so that no search ends too early. */
static void take_out(struct smi_lineage *l, struct smi_forebear **slot)
{
	size_t hole = (size_t)(slot - l->slots), i = hole;

	l->slots[hole] = NULL;
	l->n--;
	for (;;) {
		size_t home;

		i = (i + 1) & (l->cap - 1);
		if (!l->slots[i])
			return;
		home = slot_of(l, l->slots[i]->pid);
		if (((i - home) & (l->cap - 1)) < ((i - hole) & (l->cap - 1)))
			continue;
		l->slots[hole] = l->slots[i];
		l->slots[i] = NULL;
		hole = i;
	}
}

void smi_lineage_end(struct smi_lineage *l, int32_t pid)
{
	struct smi_forebear **slot = l->cap ? probe(l, pid) : NULL, *k;

	if (!slot || !*slot)
		return;
	k = *slot;
	take_out(l, slot);
	unref(l, k);
}

/* A chain of processes that each start the next and end has no end otherwise. */
static void cut_chain(struct smi_lineage *l, struct smi_forebear *k)
{
	for (size_t depth = 0; k && depth < SMI_LINEAGE_DEPTH; depth++)
		k = k->parent;
	if (!k || !k->parent)
		return;
	l->evicted++;
	unref(l, k->parent);
	k->parent = NULL;
}

int smi_lineage_add(struct smi_lineage *l, int32_t pid,
		    struct smi_forebear *parent, struct smi_forebear **out)
{
	struct smi_forebear *k;

	if (parent)
		parent->refs++;
	smi_lineage_end(l, pid);
	k = grow(l) == 0 ? smi_zalloc(sizeof(*k)) : NULL;
	if (!k) {
		unref(l, parent);
		return -ENOMEM;
	}
	if (parent && l->kin >= SMI_LINEAGE_MAX) {
		l->evicted++;
		unref(l, parent);
		parent = NULL;
	}
	*k = (struct smi_forebear){ .parent = parent, .refs = 1, .pid = pid };
	k->ppid = parent ? parent->pid : 0;
	*probe(l, pid) = k;
	l->n++;
	l->kin++;
	cut_chain(l, k);
	*out = k;
	return 0;
}

void smi_forebear_rename(struct smi_forebear *k, struct smi_span name)
{
	k->name_len = (uint8_t)SMI_MIN(name.len, sizeof(k->name));
	if (k->name_len > 0)
		memcpy(k->name, name.p, k->name_len);
}

static int read_stat(struct smi_lineage *l, int32_t pid, struct smi_stat *st)
{
	char path[SMI_PROC_PATH];
	int r = smi_guard_read(l->dir, pid,
			       smi_procdir_path(path, pid, pid, "stat"),
			       SMI_ONE_PIECE, SMI_PROCFILE_MAX, &l->text);

	if (r == -ENOMEM)
		return r;
	return r == 0 && smi_procfs_stat(smi_buf_span(&l->text), false, st);
}

int smi_lineage_read(struct smi_lineage *l, struct smi_forebear *k)
{
	struct smi_stat st;
	int r = read_stat(l, k->pid, &st);

	if (r == 1)
		k->start = st.start;
	return r < 0 ? r : 0;
}

/* Parents that were read at different times may go round in a circle. */
static bool descends(const struct smi_forebear *k,
		     const struct smi_forebear *from)
{
	for (size_t i = 0; k && i < 2 * SMI_LINEAGE_DEPTH; i++, k = k->parent)
		if (k == from)
			return true;
	return k != NULL;
}

int smi_lineage_get(struct smi_lineage *l, int32_t pid,
		    struct smi_forebear **out)
{
	struct smi_forebear *below = NULL;

	*out = smi_lineage_find(l, pid);
	if (*out)
		return 1;
	/* From it upwards, to one that is known. */
	for (size_t depth = 0; pid > 0 && depth < SMI_LINEAGE_DEPTH; depth++) {
		struct smi_forebear *k = smi_lineage_find(l, pid);
		struct smi_stat st;
		bool known = k != NULL;
		int r = known ? 1 : read_stat(l, pid, &st);

		if (r == 1 && !known)
			r = smi_lineage_add(l, pid, NULL, &k) < 0 ? -ENOMEM : 1;
		if (r <= 0)
			return r < 0 ? r : *out != NULL;
		if (below && !descends(k, below)) {
			below->parent = k;
			k->refs++;
		}
		if (!*out)
			*out = k;
		if (known)
			break;
		k->start = st.start;
		k->ppid = st.ppid;
		smi_forebear_rename(k, st.name);
		below = k;
		pid = st.ppid;
	}
	return *out != NULL;
}

size_t smi_forebear_ancestors(const struct smi_forebear *k, struct smi_arena *a,
			      const char ***out)
{
	const char *names[SMI_LINEAGE_DEPTH];
	size_t n = 0;

	*out = NULL;
	for (k = k->parent; k && n < SMI_LINEAGE_DEPTH; k = k->parent) {
		char text[16 + 16];
		int len = snprintf(text, sizeof(text), "%.*s(%d)", k->name_len,
				   k->name, k->pid);

		names[n] =
			smi_utf8_escape_dup(a, smi_span_of(text, (size_t)len));
		if (!names[n++])
			return 0;
	}
	if (n == 0)
		return 0;
	*out = smi_arena_alloc(a, n * sizeof(**out));
	if (!*out)
		return 0;
	memcpy(*out, names, n * sizeof(**out));
	return n;
}
