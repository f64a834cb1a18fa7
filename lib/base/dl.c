/* SPDX-License-Identifier: MIT */
#include "base/dl.h"

#include <dlfcn.h>
#include <stdio.h>

static int fail(void *handle, char *why, size_t why_len)
{
	const char *text = dlerror();

	if (why_len > 0)
		snprintf(why, why_len, "%s", text ? text : "not found");
	if (handle)
		dlclose(handle);
	return -ENOTSUP;
}

int smi_dl_open(struct smi_dl *dl, const char *soname,
		const struct smi_dl_sym *syms, size_t n, void *fns, char *why,
		size_t why_len)
{
	void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return fail(NULL, why, why_len);
	for (size_t i = 0; i < n; i++) {
		if (!dlsym(handle, syms[i].name))
			return fail(handle, why, why_len);
	}
	for (size_t i = 0; i < n; i++) {
		void *fn = dlsym(handle, syms[i].name);

		memcpy((char *)fns + syms[i].offset, &fn, sizeof(fn));
	}
	dl->handle = handle;
	return 0;
}

void smi_dl_close(struct smi_dl *dl)
{
	if (dl->handle)
		dlclose(dl->handle);
	dl->handle = NULL;
}
