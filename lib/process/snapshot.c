/* SPDX-License-Identifier: MIT */
#include "process/row.h"

#include <stdlib.h>

#include "process/backend.h"
#include "record/schema.h"

/* What all processes share, as it is now. 0 or -ENOMEM. */
static int read_shared(struct smi_snapshot *s)
{
	const struct smi_kernel_needs needs = {
		.boot_id = smi_fieldset_has(&s->fields, SMI_PROC_ID),
		.btime = smi_fieldset_has(&s->fields, SMI_PROC_START),
		.memory = smi_fieldset_has(&s->fields, SMI_PROC_MEMORY_PERCENT),
		.clocks = s->files & (SMI_FROM_CPU | SMI_FROM_FDS) ||
			  smi_fieldset_has(&s->fields, SMI_PROC_IONICE),
	};
	int r = smi_kernel_read(&s->kernel, s->ctx, &s->dir, &needs);

	if (r == 0)
		r = smi_setting_read(s->setting, &s->ctx->root, &s->dir,
				     &s->fields);
	return r;
}

int smi_snapshot_prepare(struct smi_snapshot *s, sm_ctx *ctx)
{
	int r;

	s->files = smi_files_of(&s->fields);
	if (s->user)
		s->files |= SMI_FROM_STATUS;
	s->ctx = ctx;
	r = smi_users_new(&ctx->root, &s->users);
	if (r == 0 && s->user) {
		r = smi_users_uid(s->users, s->user, &s->uid);
		if (r == -ENOENT)
			return smi_fail(ctx, r, "no user \"%s\"", s->user);
	}
	if (r == 0 && (s->files | smi_files_of(&s->late)) & SMI_FROM_SOCKETS) {
		s->sockets = smi_sockets_new();
		r = s->sockets ? 0 : -ENOMEM;
	}
	if (r == 0 && s->files & SMI_FROM_PACKAGE) {
		s->packages = smi_packages_new();
		r = s->packages ? 0 : -ENOMEM;
	}
	if (r == 0 && s->files & SMI_FROM_RELAY) {
		s->relays = smi_relays_new();
		r = s->relays ? 0 : -ENOMEM;
	}
	if (r == 0 && !(s->setting = smi_zalloc(sizeof(*s->setting))))
		r = -ENOMEM;
	if (r == 0)
		r = read_shared(s);
	return r < 0 ? smi_fail_nomem(ctx) : 0;
}

void smi_snapshot_forget(struct smi_snapshot *s)
{
	s->tally = (struct smi_tally){ 0 };
	smi_guard_renew(s->dir.guard);
	smi_memo_forget(&s->memo);
	smi_sockets_forget(s->sockets);
	smi_relays_forget(s->relays, smi_now_mono(s->ctx));
}

int smi_snapshot_renew(struct smi_snapshot *s)
{
	smi_snapshot_forget(s);
	smi_setting_free(s->setting);
	*s->setting = (struct smi_setting){ .in_container = false };
	return read_shared(s);
}

void smi_snapshot_free(struct smi_snapshot *s)
{
	smi_users_free(s->users);
	smi_buf_free(&s->status);
	smi_buf_free(&s->stat);
	smi_buf_free(&s->text);
	smi_buf_free(&s->link);
	smi_buf_free(&s->maps);
	smi_vec_free(&s->tids.list);
	smi_fds_free(&s->fds);
	smi_vec_free(&s->held);
	smi_guard_free(s->dir.guard);
	smi_memo_free(&s->memo);
	free(s->kin);
	if (s->is_copy)
		return;
	smi_sockets_free(s->sockets);
	smi_relays_free(s->relays);
	smi_packages_free(s->packages);
	if (s->setting)
		smi_setting_free(s->setting);
	free(s->setting);
	smi_procdir_close(&s->dir);
}

int smi_snapshot_copy(const struct smi_snapshot *of, struct smi_snapshot *out)
{
	*out = (struct smi_snapshot){
		.ctx = of->ctx,
		.dir = of->dir,
		.is_copy = true,
		.chosen = of->chosen,
		.fields = of->fields,
		.late = of->late,
		.user = of->user,
		.bystanders = of->bystanders,
		.watch = of->watch,
		.rates = of->rates,
		.files = of->files,
		.uid = of->uid,
		.kernel = of->kernel,
		.sockets = of->sockets,
		.relays = of->relays,
		.packages = of->packages,
		.procs = of->procs,
		.reuse = of->reuse,
		.setting = of->setting,
	};
	out->dir.guard = NULL;
	if (of->dir.guard && !(out->dir.guard = smi_guard_copy(of->dir.guard)))
		return -ENOMEM;
	return smi_users_new(&of->ctx->root, &out->users);
}

