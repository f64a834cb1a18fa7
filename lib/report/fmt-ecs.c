/* SPDX-License-Identifier: MIT */
#include "base/ip.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/machine.h"

/*
 * One object a line with the names of the Elastic Common Schema, flat and dotted; what
 * it has no name for is below "sysmon.". The names of members are those of schema.c,
 * what is here says of which kind of event they are.
 */
#define ECS_VERSION "9.0.0"
/* Of one record; each is compared with all. */
#define TECHNIQUES 64

static const struct {
	uint8_t kind;
	const char *event, *category, *type;
} classes[] = {
	{ SM_KIND_PORT, "state", "[\"network\",\"host\"]", "[\"info\"]" },
	{ SM_KIND_HOST, "state", "[\"network\",\"host\"]", "[\"info\"]" },
	{ SM_KIND_PROCESS, "state", "[\"process\"]", "[\"info\"]" },
	{ SM_KIND_LINE, "event", "[\"host\"]", "[\"info\"]" },
	{ SM_KIND_EVENT, "event", "[\"host\"]", "[\"info\"]" },
	{ SM_KIND_FINDING, "alert", "[\"intrusion_detection\"]", "[\"info\"]" },
	{ SM_KIND_NOTICE, "pipeline_error", NULL, NULL },
	{ SM_KIND_COVERAGE, "metric", "[\"host\"]", "[\"info\"]" },
	{ SM_KIND_TEMPLATE, "metric", "[\"host\"]", "[\"info\"]" },
	{ SM_KIND_SUMMARY, "metric", "[\"host\"]", "[\"info\"]" },
	{ SM_KIND_RUN, "metric", "[\"host\"]", "[\"info\"]" },
	{ SM_KIND_CHANGE, "event", "[\"host\"]", "[\"change\"]" },
	{ SM_KIND_RULE, "state", "[\"configuration\"]", "[\"info\"]" },
	{ SM_KIND_ABILITY, "state", "[\"configuration\"]", "[\"info\"]" },
};

/* Actions of log events that are more than something that happened on a host. */
static const struct {
	const char *action, *category, *type;
} actions[] = {
	{ "login_failed", "[\"authentication\"]", "[\"start\"]" },
	{ "invalid_user", "[\"authentication\"]", "[\"info\"]" },
	{ "login_ok", "[\"authentication\"]", "[\"start\"]" },
	{ "web_login_failed", "[\"authentication\",\"web\"]", "[\"start\"]" },
	{ "audit_auth_failed", "[\"authentication\"]", "[\"start\"]" },
	{ "sudo_failed", "[\"authentication\"]", "[\"start\"]" },
	{ "sudo_ok", "[\"authentication\"]", "[\"start\"]" },
	{ "su_failed", "[\"authentication\"]", "[\"start\"]" },
	{ "su_ok", "[\"authentication\"]", "[\"start\"]" },
	{ "doas_failed", "[\"authentication\"]", "[\"start\"]" },
	{ "doas_ok", "[\"authentication\"]", "[\"start\"]" },
	{ "session_opened", "[\"session\"]", "[\"start\"]" },
	{ "session_closed", "[\"session\"]", "[\"end\"]" },
	{ "user_added", "[\"iam\"]", "[\"user\",\"creation\"]" },
	{ "user_removed", "[\"iam\"]", "[\"user\",\"deletion\"]" },
	{ "user_changed", "[\"iam\"]", "[\"user\",\"change\"]" },
	{ "password_changed", "[\"iam\"]", "[\"user\",\"change\"]" },
	{ "firewall_drop", "[\"network\"]", "[\"denied\"]" },
	{ "firewall_pass", "[\"network\"]", "[\"allowed\"]" },
	{ "mail_rejected", "[\"email\"]", "[\"info\"]" },
	{ "kernel_module", "[\"driver\"]", "[\"info\"]" },
	{ "web_attack", "[\"web\",\"intrusion_detection\"]", "[\"info\"]" },
	{ "attack_detected", "[\"intrusion_detection\"]", "[\"info\"]" },
};

