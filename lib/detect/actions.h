/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_ACTIONS_H
#define SMI_DETECT_ACTIONS_H

#include "base/span.h"

/* What the actions of the built-in rules say about an event; a rule that has an
 * action of its own says it itself. */
struct smi_action {
	const char *name;
	int outcome;
	bool failure;
};
/* NULL where there is none of that name. */
const struct smi_action *smi_action_by_name(const char *name);

/*
 * The actions that the rules of one set name, as bits. The names are borrowed
 * from the set's arena.
 */
#define SMI_MAX_ACTIONS 64
struct smi_actions {
	const char *names[SMI_MAX_ACTIONS];
	size_t n;
};
/* The bit of a name, which is added when it is new; 0 when there are too many. */
uint64_t smi_actions_bit(struct smi_actions *a, const char *name);

#endif
