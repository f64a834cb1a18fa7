/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/accepted.h"
#include "detect/allow.h"
#include "detect/check-finding.h"
#include "detect/important.h"
#include "detect/watch.h"
#include "detect/zombies.h"
#include "record/build.h"
#include "record/sentence.h"

struct stage {
	struct smi_detect_proc_opts o;
	struct smi_importants important;
	struct smi_zombies zombies;
	struct smi_accepted accepted;
	struct smi_watch watch;
};

static const struct smi_checks *const themes[] = {
	&smi_checks_hidden,   &smi_checks_resource, &smi_checks_exe,
	&smi_checks_identity, &smi_checks_args,	    &smi_checks_environ,
	&smi_checks_memory,   &smi_checks_relation, &smi_checks_privilege,
	&smi_checks_socket,
};

const struct smi_check *smi_check_next(size_t *theme, size_t *at)
{
	while (*theme < SMI_COUNT(themes)) {
		if (*at < themes[*theme]->n)
			return &themes[*theme]->v[(*at)++];
		++*theme;
		*at = 0;
	}
	return NULL;
}

/* What every finding says, besides what its check reads. */
static const uint8_t common[] = {
	SMI_PROC_ID,   SMI_PROC_START_TICKS, SMI_PROC_PID,
	SMI_PROC_NAME, SMI_PROC_USER,	     SMI_PROC_TIME,
};

static double threshold_of(const struct smi_check *c,
			   const struct smi_detect_proc_opts *o)
{
	return c->load ? o->thresholds[c->load] : 0;
}

static bool is_on(const struct smi_check *c,
		  const struct smi_detect_proc_opts *o)
{
	return c->load ? o->thresholds[c->load] > 0 : o->checks;
}

static void add_fields(struct smi_fieldset *set, const struct smi_check *c)
{
	for (size_t i = 0; i < SMI_COUNT(common); i++)
		smi_fieldset_add(set, common[i]);
	for (size_t i = 0; i < c->nfields; i++)
		smi_fieldset_add(set, c->fields[i]);
}

struct smi_fieldset smi_detect_proc_needs(const struct smi_detect_proc_opts *o)
{
	struct smi_fieldset set = { { 0 } };
	const struct smi_check *c;
	size_t theme = 0, at = 0;

	while ((c = smi_check_next(&theme, &at)))
		if (is_on(c, o))
			add_fields(&set, c);
	if (is_on(&smi_check_zombies, o))
		add_fields(&set, &smi_check_zombies);
	if (o->nimportant > 0)
		add_fields(&set, o->watch ? &smi_check_restarted
					  : &smi_check_missing);
	if (o->checks)
		smi_allow_fields(o->rules, &set);
	return set;
}

static void free_stage(void *p)
{
	struct stage *st = p;

	if (!st)
		return;
	smi_importants_free(&st->important);
	smi_zombies_free(&st->zombies);
	smi_watch_free(&st->watch);
	smi_accepted_free(&st->accepted);
	sm_ruleset_unref(st->o.rules);
	free(st);
}

int smi_detect_proc_new(sm_ctx *ctx, const struct smi_detect_proc_opts *o,
			void **stage)
{
	struct stage *st = smi_zalloc(sizeof(*st));

	if (!st)
		return smi_fail_nomem(ctx);
	st->o = *o;
	if (o->rules)
		sm_ruleset_ref(o->rules);
	if (smi_importants_init(&st->important, o->important, o->nimportant) <
	    0) {
		free_stage(st);
		return smi_fail_nomem(ctx);
	}
	*stage = st;
	return 0;
}

/* To the caller, unless somebody has accepted it. rec may be NULL, and watched. */
static int hand_on(struct stage *st, const struct smi_check *c,
		   const sm_record *rec, sm_record *f,
		   struct smi_watched *watched, struct smi_out *out)
{
	const char *key = smi_rec_str(f, SM_KIND_FINDING, SMI_FINDING_KEY);
	int64_t now = smi_now_wall(smi_out_ctx(out));
	const struct smi_rule *by = smi_allow_find(st->o.rules, key, now);

	if (!by && rec)
		by = smi_allow_process(st->o.rules, c->id, rec, now);
	if ((by && smi_accepted_add(&st->accepted, by) < 0) ||
	    (watched && smi_watch_told(watched, by ? NULL : f) < 0))
		return smi_fail_nomem(smi_out_ctx(out));
	return by ? 0 : smi_out_finding(out, f);
}

