/* SPDX-License-Identifier: MIT */
#include "api/ability.h"

#include <stdlib.h>

#include "record/build.h"
#include "record/sentence.h"

static smi_ability_fn *const rows[] = {
	smi_ability_raw_sockets, smi_ability_own_sockets, smi_ability_tls,
	smi_ability_proc,	 smi_ability_other_users, smi_ability_events,
	smi_ability_descriptors, smi_ability_journal,	  smi_ability_logs,
	smi_ability_packed,	 smi_ability_zone,	  smi_ability_rules,
	smi_ability_history,
};

static const char *const words[] = {
	[SM_ABILITY_OK] = "ok",
	[SM_ABILITY_LIMITED] = "limited",
	[SM_ABILITY_MISSING] = "missing",
};

static void set_sentence(struct smi_arena *arena, sm_record *rec,
			 unsigned field, unsigned template_field,
			 const char *text, const struct smi_strs *args)
{
	const char *template = smi_arena_strndup(arena, text, strlen(text));

	if (!template)
		return;
	smi_set_const(rec, template_field, template);
	smi_set_const(rec, field,
		      smi_sentence_dup(arena, template, args, NULL));
}

sm_record *smi_ability_record(struct smi_arena *arena,
			      const struct smi_ability *a,
			      const char *const *args, size_t nargs)
{
	sm_record *rec = smi_rec_new(arena, SM_KIND_ABILITY);
	const char **v = smi_arena_alloc(arena, (nargs + 1) * sizeof(*v));
	struct smi_strs *list = smi_arena_alloc(arena, sizeof(*list));

	if (!rec || !v || !list)
		return NULL;
	for (size_t i = 0; i < nargs; i++)
		v[i] = smi_arena_strndup(arena, args[i], strlen(args[i]));
	if (smi_arena_error(arena))
		return NULL;
	*list = (struct smi_strs){ nargs, v };
	smi_set_text(arena, rec, SMI_ABILITY_NAME, smi_span_str(a->name));
	smi_set_text(arena, rec, SMI_ABILITY_PART, smi_span_str(a->part));
	smi_set_const(rec, SMI_ABILITY_STATUS, words[a->status]);
	set_sentence(arena, rec, SMI_ABILITY_TEXT, SMI_ABILITY_TEXT_TEMPLATE,
		     a->sentence, list);
	if (a->next_step)
		set_sentence(arena, rec, SMI_ABILITY_NEXT_STEP,
			     SMI_ABILITY_NEXT_STEP_TEMPLATE, a->next_step,
			     list);
	smi_set_strs(arena, rec, SMI_ABILITY_ARGS, list->v, list->n);
	return smi_arena_error(arena) ? NULL : rec;
}

int smi_ability_tell(struct smi_out *out, const struct smi_ability *a)
{
	size_t n = 0;
	sm_record *rec;

	while (n < SMI_COUNT(a->args) && a->args[n])
		n++;
	rec = smi_ability_record(smi_out_arena(out), a, a->args, n);
	return rec ? smi_out_emit(out, rec) : smi_fail_nomem(smi_out_ctx(out));
}

struct source {
	sm_ctx *ctx;
	size_t at;
};

static int start(void *src, struct smi_out *out)
{
	(void)src;
	(void)out;
	return 0;
}

/* One at a time: some of them take a while. */
static int step(void *src, struct smi_out *out)
{
	struct source *s = src;
	int r = rows[s->at](s->ctx, out);

	if (r < 0)
		return r;
	return ++s->at < SMI_COUNT(rows);
}

static void free_source(void *src)
{
	struct source *s = src;

	sm_ctx_unref(s->ctx);
	free(s);
}

static const struct smi_source_ops abilities = {
	.name = "abilities",
	.start = start,
	.step = step,
	.free = free_source,
};

SM_EXPORT int sm_job_new_abilities(sm_ctx *ctx, sm_job **out)
{
	struct source *s;

	if (!ctx || !out)
		return -EINVAL;
	s = smi_zalloc(sizeof(*s));
	if (!s)
		return smi_fail_nomem(ctx);
	s->ctx = sm_ctx_ref(ctx);
	return smi_rc(smi_job_new(ctx, &abilities, s, out));
}

SM_EXPORT int sm_list_abilities(sm_ctx *ctx, sm_event_fn fn, void *user)
{
	sm_job *job;
	int r = fn ? sm_job_new_abilities(ctx, &job) : -EINVAL;

	return r < 0 ? r : smi_job_verb(job, fn, user);
}

SM_EXPORT int sm_tell_ability(sm_ctx *ctx, const char *name, const char *part,
			      int status, const char *text,
			      const char *next_step, const char *const *args,
			      size_t nargs, sm_event_fn fn, void *user)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena arena = { 0 };
	const struct smi_ability a = { name, part,	status,
				       text, next_step, { NULL } };
	const sm_record *rec;
	sm_event ev = { SM_EVENT_RECORD, NULL, 0, 0 };

	if (!ctx || !name || !part || !text || !fn || nargs % 2 ||
	    (nargs && !args) || status < SM_ABILITY_OK ||
	    status > SM_ABILITY_MISSING)
		return -EINVAL;
	for (size_t i = 0; i < nargs; i++)
		if (!args[i])
			return -EINVAL;
	rec = smi_ability_record(&arena, &a, args, nargs);
	if (!rec)
		return smi_fail_nomem(ctx);
	ev.rec = rec;
	return fn(&ev, user);
}
