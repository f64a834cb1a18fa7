/* SPDX-License-Identifier: MIT */
#include "notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool notices_know(struct notices *seen, const sm_notice *n)
{
	char *text;

	if (sm_notice_errno(n))
		return false;
	if (asprintf(&text, "%s: %s", sm_notice_source(n), sm_notice_text(n)) <
	    0)
		return false;
	for (unsigned i = 0; i < seen->n; i++)
		if (!strcmp(seen->v[i], text)) {
			free(text);
			return true;
		}
	/* Without room, and without memory, it is said again. */
	if (seen->n < NOTICES_KEPT)
		seen->v[seen->n++] = text;
	else
		free(text);
	return false;
}

void notices_free(struct notices *seen)
{
	for (unsigned i = 0; i < seen->n; i++)
		free(seen->v[i]);
	seen->n = 0;
}
