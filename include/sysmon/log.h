/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_LOG_H
#define SYSMON_LOG_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One log line and what its header says: of SM_KIND_LINE, and of SM_KIND_EVENT,
 * where it is the line that a rule took. It lives as long as the record. All
 * getters take NULL, and any thread may call them; text is valid UTF-8 with
 * control characters escaped, "" where unknown.
 */
typedef struct sm_line sm_line;
/* NULL where the record is another kind. */
const sm_line *sm_record_line(const sm_record *rec);
/* The path or name as it was given; "journal", "journal:UNIT". */
const char *sm_line_file(const sm_line *l);
/* From 1 in each file, lines that were left out count too; 0 where unknown. */
uint64_t sm_line_number(const sm_line *l);
/* Of its first byte, from where reading began; 0 in a journal. */
uint64_t sm_line_offset(const sm_line *l);
/* ns since 1970, SM_TIME_NONE where unknown. A line without a stamp has the time
 * of the line before it. */
int64_t sm_line_time(const sm_line *l);
/* The machine that logged, the program and its pid (0 where unknown). */
const char *sm_line_host(const sm_line *l);
const char *sm_line_program(const sm_line *l);
int32_t sm_line_pid(const sm_line *l);
/* The text after the header; the whole line where none was understood. */
const char *sm_line_message(const sm_line *l);
/* The bytes as they were read, without the line end; *len (may be NULL) is how
 * many. NULL and 0 where unknown. Not NUL-terminated text: it may hold any byte. */
const void *sm_line_raw(const sm_line *l, size_t *len);

/*
 * What a rule made of a line: SM_KIND_EVENT. The same record gives its line by
 * sm_record_line(). Lines that no rule takes make no record at all. Getters as
 * above; what was not asked for by the fields of the job is unknown.
 */
typedef struct sm_logevent sm_logevent;
enum sm_outcome {
	SM_OUTCOME_UNKNOWN = 0,
	SM_OUTCOME_FAILURE = 1,
	SM_OUTCOME_SUCCESS = 2
};
/* NULL where the record is another kind. */
const sm_logevent *sm_record_logevent(const sm_record *rec);
/* The id of the rule that took the line. */
const char *sm_logevent_rule(const sm_logevent *e);
/* "login_failed", "sudo_ok", ...: stable names for scripts. */
const char *sm_logevent_action(const sm_logevent *e);
/* SM_OUTCOME_*. */
int sm_logevent_outcome(const sm_logevent *e);
/* 1 for a failure; 0 for a line that only helps: it counts for nothing by
 * itself. */
int sm_logevent_failure(const sm_logevent *e);
/* The peer, from the trusted place of the line, as RFC 5952 writes it;
 * ::ffff:a.b.c.d is a.b.c.d. */
const char *sm_logevent_source_ip(const sm_logevent *e);
uint16_t sm_logevent_source_port(const sm_logevent *e);
/* The peer's name where the line has no address. Never resolved. */
const char *sm_logevent_source_host(const sm_logevent *e);
/* The name as it was tried or used. */
const char *sm_logevent_user(const sm_logevent *e);
/* 1, or N of "message repeated N times". */
uint64_t sm_logevent_count(const sm_logevent *e);

/*
 * What was read of one source, and how much nobody understood: one a file or
 * journal, at its end. Getters as above.
 */
typedef struct sm_coverage sm_coverage;
/* NULL where the record is another kind. */
const sm_coverage *sm_record_coverage(const sm_record *rec);
const char *sm_coverage_source(const sm_coverage *c);
/* Lines within the span of time that was asked for; those that a rule took,
 * helpers included; those without an understood header; those that were left out
 * because they are longer than 64 KiB. */
uint64_t sm_coverage_lines(const sm_coverage *c);
uint64_t sm_coverage_matched(const sm_coverage *c);
uint64_t sm_coverage_unparsed(const sm_coverage *c);
uint64_t sm_coverage_skipped(const sm_coverage *c);
/* The earliest and the latest time of a line: ns since 1970, SM_TIME_NONE when no
 * line had one. */
int64_t sm_coverage_first(const sm_coverage *c);
int64_t sm_coverage_last(const sm_coverage *c);
/* Bytes that were read. */
uint64_t sm_coverage_bytes(const sm_coverage *c);

#ifdef __cplusplus
}
#endif

#endif
