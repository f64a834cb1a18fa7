/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"

#define LONGEST_LINE 65536 /* what a source hands on */

static bool refers_to(struct smi_span text, const char *name)
{
	static const char *const forms[] = { "(?P=", "\\k<", "\\k{", "\\k'",
					     "\\g{", "(?(<", "(?('", "(?(",
					     "(?&",  "(?P>" };
	size_t n = strlen(name);

	for (size_t i = 0; i + n < text.len; i++)
		for (size_t k = 0; k < SMI_COUNT(forms); k++) {
			struct smi_span at = smi_span_skip(text, i);
			struct smi_span form = smi_span_str(forms[k]);

			if (smi_span_starts(at, form) &&
			    smi_span_starts(smi_span_skip(at, form.len),
					    smi_span_of(name, n)))
				return true;
		}
	return false;
}

static void check_captures(struct smi_lint *l, const struct smi_rule *r,
			   size_t i)
{
	const struct smi_pattern *p = &r->patterns[i];
	const char *name;
	int group;

	for (uint32_t k = 0; smi_regex_name(&p->re, k, &name, &group); k++) {
		enum smi_role role = smi_role_by_name(smi_span_str(name));

		if (role < SMI_NCAPTURES || refers_to(p->text, name))
			continue;
		smi_lint_say(l, r, p->line,
			     "pattern %zu: the capture \"%s\" is dropped: what "
			     "is kept has the name source_ip, source_host, "
			     "source_port, user or count",
			     i + 1, name);
	}
}

static void check_same(struct smi_lint *l, const struct smi_rule *r, size_t i)
{
	const struct smi_pattern *p = &r->patterns[i];
	const struct smi_candidate *other = smi_map_get(&l->texts, p->text);
	struct smi_candidate *c;

	if (other && smi_lint_meet(other->rule, r)) {
		smi_lint_say(l, r, p->line,
			     "pattern %zu is the same as the one on line %u%s%s"
			     " (rule %s), which is asked before",
			     i + 1, (unsigned)other->pattern->line,
			     other->rule->file[0] ? " of " : "",
			     other->rule->file, other->rule->id);
		return;
	}
	c = smi_arena_alloc(&l->kept, sizeof(*c));
	if (!c) {
		l->rc = -ENOMEM;
		return;
	}
	*c = (struct smi_candidate){ r, p };
	if (!other && !smi_map_put(&l->texts, p->text, c))
		l->rc = -ENOMEM;
}

static void check_shape(struct smi_lint *l, const struct smi_rule *r, size_t i,
			const struct smi_shape *s)
{
	uint32_t line = r->patterns[i].line;

	if (smi_shape_is_dead(s)) {
		smi_lint_say(l, r, line,
			     "pattern %zu can take no line: text must stand "
			     "before ^ or behind $",
			     i + 1);
		return;
	}
	if (smi_shape_min(s) > LONGEST_LINE)
		smi_lint_say(l, r, line,
			     "pattern %zu can take no line: it asks for more "
			     "than the %d bytes that a line may have",
			     i + 1, LONGEST_LINE);
	if (r->nprograms && !smi_shape_is_anchored(s))
		smi_lint_say(l, r, line,
			     "pattern %zu has no ^ before it: what a stranger "
			     "brings into the middle of a message is taken, "
			     "too",
			     i + 1);
	if (smi_shape_is_loose(s, "source_host"))
		smi_lint_say(l, r, line,
			     "pattern %zu: a text of any form stands before "
			     "source_host, and what follows is not tied to the "
			     "end of the line by $: who writes the line may "
			     "choose the name",
			     i + 1);
}

void smi_lint_text(struct smi_lint *l, const struct smi_rule *r, size_t i)
{
	struct smi_shape *s;
	int rc;

	check_captures(l, r, i);
	if (!r->patterns[i].text.len)
		return;
	check_same(l, r, i);
	rc = smi_shape_read(r->patterns[i].text, &l->arena, &s);
	if (rc == -ENOMEM)
		l->rc = rc;
	if (rc == 0)
		check_shape(l, r, i, s);
	if (l->rc == 0 && (rc == -ENOTSUP || smi_shape_retries(s) > 1)) {
		smi_arena_reset(&l->arena);
		smi_lint_cost(l, r, i);
	}
	smi_arena_reset(&l->arena);
}
