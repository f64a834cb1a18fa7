/* SPDX-License-Identifier: MIT */
#include "report/opts.h"

#include <stdlib.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MIN     20
#define WIDTH_MAX     65535

static void free_optsp(sm_report_opts **o)
{
	sm_report_opts_free(*o);
}

SM_EXPORT int sm_report_opts_new(sm_ctx *ctx, sm_report_opts **out)
{
	SMI_CLEANUP(free_optsp) sm_report_opts *o = NULL;

	if (!ctx || !out)
		return -EINVAL;
	o = smi_zalloc(sizeof(*o));
	if (!o)
		return smi_fail_nomem(ctx);
	smi_opts_init(&o->head, ctx);
	o->style.width = WIDTH_DEFAULT;
	*out = smi_take(&o);
	return 0;
}

SM_EXPORT void sm_report_opts_free(sm_report_opts *o)
{
	if (!o)
		return;
	smi_style_done(&o->style);
	smi_opts_done(&o->head);
	free(o);
}

SM_EXPORT int sm_report_opts_set_title(sm_report_opts *o, const char *title)
{
	return o ? smi_opts_set_text(&o->head, &o->style.title, title)
		 : -EINVAL;
}

SM_EXPORT int sm_report_opts_set_spill_dir(sm_report_opts *o, const char *path)
{
	if (!o)
		return -EINVAL;
	if (path && !*path)
		return smi_opts_fail(&o->head, -EINVAL,
				     "the directory for the temporary file "
				     "has no name");
	return smi_opts_set_text(&o->head, &o->style.spill_dir, path);
}

SM_EXPORT int sm_report_opts_set_min_severity(sm_report_opts *o, int severity)
{
	if (!o)
		return -EINVAL;
	if (severity < 0 || severity > SM_SEV_CRITICAL)
		return smi_opts_fail(&o->head, -ERANGE,
				     "%d is no severity: give 0 to %d",
				     severity, SM_SEV_CRITICAL);
	o->style.min_severity = severity;
	return 0;
}

SM_EXPORT int sm_report_opts_set_fields(sm_report_opts *o, int kind,
					const char *fields)
{
	struct smi_fieldlist list = { .n = 0 };
	struct smi_fieldset set;
	int r;

	if (!o)
		return -EINVAL;
	r = smi_opts_set_fields(&o->head, kind, fields, &set, &list);
	if (r == 0)
		o->style.fields[kind] = list;
	return r;
}

SM_EXPORT int sm_report_opts_set_color(sm_report_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->style.color = on;
	return 0;
}

SM_EXPORT int sm_report_opts_set_time(sm_report_opts *o, int64_t time)
{
	char text[SMI_TIME_STRLEN];

	if (!o)
		return -EINVAL;
	if (!*smi_time_format(time, text))
		return smi_opts_fail(&o->head, -ERANGE,
				     "the time of the report has no year of "
				     "four digits");
	o->style.time = time;
	o->style.has_time = true;
	return 0;
}

SM_EXPORT int sm_report_opts_set_width(sm_report_opts *o, uint32_t columns)
{
	if (!o)
		return -EINVAL;
	if (columns && (columns < WIDTH_MIN || columns > WIDTH_MAX))
		return smi_opts_fail(&o->head, -ERANGE,
				     "%u columns: give %d to %d, or 0 for no "
				     "limit",
				     (unsigned)columns, WIDTH_MIN, WIDTH_MAX);
	o->style.width = columns;
	return 0;
}

int smi_style_init(struct smi_style *s, sm_ctx *ctx, const sm_report_opts *o)
{
	int r = o ? smi_opts_check(&o->head, ctx) : 0;

	if (r < 0)
		return r;
	*s = o ? o->style : (struct smi_style){ .width = WIDTH_DEFAULT };
	s->title = s->spill_dir = NULL;
	if (o && o->style.title) {
		s->title = smi_strdup(o->style.title);
		if (!s->title)
			return smi_fail_nomem(ctx);
	}
	if (o && o->style.spill_dir) {
		s->spill_dir = smi_strdup(o->style.spill_dir);
		if (!s->spill_dir) {
			smi_style_done(s);
			return smi_fail_nomem(ctx);
		}
	}
	return 0;
}

void smi_style_done(struct smi_style *s)
{
	free(s->title);
	free(s->spill_dir);
	s->title = s->spill_dir = NULL;
}

void smi_style_fields(const struct smi_style *s, int kind, bool columns,
		      struct smi_fieldlist *out)
{
	const struct smi_kind *k = smi_kind(kind);

	*out = s->fields[kind];
	if (out->n)
		return;
	for (unsigned f = 0; f < k->nfields; f++)
		if (!columns || !k->fields[f].by_name)
			out->f[out->n++] = (uint8_t)f;
}
