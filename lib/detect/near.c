/* SPDX-License-Identifier: MIT */
#include "detect/near.h"

#include "detect/shape.h"

/* A part that refers to one that is cut off does not compile: it does not fit. */
static int try_beginning(struct smi_span text, struct smi_matcher *m,
			 struct smi_span subject, size_t *end)
{
	struct smi_regex_error err;
	struct smi_regex re;
	struct smi_captures caught;
	struct smi_span all;
	int r = smi_regex_compile(text, &re, &err);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = smi_regex_match(&re, m, subject);
	caught = smi_matcher_captures(m, subject);
	if (r == 1 && smi_capture(&caught, 0, &all))
		*end = (size_t)(all.p - subject.p) + all.len;
	smi_regex_release(&re);
	return r == -E2BIG ? 0 : r;
}

static const struct smi_shape *part_at(const struct smi_shape *branch, size_t i)
{
	const struct smi_shape *e = branch->child;

	while (i--)
		e = e->next;
	return e;
}

/* What fits with n parts fits with fewer. */
static int search(struct smi_span pattern, const struct smi_shape *branch,
		  struct smi_matcher *m, struct smi_span subject,
		  struct smi_near *best)
{
	struct smi_near here = { 0 };
	size_t low = 0, high = 0;

	for (const struct smi_shape *e = branch->child; e; e = e->next)
		high++;
	while (low < high) {
		size_t mid = low + (high - low + 1) / 2, end = 0;
		const struct smi_shape *last = part_at(branch, mid - 1);
		struct smi_span text = smi_span_of(pattern.p + branch->begin,
						   last->end - branch->begin);
		int r = try_beginning(text, m, subject, &end);

		if (r < 0)
			return r;
		if (!r) {
			high = mid - 1;
			continue;
		}
		low = mid;
		here = (struct smi_near){ last->end, end };
	}
	if (here.subject > best->subject)
		*best = here;
	return 0;
}

int smi_near_find(struct smi_span pattern, struct smi_matcher *m,
		  struct smi_span subject, struct smi_near *out)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_shape *root;
	int r = smi_shape_read(pattern, &a, &root);

	*out = (struct smi_near){ 0 };
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (const struct smi_shape *b = root->child; r == 0 && b; b = b->next)
		r = search(pattern, b, m, subject, out);
	return r < 0 ? r : out->subject > 0;
}
