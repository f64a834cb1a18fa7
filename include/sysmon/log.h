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
/* Of its first byte, from where reading began, unpacked; 0 in a journal. */
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
/* Lines within the span of time that was asked for, and those that were left out
 * because they are longer than 64 KiB; those that a rule took, helpers included;
 * of these, those that tell of nothing bad (the rule's severity is info, and it is
 * no failure); those without an understood header. */
uint64_t sm_coverage_lines(const sm_coverage *c);
uint64_t sm_coverage_matched(const sm_coverage *c);
uint64_t sm_coverage_harmless(const sm_coverage *c);
uint64_t sm_coverage_unparsed(const sm_coverage *c);
uint64_t sm_coverage_skipped(const sm_coverage *c);
/* The earliest and the latest time of a line: ns since 1970, SM_TIME_NONE when no
 * line had one. */
int64_t sm_coverage_first(const sm_coverage *c);
int64_t sm_coverage_last(const sm_coverage *c);
/* Bytes that were read, unpacked. */
uint64_t sm_coverage_bytes(const sm_coverage *c);
/*
 * How far the times can be trusted: of all lines that were read, also of those
 * outside of the span of time; 0 where there is no doubt. Without a time of their
 * own (they have that of the line before); from more than a minute before the line
 * above; with a year that had to be added; with a date of numbers that may be day
 * or month first; in the local hour that comes twice, and decided by the order of
 * the lines; in the local hour that never comes.
 */
uint64_t sm_coverage_untimed(const sm_coverage *c);
uint64_t sm_coverage_backwards(const sm_coverage *c);
uint64_t sm_coverage_year_guessed(const sm_coverage *c);
uint64_t sm_coverage_date_guessed(const sm_coverage *c);
uint64_t sm_coverage_ambiguous(const sm_coverage *c);
uint64_t sm_coverage_nonexistent(const sm_coverage *c);

/*
 * What a log scan reads and how. A setter that fails leaves the object unusable
 * on purpose: the call that takes it fails with the same error. Text is copied.
 * All setters give 0 or a negative errno: -EINVAL for a NULL object or value,
 * -ENOMEM, and what is said at each.
 */
typedef struct sm_log_opts sm_log_opts;
/* All defaults and no source. */
int sm_log_opts_new(sm_ctx *ctx, sm_log_opts **out);
void sm_log_opts_free(sm_log_opts *o);

/*
 * Sources are added. They are opened when the job starts: one that cannot be read
 * makes an SM_EVENT_NOTICE with an errno and its name, and the others are read;
 * when no source is left, the call fails (-ENOENT, -EACCES, -EINVAL for what can
 * be no log, -ENOTSUP for what this build cannot read). The same file is read
 * once.
 */
/* A text file, plain or packed by gzip, xz, zstd or bzip2, whatever its name says
 * (-ENOTSUP where the library that unpacks it cannot be opened), a FIFO, a terminal,
 * the kernel's own log (/dev/kmsg), what "journalctl -o export" has written, a journal
 * file (*.journal), a directory of those, or one of container logs as Docker has them
 * (ID/ID-json.log). Of a packed file that is cut off or damaged, and of a log of the
 * kernel that was overwritten, what there is is read, and a notice tells. The
 * files of one rotated family (auth.log.2, auth.log.1, auth.log) are one stream,
 * oldest first; families and journals are merged by time. */
int sm_log_opts_add_file(sm_log_opts *o, const char *path);
/* A descriptor that is read to its end and left open; it must stay open as long
 * as the job lives. name stands for it in results. -EINVAL for fd < 0. */
int sm_log_opts_add_fd(sm_log_opts *o, int fd, const char *name);
/* The systemd journal. unit: its lines only ("ssh" is ssh.service), NULL: all. */
int sm_log_opts_add_journal(sm_log_opts *o, const char *unit);
/* Whatever is here: the journal, or where it has no entries auth.log, secure,
 * syslog and messages; and the logs of nginx and Apache. With rotated elders.
 * Nothing at all is -ENOENT, and the sentence names the places. */
int sm_log_opts_add_found(sm_log_opts *o);

/* The logs of the fail2ban jails among the rules ("fail2ban-jails:"), as they were
 * when those were added: each jail sees the lines of its own logs only. -ENOENT
 * when there is no jail. */
int sm_log_opts_add_jail_logs(sm_log_opts *o, const sm_ruleset *rs);

/* Default: the built-in rules. A reference is taken; the set is frozen when the
 * job is made, if it is not yet. */
int sm_log_opts_set_rules(sm_log_opts *o, sm_ruleset *rs);
/* The words failed, error, denied, ... as events too. Default: 1. */
int sm_log_opts_set_keywords(sm_log_opts *o, int on);
/* Another threshold (1 or more) and window (s, 1 or more) for a finding kind:
 * "brute_force", 10, 300. -ERANGE for 0; -ENOENT, when the job is made, for a kind
 * that no rule has. */
