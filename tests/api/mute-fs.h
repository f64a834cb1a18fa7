/* SPDX-License-Identifier: MIT */
#ifndef TESTS_API_MUTE_FS_H
#define TESTS_API_MUTE_FS_H

#include <sys/types.h>

/*
 * A file system with one program in it, which sleeps: it runs, until the server of the
 * file system answers nothing any more, as that of a network drive does whose network
 * has gone. Then another process is in the middle of exec, where it waits for the
 * server with its own files locked. In a mount namespace of the caller's own.
 */
struct mute_fs {
	pid_t server, program, stuck;
	int *mute; /* shared with the server, and behind it: there is one stuck */
};
/* False where that cannot be had; why is printed. Where uid is not 0 it is that user's own:
 * nobody else, nor root, may look into it, the program is that user's, and none is
 * stuck. */
int mute_fs_start(struct mute_fs *m, const char *dir, uid_t uid);
/* From now on; returns when one process is stuck. */
void mute_fs_be_mute(struct mute_fs *m);
void mute_fs_end(struct mute_fs *m);

#endif
