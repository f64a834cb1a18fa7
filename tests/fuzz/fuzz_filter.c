/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "record/build.h"
#include "record/filter.h"

static const sm_record *make_process(struct smi_arena *a)
{
	static const char *const args[] = { "a", "-b", "" };
	sm_record *r = smi_rec_new(a, SM_KIND_PROCESS);

	if (!r)
		abort();
	smi_set_int(r, SMI_PROC_PID, 7);
	smi_set_text(a, r, SMI_PROC_NAME, SMI_SPAN("name"));
	smi_set_real(r, SMI_PROC_CPU_PERCENT, 1.5);
	smi_set_int(r, SMI_PROC_KERNEL_THREAD, 1);
	smi_set_strs(a, r, SMI_PROC_ARGS, args, SMI_COUNT(args));
	return r;
}

static struct smi_filter *parse(struct smi_span text)
{
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;
	int r = smi_filter_new(SM_KIND_PROCESS, text, &f, &err);

	if (r < 0 && r != -ENOMEM && (err.at > text.len || !err.why[0]))
		abort();
	return r < 0 ? NULL : f;
}

/* A condition and its opposite never agree. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena arena = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const sm_record *rec = make_process(&arena);
	struct smi_filter *f = parse(smi_span_of(data, size)), *opposite;

	if (!f)
		return 0;
	smi_buf_str(&text, "not (");
	smi_buf_add(&text, data, size);
	smi_buf_char(&text, ')');
	opposite = parse(smi_buf_span(&text));
	if (opposite &&
	    smi_filter_match(f, rec) == smi_filter_match(opposite, rec))
		abort();
	smi_filter_free(opposite);
	smi_filter_free(f);
	return 0;
}
