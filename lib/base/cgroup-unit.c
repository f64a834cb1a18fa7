/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"

/* systemd.unit(5): units that can have processes; a name is at most so long. */
static const struct smi_span suffixes[] = {
	{ ".service", 8 }, { ".scope", 6 }, { ".socket", 7 },
	{ ".mount", 6 },   { ".swap", 5 },
};
#define NAME_MAX_LEN 255

static struct smi_span unescape(struct smi_span part)
{
	return smi_span_skip(part, smi_span_starts(part, SMI_SPAN("_")));
}

static bool is_name(struct smi_span s, struct smi_span suffix)
{
	const struct smi_span others = SMI_SPAN(":-_.\\@");

	if (!smi_span_ends(s, suffix) || s.len == suffix.len ||
	    s.len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') ||
		      smi_span_find(others, c) < others.len))
			return false;
	}
	return true;
}

static bool is_unit(struct smi_span s)
{
	for (size_t i = 0; i < SMI_COUNT(suffixes); i++)
		if (is_name(s, suffixes[i]))
			return true;
	return false;
}

struct place {
	struct smi_span unit, slice;
};

static struct place find_place(struct smi_span path)
{
	struct place p = { SMI_SPAN(""), SMI_SPAN("") };
	struct smi_span part;

	while (smi_span_split(&path, '/', &part)) {
		part = unescape(part);
		if (part.len == 0)
			continue;
		if (!is_name(part, SMI_SPAN(".slice"))) {
			if (is_unit(part))
				p.unit = part;
			break;
		}
		p.slice = part;
	}
	if (p.unit.len > 0 && p.slice.len == 0)
		p.slice = SMI_SPAN("-.slice");
	return p;
}

struct smi_span smi_cgroup_unit(struct smi_span path)
{
	return find_place(path).unit;
}

struct smi_span smi_cgroup_slice(struct smi_span path)
{
	return find_place(path).slice;
}
