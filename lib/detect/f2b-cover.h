/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_COVER_H
#define SMI_DETECT_F2B_COVER_H

#include "base/arena.h"

/*
 * Texts of which one at least is in all that a pattern matches. Their ASCII
 * letters are small, and stand for both cases.
 */
#define SMI_F2B_WORD_MIN  6 /* shorter ones are in every line */
#define SMI_F2B_WORD_MAX  32
#define SMI_F2B_COVER_MAX 24

struct smi_f2b_cover {
	struct smi_span v[SMI_F2B_COVER_MAX];
	size_t n; /* 0: none is known */
};

/* The texts lie in the arena. -ENOMEM, else 0. */
int smi_f2b_cover_find(struct smi_span pattern, struct smi_arena *a,
		       struct smi_f2b_cover *out);

#endif
