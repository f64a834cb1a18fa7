/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"
#include "record/shell-args.h"

static const char *const linker_hijacking[] = { "T1574.006" };
static const char *const no_history[] = { "T1562.003", "T1070.003" };

/* The next value, from *at on, of a variable that may be told: it may be there more
 * than once. */
static bool next_variable(const sm_record *rec, const char *name, size_t *at,
			  struct smi_span *value)
{
	const struct smi_strs *list =
		smi_rec_strs(rec, SM_KIND_PROCESS, SMI_PROC_ENVIRON);
	size_t len = strlen(name);

	while (list && *at < list->n) {
		const char *text = list->v[(*at)++];

		if (strncmp(text, name, len) == 0 && text[len] == '=') {
			*value = smi_span_str(text + len + 1);
			return true;
		}
	}
	return false;
}

static bool find_variable(const sm_record *rec, const char *name,
			  struct smi_span *value)
{
	size_t at = 0;

	return next_variable(rec, name, &at, value);
}

/* Libraries that are made to be preloaded, where packages put them. */
static bool is_known_library(struct smi_span path)
{
	static const char *const names[] = {
		"libjemalloc",	  "libtcmalloc",    "libmimalloc",
		"libeatmydata",	  "libfakeroot",    "libstdbuf",
		"libgamemode",	  "libfaketime",    "libasan",
		"libtsan",	  "libubsan",	    "liblsan",
		"libhugetlbfs",	  "libgtk3-nocsd",  "libsnap",
		"libnss_wrapper", "libuid_wrapper", "libsocket_wrapper",
		"libproxychains", "libtsocks",	    "libtorsocks",
		"libaoss",	  "libv4l",	    "libpulsedsp",
		"bindtextdomain", "libmemkind",	    "libdislocator",
		"libSegFault",	  "libprofiler",    "libnvidia",
		"libfakechroot",
	};
	struct smi_span name = smi_program_name(path);

	return smi_span_starts_one(name, names, SMI_COUNT(names)) &&
	       (smi_span_eq(name, path) || smi_look_in_system_dir(path) ||
		smi_span_starts(path, SMI_SPAN("/usr/local/lib")) ||
		smi_span_starts(path, SMI_SPAN("/opt/")));
}

static bool is_separator(char c)
{
	return c == ':' || c == ' ' || c == '\n' || c == '\t';
}

/* Cuts the next path off *rest, as ld.so(8) does. */
static bool next_path(struct smi_span *rest, struct smi_span *path)
{
	size_t n = 0;

	while (rest->len > 0 && is_separator(rest->p[0]))
		*rest = smi_span_skip(*rest, 1);
	while (n < rest->len && !is_separator(rest->p[n]))
		n++;
	*path = smi_span_head(*rest, n);
	*rest = smi_span_skip(*rest, n);
	return n > 0;
}

/* By the worst of the paths; 0 where none is there. */
static int judge_paths(struct smi_span list, struct smi_verdict *v)
{
	struct smi_span path;
	int worst = 0;

	while (next_path(&list, &path)) {
		int severity = SM_SEV_MEDIUM;

		if (is_known_library(path))
			severity = SM_SEV_INFO;
		else if (smi_look_in_temp_dir(path) ||
			 smi_look_hidden_part(path).len > 0)
			severity = SM_SEV_HIGH;
		if (severity > worst) {
			worst = severity;
			v->detail = path;
		}
	}
	if (worst == SM_SEV_INFO)
		v->note = "That is a library which is made for this.";
	else if (worst == SM_SEV_HIGH)
		v->note = "Everybody may put a library there, or it is "
			  "hidden.";
	return worst;
}

/* Whichever of several values ld.so takes: the worst of them counts. */
static void judge_variable(const sm_record *rec, const char *name,
			   struct smi_verdict *worst)
{
	struct smi_span value;
	size_t at = 0;

	while (next_variable(rec, name, &at, &value)) {
		struct smi_verdict one = { 0 };

		one.severity = judge_paths(value, &one);
		if (one.severity > worst->severity)
			*worst = one;
	}
}

static bool has_preload(const sm_record *rec, double threshold,
			struct smi_verdict *v)
{
	struct smi_verdict worst = { 0 };

	(void)threshold;
	judge_variable(rec, "LD_PRELOAD", &worst);
	judge_variable(rec, "LD_AUDIT", &worst);
	if (worst.severity == 0)
		return false;
	*v = worst;
	return true;
}

