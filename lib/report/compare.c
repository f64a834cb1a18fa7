/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/nls.h"
#include "core/event.h"
#include "record/told.h"
#include "report/layout.h"
#include "report/report.h"

/* What is compared of one thing: records with the same key are one. */
struct item {
	struct smi_span key;
	const char *subject, *text;
	const char *told; /* the subject for people; NULL: the same */
	int64_t severity, count;
	int section; /* that it was seen by */
};

enum section {
	NOWHERE,
	SCAN,
	LISTENERS,
	PS,
	LOGS,
	NSECTIONS
};

struct side {
	const sm_report *report;
	bool looked[NSECTIONS];
	struct smi_map hosts; /* address to its record */
	SMI_VEC(struct item) items;
	struct smi_map by_key; /* to index + 1 */
};

struct thing;
struct compare {
	sm_report *report;
	struct smi_arena arena;
	struct side now, before;
	const struct thing *thing;
	struct side *filled; /* by the walk that goes on */
	struct smi_buf key, subject, text, told;
	int64_t since;
	uint64_t unscanned;
};

struct thing {
	const char *what;
	uint8_t kind;
	/* Fills key, subject and text of c; false: rec is none of these. */
	bool (*describe)(struct compare *c, const sm_record *rec,
			 struct item *item);
};

static const char *str(const sm_record *rec, unsigned field)
{
	return smi_rec_str(rec, rec->kind, field);
}

/* "tcp 443 of 192.0.2.1" */
static void name_port(struct compare *c, const sm_record *rec,
		      const char *between)
{
	smi_buf_printf(
		&c->key, "%s %lld %s", str(rec, SMI_PORT_PROTOCOL),
		(long long)smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER),
		str(rec, SMI_PORT_ADDRESS));
	smi_buf_printf(
		&c->subject, "%s %lld %s %s", str(rec, SMI_PORT_PROTOCOL),
		(long long)smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER),
		between, str(rec, SMI_PORT_ADDRESS));
}

static void add_word(struct smi_buf *b, const char *word)
{
	if (!*word)
		return;
	smi_buf_str(b, b->len ? " " : "");
	smi_buf_str(b, word);
}

static bool describe_port(struct compare *c, const sm_record *rec,
			  struct item *item)
{
	if (strcmp(str(rec, SMI_PORT_STATE), "open") != 0)
		return false;
	item->section = SCAN;
	name_port(c, rec, "of");
	add_word(&c->text, str(rec, SMI_PORT_SERVICE));
	add_word(&c->text, str(rec, SMI_PORT_PRODUCT));
	add_word(&c->text, str(rec, SMI_PORT_VERSION));
	if (*str(rec, SMI_PORT_TLS_SHA256)) {
		smi_buf_printf(&c->text, "%scertificate %.16s",
			       c->text.len ? ", " : "",
			       str(rec, SMI_PORT_TLS_SHA256));
	}
	return true;
}

static bool describe_listener(struct compare *c, const sm_record *rec,
			      struct item *item)
{
	const char *exe = str(rec, SMI_PORT_EXE);

	if (strcmp(str(rec, SMI_PORT_STATE), "listening") != 0)
		return false;
	item->section = LISTENERS;
	name_port(c, rec, "on");
	add_word(&c->text, *exe ? exe : str(rec, SMI_PORT_PROCESS));
	if (c->text.len && *str(rec, SMI_PORT_USER))
		smi_buf_printf(&c->text, " of %s", str(rec, SMI_PORT_USER));
	return true;
}

/* What runs with the privileges that an attacker is after. */
static bool describe_process(struct compare *c, const sm_record *rec,
			     struct item *item)
{
	const char *exe = str(rec, SMI_PROC_EXE);
	int k = SM_KIND_PROCESS;
	bool root = (smi_rec_has(rec, SMI_PROC_UID) &&
		     !smi_rec_int(rec, k, SMI_PROC_UID)) ||
		    (smi_rec_has(rec, SMI_PROC_EUID) &&
		     !smi_rec_int(rec, k, SMI_PROC_EUID));

	if (!root || smi_rec_int(rec, k, SMI_PROC_KERNEL_THREAD))
		return false;
	item->section = PS;
	smi_buf_str(&c->key, *exe ? exe : str(rec, SMI_PROC_NAME));
	smi_buf_span_add(&c->subject, smi_buf_span(&c->key));
	smi_buf_str(&c->subject, " as root");
	return true;
}

