/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"
#include "process/procfs.h"
#include "suite.h"

#define NUMBERS                                                                \
	" S 1 2 2 0 -1 4194560 10 0 0 0 7 5 0 0 20 0 3 0 123456 1000000 250 "  \
	"18446744073709551615 1 1 0 0 0"

static const struct {
	const char *text, *name;
} names[] = {
	{ "42 (plain)" NUMBERS, "plain" },
	{ "42 (a b) R 1 (c)" NUMBERS, "a b) R 1 (c" },
	{ "42 (nl\nPid:\t1\nx)" NUMBERS, "nl\nPid:\t1\nx" },
	{ "42 ())" NUMBERS, ")" },
	{ "42 ()" NUMBERS, "" },
	{ "42 (\xff\xfe\x80)" NUMBERS, "\xff\xfe\x80" },
};

START_TEST(whatever_the_name_stat_gives_the_numbers_behind_it)
{
	struct smi_stat st;

	ck_assert(smi_procfs_stat(smi_span_str(names[_i].text), false, &st));
	ck_assert(smi_span_eq_str(st.name, names[_i].name));
	ck_assert_int_eq(st.pid, 42);
	ck_assert_int_eq(st.state, 'S');
	ck_assert_int_eq(st.ppid, 1);
	ck_assert_uint_eq(st.flags, 4194560);
	ck_assert_uint_eq(st.ticks, 7 + 5);
	ck_assert_uint_eq(st.threads, 3);
	ck_assert_uint_eq(st.start, 123456);
	ck_assert_uint_eq(st.rss_pages, 250);
}
END_TEST

#define MORE_NUMBERS                                                           \
	" S 1 2 77 34817 -1 64 10 0 12 0 7 5 0 0 30 -10 3 0 99 1000 250 1 "    \
	"1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 3 0 0 0 0 0 0"

START_TEST(stat_gives_the_terminal_and_how_it_is_scheduled)
{
	char room[SMI_TTY_MAX];
	struct smi_stat st;

	ck_assert(smi_procfs_stat(SMI_SPAN("42 (x)" MORE_NUMBERS), true, &st));
	ck_assert_int_eq(st.session, 77);
	ck_assert_str_eq(smi_procfs_tty(st.tty, room), "pts/1");
	ck_assert_int_eq(st.nice, -10);
	ck_assert_uint_eq(st.minor_faults, 10);
	ck_assert_uint_eq(st.major_faults, 12);
	ck_assert_str_eq(smi_procfs_policy(st.policy), "batch");
	ck_assert(!smi_procfs_stat(SMI_SPAN("42 (x)" NUMBERS), true, &st));
}
END_TEST

static const struct {
	int32_t device;
	const char *name;
} terminals[] = {
	{ 0, "" },
	{ -1, "" },
	{ 0x0401, "tty1" },
	{ 0x0440, "ttyS0" },
	{ 0x0501, "console" },
	{ 0x8803, "pts/3" },
	/* mkdev(136, 300): the minor's bits above the eighth lie at the top. */
	{ 0x10882c, "pts/300" },
	{ 0x8902, "pts/258" },
	{ 0x0c01, "12:1" },
};

START_TEST(a_terminal_has_the_name_that_dev_knows_it_by)
{
	char room[SMI_TTY_MAX];

	ck_assert_str_eq(smi_procfs_tty(terminals[_i].device, room),
			 terminals[_i].name);
}
END_TEST

static const char *const bad_stats[] = {
	"",
	"42",
	"42 (x",
	"42 x) S 1",
	"x (y)" NUMBERS,
	"42 (x) S",
	"42 (x) S 1 2 2 0 -1 4194560",
	"42 (x) S 1 2 2 0 -1 4194560 10 0 0 0 x 5 0 0 20 0 3 0 1 1 1",
	"99999999999 (x)" NUMBERS,
};

START_TEST(a_stat_that_is_none_is_refused)
{
	struct smi_stat st;

	ck_assert(!smi_procfs_stat(smi_span_str(bad_stats[_i]), false, &st));
}
END_TEST

#define STATUS(name, vm)                                                       \
	"Name:\t" name "\nUmask:\t0022\nState:\tS (sleeping)\n"                \
	"Tgid:\t42\nNgid:\t0\nPid:\t42\nPPid:\t1\nTracerPid:\t0\n"             \
	"Uid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\nFDSize:\t64\n"                 \
	"Groups:\t1 2 3 \nNSpid:\t42\t3\n" vm "Threads:\t7\nSigQ:\t0/1\n"

