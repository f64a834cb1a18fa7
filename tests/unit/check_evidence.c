/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "process/environ.h"
#include "process/maps.h"
#include "suite.h"

/* Lines as proc_pid_maps(5) has them; which kind each is. */
#define NONE (-1)
static const struct {
	const char *line;
	int kind;
} lines[] = {
	{ "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 ",
	  SMI_MAP_WRITABLE },
	{ "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 "
	  "                 [anon:code]",
	  SMI_MAP_WRITABLE },
	{ "7f0000000000-7f0000001000 rwxs 00000000 00:01 9 "
	  "                 /dev/zero (deleted)",
	  SMI_MAP_WRITABLE },
	{ "7f0000000000-7f0000001000 r-xp 00000000 00:00 0 ",
	  SMI_MAP_ANONYMOUS },
	{ "7ffc00000000-7ffc00021000 rwxp 00000000 00:00 0    [stack]",
	  SMI_MAP_STACK },
	{ "55d0c3000000-55d0c3021000 rwxp 00000000 00:00 0    [heap]",
	  SMI_MAP_HEAP },
	{ "7f0000002000-7f0000003000 r-xp 00000000 00:01 77   "
	  "/memfd:x y (deleted)",
	  SMI_MAP_MEMFD },
	{ "7f0000004000-7f0000005000 r-xp 00000000 fe:01 78   /tmp/x.so",
	  SMI_MAP_TEMP },
	{ "7f0000004000-7f0000005000 r-xp 00000000 fe:01 78   "
	  "/dev/shm/x.so (deleted)",
	  SMI_MAP_TEMP },
	{ "7f0000006000-7f0000007000 r-xp 00000000 fe:01 79   "
	  "/usr/lib/libx.so (deleted)",
	  SMI_MAP_DELETED },
	/* Usual ones. */
	{ "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ", NONE },
	{ "7f0000006000-7f0000007000 r-xp 00000000 fe:01 79   /usr/lib/x.so",
	  NONE },
	{ "7f0000004000-7f0000005000 r--p 00000000 fe:01 78   /tmp/x.so",
	  NONE },
	{ "7f0000006000-7f0000007000 r--p 00000000 fe:01 79   "
	  "/usr/lib/libx.so (deleted)",
	  NONE },
	{ "7ffc00100000-7ffc00102000 r-xp 00000000 00:00 0    [vdso]", NONE },
	{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 "
	  "[vsyscall]",
	  NONE },
	{ "7f0000002000-7f0000003000 r-xs 00000000 00:01 77   "
	  "/memfd:doublemapper (deleted)",
	  SMI_MAP_MEMFD },
	{ "7f0000002000-7f0000003000 r-xp 00000000 fe:01 77   /opt/the program",
	  NONE },
	/* No lines of that file. */
	{ "7f0000000000-7f0000001000 rwxp", NONE },
	{ "rwxp", NONE },
	{ "7f0000001000-7f0000000000 rwxp 00000000 00:00 0 ", NONE },
	{ "", NONE },
};

START_TEST(memory_that_can_be_run_is_known_by_where_it_comes_from)
{
	struct smi_maps m;

	smi_maps_read(smi_span_str(lines[_i].line),
		      SMI_SPAN("/opt/the program"), 0, &m);
	for (int i = 0; i < SMI_MAP_NKINDS; i++)
		ck_assert_int_eq(m.kinds[i].rights.len > 0,
				 i == lines[_i].kind);
	ck_assert_uint_eq(m.anonymous,
			  lines[_i].kind == SMI_MAP_WRITABLE ? 4096 : 0);
}
END_TEST

