/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LAB_ZOO_MEMORY_H
#define TESTS_LAB_ZOO_MEMORY_H

/* Animals by what is in their memory, with the neighbours of each. */
void rwx_memory(void);
void rw_memory(void);
void rwx_stack(void);
void exe_forged(void);
void memfd_code(void);
void memfd_data(void);
void temp_code(void);
void temp_data(void);

#endif
