/* SPDX-License-Identifier: MIT */
#include "report-sample.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/event.h"

#define T0 INT64_C(1785837600000000000) /* 2026-08-04T10:00:00Z */

static void text(struct smi_arena *a, sm_record *r, unsigned f, const char *s)
{
	smi_set_text(a, r, f, smi_span_str(s));
}

static void say_tls(struct smi_arena *a, sm_record *r)
{
	static const char *const san[] = { "example.org", "*.example.org" };

	smi_set_const(r, SMI_PORT_SERVICE, "https");
	smi_set_const(r, SMI_PORT_PRODUCT, "nginx");
	smi_set_const(r, SMI_PORT_VERSION, "1.22.1");
	text(a, r, SMI_PORT_BANNER, "HTTP/1.1 200 OK\r\n");
	smi_set_const(r, SMI_PORT_INFO, "title \"Hello, <world>\"");
	smi_set_const(r, SMI_PORT_TLS_VERSION, "TLSv1.3");
	smi_set_const(r, SMI_PORT_TLS_SUBJECT, "CN=example.org");
	smi_set_strs(a, r, SMI_PORT_TLS_SAN, san, 2);
	smi_set_int(r, SMI_PORT_TLS_NOT_AFTER, T0);
	smi_set_int(r, SMI_PORT_TLS_SELF_SIGNED, 0);
}

sm_record *sample_port(struct smi_arena *a, const char *address, int number,
		       const char *state)
{
	sm_record *r = smi_rec_new(a, SM_KIND_PORT);
	char id[SMI_ID_STRLEN];

	snprintf(id, sizeof(id), "%032d", number);
	text(a, r, SMI_PORT_ID, id);
	text(a, r, SMI_PORT_ADDRESS, address);
	smi_set_int(r, SMI_PORT_NUMBER, number);
	smi_set_const(r, SMI_PORT_PROTOCOL, "tcp");
	text(a, r, SMI_PORT_STATE, state);
	smi_set_real(r, SMI_PORT_RTT_MS, 0.125);
	smi_set_int(r, SMI_PORT_TIME, T0);
	smi_set_int(r, SMI_PORT_STATE_CODE, 1);
	if (number == 443)
		say_tls(a, r);
	if (number != 22)
		return r;
	smi_set_const(r, SMI_PORT_SERVICE, "ssh");
	smi_set_int(r, SMI_PORT_PID, 411);
	smi_set_const(r, SMI_PORT_PROCESS, "sshd");
	smi_set_const(r, SMI_PORT_USER, "root");
	return r;
}

sm_record *sample_process(struct smi_arena *a, int pid, const char *name,
			  double cpu)
{
	sm_record *r = smi_rec_new(a, SM_KIND_PROCESS);
	const char **args = smi_arena_alloc(a, 2 * sizeof(*args));

	if (!r || !args)
		return NULL;
	args[0] = name;
	args[1] = "-D";
	smi_set_int(r, SMI_PROC_PID, pid);
	smi_set_int(r, SMI_PROC_PPID, 1);
	text(a, r, SMI_PROC_NAME, name);
	smi_set_const(r, SMI_PROC_USER, "root");
	smi_set_const(r, SMI_PROC_STATE, "S");
	smi_set_real(r, SMI_PROC_CPU_PERCENT, cpu);
	smi_set_real(r, SMI_PROC_MEMORY_PERCENT, 1.25);
	smi_set_int(r, SMI_PROC_RSS, 5 << 20);
	smi_set_int(r, SMI_PROC_THREADS, 1);
	smi_set_int(r, SMI_PROC_START, T0);
	text(a, r, SMI_PROC_CMDLINE, name);
	smi_set_strs(a, r, SMI_PROC_ARGS, args, 2);
	smi_set_int(r, SMI_PROC_KERNEL_THREAD, 0);
	smi_set_raw(a, r, SMI_PROC_NAME_RAW, SMI_SPAN("unseen\0bytes"));
	return r;
}

sm_record *sample_event(struct smi_arena *a, int number, const char *user)
{
	sm_record *r = smi_rec_new(a, SM_KIND_EVENT);
	char id[SMI_ID_STRLEN];

	snprintf(id, sizeof(id), "e%031d", number);
	text(a, r, SMI_EVENT_ID, id);
	smi_set_const(r, SMI_EVENT_FILE, "/var/log/auth.log");
	smi_set_int(r, SMI_EVENT_NUMBER, number);
	smi_set_int(r, SMI_EVENT_TIME, T0 + number * SMI_SEC);
	smi_set_const(r, SMI_EVENT_HOST, "web1");
	smi_set_const(r, SMI_EVENT_PROGRAM, "sshd");
	smi_set_int(r, SMI_EVENT_PID, 411);
	smi_set_const(r, SMI_EVENT_ACTION, "login_failed");
	smi_set_const(r, SMI_EVENT_OUTCOME, "failure");
	smi_set_int(r, SMI_EVENT_FAILURE, 1);
	smi_set_const(r, SMI_EVENT_SOURCE_IP, "203.0.113.9");
	text(a, r, SMI_EVENT_USER, user);
	smi_set_int(r, SMI_EVENT_COUNT, 1);
	smi_set_const(r, SMI_EVENT_MESSAGE,
		      "Failed password for root from 203.0.113.9 port 51515 "
		      "ssh2");
	smi_set_raw(a, r, SMI_EVENT_RAW, SMI_SPAN("raw line"));
	return r;
}

