/* SPDX-License-Identifier: MIT */
#include "base/nls.h"

#include "base/utf8.h"

#ifdef ENABLE_NLS
#include <libintl.h>

#define DOMAIN "libsysmon"

static bool is_utf8(const char *text)
{
	struct smi_span rest = smi_span_str(text);

	while (rest.len) {
		size_t n = smi_utf8_char(rest, NULL);

		if (!n)
			return false;
		rest = smi_span_skip(rest, n);
	}
	return true;
}

const char *smi_tr(const char *text)
{
	/* "" is the head of the catalogue */
	const char *found = *text ? dgettext(DOMAIN, text) : text;

	return found != text && is_utf8(found) ? found : text;
}

const char *smi_trn(const char *one, const char *many, uint64_t n)
{
	const char *found = dngettext(DOMAIN, one, many, (unsigned long)n);

	return is_utf8(found) ? found : n == 1 ? one : many;
}

bool smi_has_tr(void)
{
	return *dgettext(DOMAIN, "") != '\0';
}
#else
const char *smi_tr(const char *text)
{
	return text;
}

const char *smi_trn(const char *one, const char *many, uint64_t n)
{
	return n == 1 ? one : many;
}

bool smi_has_tr(void)
{
	return false;
}
#endif

/* Cuts the next directive off *text: "%-5.1f". NULL behind the last. */
static const char *next_directive(const char **text, size_t *len)
{
	const char *p = *text;

	while ((p = strchr(p, '%')) && p[1] == '%')
		p += 2;
	if (!p)
		return NULL;
	*len = 1 + strcspn(p + 1, "diouxXeEfFgGaAcspn%");
	*len += p[*len] != '\0';
	*text = p + *len;
	return p;
}

static bool has_same_directives(const char *a, const char *b)
{
	const char *x, *y;
	size_t n = 0, m = 0;

	do {
		x = next_directive(&a, &n);
		y = next_directive(&b, &m);
		if (!x != !y || (x && (n != m || memcmp(x, y, n) != 0)))
			return false;
	} while (x);
	return true;
}

const char *smi_trf(const char *format)
{
	const char *found = smi_tr(format);

	return has_same_directives(format, found) ? found : format;
}
