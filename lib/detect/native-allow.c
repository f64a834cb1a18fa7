/* SPDX-License-Identifier: MIT */
#include "detect/native.h"

/* What an entry asks of a process, made when there is none. NULL: out of memory. */
static struct smi_allow_process *process_of(struct smi_native *n)
{
	if (!n->rule->process)
		n->rule->process = smi_arena_zalloc(&n->rs->arena,
						    sizeof(*n->rule->process));
	if (!n->rule->process)
		n->rc = -ENOMEM;
	return n->rule->process;
}

static void read_pattern(struct smi_native *n, const struct smi_yaml *v,
			 enum smi_allow_part part)
{
	struct smi_allow_process *p = process_of(n);

	if (p)
		p->parts[part] = smi_native_text(n, v);
}

static void read_exe(struct smi_native *n, const struct smi_yaml *v)
{
	if (v->type == SMI_YAML_SCALAR && v->len > 0 && v->text[0] != '/')
		smi_native_bad(n, v->line,
			       "exe is a whole path: it begins with '/'");
	else
		read_pattern(n, v, SMI_ALLOW_EXE);
}

static void read_user(struct smi_native *n, const struct smi_yaml *v)
{
	read_pattern(n, v, SMI_ALLOW_USER);
}

static void read_container(struct smi_native *n, const struct smi_yaml *v)
{
	read_pattern(n, v, SMI_ALLOW_CONTAINER);
}

static void read_args(struct smi_native *n, const struct smi_yaml *v)
{
	read_pattern(n, v, SMI_ALLOW_ARGS);
}

static void read_package(struct smi_native *n, const struct smi_yaml *v)
{
	read_pattern(n, v, SMI_ALLOW_PACKAGE);
}

static void read_check(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_allow_process *p = process_of(n);
	struct smi_native_texts l;

	if (!p)
		return;
	l = smi_native_texts(n, v);
	p->checks = l.v;
	p->nchecks = l.n;
}

static const struct smi_native_key keys[] = {
	{ "check", read_check }, { "exe", read_exe },
	{ "user", read_user },	 { "container", read_container },
	{ "args", read_args },	 { "package", read_package },
};

const struct smi_native_keys smi_native_allow_keys = { keys, SMI_COUNT(keys) };

static bool has_part(const struct smi_allow_process *p)
{
	for (size_t i = 0; i < SMI_ALLOW_NPARTS; i++)
		if (p->parts[i])
			return true;
	return false;
}

void smi_native_check_allow(struct smi_native *n)
{
	const struct smi_rule *r = n->rule;

	if (n->bad)
		return;
	if (!r->key && !r->process)
		smi_native_bad(n, r->line,
			       "the key is missing, or the exe, package, "
			       "user, container or args of a process");
	else if (r->key && r->process)
		smi_native_bad(n, r->line,
			       "an entry has a key or describes a process, "
			       "not both");
	else if (r->process && !has_part(r->process))
		smi_native_bad(n, r->line,
			       "an exe, package, user, container or args "
			       "must be there beside the check");
	else if (r->process && r->expires == INT64_MAX)
		smi_native_bad(n, r->line,
			       "expires is missing: what describes processes "
			       "has to end some day");
	if (!r->reason && !n->bad)
		smi_native_bad(n, r->line, "the reason is missing");
}