sm_record *sample_finding(struct smi_arena *a, const char *id, int severity,
			  const char *title)
{
	static const char *const attack[] = { "T1110", "T1110.001" };
	sm_record *r = smi_rec_new(a, SM_KIND_FINDING);
	const sm_record **evidence = smi_arena_alloc(a, sizeof(*evidence));

	if (!r || !evidence)
		return NULL;
	evidence[0] = sample_event(a, 1, "root");
	if (!evidence[0])
		return NULL;
	text(a, r, SMI_FINDING_ID, id);
	text(a, r, SMI_FINDING_KEY, "k");
	smi_set_const(r, SMI_FINDING_RULE, "brute-force");
	smi_set_const(r, SMI_FINDING_KIND, "brute_force");
	text(a, r, SMI_FINDING_TITLE, title);
	smi_set_severity(r, severity);
	smi_set_const(r, SMI_FINDING_SOURCE_IP, "203.0.113.9");
	smi_set_int(r, SMI_FINDING_FIRST, T0);
	smi_set_int(r, SMI_FINDING_LAST, T0 + 12 * SMI_SEC);
	smi_set_int(r, SMI_FINDING_COUNT, 12);
	smi_set_const(r, SMI_FINDING_STATE, "closed");
	smi_set_strs(a, r, SMI_FINDING_ATTACK, attack, 2);
	smi_set_recs(a, r, SMI_FINDING_EVIDENCE, evidence, 1);
	smi_set_const(r, SMI_FINDING_WHY,
		      "At least 5 failed logins from one address within 600 s; "
		      "or from one IPv6 /64, where no single address had 5.");
	smi_set_const(r, SMI_FINDING_NEXT_STEP,
		      "Block 203.0.113.9, and look whether a login from it was "
		      "accepted.");
	return r;
}

sm_record *sample_notice(struct smi_arena *a, const char *what)
{
	sm_record *r = smi_rec_new(a, SM_KIND_NOTICE);

	text(a, r, SMI_NOTICE_TEXT, what);
	smi_set_const(r, SMI_NOTICE_SOURCE, "/var/log/secure");
	smi_set_int(r, SMI_NOTICE_ERRNO, 13);
	return r;
}

sm_record *sample_coverage(struct smi_arena *a, const char *source, int lines)
{
	sm_record *r = smi_rec_new(a, SM_KIND_COVERAGE);

	text(a, r, SMI_COVERAGE_SOURCE, source);
	smi_set_int(r, SMI_COVERAGE_LINES, lines);
	smi_set_int(r, SMI_COVERAGE_MATCHED, 3);
	smi_set_int(r, SMI_COVERAGE_UNPARSED, 1);
	smi_set_int(r, SMI_COVERAGE_SKIPPED, 0);
	smi_set_int(r, SMI_COVERAGE_FIRST, T0);
	smi_set_int(r, SMI_COVERAGE_LAST, T0 + 3600 * SMI_SEC);
	smi_set_int(r, SMI_COVERAGE_BYTES, lines * 100);
	return r;
}

int sample_tell(sm_event_fn fn, void *user, const sm_record *rec)
{
	sm_event ev = { .kind = SM_EVENT_RECORD, .rec = rec };

	if (!rec)
		return -ENOMEM;
	if (rec->kind == SM_KIND_FINDING)
		ev.kind = SM_EVENT_FINDING;
	if (rec->kind == SM_KIND_NOTICE)
		ev.kind = SM_EVENT_NOTICE;
	return fn(&ev, user);
}

int sample_tell_all(struct smi_arena *a, sm_event_fn fn, void *user)
{
	sm_record *all[] = {
		sample_port(a, "2001:db8::7", 443, "open"),
		sample_port(a, "203.0.113.10", 443, "open"),
		sample_port(a, "203.0.113.9", 8080, "filtered"),
		sample_port(a, "203.0.113.9", 22, "open"),
		sample_process(a, 411, "sshd", 0),
		sample_process(a, 4242, "miner", 99.96),
		sample_event(a, 1, "root"),
		sample_event(a, 2, "admin"),
		sample_event(a, 3, "root"),
		sample_finding(a, "f2", SM_SEV_MEDIUM, "4242 uses 100 % CPU"),
		sample_finding(a, "f1", SM_SEV_HIGH,
			       "12 failed logins from 203.0.113.9"),
		sample_notice(a, "cannot read /var/log/secure: Permission "
				 "denied"),
		sample_coverage(a, "/var/log/auth.log", 1000),
	};
	int r = smi_arena_error(a);

	for (size_t i = 0; r == 0 && i < SMI_COUNT(all); i++)
		r = sample_tell(fn, user, all[i]);
	return r;
}

sm_report_opts *sample_opts(sm_ctx *ctx)
{
	sm_report_opts *o;

	ck_assert_int_eq(sm_report_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_report_opts_set_time(o, T0), 0);
	return o;
}

sm_ctx *sample_ctx(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	sm_ctx *ctx;

	snprintf(path, sizeof(path), "%s/tests/data/golden/root",
		 srcdir ? srcdir : ".");
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, path), 0);
	return ctx;
}

int sample_keep(const void *data, size_t len, void *buf)
{
	smi_buf_add(buf, data, len);
	return smi_buf_error(buf);
}

char *sample_write(const sm_report *r, int format, const sm_report_opts *o)
{
	struct smi_buf b = { 0 };

	ck_assert_int_eq(sm_report_write(r, format, o, sample_keep, &b), 0);
	ck_assert_ptr_nonnull(smi_buf_cstr(&b));
	return b.p;
}
