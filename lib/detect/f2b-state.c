/* SPDX-License-Identifier: MIT */
#include "detect/f2b-state.h"

#include "base/siphash.h"
#include "detect/corr-pack.h"
#include "detect/f2b-ask.h"
#include "detect/ruleset.h"

#define VERSION	 2
#define MAX_ID	 64
#define MAX_LINE (1u << 20)
#define MAX_PATH 4096
#define SUM_LEN	 16

static void sum_of(struct smi_span text, uint8_t out[SUM_LEN])
{
	static const struct smi_siphash_key key = { 0 };
	struct smi_siphash128 h;

	smi_siphash128_init(&h, &key);
	smi_siphash128_add(&h, text.p, text.len);
	smi_siphash128_end(&h, out);
}

static struct smi_span id_of(const struct smi_f2b_filter *f)
{
	return smi_span_str(f->rules[0].id);
}

/* The window of a filter has got all but the last lines of those that are kept. */
static uint64_t unseen(const struct smi_f2b_run *x,
		       const struct smi_f2b_window *w)
{
	return x->recent.n -
	       SMI_MIN(SMI_MAX(w->seen, x->recent.first), x->recent.n);
}

static void save_filter(const struct smi_f2b_run *x, size_t i,
			struct smi_buf *out)
{
	const struct smi_f2b_window *w = &x->windows[i];

	smi_pack_text(out, id_of(x->rs->filters.v[i]));
	smi_pack_uint(out, w->due);
	smi_pack_uint(out, unseen(x, w));
	smi_pack_text(out, smi_f2b_window_text(w));
}

static void save_recent(const struct smi_f2b_run *x, struct smi_buf *out)
{
	smi_pack_uint(out, x->recent.n - x->recent.first);
	for (uint64_t i = x->recent.first; i < x->recent.n; i++) {
		struct smi_line line = smi_f2b_recent_line(&x->recent, i);

		smi_pack_text(out, line.raw);
		smi_pack_uint(out, line.fields.p != NULL);
		smi_pack_text(out, line.fields);
		smi_pack_text(out, smi_span_str(line.file));
		smi_pack_uint(out, line.header &&
					   strcmp(line.header, "journal") == 0);
	}
}

int smi_f2b_run_save(const struct smi_f2b_run *x, struct smi_buf *out)
{
	smi_pack_uint(out, VERSION);
	smi_pack_uint(out, x->rs->dates.n);
	for (size_t i = 0; i < x->rs->dates.n; i++) {
		uint8_t sum[SUM_LEN];

		sum_of(x->rs->dates.v[i]->text, sum);
		smi_buf_add(out, sum, sizeof(sum));
		smi_pack_time(out, x->dates[i].clock.last);
		smi_f2b_detector_save(x->dates[i].detector, out);
	}
	smi_pack_uint(out, x->rs->filters.n);
	for (size_t i = 0; i < x->rs->filters.n; i++)
		save_filter(x, i, out);
	save_recent(x, out);
	smi_f2b_sessions_save(x->sessions, out);
	return smi_buf_error(out);
}

static struct smi_f2b_dating *dating_of(struct smi_f2b_run *x,
					struct smi_span sum, size_t *number)
{
	for (size_t i = 0; i < x->rs->dates.n; i++) {
		uint8_t mine[SUM_LEN];

		*number = i;
		sum_of(x->rs->dates.v[i]->text, mine);
		if (smi_span_eq(sum, smi_span_of((char *)mine, SUM_LEN)))
			return &x->dates[i];
	}
	return NULL;
}

static void load_dates(struct smi_f2b_run *x, struct smi_unpack *in)
{
	uint64_t n = smi_unpack_uint(in, UINT16_MAX);

	for (uint64_t i = 0; i < n && !in->bad; i++) {
		struct smi_span sum = smi_unpack_bytes(in, SUM_LEN);
		int64_t last = smi_unpack_time(in);
		size_t number = 0;
		struct smi_f2b_dating *d =
			in->bad ? NULL : dating_of(x, sum, &number);

		smi_f2b_detector_load(d ? d->detector : NULL, in);
		in->bad |= last != INT64_MIN &&
			   (last > INT64_MAX / SMI_SEC || last < 0);
		if (!d || in->bad)
			continue;
		d->clock.last = last;
		smi_f2b_note_loose(x, x->rs->dates.v[number]);
	}
}

static struct smi_f2b_filter *filter_of(const struct smi_f2b_run *x,
					struct smi_span id)
{
	for (size_t i = 0; i < x->rs->filters.n; i++)
		if (smi_span_eq(id, id_of(x->rs->filters.v[i])))
			return x->rs->filters.v[i];
	return NULL;
}