START_TEST(status_gives_real_and_effective_user_and_memory)
{
	struct smi_status st;

	ck_assert(smi_procfs_status(
		SMI_SPAN(STATUS("x", "VmHWM:\t99 kB\nVmRSS:\t    12 kB\n")),
		false, &st));
	ck_assert_uint_eq(st.uid, 1000);
	ck_assert_uint_eq(st.euid, 0);
	ck_assert_int_eq(st.tgid, 42);
	ck_assert_int_eq(st.ppid, 1);
	ck_assert_int_eq(st.state, 'S');
	ck_assert_uint_eq(st.rss, 12 * 1024);
	ck_assert_uint_eq(st.threads, 7);
}
END_TEST

#define SECURITY                                                               \
	"CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n"               \
	"CapEff:\t0000000000201000\nCapBnd:\t000001ffffffffff\n"               \
	"NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"                   \
	"Cpus_allowed:\t3\nCpus_allowed_list:\t0-1,7\n"                        \
	"voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n"

START_TEST(status_gives_what_a_process_is_allowed)
{
	struct smi_status st;

	ck_assert(smi_procfs_status(
		SMI_SPAN(STATUS("x", "VmRSS:\t1 kB\nVmSwap:\t   8 kB\n")
				 SECURITY),
		true, &st));
	ck_assert_uint_eq(st.swap, 8192);
	ck_assert_int_eq(st.tracer, 0);
	/* CAP_SYS_ADMIN is 21, CAP_NET_ADMIN 12. */
	ck_assert_uint_eq(st.cap_eff, 1u << 21 | 1u << 12);
	ck_assert_str_eq(smi_procfs_capability(21), "CAP_SYS_ADMIN");
	ck_assert_str_eq(smi_procfs_capability(40), "CAP_CHECKPOINT_RESTORE");
	ck_assert_ptr_null(smi_procfs_capability(41));
	ck_assert(st.no_new_privs);
	ck_assert_uint_eq(st.gid, 5);
	ck_assert_uint_eq(st.egid, 5);
	ck_assert(smi_span_eq_str(st.cpus, "0-1,7"));
	ck_assert_uint_eq(st.voluntary, 12);
	ck_assert_uint_eq(st.involuntary, 3);
	ck_assert_str_eq(smi_procfs_seccomp(st.seccomp), "filter");
}
END_TEST

START_TEST(a_kernel_thread_has_no_memory_line)
{
	struct smi_status st;

	ck_assert(smi_procfs_status(SMI_SPAN(STATUS("kworker/0:1", "")), false,
				    &st));
	ck_assert_uint_eq(st.rss, 0);
	ck_assert_uint_eq(st.threads, 7);
}
END_TEST

START_TEST(a_name_with_newlines_and_backslashes_is_read_back)
{
	char room[SMI_NAME_MAX];
	struct smi_status st;

	/* What Linux writes for the name "nl\nUid:\t0\\n". */
	ck_assert(smi_procfs_status(SMI_SPAN(STATUS("nl\\nUid:\t0\\\\n", "")),
				    false, &st));
	ck_assert_uint_eq(st.uid, 1000);
	ck_assert(smi_span_eq_str(smi_procfs_name(st.name, room),
				  "nl\nUid:\t0\\n"));
}
END_TEST

START_TEST(status_without_a_user_is_refused)
{
	struct smi_status st;

	ck_assert(!smi_procfs_status(SMI_SPAN(""), false, &st));
	ck_assert(!smi_procfs_status(SMI_SPAN("Name:\tx\nState:\tS\n"), false,
				     &st));
	ck_assert(!smi_procfs_status(
		SMI_SPAN("Name:\tx\nState:\tS (x)\nTgid:\t1\nPPid:\t1\n"
			 "Uid:\tnobody\n"),
		false, &st));
}
END_TEST

#define RAW(lit)                                                               \
	{                                                                      \
		lit, sizeof(lit) - 1                                           \
	}
static const struct {
	struct smi_span raw;
	size_t n;
	struct smi_span text;
} cmdlines[] = {
	{ RAW(""), 0, RAW("") },
	{ RAW("ls\0"), 1, RAW("ls") },
	{ RAW("ls\0-l\0"), 2, RAW("ls\0-l") },
	/* empty arguments stay, at the end too */
	{ RAW("a\0\0b\0"), 3, RAW("a\0\0b") },
	{ RAW("a\0\0\0"), 3, RAW("a\0\0") },
	{ RAW("\0"), 1, RAW("") },
	/* titles: over the end of the area, and inside of it */
	{ RAW("nginx: worker process"), 1, RAW("nginx: worker process") },
	{ RAW("t: x\0\0\0\0\0\0"), 1, RAW("t: x") },
	/* wiped */
	{ RAW("\0\0\0\0\0\0"), 0, RAW("") },
	{ RAW("\0a\0"), 2, RAW("\0a") },
};

