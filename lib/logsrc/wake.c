/* SPDX-License-Identifier: MIT */
#include "logsrc/wake.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOW  (2 * SMI_SEC)
#define QUICK (SMI_SEC / 5)

int smi_wake_start(struct smi_wake *w, struct smi_out *out)
{
	w->out = out;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0) {
		w->refused = true;
		return 0;
	}
	return smi_out_watch(out, w->fd);
}

void smi_wake_done(struct smi_wake *w)
{
	smi_closep(&w->fd);
}

int smi_wake_add(struct smi_wake *w, int fd)
{
	uint32_t mask = IN_MODIFY | IN_ATTRIB;
	struct stat st;
	char path[32];
	int number;

	if (w->fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
	/* The inode, wherever a sysroot has it. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	number = inotify_add_watch(w->fd, path, mask);
	w->refused = w->refused || number < 0;
	return number;
}

void smi_wake_drop(struct smi_wake *w, int number)
{
	if (w->fd >= 0 && number >= 0)
		(void)inotify_rm_watch(w->fd, number);
}

int smi_wake_watch(struct smi_wake *w, int fd)
{
	return smi_out_watch(w->out, fd);
}

void smi_wake_drain(struct smi_wake *w)
{
	char events[4096];

	while (w->fd >= 0 && read(w->fd, events, sizeof(events)) > 0)
		;
}

int smi_wake_rest(struct smi_wake *w)
{
	int64_t now = smi_now_mono(smi_out_ctx(w->out));

	return smi_out_alarm(w->out, now + (w->refused ? QUICK : SLOW));
}