START_TEST(machine_code_makers_are_known_by_their_libraries)
{
	static const struct {
		const char *path;
		bool jit, small;
	} libraries[] = {
		{ "/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so",
		  true, false },
		{ "/usr/lib/x86_64-linux-gnu/libnode.so.108", true, false },
		{ "/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0.11.2", false,
		  true },
		{ "/usr/lib/x86_64-linux-gnu/libc.so.6", false, false },
		{ "/srv/libjvm.so/x", false, false },
		/* Where everybody may put a file of that name. */
		{ "/tmp/libjvm.so", false, false },
		{ "/dev/shm/libpcre.so", false, false },
		{ "/memfd:libjvm.so (deleted)", false, false },
	};

	for (size_t i = 0; i < SMI_COUNT(libraries); i++) {
		char text[200];
		struct smi_maps m;

		snprintf(text, sizeof(text),
			 "7f0000000000-7f0000001000 r-xp 00000000 fe:01 7 %s\n",
			 libraries[i].path);
		smi_maps_read(smi_span_str(text), SMI_SPAN(""), 0, &m);
		ck_assert_int_eq(m.jit, libraries[i].jit);
		ck_assert_int_eq(m.small_jit, libraries[i].small);
		/* Only to be read, it runs nothing. */
		text[strlen("7f0000000000-7f0000001000 r-")] = '-';
		smi_maps_read(smi_span_str(text), SMI_SPAN(""), 0, &m);
		ck_assert(!m.jit && !m.small_jit);
	}
}
END_TEST

#define CODE	"7f0000000000-7f0000001000 r-xp 00000000 fe:01 "
#define DATA	"7f0000001000-7f0000002000 r--p 00000000 fe:01 "
#define STRANGE "7f0000002000-7f0000003000 r-xp 00000000 00:00 0 \n"
#define KNOWN	"7f0000003000-7f0000004000 r-xs 0 00:01 9 /memfd:jit (deleted)\n"

/* What a process says that it is, and what is in its memory: inode 7 is its program's. */
static const struct {
	const char *text, *exe;
	bool jit, runs, lies, memfd;
} programs[] = {
	{ CODE "7 /usr/bin/node\n", "/usr/bin/node", true, true, true },
	{ CODE "7 /usr/bin/node (deleted)\n", "/usr/bin/node (deleted)", true,
	  true, true },
	{ CODE "7 /usr/bin/cron\n", "/usr/bin/cron", false, true, true },
	/* It has let go of its program, and names another. */
	{ STRANGE, "/usr/bin/node", false, false, false },
	{ DATA "7 /usr/bin/node\n" STRANGE, "/usr/bin/node", false, false,
	  true },
	/* Renamed between two reads; written in another way in maps. */
	{ CODE "7 /usr/bin/new\n", "/usr/bin/old", false, true, false },
	{ CODE "7 /opt/a\\012b\n", "/opt/a\nb", false, true, false },
	{ CODE "8 /usr/bin/new\n", "/usr/bin/old", false, false, false },
	{ CODE "7 /tmp/node\n", "/tmp/node", false, true, true },
	/* Beside the program, and elsewhere. */
	{ CODE "7 /opt/app/app\n" DATA "8 /opt/app/icudtl.dat\n",
	  "/opt/app/app", true, true, true },
	{ CODE "7 /opt/app/app\n" DATA "8 /home/x/icudtl.dat\n", "/opt/app/app",
	  false, true, true },
	{ CODE "7 /tmp/app\n" DATA "8 /tmp/icudtl.dat\n", "/tmp/app", false,
	  true, true },
	/* A name that virtual machines give their memory. */
	{ CODE "7 /usr/bin/node\n" KNOWN, "/usr/bin/node", true, true, true },
	{ CODE "7 /usr/bin/cron\n" KNOWN, "/usr/bin/cron", false, true, true,
	  true },
};

START_TEST(a_program_is_known_by_the_memory_that_it_has)
{
	struct smi_maps m;

	smi_maps_read(smi_span_str(programs[_i].text),
		      smi_span_str(programs[_i].exe), 7, &m);
	ck_assert(m.code);
	ck_assert_int_eq(m.jit, programs[_i].jit);
	ck_assert_int_eq(m.exe_runs, programs[_i].runs);
	ck_assert_int_eq(m.exe_lies, programs[_i].lies);
	ck_assert_int_eq(m.kinds[SMI_MAP_MEMFD].rights.len > 0,
			 programs[_i].memfd);
}
END_TEST

