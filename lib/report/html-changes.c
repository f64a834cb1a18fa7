/* SPDX-License-Identifier: MIT */
#include "record/told.h"
#include "report/escape.h"
#include "report/html.h"
#include "report/layout.h"

/*
 * What is new, changed and gone since the run before: a chart of all, and a list for
 * each, of which the first items are open.
 */
#define FIRST_MAX 12
#define ITEMS_MAX 1000

static const struct change {
	const char *change, *heading, *class;
} changes[] = {
	{ "new", "New", "high" },
	{ "changed", "Changed", "medium" },
	{ "gone", "Gone", "idle" },
};

static const struct {
	const char *what, *many;
} things[] = {
	{ "finding", "Findings" },   { "port", "Open ports" },
	{ "listener", "Listeners" }, { "process", "Programs as root" },
	{ "user", "Users" },
};

static const char *text_of(const sm_record *rec, unsigned field)
{
	return smi_rec_str(rec, SM_KIND_CHANGE, field);
}

static bool is(const sm_record *rec, const struct change *change)
{
	return !strcmp(text_of(rec, SMI_CHANGE_CHANGE), change->change);
}

static size_t count(const struct smi_render *r, const struct change *change,
		    const char *what)
{
	const struct smi_records *all = &r->report->kinds[SM_KIND_CHANGE];
	size_t n = 0;

	for (size_t i = 0; i < all->all.n; i++)
		n += is(all->all.v[i], change) &&
		     (!what ||
		      !strcmp(text_of(all->all.v[i], SMI_CHANGE_WHAT), what));
	return n;
}

void smi_html_change_tiles(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;

	if (!sm_report_size(r->report, SM_KIND_CHANGE))
		return;
	smi_buf_str(b, "<ul class=\"tiles since\" aria-label=\"");
	smi_html_tr(b, "Since the run before");
	smi_buf_str(b, "\">\n");
	for (size_t i = 0; i < SMI_COUNT(changes); i++) {
		size_t n = count(r, &changes[i], NULL);

		smi_buf_printf(b, "<li class=\"%s%s\"><strong>",
			       changes[i].class, n ? "" : " zero");
		smi_layout_count(b, n);
		smi_buf_printf(b, "</strong> %s",
			       n ? "<a href=\"#changes\">" : "");
		smi_html_tr(b, changes[i].change);
		smi_buf_str(b, n ? "</a></li>\n" : "</li>\n");
	}
	smi_buf_str(b, "</ul>\n");
}

int smi_html_since(struct smi_render *r, struct smi_chart *c)
{
	if (!sm_report_size(r->report, SM_KIND_CHANGE))
		return 0;
	smi_chart_start(c, "since", "Changes since the run before", "What");
	for (size_t i = 0; i < SMI_COUNT(changes); i++)
		smi_chart_column(c, smi_tr(changes[i].change),
				 changes[i].class);
	for (size_t k = 0; k < SMI_COUNT(things); k++) {
		struct smi_chart_row *row =
			smi_chart_add(c, smi_tr(things[k].many));
		bool any = false;

		for (size_t i = 0; i < SMI_COUNT(changes); i++) {
			row->v[i] =
				(double)count(r, &changes[i], things[k].what);
			any |= row->v[i] > 0;
		}
		c->nrows -= !any;
	}
	if (c->nrows)
		smi_chart_bars(&r->sink->buf, c);
	return 0;
}

struct list {
	struct smi_render *r;
	const struct change *change;
	size_t n, all;
};

/* "high, 8 events" without what its severity says. */
static const char *short_of(struct smi_buf *b, const sm_record *rec,
			    unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf severity = { 0 };
	const char *text;
	size_t len;

	smi_told(b, rec, field);
	smi_told(&severity, rec, SMI_CHANGE_SEVERITY);
	text = smi_buf_cstr(b);
	len = severity.len;
	b->failed |= severity.failed;
	if (!text)
		return "";
	return len && !strncmp(text, severity.p, len) &&
			       !strncmp(text + len, ", ", 2)
		       ? text + len + 2
		       : text;
}