START_TEST(arguments_are_kept_as_they_are)
{
	struct smi_args args = smi_procfs_args(cmdlines[_i].raw);

	ck_assert_uint_eq(args.n, cmdlines[_i].n);
	ck_assert(smi_span_eq(args.text, cmdlines[_i].text));
}
END_TEST

START_TEST(numbers_are_found_by_their_key_at_the_beginning_of_a_line)
{
	struct smi_span stat = SMI_SPAN("intr 1 2\nxbtime 1\nbtime 17\n");
	uint64_t v;

	ck_assert(smi_procfs_number(stat, SMI_SPAN("btime"), &v));
	ck_assert_uint_eq(v, 17);
	ck_assert(!smi_procfs_number(stat, SMI_SPAN("time"), &v));
	ck_assert_uint_eq(smi_procfs_count(SMI_SPAN("NSpid:\t12\t3\n"),
					   SMI_SPAN("NSpid:")),
			  2);
}
END_TEST

static const struct {
	const char *text;
	int64_t ns;
} seconds[] = {
	{ "12.34 99.00\n", INT64_C(12340000000) },
	{ "5 1", INT64_C(5000000000) },
	{ "0.000000001", 1 },
	{ "x", -1 },
	{ "", -1 },
	{ "1.", -1 },
	{ "1.0000000001", -1 },
	{ "99999999999999", -1 },
};

START_TEST(uptime_is_read_to_the_nanosecond)
{
	int64_t ns = -1;

	ck_assert(smi_procfs_seconds(smi_span_str(seconds[_i].text), &ns) ==
		  (seconds[_i].ns >= 0));
	ck_assert_int_eq(ns, seconds[_i].ns);
}
END_TEST

static const struct {
	const char *text, *path;
} cgroups[] = {
	{ "0::/user.slice/a\n", "/user.slice/a" },
	{ "0::/\n", "/" },
	{ "12:cpu,memory:/x\n1:name=systemd:/init.scope\n0::/\n",
	  "/init.scope" },
	{ "12:memory:/x\n1:name=systemd:/a:b\n", "/a:b" },
	{ "1:name=systemd:/a\n0::/b\n", "/b" },
	{ "", "" },
	{ "0::relative\n", "" },
	{ ":::\n::\n0\n", "" },
};

START_TEST(the_cgroup_is_that_of_the_unified_hierarchy)
{
	ck_assert(
		smi_span_eq_str(smi_cgroup_path(smi_span_str(cgroups[_i].text)),
				cgroups[_i].path));
}
END_TEST

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const struct {
	const char *path, *id, *runtime;
} containers[] = {
	{ "/docker/" ID, ID, "docker" },
	{ "/system.slice/docker-" ID ".scope", ID, "docker" },
	{ "/system.slice/docker-" ID ".scope/init", ID, "docker" },
	{ "/machine.slice/libpod-" ID ".scope/container", ID, "podman" },
	{ "/libpod_parent/libpod-" ID, ID, "podman" },
	{ "/machine.slice/libpod-conmon-" ID ".scope", "", "" },
	{ "/kubepods.slice/kubepods-burstable.slice/"
	  "kubepods-burstable-pod1.slice/cri-containerd-" ID ".scope",
	  ID, "containerd" },
	{ "/kubepods/besteffort/pod1a2b/" ID, ID, "" },
	{ "/system.slice/containerd.service/"
	  "kubepods-besteffort-pod1.slice:cri-containerd:" ID,
	  ID, "containerd" },
	{ "/kubepods.slice/pod1.slice/crio-" ID ".scope", ID, "cri-o" },
	{ "/kubepods.slice/pod1.slice/crio-conmon-" ID ".scope", "", "" },
	{ "/lxc/web1", "web1", "lxc" },
	{ "/lxc.payload.web1/system.slice/cron.service", "web1", "lxc" },
	{ "/lxc.monitor.web1", "", "" },
	{ "/machine.slice/systemd-nspawn@deb.service/payload", "deb",
	  "systemd-nspawn" },
	{ "/system.slice/ssh.service", "", "" },
	{ "/user.slice/user-1000.slice/session-2.scope", "", "" },
	{ "/x/x" ID, "", "" },
	{ "/x/" ID "0", "", "" },
	{ "/docker/x-" ID, ID, "" },
	{ "/system.slice/mydocker-" ID ".scope", ID, "" },
	{ "/system.slice/nerdctl-" ID ".scope", ID, "containerd" },
	{ "/", "", "" },
	{ "", "", "" },
};

