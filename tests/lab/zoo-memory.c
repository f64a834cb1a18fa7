/* SPDX-License-Identifier: MIT */
#include "zoo-memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

static void map_page(int prot, int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;

	if (mmap(NULL, 4096, prot, flags, fd, 0) == MAP_FAILED)
		_exit(2);
}

void rwx_memory(void)
{
	map_page(PROT_READ | PROT_WRITE | PROT_EXEC, -1);
}

void rw_memory(void)
{
	map_page(PROT_READ | PROT_WRITE, -1);
}

/* The page where the arguments begin is the stack's for sure. */
void rwx_stack(void)
{
	uintptr_t page = (uintptr_t)arguments & ~(uintptr_t)4095;

	if (mprotect((void *)(page - 4096), 8192,
		     PROT_READ | PROT_WRITE | PROT_EXEC))
		_exit(2);
}

/* In the place of what is mapped there, the same bytes that are of no file. */
static void let_go(char *from, size_t len, int prot)
{
	char *copy = mmap(NULL, len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	if (copy == MAP_FAILED || fd < 0 ||
	    pread(fd, copy, len, (off_t)(uintptr_t)from) != (ssize_t)len ||
	    mprotect(copy, len, prot) ||
	    mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, from) != from)
		_exit(2);
	close(fd);
}

/* All else of the memory as it is: the fields of proc_pid_stat(5) from start_code on. */
static void name_program(const char *path)
{
	struct prctl_mm_map map = { .exe_fd = 0 };
	unsigned long long v[53] = { 0 };
	char text[2048] = "", *at;
	FILE *f = fopen("/proc/self/stat", "re");

	at = f && fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
	for (int i = 3; at && i < 53; i++) {
		at = strchr(at + 1, ' ');
		v[i] = at ? strtoull(at, NULL, 10) : 0;
	}
	map.start_code = v[26];
	map.end_code = v[27];
	map.start_stack = v[28];
	map.start_data = v[45];
	map.end_data = v[46];
	map.start_brk = v[47];
	map.brk = (uintptr_t)sbrk(0);
	map.arg_start = v[48];
	map.arg_end = v[49];
	map.env_start = v[50];
	map.env_end = v[51];
	map.exe_fd = (unsigned)open(path, O_RDONLY | O_CLOEXEC);
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0))
		_exit(2);
}

/* Its program is said to be another: prctl(2). */
void exe_forged(void)
{
	static struct {
		uintptr_t from, to;
		char rights[5];
	} maps[64];
	char self[4096], line[8192];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *f = fopen("/proc/self/maps", "re");
	size_t n = 0;

	self[len > 0 ? len : 0] = '\0';
	while (f && n < 64 && fgets(line, sizeof(line), f))
		if (strstr(line, self) &&
		    sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &maps[n].from,
			   &maps[n].to, maps[n].rights) == 3)
			n++;
	for (size_t i = 0; i < n; i++)
		let_go((char *)maps[i].from, maps[i].to - maps[i].from,
		       (maps[i].rights[0] == 'r' ? PROT_READ : 0) |
			       (maps[i].rights[1] == 'w' ? PROT_WRITE : 0) |
			       (maps[i].rights[2] == 'x' ? PROT_EXEC : 0));
	name_program("/usr/bin/sleep");
}

static void map_memfd(int prot)
{
	int fd = memfd_create("library", MFD_CLOEXEC);

	copy_self(fd);
	map_page(prot, fd);
}

void memfd_code(void)
{
	map_memfd(PROT_READ | PROT_EXEC);
}

void memfd_data(void)
{
	map_memfd(PROT_READ | PROT_WRITE);
}

static void map_library(int prot)
{
	int fd = open(library_path, O_RDWR | O_CREAT | O_CLOEXEC, 0755);

	copy_self(fd);
	map_page(prot, fd);
}

void temp_code(void)
{
	map_library(PROT_READ | PROT_EXEC);
}

void temp_data(void)
{
	map_library(PROT_READ);
}