static void add_values(struct smi_buf *b, const sm_record *rec)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf was = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf is = { 0 };
	const char *before = short_of(&was, rec, SMI_CHANGE_BEFORE);
	const char *after = short_of(&is, rec, SMI_CHANGE_AFTER);

	b->failed |= was.failed || is.failed;
	if (!*before && !*after)
		return;
	smi_buf_str(b, " <span class=\"soft\">");
	if (*before && *after)
		smi_html_say(b, "was {before}, is {after}", "before", before,
			     "after", after);
	else
		smi_html_text(b, *before ? before : after);
	smi_buf_str(b, "</span>");
}

/* What a finding is told by its severity, anything else by its name. */
static void add_badge(struct smi_buf *b, const sm_record *rec)
{
	const char *severity = text_of(rec, SMI_CHANGE_SEVERITY);

	if (sm_severity_by_name(severity) > 0) {
		smi_buf_printf(b, "<span class=\"sev %s\">", severity);
		smi_html_tr(b, severity);
		smi_buf_str(b, "</span> ");
		return;
	}
	smi_buf_str(b, "<span class=\"sev idle\">");
	smi_html_tr(b, text_of(rec, SMI_CHANGE_WHAT));
	smi_buf_str(b, "</span> ");
}

static int add_item(const sm_record *rec, void *user)
{
	struct list *list = user;
	struct smi_buf *b = &list->r->sink->buf;
	char count[SMI_COUNT_STRLEN];

	if (!is(rec, list->change) || list->n++ >= ITEMS_MAX)
		return 0;
	if (list->n == FIRST_MAX + 1) {
		smi_buf_str(b, "</ul>\n<details><summary>");
		smi_html_say(b, "{count} more", "count",
			     smi_count_text(count, list->all - FIRST_MAX));
		smi_buf_str(b, "</summary>\n<ul class=\"changes\">\n");
	}
	smi_buf_str(b, "<li>");
	add_badge(b, rec);
	smi_html_told(b, rec, SMI_CHANGE_SUBJECT);
	add_values(b, rec);
	smi_buf_str(b, "</li>\n");
	return smi_sink_push(list->r->sink);
}

static int add_list(struct smi_render *r, const struct change *change)
{
	struct list list = { r, change, 0, count(r, change, NULL) };
	struct smi_buf *b = &r->sink->buf;
	char n[SMI_COUNT_STRLEN];
	int rc;

	if (!list.all)
		return 0;
	smi_buf_str(b, "<section class=\"card\"><h3>");
	smi_html_say(b, "{heading}: {count}", "heading",
		     smi_tr(change->heading), "count",
		     smi_count_text(n, list.all));
	smi_buf_str(b, "</h3>\n<ul class=\"changes\">\n");
	rc = smi_report_each(r->report, SM_KIND_CHANGE, 0, add_item, &list);
	smi_buf_str(b, "</ul>\n");
	if (list.n > ITEMS_MAX) {
		smi_buf_str(b, "<p class=\"soft\">");
		smi_html_say(b,
			     "And {count} more changes, which the other "
			     "formats have.",
			     "count", smi_count_text(n, list.n - ITEMS_MAX));
		smi_buf_str(b, "</p>\n");
	}
	smi_buf_str(b, list.all > FIRST_MAX ? "</details></section>\n"
					    : "</section>\n");
	return rc;
}

int smi_html_changes(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	int rc = 0;

	if (!sm_report_size(r->report, SM_KIND_CHANGE))
		return 0;
	smi_buf_str(b, "<h2 id=\"changes\">");
	smi_html_tr(b, "What changed");
	smi_buf_str(b, "</h2>\n");
	for (size_t i = 0; rc == 0 && i < SMI_COUNT(changes); i++)
		rc = add_list(r, &changes[i]);
	return rc ? rc : smi_sink_push(r->sink);
}
