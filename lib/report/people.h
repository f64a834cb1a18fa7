/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_PEOPLE_H
#define SMI_REPORT_PEOPLE_H

#include "base/nls.h"
#include "report/format.h"
#include "report/layout.h"
#include "report/machine.h"
#include "report/table.h"

/* What the formats for people have in common. */

/* Which records of a kind make the rows of a table. */
enum smi_people_rows {
	SMI_ROWS_ALL,
	SMI_ROWS_OPEN,	    /* ports: open ones */
	SMI_ROWS_LISTENING, /* ports: those listed as listeners */
	SMI_ROWS_HOGS,	    /* processes: most CPU first, then most memory */
};
/* Which of them show the processes, and what their order is called. */
enum smi_people_rows smi_people_order(const struct smi_render *r,
				      const char **words);
/* A table under its heading; few: so many rows where it is read on a screen, 0: all. */
struct smi_people_section {
	uint8_t kind;
	enum smi_people_rows rows;
	size_t few;
	const char *heading;
};
/* All there are, in the order of reports. */
#define SMI_PEOPLE_SECTIONS 10
extern const struct smi_people_section smi_people_sections[SMI_PEOPLE_SECTIONS];

/* "Report on web.example.org"; the name, "this machine"; "Debian 12, kernel 6.1
 * (x86_64)". Nothing is escaped. */
void smi_people_title(struct smi_buf *b, const struct smi_machine *m);
const char *smi_people_machine(const struct smi_machine *m);
void smi_people_system(struct smi_buf *b, const struct smi_machine *m);
/* text, filled with names and values: smi_people_with(b, "{n} of {all}", "n", "1",
 * "all", "2"); smi_people_say() of its translation. */
#define smi_people_with(b, text, ...)                                          \
	smi_people_fill((b), (text), (const char *const[]){ __VA_ARGS__ },     \
			sizeof((const char *const[]){ __VA_ARGS__ }) /         \
				sizeof(char *))
#define smi_people_say(b, text, ...)                                           \
	smi_people_with(b, smi_tr(text), __VA_ARGS__)
void smi_people_fill(struct smi_buf *b, const char *text,
		     const char *const *args, size_t n);
/* Header and rows, at most max (0: all) of them; then how many are not shown. Many
 * hosts that gave no answer are one line. */
int smi_people_table(struct smi_render *r, int kind, enum smi_people_rows rows,
		     size_t max);
/* "3 findings: 1 high, 2 low.", or "No findings.", how many are not shown, and what was
 * not looked for. English where the format is nmap-xml. */
void smi_people_findings(struct smi_render *r, struct smi_buf *b);
/* "9 ports of 2 hosts (3 open), 2 processes, 5 log events, 1,000 log lines
 * (97.7 KiB)": what there is of it; "" when there is nothing. */
void smi_people_seen(struct smi_render *r, struct smi_buf *b);
/* How many of the ports are listeners. */
uint64_t smi_people_listening(const struct smi_render *r);
/* Whether such rows have a section. Ports that were probed and are not open have one:
 * it says so. */
bool smi_people_has(struct smi_render *r, int kind, enum smi_people_rows rows);
/* The log events by action, the most frequent first, a line each. */
int smi_people_actions(struct smi_render *r);

/* The worst finding of each of the first kinds, what is below the severity that was
 * asked for left out, and how many more there are of it. Nothing where the findings are
 * so few that they can be read at once. */
#define SMI_PEOPLE_STEPS 5
struct smi_people_steps {
	struct {
		const sm_record *rec;
		uint64_t more;
	} v[SMI_PEOPLE_STEPS];
	size_t n;
};
int smi_people_steps(struct smi_render *r, struct smi_people_steps *steps);
/* Its title, and that there are more. */
void smi_people_step(const struct smi_people_steps *steps, size_t i,
		     struct smi_buf *b);
/* What changed, without how: "tcp 22 of 192.0.2.7 (ssh -> ssh OpenSSH 9.2)". */
void smi_people_change(const sm_record *change, struct smi_buf *b);

#endif
