/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/nls.h"
#include "base/utf8.h"
#include "report/escape.h"
#include "report/people.h"

/* What happened according to the logs: how often each action, when first and last.
 * Actions come from rules, of which a file may have any number. */
#define ACTIONS_MAX 32

struct action {
	const char *name; /* in the arena */
	uint64_t n;
	int64_t first, last;
};
struct actions {
	struct smi_arena arena;
	struct action v[ACTIONS_MAX];
	size_t n;
	uint64_t others; /* events of actions beyond the limit */
};

static struct action *find(struct actions *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].name, name))
			return &all->v[i];
	if (all->n == ACTIONS_MAX)
		return NULL;
	all->v[all->n] = (struct action){
		.name = smi_arena_strndup(&all->arena, name, strlen(name)),
		.first = SM_TIME_NONE,
		.last = SM_TIME_NONE,
	};
	return all->v[all->n].name ? &all->v[all->n++] : NULL;
}

static int count(const sm_record *rec, void *user)
{
	struct actions *all = user;
	int64_t time = smi_rec_time(rec, SM_KIND_EVENT, SMI_EVENT_TIME);
	int64_t times = smi_rec_int(rec, SM_KIND_EVENT, SMI_EVENT_COUNT);
	struct action *a =
		find(all, smi_rec_str(rec, SM_KIND_EVENT, SMI_EVENT_ACTION));

	times = SMI_MAX(times, 1);
	if (!a) {
		all->others += (uint64_t)times;
		return smi_arena_error(&all->arena);
	}
	a->n += (uint64_t)times;
	if (time == SM_TIME_NONE)
		return 0;
	a->first = a->first == SM_TIME_NONE ? time : SMI_MIN(a->first, time);
	a->last = SMI_MAX(a->last, time);
	return 0;
}

static int compare(const void *va, const void *vb)
{
	const struct action *a = va, *b = vb;

	if (a->n != b->n)
		return a->n < b->n ? 1 : -1;
	return strcmp(a->name, b->name);
}

static struct smi_span name_of(const struct action *a)
{
	return smi_span_str(*a->name ? a->name : smi_tr("(no action)"));
}

static void add_time_cell(struct smi_buf *b, int64_t time)
{
	smi_buf_str(b, " | ");
	smi_layout_time(b, time);
}

static void add_html_row(struct smi_buf *b, const struct action *a)
{
	smi_buf_str(b, "<tr><td>");
	smi_esc_html(b, name_of(a));
	smi_buf_str(b, "</td><td class=\"n\">");
	smi_layout_count(b, a->n);
	smi_buf_str(b, "</td><td class=\"t\">");
	smi_layout_time(b, a->first);
	smi_buf_str(b, "</td><td class=\"t\">");
	smi_layout_time(b, a->last);
	smi_buf_str(b, "</td></tr>\n");
}

static void add_md_row(struct smi_buf *b, const struct action *a)
{
	smi_buf_str(b, "| ");
	smi_esc_md(b, name_of(a));
	smi_buf_str(b, " | ");
	smi_layout_count(b, a->n);
	add_time_cell(b, a->first);
	add_time_cell(b, a->last);
	smi_buf_str(b, " |\n");
}

static void add_rows(struct smi_buf *b, const struct actions *all,
		     void (*add)(struct smi_buf *, const struct action *))
{
	const struct action others = { smi_tr("others"), all->others,
				       SM_TIME_NONE, SM_TIME_NONE };

	for (size_t i = 0; i < all->n; i++)
		add(b, &all->v[i]);
	if (all->others)
		add(b, &others);
}

static const char *const labels[] = { "ACTION", "EVENTS", "FIRST", "LAST" };

static void add_md(struct smi_buf *b, const struct actions *all)
{
	for (size_t i = 0; i < SMI_COUNT(labels); i++) {
		smi_buf_str(b, i ? " | " : "| ");
		smi_esc_md(b, smi_span_str(smi_tr(labels[i])));
	}
	smi_buf_str(b, " |\n|---|---:|---|---|\n");
	add_rows(b, all, add_md_row);
}

static void add_html(struct smi_buf *b, const struct actions *all)
{
	smi_buf_str(b, "<table>\n<thead><tr>");
	for (size_t i = 0; i < SMI_COUNT(labels); i++) {
		smi_buf_str(b, i == 1 ? "<th scope=\"col\" class=\"n\">"
				      : "<th scope=\"col\">");
		smi_esc_html(b, smi_span_str(smi_tr(labels[i])));
		smi_buf_str(b, "</th>");
	}
	smi_buf_str(b, "</tr></thead><tbody>\n");
	add_rows(b, all, add_html_row);
	smi_buf_str(b, "</tbody></table>\n");
}

/* Columns that smi_layout_count() takes. */
static size_t digits(uint64_t n)
{
	size_t d = 1;

	for (; n >= 10; n /= 10)
		d++;
	return d + (d - 1) / 3;
}

static void add_line(struct smi_render *r, const struct action *a, size_t wide)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_buf *b = &r->sink->buf;

	smi_buf_fill(b, ' ', wide - SMI_MIN(wide, digits(a->n)));
	smi_layout_count(b, a->n);
	smi_buf_str(b, "  ");
	smi_esc_term(&text, name_of(a));
	if (a->first != SM_TIME_NONE) {
		smi_buf_str(&text, ", ");
		smi_layout_time(&text, a->first);
	}
	if (a->last != a->first) {
		smi_esc_term(&text, smi_span_str(smi_tr(" to ")));
		smi_layout_time(&text, a->last);
	}
	smi_layout_wrap(b, smi_buf_span(&text), r->style->width, wide + 2,
			wide + 2);
	b->failed |= text.failed;
}

static void free_actions(struct actions *all)
{
	smi_arena_free(&all->arena);
}

int smi_people_actions(struct smi_render *r)
{
	SMI_CLEANUP(free_actions) struct actions all = { 0 };
	struct smi_buf *b = &r->sink->buf;
	size_t wide;
	int rc = smi_report_each(r->report, SM_KIND_EVENT, 0, count, &all);

	if (rc)
		return rc == -ENOMEM ? smi_fail_nomem(r->ctx) : rc;
	qsort(all.v, all.n, sizeof(all.v[0]), compare);
	if (r->format == &smi_format_md || r->format == &smi_format_html) {
		(r->format == &smi_format_md ? add_md : add_html)(b, &all);
		return smi_sink_push(r->sink);
	}
	wide = digits(SMI_MAX(all.others, all.n ? all.v[0].n : 0));
	for (size_t i = 0; i < all.n; i++)
		add_line(r, &all.v[i], wide);
	if (all.others) {
		smi_buf_fill(b, ' ', wide - digits(all.others));
		smi_layout_count(b, all.others);
		smi_buf_str(b, "  ");
		smi_esc_term(b, smi_span_str(smi_tr("of other actions")));
		smi_buf_char(b, '\n');
	}
	return smi_sink_push(r->sink);
}
