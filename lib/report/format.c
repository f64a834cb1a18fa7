/* SPDX-License-Identifier: MIT */
#include "report/format.h"

#include <stdlib.h>

static const struct smi_format *const formats[] = {
	&smi_format_txt,    &smi_format_csv,	  &smi_format_json,
	&smi_format_ndjson, &smi_format_nmap_xml, &smi_format_md,
	&smi_format_prom,   &smi_format_ecs,	  &smi_format_html,
	&smi_format_table,
};

const struct smi_section smi_sections[SMI_NSECTIONS] = {
	{ SM_KIND_CHANGE, false, "changes" },
	{ SM_KIND_RUN, false, "runs" },
	{ SM_KIND_ABILITY, false, "abilities" },
	{ SM_KIND_HOST, false, "hosts" },
	{ SM_KIND_PORT, true, "ports" },
	{ SM_KIND_PROCESS, true, "processes" },
	{ SM_KIND_LINE, false, "lines" },
	{ SM_KIND_EVENT, true, "events" },
	{ SM_KIND_RULE, false, "rules" },
	{ SM_KIND_FINDING, true, "findings" },
	{ SM_KIND_NOTICE, true, "notices" },
	{ SM_KIND_COVERAGE, true, "coverage" },
	{ SM_KIND_TEMPLATE, false, "templates" },
};

const struct smi_format *smi_format_find(sm_ctx *ctx, int number)
{
	for (size_t i = 0; i < SMI_COUNT(formats); i++)
		if (formats[i]->number == number)
			return formats[i];
	smi_fail(ctx, -EINVAL, "%d is no format", number);
	return NULL;
}

SM_EXPORT int sm_format_by_name(const char *name)
{
	if (!name)
		return -EINVAL;
	for (size_t i = 0; i < SMI_COUNT(formats); i++)
		if (!strcmp(name, formats[i]->name))
			return formats[i]->number;
	return -ENOENT;
}

static const char *suffix_of(const struct smi_format *f)
{
	return f->suffix ? f->suffix : f->name;
}

SM_EXPORT int sm_format_by_path(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	if (!path)
		return -EINVAL;
	/* ".json" is a file without a suffix */
	if (!dot || dot == path || dot[-1] == '/' || strchr(dot, '/'))
		return -ENOENT;
	for (size_t i = 0; i < SMI_COUNT(formats); i++)
		if (!strcmp(dot + 1, suffix_of(formats[i])))
			return formats[i]->number;
	return -ENOENT;
}

SM_EXPORT const char *sm_format_name(int format)
{
	for (size_t i = 0; i < SMI_COUNT(formats); i++)
		if (formats[i]->number == format)
			return formats[i]->name;
	return "";
}

int smi_render_init(struct smi_render *r, sm_ctx *ctx,
		    const struct smi_format *f, const struct smi_style *style)
{
	*r = (struct smi_render){ .ctx = ctx, .format = f, .style = style };
	for (int kind = 1; kind <= SMI_NKINDS; kind++)
		smi_style_fields(style, kind, f->columns && !style->only,
				 &r->fields[kind]);
	r->generated = style->has_time ? style->time : smi_now_wall(ctx);
	r->state = smi_zalloc(f->state_size);
	return r->state ? 0 : smi_fail_nomem(ctx);
}

void smi_render_done(struct smi_render *r)
{
	if (r->state && r->format->done)
		r->format->done(r->state);
	free(r->state);
}
