/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/event.h"
#include "fuzz.h"
#include "inert.h"
#include "record/build.h"

/*
 * The input is every text of a process, a finding, a notice and events, as no source would
 * give it, and the width and options of the report. In every format it comes out as
 * valid UTF-8 without a control character.
 */

static void tell(sm_report *r, int kind, const sm_record *rec)
{
	const sm_event ev = { .kind = kind, .rec = rec };

	FUZZ_CHECK(sm_report_add(r, &ev) == 0);
}

static void put(sm_report *r, struct smi_arena *a, const char *text)
{
	sm_record *p = smi_rec_new(a, SM_KIND_PROCESS);
	sm_record *f = smi_rec_new(a, SM_KIND_FINDING);
	sm_record *n = smi_rec_new(a, SM_KIND_NOTICE);
	sm_record *e = smi_rec_new(a, SM_KIND_EVENT);
	sm_record *l = smi_rec_new(a, SM_KIND_EVENT);
	sm_record *c = smi_rec_new(a, SM_KIND_COVERAGE);
	sm_record *o = smi_rec_new(a, SM_KIND_PORT);

	for (unsigned i = 0; i < smi_kind(SM_KIND_PORT)->nfields; i++)
		if (smi_kind(SM_KIND_PORT)->fields[i].type == SM_TYPE_STR)
			smi_set_const(o, i, text);
	smi_set_const(o, SMI_PORT_ADDRESS, "203.0.113.9");
	smi_set_int(o, SMI_PORT_NUMBER, 22);
	tell(r, SM_EVENT_RECORD, o);
	for (unsigned i = 0; i < smi_kind(SM_KIND_PROCESS)->nfields; i++)
		if (smi_kind(SM_KIND_PROCESS)->fields[i].type == SM_TYPE_STR)
			smi_set_const(p, i, text);
	smi_set_const(f, SMI_FINDING_TITLE, text);
	smi_set_const(f, SMI_FINDING_WHY, text);
	smi_set_const(f, SMI_FINDING_KIND, text);
	smi_set_const(f, SMI_FINDING_NEXT_STEP, text);
	smi_set_const(f, SMI_FINDING_SOURCE_IP, text);
	smi_set_const(f, SMI_FINDING_USER, text);
	smi_set_severity(f, SM_SEV_HIGH);
	smi_set_const(n, SMI_NOTICE_TEXT, text);
	smi_set_const(e, SMI_EVENT_ACTION, text);
	smi_set_const(e, SMI_EVENT_MESSAGE, text);
	smi_set_const(l, SMI_EVENT_ACTION, "login_failed");
	smi_set_const(l, SMI_EVENT_SOURCE_IP, text);
	smi_set_const(l, SMI_EVENT_USER, text);
	smi_set_int(l, SMI_EVENT_FAILURE, 1);
	smi_set_const(c, SMI_COVERAGE_SOURCE, text);
	smi_set_int(c, SMI_COVERAGE_LINES, 1);
	tell(r, SM_EVENT_RECORD, l);
	tell(r, SM_EVENT_RECORD, c);
	tell(r, SM_EVENT_RECORD, p);
	tell(r, SM_EVENT_FINDING, f);
	tell(r, SM_EVENT_NOTICE, n);
	tell(r, SM_EVENT_RECORD, e);
}

static void write_all(sm_report *r, sm_report_opts *o)
{
	struct smi_buf out = { 0 };

	for (size_t i = 0; i < SMI_COUNT(formats); i++) {
		smi_buf_clear(&out);
		FUZZ_CHECK(sm_report_write(r, formats[i], o, keep, &out) == 0);
		check_inert(smi_buf_span(&out));
	}
	smi_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_arena a = { 0 };
	sm_report_opts *o = NULL;
	sm_report *r = NULL;
	sm_ctx *ctx = NULL;
	const char *text;

	if (size < 1)
		return 0;
	FUZZ_CHECK(sm_ctx_new(&ctx) == 0);
	FUZZ_CHECK(sm_report_new(ctx, &r) == 0);
	FUZZ_CHECK(sm_report_opts_new(ctx, &o) == 0);
	text = smi_arena_strndup(&a, (const char *)data + 1, size - 1);
	sm_report_opts_set_title(o, text);
	sm_report_opts_set_width(o, data[0] < 20 ? 0 : data[0]);
	put(r, &a, text);
	write_all(r, o);
	sm_report_opts_free(o);
	sm_report_free(r);
	sm_ctx_unref(ctx);
	smi_arena_free(&a);
	return 0;
}
