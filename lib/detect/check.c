/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

#include <stdlib.h>

#include "detect/allow.h"
#include "detect/finding.h"
#include "detect/important.h"
#include "detect/watch.h"
#include "record/build.h"
#include "record/schema.h"
#include "record/sentence.h"

struct stage {
	struct smi_detect_proc_opts o;
	struct smi_importants important;
	uint64_t accepted; /* findings, by allow entries */
	struct smi_watch watch;
};

static const struct smi_checks *const themes[] = {
	&smi_checks_hidden,   &smi_checks_resource, &smi_checks_exe,
	&smi_checks_identity, &smi_checks_args,	    &smi_checks_environ,
	&smi_checks_memory,   &smi_checks_relation, &smi_checks_privilege,
	&smi_checks_socket,
};

/* The check after the one at theme and at, which begin at 0; NULL behind the last. */
static const struct smi_check *next_check(size_t *theme, size_t *at)
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
	SMI_PROC_ID, SMI_PROC_PID, SMI_PROC_NAME, SMI_PROC_USER, SMI_PROC_TIME,
};

static double threshold_of(const struct smi_check *c,
			   const struct smi_detect_proc_opts *o)
{
	return c->threshold ? c->threshold(o) : 0;
}

static bool is_on(const struct smi_check *c,
		  const struct smi_detect_proc_opts *o)
{
	return c->threshold ? c->threshold(o) > 0 : o->checks;
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

	while ((c = next_check(&theme, &at)))
		if (is_on(c, o))
			add_fields(&set, c);
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
	smi_watch_free(&st->watch);
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

#define DETAIL_MAX 200

/* Not in the middle of a character. */
static struct smi_span shorten(struct smi_span s)
{
	size_t n = DETAIL_MAX;

	if (s.len <= n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return smi_span_head(s, n);
}

static void add_arg(struct smi_arena *a, const char **v, size_t *n,
		    const char *name, struct smi_span value)
{
	v[(*n)++] = name;
	v[(*n)++] = smi_arena_strndup(a, value.len ? value.p : "", value.len);
}

/* The placeholders that are no fields of a finding. */
static const struct smi_strs *make_args(struct smi_arena *a,
					const struct smi_check *c,
					const sm_record *rec, double threshold,
					struct smi_span detail)
{
	const struct smi_kind *kind = smi_kind(SM_KIND_PROCESS);
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_strs *list = smi_arena_alloc(a, sizeof(*list));
	const char **v =
		smi_arena_zalloc(a, 2 * (c->nfields + 3U) * sizeof(*v));
	struct smi_span name = smi_span_str(sm_proc_name(sm_record_proc(rec)));
	size_t n = 0;

	if (!list || !v)
		return NULL;
	for (size_t i = 0; i < c->nfields; i++) {
		unsigned field = c->fields[i];

		smi_buf_clear(&text);
		smi_sentence_value(&text, rec, field);
		if (text.len > 0)
			add_arg(a, v, &n, kind->fields[field].name,
				smi_buf_span(&text));
	}
	add_arg(a, v, &n, "name", name.len ? name : SMI_SPAN("(no name)"));
	smi_buf_clear(&text);
	smi_buf_real(&text, threshold, 2);
	add_arg(a, v, &n, "threshold", smi_buf_span(&text));
	if (detail.len > 0)
		add_arg(a, v, &n, "detail", shorten(detail));
	*list = (struct smi_strs){ n, v };
	return smi_buf_error(&text) || smi_arena_error(a) ? NULL : list;
}

/* Two texts, one of which may be missing. */
static const char *join(struct smi_arena *a, const char *first,
			const char *second)
{
	size_t n = first ? strlen(first) : 0, m = second ? strlen(second) : 0;
	char *both;

	if (n == 0 || m == 0)
		return n ? first : second;
	both = smi_arena_alloc(a, n + 1 + m + 1);
	if (!both)
		return NULL;
	memcpy(both, first, n);
	both[n] = ' ';
	memcpy(both + n + 1, second, m + 1);
	return both;
}

static bool fill_sentences(struct smi_arena *a, sm_record *f,
			   const struct smi_check *c, const char *note,
			   const struct smi_strs *args)
{
	const struct smi_finding_texts texts = {
		c->title, join(a, c->why, note),
		join(a, c->innocent, c->next_step)
	};

	if (!texts.why || !texts.next_step)
		return false;
	smi_set_strs(a, f, SMI_FINDING_ARGS, args->v, args->n);
	return smi_finding_sentences(a, f, &texts);
}

static void set_ids(struct smi_arena *a, sm_record *f,
		    const struct smi_check *c, struct smi_span user,
		    struct smi_span what, struct smi_span episode)
{
	char text[SMI_ID_STRLEN];

	for (int with_episode = 0; with_episode < 2; with_episode++) {
		struct smi_id id;

		smi_id_begin(&id);
		smi_id_part(&id, smi_span_str(c->id));
		smi_id_part(&id, user);
		smi_id_part(&id, what);
		if (with_episode)
			smi_id_part(&id, episode);
		smi_set_text(a, f,
			     with_episode ? SMI_FINDING_ID : SMI_FINDING_KEY,
			     smi_span_str(smi_id_end(&id, text)));
	}
}

static sm_record *new_finding(struct smi_arena *a, const struct smi_check *c,
			      int severity, int64_t when)
{
	sm_record *f = smi_rec_new(a, SM_KIND_FINDING);

	smi_finding_head(f, c->id, c->kind, severity, when, when, 1);
	smi_set_strs(a, f, SMI_FINDING_ATTACK, c->attack, c->nattack);
	return f;
}

static void set_evidence(struct smi_arena *a, sm_record *f,
			 const sm_record *rec)
{
	const sm_record **list = smi_arena_alloc(a, sizeof(*list));

	if (!list)
		return;
	list[0] = rec;
	smi_set_recs(a, f, SMI_FINDING_EVIDENCE, list, 1);
}

/* To the caller, unless somebody has accepted it. rec may be NULL, and watched. */
static int hand_on(struct stage *st, const struct smi_check *c,
		   const sm_record *rec, sm_record *f,
		   struct smi_watched *watched, struct smi_out *out)
{
	const char *key = smi_rec_str(f, SM_KIND_FINDING, SMI_FINDING_KEY);
	int64_t now = smi_now_wall(smi_out_ctx(out));
	bool accepted =
		smi_allow_find(st->o.rules, key, now) ||
		(rec && smi_allow_process(st->o.rules, c->id, rec, now));

	st->accepted += accepted;
	if (watched && smi_watch_told(watched, accepted ? NULL : f) < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	return accepted ? 0 : smi_out_finding(out, f);
}

static int report(struct stage *st, const struct smi_check *c,
		  const sm_record *rec, const struct smi_verdict *v,
		  struct smi_watched *watched, struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	const sm_proc *p = sm_record_proc(rec);
	const struct smi_strs *args =
		make_args(a, c, rec, threshold_of(c, &st->o), v->detail);
	const char *user = sm_proc_user(p);
	sm_record *f = new_finding(a, c, v->severity, sm_proc_time(p));
	const char *id = sm_record_id(rec), *subject;

	if (!f || !args)
		return smi_fail_nomem(smi_out_ctx(out));
	set_ids(a, f, c, smi_span_str(user),
		smi_span_str(smi_rec_str(rec, SM_KIND_PROCESS, c->key)),
		smi_span_str(id));
	smi_set_int(f, SMI_FINDING_PID, sm_proc_pid(p));
	if (user[0])
		smi_set_const(f, SMI_FINDING_USER, user);
	subject = smi_sentence_dup(
		a, sm_proc_name(p)[0] ? "{name} (pid {pid})" : "process {pid}",
		args, f);
	if (!subject || !fill_sentences(a, f, c, v->note, args))
		return smi_fail_nomem(smi_out_ctx(out));
	smi_set_const(f, SMI_FINDING_SUBJECT, subject);
	set_evidence(a, f, rec);
	return hand_on(st, c, rec, f, watched, out);
}

/* In a look of many. */
static int watch(struct stage *st, const struct smi_check *c,
		 const sm_record *rec, const struct smi_verdict *v,
		 struct smi_out *out)
{
	int64_t when = sm_proc_time(sm_record_proc(rec));
	struct smi_watched *one;

	if (smi_watch_see(&st->watch, c->id, sm_record_id(rec), !c->threshold,
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
	while (r == 0 && (c = next_check(&theme, &at))) {
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
	sm_record *f =
		new_finding(a, c, c->severity, smi_now_wall(smi_out_ctx(out)));
	struct smi_strs args = { 2, NULL };
	const char **v = smi_arena_alloc(a, 2 * sizeof(*v));

	if (!f || !v)
		return smi_fail_nomem(smi_out_ctx(out));
	smi_set_text(a, f, SMI_FINDING_SUBJECT, smi_span_str(name));
	v[0] = "name";
	v[1] = smi_rec_str(f, SM_KIND_FINDING, SMI_FINDING_SUBJECT);
	args.v = v;
	set_ids(a, f, c, SMI_SPAN(""), smi_span_str(name), SMI_SPAN(""));
	if (!fill_sentences(a, f, c, NULL, &args))
		return smi_fail_nomem(smi_out_ctx(out));
	return hand_on(st, c, NULL, f, watched, out);
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
	return r < 0 ? r : smi_watch_round(&st->watch, false, out);
}

static int tell_accepted(const struct stage *st, struct smi_out *out)
{
	int64_t now = smi_now_wall(smi_out_ctx(out));
	int r = smi_allow_tell(st->accepted, out);

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

	if (st->o.watch)
		return end_look(st, out);
	return smi_out_is_partial(out) ? 0 : report_all_missing(st, out);
}

static int finish(void *p, struct smi_out *out)
{
	struct stage *st = p;
	int r = smi_out_complete(out) && !st->o.watch
			? report_all_missing(st, out)
			: 0;

	if (r == 0 && st->o.watch)
		r = smi_watch_round(&st->watch, true, out);
	return r < 0 ? r : tell_accepted(st, out);
}

const struct smi_stage_ops smi_detect_proc_ops = {
	.record = judge,
	.idle = list_is_over,
	.flush = finish,
	.free = free_stage,
};