/* Kernel threads and the dead have no program and no arguments. */
bool smi_row_has_program(const struct smi_row *row)
{
	return !smi_has_ended(smi_row_state(row)) &&
	       !(row->has_stat && row->stat.flags & SMI_PF_KTHREAD);
}

static int set_user(struct smi_row *row, unsigned field, uint32_t uid)
{
	const char *name;

	if (!smi_row_wants(row, field))
		return 0;
	name = smi_users_name(row->s->users, uid);
	if (!name)
		return -ENOMEM;
	smi_set_const(row->rec, field, name);
	return 0;
}

static void set_int(struct smi_row *row, unsigned field, int64_t v)
{
	if (smi_row_wants(row, field))
		smi_set_int(row->rec, field, v);
}

static int fill_from_status(struct smi_row *row)
{
	const struct smi_status *st = &row->status;
	const struct smi_snapshot *s = row->s;
	int r;

	if (!row->has_status)
		return 0;
	set_int(row, SMI_PROC_UID, st->uid);
	set_int(row, SMI_PROC_EUID, st->euid);
	set_int(row, SMI_PROC_RSS, (int64_t)SMI_MIN(st->rss, INT64_MAX));
	if (smi_row_wants(row, SMI_PROC_MEMORY_PERCENT) && s->kernel.memory > 0)
		smi_set_real(row->rec, SMI_PROC_MEMORY_PERCENT,
			     100.0 * (double)st->rss /
				     (double)s->kernel.memory);
	r = set_user(row, SMI_PROC_USER, st->uid);
	return r < 0 ? r : set_user(row, SMI_PROC_EUSER, st->euid);
}

static void fill_from_either(struct smi_row *row)
{
	char room[SMI_NAME_MAX], state = smi_row_state(row);
	struct smi_span name;

	if (!row->has_stat && !row->has_status)
		return;
	name = row->has_stat ? row->stat.name
			     : smi_procfs_name(row->status.name, room);
	set_int(row, SMI_PROC_PPID,
		row->has_stat ? row->stat.ppid : row->status.ppid);
	set_int(row, SMI_PROC_THREADS,
		(int64_t)SMI_MIN(smi_row_threads(row), INT32_MAX));
	if (smi_row_wants(row, SMI_PROC_NAME)) {
		if (name.len > 0)
			smi_set_text(row->a, row->rec, SMI_PROC_NAME, name);
		smi_set_raw(row->a, row->rec, SMI_PROC_NAME_RAW, name);
	}
	if (smi_row_wants(row, SMI_PROC_STATE)) {
		smi_set_text(row->a, row->rec, SMI_PROC_STATE,
			     smi_span_of(&state, 1));
		smi_set_int(row->rec, SMI_PROC_STATE_CODE,
			    (unsigned char)state);
	}
}

static void set_id(struct smi_row *row)
{
	const struct smi_kernel *m = &row->s->kernel;
	char text[SMI_ID_STRLEN];
	struct smi_id id;

	if (!smi_row_wants(row, SMI_PROC_ID) || !m->boot_id[0])
		return;
	smi_id_begin(&id);
	smi_id_part(&id, smi_span_str(m->boot_id));
	smi_id_int(&id, row->pid);
	smi_id_int(&id, (int64_t)row->stat.start);
	smi_set_text(row->a, row->rec, SMI_PROC_ID,
		     smi_span_str(smi_id_end(&id, text)));
	smi_set_const(row->rec, SMI_PROC_BOOT_ID, m->boot_id);
}

static void fill_from_stat(struct smi_row *row)
{
	const struct smi_kernel *m = &row->s->kernel;
	uint64_t start = row->stat.start;

	if (!row->has_stat)
		return;
	set_id(row);
	set_int(row, SMI_PROC_START_TICKS, (int64_t)start);
	set_int(row, SMI_PROC_KERNEL_THREAD,
		(row->stat.flags & SMI_PF_KTHREAD) != 0);
	if (m->btime > 0 && start < (uint64_t)(INT64_MAX / 4 / m->tick_ns))
		set_int(row, SMI_PROC_START,
			m->btime + (int64_t)start * m->tick_ns);
}

static bool look_now(const struct smi_snapshot *s, int32_t pid,
		     const struct smi_stat *stat, struct smi_cpu_look *out)
{
	*out = (struct smi_cpu_look){ .pid = pid,
				      .mono = smi_now_mono(s->ctx) };
	if (s->kernel.own_pids && smi_cpu_clock(pid, &out->cpu))
		return true;
	if (!stat || stat->ticks > (uint64_t)(INT64_MAX / s->kernel.tick_ns))
		return false;
	out->cpu = (int64_t)stat->ticks * s->kernel.tick_ns;
	return true;
}

