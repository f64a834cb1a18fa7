/* SPDX-License-Identifier: MIT */
#include "base/base.h"

void *smi_alloc(size_t size)
{
	return malloc(size ? size : 1);
}

void *smi_zalloc(size_t size)
{
	return calloc(1, size ? size : 1);
}

void *smi_realloc(void *p, size_t size)
{
	return realloc(p, size ? size : 1);
}
