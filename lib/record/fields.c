/* SPDX-License-Identifier: MIT */
#include "record/fields.h"

#include "record/schema.h"

struct smi_fieldset smi_fieldset_default(int kind)
{
	const struct smi_kind *k = smi_kind(kind);
	struct smi_fieldset set = { { 0, 0 } };

	for (unsigned f = 0; k && f < k->nfields; f++)
		if (!k->fields[f].by_name)
			smi_fieldset_add(&set, f);
	return set;
}

#define NAME_MAX_NEAR 32
#define PREFIX_MIN    3

/* What other tools call them. */
static const struct {
	const char *said, *field;
} other_names[] = {
	{ "%cpu", "cpu_percent" },    { "pcpu", "cpu_percent" },
	{ "mem", "memory_percent" },  { "%mem", "memory_percent" },
	{ "pmem", "memory_percent" }, { "memory", "memory_percent" },
	{ "cmd", "cmdline" },	      { "command", "cmdline" },
	{ "comm", "name" },	      { "path", "exe" },
	{ "parent", "ppid" },	      { "username", "user" },
	{ "uname", "user" },	      { "ruser", "user" },
	{ "status", "state" },	      { "stat", "state" },
	{ "nlwp", "threads" },	      { "started", "start" },
	{ "lstart", "start" },	      { "ip", "source_ip" },
	{ "ip", "address" },	      { "res", "rss" },
	{ "memory_usage", "rss" },    { "fds", "open_files" },
};

/* How many letters are to be put in, taken out, replaced or swapped. */
static unsigned distance(struct smi_span a, struct smi_span b)
{
	uint8_t d[NAME_MAX_NEAR + 1][NAME_MAX_NEAR + 1];

	for (size_t i = 0; i <= a.len; i++)
		d[i][0] = (uint8_t)i;
	for (size_t k = 0; k <= b.len; k++)
		d[0][k] = (uint8_t)k;
	for (size_t i = 1; i <= a.len; i++) {
		for (size_t k = 1; k <= b.len; k++) {
			bool same = a.p[i - 1] == b.p[k - 1];
			unsigned n = d[i - 1][k - 1] + !same;

			n = SMI_MIN(n, d[i - 1][k] + 1U);
			n = SMI_MIN(n, d[i][k - 1] + 1U);
			if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] &&
			    a.p[i - 2] == b.p[k - 1])
				n = SMI_MIN(n, d[i - 2][k - 2] + 1U);
			d[i][k] = (uint8_t)n;
		}
	}
	return d[a.len][b.len];
}

const char *smi_fields_near(const struct smi_kind *k, struct smi_span name)
{
	unsigned least = name.len > 4 ? 3 : 2;
	const char *near = NULL;

	if (name.len == 0 || name.len > NAME_MAX_NEAR)
		return NULL;
	for (size_t i = 0; i < SMI_COUNT(other_names); i++)
		if (smi_span_eq_str(name, other_names[i].said) &&
		    smi_kind_find(k, smi_span_str(other_names[i].field)) >= 0)
			return other_names[i].field;
	for (unsigned f = 0; f < k->nfields; f++) {
		struct smi_span field = smi_span_str(k->fields[f].name);
		unsigned n = field.len <= NAME_MAX_NEAR ? distance(name, field)
							: least;

		if (name.len >= PREFIX_MIN && smi_span_starts(field, name))
			n = 1;
		if (n >= least)
			continue;
		least = n;
		near = k->fields[f].name;
	}
	return near;
}

int smi_fields_parse(int kind, const char *text, struct smi_fieldset *set,
		     struct smi_fieldlist *list, struct smi_span *bad)
{
	const struct smi_kind *k = smi_kind(kind);
	struct smi_span rest = smi_span_str(text), name;
	struct smi_fieldlist found = { .n = 0 };
	struct smi_fieldset seen = { { 0, 0 } };

	*bad = rest;
	if (!k)
		return -EINVAL;
	while (smi_span_split(&rest, ',', &name)) {
		int f;

		name = smi_span_trim(name);
		*bad = name;
		f = name.len ? smi_kind_find(k, name) : -EINVAL;
		if (f < 0)
			return f;
		if (smi_fieldset_has(&seen, (unsigned)f))
			return -EINVAL;
		smi_fieldset_add(&seen, (unsigned)f);
		found.f[found.n++] = (uint8_t)f;
	}
	if (!found.n)
		return -EINVAL;
	*set = seen;
	if (list)
		*list = found;
	return 0;
}
