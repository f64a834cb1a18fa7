/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

/* RFC 3629, section 4: what the second byte may be depends on the first. */
size_t smi_utf8_char(struct smi_span s, uint32_t *cp)
{
	const uint8_t *b = (const uint8_t *)s.p;
	uint32_t v;
	size_t n;

	if (s.len == 0)
		return 0;
	if (b[0] < 0x80) {
		n = 1;
		v = b[0];
	} else if (b[0] >= 0xc2 && b[0] <= 0xdf) {
		n = 2;
		v = b[0] & 0x1f;
	} else if ((b[0] & 0xf0) == 0xe0) {
		n = 3;
		v = b[0] & 0x0f;
	} else if (b[0] >= 0xf0 && b[0] <= 0xf4) {
		n = 4;
		v = b[0] & 0x07;
	} else {
		return 0;
	}
	if (s.len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (b[i] & 0x3f);
	}
	if ((n == 3 && (v < 0x800 || (v >= 0xd800 && v <= 0xdfff))) ||
	    (n == 4 && (v < 0x10000 || v > 0x10ffff)))
		return 0;
	if (cp)
		*cp = v;
	return n;
}

static inline uint64_t load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* 0 when none of 8 bytes is a control, 0x7f or above, or a backslash.
 * False alarms only cost time. */
static inline uint64_t odd_bytes(uint64_t w)
{
	uint64_t slash = w ^ EACH(0x5c);

	return (w | (w - EACH(0x20)) | (w + EACH(1)) | (slash - EACH(1))) &
	       EACH(0x80);
}

bool smi_utf8_valid(struct smi_span s)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n;

		if (s.len - i >= 8 && !(load64(s.p + i) & EACH(0x80))) {
			i += 8;
			continue;
		}
		n = smi_utf8_char(smi_span_skip(s, i), NULL);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

static bool looks_escaped(struct smi_span s)
{
	return s.len >= 4 && s.p[0] == '\\' && s.p[1] == 'x' &&
	       is_hex(s.p[2]) && is_hex(s.p[3]);
}

/* How many bytes from the start need no escape. */
static size_t clean_run(struct smi_span s)
{
	size_t i = 0;

	while (i < s.len) {
		struct smi_span rest = smi_span_skip(s, i);
		uint32_t cp;
		size_t n;

		if (rest.len >= 8 && !odd_bytes(load64(rest.p))) {
			i += 8;
			continue;
		}
		if (rest.p[0] >= 0x20 && rest.p[0] < 0x7f &&
		    rest.p[0] != '\\') {
			i++;
			continue;
		}
		n = smi_utf8_char(rest, &cp);
		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) ||
		    looks_escaped(rest))
			break;
		i += n;
	}
	return i;
}

bool smi_utf8_clean(struct smi_span s)
{
	return clean_run(s) == s.len;
}

/* How many bytes to escape before the next character: a C1 control has two. */
static size_t dirty_bytes(struct smi_span s)
{
	size_t n = smi_utf8_char(s, NULL);

	return n ? n : 1;
}

/* Gives the length; writes only where out is not NULL. */
static size_t escape_to(char *out, struct smi_span s)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = 0;

	for (;;) {
		size_t run = clean_run(s);
		size_t dirty;

		if (out && run > 0)
			memcpy(out + len, s.p, run);
		len += run;
		s = smi_span_skip(s, run);
		if (s.len == 0)
			return len;
		dirty = dirty_bytes(s);
		for (size_t i = 0; i < dirty; i++, len += 4) {
			uint8_t c = (uint8_t)s.p[i];

			if (!out)
				continue;
			out[len] = '\\';
			out[len + 1] = 'x';
			out[len + 2] = hex[c >> 4];
			out[len + 3] = hex[c & 15];
		}
		s = smi_span_skip(s, dirty);
	}
}

void smi_utf8_escape(struct smi_buf *b, struct smi_span s)
{
	size_t len;

	if (smi_utf8_clean(s)) {
		smi_buf_span_add(b, s);
		return;
	}
	len = escape_to(NULL, s);
	if (smi_buf_reserve(b, len))
		b->len += escape_to(b->p + b->len, s);
}

char *smi_utf8_escape_dup(struct smi_arena *a, struct smi_span s)
{
	size_t len;
	char *out;

	if (smi_utf8_clean(s))
		return smi_arena_strndup(a, s.p, s.len);
	len = escape_to(NULL, s);
	out = smi_arena_alloc(a, len + 1);
	if (!out)
		return NULL;
	escape_to(out, s);
	out[len] = '\0';
	return out;
}
