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
