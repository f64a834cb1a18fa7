/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

bool smi_vec_grow(void **v, size_t *cap, size_t n, size_t size)
{
	size_t more = SMI_MAX(n, 8);
	void *p;

	if (*cap <= SIZE_MAX / 2)
		more = SMI_MAX(more, *cap * 2);
	/* v is the address of a pointer of any type: no void ** alias. */
	memcpy(&p, v, sizeof(p));
	p = smi_realloc_array(p, more, size);
	if (!p)
		return false;
	memcpy(v, &p, sizeof(p));
	*cap = more;
	return true;
}