static void fill_cpu(struct smi_row *row, const struct smi_cpu_look *before)
{
	const struct smi_kernel *m = &row->s->kernel;
	struct smi_cpu_look now;
	double percent;

	if (!(row->s->files & SMI_FROM_CPU) || !row->has_stat)
		return;
	if (row->has_cpu)
		now = row->cpu;
	else if (!look_now(row->s, row->pid, &row->stat, &now))
		return;
	now.start = row->stat.start;
	set_int(row, SMI_PROC_CPU_NS, now.cpu);
	set_int(row, SMI_PROC_CPU_WHEN, now.mono);
	if (smi_row_wants(row, SMI_PROC_CPU_PERCENT) &&
	    smi_cpu_percent(m, before, &now, &percent))
		smi_set_real(row->rec, SMI_PROC_CPU_PERCENT, percent);
	if (smi_row_wants(row, SMI_PROC_CPU_PERCENT_LIFETIME) &&
	    smi_cpu_lifetime(m, &now, &percent))
		smi_set_real(row->rec, SMI_PROC_CPU_PERCENT_LIFETIME, percent);
}

/* Those of a process that nobody may read are left out of what is read. */
static void fill_rates(struct smi_row *row, const struct smi_cpu_look *before)
{
	const struct smi_kernel *m = &row->s->kernel;
	const sm_record *rec = row->rec;
	const struct {
		unsigned field, of;
		uint64_t was;
	} rates[] = {
		{ SMI_PROC_READ_RATE, SMI_PROC_READ_BYTES,
		  before ? before->read : 0 },
		{ SMI_PROC_WRITE_RATE, SMI_PROC_WRITE_BYTES,
		  before ? before->written : 0 },
	};
	struct smi_cpu_look now = { .start = row->stat.start };

	if (!row->s->rates || !smi_rec_has(rec, SMI_PROC_CPU_WHEN))
		return;
	now.cpu = rec->v[SMI_PROC_CPU_NS].i;
	now.mono = rec->v[SMI_PROC_CPU_WHEN].i;
	for (size_t i = 0; i < SMI_COUNT(rates); i++) {
		int64_t rate;

		if (!smi_rec_has(rec, rates[i].of))
			continue;
		rate = smi_cpu_rate(m, before, &now, rates[i].was,
				    (uint64_t)rec->v[rates[i].of].i);
		if (rate >= 0)
			set_int(row, rates[i].field, rate);
	}
}

static int fill(struct smi_row *row, const struct smi_cpu_look *before)
{
	unsigned files = row->s->files;
	int r;

	r = fill_from_status(row);
	if (r < 0)
		return r;
	fill_from_either(row);
	fill_from_stat(row);
	smi_row_details(row);
	fill_cpu(row, before);
	if (smi_row_has_program(row) && files & SMI_FROM_CMDLINE)
		r = smi_row_cmdline(row);
	if (r == 0 && smi_row_has_program(row) &&
	    files & (SMI_FROM_EXE | SMI_FROM_EXE_FILE))
		r = smi_row_exe(row);
	if (r == 0 && files & SMI_FROM_CGROUP)
		r = smi_row_cgroup(row);
	if (r == 0 && smi_row_has_program(row))
		r = smi_row_files(row);
	fill_rates(row, before);
	if (r == 0)
		r = smi_row_evidence(row, smi_row_has_program(row));
	if (r < 0)
		return r;
	if (row->refused || row->cut || row->late || row->unasked)
		smi_row_set_unreadable(row);
	if (smi_row_wants(row, SMI_PROC_TIME))
		smi_set_int(row->rec, SMI_PROC_TIME, smi_now_wall(row->s->ctx));
	return 1;
}

/* Numbers go round all others before one is given to somebody else, which takes longer
 * than that. */
#define REUSE_NS (2 * SMI_MSEC)
/* What is read at once, or tells of which process it is. */
#define AT_ONCE                                                                \
	(SMI_FROM_STAT | SMI_FROM_STATUS | SMI_FROM_EITHER | SMI_FROM_CPU |    \
	 SMI_FROM_MORE_STAT | SMI_FROM_MORE_STATUS | SMI_FROM_POWERS)

