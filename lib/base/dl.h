/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_H
#define SMI_BASE_DL_H

#include "base/base.h"

/*
 * A library opened at first use: a table of names fills a struct of function
 * pointers. Each user is one dl-NAME.c. The handle hangs on its owner.
 */
struct smi_dl_sym {
	const char *name;
	size_t offset; /* of the pointer in the struct */
};
/* clang-format off */
#define SMI_DL_SYM(type, member) { #member, offsetof(type, member) }
/* clang-format on */

struct smi_dl {
	void *handle;
};
/* -ENOTSUP when the library or one of the names is not there; why then has the
 * reason. fns is filled only on success. */
int smi_dl_open(struct smi_dl *dl, const char *soname,
		const struct smi_dl_sym *syms, size_t n, void *fns, char *why,
		size_t why_len);
void smi_dl_close(struct smi_dl *dl);

/*
 * The ELF note (UAPI group, "ELF dlopen metadata") by which packagers find what
 * is opened at run time.
 */
#define SMI_DL_NOTE(feature, priority, description, soname)                    \
	SMI_DL_NOTE_(feature, priority, description, soname, __COUNTER__)
#define SMI_DL_NOTE_(feature, priority, description, soname, n)                \
	SMI_DL_NOTE__(feature, priority, description, soname, n)
#define SMI_DL_NOTE__(feature, priority, description, soname, n)               \
	__attribute__((used, section(".note.dlopen"),                          \
		       aligned(4))) static const struct {                      \
		struct {                                                       \
			uint32_t namesz, descsz, type;                         \
		} head;                                                        \
		char name[4];                                                  \
		char desc[sizeof("[{\"feature\":\"" feature                    \
				 "\",\"description\":\"" description           \
				 "\",\"priority\":\"" priority                 \
				 "\",\"soname\":[\"" soname "\"]}]")];         \
	} smi_dl_note_##n = { { 4, sizeof(smi_dl_note_##n.desc), 0x407c0c0a }, \
			      "FDO",                                           \
			      "[{\"feature\":\"" feature                       \
			      "\",\"description\":\"" description              \
			      "\",\"priority\":\"" priority                    \
			      "\",\"soname\":[\"" soname "\"]}]" }

#endif
