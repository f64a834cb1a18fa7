/* SPDX-License-Identifier: MIT */
/*
 * gen-access BYTES PERCENT SEED DIRECTORY: an access log in combined format on
 * standard output. PERCENT of the lines are attacks; all are lines of the labelled
 * sets of DIRECTORY (*-attacks.tsv, *-benign.tsv) with another client and stamp, 50
 * a second. Same arguments, same bytes. Addresses are those of RFC 2544 and 3849.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_LINES 16384

struct lines {
	char *tail[MAX_LINES]; /* what follows the stamp's bracket */
	uint32_t n;
};
static struct lines attacks, honest;
static uint64_t state;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

static int load(struct lines *out, const char *directory, const char *name)
{
	static char line[65536];
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		return -1;
	}
	while (fgets(line, sizeof(line), f) && out->n < MAX_LINES) {
		char *tail = strstr(line, " +0000] \"");

		if (line[0] != '#' && tail)
			out->tail[out->n++] = strdup(tail);
	}
	fclose(f);
	return out->n ? 0 : -1;
}

static void client(char *text, size_t size, int attack)
{
	/* Few of them ask often, many seldom. */
	uint32_t i = attack ? below(256) : below(4) ? below(512) : below(8192);

	if (i % 16 == 15)
		snprintf(text, size, "2001:db8:%x:%x::1", attack, i);
	else
		snprintf(text, size, "198.%d.%u.%u", attack ? 19 : 18, i >> 8,
			 i & 255);
}

int main(int argc, char **argv)
{
	uint64_t want = argc == 5 ? strtoull(argv[1], NULL, 10) : 0;
	uint32_t percent = argc == 5 ? (uint32_t)atoi(argv[2]) : 0;
	uint64_t written = 0;

	if (!want) {
		fputs("usage: gen-access BYTES PERCENT SEED DIRECTORY\n",
		      stderr);
		return 2;
	}
	state = strtoull(argv[3], NULL, 10);
	if (load(&attacks, argv[4], "blind-attacks.tsv") ||
	    load(&attacks, argv[4], "open-attacks.tsv") ||
	    load(&honest, argv[4], "blind-benign.tsv") ||
	    load(&honest, argv[4], "open-benign.tsv"))
		return 1;
	for (uint64_t i = 0; written < want; i++) {
		int attack = below(100) < percent;
		const struct lines *from = attack ? &attacks : &honest;
		time_t t = (time_t)(1785837600 + i / 50);
		char who[64], stamp[64];
		struct tm tm;
		int n;

		client(who, sizeof(who), attack);
		gmtime_r(&t, &tm);
		strftime(stamp, sizeof(stamp), "%d/%b/%Y:%H:%M:%S", &tm);
		n = printf("%s - - [%s%s", who, stamp,
			   from->tail[below(from->n)]);
		if (n < 0)
			return 1;
		written += (uint64_t)n;
	}
	return 0;
}
