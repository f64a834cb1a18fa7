/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CHECK_LOOK_H
#define SMI_DETECT_CHECK_LOOK_H

#include "detect/check.h"
#include "record/program.h"

/* What more than one check asks of a process. */

/* Has a program and arguments of its own: no kernel thread, no zombie. */
bool smi_look_lives(const sm_record *rec);
/* The path of the program, without what the kernel adds when it is deleted. */
struct smi_span smi_look_exe(const sm_record *rec);
/* Whether the running file has no name any more. */
bool smi_look_exe_is_deleted(const sm_record *rec);
/* It lies only in memory: memfd_create(2). */
bool smi_look_exe_is_memfd(const sm_record *rec);
/* Its program, or its first argument where the program is not to be seen; the class of
 * that. */
struct smi_span smi_look_program(const sm_record *rec);
unsigned smi_look_class(const sm_record *rec);
/* Arguments; {0} where they are not known. */
struct smi_strs smi_look_args(const sm_record *rec);

/* Where everybody may make files, and where only root does. */
bool smi_look_in_temp_dir(struct smi_span path);
bool smi_look_in_system_dir(struct smi_span path);
/* For us another file has the path of its program: the path says nothing of it. */
bool smi_look_exe_is_elsewhere(const sm_record *rec);
/* Its program lies there, and a package has it as far as that is known. */
bool smi_look_is_installed(const sm_record *rec);
/* The first part of path that begins with a dot; empty where there is none, or only
 * what tools make. */
struct smi_span smi_look_hidden_part(struct smi_span path);

bool smi_look_contains(struct smi_span text, const char *part);
/* One of n. */
bool smi_look_is_one(struct smi_span text, const char *const *v, size_t n);

#endif
