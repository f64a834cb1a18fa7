/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "detect/accepted.h"
#include "detect/allow.h"
#include "detect/check-finding.h"
#include "detect/port-check.h"
#include "detect/port-limit.h"
#include "record/build.h"
#include "record/sentence.h"

struct stage {
	sm_ruleset *rules;
	struct smi_prefix *ignore;
	size_t nignore;
	struct smi_accepted accepted;
	struct smi_port_limit limit;
};

static const struct smi_port_checks *const themes[] = {
	&smi_port_checks_exposed,
	&smi_port_checks_local,
	&smi_port_checks_tls,
	&smi_port_checks_host,
};

const struct smi_port_check *smi_port_check_next(size_t *theme, size_t *at)
{
	while (*theme < SMI_COUNT(themes)) {
		if (*at < themes[*theme]->n)
			return &themes[*theme]->v[(*at)++];
		++*theme;
		*at = 0;
	}
	return NULL;
}

bool smi_port_check_ask(const struct smi_port_check *x, const sm_record *rec,
			struct smi_verdict *v)
{
	return x->service ? smi_port_is_exposed(x->service, rec, v)
			  : x->c.fn(rec, 0, v);
}

/* What every finding says, besides what its check reads. */
static const uint8_t common[] = {
	SMI_PORT_ID,	   SMI_PORT_ADDRESS, SMI_PORT_NUMBER,
	SMI_PORT_PROTOCOL, SMI_PORT_TIME,
};

struct smi_fieldset smi_detect_port_needs(void)
{
	struct smi_fieldset set = { { 0 } };
	const struct smi_port_check *x;
	size_t theme = 0, at = 0;

	for (size_t i = 0; i < SMI_COUNT(common); i++)
		smi_fieldset_add(&set, common[i]);
	while ((x = smi_port_check_next(&theme, &at)))
		for (size_t i = 0; x->kind == SM_KIND_PORT && i < x->c.nfields;
		     i++)
			smi_fieldset_add(&set, x->c.fields[i]);
	return set;
}

static void free_stage(void *p)
{
	struct stage *st = p;

	if (!st)
		return;
	sm_ruleset_unref(st->rules);
	smi_port_limit_free(&st->limit);
	smi_accepted_free(&st->accepted);
	free(st->ignore);
	free(st);
}

int smi_detect_port_new(sm_ctx *ctx, const struct smi_detect_port_opts *o,
			void **stage)
{
	struct stage *st = smi_zalloc(sizeof(*st));

	if (!st)
		return smi_fail_nomem(ctx);
	if (o->nignore > 0) {
		st->ignore =
			smi_memdup(o->ignore, o->nignore * sizeof(*o->ignore));
		if (!st->ignore) {
			free_stage(st);
			return smi_fail_nomem(ctx);
		}
	}
	st->nignore = o->nignore;
	if (o->rules)
		st->rules = sm_ruleset_ref(o->rules);
	*stage = st;
	return 0;
}

static const char *address_of(const sm_record *rec)
{
	return rec->kind == SM_KIND_PORT
		       ? smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_ADDRESS)
		       : smi_rec_str(rec, SM_KIND_HOST, SMI_HOST_ADDRESS);
}

static bool is_ignored(const struct stage *st, const sm_record *rec)
{
	struct smi_ip ip;

	if (!st->nignore || !smi_ip_parse(smi_span_str(address_of(rec)), &ip))
		return false;
	for (size_t i = 0; i < st->nignore; i++)
		if (smi_prefix_has(&st->ignore[i], &ip))
			return true;
	return false;
}

#define SUBJECT_MAX (SMI_IP_STRLEN + 32)

/* "192.0.2.1:80", "[2001:db8::1]:53/udp", "192.0.2.1". */
static const char *subject_of(const sm_record *rec, char room[SUBJECT_MAX])
{
	const sm_port *p = sm_record_port(rec);
	const char *address = address_of(rec);
	bool is_v6 = strchr(address, ':');

	if (!p)
		return address;
	snprintf(room, SUBJECT_MAX, "%s%s%s:%u%s", is_v6 ? "[" : "", address,
		 is_v6 ? "]" : "", (unsigned)sm_port_number(p),
		 strcmp(sm_port_protocol(p), "udp") == 0 ? "/udp" : "");
	return room;
}

