/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "process/row.h"
#include "record/program.h"

#define KEPT_NS SMI_SEC

/* Cut where it is longer. */
static void keep_text(char *out, size_t size, struct smi_span s)
{
	s = smi_span_head(s, size - 1);
	memcpy(out, s.p, s.len);
	out[s.len] = '\0';
}

static int read_kin(struct smi_row *row, struct smi_kin *k)
{
	char path[SMI_PROC_PATH], room[SMI_NAME_MAX];
	struct smi_snapshot *s = row->s;
	struct smi_status st;
	int r = smi_procdir_read(
		&s->dir, smi_procdir_path(path, k->pid, k->pid, "status"),
		SMI_PROCFILE_MAX, &s->text);

	if (r == -ENOMEM)
		return r;
	k->is_there =
		r == 0 && smi_procfs_status(smi_buf_span(&s->text), false, &st);
	if (!k->is_there)
		return 0;
	k->uid = st.uid;
	keep_text(k->name, sizeof(k->name), smi_procfs_name(st.name, room));
	r = smi_guard_readlink(&s->dir, k->pid,
			       smi_procdir_path(path, k->pid, k->pid, "exe"),
			       &s->text);
	keep_text(k->exe, sizeof(k->exe),
		  r == 0 ? smi_buf_span(&s->text) : SMI_SPAN(""));
	return r == -ENOMEM ? r : 0;
}

/* Borrowed until the next call; NULL where it has gone. */
static int find_kin(struct smi_row *row, int32_t pid,
		    const struct smi_kin **out)
{
	struct smi_snapshot *s = row->s;
	int64_t now = smi_now_mono(s->ctx);
	struct smi_kin *k;
	int r = 0;

	if (!s->kin && !(s->kin = smi_zalloc(sizeof(*s->kin))))
		return -ENOMEM;
	k = &s->kin->v[(uint32_t)pid % SMI_KIN_ROOM];
	if (k->pid != pid || now >= k->until) {
		k->pid = pid;
		k->until = now + KEPT_NS;
		r = read_kin(row, k);
	}
	*out = k->is_there ? k : NULL;
	return r;
}

static void set_text(struct smi_row *row, unsigned field, const char *text)
{
	if (text[0] && smi_row_wants(row, field))
		smi_set_text(row->a, row->rec, field, smi_span_str(text));
}

int smi_row_parent(struct smi_row *row)
{
	int32_t ppid = row->has_stat ? row->stat.ppid : row->status.ppid;
	const struct smi_kin *k;
	int r = ppid > 0 ? find_kin(row, ppid, &k) : 0;

	if (ppid <= 0 || r < 0 || !k)
		return r;
	set_text(row, SMI_PROC_PARENT_NAME, k->name);
	set_text(row, SMI_PROC_PARENT_EXE, k->exe);
	if (smi_row_wants(row, SMI_PROC_PARENT_UID))
		smi_set_int(row->rec, SMI_PROC_PARENT_UID, k->uid);
	return 0;
}

int smi_row_tracer(struct smi_row *row)
{
	const struct smi_kin *k;
	int r;

	if (!row->has_status || row->status.tracer <= 0)
		return 0;
	r = find_kin(row, row->status.tracer, &k);
	if (r == 0 && k)
		set_text(row, SMI_PROC_TRACER_NAME,
			 k->exe[0] ? k->exe : k->name);
	return r;
}

/* include/linux/sched.h: it runs what its parent ran, such as the part of a pipeline that
 * a shell does itself. */
#define FORKED_ONLY 0x40

static struct smi_span text_of(const struct smi_row *row, unsigned field)
{
	return smi_span_str(smi_rec_str(row->rec, SM_KIND_PROCESS, field));
}

static struct smi_relay_ask ask_of(const struct smi_row *row)
{
	struct smi_span parent = text_of(row, SMI_PROC_PARENT_EXE);
	struct smi_relay_ask ask = { .parent = 0 };

	if (parent.len == 0)
		parent = text_of(row, SMI_PROC_PARENT_NAME);
	if (smi_relay_is_one(parent))
		ask.parent = row->stat.ppid;
	if (row->stat.flags & FORKED_ONLY)
		return ask;
	ask.in = smi_pipe_of(&row->s->dir, row->pid, 0);
	ask.out = smi_pipe_of(&row->s->dir, row->pid, 1);
	return ask;
}

int smi_row_relay(struct smi_row *row)
{
	char socket[SMI_SOCKET_TEXT], text[SMI_SOCKET_TEXT + 64];
	struct smi_snapshot *s = row->s;
	struct smi_relay relay;
	struct smi_relay_ask ask;
	int r;

	if (!row->has_stat || !(smi_program_class(text_of(row, SMI_PROC_EXE)) &
				SMI_PROGRAM_SCRIPTS))
		return 0;
	ask = ask_of(row);
	if (ask.parent == 0 && ask.in.inode == 0)
		return 0;
	r = smi_relays_find(s->relays, smi_now_mono(s->ctx), &s->dir,
			    s->sockets, &ask, &relay);
	if (r != 1)
		return r == -ENOMEM ? r : 0;
	r = snprintf(text, sizeof(text), "%s (pid %d), %s", relay.name,
		     relay.pid, smi_socket_text(&relay.peer, socket));
	smi_set_text(row->a, row->rec, SMI_PROC_RELAY,
		     smi_span_of(text, (size_t)r));
	smi_set_int(row->rec, SMI_PROC_RELAY_PID, relay.pid);
	return 0;
}
