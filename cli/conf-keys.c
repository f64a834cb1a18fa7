/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "conf.h"

#define C CONF_BIT(CONF_COMMON)
#define S CONF_BIT(CONF_SCAN)
#define P CONF_BIT(CONF_PS)
#define L CONF_BIT(CONF_LOGS)
#define R CONF_BIT(CONF_REPORT)
#define H CONF_BIT(CONF_HISTORY)
#define U CONF_BIT(CONF_RULES)
#define D CONF_BIT(CONF_DOCTOR)

/*
 * How a run works, what it takes for alarming and what it accepts is for
 * configuration; what it looks at and where it writes is for the command line.
 */
const struct conf_key conf_keys[] = {
	{ "format", C | S | P | L | R | H, CONF_ONE, "table", NULL,
	  "output report watch follow" },
	{ "syslog", C | S | P | L | R, CONF_ONE, "no", NULL, "from" },
	{ "fields", S | P | L, CONF_ONE, NULL, NULL, NULL },
	{ "ignore", C | S | P | L | R, CONF_MANY, NULL, NULL, NULL },
	{ "min-severity", C | S | P | L | R | H, CONF_ONE, "info", NULL, NULL },
	{ "fail-on", C | S | P | L | R | H, CONF_ONE, NULL, NULL, NULL },
	{ "color", C | S | P | L | R | H | U | D, CONF_ONE, "auto", NULL,
	  NULL },
	{ "progress", C | S | P | L | R, CONF_ONE, "auto", NULL, NULL },
	{ "no-pager", C | S | P | L | R | H | U | D, CONF_ONE, "no", NULL,
	  NULL },
	{ "quiet", C | S | P | L | R | H | U | D, CONF_ONE, "no", NULL, NULL },
	{ "verbose", C | S | P | L | R | H | U | D, CONF_ONE, "no", NULL,
	  NULL },
	{ "rules", C | S | P | L | R | U | D, CONF_PATHS, "builtin", NULL,
	  NULL },
	{ "fail2ban-dir", C | S | P | L | R | U | D, CONF_PATH, "/etc/fail2ban",
	  NULL, NULL },
	{ "history", C | S | P | L | R | H | D, CONF_PATH, "no", NULL,
	  "from watch follow" },
	{ "history-days", C | S | P | L | R, CONF_ONE, "90", "history", NULL },
	{ "history-size", C | S | P | L | R, CONF_ONE, "256", "history", NULL },
	{ "baseline", R, CONF_PATH, NULL, NULL, "follow" },
	{ "title", R, CONF_ONE, NULL, NULL, NULL },

	{ "ports", S | R, CONF_ONE, NULL, NULL, "listeners" },
	{ "exclude", S | R, CONF_MANY, NULL, NULL, NULL },
	{ "exclude-file", S | R, CONF_PATHS, NULL, NULL, NULL },
	{ "show", S | R, CONF_ONE, "open", NULL, NULL },
	{ "services", S | R, CONF_ONE, "no", NULL, "udp" },
	{ "service-timeout", S | R, CONF_ONE, NULL, "services", "udp" },
	{ "service-bytes", S | R, CONF_ONE, NULL, "services", "udp" },
	{ "method", S | R, CONF_ONE, "auto", NULL, "udp" },
	{ "close", S | R, CONF_ONE, NULL, NULL, NULL },
	{ "timeout", S | R, CONF_ONE, NULL, NULL, NULL },
	{ "retries", S | R, CONF_ONE, NULL, NULL, NULL },
	{ "rate", S | R, CONF_ONE, NULL, NULL, NULL },

	{ "interval", P | R, CONF_ONE, "250", NULL, NULL },
	{ "cpu-threshold", P | R, CONF_ONE, "80", NULL, NULL },
	{ "mem-threshold", P | R, CONF_ONE, "80", NULL, NULL },
	{ "sort", P | R, CONF_ONE, NULL, NULL, "tree" },
	{ "top", P | R, CONF_ONE, NULL, NULL, NULL },
	{ "important", P | R, CONF_MANY, NULL, NULL, NULL },
	{ "no-important-defaults", P | R, CONF_ONE, "no", NULL, NULL },
	{ "hidden", P | R, CONF_ONE, "auto", NULL, NULL },
	{ "backend", P | R, CONF_ONE, "auto", NULL, NULL },
	{ "deadline", P | R, CONF_ONE, NULL, NULL, NULL },

	{ "no-events", L | R, CONF_ONE, "no", NULL, NULL },
	{ "no-keywords", L | R, CONF_ONE, "no", NULL, NULL },
	{ "coverage", L | R, CONF_ONE, "no", NULL, NULL },

	{ "threshold", P | L | R, CONF_MANY, NULL, NULL, NULL },
	{ "threads", S | P | L | R, CONF_ONE, NULL, NULL, NULL },
	{ "no-checks", S | P | R, CONF_ONE, "no", NULL, NULL },

	{ "scan-ports", 0, CONF_ONE, NULL, NULL, NULL },
	{ "monitor-processes", 0, CONF_ONE, NULL, NULL, NULL },
	{ "analyze-logs", 0, CONF_ONE, NULL, NULL, NULL },
	{ "output", 0, CONF_ONE, NULL, NULL, NULL },
	{ "report", 0, CONF_ONE, NULL, NULL, NULL },
	{ "interactive", 0, CONF_ONE, NULL, NULL, NULL },
	{ "help", 0, CONF_ONE, NULL, NULL, NULL },
	{ "version", 0, CONF_ONE, NULL, NULL, NULL },
	{ "config", 0, CONF_ONE, NULL, NULL, NULL },
	{ "no-config", 0, CONF_ONE, NULL, NULL, NULL },
	{ "print-config", 0, CONF_ONE, NULL, NULL, NULL },
	{ "targets-file", 0, CONF_ONE, NULL, NULL, NULL },
	{ "listeners", 0, CONF_ONE, NULL, NULL, NULL },
	{ "udp", 0, CONF_ONE, NULL, NULL, NULL },
	{ "resume", 0, CONF_ONE, NULL, NULL, NULL },
	{ "tree", 0, CONF_ONE, NULL, NULL, NULL },
	{ "watch", 0, CONF_ONE, NULL, NULL, NULL },
	{ "follow", 0, CONF_ONE, NULL, NULL, NULL },
	{ "user", 0, CONF_ONE, NULL, NULL, NULL },
	{ "pid", 0, CONF_ONE, NULL, NULL, NULL },
	{ "filter", 0, CONF_ONE, NULL, NULL, NULL },
	{ "now", 0, CONF_ONE, NULL, NULL, NULL },
	{ "since", 0, CONF_ONE, NULL, NULL, NULL },
	{ "until", 0, CONF_ONE, NULL, NULL, NULL },
	{ "state", 0, CONF_ONE, NULL, NULL, NULL },
	{ "target", 0, CONF_ONE, NULL, NULL, NULL },
	{ "log", 0, CONF_ONE, NULL, NULL, NULL },
	{ "from", 0, CONF_ONE, NULL, NULL, NULL },
	{ "address", 0, CONF_ONE, NULL, NULL, NULL },
	{ "process", 0, CONF_ONE, NULL, NULL, NULL },
	{ "port", 0, CONF_ONE, NULL, NULL, NULL },
	{ "rule", 0, CONF_ONE, NULL, NULL, NULL },
	{ "kind", 0, CONF_ONE, NULL, NULL, NULL },
	{ NULL, 0, CONF_ONE, NULL, NULL, NULL },
};

