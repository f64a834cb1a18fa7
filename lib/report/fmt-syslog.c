/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/machine.h"

/*
 * RFC 5424: a header, one element of structured data with the members of the finding,
 * and its title. With each text cut to so many bytes a message has no more than the
 * 8 KiB that servers take.
 */
#define FACILITY    10 /* security and authorization messages, private */
#define APP_NAME    "libsysmon"
#define SD_ID	    "sysmon@32473"
#define VALUE_BYTES 160
#define TITLE_BYTES 480
#define TECHNIQUES  16

#define HOSTNAME_BYTES 255
#define MSGID_BYTES    32
#define UTF8_BOM       "\xef\xbb\xbf"

/* RFC 5424, 6.2.1: from SM_SEV_INFO on. */
static const uint8_t severities[] = { 6, 5, 4, 3, 2 };

static const uint8_t params[] = {
	SMI_FINDING_ID,	       SMI_FINDING_RULE,  SMI_FINDING_KIND,
	SMI_FINDING_SEVERITY,  SMI_FINDING_STATE, SMI_FINDING_SUBJECT,
	SMI_FINDING_SOURCE_IP, SMI_FINDING_USER,  SMI_FINDING_PID,
	SMI_FINDING_PORT,      SMI_FINDING_FIRST, SMI_FINDING_LAST,
	SMI_FINDING_COUNT,
};

struct syslog {
	struct smi_machine machine;
	struct smi_buf message, value;
};

/* A name in the header: printable ASCII without a space; "-": there is none. */
static void add_name(struct smi_buf *b, const char *name, size_t most)
{
	size_t n = 0;

	for (; name[n] && n < most; n++)
		smi_buf_char(b,
			     name[n] > ' ' && name[n] < 0x7f ? name[n] : '?');
	smi_buf_str(b, n ? " " : "- ");
}

/* With microseconds at most. */
static void add_time(struct smi_buf *b, int64_t t)
{
	char text[SMI_TIME_STRLEN];

	if (t != SM_TIME_NONE)
		t -= (t % SMI_USEC + SMI_USEC) % SMI_USEC;
	smi_time_format(t, text);
	smi_buf_printf(b, "%s ", *text ? text : "-");
}

/* At the end of a character. */
static struct smi_span cut(struct smi_span s, size_t most)
{
	if (s.len <= most)
		return s;
	while (most && ((unsigned char)s.p[most] & 0xc0) == 0x80)
		most--;
	return smi_span_head(s, most);
}

static void add_param(struct smi_buf *b, const char *name, struct smi_span s)
{
	if (!s.len)
		return;
	smi_buf_printf(b, " %s=\"", name);
	smi_esc_syslog(b, cut(s, VALUE_BYTES));
	smi_buf_char(b, '"');
}

static void add_techniques(struct syslog *l, const sm_record *rec)
{
	const sm_finding *f = sm_record_finding(rec);
	size_t n = SMI_MIN(sm_finding_nattack(f), (size_t)TECHNIQUES);

	smi_buf_clear(&l->value);
	for (size_t i = 0; i < n; i++) {
		smi_buf_str(&l->value, i ? "," : "");
		smi_buf_str(&l->value, sm_finding_attack(f, i));
	}
	add_param(&l->message, "attack", smi_buf_span(&l->value));
}

static void add_params(struct syslog *l, const sm_record *rec)
{
	const struct smi_kind *k = smi_kind(SM_KIND_FINDING);

	smi_buf_str(&l->message, "[" SD_ID);
	for (size_t i = 0; i < SMI_COUNT(params); i++) {
		const struct smi_field *f = &k->fields[params[i]];

		if (!smi_rec_has(rec, params[i]))
			continue;
		smi_buf_clear(&l->value);
		smi_scalar_text(&l->value, f->type, &rec->v[params[i]]);
		add_param(&l->message, f->name, smi_buf_span(&l->value));
	}
	add_techniques(l, rec);
	smi_buf_str(&l->message, "] ");
}

static bool is_ascii(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static void begin_message(struct syslog *l, int severity, int64_t time,
			  const char *msgid)
{
	smi_buf_clear(&l->message);
	smi_buf_printf(&l->message, "<%d>1 ",
		       FACILITY * 8 + severities[severity / SM_SEV_INFO - 1]);
	add_time(&l->message, time);
	add_name(&l->message, l->machine.hostname, HOSTNAME_BYTES);
	smi_buf_str(&l->message, APP_NAME " - ");
	add_name(&l->message, msgid, MSGID_BYTES);
}

static void add_message(struct syslog *l, const sm_record *rec)
{
	const sm_finding *f = sm_record_finding(rec);
	int severity = SMI_MIN(SMI_MAX(sm_finding_severity(f), SM_SEV_INFO),
			       SM_SEV_CRITICAL);
	struct smi_span title =
		cut(smi_span_str(sm_finding_title(f)), TITLE_BYTES);

	begin_message(l, severity, sm_finding_last(f), sm_finding_kind(f));
	add_params(l, rec);
	smi_buf_clear(&l->value);
	smi_esc_term(&l->value, title);
	if (!is_ascii(smi_buf_span(&l->value)))
		smi_buf_str(&l->message, UTF8_BOM);
	smi_buf_span_add(&l->message, smi_buf_span(&l->value));
}

static int begin(struct smi_render *r)
{
	struct syslog *l = r->state;

	return smi_machine_read(&l->machine, r->ctx);
}

/* What a message is made of is full: its length, then it. */
static int send_message(struct smi_render *r)
{
	struct syslog *l = r->state;

	if (smi_buf_error(&l->message) || smi_buf_error(&l->value))
		return smi_fail_nomem(r->ctx);
	smi_buf_printf(&r->sink->buf, "%zu ", l->message.len);
	smi_buf_span_add(&r->sink->buf, smi_buf_span(&l->message));
	return smi_sink_push(r->sink);
}

static int record(struct smi_render *r, const sm_record *rec)
{
	if (rec->kind != SM_KIND_FINDING)
		return 0;
	add_message(r->state, rec);
	return send_message(r);
}

/* What was accepted is not told; that something was, is. */
static int tell_accepted(struct smi_render *r, const sm_record *summary)
{
	struct syslog *l = r->state;
	int64_t n = smi_rec_int(summary, SM_KIND_SUMMARY, SMI_SUMMARY_ALLOWED);

	if (n <= 0)
		return 0;
	begin_message(l, SM_SEV_INFO,
		      smi_rec_int(summary, SM_KIND_SUMMARY, SMI_SUMMARY_START),
		      "accepted");
	smi_buf_printf(&l->message,
		       "[" SD_ID " count=\"%" PRId64 "\"] findings accepted by "
		       "allow entries: %" PRId64,
		       n, n);
	return send_message(r);
}

static int end(struct smi_render *r, const sm_record *summary)
{
	int rc = summary ? tell_accepted(r, summary) : 0;

	if (rc < 0)
		return rc;
	return smi_sink_push(r->sink);
}

static void done(void *state)
{
	struct syslog *l = state;

	smi_buf_free(&l->message);
	smi_buf_free(&l->value);
}

const struct smi_format smi_format_syslog = {
	.name = "syslog",
	.state_size = sizeof(struct syslog),
	.done = done,
	.begin = begin,
	.record = record,
	.end = end,
};