static bool describe_user(struct compare *c, const sm_record *rec,
			  struct item *item)
{
	item->section = PS;
	smi_buf_str(&c->key, str(rec, SMI_PROC_USER));
	smi_buf_str(&c->subject, str(rec, SMI_PROC_USER));
	return c->key.len;
}

/* By what it rests on. */
static int section_of(const sm_record *rec)
{
	switch (sm_record_kind(
		sm_record_field_record(rec, SMI_FINDING_EVIDENCE, 0))) {
	case SM_KIND_PORT:
	case SM_KIND_HOST:
		return SCAN;
	case SM_KIND_PROCESS:
		return PS;
	case SM_KIND_EVENT:
	case SM_KIND_LINE:
		return LOGS;
	default:
		return NOWHERE;
	}
}

static bool describe_finding(struct compare *c, const sm_record *rec,
			     struct item *item)
{
	int k = SM_KIND_FINDING;

	item->section = section_of(rec);
	item->severity = smi_rec_int(rec, k, SMI_FINDING_SEVERITY_CODE);
	item->count = smi_rec_int(rec, k, SMI_FINDING_COUNT);
	smi_buf_str(&c->key, str(rec, SMI_FINDING_KEY));
	if (!c->key.len)
		smi_buf_str(&c->key, str(rec, SMI_FINDING_ID));
	smi_buf_str(&c->subject, str(rec, SMI_FINDING_TITLE));
	if (smi_has_tr())
		smi_told(&c->told, rec, SMI_FINDING_TITLE);
	return c->key.len;
}

/* What matters most comes first. */
static const struct thing things[] = {
	{ "finding", SM_KIND_FINDING, describe_finding },
	{ "port", SM_KIND_PORT, describe_port },
	{ "listener", SM_KIND_PORT, describe_listener },
	{ "process", SM_KIND_PROCESS, describe_process },
	{ "user", SM_KIND_PROCESS, describe_user },
};

const char *smi_compare_thing(size_t i)
{
	return i < SMI_COUNT(things) ? things[i].what : NULL;
}

static struct item *find(struct side *side, struct smi_span key)
{
	uintptr_t at = (uintptr_t)smi_map_get(&side->by_key, key);

	return at ? &side->items.v[at - 1] : NULL;
}

static const char *keep(struct compare *c, struct smi_buf *b)
{
	const char *s = smi_arena_strndup(&c->arena, smi_buf_span(b).p, b->len);

	c->arena.failed |= b->failed;
	return s ? s : "";
}

static int take(const sm_record *rec, void *user)
{
	struct compare *c = user;
	struct item item = { .severity = 0 }, *same;

	smi_buf_clear(&c->key);
	smi_buf_clear(&c->subject);
	smi_buf_clear(&c->text);
	smi_buf_clear(&c->told);
	if (!c->thing->describe(c, rec, &item))
		return 0;
	same = find(c->filled, smi_buf_span(&c->key));
	if (same) {
		same->severity = SMI_MAX(same->severity, item.severity);
		same->count = smi_add(same->count, item.count);
		return 0;
	}
	item.key = smi_span_str(keep(c, &c->key));
	item.subject = keep(c, &c->subject);
	item.text = keep(c, &c->text);
	item.told = c->told.len ? keep(c, &c->told) : NULL;
	if (c->arena.failed || !smi_vec_push(&c->filled->items, item) ||
	    !smi_map_put(&c->filled->by_key, item.key,
			 (void *)(uintptr_t)c->filled->items.n))
		return smi_fail_nomem(c->report->ctx);
	return 0;
}

static void clear_items(struct side *side)
{
	smi_vec_free(&side->items);
	smi_map_free(&side->by_key);
	side->by_key = (struct smi_map){ 0 };
}

static int fill(struct compare *c, struct side *side)
{
	clear_items(side);
	c->filled = side;
	return smi_report_each(side->report, c->thing->kind, 0, take, c);
}

/* "high, 12 events" */
static const char *text_of(struct compare *c, const struct item *item)
{
	if (c->thing->kind != SM_KIND_FINDING)
		return item->text;
	smi_buf_clear(&c->text);
	smi_buf_printf(&c->text, "%s, %lld event%s",
		       sm_severity_name((int)item->severity),
		       (long long)item->count, item->count == 1 ? "" : "s");
	return keep(c, &c->text);
}

