/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_INERT_H
#define TESTS_FUZZ_INERT_H

#include "base/utf8.h"
#include "report/format.h"

#define FUZZ_CHECK(what) ((what) ? (void)0 : __builtin_trap())

/* What is written in every format is valid UTF-8 without a control character. */
static const int formats[] = { SM_FORMAT_TXT,	   SM_FORMAT_CSV,
			       SM_FORMAT_JSON,	   SM_FORMAT_NDJSON,
			       SM_FORMAT_NMAP_XML, SM_FORMAT_MD,
			       SM_FORMAT_ECS,	   SM_FORMAT_HTML,
			       SM_FORMAT_PROM,	   SM_FORMAT_TABLE };

static inline int keep(const void *data, size_t len, void *user)
{
	smi_buf_add(user, data, len);
	return 0;
}

static inline void check_inert(struct smi_span s)
{
	FUZZ_CHECK(smi_utf8_valid(s));
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		FUZZ_CHECK((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r');
		/* C1: U+0080 to U+009F */
		FUZZ_CHECK(c != 0xc2 || i + 1 == s.len ||
			   (unsigned char)s.p[i + 1] >= 0xa0);
	}
}

#endif
