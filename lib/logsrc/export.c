/* SPDX-License-Identifier: MIT */
#include "logsrc/export.h"

#include "base/clock.h"
#include "logsrc/header-parts.h"

/* systemd's own limits, of a value and of a name. */
#define VALUE_MAX (UINT64_C(768) * 1024 * 1024)
#define FIELD_MAX ((size_t)64)

static const char *const names[SMI_EXPORT_NFIELDS] = {
	[SMI_EXPORT_TIME] = "__REALTIME_TIMESTAMP",
	[SMI_EXPORT_SOURCE_TIME] = "_SOURCE_REALTIME_TIMESTAMP",
	[SMI_EXPORT_HOST] = "_HOSTNAME",
	[SMI_EXPORT_IDENTIFIER] = "SYSLOG_IDENTIFIER",
	[SMI_EXPORT_COMM] = "_COMM",
	[SMI_EXPORT_TRANSPORT] = "_TRANSPORT",
	[SMI_EXPORT_SYSLOG_PID] = "SYSLOG_PID",
	[SMI_EXPORT_PID] = "_PID",
	[SMI_EXPORT_MESSAGE] = "MESSAGE",
};

static bool is_hex(char c)
{
	return (unsigned)(c - '0') < 10 || (unsigned)(c - 'a') < 6;
}

/* sd_journal_get_cursor(3): "s=0f;i=1;b=0e;m=2;t=3;x=4". */
static bool is_cursor(struct smi_span s)
{
	static const char parts[] = "sibmtx";

	for (const char *part = parts; *part; part++) {
		size_t n = 2;

		if (s.len < 3 || s.p[0] != *part || s.p[1] != '=')
			return false;
		while (n < s.len && is_hex(s.p[n]))
			n++;
		if (n == 2 ||
		    (part[1] ? n == s.len || s.p[n] != ';' : n < s.len))
			return false;
		s = smi_span_skip(s, n + 1);
	}
	return true;
}

bool smi_export_starts(struct smi_span line)
{
	static const struct smi_span cursor = { "__CURSOR=", 9 };
	static const struct smi_span time = { "__REALTIME_TIMESTAMP=", 21 };
	uint64_t us;

	if (smi_span_starts(line, cursor))
		return is_cursor(smi_span_skip(line, cursor.len));
	return smi_span_starts(line, time) &&
	       smi_span_uint(smi_span_skip(line, time.len), INT64_MAX, &us);
}

/* "NAME=VALUE", or a name alone. */
static bool is_field(struct smi_span line)
{
	size_t n = 0, max = SMI_MIN(line.len, FIELD_MAX + 1);

	while (n < max &&
	       (line.p[n] == '_' || (unsigned)(line.p[n] - 'A') < 26 ||
		(n && (unsigned)(line.p[n] - '0') < 10)))
		n++;
	return n && n <= FIELD_MAX && (n == line.len || line.p[n] == '=');
}

void smi_export_done(struct smi_export *e)
{
	smi_buf_free(&e->values);
}

static int field_of(struct smi_span name)
{
	for (int i = 0; i < SMI_EXPORT_NFIELDS; i++)
		if (smi_span_eq_str(name, names[i]))
			return i;
	return -1;
}

/* A field that comes more than once has the value it had first. */
static int field_wanted(const struct smi_export *e, struct smi_span name)
{
	int field = field_of(name);

	return field >= 0 && !e->parts[field].known ? field : -1;
}

static void begin_value(struct smi_export *e, int field)
{
	e->field = field;
	if (field < 0)
		return;
	e->parts[field].at = e->values.len;
	e->parts[field].len = 0;
	e->parts[field].known = true;
}

static void add_value(struct smi_export *e, struct smi_span s)
{
	if (e->field < 0 || e->too_long)
		return;
	if (e->values.len + s.len > SMI_LINE_MAX) {
		e->too_long = true;
		e->skipped++;
		return;
	}
	smi_buf_span_add(&e->values, s);
	e->parts[e->field].len += s.len;
}

