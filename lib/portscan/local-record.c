/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"
#include "portscan/local.h"
#include "record/build.h"

static bool wants(const struct smi_fieldset *fields, unsigned field)
{
	return smi_fieldset_has(fields, field);
}

bool smi_local_wants_process(const struct smi_fieldset *fields)
{
	return wants(fields, SMI_PORT_PID) || wants(fields, SMI_PORT_PROCESS) ||
	       wants(fields, SMI_PORT_EXE) || wants(fields, SMI_PORT_UNIT);
}

int smi_local_pid(struct smi_local *l, const struct smi_listener *x,
		  int32_t *pid)
{
	if (!l->owners_read) {
		int r = smi_owners_read(&l->owners, &l->listeners,
					SMI_OWNERS_BUDGET);

		if (r == -ENOMEM)
			return r;
		l->owners_read = true;
	}
	*pid = smi_owners_pid(&l->owners, x->inode);
	l->hidden |= !*pid;
	return 0;
}

static void set_known(struct smi_arena *a, sm_record *r, unsigned field,
		      struct smi_span text)
{
	if (text.len > 0)
		smi_set_text(a, r, field, text);
}

static int describe_process(struct smi_local *l, const struct smi_listener *x,
			    const struct smi_fieldset *fields,
			    struct smi_arena *a, sm_record *r)
{
	char space[SMI_PROCESS_TEXT_MAX];
	int32_t pid = 0;
	int e = smi_local_pid(l, x, &pid);

	if (e < 0 || !pid)
		return e;
	if (wants(fields, SMI_PORT_PID))
		smi_set_int(r, SMI_PORT_PID, pid);
	if (wants(fields, SMI_PORT_PROCESS))
		set_known(a, r, SMI_PORT_PROCESS, smi_process_name(pid, space));
	if (wants(fields, SMI_PORT_EXE))
		set_known(a, r, SMI_PORT_EXE, smi_process_exe(pid, space));
	if (wants(fields, SMI_PORT_UNIT))
		set_known(a, r, SMI_PORT_UNIT,
			  smi_cgroup_unit(smi_cgroup_path(
				  smi_process_cgroup(pid, space))));
	return 0;
}

static int describe_user(struct smi_local *l, const struct smi_listener *x,
			 struct smi_arena *a, sm_record *r)
{
	static const struct smi_fsroot here = { -1, NULL };
	const char *name;

	if (!l->users) {
		int e = smi_users_new(&here, &l->users);

		if (e < 0)
			return e == -ENOMEM ? e : 0;
	}
	name = smi_users_name(l->users, x->uid);
	if (!name)
		return -ENOMEM;
	smi_set_text(a, r, SMI_PORT_USER, smi_span_str(name));
	return 0;
}

int smi_local_describe(struct smi_local *l, const struct smi_listener *x,
		       const struct smi_fieldset *fields, struct smi_arena *a,
		       sm_record *r)
{
	int e = 0;

	if (smi_local_wants_process(fields))
		e = describe_process(l, x, fields, a, r);
	if (e == 0 && wants(fields, SMI_PORT_USER))
		e = describe_user(l, x, a, r);
	return e;
}

int smi_local_tell_hidden(const struct smi_local *l, struct smi_out *out)
{
	if (l->owners.refused)
		return smi_out_notice(out, EACCES, NULL,
				      "The processes behind some open ports "
				      "are not shown to this user: root sees "
				      "them.",
				      NULL, 0);
	if (l->owners.cut)
		return smi_out_notice(
			out, E2BIG, NULL,
			"The processes behind some open ports "
			"were not found among the first 300000 "
			"descriptors that processes have open; no "
			"more were looked at.",
			NULL, 0);
	return smi_out_notice(out, ESRCH, NULL,
			      "The processes behind some open ports are not "
			      "visible from here: they may run in another PID "
			      "namespace, hold the socket in a thread of its "
			      "own table, pass it on or have ended, or the "
			      "kernel itself listens.",
			      NULL, 0);
}
