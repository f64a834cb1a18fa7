/* SPDX-License-Identifier: MIT */
#include "lang.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef ENABLE_NLS
#include <libintl.h>

#define DOMAIN "libsysmon"

static const char *value_of(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static bool is_c(const char *locale)
{
	return !strcmp(locale, "C") || !strcmp(locale, "POSIX");
}

/* As setlocale(3) looks for it; LANG counts less. */
static const char *wanted(void)
{
	const char *all = value_of("LC_ALL");

	return *all ? all : value_of("LC_MESSAGES");
}

/*
 * A server often has no other locale than C, and gettext(3) has no language then: with
 * C.UTF-8 it asks LANGUAGE, which takes the name of a locale as well.
 */
static void set_locale(void)
{
	const char *name = *wanted() ? wanted() : value_of("LANG");
	const char *got = setlocale(LC_MESSAGES, "");

	if (got && (!is_c(got) || is_c(wanted()) || !*value_of("LANGUAGE")))
		return;
	if (!got && !*value_of("LANGUAGE"))
		setenv("LANGUAGE", name, 1);
	setlocale(LC_MESSAGES, "C.UTF-8");
}

void lang_init(void)
{
	/* Names of languages are no way to a catalogue elsewhere. Numbers and times
	 * stay as they are for everybody. */
	if (strchr(value_of("LANGUAGE"), '/') ||
	    strchr(value_of("LANG"), '/') || strchr(wanted(), '/'))
		return;
	set_locale();
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