/* Where all addresses and names of an event can be found, whatever they are in it. */
static const struct {
	const char *related, *field;
} relations[] = {
	{ "related.ip", "source.ip" },
	{ "related.ip", "destination.ip" },
	{ "related.user", "user.name" },
	{ "related.user", "process.user.name" },
	{ "related.user", "process.real_user.name" },
	{ "related.hosts", "host.name" },
	{ "related.hosts", "source.domain" },
	{ "related.hosts", "destination.domain" },
};
#define NRELATIONS SMI_COUNT(relations)

struct ecs {
	struct smi_machine machine;
	/* Of each kind the field that is @timestamp, and those of relations that are
	 * shown; -1: none. */
	int time[SMI_NKINDS + 1], related[SMI_NKINDS + 1][NRELATIONS];
};

static void add_key(struct smi_buf *b, const char *key)
{
	smi_buf_printf(b, ",\"%s\":", key);
}

static void add_text(struct smi_buf *b, const char *key, const char *text)
{
	if (!*text)
		return;
	add_key(b, key);
	smi_esc_json(b, smi_span_str(text));
}

static void add_json(struct smi_buf *b, const char *key, const char *json)
{
	if (!json)
		return;
	add_key(b, key);
	smi_buf_str(b, json);
}

static void add_class(struct smi_buf *b, const sm_record *rec)
{
	const char *action = smi_rec_str(rec, SM_KIND_EVENT, SMI_EVENT_ACTION);
	const char *category = NULL, *type = NULL;

	for (size_t i = 0; i < SMI_COUNT(classes); i++) {
		if (classes[i].kind != rec->kind)
			continue;
		add_text(b, "event.kind", classes[i].event);
		category = classes[i].category;
		type = classes[i].type;
	}
	for (size_t i = 0; i < SMI_COUNT(actions); i++) {
		if (strcmp(actions[i].action, action) != 0)
			continue;
		category = actions[i].category;
		type = actions[i].type;
	}
	add_json(b, "event.category", category);
	add_json(b, "event.type", type);
	add_text(b, "event.module", "sysmon");
	smi_buf_printf(b, ",\"event.dataset\":\"sysmon.%s\"",
		       smi_kind(rec->kind)->name);
}

static int64_t time_of(const struct smi_render *r, const sm_record *rec)
{
	const struct ecs *e = r->state;
	int64_t t = SM_TIME_NONE;

	if (e->time[rec->kind] >= 0)
		t = smi_rec_time(rec, rec->kind, (unsigned)e->time[rec->kind]);
	return t == SM_TIME_NONE ? r->generated : t;
}

/* A log may be another machine's: its lines name it themselves. */
static void add_machine(struct smi_render *r, const sm_record *rec)
{
	const struct smi_machine *m = &((struct ecs *)r->state)->machine;
	struct smi_buf *b = &r->sink->buf;

	add_text(b, "observer.type", "host");
	add_text(b, "observer.vendor", "libsysmon");
	add_text(b, "observer.product", "sysmon");
	add_text(b, "observer.version", sm_version_string());
	add_text(b, "observer.hostname", m->hostname);
	if (rec->kind == SM_KIND_EVENT || rec->kind == SM_KIND_LINE)
		return;
	if (rec->kind != SM_KIND_SUMMARY) {
		add_text(b, "host.hostname", m->hostname);
		add_text(b, "host.id", m->id);
	}
	add_text(b, "host.os.full", m->os);
	add_text(b, "host.os.kernel", m->kernel);
	add_text(b, "host.architecture", m->arch);
}

static struct smi_span technique(const char *id, bool below)
{
	struct smi_span all = smi_span_str(id);

	return below ? all : smi_span_head(all, smi_span_find(all, '.'));
}

static bool is_told(const struct smi_strs *all, size_t n, bool below)
{
	struct smi_span id = technique(all->v[n], below);

	for (size_t i = 0; i < n; i++)
		if (smi_span_eq(technique(all->v[i], below), id))
			return true;
	return false;
}