#define EPISODE_MAX 64

/* What tells this process from all others; its number and start where the machine does
 * not say which boot it is. */
static const char *episode_of(const sm_record *rec, char room[EPISODE_MAX])
{
	const sm_proc *p = sm_record_proc(rec);

	if (sm_record_id(rec)[0])
		return sm_record_id(rec);
	snprintf(room, EPISODE_MAX, "%d %lld", (int)sm_proc_pid(p),
		 (long long)smi_rec_int(rec, SM_KIND_PROCESS,
					SMI_PROC_START_TICKS));
	return room;
}

static int report(struct stage *st, const struct smi_check *c,
		  const sm_record *rec, const struct smi_verdict *v,
		  struct smi_watched *watched, struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	const sm_proc *p = sm_record_proc(rec);
	const struct smi_strs *args =
		smi_check_args(a, c, rec, threshold_of(c, &st->o), v->detail);
	const char *user = sm_proc_user(p);
	sm_record *f = smi_check_finding(a, c, v->severity, sm_proc_time(p));
	char room[EPISODE_MAX];
	const char *subject;

	if (!f || !args)
		return smi_fail_nomem(smi_out_ctx(out));
	smi_check_ids(a, f, c, smi_span_str(user),
		      smi_span_str(smi_rec_str(rec, SM_KIND_PROCESS, c->key)),
		      smi_span_str(episode_of(rec, room)));
	smi_set_int(f, SMI_FINDING_PID, sm_proc_pid(p));
	if (user[0])
		smi_set_const(f, SMI_FINDING_USER, user);
	subject = smi_sentence_dup(
		a, sm_proc_name(p)[0] ? "{name} (pid {pid})" : "process {pid}",
		args, f);
	if (!subject || !smi_check_sentences(a, f, c, v->note, args))
		return smi_fail_nomem(smi_out_ctx(out));
	smi_set_const(f, SMI_FINDING_SUBJECT, subject);
	smi_check_evidence(a, f, rec);
	return hand_on(st, c, rec, f, watched, out);
}

/* In a look of many. */
static int watch(struct stage *st, const struct smi_check *c,
		 const sm_record *rec, const struct smi_verdict *v,
		 struct smi_out *out)
{
	int64_t when = sm_proc_time(sm_record_proc(rec));
	struct smi_watched *one;
	char room[EPISODE_MAX];

