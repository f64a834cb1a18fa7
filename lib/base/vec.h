/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_VEC_H
#define SMI_BASE_VEC_H

#include "base/base.h"

/* A growing array of any type: SMI_VEC(int) v = { 0 }; smi_vec_push(&v, 3). */
#define SMI_VEC(type)                                                          \
	struct {                                                               \
		type *v;                                                       \
		size_t n, cap;                                                 \
	}

/* Makes room for n elements in all; false when memory is out. */
bool smi_vec_grow(void **v, size_t *cap, size_t n, size_t size) SMI_CHECKED;

#define smi_vec_reserve(vec, count)                                            \
	((count) <= (vec)->cap ||                                              \
	 smi_vec_grow((void **)&(vec)->v, &(vec)->cap, (count),                \
		      sizeof(*(vec)->v)))
/* true, or false when memory is out. */
#define smi_vec_push(vec, value)                                               \
	(smi_vec_reserve((vec), (vec)->n + 1) &&                               \
	 ((vec)->v[(vec)->n++] = (value), true))
#define smi_vec_free(vec)                                                      \
	do {                                                                   \
		free((vec)->v);                                                \
		(vec)->v = NULL;                                               \
		(vec)->n = (vec)->cap = 0;                                     \
	} while (0)

#endif