/* Usual for programs in trees of their own: only where strangers may write. */
static bool has_open_dir(struct smi_span list, struct smi_verdict *v)
{
	while (next_path(&list, &v->detail)) {
		struct smi_span dir = v->detail;

		/* AppImages and PyInstaller unpack theirs. */
		if (smi_look_contains(dir, "/.mount_") ||
		    smi_look_contains(dir, "/_MEI"))
			continue;
		if (smi_look_in_temp_dir(dir) || smi_span_eq_str(dir, "/tmp") ||
		    smi_span_eq_str(dir, "/var/tmp") ||
		    smi_span_eq_str(dir, "/dev/shm"))
			return true;
	}
	return false;
}

static bool has_open_library_path(const sm_record *rec, double threshold,
				  struct smi_verdict *v)
{
	struct smi_span list;
	size_t at = 0;

	(void)threshold;
	while (next_variable(rec, "LD_LIBRARY_PATH", &at, &list))
		if (has_open_dir(list, v))
			return true;
	return false;
}

static bool is_preload_file(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	(void)threshold;
	if (!smi_rec_has(rec, SMI_PROC_PRELOAD_FILE))
		return false;
	v->severity =
		judge_paths(smi_span_str(rec->v[SMI_PROC_PRELOAD_FILE].s), v);
	if (v->severity == SM_SEV_MEDIUM)
		v->severity = SM_SEV_HIGH;
	return v->severity > 0;
}

/* Of a shell that somebody types into. */
static bool keeps_no_history(const sm_record *rec, double threshold,
			     struct smi_verdict *v)
{
	static const struct {
		const char *name, *value;
	} offs[] = {
		{ "HISTFILE", "/dev/null" },
		{ "HISTFILE", "" },
		{ "HISTSIZE", "0" },
		{ "HISTFILESIZE", "0" },
	};
	struct smi_shell_args does =
		smi_shell_args_read(smi_look_program(rec), smi_look_args(rec));
	struct smi_span value;

	(void)threshold;
	if (!(smi_look_class(rec) & SMI_PROGRAM_SHELL) || does.code ||
	    does.script)
		return false;
	for (size_t i = 0; i < SMI_COUNT(offs); i++) {
		if (find_variable(rec, offs[i].name, &value) &&
		    smi_span_eq_str(value, offs[i].value)) {
			v->detail = smi_span_str(offs[i].name);
			return true;
		}
	}
	return false;
}

static const struct smi_check environ_checks[] = {
	{
		.id = "preload-variable",
		.kind = "preload_variable",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(linker_hijacking),
		SMI_CHECK_FIELDS(SMI_PROC_ENVIRON, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = has_preload,
		.title = "{name} (pid {pid}) was started with a library put "
			 "before all others",
		.why = "LD_PRELOAD or LD_AUDIT in its environment names "
		       "{detail}.",
		.innocent = "Other allocators, fakeroot, eatmydata, stdbuf "
			    "and snap work this way.",
		.next_step = "Find out which package the library is from. "
			     "Look for it in /proc/{pid}/maps.",
	},
	{
		.id = "library-path",
		.kind = "library_path",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(linker_hijacking),
		SMI_CHECK_FIELDS(SMI_PROC_ENVIRON, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = has_open_library_path,
		.title = "{name} (pid {pid}) takes libraries from a directory "
			 "for temporary files",
		.why = "LD_LIBRARY_PATH in its environment has {detail}.",
		.innocent = "Builds and tests run like this.",
		.next_step = "Look what lies there, and from whom.",
	},
	{
		.id = "preload-file",
		.kind = "preload_file",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(linker_hijacking),
		SMI_CHECK_FIELDS(SMI_PROC_PRELOAD_FILE),
		.key = SMI_PROC_PRELOAD_FILE,
		.fn = is_preload_file,
		.title = "Every program gets a library put before all others",
		.why = "/etc/ld.so.preload names {detail}: it is loaded into "
		       "each process.",
		.innocent = "Few systems have that file; some put an "
			    "allocator there.",
		.next_step = "Look which package the library is from. What "
			     "lists processes and files may be lied to by it.",
	},
	{
		.id = "history-off",
		.kind = "history_off",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(no_history),
		SMI_CHECK_FIELDS(SMI_PROC_ENVIRON, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_ARGS),
		.key = SMI_PROC_NAME,
		.fn = keeps_no_history,
		.title = "A shell of {user} (pid {pid}) keeps no history",
		.why = "{detail} in its environment turns it off.",
		.innocent = "Some people never keep one.",
		.next_step = "Ask {user}; look where the session came from.",
	},
};
SMI_CHECKS(environ);