	if (smi_watch_see(&st->watch, c->id, episode_of(rec, room), !c->load,
			  when, &one) < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	return one ? report(st, c, rec, v, one, out) : 0;
}

static int judge(void *p, const sm_record *rec, struct smi_out *out)
{
	struct stage *st = p;
	const struct smi_check *c;
	size_t theme = 0, at = 0;
	int r = 0;

	if (rec->kind != SM_KIND_PROCESS)
		return 0;
	smi_importants_see(&st->important, rec);
	if (smi_rec_has(rec, SMI_PROC_BYSTANDER))
		return 0;
	/* What is told of an event is no part of a list. */
	if (is_on(&smi_check_zombies, &st->o) &&
	    !smi_rec_has(rec, SMI_PROC_EVENT) &&
	    smi_zombies_see(&st->zombies, rec) < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	while (r == 0 && (c = smi_check_next(&theme, &at))) {
		struct smi_verdict v = { .severity = c->severity };

		if (is_on(c, &st->o) && c->fn(rec, threshold_of(c, &st->o), &v))
			r = st->o.watch ? watch(st, c, rec, &v, out)
					: report(st, c, rec, &v, NULL, out);
	}
	return r;
}

/* Of an important process, by its name. */
static int report_name(struct stage *st, const struct smi_check *c,
		       const char *name, struct smi_watched *watched,
		       struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *f = smi_check_finding(a, c, c->severity,
					 smi_now_wall(smi_out_ctx(out)));
	struct smi_strs args = { 2, NULL };
	const char **v = smi_arena_alloc(a, 2 * sizeof(*v));

	if (!f || !v)
		return smi_fail_nomem(smi_out_ctx(out));
	smi_set_text(a, f, SMI_FINDING_SUBJECT, smi_span_str(name));
	v[0] = "name";
	v[1] = smi_rec_str(f, SM_KIND_FINDING, SMI_FINDING_SUBJECT);
	args.v = v;
	smi_check_ids(a, f, c, SMI_SPAN(""), smi_span_str(name), SMI_SPAN(""));
	if (!smi_check_sentences(a, f, c, NULL, &args))
		return smi_fail_nomem(smi_out_ctx(out));
	return hand_on(st, c, NULL, f, watched, out);
}

static int judge_zombies(struct stage *st, const struct smi_zombie_parent *p,
			 struct smi_out *out)
{
	const struct smi_check *c = &smi_check_zombies;
	double threshold = threshold_of(c, &st->o);
	struct smi_watched *w = NULL;
	sm_record *f;
	char id[16];

	if (p->n <= threshold)
		return 0;
	snprintf(id, sizeof(id), "%d", p->pid);
	if (st->o.watch &&
	    smi_watch_see(&st->watch, c->id, id, false, p->when, &w) < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	if (st->o.watch && !w)
		return 0;
	f = smi_zombies_finding(smi_out_arena(out), p, threshold);
	return f ? hand_on(st, c, p->one, f, w, out)
		 : smi_fail_nomem(smi_out_ctx(out));
}

/* The end of a list. */
static int tell_zombies(struct stage *st, struct smi_out *out)
{
	struct smi_map_entry e;
	size_t i = 0;
	int r = 0;

	while (r == 0 && !st->zombies.is_over &&
	       smi_map_next(&st->zombies.parents, &i, &e))
		r = judge_zombies(st, e.value, out);
	if (r == 0 && !st->zombies.is_over && st->zombies.forgotten > 0)
		r = smi_out_notice_count(out, 0, NULL,
					 "{count} zombies are not counted: "
					 "those of {total} parents are.",
					 st->zombies.forgotten,
					 SMI_ZOMBIE_PARENTS_MAX);
	st->zombies.is_over = true;
	return r;
}

static int watch_missing(struct stage *st, const struct smi_important *one,
			 struct smi_out *out)
{
	const struct smi_check *c = &smi_check_missing;
	struct smi_watched *w;

	if (smi_watch_see(&st->watch, c->id, one->name, false,
			  smi_now_wall(smi_out_ctx(out)), &w) < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	return w ? report_name(st, c, one->name, w, out) : 0;
}

/* The end of one look of many. */
static int end_look(struct stage *st, struct smi_out *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < st->important.n; i++) {
		const struct smi_important *one = &st->important.v[i];

		if (!one->seen && !smi_out_is_partial(out))
			r = watch_missing(st, one, out);
		else if (smi_important_restarted(one))
			r = report_name(st, &smi_check_restarted, one->name,
					NULL, out);
	}
	smi_importants_next(&st->important);
	if (r == 0)
		r = tell_zombies(st, out);
	return r < 0 ? r : smi_watch_round(&st->watch, false, out);
}

static int tell_accepted(const struct stage *st, struct smi_out *out)
{
	int64_t now = smi_now_wall(smi_out_ctx(out));
	int r = smi_accepted_tell(&st->accepted, out);

	return r < 0 ? r : smi_allow_notices(st->o.rules, now, out);
}

static int report_all_missing(struct stage *st, struct smi_out *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < st->important.n; i++) {
		struct smi_important *one = &st->important.v[i];

		if (!one->seen)
			r = report_name(st, &smi_check_missing, one->name, NULL,
					out);
		one->seen = true;
	}
	return r;
}

/* A list is over, and what follows is another one, or events. Who has not seen all cannot say what
 * is missing. */
static int list_is_over(void *p, struct smi_out *out)
{
	struct stage *st = p;
	int r;

	if (st->o.watch)
		return end_look(st, out);
	r = tell_zombies(st, out);
	return r < 0 || smi_out_is_partial(out) ? r
						: report_all_missing(st, out);
}

static int finish(void *p, struct smi_out *out)
{
	struct stage *st = p;
	int r = smi_out_complete(out) && !st->o.watch
			? report_all_missing(st, out)
			: 0;

	if (r == 0 && st->o.watch)
		r = smi_watch_round(&st->watch, true, out);
	else if (r == 0)
		r = tell_zombies(st, out);
	return r < 0 ? r : tell_accepted(st, out);
}

const struct smi_stage_ops smi_detect_proc_ops = {
	.record = judge,
	.idle = list_is_over,
	.flush = finish,
	.free = free_stage,
};