static int load_window(struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		       uint64_t due, struct smi_span text)
{
	struct smi_f2b_window *w = &x->windows[f->number];
	int r = 0;

	if (f->max_lines <= 1)
		return 0;
	while (r == 0 && text.len) {
		size_t n = smi_span_find(text, '\n') + 1;

		r = smi_f2b_window_add(w, smi_span_head(text, n), f->max_lines);
		text = smi_span_skip(text, n);
	}
	w->due = (unsigned)SMI_MIN(due, (uint64_t)f->max_lines);
	if (w->due)
		x->due[f->number / 64] |= UINT64_C(1) << (f->number % 64);
	return r;
}

static bool has(const smi_f2b_numbers *map, size_t number)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i] == number)
			return true;
	return false;
}

/* map has the number of each filter of the state, or SIZE_MAX. */
static int load_filters(struct smi_f2b_run *x, struct smi_unpack *in,
			smi_f2b_numbers *map)
{
	uint64_t n = smi_unpack_uint(in, UINT16_MAX);
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < n && !in->bad; i++) {
		struct smi_span id = smi_unpack_text(in, MAX_ID);
		uint64_t due = smi_unpack_uint(in, SMI_F2B_MAX_LINES);
		uint64_t behind = smi_unpack_uint(in, SMI_F2B_MAX_LINES);
		struct smi_span text =
			smi_unpack_text(in, SMI_F2B_WINDOW_BYTES + MAX_LINE);
		const struct smi_f2b_filter *f =
			in->bad ? NULL : filter_of(x, id);

		if (f && has(map, f->number))
			in->bad = true;
		if (text.len && text.p[text.len - 1] != '\n')
			in->bad = true;
		if (in->bad)
			break;
		if (!smi_vec_push(map, f ? f->number : SIZE_MAX))
			return -ENOMEM;
		if (!f)
			continue;
		x->windows[f->number].seen = behind;
		r = load_window(x, f, due, text);
	}
	return r;
}

/* The name lasts as long as x: lines that are kept point to it. */
static const char *file_of(struct smi_f2b_run *x, struct smi_span name)
{
	for (size_t i = 0; i < x->files.n; i++)
		if (smi_span_eq_str(name, x->files.v[i]))
			return x->files.v[i];
	if (!smi_vec_push(&x->files, smi_strndup(name.p, name.len)))
		return NULL;
	return x->files.v[x->files.n - 1];
}

static int load_recent(struct smi_f2b_run *x, struct smi_unpack *in)
{
	uint64_t n = smi_unpack_uint(in, SMI_F2B_MAX_LINES);

	for (uint64_t i = 0; i < n && !in->bad; i++) {
		struct smi_line line = { .raw = smi_unpack_text(in, MAX_LINE) };
		bool has_fields = smi_unpack_uint(in, 1) != 0;
		struct smi_span fields = smi_unpack_text(in, MAX_LINE);
		struct smi_span file = smi_unpack_text(in, MAX_PATH);

		line.fields = has_fields ? fields : line.fields;
		in->bad |= memchr(file.p, '\0', file.len) != NULL;
		line.header = smi_unpack_uint(in, 1) ? "journal" : NULL;
		if (in->bad)
			break;
		line.file = file_of(x, file);
		if (!line.file || smi_f2b_recent_add(&x->recent, &line) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < x->rs->filters.n; i++) {
		struct smi_f2b_window *w = &x->windows[i];

		in->bad |= w->seen > n;
		w->seen = x->recent.n - SMI_MIN(w->seen, x->recent.n);
	}
	return 0;
}

static void free_numbers(smi_f2b_numbers *v)
{
	smi_vec_free(v);
}

int smi_f2b_run_load(struct smi_f2b_run *x, struct smi_span bytes)
{
	SMI_CLEANUP(free_numbers) smi_f2b_numbers map = { 0 };
	struct smi_unpack in = { .rest = bytes };
	int r;

	if (smi_unpack_uint(&in, UINT64_MAX) != VERSION)
		return in.bad ? -EBADMSG : -ENOTSUP;
	load_dates(x, &in);
	r = load_filters(x, &in, &map);
	if (r == 0)
		r = load_recent(x, &in);
	if (r == 0)
		r = smi_f2b_sessions_load(x->sessions, &in, &map);
	if (r == 0 && (in.bad || in.rest.len))
		r = -EBADMSG;
	return r;
}
