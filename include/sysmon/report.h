/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_REPORT_H
#define SYSMON_REPORT_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A report collects what jobs tell and can be written, many times, in many formats.
 * It belongs to the thread of its context. It keeps ports, processes, findings,
 * notices, coverage, hosts and rules in memory; log events and log lines too, up to
 * 16 MiB of each. What is beyond goes to a temporary file without a name, from
 * which the writers stream, so that memory does not grow with the log.
 */
typedef struct sm_report sm_report;
/* Empty. All reports and writers of a context that there are at one time tell of one
 * run, which began with the first of them. -EINVAL, -ENOMEM. */
int sm_report_new(sm_ctx *ctx, sm_report **out);
/* NULL is fine. */
void sm_report_free(sm_report *r);
/*
 * The directory of the temporary file; NULL (the default): none, and events beyond
 * the limit are refused with -E2BIG. Nothing is made there before it is needed.
 * -EINVAL for "", -ENOMEM.
 */
int sm_report_set_spill_dir(sm_report *r, const char *path);
/*
 * Adds the record of ev, by reference or as a copy. A finding that comes again
 * replaces the one with its id. Progress and ended processes do nothing. A summary with
 * an id, which only a saved run has, says what run and machine the report is about.
 * -ENOMEM, -E2BIG (see above), -EIO or -EACCES from the temporary file; what was
 * added before stays.
 */
int sm_report_add(sm_report *r, const sm_event *ev);
/*
 * Adds what an earlier run wrote as SM_FORMAT_NDJSON, line by line, or as
 * SM_FORMAT_JSON, a document of up to 256 MiB; the report is then about that run and
 * its machine. Kinds and members of later versions are passed over. 0; 1, with the
 * reason in the sentence and in a notice, for lines of which the last is no summary:
 * they are not whole. -EBADMSG for what no format of ours is, -ENOTSUP for a document
 * of another schema, -E2BIG for a larger document, a record of over 16 MiB, 10,000
 * records or 1,000,000 texts in it, and where all but events and log lines take more
 * than 512 MiB of memory; -ENOENT, -EACCES, -EINVAL for what is no regular file, -EIO,
 * -ENOMEM. Records before the mistake have been added.
 */
int sm_report_add_saved(sm_report *r, const char *path);
/*
 * Adds records of SM_KIND_CHANGE to r: what before does not have (change "new"), what
 * only it has ("gone"), and what differs ("changed"). By what: open ports of hosts
 * that both have scanned ("port", what serves there), listening ports ("listener",
 * their process), programs that run as root ("process"), users that run anything
 * ("user"), and findings by their key ("finding": severity and count). What only one
 * of them has looked at is no change: a notice tells. The changes of an earlier call
 * go. The summary of r has their number, and the start of before where it was saved.
 * -ENOMEM.
 */
int sm_report_compare(sm_report *r, const sm_report *before);
/* Forgets the records of one kind (SM_KIND_*), as between two looks of a job that
 * goes on. -EINVAL for a number that is no kind. */
int sm_report_clear(sm_report *r, int kind);
/* sm_report_add() as a callback: sm_scan_log(ctx, o, sm_report_collect, r). */
int sm_report_collect(const sm_event *ev, void *report);

/* How many of the kind (SM_KIND_*) there are. */
size_t sm_report_size(const sm_report *r, int kind);
/* In the order they came; lives as long as the report, a finding until it is
 * replaced. NULL for an event or line that lies in the temporary file. */
const sm_record *sm_report_at(const sm_report *r, int kind, size_t i);
/* The gravest finding's severity (SM_SEV_*), 0 if there is none. */
int sm_report_worst(const sm_report *r);

/* Table, txt, md and html are for people, the others for machines. New ones may be
 * added. */
