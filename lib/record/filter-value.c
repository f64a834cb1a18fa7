/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "record/filter-node.h"

/* K is a shift by 10; -1 for what is no unit. */
static int shift_of(struct smi_span unit)
{
	static const char units[] = "KMGT";

	if (unit.len == 0)
		return 0;
	return unit.len == 1 && smi_is_one_of(unit.p[0], units)
		       ? 10 * (int)(strchr(units, unit.p[0]) - units + 1)
		       : -1;
}

static bool parse_real(struct smi_span text, double *out)
{
	bool negative = smi_span_starts(text, SMI_SPAN("-"));
	uint64_t whole, part = 0;
	size_t n, digits = 0;
	double tens = 1;
	int shift;

	text = smi_span_skip(text, negative);
	n = smi_span_digits(text, &whole);
	if (n == 0)
		return false;
	text = smi_span_skip(text, n);
	if (smi_span_starts(text, SMI_SPAN("."))) {
		digits = smi_span_digits(smi_span_skip(text, 1), &part);
		if (digits == 0)
			return false;
		text = smi_span_skip(text, digits + 1);
	}
	shift = shift_of(text);
	if (shift < 0)
		return false;
	while (digits-- > 0)
		tens *= 10;
	*out = ((double)whole + (double)part / tens) *
	       (double)(INT64_C(1) << shift) * (negative ? -1 : 1);
	return true;
}

static bool parse_int(struct smi_span text, int64_t *out)
{
	bool negative = smi_span_starts(text, SMI_SPAN("-"));
	uint64_t v;
	size_t n;
	int shift;

	text = smi_span_skip(text, negative);
	n = smi_span_digits(text, &v);
	shift = shift_of(smi_span_skip(text, n));
	if (n == 0 || shift < 0 || v > (uint64_t)INT64_MAX >> shift)
		return false;
	*out = (int64_t)(v << shift) * (negative ? -1 : 1);
	return true;
}

static bool parse_bool(struct smi_span text, int64_t *out)
{
	static const struct {
		const char *word;
		bool on;
	} words[] = {
		{ "true", true },   { "yes", true }, { "1", true },
		{ "false", false }, { "no", false }, { "0", false },
	};

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (smi_span_eq_nocase(text, smi_span_str(words[i].word))) {
			*out = words[i].on;
			return true;
		}
	return false;
}

bool smi_filter_set_value(struct smi_filter_node *node, struct smi_span text)
{
	node->text = text;
	switch (node->type) {
	case SM_TYPE_INT:
		return parse_int(text, &node->number.i);
	case SM_TYPE_REAL:
		return parse_real(text, &node->number.r);
	case SM_TYPE_TIME:
		return smi_time_parse(text, &node->number.i);
	case SM_TYPE_BOOL:
		return parse_bool(text, &node->number.i);
	default:
		return true;
	}
}
