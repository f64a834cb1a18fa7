/* SPDX-License-Identifier: MIT */
#include "detect/webtext.h"
#include "fuzz.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\n';
}

/* What every rule may rely on, whatever a client sent. */
static void check_text(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '\0' ||
		    s.p[i] == '\t' || s.p[i] == '\r')
			__builtin_trap();
		if (i && is_space(s.p[i]) && is_space(s.p[i - 1]))
			__builtin_trap();
	}
}

static void check_fold(struct smi_span raw, bool plus)
{
	/* Exactly as long as the input, so that a byte too far is seen. */
	SMI_AUTOFREE char *out = smi_alloc(raw.len);
	size_t n;

	if (!out)
		return;
	n = smi_webtext_fold(raw, plus, out);
	if (n > raw.len)
		__builtin_trap();
	check_text(smi_span_of(out, n));
}

/* Lines: URL, referer, agent, user. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf room = { 0 };
	struct smi_span rest = smi_span_of(data, size);
	struct smi_webtext t;
	struct smi_web web = { 0 };

	check_fold(rest, true);
	check_fold(rest, false);
	smi_span_split(&rest, '\n', &web.url);
	smi_span_split(&rest, '\n', &web.referer);
	smi_span_split(&rest, '\n', &web.agent);
	smi_span_split(&rest, '\n', &web.user);
	if (!smi_webtext_read(&t, &web, &room))
		return 0;
	for (unsigned i = 0; i < SMI_NSUBJECTS; i++) {
		if (t.of[i].len &&
		    (t.of[i].p < room.p ||
		     t.of[i].p + t.of[i].len > room.p + room.len))
			__builtin_trap();
		if (i != SMI_SUBJECT_URL)
			check_text(t.of[i]);
	}
	return 0;
}
