/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "report/escape.h"
#include "report/html.h"

/*
 * One page that is whole in itself: no script, nothing from elsewhere, and a policy
 * that forbids both. What matters first, then charts, findings, and what there is.
 */
#define ROWS_MAX    1000 /* of a table */
#define OPEN_MAX    15	 /* rows of a table that is not folded */
#define NOTICES_MAX 200

static void add_title(struct smi_buf *b, const struct smi_render *r)
{
	const struct smi_html *h = r->state;
	SMI_CLEANUP(smi_buf_free) struct smi_buf title = { 0 };

	if (r->style->title && *r->style->title)
		smi_buf_str(&title, r->style->title);
	else
		smi_people_title(&title, &h->machine);
	smi_esc_html(b, smi_buf_span(&title));
	b->failed |= title.failed;
}

static void add_head(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;

	smi_buf_str(b, "<!DOCTYPE html>\n<html lang=\"");
	smi_html_tr(b, "en"); /* the language of this file */
	smi_buf_str(
		b,
		"\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'; "
		"base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" "
		"content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	add_title(b, r);
	smi_buf_str(b, "</title>\n<style>\n");
	smi_buf_str(b, smi_html_style);
	smi_buf_str(b, "</style>\n</head>\n<body>\n");
}

/* "Debian 12, kernel 6.1 (x86_64). Written 2026-08-04 10:00:00." */
static void add_system(struct smi_render *r)
{
	const struct smi_machine *m = &((struct smi_html *)r->state)->machine;
	SMI_CLEANUP(smi_buf_free) struct smi_buf system = { 0 };
	struct smi_buf *b = &r->sink->buf;
	char time[SMI_TIME_STRLEN];

	smi_people_system(&system, m);
	smi_buf_str(b, "<p class=\"soft\">");
	smi_esc_html(b, smi_buf_span(&system));
	smi_buf_str(b, system.len ? ". " : "");
	b->failed |= system.failed;
	smi_buf_clear(&system);
	smi_layout_time(&system, r->generated);
	snprintf(time, sizeof(time), "%s",
		 smi_buf_cstr(&system) ? system.p : "");
	smi_html_say(b, "Written {time} by sysmon {version}.", "time", time,
		     "version", sm_version_string());
	smi_buf_str(b, "</p>\n");
	b->failed |= system.failed;
}

static const struct {
	const char *name;
	unsigned field;
} severities[] = {
	{ "critical", SMI_SUMMARY_CRITICAL }, { "high", SMI_SUMMARY_HIGH },
	{ "medium", SMI_SUMMARY_MEDIUM },     { "low", SMI_SUMMARY_LOW },
	{ "info", SMI_SUMMARY_INFO },
};

static void add_tiles(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;

	smi_buf_str(b, "<ul class=\"tiles\">\n");
	for (size_t i = 0; i < SMI_COUNT(severities); i++) {
		int64_t n = smi_rec_int(r->summary, SM_KIND_SUMMARY,
					severities[i].field);

		smi_buf_printf(b, "<li class=\"%s%s\"><b>", severities[i].name,
			       n ? "" : " zero");
		smi_layout_count(b, (uint64_t)n);
		smi_buf_str(b, "</b>");
		smi_html_tr(b, severities[i].name);
		smi_buf_str(b, "</li>\n");
	}
	smi_buf_str(b, "</ul>\n");
}

static void add_sentence(struct smi_render *r,
			 void (*fn)(struct smi_render *, struct smi_buf *),
			 const char *label, const char *end)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_buf *b = &r->sink->buf;

	fn(r, &text);
	b->failed |= text.failed;
	if (!text.len)
		return;
	smi_buf_str(b, "<p>");
	smi_html_tr(b, label);
	smi_esc_html(b, smi_buf_span(&text));
	smi_buf_printf(b, "%s</p>\n", end);
}

static void add_summary(struct smi_render *r)
{
	size_t notices = sm_report_size(r->report, SM_KIND_NOTICE);
	struct smi_buf *b = &r->sink->buf;

	smi_buf_str(b, "<header>\n<h1>");
	add_title(b, r);
	smi_buf_str(b, "</h1>\n");
	add_system(r);
	smi_buf_str(b, "</header>\n<main>\n");
	add_tiles(r);
	smi_html_change_tiles(r);
	add_sentence(r, smi_people_findings, "", "");
	add_sentence(r, smi_people_seen, "Seen: ", ".");
	if (notices) {
		smi_buf_str(b, "<p><a href=\"#notices\">");
		smi_html_plural(b, notices, "notice", "notices");
		smi_buf_str(b, "</a>");
		smi_html_tr(b, ": not all could be looked at, or not in full.");
		smi_buf_str(b, "</p>\n");
	}
}