static void set_ids(struct smi_arena *a, sm_record *f,
		    const struct smi_port_check *x, const sm_record *rec)
{
	struct smi_span what =
		smi_span_str(smi_rec_str(rec, rec->kind, x->c.key));
	struct smi_span episode = SMI_SPAN("");

	if (x->episode)
		episode = smi_span_str(smi_rec_str(rec, rec->kind, x->episode));
	smi_check_ids(a, f, &x->c, SMI_SPAN(""), what, episode);
}

static void set_port(sm_record *f, const sm_record *rec)
{
	const sm_port *p = sm_record_port(rec);

	if (!p)
		return;
	smi_set_int(f, SMI_FINDING_PORT, sm_port_number(p));
	if (sm_port_pid(p))
		smi_set_int(f, SMI_FINDING_PID, sm_port_pid(p));
}

static int64_t time_of(const sm_record *rec, struct smi_out *out)
{
	return smi_rec_has(rec, SMI_PORT_TIME) && rec->kind == SM_KIND_PORT
		       ? sm_port_time(sm_record_port(rec))
		       : smi_now_wall(smi_out_ctx(out));
}

static int hand_on(struct stage *st, const struct smi_check *check,
		   const sm_record *rec, sm_record *f, struct smi_out *out)
{
	const char *key = smi_rec_str(f, SM_KIND_FINDING, SMI_FINDING_KEY);
	const struct smi_rule *by =
		smi_allow_find(st->rules, key, smi_now_wall(smi_out_ctx(out)));
	int r;

	if (by)
		return smi_accepted_add(&st->accepted, by) < 0
			       ? smi_fail_nomem(smi_out_ctx(out))
			       : 0;
	r = smi_port_limit_take(&st->limit, address_of(rec), check);
	if (r < 0)
		return smi_fail_nomem(smi_out_ctx(out));
	return r ? smi_out_finding(out, f) : 0;
}

static int report(struct stage *st, const struct smi_port_check *x,
		  const sm_record *rec, const struct smi_verdict *v,
		  struct smi_out *out)
{
	struct smi_arena *a = smi_out_arena(out);
	const struct smi_strs *args =
		smi_check_args(a, &x->c, rec, 0, v->detail);
	sm_record *f =
		smi_check_finding(a, &x->c, v->severity, time_of(rec, out));
	char room[SUBJECT_MAX];

	if (!f || !args)
		return smi_fail_nomem(smi_out_ctx(out));
	set_ids(a, f, x, rec);
	set_port(f, rec);
	smi_set_text(a, f, SMI_FINDING_SUBJECT,
		     smi_span_str(subject_of(rec, room)));
	if (!smi_check_sentences(a, f, &x->c, v->note, args))
		return smi_fail_nomem(smi_out_ctx(out));
	smi_check_evidence(a, f, rec);
	return hand_on(st, &x->c, rec, f, out);
}

static int judge(void *p, const sm_record *rec, struct smi_out *out)
{
	struct stage *st = p;
	const struct smi_port_check *x;
	size_t theme = 0, at = 0;
	int r = 0;

	if ((rec->kind != SM_KIND_PORT && rec->kind != SM_KIND_HOST) ||
	    is_ignored(st, rec))
		return 0;
	while (r == 0 && (x = smi_port_check_next(&theme, &at))) {
		struct smi_verdict v = { .severity = x->c.severity };

		if (x->kind == rec->kind && smi_port_check_ask(x, rec, &v))
			r = report(st, x, rec, &v, out);
	}
	if (r == 0 && rec->kind == SM_KIND_HOST)
		r = smi_port_limit_end(&st->limit, address_of(rec), out);
	return r;
}

static int finish(void *p, struct smi_out *out)
{
	struct stage *st = p;
	int64_t now = smi_now_wall(smi_out_ctx(out));
	int r = smi_port_limit_end_all(&st->limit, out);

	if (r == 0)
		r = smi_accepted_tell(&st->accepted, out);
	return r < 0 ? r : smi_allow_notices(st->rules, now, out);
}

const struct smi_stage_ops smi_detect_port_ops = {
	.record = judge,
	.flush = finish,
	.free = free_stage,
};
