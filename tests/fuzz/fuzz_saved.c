/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/event.h"
#include "fuzz.h"
#include "inert.h"

/*
 * Two saved reports with an empty line between them. Whatever can be read of them is
 * compared and comes out in every format, as valid UTF-8 without a control character.
 */

static sm_report *read_saved(sm_ctx *ctx, struct smi_span text)
{
	int fd = memfd_create("saved", MFD_CLOEXEC);
	sm_report *r = NULL;
	char path[64];

	FUZZ_CHECK(fd >= 0);
	FUZZ_CHECK(smi_write_all(fd, text.p, text.len) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	FUZZ_CHECK(sm_report_new(ctx, &r) == 0);
	sm_report_add_saved(r, path);
	close(fd);
	return r;
}

static void write_all(sm_report *r)
{
	struct smi_buf out = { 0 };

	for (size_t i = 0; i < SMI_COUNT(formats); i++) {
		smi_buf_clear(&out);
		FUZZ_CHECK(sm_report_write(r, formats[i], NULL, keep, &out) ==
			   0);
		check_inert(smi_buf_span(&out));
	}
	smi_buf_free(&out);
}

static size_t find_empty_line(struct smi_span s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] == '\n' && s.p[i + 1] == '\n')
			return i + 1;
	return s.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span text = smi_span_of((const char *)data, size);
	size_t middle = find_empty_line(text);
	sm_report *now, *before;
	sm_ctx *ctx = NULL;

	FUZZ_CHECK(sm_ctx_new(&ctx) == 0);
	now = read_saved(ctx, smi_span_of(text.p, middle));
	before = read_saved(ctx, smi_span_skip(text, middle));
	write_all(now);
	FUZZ_CHECK(sm_report_compare(now, before) == 0);
	write_all(now);
	sm_report_free(now);
	sm_report_free(before);
	sm_ctx_unref(ctx);
	return 0;
}
