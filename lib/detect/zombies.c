/* SPDX-License-Identifier: MIT */
#include "detect/zombies.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/check-finding.h"
#include "record/build.h"
#include "record/sentence.h"

static const char *const exhaustion[] = { "T1499" };

const struct smi_check smi_check_zombies = {
	.id = "zombies",
	.kind = "zombies",
	.severity = SM_SEV_LOW,
	SMI_CHECK_ATTACK(exhaustion),
	SMI_CHECK_FIELDS(SMI_PROC_STATE, SMI_PROC_PPID, SMI_PROC_PARENT_NAME,
			 SMI_PROC_BOOT_ID),
	.load = SMI_LOAD_ZOMBIES,
	.title = "{name} (pid {pid}) leaves {count} zombies",
	.why = "{count} of its children have ended, and it does not ask how; "
	       "the threshold is {threshold}. Each keeps its number and its "
	       "entry in the process table.",
	.innocent = "Process 1 of a container is often a program that was "
		    "never made to collect children.",
	.next_step = "Find out whether their number grows. They go when "
		     "{name} ends; a container may be given an init.",
};

void smi_zombies_free(struct smi_zombies *z)
{
	struct smi_map_entry e;
	size_t i = 0;

	while (smi_map_next(&z->parents, &i, &e)) {
		struct smi_zombie_parent *p = e.value;

		sm_record_unref(p->one);
		free(p);
	}
	smi_map_free(&z->parents);
	*z = (struct smi_zombies){ .forgotten = 0 };
}

static struct smi_zombie_parent *add(struct smi_zombies *z, int32_t pid,
				     struct smi_span key, const sm_record *one)
{
	struct smi_zombie_parent *p = smi_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->pid = pid;
	p->one = sm_record_ref(one);
	if (p->one && smi_map_put(&z->parents, key, p))
		return p;
	sm_record_unref(p->one);
	free(p);
	return NULL;
}

int smi_zombies_see(struct smi_zombies *z, const sm_record *rec)
{
	const sm_proc *proc = sm_record_proc(rec);
	int32_t pid = sm_proc_ppid(proc);
	struct smi_span key = smi_span_of((const char *)&pid, sizeof(pid));
	struct smi_zombie_parent *p;

	if (z->is_over)
		smi_zombies_free(z);
	if (sm_proc_state(proc) != 'Z' || pid <= 0)
		return 0;
	p = smi_map_get(&z->parents, key);
	if (!p && z->parents.n >= SMI_ZOMBIE_PARENTS_MAX) {
		z->forgotten++;
		return 0;
	}
	if (!p && !(p = add(z, pid, key, rec)))
		return -ENOMEM;
	p->n++;
	p->when = sm_proc_time(proc);
	return 0;
}

static struct smi_span parent_name(const struct smi_zombie_parent *p)
{
	return smi_span_str(
		smi_rec_str(p->one, SM_KIND_PROCESS, SMI_PROC_PARENT_NAME));
}

/* What is said of the parent; a zombie of it is the evidence. */
static const struct smi_strs *zombie_args(struct smi_arena *a,
					  const struct smi_zombie_parent *p,
					  double threshold)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_strs *list = smi_arena_alloc(a, sizeof(*list));
	const char **v = smi_arena_zalloc(a, 8 * sizeof(*v));
	struct smi_span name = parent_name(p);
	size_t n = 0;

	if (!list || !v)
		return NULL;
	smi_check_arg(a, v, &n, "name",
		      name.len ? name : SMI_SPAN("(no name)"));
	smi_buf_int(&text, p->pid);
	smi_check_arg(a, v, &n, "pid", smi_buf_span(&text));
	smi_buf_clear(&text);
	smi_buf_int(&text, p->n);
	smi_check_arg(a, v, &n, "count", smi_buf_span(&text));
	smi_buf_clear(&text);
	smi_buf_real(&text, threshold, 2);
	smi_check_arg(a, v, &n, "threshold", smi_buf_span(&text));
	*list = (struct smi_strs){ n, v };
	return smi_buf_error(&text) || smi_arena_error(a) ? NULL : list;
}

sm_record *smi_zombies_finding(struct smi_arena *a,
			       const struct smi_zombie_parent *p,
			       double threshold)
{
	const struct smi_check *c = &smi_check_zombies;
	const struct smi_strs *args = zombie_args(a, p, threshold);
	const char *user = sm_proc_user(sm_record_proc(p->one));
	sm_record *f = smi_check_finding(a, c, c->severity, p->when);
	char episode[64];
	const char *subject;

	if (!f || !args)
		return NULL;
	snprintf(episode, sizeof(episode), "%d %.36s", p->pid,
		 smi_rec_str(p->one, SM_KIND_PROCESS, SMI_PROC_BOOT_ID));
	smi_check_ids(a, f, c, smi_span_str(user), parent_name(p),
		      smi_span_str(episode));
	smi_set_int(f, SMI_FINDING_PID, p->pid);
	if (user[0])
		smi_set_text(a, f, SMI_FINDING_USER, smi_span_str(user));
	subject = smi_sentence_dup(a, "{name} (pid {pid})", args, f);
	if (!subject || !smi_check_sentences(a, f, c, NULL, args))
		return NULL;
	smi_set_const(f, SMI_FINDING_SUBJECT, subject);
	smi_check_evidence(a, f, p->one);
	return f;
}