/* The same for people. */
static void set_told(struct compare *c, sm_record *rec, unsigned field,
		     const struct item *item)
{
	if (!item || !item->told)
		return;
	smi_buf_clear(&c->told);
	smi_buf_str(&c->told, smi_tr(sm_severity_name((int)item->severity)));
	smi_buf_str(&c->told, ", ");
	smi_layout_plural(&c->told, (uint64_t)item->count, "event", "events");
	smi_set_const(rec, field, keep(c, &c->told));
}

static int tell(struct compare *c, const char *change,
		const struct item *before, const struct item *now)
{
	const struct item *item = now ? now : before;
	struct smi_arena *a = &c->arena;
	sm_record *rec = smi_rec_new(a, SM_KIND_CHANGE);
	sm_event ev = { .kind = SM_EVENT_RECORD, .rec = rec };
	const char *was = before ? text_of(c, before) : "";
	const char *is = now ? text_of(c, now) : "";

	smi_set_const(rec, SMI_CHANGE_CHANGE, change);
	smi_set_const(rec, SMI_CHANGE_WHAT, c->thing->what);
	smi_set_const(rec, SMI_CHANGE_SUBJECT, item->subject);
	if (*was)
		smi_set_const(rec, SMI_CHANGE_BEFORE, was);
	if (*is)
		smi_set_const(rec, SMI_CHANGE_AFTER, is);
	if (c->thing->kind == SM_KIND_FINDING) {
		smi_set_const(rec, SMI_CHANGE_SEVERITY,
			      sm_severity_name((int)item->severity));
		smi_set_const(rec, SMI_CHANGE_KEY, item->key.p);
		if (item->told)
			smi_set_const(rec, SMI_CHANGE_SUBJECT_TOLD, item->told);
		set_told(c, rec, SMI_CHANGE_BEFORE_TOLD, before);
		set_told(c, rec, SMI_CHANGE_AFTER_TOLD, now);
	}
	if (c->since != SM_TIME_NONE)
		smi_set_int(rec, SMI_CHANGE_SINCE, c->since);
	if (smi_arena_error(a))
		return smi_fail_nomem(c->report->ctx);
	return sm_report_add(c->report, &ev);
}

/* Whether it would be there, had it been there then. */
static bool was_looked_at(struct compare *c, const struct side *other,
			  const struct item *item)
{
	size_t at;

	if (item->section != NOWHERE && !other->looked[item->section])
		return false;
	if (c->thing->describe != describe_port)
		return true;
	/* behind the number */
	at = smi_span_find(item->key, ' ') + 1;
	at += smi_span_find(smi_span_skip(item->key, at), ' ') + 1;
	if (smi_map_get(&other->hosts, smi_span_skip(item->key, at)))
		return true;
	c->unscanned++;
	return false;
}

static bool differs(const struct compare *c, const struct item *a,
		    const struct item *b)
{
	if (c->thing->kind == SM_KIND_FINDING)
		return a->severity != b->severity || a->count != b->count;
	/* what was not asked for is no other answer */
	return *a->text && *b->text && strcmp(a->text, b->text) != 0;
}

static int compare_thing(struct compare *c)
{
	int r = fill(c, &c->before);

	if (r == 0)
		r = fill(c, &c->now);
	for (size_t i = 0; r == 0 && i < c->now.items.n; i++) {
		const struct item *now = &c->now.items.v[i];
		const struct item *before = find(&c->before, now->key);

		if (!before && was_looked_at(c, &c->before, now))
			r = tell(c, "new", NULL, now);
		else if (before && differs(c, before, now))
			r = tell(c, "changed", before, now);
	}
	for (size_t i = 0; r == 0 && i < c->before.items.n; i++) {
		const struct item *before = &c->before.items.v[i];

		if (!find(&c->now, before->key) &&
		    was_looked_at(c, &c->now, before))
			r = tell(c, "gone", before, NULL);
	}
	return r;
}

static int notice_count(struct compare *c, const char *text, uint64_t n)
{
	char count[24];

	snprintf(count, sizeof(count), "%llu", (unsigned long long)n);
	return smi_report_notice(c->report, &c->arena, text, "count", count);
}

