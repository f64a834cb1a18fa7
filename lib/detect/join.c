/* SPDX-License-Identifier: MIT */
#include "detect/join.h"

#include <sysmon/sysmon.h>

#include "core/event.h"
#include "record/copy.h"

static const struct smi_join_kind kinds[] = {
	{ SM_KIND_FINDING, SMI_JOIN_FINDING_BYTES },
	{ SM_KIND_PROCESS, 16u << 20 },
	{ SM_KIND_PORT, 16u << 20 },
	{ SM_KIND_EVENT, 8u << 20 },
	{ SM_KIND_HOST, 1u << 20 },
};

const struct smi_join_kind *smi_join_kind(int kind)
{
	for (size_t i = 0; i < SMI_COUNT(kinds); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

int smi_join_new(sm_ctx *ctx, sm_ruleset *rs, sm_join **out)
{
	sm_join *j = smi_zalloc(sizeof(*j));

	if (!j)
		return smi_fail_nomem(ctx);
	j->ctx = sm_ctx_ref(ctx);
	j->rs = sm_ruleset_ref(rs);
	*out = j;
	return 0;
}

SM_EXPORT void sm_join_free(sm_join *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->entries.n; i++)
		sm_record_unref(j->entries.v[i].rec);
	smi_vec_free(&j->entries);
	smi_map_free(&j->ids);
	smi_map_free(&j->about);
	smi_accepted_free(&j->accepted);
	sm_ruleset_unref(j->rs);
	sm_ctx_unref(j->ctx);
	free(j);
}

bool smi_join_is_choice(const struct smi_join_part *p, const sm_record *rec)
{
	const struct smi_join_choice *c = &p->choices[rec->kind];

	return c->is_on && (!c->filter || smi_filter_match(c->filter, rec));
}

static bool is_asked(const sm_join *j, const sm_record *rec)
{
	for (size_t i = 0; i < j->rs->rules.n; i++) {
		const struct smi_join_rule *rule = j->rs->rules.v[i]->join;

		for (size_t p = 0; rule && p < rule->nparts; p++)
			if (smi_join_is_choice(&rule->parts[p], rec))
				return true;
	}
	return false;
}

static void give_up(sm_join *j, struct smi_join_entry *e)
{
	const char *id = sm_record_id(e->rec);

	smi_map_remove(&j->ids, smi_span_str(id));
	j->used[e->rec->kind] -= e->size;
	sm_record_unref(e->rec);
	e->rec = NULL;
}

static int severity_of(const sm_record *rec)
{
	return sm_finding_severity(sm_record_finding(rec));
}

static struct smi_join_entry *mildest(sm_join *j)
{
	struct smi_join_entry *found = NULL;

	for (size_t i = 0; i < j->entries.n; i++) {
		struct smi_join_entry *e = &j->entries.v[i];

		if (e->rec && e->rec->kind == SM_KIND_FINDING &&
		    (!found || severity_of(e->rec) < severity_of(found->rec)))
			found = e;
	}
	return found;
}

/* Many mild findings must not keep a grave one out. */
static bool make_room(sm_join *j, const sm_record *rec, size_t size)
{
	size_t limit = smi_join_kind(rec->kind)->bytes;

	while (j->used[rec->kind] + size > limit) {
		struct smi_join_entry *e =
			rec->kind == SM_KIND_FINDING ? mildest(j) : NULL;

		if (!e || severity_of(e->rec) >= severity_of(rec))
			return false;
		give_up(j, e);
		j->dropped[rec->kind]++;
	}
	return true;
}

static int keep(sm_join *j, const sm_record *rec)
{
	struct smi_join_entry e = { .size = smi_rec_size(rec) };
	const char *id = sm_record_id(rec);

	if (!make_room(j, rec, e.size)) {
		j->dropped[rec->kind]++;
		return 0;
	}
	if (!smi_vec_reserve(&j->entries, j->entries.n + 1))
		return smi_fail_nomem(j->ctx);
	e.rec = sm_record_ref(rec);
	if (!e.rec)
		return smi_fail_nomem(j->ctx);
	if (id[0] && !smi_map_put(&j->ids, smi_span_str(id),
				  (void *)(uintptr_t)(j->entries.n + 1))) {
		sm_record_unref(e.rec);
		return smi_fail_nomem(j->ctx);
	}
	j->used[rec->kind] += e.size;
	j->entries.v[j->entries.n++] = e;
	return 0;
}

SM_EXPORT int sm_join_collect(const sm_event *ev, void *join)
{
	sm_join *j = join;
	const sm_record *rec = ev ? ev->rec : NULL;
	uintptr_t before;

	if (!j || !ev)
		return -EINVAL;
	if (j->finished)
		return smi_fail(j->ctx, -EINVAL,
				"the join is finished and takes no more");
	if ((ev->kind != SM_EVENT_RECORD && ev->kind != SM_EVENT_FINDING) ||
	    !rec || !smi_join_kind(rec->kind))
		return 0;
	before = (uintptr_t)smi_map_get(&j->ids,
					smi_span_str(sm_record_id(rec)));
	if (before)
		give_up(j, &j->entries.v[before - 1]);
	return is_asked(j, rec) ? keep(j, rec) : 0;
}
