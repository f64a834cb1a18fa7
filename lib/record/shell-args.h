/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_SHELL_ARGS_H
#define SMI_RECORD_SHELL_ARGS_H

#include "record/record.h"

/*
 * What a shell or an interpreter was given to do. program is its path or name: shells
 * take code by -c, also among other letters; interpreters by their last letter.
 */
struct smi_shell_args {
	const char *code;   /* an argument itself; NULL: none */
	const char *script; /* a file; NULL: none */
};
/* Of all arguments, the first of which is its own name. With neither it reads what
 * somebody types or sends. */
struct smi_shell_args smi_shell_args_read(struct smi_span program,
					  struct smi_strs args);
/* Whether the argument behind this one is code. */
bool smi_shell_takes_code(struct smi_span program, const char *option);

#endif