/* Techniques, or those below one ("T1110.001"), each with the one above it. */
static void add_techniques(struct smi_buf *b, const struct smi_strs *all,
			   bool below)
{
	const char *before = "[";
	size_t n = SMI_MIN(all->n, (size_t)TECHNIQUES);

	for (size_t i = 0; i < n; i++) {
		if ((below && !strchr(all->v[i], '.')) ||
		    is_told(all, i, below))
			continue;
		if (*before == '[')
			add_key(b, below ? "threat.technique.subtechnique.id"
					 : "threat.technique.id");
		smi_buf_str(b, before);
		smi_esc_json(b, technique(all->v[i], below));
		before = ",";
	}
	smi_buf_str(b, *before == ',' ? "]" : "");
}

static bool is_address_field(const char *name)
{
	return !strcmp(name, "source.ip") || !strcmp(name, "destination.ip");
}

/* What the type ip takes: no prefix and no zone. */
static bool is_ip(const char *text)
{
	struct smi_span s = smi_span_str(text);
	struct smi_ip ip;

	return smi_ip_parse(s, &ip) && smi_span_find(s, '%') == s.len;
}

static void add_address(struct smi_buf *b, const char *name, const char *text)
{
	if (!is_ip(text))
		name = !strcmp(name, "source.ip") ? "source.address"
						  : "destination.address";
	add_text(b, name, text);
}

static void add_related(const struct smi_render *r, const sm_record *rec)
{
	const int *fields = ((struct ecs *)r->state)->related[rec->kind];
	struct smi_buf *b = &r->sink->buf;
	const char *texts[NRELATIONS];
	const char *open = "";

	for (size_t i = 0; i < NRELATIONS; i++) {
		const char *key = relations[i].related;
		bool told = false;

		texts[i] = fields[i] < 0 ? ""
					 : smi_rec_str(rec, rec->kind,
						       (unsigned)fields[i]);
		for (size_t k = 0; k < i; k++)
			told |= !strcmp(relations[k].related, key) &&
				!strcmp(texts[k], texts[i]);
		if (!*texts[i] || told ||
		    (is_address_field(relations[i].field) && !is_ip(texts[i])))
			continue;
		if (strcmp(open, key) != 0) {
			smi_buf_str(b, *open ? "]" : "");
			add_key(b, key);
		}
		smi_buf_char(b, strcmp(open, key) != 0 ? '[' : ',');
		smi_esc_json(b, smi_span_str(texts[i]));
		open = key;
	}
	smi_buf_str(b, *open ? "]" : "");
}

static void add_list(struct smi_buf *b, const struct smi_field *f,
		     const union smi_value *v)
{
	add_key(b, f->ecs);
	smi_buf_char(b, '[');
	if (f->type == SM_TYPE_STRS) {
		for (size_t i = 0; i < v->strs->n; i++) {
			smi_buf_str(b, i ? "," : "");
			smi_esc_json(b, smi_span_str(v->strs->v[i]));
		}
	} else {
		for (size_t i = 0; i < v->recs->n; i++) {
			const sm_record *rec = v->recs->v[i];
			struct smi_fieldlist all = { .n = 0 };

			for (unsigned k = 0; k < smi_kind(rec->kind)->nfields;
			     k++)
				all.f[all.n++] = (uint8_t)k;
			smi_buf_str(b, i ? "," : "");
			smi_json_record(b, smi_kind(rec->kind), &all, rec);
		}
	}
	smi_buf_char(b, ']');
}

/* Numbers that name something are keywords there. */
static bool is_quoted(const struct smi_field *f)
{
	struct smi_span name = smi_span_str(f->ecs);

	return f->type == SM_TYPE_TIME ||
	       (f->type == SM_TYPE_INT &&
		(smi_span_ends(name, SMI_SPAN(".id")) ||
		 smi_span_ends(name, SMI_SPAN(".code"))));
}