static int look(struct side *side, const sm_report *report)
{
	const struct smi_records *hosts = &report->kinds[SM_KIND_HOST];

	const struct smi_records *ports = &report->kinds[SM_KIND_PORT];

	side->report = report;
	side->looked[SCAN] = hosts->all.n;
	for (size_t i = 0; i < ports->all.n; i++) {
		bool listens = !strcmp(str(ports->all.v[i], SMI_PORT_STATE),
				       "listening");

		side->looked[listens ? LISTENERS : SCAN] = true;
	}
	side->looked[PS] = sm_report_size(report, SM_KIND_PROCESS);
	side->looked[LOGS] = sm_report_size(report, SM_KIND_COVERAGE);
	for (size_t i = 0; i < hosts->all.n; i++)
		if (!smi_map_put(&side->hosts,
				 smi_span_str(smi_rec_str(hosts->all.v[i],
							  SM_KIND_HOST,
							  SMI_HOST_ADDRESS)),
				 hosts->all.v[i]))
			return -ENOMEM;
	return 0;
}

/* A port that is new may be one that nobody looked at. */
static int tell_ranges(struct compare *c)
{
	const struct smi_records *hosts = &c->now.report->kinds[SM_KIND_HOST];
	uint64_t others = 0;

	for (size_t i = 0; i < hosts->all.n; i++) {
		const sm_record *was = smi_map_get(
			&c->before.hosts,
			smi_span_str(smi_rec_str(hosts->all.v[i], SM_KIND_HOST,
						 SMI_HOST_ADDRESS)));

		others += was && smi_host_probed(was) !=
					 smi_host_probed(hosts->all.v[i]);
	}
	if (!others)
		return 0;
	return notice_count(c,
			    "{count} of the hosts had another number of ports "
			    "scanned in the run before: a port that is new or "
			    "gone may not have been looked at",
			    others);
}

/* What is new may have been told behind the end. */
static int tell_cut(struct compare *c)
{
	if (!c->before.report->cut)
		return 0;
	return smi_report_notice(c->report, &c->arena,
				 "the run before has no summary at its end: "
				 "it is not whole, and what is new may be in "
				 "what it lost",
				 NULL, NULL);
}

static int tell_sections(struct compare *c)
{
	static const char *const names[NSECTIONS] = {
		[SCAN] = "ports that were scanned",
		[LISTENERS] = "listening ports",
		[PS] = "processes",
		[LOGS] = "logs"
	};
	int r = 0;

	for (int s = SCAN; r == 0 && s < NSECTIONS; s++) {
		if (c->now.looked[s] == c->before.looked[s])
			continue;
		r = smi_report_notice(c->report, &c->arena,
				      c->now.looked[s]
					      ? "{what} are not compared: only "
						"this run has looked at them"
					      : "{what} are not compared: only "
						"the run before has looked at "
						"them",
				      "what", names[s]);
	}
	if (r == 0 && c->unscanned && c->now.looked[SCAN] &&
	    c->before.looked[SCAN])
		r = notice_count(c,
				 "{count} open ports are not compared: only "
				 "one of the runs has scanned their hosts",
				 c->unscanned);
	if (r == 0)
		r = tell_cut(c);
	return r == 0 ? tell_ranges(c) : r;
}

static int compare_all(struct compare *c)
{
	int r = 0;

	if (look(&c->now, c->report) < 0 ||
	    look(&c->before, c->before.report) < 0)
		return smi_fail_nomem(c->report->ctx);
	for (size_t i = 0; r == 0 && i < SMI_COUNT(things); i++) {
		c->thing = &things[i];
		r = compare_thing(c);
	}
	return r == 0 ? tell_sections(c) : r;
}

static void done(struct compare *c)
{
	struct side *sides[] = { &c->now, &c->before };

	for (size_t i = 0; i < SMI_COUNT(sides); i++) {
		clear_items(sides[i]);
		smi_map_free(&sides[i]->hosts);
	}
	smi_buf_free(&c->key);
	smi_buf_free(&c->subject);
	smi_buf_free(&c->text);
	smi_buf_free(&c->told);
	smi_arena_free(&c->arena);
}

SM_EXPORT int sm_report_compare(sm_report *r, const sm_report *before)
{
	struct compare c = { .report = r, .before.report = before };
	int rc;

	if (!r || !before || r == before)
		return -EINVAL;
	sm_report_clear(r, SM_KIND_CHANGE);
	c.since = before->run.saved
			  ? smi_rec_time(before->run.saved, SM_KIND_SUMMARY,
					 SMI_SUMMARY_START)
			  : SM_TIME_NONE;
	rc = compare_all(&c);
	if (rc == 0) {
		r->run.compared = true;
		r->run.baseline = c.since;
	}
	done(&c);
	return rc;
}
