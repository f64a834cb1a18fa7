/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_RECORD_H
#define SYSMON_RECORD_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A record is what was seen, or what that means. All are immutable and free of
 * any link to the context. Times are nanoseconds since 1970-01-01 UTC,
 * SM_TIME_NONE where unknown. Strings are valid UTF-8 (bad bytes are escaped);
 * raw bytes have their own getter.
 */
#define SM_TIME_NONE INT64_MIN

/*
 * Reads an RFC 3339 time with a zone ("2026-08-04T10:00:01.5+02:00"). -EINVAL: text
 * is none, or a NULL; *out is untouched then. Any thread may call it.
 */
int sm_time_parse(const char *text, int64_t *out);

typedef struct sm_record sm_record;
/* The names are the "type" of the JSON objects. New kinds may be added. */
enum sm_kind {
	SM_KIND_PORT = 1,
	SM_KIND_PROCESS = 2,
	SM_KIND_LINE = 3,
	SM_KIND_EVENT = 4,
	SM_KIND_FINDING = 5,
	SM_KIND_NOTICE = 6,
	SM_KIND_COVERAGE = 7,
	/* By fields only: the run's id, its start, the host's id, counts. A job
	 * gives some with one field alone: "allowed" where allow entries accepted
	 * findings, "process_backend" ("procfs", "kept", "bpf": what listed the
	 * processes), "process_event_source" ("bpf", "connector", "polling": what
	 * tells of their starts and ends); or with none, which is for reports. */
	SM_KIND_SUMMARY = 8,
	/* By fields only: one host, with how its ports answered. */
	SM_KIND_HOST = 9,
	/* By fields only: one rule of a set, and whether it can be used. */
	SM_KIND_RULE = 10,
	/* By fields only: what a source has of one program, or lines of one form
	 * that no rule took; see sm_log_opts_set_coverage(). */
	SM_KIND_TEMPLATE = 11,
	/* By fields only: a run that is kept in a history; see sm_store_query(). */
	SM_KIND_RUN = 12,
	/* By fields only: what differs from another run; see sm_report_compare(). */
	SM_KIND_CHANGE = 13,
	/* By fields only: what can be seen here; see sm_list_abilities(). */
	SM_KIND_ABILITY = 14
};

/*
 * A record given to a callback lives until the callback returns: it may lie in
 * an arena of the job. To keep one, take a reference; this may copy it out, so
 * use the pointer that is returned. NULL when out of memory, or for NULL. The
 * count is atomic: a record that has been kept may be shared by threads.
 */
sm_record *sm_record_ref(const sm_record *rec);
/* Gives a reference of sm_record_ref() back; the last one frees the record. NULL,
 * and a record that was never kept, do nothing. */
void sm_record_unref(sm_record *rec);
/* SM_KIND_*; 0 for NULL. */
int sm_record_kind(const sm_record *rec);
/* 32 hexadecimal digits, the same when the same thing is read again: an event,
 * process, port, finding; of a summary the run's. "" where there is none. */
const char *sm_record_id(const sm_record *rec);
/* "process"; "" for a number that has no name. */
const char *sm_kind_name(int kind);
/* "process" to SM_KIND_PROCESS; -ENOENT if there is none of that name. */
int sm_kind_by_name(const char *name);

/*
 * Any record by numbered fields, 0 to count - 1, for code that treats all alike
 * (table, sink, binding). The order never changes; new fields are appended.
 * Names with a dot are members of a nested object ("tls.version"). Which of
 * them a job makes is chosen before, by the _set_fields() of its options.
 */
enum sm_type {
	SM_TYPE_NONE = 0,
	SM_TYPE_INT = 1,
	SM_TYPE_STR = 2,
	SM_TYPE_TIME = 3,
	SM_TYPE_BOOL = 4,
	SM_TYPE_STRS = 5,
	SM_TYPE_REAL = 6,
	/* Records in a record: the evidence of a finding. */
	SM_TYPE_RECORDS = 7
};
/* How many fields records of the kind can have; 0 for a number that is none. */
size_t sm_kind_nfields(int kind);
/* The number of a native name; -ENOENT if there is none. */
int sm_kind_field(int kind, const char *name);
/* Native ("source_ip") and Elastic Common Schema ("source.ip") name; "" for a
 * number that is none. What the schema has no name for is below "sysmon.". */
const char *sm_kind_field_name(int kind, size_t field);
const char *sm_kind_field_ecs(int kind, size_t field);
/* SM_TYPE_*; SM_TYPE_NONE for a number that is none. */
int sm_kind_field_type(int kind, size_t field);

/* The one test for "known". 0: not asked for, refused or absent; such a field
 * is left out of every output. */
int sm_record_has_field(const sm_record *rec, size_t field);
/* The value as its type; the neutral value for another type or an unknown field:
 * 0, 0.0, "", SM_TIME_NONE for a time. _int is for INT, BOOL and TIME. Strings live
 * as long as rec. */
int64_t sm_record_field_int(const sm_record *rec, size_t field);
double sm_record_field_real(const sm_record *rec, size_t field);
const char *sm_record_field_str(const sm_record *rec, size_t field);
/* Of SM_TYPE_STRS and SM_TYPE_RECORDS: how many; then the i-th, "" and NULL
 * behind the last. */
size_t sm_record_field_nitems(const sm_record *rec, size_t field);
const char *sm_record_field_item(const sm_record *rec, size_t field, size_t i);
/* Lives as long as rec. */
const sm_record *sm_record_field_record(const sm_record *rec, size_t field,
					size_t i);
/*
 * Any of them as people read it: numbers in decimal, times as RFC 3339, lists by
 * ", ", "" for an unknown field; the sentences of findings and notices in the
 * language that the program has set by setlocale(LC_MESSAGES, ...), where there is a
 * catalogue "libsysmon" (bindtextdomain(3)) in UTF-8, else in English. Nothing is
 * escaped. Like snprintf(3): at most size bytes with the NUL, and gives the length
 * that the whole has. -EINVAL for a NULL, -ENOMEM.
 */
int sm_record_field_text(const sm_record *rec, size_t field, char *out,
			 size_t size);

/* Something was left out, and what. The work went on. */
typedef struct sm_notice sm_notice;
/* NULL where the record is another kind. */
const sm_notice *sm_record_notice(const sm_record *rec);
/* The English sentence, filled in. */
const char *sm_notice_text(const sm_notice *n);
/* The file, host, process or rule it is about. */
const char *sm_notice_source(const sm_notice *n);
/* A positive errno value, 0 where there was none. */
int sm_notice_errno(const sm_notice *n);

#ifdef __cplusplus
}
#endif

#endif