static void add_line(struct smi_export *e, struct smi_span line,
		     uint64_t offset)
{
	size_t n = smi_span_find(line, '=');

	if (!e->any)
		e->offset = offset;
	e->any = true;
	begin_value(e, field_wanted(e, smi_span_head(line, n)));
	if (n < line.len) {
		add_value(e, smi_span_skip(line, n + 1));
		return;
	}
	e->state = SMI_EXPORT_LENGTH;
	e->nlength = 0;
}

void smi_export_first(struct smi_export *e, struct smi_span line,
		      uint64_t offset)
{
	e->on = true;
	add_line(e, line, offset);
}

static struct smi_span value(const struct smi_export *e, int field)
{
	if (!e->parts[field].known)
		return smi_span_of("", 0);
	return smi_span_of(smi_buf_span(&e->values).p + e->parts[field].at,
			   e->parts[field].len);
}

static struct smi_span first_of(const struct smi_export *e, int a, int b)
{
	struct smi_span s = value(e, a);

	return s.len ? s : value(e, b);
}

static struct smi_span program_of(const struct smi_export *e)
{
	struct smi_span name =
		first_of(e, SMI_EXPORT_IDENTIFIER, SMI_EXPORT_COMM);

	return smi_header_may_be(name, value(e, SMI_EXPORT_TRANSPORT))
		       ? name
		       : value(e, SMI_EXPORT_COMM);
}

static int64_t entry_time(const struct smi_export *e)
{
	uint64_t us;

	if (smi_span_uint(value(e, SMI_EXPORT_SOURCE_TIME), INT64_MAX / 1000,
			  &us) ||
	    smi_span_uint(value(e, SMI_EXPORT_TIME), INT64_MAX / 1000, &us))
		return (int64_t)us * 1000;
	return INT64_MIN;
}

static struct smi_span put(struct smi_buf *b, struct smi_span s)
{
	size_t at = b->len;

	smi_buf_span_add(b, s);
	return smi_span_of(smi_buf_span(b).p + at, s.len);
}

/* "2026-08-04T10:00:01.5Z web sshd[411]: Failed ...", as reader-journal.c has it. */
static int make_line(struct smi_export *e, struct smi_line *line)
{
	struct smi_buf *b = &line->room->text;
	char stamp[SMI_TIME_STRLEN];
	uint64_t pid;

	smi_buf_clear(b);
	/* Nothing may move. */
	if (!smi_buf_reserve(b, e->values.len + 128) ||
	    smi_buf_error(&e->values))
		return -ENOMEM;
	line->time = entry_time(e);
	if (line->time != INT64_MIN) {
		smi_buf_str(b, smi_time_format(line->time, stamp));
		smi_buf_char(b, ' ');
	}
	line->host = put(b, value(e, SMI_EXPORT_HOST));
	smi_buf_char(b, ' ');
	line->program = put(b, program_of(e));
	line->pid = 0;
	if (smi_span_uint(first_of(e, SMI_EXPORT_SYSLOG_PID, SMI_EXPORT_PID),
			  INT32_MAX, &pid) &&
	    pid) {
		line->pid = (int32_t)pid;
		smi_buf_char(b, '[');
		smi_buf_uint(b, pid);
		smi_buf_char(b, ']');
	}
	smi_buf_str(b, ": ");
	line->message = put(b, value(e, SMI_EXPORT_MESSAGE));
	line->raw = smi_buf_span(b);
	line->header = "journal";
	line->web = NULL;
	smi_header_web_server(line);
	line->number = e->number;
	line->offset = e->offset;
	return 1;
}

static void reset(struct smi_export *e)
{
	smi_buf_clear(&e->values);
	memset(e->parts, 0, sizeof(e->parts));
	e->any = e->too_long = false;
}

void smi_export_go_on(struct smi_export *e, uint64_t number)
{
	e->on = true;
	e->number = number;
}

void smi_export_leave(struct smi_export *e)
{
	if (e->state != SMI_EXPORT_PLAIN)
		e->state = SMI_EXPORT_TEXT;
	reset(e);
}