/* Whether the number is another process's by now, and so is what was read last. */
static bool is_mixed(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	int64_t now = smi_now_mono(s->ctx);
	struct smi_stat stat;

	if (!row->has_stat || !(s->files & ~(unsigned)AT_ONCE) ||
	    now - row->since < REUSE_NS ||
	    !smi_reuse_may_be(&s->reuse, &s->dir, row->pid, now))
		return false;
	return smi_row_read(row, "stat", SMI_ONE_PIECE, SMI_PROCFILE_MAX,
			    &s->stat) == 0 &&
	       smi_procfs_stat(smi_buf_span(&s->stat), false, &stat) &&
	       stat.start != row->stat.start;
}

static int take_once(struct smi_snapshot *s, struct smi_arena *a, int32_t pid,
		     const struct smi_cpu_look *before, sm_record **out)
{
	struct smi_row row = { .s = s, .a = a, .pid = pid, .tid = pid };
	bool bystander;
	int r = smi_row_basics(&row, &bystander);

	if (r == 1) {
		row.rec = smi_rec_new(a, SM_KIND_PROCESS);
		smi_set_int(row.rec, SMI_PROC_PID, pid);
		if (bystander)
			smi_set_int(row.rec, SMI_PROC_BYSTANDER, 1);
		r = row.rec ? fill(&row, before) : -ENOMEM;
	}
	if (r == 1 && is_mixed(&row))
		return -EAGAIN;
	if (r == -ESRCH)
		return 0;
	*out = row.rec;
	return r;
}

int smi_snapshot_take(struct smi_snapshot *s, struct smi_arena *a, int32_t pid,
		      const struct smi_cpu_look *before, sm_record **out)
{
	const struct smi_tally tally = s->tally;
	const struct smi_procs *procs = s->procs;
	int r = take_once(s, a, pid, before, out);

	/* What the backend saw is of the one before, too. */
	for (int i = 0; r == -EAGAIN && i < 2; i++) {
		s->tally = tally;
		s->procs = NULL;
		r = take_once(s, a, pid, before, out);
	}
	s->procs = procs;
	/* Processes that come and go that fast have gone. */
	return r == -EAGAIN ? 0 : r;
}

sm_record *smi_snapshot_bare(struct smi_snapshot *s, struct smi_arena *a,
			     int32_t pid, uint64_t start)
{
	struct smi_row row = { .s = s, .a = a, .pid = pid, .tid = pid };

	row.stat.start = start;
	row.rec = smi_rec_new(a, SM_KIND_PROCESS);
	smi_set_int(row.rec, SMI_PROC_PID, pid);
	if (smi_row_wants(&row, SMI_PROC_TIME))
		smi_set_int(row.rec, SMI_PROC_TIME, smi_now_wall(s->ctx));
	set_id(&row);
	return row.rec;
}

static int look_at_cpu(struct smi_snapshot *s, int32_t pid,
		       struct smi_cpu_look *out)
{
	struct smi_row row = { .s = s, .pid = pid, .tid = pid };
	int r;

	if (s->procs && s->procs->ops->look &&
	    s->procs->ops->look(s->procs->data, pid, out))
		return 1;
	if (s->kernel.own_pids)
		return look_now(s, pid, NULL, out);
	r = smi_row_stat(&row);
	if (r == -ESRCH || (r == 0 && !row.has_stat))
		return 0;
	if (r < 0 || !look_now(s, pid, &row.stat, out))
		return r;
	out->start = row.stat.start;
	return 1;
}

/* Who does not see it gets no rate. */
static int look_at_io(struct smi_snapshot *s, int32_t pid,
		      struct smi_cpu_look *out)
{
	char path[SMI_PROC_PATH];
	int r = smi_guard_read(&s->dir, pid,
			       smi_procdir_path(path, pid, pid, "io"),
			       SMI_ONE_PIECE, SMI_PROCFILE_MAX, &s->text);
	struct smi_span text = smi_buf_span(&s->text);

	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	out->has_io =
		r == 0 &&
		smi_procfs_number(text, SMI_SPAN("read_bytes:"), &out->read) &&
		smi_procfs_number(text, SMI_SPAN("write_bytes:"),
				  &out->written);
	return 1;
}

int smi_snapshot_look(struct smi_snapshot *s, int32_t pid,
		      struct smi_cpu_look *out)
{
	int r = look_at_cpu(s, pid, out);

	return r == 1 && s->rates ? look_at_io(s, pid, out) : r;
}

int smi_snapshot_is_process(struct smi_snapshot *s, int32_t pid)
{
	struct smi_row row = { .s = s, .pid = pid, .tid = pid };
	int r = smi_row_status(&row);

	if (r == -ESRCH)
		return 0;
	if (r < 0)
		return r;
	return row.has_status ? row.status.tgid == pid
			      : smi_procdir_has(&s->dir, pid);
}
