/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_PROGRAM_H
#define SMI_RECORD_PROGRAM_H

#include "base/span.h"

/* What kind of program somebody runs, by the name of its file. */
enum smi_program_class {
	SMI_PROGRAM_SHELL = 1 << 0,
	SMI_PROGRAM_SCRIPTS = 1 << 1, /* runs scripts; shells too */
	SMI_PROGRAM_NETCAT = 1 << 2,  /* can join a socket and a program */
	SMI_PROGRAM_WEB = 1 << 3,     /* servers that strangers talk to */
	SMI_PROGRAM_DATABASE = 1 << 4,
	SMI_PROGRAM_MAIL = 1 << 5,
	SMI_PROGRAM_DEBUGGER = 1 << 6, /* traces others for a living */
	SMI_PROGRAM_JIT = 1 << 7,      /* makes machine code while it runs */
	SMI_PROGRAM_SETUID = 1 << 8,   /* is set-user-id root by design */
	SMI_PROGRAM_RUNTIME = 1 << 9,  /* starts containers */
	SMI_PROGRAM_SNIFFER = 1 << 10, /* has packet sockets by design */
	SMI_PROGRAM_MANY = 1 << 11,    /* one program of many names */
	SMI_PROGRAM_MINER = 1 << 12,
};
#define SMI_PROGRAM_SERVER                                                     \
	(SMI_PROGRAM_WEB | SMI_PROGRAM_DATABASE | SMI_PROGRAM_MAIL)

/* What the kernel puts behind the path of a file that has no name any more, and the path
 * without it. A file may really be called so. */
#define SMI_DELETED " (deleted)"
struct smi_span smi_program_path(struct smi_span path);
/* The file's name without its directory, and without that. */
struct smi_span smi_program_name(struct smi_span path);
/* 0 for one that is not known; "python3.11" is "python". */
unsigned smi_program_class(struct smi_span path);

#endif
