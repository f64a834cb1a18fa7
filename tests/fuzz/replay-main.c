/* SPDX-License-Identifier: MIT */
/*
 * The main() of a fuzz target without libFuzzer: runs it on nothing, and on each
 * file or directory given, or else on the corpus of its name.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static size_t replayed;

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
		perror(path);
		if (f)
			fclose(f);
		return 1;
	}
	rewind(f);
	/* Exactly as long as the input, so that a byte too far is seen. */
	data = malloc((size_t)size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		free(data);
		fclose(f);
		return 1;
	}
	fclose(f);
	/* The last line of the log names the input of a crash. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	replayed++;
	return 0;
}

static int replay(const char *path)
{
	struct stat st;
	struct dirent *e;
	char sub[4096];
	int bad = 0;
	DIR *d;

	if (!stat(path, &st) && !S_ISDIR(st.st_mode))
		return replay_file(path);
	d = opendir(path);
	if (!d) {
		perror(path);
		return 1;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		bad |= replay(sub);
	}
	closedir(d);
	return bad;
}

int main(int argc, char **argv)
{
	const char *src = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	char path[4096];
	int bad = 0;

	name = name ? name + 1 : argv[0];
	name += strncmp(name, "lt-", 3) ? 0 : 3;
	name += strncmp(name, "fuzz_", 5) ? 0 : 5;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	if (argc == 1) {
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
			 src ? src : ".", name);
		bad |= replay(path);
	}
	printf("%s: %zu inputs\n", name, replayed);
	return bad || !replayed;
}
