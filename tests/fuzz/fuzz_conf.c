/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "conf-parse.h"
#include "fuzz.h"

struct seen {
	unsigned line, entries;
};

static int take(const struct conf_line *l, void *user)
{
	struct seen *s = user;

	/* Lines come in their order; names and values have no blanks around them. */
	if (l->line <= s->line || strlen(l->section) > CONF_MAX_LINE)
		abort();
	s->line = l->line;
	if (!l->name)
		return 0;
	if (!*l->name || strchr(l->name, '=') || strpbrk(l->value, "\n\x1b") ||
	    (*l->value && strchr(" \t", l->value[strlen(l->value) - 1])))
		abort();
	/* The caller's own result comes back. */
	return ++s->entries == 1000 ? 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = { 0, 0 };
	struct conf_error err = { 0, NULL };
	int r = conf_parse((const char *)data, size, take, &s, &err);

	if ((r < 0) != (err.why != NULL) || err.line > size + 1)
		abort();
	return 0;
}