int sm_log_opts_set_threshold(sm_log_opts *o, const char *kind, uint32_t count,
			      uint32_t seconds);
/* An address or prefix ("192.0.2.0/24") that makes no findings. Repeat for more. */
int sm_log_opts_add_ignore(sm_log_opts *o, const char *prefix);
/* The fields to make of events and lines: "time,source_ip,user". NULL: the default
 * ones. -ENOENT for a name that is none. */
int sm_log_opts_set_fields(sm_log_opts *o, const char *fields);
/* Only lines of this span of time, both ends included; ns since 1970. Default:
 * SM_TIME_NONE, all. */
int sm_log_opts_set_since(sm_log_opts *o, int64_t time);
int sm_log_opts_set_until(sm_log_opts *o, int64_t time);
/* A stamp without a year is the latest one not more than a day after this (ns
 * since 1970): clocks differ, and logs grow while they are read. Default:
 * SM_TIME_NONE, the clock. */
int sm_log_opts_set_now(sm_log_opts *o, int64_t time);
/* For stamps without a zone: what the variable TZ may hold. NULL: /etc/localtime.
 * -ENOENT for a name that is none. */
int sm_log_opts_set_zone(sm_log_opts *o, const char *tz);
/*
 * At the end wait for more, until the job is cancelled; it wakes by its descriptor.
 * Default: 0. Files are followed by name: what is renamed is read to its end first,
 * then what stands at the name, and in their order those that came between; a file
 * that is copied and cut goes on in the copy; one that is not there yet is waited
 * for, where its directory is there. No line comes before its end was written, but
 * the last ones when the job is cancelled. Logs are merged by time as far as they
 * have lines: a silent one holds up no other. Packed files, pipes that have come to
 * their end and all but the youngest of a family are over when they were read;
 * without anything to wait for so is the job. A finding is told when it opens, and
 * again, with the same id, when it has closed or the job ends.
 */
int sm_log_opts_set_follow(sm_log_opts *o, int on);
/*
 * A file that keeps how far files and journals were told, so that the next run goes
 * on there: behind rotations, copies and packing too. It is written whole or not at
 * all, with mode 0600, once a second and when the job has ended, and holds what the
 * caller has taken: who asks for the next event must have done with those before.
 * What a killed run has told and not kept is told again, with the same ids. Windows
 * of correlations go on, unless the rules or thresholds are others: a notice says so.
 * One that does not exist yet is empty. -EINVAL for a file that is no state, -EBADMSG
 * for a damaged one, -ENOTSUP for one of a later version: it is not touched. NULL:
 * nothing is kept, the default.
 */
int sm_log_opts_set_state(sm_log_opts *o, const char *path);
/* Send what rules took as records. Default: 1. */
int sm_log_opts_set_events(sm_log_opts *o, int on);
/* Also send every line as a record. Default: 0. */
int sm_log_opts_set_lines(sm_log_opts *o, int on);
/*
 * Also tell what no rule takes, as records of SM_KIND_TEMPLATE behind the coverage
 * of each source: first one for each program (state "program", or "others" for those
 * beyond 64; its lines are count, those that a rule took matched), then the most
 * frequent forms of the other lines (state "unmatched", or "unparsed" where no header
 * was understood) with their variable parts masked, a sample, and error, by which
 * count may be too high. A source has room for 200 forms. It costs time: default 0.
 */
int sm_log_opts_set_coverage(sm_log_opts *o, int on);
/*
 * How many threads read and match lines, the caller's with them: the job starts
 * n - 1, with all signals blocked, when it starts itself, and joins them when it ends
 * or is freed, at any moment. What it tells, and in which order, does not depend
 * on n; callbacks run on the caller's thread alone. Where fewer threads can be had
 * it works with those, and says so to the log hook. Memory grows by about 2 MiB a
 * thread. Journals, followed logs and those with a state are read by the caller's
 * thread, and only matched by the others. A program that forks meanwhile: see
 * sm_job_free(). -ERANGE beyond 1 to 64. Default: 1, and no thread is started.
 */
int sm_log_opts_set_threads(sm_log_opts *o, uint32_t n);

/*
 * Reads the sources to their end and gives fn events (SM_EVENT_RECORD of kind
 * event, line and coverage), findings, notices, and progress in bytes. 0: all was
 * read. Otherwise fn's non-zero result, or a negative errno: -EINVAL without a
 * source, those of sources and rules, -ENOMEM, -ECANCELED, -EIO.
 */
int sm_scan_log(sm_ctx *ctx, const sm_log_opts *o, sm_event_fn fn, void *user);
/* The same as a job; o may be freed at once. */
int sm_job_new_log(sm_ctx *ctx, const sm_log_opts *o, sm_job **out);

#ifdef __cplusplus
}
#endif

#endif