static uint64_t rows_of(const struct smi_render *r,
			const struct smi_people_section *s)
{
	if (s->rows == SMI_ROWS_LISTENING)
		return smi_people_listening(r);
	if (s->rows == SMI_ROWS_OPEN)
		return (uint64_t)smi_rec_int(r->summary, SM_KIND_SUMMARY,
					     SMI_SUMMARY_OPEN);
	return sm_report_size(r->report, s->kind);
}

static void begin_section(struct smi_render *r, const char *heading,
			  const char *more, uint64_t n)
{
	struct smi_buf *b = &r->sink->buf;

	smi_buf_printf(b, "<details class=\"card\"%s><summary><b>",
		       n <= OPEN_MAX ? " open" : "");
	smi_html_tr(b, heading);
	smi_buf_str(b, "</b>");
	smi_html_text(b, more);
	if (n) {
		smi_buf_str(b, " <span class=\"soft\">(");
		smi_layout_count(b, n);
		smi_buf_str(b, ")</span>");
	}
	smi_buf_str(b, "</summary>\n<div class=\"scroll\" role=\"region\" "
		       "tabindex=\"0\" aria-label=\"");
	smi_html_tr(b, heading);
	smi_buf_str(b, "\">\n");
}

static int end_section(struct smi_render *r, int rc)
{
	smi_buf_str(&r->sink->buf, "</div></details>\n");
	return rc ? rc : smi_sink_push(r->sink);
}

static int add_section(struct smi_render *r, const struct smi_people_section *s)
{
	enum smi_people_rows rows = s->rows;
	const char *order = "";

	if (!smi_people_has(r, s->kind, s->rows))
		return 0;
	if (s->kind == SM_KIND_PROCESS)
		rows = smi_people_order(r, &order);
	begin_section(r, s->heading, order, rows_of(r, s));
	return end_section(r, smi_people_table(r, s->kind, rows, ROWS_MAX));
}

static int add_inventory(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	bool any = sm_report_size(r->report, SM_KIND_EVENT);
	int rc = 0;

	for (size_t i = 0; i < SMI_PEOPLE_SECTIONS; i++)
		any |= smi_people_has(r, smi_people_sections[i].kind,
				      smi_people_sections[i].rows);
	if (!any)
		return 0;
	smi_buf_str(b, "<h2 id=\"inventory\">");
	smi_html_tr(b, "What there is");
	smi_buf_str(b, "</h2>\n");
	for (size_t i = 0; rc == 0 && i < SMI_PEOPLE_SECTIONS; i++)
		rc = add_section(r, &smi_people_sections[i]);
	if (rc || !sm_report_size(r->report, SM_KIND_EVENT))
		return rc;
	begin_section(r, "Log events by action", "", 0);
	return end_section(r, smi_people_actions(r));
}

struct notices {
	struct smi_render *r;
	size_t n;
};

static int add_notice(const sm_record *rec, void *user)
{
	struct notices *all = user;
	struct smi_buf *b = &all->r->sink->buf;

	if (all->n++ >= NOTICES_MAX)
		return 0;
	smi_buf_str(b, "<li>");
	smi_html_told(b, rec, SMI_NOTICE_TEXT);
	smi_buf_str(b, "</li>\n");
	return smi_sink_push(all->r->sink);
}

static int add_notices(struct smi_render *r)
{
	struct notices all = { r, 0 };
	struct smi_buf *b = &r->sink->buf;
	int rc;

	if (!sm_report_size(r->report, SM_KIND_NOTICE))
		return 0;
	smi_buf_str(b, "<h2 id=\"notices\">");
	smi_html_tr(b, "What could not be looked at");
	smi_buf_str(b, "</h2>\n<ul class=\"card\">\n");
	rc = smi_report_each(r->report, SM_KIND_NOTICE, 0, add_notice, &all);
	smi_buf_str(b, "</ul>\n");
	if (all.n > NOTICES_MAX) {
		smi_html_left_out(b, all.n - NOTICES_MAX);
	}
	return rc;
}

static int html_whole(struct smi_render *r)
{
	struct smi_html *h = r->state;
	int rc = smi_machine_of(&h->machine, r);

	if (rc == 0)
		rc = smi_html_sort(r);
	if (rc)
		return rc;
	add_head(r);
	add_summary(r);
	smi_html_next_steps(r);
	rc = smi_html_changes(r);
	if (rc == 0)
		rc = smi_html_charts(r);
	if (rc == 0)
		rc = smi_html_findings(r);
	if (rc == 0)
		rc = add_inventory(r);
	if (rc == 0)
		rc = add_notices(r);
	smi_buf_str(&r->sink->buf, "</main>\n</body>\n</html>\n");
	return rc ? rc : smi_sink_push(r->sink);
}

static void html_done(void *state)
{
	struct smi_html *h = state;

	free(h->findings);
	smi_map_free(&h->changes);
}

const struct smi_format smi_format_html = {
	.number = SM_FORMAT_HTML,
	.name = "html",
	.state_size = sizeof(struct smi_html),
	.done = html_done,
	.whole = html_whole,
};