START_TEST(a_program_that_is_being_made_ready_has_no_code)
{
	struct smi_maps m;

	smi_maps_read(SMI_SPAN("7ffc00000000-7ffc00021000 rwxp 00000000 00:00 "
			       "0    [stack]\n"),
		      SMI_SPAN("/usr/bin/x"), 7, &m);
	ck_assert(!m.code && !m.exe_runs);
}
END_TEST

/* Lines of one file are passed over, unless they tell something of their own. */
START_TEST(what_stands_between_other_lines_is_found_all_the_same)
{
	static const char around[] =
		"7f0000000000-7f0000001000 r--p 00000000 fe:01 7   /lib/a.so\n"
		"7f0000001000-7f0000002000 r--p 00001000 fe:01 7   /lib/a.so\n"
		"%s\n"
		"7f0000005000-7f0000006000 rw-p 00002000 fe:01 7   /lib/a.so\n"
		"7f0000006000-7f0000007000 rw-p 00000000 00:00 0 \n";
	static const struct {
		const char *line;
		int kind;
		bool jit;
	} between[] = {
		{ "7f0000003000-7f0000004000 rwxp 00000000 00:00 0 ",
		  SMI_MAP_WRITABLE, false },
		{ "7f0000003000-7f0000004000 --xp 00000000 fe:01 7   "
		  "/tmp/a.so",
		  SMI_MAP_TEMP, false },
		{ "7f0000003000-7f0000004000 r-xp 00000000 fe:01 7   "
		  "/usr/lib/libjvm.so",
		  NONE, true },
		{ "7f0000003000-7f0000004000 r--p 00000000 fe:01 7   "
		  "/x/libjvm.so/lib/a.so",
		  NONE, false },
		{ "7f0000003000-7f0000004000 ---p 00000000 00:00 0 ", NONE,
		  false },
	};

	for (size_t i = 0; i < SMI_COUNT(between); i++) {
		char text[500];
		struct smi_maps m;

		snprintf(text, sizeof(text), around, between[i].line);
		smi_maps_read(smi_span_str(text), SMI_SPAN(""), 0, &m);
		ck_assert_int_eq(m.jit, between[i].jit);
		for (int k = 0; k < SMI_MAP_NKINDS; k++)
			ck_assert_int_eq(m.kinds[k].rights.len > 0,
					 k == between[i].kind);
	}
}
END_TEST

START_TEST(of_an_environment_only_some_names_are_told)
{
	struct smi_span rest = SMI_SPAN("SECRET=LD_PRELOAD=x\0no\0LD_PRELOAD="
					"/a=b\0\0HISTFILE=\0LD_DEBUG=x");
	struct smi_span name, value;

	ck_assert(smi_environ_next_told(&rest, &name, &value));
	ck_assert(smi_span_eq_str(name, "LD_PRELOAD"));
	ck_assert(smi_span_eq_str(value, "/a=b"));
	ck_assert(smi_environ_next_told(&rest, &name, &value));
	ck_assert(smi_span_eq_str(name, "HISTFILE"));
	ck_assert_uint_eq(value.len, 0);
	ck_assert(!smi_environ_next_told(&rest, &name, &value));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evidence");
	TCase *tc = tcase_create("evidence");

	tcase_add_loop_test(
		tc, memory_that_can_be_run_is_known_by_where_it_comes_from, 0,
		SMI_COUNT(lines));
	tcase_add_test(tc, machine_code_makers_are_known_by_their_libraries);
	tcase_add_loop_test(tc, a_program_is_known_by_the_memory_that_it_has, 0,
			    SMI_COUNT(programs));
	tcase_add_test(tc, a_program_that_is_being_made_ready_has_no_code);
	tcase_add_test(tc,
		       what_stands_between_other_lines_is_found_all_the_same);
	tcase_add_test(tc, of_an_environment_only_some_names_are_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
