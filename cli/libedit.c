/* SPDX-License-Identifier: MIT */
#ifdef SMI_WITH_LIBEDIT
#include "libedit.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
#define SYM(name) { #name, offsetof(struct libedit, name) }
/* clang-format on */

static const struct {
	const char *name;
	size_t offset;
} syms[] = {
	SYM(el_init), SYM(el_end),	 SYM(el_gets),	   SYM(el_set),
	SYM(el_get),  SYM(history_init), SYM(history_end), SYM(history),
};

/* Tells packagers what is opened (UAPI group, "ELF dlopen metadata"). */
#define NOTE                                                                   \
	"[{\"feature\":\"libedit\",\"description\":\"edit lines in the menu\"" \
	",\"priority\":\"recommended\",\"soname\":[\"" SMI_SONAME_LIBEDIT      \
	"\"]}]"

__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {
	uint32_t namesz, descsz, type;
	char name[4];
	char desc[sizeof(NOTE)];
} note = { 4, sizeof(NOTE), 0x407c0c0a, "FDO", NOTE };

bool libedit_open(struct libedit *l)
{
	if (l->handle)
		return true;
	l->handle = dlopen(SMI_SONAME_LIBEDIT, RTLD_NOW | RTLD_LOCAL);
	if (!l->handle)
		return false;
	for (size_t i = 0; i < sizeof(syms) / sizeof(syms[0]); i++) {
		void *fn = dlsym(l->handle, syms[i].name);

		if (!fn) {
			dlclose(l->handle);
			l->handle = NULL;
			return false;
		}
		memcpy((char *)l + syms[i].offset, &fn, sizeof(fn));
	}
	return true;
}
#endif
