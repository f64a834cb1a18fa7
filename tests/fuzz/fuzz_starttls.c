/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "portscan/svc-starttls.h"

/* What a talk comes to, when the server's bytes arrive step by step. */
static enum smi_starttls_next talk(enum smi_starttls kind, struct smi_span all,
				   size_t step, size_t *left, unsigned *sent)
{
	struct smi_starttls_talk t = { .kind = kind };
	size_t from = 0, to = 0;

	*sent = 0;
	for (;;) {
		struct smi_span in = smi_span_of(all.p + from, to - from);
		struct smi_span send = { NULL, 0 };
		const char *end = in.p + in.len;
		enum smi_starttls_next next = smi_starttls_step(&t, &in, &send);

		if (in.p + in.len != end || in.len > to - from)
			abort();
		from = to - in.len;
		*left = all.len - from;
		if (next == SMI_STARTTLS_SEND) {
			if (!send.len || ++*sent > 4)
				abort();
		} else if (next != SMI_STARTTLS_MORE || to == all.len) {
			return next;
		} else {
			to = SMI_MIN(to + step, all.len);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span all;
	enum smi_starttls kind;
	unsigned sent, sent_one;
	size_t left, left_one;

	if (!size || size > 4096)
		return 0;
	kind = (enum smi_starttls)(data[0] % (SMI_STARTTLS_POSTGRESQL + 1));
	all = smi_span_of(data + 1, size - 1);
	/* However they are cut, they mean the same. */
	if (talk(kind, all, all.len, &left, &sent) !=
		    talk(kind, all, 1, &left_one, &sent_one) ||
	    sent != sent_one || left != left_one)
		abort();
	return 0;
}