static const char *const section_names[CONF_NSECTIONS] = {
	[CONF_COMMON] = "common", [CONF_SCAN] = "scan",
	[CONF_PS] = "ps",	  [CONF_LOGS] = "logs",
	[CONF_REPORT] = "report", [CONF_HISTORY] = "history",
};

const struct conf_key *conf_key_find(const char *name)
{
	for (const struct conf_key *k = conf_keys; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

int conf_section_find(const char *name)
{
	if (!*name)
		return CONF_COMMON;
	for (int i = 0; i < CONF_NSECTIONS; i++)
		if (!strcmp(section_names[i], name))
			return i;
	return -1;
}

const char *conf_section_name(int section)
{
	return section_names[section];
}

int conf_section_of(const struct cmd *cmd)
{
	int section = *cmd->name ? conf_section_find(cmd->name) : CONF_REPORT;

	if (section >= 0)
		return section;
	return cmd == &cmd_rules ? CONF_RULES : CONF_DOCTOR;
}

/* Those that more than one part has, but no [common]. */
bool conf_is_of_part(const struct conf_key *k)
{
	unsigned parts = k->in & (S | P | L);

	return !(k->in & C) && k->in & R && parts & (parts - 1);
}

#define NAME_MAX_LEN 40

/* Insertions, deletions and changes of one byte that make b of a: Levenshtein. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_MAX_LEN + 1], n = (unsigned)strlen(b);

	for (unsigned k = 0; k <= n; k++)
		row[k] = k;
	for (unsigned i = 1; *a; i++, a++) {
		unsigned corner = row[0];

		row[0] = i;
		for (unsigned k = 1; k <= n; k++) {
			unsigned change = corner + (*a != b[k - 1]);
			unsigned least =
				row[k] < row[k - 1] ? row[k] : row[k - 1];

			corner = row[k];
			row[k] = change < least + 1 ? change : least + 1;
		}
	}
	return row[n];
}

static void consider(const char *name, const char *known, unsigned *least,
		     const char **best)
{
	unsigned d = distance(name, known);

	if (d < *least) {
		*least = d;
		*best = known;
	}
}

const char *conf_nearest(const char *name, int section)
{
	unsigned least = (unsigned)strlen(name) / 2 + 1;
	const char *best = NULL;

	/* As on the command line is a likely mistake. */
	while (*name == '-')
		name++;
	if (strlen(name) > NAME_MAX_LEN)
		return NULL;
	for (int i = 0; i < CONF_NSECTIONS && section < 0; i++)
		consider(name, section_names[i], &least, &best);
	for (const struct conf_key *k = conf_keys; k->name && section >= 0; k++)
		if (k->in & CONF_BIT(section))
			consider(name, k->name, &least, &best);
	return best;
}
