/* SPDX-License-Identifier: MIT */
#include "logsrc/telling.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "logsrc/coverage.h"
#include "record/build.h"

/* The known fields of a line, of those that were chosen. */
static int emit_line(const struct smi_telling *t, struct smi_out *out,
		     const struct smi_line *line)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *rec = smi_rec_new(a, SM_KIND_LINE);
	const struct {
		unsigned field;
		struct smi_span text;
	} texts[] = {
		{ SMI_LINE_HOST, line->host },
		{ SMI_LINE_PROGRAM, line->program },
		{ SMI_LINE_MESSAGE, line->message },
	};

	if (smi_fieldset_has(&t->fields, SMI_LINE_FILE))
		smi_set_const(rec, SMI_LINE_FILE, line->file);
	if (smi_fieldset_has(&t->fields, SMI_LINE_NUMBER))
		smi_set_int(rec, SMI_LINE_NUMBER, (int64_t)line->number);
	if (smi_fieldset_has(&t->fields, SMI_LINE_OFFSET))
		smi_set_int(rec, SMI_LINE_OFFSET, (int64_t)line->offset);
	if (line->time != INT64_MIN &&
	    smi_fieldset_has(&t->fields, SMI_LINE_TIME))
		smi_set_int(rec, SMI_LINE_TIME, line->time);
	if (line->pid && smi_fieldset_has(&t->fields, SMI_LINE_PID))
		smi_set_int(rec, SMI_LINE_PID, line->pid);
	for (size_t i = 0; i < SMI_COUNT(texts); i++)
		if (smi_fieldset_has(&t->fields, texts[i].field) &&
		    (texts[i].text.len || i == 2))
			smi_set_text(a, rec, texts[i].field, texts[i].text);
	smi_set_raw(a, rec, SMI_LINE_RAW, line->raw);
	return smi_out_emit(out, rec);
}

static int judge(struct smi_out *out, const struct smi_told *told)
{
	return told->verdict ? smi_out_take(out, told->line, told->verdict)
			     : smi_out_line(out, told->line);
}

/* Out of the span of time, or told by an earlier run: then stages may want to know
 * of it all the same. */
static int pass_over(const struct smi_telling *t, struct smi_out *out,
		     const struct smi_told *told)
{
	const struct smi_line *line = told->line;
	int n = 0;

	if (line->again) {
		told->reader->again--;
		if (line->time >= t->since && line->time <= t->until)
			n = judge(out, told);
	}
	return SMI_MIN(n, 0);
}

static void note_time(struct smi_counts *c, int64_t t)
{
	/* both differences are of what is later and may be beyond INT64_MAX */
	if (c->last != INT64_MIN && t > c->last &&
	    (uint64_t)t - (uint64_t)c->last >
		    (uint64_t)c->silent_to - (uint64_t)c->silent_from) {
		c->silent_from = c->last;
		c->silent_to = t;
	}
	if (c->first == INT64_MIN || t < c->first)
		c->first = t;
	c->last = SMI_MAX(c->last, t);
}

static int take_line(const struct smi_telling *t, struct smi_out *out,
		     const struct smi_told *told)
{
	struct smi_line *line = told->line;
	struct smi_counts *c = &told->reader->counts;
	int n;

	line->again = told->reader->again > 0;
	if (line->time < t->since || line->time > t->until || line->again)
		return pass_over(t, out, told);
	c->lines++;
	c->unparsed += !line->header;
	if (line->time != INT64_MIN)
		note_time(c, line->time);
	n = t->lines ? emit_line(t, out, line) : 0;
	if (n >= 0)
		n = judge(out, told);
	if (n > 0) {
		c->matched += (n & SMI_LINE_TAKEN) != 0;
		c->harmless += n == SMI_LINE_TAKEN;
	}
	if (n >= 0 && t->coverage &&
	    smi_coverage_note(told->reader, line, n) < 0)
		n = smi_fail_nomem(smi_out_ctx(out));
	return SMI_MIN(n, 0);
}

/* What of it was not read, or not as what it is; with an errno where it may hold
 * what nobody has seen. */
static const struct {
	size_t counter; /* in struct smi_counts */
	int err;
	const char *text;
} losses[] = {
	{ offsetof(struct smi_counts, skipped), EMSGSIZE,
	  "{count} lines of {source} were left out: longer than 64 KiB" },
	{ offsetof(struct smi_counts, lost), ENOBUFS,
	  "{count} records of {source} are lost: they were overwritten before "
	  "they were read" },
	{ offsetof(struct smi_counts, broken), 0,
	  "{source} breaks the form of a journal export (times: {count}): what "
	  "is no field there was read as lines" },
};

static uint64_t lost(const struct smi_reader *r, size_t i)
{
	uint64_t v;

	memcpy(&v, (const char *)&r->counts + losses[i].counter, sizeof(v));
	return v;
}

int smi_tell_losses(struct smi_out *out, struct smi_reader *r)
{
	char count[24];
	const char *args[] = { "count", count };
	int n = 0;

	static_assert(SMI_COUNT(losses) == SMI_LOSSES, "one number each");
	for (size_t i = 0; n >= 0 && i < SMI_LOSSES; i++) {
		uint64_t v = lost(r, i) - r->losses_told[i];

		if (!v)
			continue;
		r->losses_told[i] += v;
		r->told_at = smi_now_mono(smi_out_ctx(out));
		snprintf(count, sizeof(count), "%llu", (unsigned long long)v);
		n = smi_out_notice(out, losses[i].err, r->name, losses[i].text,
				   args, 2);
	}
	return n;
}

int smi_tell_end(struct smi_out *out, struct smi_reader *r, int err)
{
	int n = 0;

	if (err)
		n = smi_out_notice(out, err, r->name,
				   r->trouble ? r->trouble
					      : "{source} could not be read "
						"to its end: {errno}",
				   NULL, 0);
	if (n >= 0)
		n = smi_tell_losses(out, r);
	return n < 0 ? n : smi_coverage_emit(out, r);
}

int smi_tell(const struct smi_telling *t, struct smi_out *out, int what,
	     const struct smi_told *told)
{
	switch (what) {
	case SMI_MERGE_LINE:
		return take_line(t, out, told);
	case SMI_MERGE_BUSY:
		return 0;
	default:
		return smi_tell_end(out, told->reader, told->err);
	}
}