enum sm_format {
	/* What matters first, in lines of the chosen width. */
	SM_FORMAT_TXT = 1,
	/* RFC 4180, one header, a "section" column first. */
	SM_FORMAT_CSV = 2,
	/* One document with an array for each kind. */
	SM_FORMAT_JSON = 3,
	/* One object a line. */
	SM_FORMAT_NDJSON = 4,
	/* One page for a browser, with charts, whole in itself. */
	SM_FORMAT_HTML = 5,
	/* What Nmap's -oX writes, of hosts, ports, findings and notices; suffix xml.
	 * The other kinds are counted in a comment. */
	SM_FORMAT_NMAP_XML = 6,
	/* One object a line, its members named by the Elastic Common Schema. */
	SM_FORMAT_ECS = 7,
	/* Markdown with the tables of GitHub. */
	SM_FORMAT_MD = 8,
	/* Counts, for Prometheus: its node exporter reads them from a file. */
	SM_FORMAT_PROM = 9,
	/* One table for each kind. */
	SM_FORMAT_TABLE = 10
};
/* "json" to SM_FORMAT_JSON; -ENOENT if there is none of that name. */
int sm_format_by_name(const char *name);
/* "out.json" to SM_FORMAT_JSON; -ENOENT if the suffix tells nothing. */
int sm_format_by_path(const char *path);
/* "json"; "" for a number that has no name. */
const char *sm_format_name(int format);

/* How to write a report; NULL stands for all defaults. A setter that fails leaves
 * the object unusable: what takes it fails with the same error. */
typedef struct sm_report_opts sm_report_opts;
/* All defaults. -EINVAL, -ENOMEM. */
int sm_report_opts_new(sm_ctx *ctx, sm_report_opts **out);
/* NULL is fine. */
void sm_report_opts_free(sm_report_opts *o);
/* Above the report in txt, md and html, a member of json, the profile_name of nmap-xml.
 * NULL: made from what it holds. */
int sm_report_opts_set_title(sm_report_opts *o, const char *title);
/* SM_SEV_*: findings below it are left out, of the summary too. Default: none is.
 * -ERANGE. */
int sm_report_opts_set_min_severity(sm_report_opts *o, int severity);
/*
 * Just these members of a kind (SM_KIND_*), in this order: "pid,ppid,name". NULL:
 * the format's own choice. In csv they are then the only columns after "section";
 * a record of another kind, a finding or notice too, is a row only if it has one of
 * them. Other formats show other kinds as ever. -ENOENT for a name that the kind has not, -EINVAL for
 * no name, or one twice.
 */
int sm_report_opts_set_fields(sm_report_opts *o, int kind, const char *fields);
/* Colours in table and txt (ECMA-48 SGR sequences). Default: off. */
int sm_report_opts_set_color(sm_report_opts *o, int on);
/*
 * What stands for "generated", in ns since 1970 (SOURCE_DATE_EPOCH). The same input
 * then gives the same bytes: the summary leaves out the run's id and start, wall and
 * CPU seconds and memory. Default: the clock. -ERANGE outside the years 0 to 9999.
 */
int sm_report_opts_set_time(sm_report_opts *o, int64_t time);
/* Columns of table and txt, 20 to 65535; 0: no limit. Default: 80. -ERANGE. */
int sm_report_opts_set_width(sm_report_opts *o, uint32_t columns);
/* sm_report_set_spill_dir() for the writers below, where the format has to wait for
 * the end. */
int sm_report_opts_set_spill_dir(sm_report_opts *o, const char *path);

/* Gets the output in pieces; never called with len 0. Non-zero ends the writing and
 * is its result. */
typedef int (*sm_write_fn)(const void *data, size_t len, void *user);

/*
 * The whole report: ports by address and number, hosts by address, the others as they
 * came; findings by severity, then those of logs by time, of ports and hosts by address
 * and port, of processes by rule and pid, so that reports of two runs compare. 0, fn's
 * non-zero result, or -EINVAL, -ENOMEM, -EIO (the temporary file), or the error of o.
 */
int sm_report_write(const sm_report *r, int format, const sm_report_opts *o,
		    sm_write_fn fn, void *user);
/*
 * The same to a descriptor, which stays open. Waits where a non-blocking one would
 * block. -EPIPE when its reader went away (no SIGPIPE is raised for that), -EIO
 * with the reason in the sentence, a full disk for example.
 */
int sm_report_write_fd(const sm_report *r, int format, const sm_report_opts *o,
		       int fd);