START_TEST(the_container_is_taken_from_the_cgroup)
{
	ck_assert(smi_span_eq_str(
		smi_cgroup_container(smi_span_str(containers[_i].path)),
		containers[_i].id));
	ck_assert(smi_span_eq_str(
		smi_cgroup_runtime(smi_span_str(containers[_i].path)),
		containers[_i].runtime));
}
END_TEST

/* As sd_pid_get_unit(3) and sd_pid_get_slice(3) tell it. */
static const struct {
	const char *path, *unit, *slice;
} units[] = {
	{ "/system.slice/ssh.service", "ssh.service", "system.slice" },
	{ "/init.scope", "init.scope", "-.slice" },
	{ "/user.slice/user-1000.slice/session-2.scope", "session-2.scope",
	  "user-1000.slice" },
	{ "/user.slice/user-0.slice/user@0.service/app.slice/x.service",
	  "user@0.service", "user-0.slice" },
	{ "/system.slice/system-getty.slice/getty@tty1.service",
	  "getty@tty1.service", "system-getty.slice" },
	{ "/system.slice/docker-" ID ".scope/init", "docker-" ID ".scope",
	  "system.slice" },
	{ "/system.slice/_cpu.service", "cpu.service", "system.slice" },
	{ "/system.slice/dev-disk\\x2dby.swap", "dev-disk\\x2dby.swap",
	  "system.slice" },
	{ "/system.slice", "", "system.slice" },
	{ "/system.slice/a b.service", "", "system.slice" },
	{ "/system.slice/.service", "", "system.slice" },
	{ "/docker/" ID, "", "" },
	{ "/lxc.payload.x/system.slice/cron.service", "", "" },
	{ "/", "", "" },
	{ "", "", "" },
};

START_TEST(unit_and_slice_are_taken_from_the_cgroup)
{
	struct smi_span path = smi_span_str(units[_i].path);

	ck_assert(smi_span_eq_str(smi_cgroup_unit(path), units[_i].unit));
	ck_assert(smi_span_eq_str(smi_cgroup_slice(path), units[_i].slice));
}
END_TEST

START_TEST(the_innermost_container_is_the_one)
{
	struct smi_span path = SMI_SPAN("/docker/" ID "/lxc.payload.inner");

	ck_assert(smi_span_eq_str(smi_cgroup_container(path), "inner"));
}
END_TEST

START_TEST(a_v1_controller_is_found_among_others)
{
	struct smi_span text =
		SMI_SPAN("4:cpu,memory:/a/b\n3:memoryx:/c\n0::/d\n");

	ck_assert(smi_span_eq_str(smi_cgroup_v1_path(text, SMI_SPAN("memory")),
				  "/a/b"));
	ck_assert_uint_eq(smi_cgroup_v1_path(text, SMI_SPAN("pids")).len, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("procfs");
	TCase *tc = tcase_create("procfs");

	tcase_add_loop_test(tc,
			    whatever_the_name_stat_gives_the_numbers_behind_it,
			    0, SMI_COUNT(names));
	tcase_add_loop_test(tc, a_stat_that_is_none_is_refused, 0,
			    SMI_COUNT(bad_stats));
	tcase_add_test(tc, status_gives_real_and_effective_user_and_memory);
	tcase_add_test(tc, status_gives_what_a_process_is_allowed);
	tcase_add_test(tc, stat_gives_the_terminal_and_how_it_is_scheduled);
	tcase_add_loop_test(tc, a_terminal_has_the_name_that_dev_knows_it_by, 0,
			    SMI_COUNT(terminals));
	tcase_add_test(tc, a_kernel_thread_has_no_memory_line);
	tcase_add_test(tc, a_name_with_newlines_and_backslashes_is_read_back);
	tcase_add_test(tc, status_without_a_user_is_refused);
	tcase_add_loop_test(tc, arguments_are_kept_as_they_are, 0,
			    SMI_COUNT(cmdlines));
	tcase_add_test(
		tc, numbers_are_found_by_their_key_at_the_beginning_of_a_line);
	tcase_add_loop_test(tc, uptime_is_read_to_the_nanosecond, 0,
			    SMI_COUNT(seconds));
	tcase_add_loop_test(tc, the_cgroup_is_that_of_the_unified_hierarchy, 0,
			    SMI_COUNT(cgroups));
	tcase_add_loop_test(tc, unit_and_slice_are_taken_from_the_cgroup, 0,
			    SMI_COUNT(units));
	tcase_add_loop_test(tc, the_container_is_taken_from_the_cgroup, 0,
			    SMI_COUNT(containers));
	tcase_add_test(tc, the_innermost_container_is_the_one);
	tcase_add_test(tc, a_v1_controller_is_found_among_others);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
