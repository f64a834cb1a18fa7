/* SPDX-License-Identifier: MIT */
#include "detect/watch.h"

#include <stdlib.h>

#include "record/build.h"

#define ALL_BITS ((1U << SMI_WATCH_LOOKS) - 1)

static void free_watched(struct smi_watched *one)
{
	if (one)
		sm_record_unref(one->finding);
	free(one);
}

static void free_closed(struct smi_watch *w)
{
	for (size_t i = 0; i < w->closed.n; i++)
		sm_record_unref(w->closed.v[i]);
	w->closed.n = 0;
}

void smi_watch_free(struct smi_watch *w)
{
	struct smi_map_entry e;
	size_t i = 0;

	while (smi_map_next(&w->seen, &i, &e))
		free_watched(e.value);
	smi_map_free(&w->seen);
	free_closed(w);
	smi_vec_free(&w->closed);
	smi_vec_free(&w->gone);
}

/* Whole: names that begin alike are not the same. */
static bool make_key(struct smi_buf *b, const char *check, const char *id)
{
	smi_buf_str(b, check);
	smi_buf_char(b, '\0');
	smi_buf_str(b, id);
	return smi_buf_error(b) == 0;
}

static unsigned count_bits(unsigned looks)
{
	unsigned n = 0;

	for (; looks; looks &= looks - 1)
		n++;
	return n;
}

static struct smi_watched *add(struct smi_watch *w, struct smi_span key,
			       bool steady, int64_t when)
{
	struct smi_watched *one = smi_zalloc(sizeof(*one));

	if (!one)
		return NULL;
	one->steady = steady;
	one->first = when;
	if (smi_map_put(&w->seen, key, one))
		return one;
	free(one);
	return NULL;
}

int smi_watch_see(struct smi_watch *w, const char *check, const char *id,
		  bool steady, int64_t when, struct smi_watched **out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_watched *one;
	struct smi_span key;

	*out = NULL;
	if (!make_key(&text, check, id))
		return -ENOMEM;
	key = smi_buf_span(&text);
	one = smi_map_get(&w->seen, key);
	if (!one && w->seen.n >= SMI_WATCH_MAX) {
		w->forgotten++;
		return 0;
	}
	if (!one && !(one = add(w, key, steady, when)))
		return -ENOMEM;
	one->looks |= 1;
	one->count++;
	one->last = when;
	if (!one->told &&
	    (steady || count_bits(one->looks & ALL_BITS) >= SMI_WATCH_ENOUGH))
		*out = one;
	return 0;
}

static void set_times(const struct smi_watched *one, sm_record *finding)
{
	smi_set_int(finding, SMI_FINDING_FIRST, one->first);
	smi_set_int(finding, SMI_FINDING_LAST, one->last);
	smi_set_int(finding, SMI_FINDING_COUNT, one->count);
}

static void set_state(sm_record *finding, int state, const char *name)
{
	smi_set_const(finding, SMI_FINDING_STATE, name);
	smi_set_int(finding, SMI_FINDING_STATE_CODE, state);
}

int smi_watch_told(struct smi_watched *one, sm_record *finding)
{
	one->told = true;
	if (one->steady || !finding)
		return 0;
	set_times(one, finding);
	set_state(finding, SM_FINDING_OPEN, "open");
	one->finding = sm_record_ref(finding);
	return one->finding ? 0 : -ENOMEM;
}

/* The copy is nobody else's. */
static int close_finding(struct smi_watch *w, struct smi_watched *one,
			 struct smi_out *out)
{
	sm_record *f = one->finding;

	if (!smi_vec_push(&w->closed, f))
		return smi_fail_nomem(smi_out_ctx(out));
	one->finding = NULL;
	set_times(one, f);
	set_state(f, SM_FINDING_CLOSED, "closed");
	return smi_out_finding(out, f);
}

static void forget(struct smi_watch *w)
{
	for (size_t i = 0; i < w->gone.n; i++)
		free_watched(smi_map_remove(&w->seen, w->gone.v[i]));
	w->gone.n = 0;
}

static int tell_forgotten(struct smi_watch *w, struct smi_out *out)
{
	uint64_t n = w->forgotten;

	w->forgotten = 0;
	return n == 0 ? 0
		      : smi_out_notice_count(
				out, 0, NULL,
				"{count} findings of one look are left out: "
				"{total} others are remembered.",
				n, SMI_WATCH_MAX);
}

int smi_watch_round(struct smi_watch *w, bool end, struct smi_out *out)
{
	struct smi_map_entry e;
	size_t i = 0;
	int r = 0;

	free_closed(w);
	while (r == 0 && smi_map_next(&w->seen, &i, &e)) {
		struct smi_watched *one = e.value;
		bool over = end || (one->looks & ALL_BITS) == 0;

		one->looks = (uint8_t)(one->looks << 1);
		if (over && one->finding)
			r = close_finding(w, one, out);
		if (r == 0 && over && !smi_vec_push(&w->gone, e.key))
			r = smi_fail_nomem(smi_out_ctx(out));
	}
	forget(w);
	return r < 0 ? r : tell_forgotten(w, out);
}