/*
 * To a file, whole or not at all: a temporary file in its directory, fsync, rename;
 * mode 0600. The old file stays on any failure, and nothing else is left. -EINVAL
 * when path is a symbolic link, a directory, a pipe, a socket or a device; -ENOENT,
 * -EACCES from its directory.
 */
int sm_report_write_file(const sm_report *r, int format,
			 const sm_report_opts *o, const char *path);
/*
 * SM_FORMAT_CSV as one file of each kind in a directory, which is made with mode 0700
 * where it is missing: PATH/ports.csv and the like, named as the arrays of json, and
 * summary.csv. Each has a header with all members of its kind (by
 * sm_report_opts_set_fields() the chosen ones) and no "section" column, and is there
 * also where the report has nothing of the kind, so that none of an older report
 * remains. All are written, as by sm_report_write_file(), before the first gets its
 * name; the old summary.csv goes before that, and the new one comes last: where it is,
 * all are of one report. -EINVAL for another format, and when path or one of the
 * files is a symbolic link or no file; -EPERM where root would write into a directory
 * that others than its owner may write (a group of root is none); other errors as of
 * sm_report_write_file().
 * What fails before the first name leaves all old files, and no directory that was
 * made.
 */
int sm_report_write_dir(const sm_report *r, int format, const sm_report_opts *o,
			const char *path);

/*
 * The same writers while the work goes on. csv, ndjson and ecs are written record by
 * record in the order they come, at the latest with the first event 100 ms later,
 * and no record is kept; a finding that comes again is written again. The other
 * formats collect a report inside and write it at the end.
 */
typedef struct sm_writer sm_writer;
/* Writes through fn. Errors as of sm_report_write(). */
int sm_writer_new(sm_ctx *ctx, int format, const sm_report_opts *o,
		  sm_write_fn fn, void *user, sm_writer **out);
/* To a descriptor, which stays open; as sm_report_write_fd(). */
int sm_writer_new_fd(sm_ctx *ctx, int format, const sm_report_opts *o, int fd,
		     sm_writer **out);
/* The file appears, as by sm_report_write_file(), when sm_writer_finish()
 * succeeds. */
int sm_writer_new_file(sm_ctx *ctx, int format, const sm_report_opts *o,
		       const char *path, sm_writer **out);
/*
 * Findings alone, to a syslog server: messages of RFC 5424 with the members of the
 * finding as structured data and its title as text, facility authpriv, name libsysmon.
 * target: "unix:/dev/log", "udp:HOST[:PORT]" (port 514), "tcp:HOST[:PORT]" (port 601,
 * each message behind its length: RFC 6587, 3.4.1) or "tls:HOST[:PORT]" (port 6514: RFC
 * 5425; the server's certificate has to be for HOST, by who is trusted on this system,
 * and libssl has to be there); an IPv6 address has brackets.
 * Names are looked up (by getaddrinfo(3), which waits as it is told by resolv.conf(5)) and
 * connections made at once, which takes 5 seconds at most, as one message takes 2; a
 * server that is slower loses it. Such servers tell nothing of what they have got. One
 * that goes away is looked for again, soon and then ever more seldom; what was lost is
 * told by sm_writer_finish() as -EIO. 0; 1 for a server that cannot be reached yet, with
 * the reason in the sentence; -EINVAL for a target that is none, -ENOTSUP without libssl,
 * -ENOMEM.
 */
int sm_writer_new_syslog(sm_ctx *ctx, const sm_report_opts *o,
			 const char *target, sm_writer **out);
/* A callback: sm_scan_ports(ctx, o, sm_writer_collect, w). After a failure to write
 * it gives the same error again. */
int sm_writer_collect(const sm_event *ev, void *writer);
/*
 * Hands on at once what has come together, for a program that knows that its job has
 * nothing more to tell for a while. Formats that wait for the end still do. 0, or
 * the error of the output; -EINVAL for NULL.
 */
int sm_writer_flush(sm_writer *w);
/* Writes the summary and what the format has at its end. Once: -EINVAL after. */
int sm_writer_finish(sm_writer *w);
/* Without a finish that succeeded a file does not appear, the old one stays. NULL
 * is fine. */
void sm_writer_free(sm_writer *w);

#ifdef __cplusplus
}
#endif

#endif