/* An entry is whole: 1 when it is a line. */
static int end_entry(struct smi_export *e, struct smi_line *line)
{
	int r = 0;

	if (!e->any)
		return 0;
	e->number++;
	if (!e->too_long)
		r = make_line(e, line);
	if (r == 1 && line->raw.len > SMI_LINE_MAX) {
		e->skipped++;
		r = 0;
	}
	reset(e);
	return r;
}

/* What comes next is a part of no entry, as far as can be told. */
static void lose_form(struct smi_export *e)
{
	e->broken++;
	e->state = SMI_EXPORT_PLAIN;
}

/* The length of a value, 64 bits, the lowest byte first. false: more is needed. */
static bool read_length(struct smi_export *e, struct smi_lines *l)
{
	struct smi_span s;

	while (e->nlength < 8) {
		if (!smi_lines_take(l, 8 - e->nlength, &s))
			return false;
		memcpy(e->length + e->nlength, s.p, s.len);
		e->nlength += (unsigned)s.len;
	}
	e->left = 0;
	for (int i = 7; i >= 0; i--)
		e->left = e->left << 8 | e->length[i];
	/* A mistake of its writer, or a trap: what follows must not vanish in it. */
	if (e->left > VALUE_MAX ||
	    (e->end &&
	     e->left > e->end - SMI_MIN(e->end, l->offset + l->pos))) {
		lose_form(e);
		return true;
	}
	e->left++;
	e->state = SMI_EXPORT_DATA;
	return true;
}

static bool read_data(struct smi_export *e, struct smi_lines *l)
{
	struct smi_span s = { "", 0 };

	while (e->left) {
		if (!smi_lines_take(l, (size_t)SMI_MIN(e->left, SMI_LINE_MAX),
				    &s))
			return false;
		e->left -= s.len;
		add_value(e, smi_span_head(s, s.len - !e->left));
	}
	e->state = SMI_EXPORT_TEXT;
	if (s.p[s.len - 1] != '\n')
		lose_form(e);
	return true;
}

static int give_plain(struct smi_export *e, const struct smi_lines *l,
		      struct smi_line *line)
{
	e->waiting = false;
	line->raw = e->plain;
	line->offset = e->plain_offset;
	line->number = l->number;
	return SMI_EXPORT_LINE;
}

/* A line behind the fields that were read. 0: go on. */
static int take_text(struct smi_export *e, struct smi_span text,
		     uint64_t offset)
{
	if (e->state == SMI_EXPORT_PLAIN) {
		e->waiting = !smi_export_starts(text);
	} else if (text.len && !is_field(text)) {
		lose_form(e);
		e->waiting = true;
	}
	if (e->waiting) {
		e->plain = text;
		e->plain_offset = offset;
		return 1;
	}
	e->state = SMI_EXPORT_TEXT;
	if (!text.len)
		return 1;
	add_line(e, text, offset);
	return 0;
}

int smi_export_next(struct smi_export *e, struct smi_lines *l,
		    struct smi_line *line)
{
	while (!e->waiting) {
		struct smi_span text;
		uint64_t offset, skipped = l->skipped;
		int r = 0;

		if (e->state == SMI_EXPORT_LENGTH && !read_length(e, l))
			break;
		if (e->state == SMI_EXPORT_DATA && !read_data(e, l))
			break;
		/* An entry ends where its form does. */
		if (e->state == SMI_EXPORT_PLAIN && e->any)
			r = end_entry(e, line);
		if (r)
			return r;
		if (!smi_lines_next(l, &text, &offset))
			break;
		/* One of its fields was passed over, and counted. */
		if (e->state == SMI_EXPORT_TEXT)
			e->too_long |= l->skipped > skipped;
		if (!take_text(e, text, offset))
			continue;
		r = end_entry(e, line);
		if (r)
			return r;
	}
	if (e->waiting)
		return give_plain(e, l, line);
	if (!l->at_end || l->pos < l->end)
		return 0;
	/* Cut in the middle of a value. */
	if ((e->state == SMI_EXPORT_LENGTH || e->state == SMI_EXPORT_DATA) &&
	    !e->too_long) {
		e->too_long = true;
		e->skipped++;
	}
	return end_entry(e, line);
}