static void add_scalar(struct smi_buf *b, const struct smi_field *f,
		       const union smi_value *v)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	if (f->type == SM_TYPE_STR) {
		if (is_address_field(f->ecs))
			add_address(b, f->ecs, v->s);
		else
			add_text(b, f->ecs, v->s);
		return;
	}
	smi_scalar_text(&text, f->type, v);
	b->failed |= text.failed;
	if (!text.len)
		return;
	add_key(b, f->ecs);
	smi_buf_str(b, is_quoted(f) ? "\"" : "");
	smi_buf_span_add(b, smi_buf_span(&text));
	smi_buf_str(b, is_quoted(f) ? "\"" : "");
}

static void add_field(struct smi_render *r, const sm_record *rec, unsigned i)
{
	const struct smi_field *f = &smi_kind(rec->kind)->fields[i];
	struct smi_buf *b = &r->sink->buf;

	if (!smi_rec_has(rec, i) || !strcmp(f->ecs, "@timestamp"))
		return;
	if (!strcmp(f->ecs, "threat.technique.id")) {
		add_text(b, "threat.framework", "MITRE ATT&CK");
		add_techniques(b, rec->v[i].strs, false);
		add_techniques(b, rec->v[i].strs, true);
	} else if (f->type == SM_TYPE_STRS || f->type == SM_TYPE_RECORDS) {
		add_list(b, f, &rec->v[i]);
	} else {
		add_scalar(b, f, &rec->v[i]);
	}
}

/* The field of that ECS name when it is shown. */
static int find_shown(const struct smi_render *r, int kind, const char *ecs)
{
	const struct smi_fieldlist *list = &r->fields[kind];

	for (size_t i = 0; i < list->n; i++) {
		const struct smi_field *f = &smi_kind(kind)->fields[list->f[i]];

		if (f->type == SM_TYPE_STR && !strcmp(f->ecs, ecs))
			return list->f[i];
	}
	return -1;
}

static int ecs_begin(struct smi_render *r)
{
	struct ecs *e = r->state;

	for (int kind = 1; kind <= SMI_NKINDS; kind++) {
		e->time[kind] = smi_kind_find(smi_kind(kind),
					      kind == SM_KIND_FINDING
						      ? SMI_SPAN("last")
						      : SMI_SPAN("time"));
		for (size_t i = 0; i < NRELATIONS; i++)
			e->related[kind][i] =
				find_shown(r, kind, relations[i].field);
	}
	return smi_machine_of(&e->machine, r);
}

static int ecs_record(struct smi_render *r, const sm_record *rec)
{
	const struct smi_fieldlist *list = &r->fields[rec->kind];
	struct smi_buf *b = &r->sink->buf;
	char text[SMI_TIME_STRLEN];

	smi_buf_printf(b, "{\"@timestamp\":\"%s\"",
		       smi_time_format(time_of(r, rec), text));
	add_text(b, "ecs.version", ECS_VERSION);
	add_class(b, rec);
	add_machine(r, rec);
	for (size_t i = 0; i < list->n; i++)
		add_field(r, rec, list->f[i]);
	add_related(r, rec);
	if (rec->kind == SM_KIND_FINDING) {
		add_text(b, "rule.category",
			 smi_rec_str(rec, rec->kind, SMI_FINDING_KIND));
		add_key(b, "event.severity");
		smi_buf_int(b, smi_rec_int(rec, rec->kind,
					   SMI_FINDING_SEVERITY_CODE));
	}
	if (rec->kind == SM_KIND_NOTICE)
		add_text(b, "error.message",
			 smi_rec_str(rec, rec->kind, SMI_NOTICE_TEXT));
	smi_buf_str(b, "}\n");
	return smi_sink_push(r->sink);
}

const struct smi_format smi_format_ecs = {
	.number = SM_FORMAT_ECS,
	.name = "ecs",
	.state_size = sizeof(struct ecs),
	.begin = ecs_begin,
	.record = ecs_record,
	.end = ecs_record,
};
