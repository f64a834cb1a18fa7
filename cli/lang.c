/* SPDX-License-Identifier: MIT */
#include "lang.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef ENABLE_NLS
#include <libintl.h>

#define DOMAIN "libsysmon"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool is_c(const char *locale)
{
	return !locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX");
}

/* Only names of languages: no way to a catalogue elsewhere. */
static bool is_safe(const char *name)
{
	const char *value = getenv(name);

	return !value || !strchr(value, '/');
}

void lang_init(void)
{
	if (!is_safe("LANGUAGE"))
		return;
	/* Numbers and times stay as they are for everybody. */
	if (is_c(setlocale(LC_MESSAGES, "")) && is_set("LANGUAGE") &&
	    !is_set("LC_ALL") && !is_set("LC_MESSAGES"))
		setlocale(LC_MESSAGES, "C.UTF-8");
	bindtextdomain(DOMAIN, LOCALEDIR);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	/* What strerror(3) says. */
	bind_textdomain_codeset("libc", "UTF-8");
}

const char *tr(const char *text)
{
	return *text ? dgettext(DOMAIN, text) : text;
}
#else
void lang_init(void)
{
}

const char *tr(const char *text)
{
	return text;
}
#endif
