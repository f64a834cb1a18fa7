/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dl-journal.h"
#include "logsrc/header-parts.h"
#include "logsrc/reader.h"
#include "logsrc/wake.h"

/* Entries are stored in the order of their arrival; what they tell of their own
 * time may be this much (us) before or after. */
#define SLACK_US UINT64_C(60000000)

/* Of one call, until the job has its turn. */
#define MAX_SKIPS 16

static const char *const places[] = { "/var/log/journal", "/run/log/journal" };

struct journal_reader {
	struct smi_reader head;
	struct smi_dl dl;
	struct smi_sd sd;
	struct sd_journal *j;
	struct smi_buf raw, fields;
	const char *const *names; /* of those */
	size_t nnames;
	uint64_t until; /* us */
	bool live;	/* followed */
	bool looked;	/* for news, after the last entry */
	bool has_next;	/* the position is at the next entry already */
};

static struct smi_span get(struct journal_reader *r, const char *field)
{
	const void *p;
	size_t len, skip = strlen(field) + 1;

	if (r->sd.sd_journal_get_data(r->j, field, &p, &len) < 0 || len < skip)
		return smi_span_str(NULL);
	return smi_span_skip(smi_span_of(p, len), skip);
}

/* What get() gives lives until the next get(): so each goes into the line, whose
 * bytes may still move. */
struct part {
	size_t at, len;
};

static struct part add(struct journal_reader *r, struct smi_span s)
{
	struct part part = { r->raw.len, s.len };

	smi_buf_span_add(&r->raw, s);
	return part;
}

static struct smi_span placed(const struct journal_reader *r, struct part part)
{
	return smi_span_of(r->raw.p + part.at, part.len);
}

static int64_t entry_time(struct journal_reader *r, uint64_t received)
{
	uint64_t us;

	if (smi_span_uint(get(r, "_SOURCE_REALTIME_TIMESTAMP"),
			  INT64_MAX / 1000, &us))
		return (int64_t)us * 1000;
	return (int64_t)SMI_MIN(received, (uint64_t)INT64_MAX / 1000) * 1000;
}

static void add_stamp(struct journal_reader *r, int64_t time)
{
	char text[SMI_TIME_STRLEN];

	smi_buf_str(&r->raw, smi_time_format(time, text));
	smi_buf_char(&r->raw, ' ');
}

static struct smi_span first_of(struct journal_reader *r, const char *a,
				const char *b)
{
	struct smi_span s = get(r, a);

	return s.len ? s : get(r, b);
}

static struct smi_span program_of(struct journal_reader *r)
{
	struct smi_span transport = get(r, "_TRANSPORT"), name;
	bool kernel = smi_header_may_be(SMI_SPAN("kernel"), transport);

	/* The transport lives until the next get(). */
	name = first_of(r, "SYSLOG_IDENTIFIER", "_COMM");
	return kernel || !smi_span_eq(name, SMI_SPAN("kernel"))
		       ? name
		       : get(r, "_COMM");
}

static int32_t add_pid(struct journal_reader *r)
{
	struct smi_span s = first_of(r, "SYSLOG_PID", "_PID");
	uint64_t pid;

	if (!smi_span_uint(s, INT32_MAX, &pid) || !pid)
		return 0;
	smi_buf_char(&r->raw, '[');
	smi_buf_uint(&r->raw, pid);
	smi_buf_char(&r->raw, ']');
	return (int32_t)pid;
}

/* A value of more than one line is no name of a unit or a program. */
static int add_fields(struct journal_reader *r)
{
	smi_buf_clear(&r->fields);
	smi_buf_reserve(&r->fields, 1);
	for (size_t i = 0; i < r->nnames; i++) {
		struct smi_span s = get(r, r->names[i]);

		if (!s.len || memchr(s.p, '\n', s.len))
			continue;
		smi_buf_str(&r->fields, r->names[i]);
		smi_buf_char(&r->fields, '=');
		smi_buf_span_add(&r->fields, s);
		smi_buf_char(&r->fields, '\n');
	}
	r->head.line.fields = smi_buf_span(&r->fields);
	return smi_buf_error(&r->fields);
}

/* "2026-08-04T10:00:01.5Z web sshd[411]: Failed ...": in UTC, so that the bytes
 * depend on the entry alone. */
static int make_line(struct journal_reader *r, int64_t time)
{
	struct smi_line *line = &r->head.line;
	struct part host, program, message;

	smi_buf_clear(&r->raw);
	add_stamp(r, time);
	host = add(r, get(r, "_HOSTNAME"));
	smi_buf_char(&r->raw, ' ');
	program = add(r, program_of(r));
	line->pid = add_pid(r);
	smi_buf_str(&r->raw, ": ");
	message = add(r, get(r, "MESSAGE"));
	if (smi_buf_error(&r->raw) || (r->nnames && add_fields(r) < 0))
		return -ENOMEM;
	line->raw = smi_buf_span(&r->raw);
	line->host = placed(r, host);
	line->program = placed(r, program);
	line->message = placed(r, message);
	line->time = time;
	line->header = "journal";
	line->web = NULL;
	smi_header_web_server(line);
	line->number++;
	return 1;
}

static int journal_next(struct smi_reader *head, struct smi_stamp_clock *clock)
{
	struct journal_reader *r = (struct journal_reader *)head;
	int skipped = 0;

	(void)clock;
	for (;;) {
		uint64_t received;
		int n = r->has_next ? 1 : r->sd.sd_journal_next(r->j);

		r->has_next = false;
		if (n == 0 && r->live && !r->looked) {
			r->looked = true;
			n = r->sd.sd_journal_process(r->j);
			if (n >= 0)
				continue;
		}
		r->looked = false;
		if (n == 0 && r->live)
			return -EAGAIN;
		if (n <= 0)
			return n;
		n = r->sd.sd_journal_get_realtime_usec(r->j, &received);
		if (n < 0)
			return n;
		if (received > r->until)
			return 0;
		n = make_line(r, entry_time(r, received));
		if (n < 0)
			return n;
		head->counts.bytes += head->line.raw.len;
		head->done = head->counts.bytes;
		if (head->line.raw.len <= SMI_LINE_MAX)
			return 1;
		head->counts.skipped++;
		if (++skipped == MAX_SKIPS)
			return 2;
	}
}

/* libsystemd waits by a descriptor of its own; where that may miss something it
 * says so by a time. */
static int journal_follow(struct smi_reader *head,
			  const struct smi_fsroot *root, struct smi_wake *wake)
{
	struct journal_reader *r = (struct journal_reader *)head;
	int fd = r->sd.sd_journal_get_fd(r->j);

	(void)root;
	r->live = true;
	if (fd < 0) {
		wake->refused = true;
		return 0;
	}
	wake->refused = wake->refused || !r->sd.sd_journal_reliable_fd(r->j);
	return smi_wake_watch(wake, fd);
}

static int journal_mark(struct smi_reader *head, struct smi_position *p)
{
	struct journal_reader *r = (struct journal_reader *)head;
	char *cursor = NULL;

	smi_position_done(p);
	p->known = r->sd.sd_journal_get_cursor(r->j, &cursor) >= 0;
	p->number = head->line.number - 1;
	p->cursor = cursor ? smi_strdup(cursor) : NULL;
	free(cursor);
	return p->known && !p->cursor ? -ENOMEM : 0;
}

static int journal_resume(struct smi_reader *head,
			  const struct smi_fsroot *root,
			  const struct smi_position *p)
{
	struct journal_reader *r = (struct journal_reader *)head;
	int n;

	(void)root;
	if (!p->cursor)
		return 0;
	n = r->sd.sd_journal_seek_cursor(r->j, p->cursor);
	if (n == -ENOMEM)
		return n;
	if (n >= 0)
		n = r->sd.sd_journal_next(r->j);
	r->has_next = n > 0;
	/* Where it was vacuumed the next one is new. */
	if (n > 0 && r->sd.sd_journal_test_cursor(r->j, p->cursor) > 0)
		head->again = p->told;
	head->line.number = p->number;
	return head->again ? 0 : -ENODATA;
}

static void journal_free(struct smi_reader *head)
{
	struct journal_reader *r = (struct journal_reader *)head;

	if (r->j)
		r->sd.sd_journal_close(r->j);
	smi_dl_close(&r->dl);
	smi_buf_free(&r->raw);
	smi_buf_free(&r->fields);
	smi_reader_done(head);
	free(r);
}

static const struct smi_reader_ops journal_ops = {
	.next = journal_next,
	.follow = journal_follow,
	.mark = journal_mark,
	.resume = journal_resume,
	.free = journal_free,
};

/* journald has a directory for each machine. */
static bool is_machine_id(const char *s)
{
	return strlen(s) == 32 && strspn(s, "0123456789abcdef") == 32;
}

bool smi_journal_is_path(const struct smi_fsroot *root, const char *path)
{
	SMI_AUTOCLOSE int fd = -1;
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	if (smi_span_ends(smi_span_str(path), SMI_SPAN(".journal")))
		return true;
	fd = smi_fsroot_open(root, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return false;
	fd = -1;
	while (!found && (e = readdir(dir)))
		found = smi_span_ends(smi_span_str(e->d_name),
				      SMI_SPAN(".journal")) ||
			is_machine_id(e->d_name);
	closedir(dir);
	return found;
}

static bool is_refused(int dir, const char *id)
{
	SMI_AUTOCLOSE int sub =
		openat(dir, id, O_PATH | O_DIRECTORY | O_CLOEXEC);
	SMI_AUTOCLOSE int fd = -1;

	if (sub < 0)
		return errno == EACCES;
	fd = openat(sub, "system.journal", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 && (errno == EACCES || errno == EPERM);
}

static bool hides(const struct smi_fsroot *root, const char *path)
{
	SMI_AUTOCLOSE int fd =
		smi_fsroot_open(root, path, O_RDONLY | O_DIRECTORY);
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	if (fd < 0)
		return fd == -EACCES;
	dir = fdopendir(fd);
	if (!dir)
		return false;
	while (!found && (e = readdir(dir)))
		found = is_machine_id(e->d_name) && is_refused(fd, e->d_name);
	fd = -1;
	closedir(dir);
	return found;
}

bool smi_journal_is_hidden(const struct smi_fsroot *root)
{
	for (size_t i = 0; i < SMI_COUNT(places); i++)
		if (hides(root, places[i]))
			return true;
	return false;
}

/* A path that libsystemd can open, of what stands below the sysroot. */
static int real_path(sm_ctx *ctx, const char *path, struct smi_buf *out,
		     bool *is_dir)
{
	SMI_AUTOCLOSE int fd = smi_fsroot_open(&ctx->root, path, O_PATH);
	char link[64], text[4096];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	*is_dir = S_ISDIR(st.st_mode);
	if (!*is_dir && !S_ISREG(st.st_mode))
		return -ENODEV;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, text, sizeof(text));
	if (n < 0 || (size_t)n == sizeof(text))
		return n < 0 ? -errno : -ENAMETOOLONG;
	/* libsystemd does not say why it cannot open a file. */
	fd = (smi_closep(&fd),
	      smi_fsroot_open(&ctx->root, path, O_RDONLY | O_NONBLOCK));
	if (fd < 0)
		return fd;
	smi_buf_add(out, text, (size_t)n);
	return smi_buf_cstr(out) ? 0 : -ENOMEM;
}

static int open_path(sm_ctx *ctx, struct journal_reader *r, const char *path)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf real = { 0 };
	const char *files[2] = { NULL, NULL };
	bool is_dir;
	int n = real_path(ctx, path, &real, &is_dir);

	if (n < 0)
		return n;
	files[0] = real.p;
	if (is_dir)
		return r->sd.sd_journal_open_directory(&r->j, real.p, 0);
	return r->sd.sd_journal_open_files(&r->j, files, 0);
}

/* Without a sysroot libsystemd knows the places; below one it is told. */
static int open_system(sm_ctx *ctx, struct journal_reader *r)
{
	int n = -ENOENT;

	if (ctx->root.fd < 0)
		return r->sd.sd_journal_open(&r->j, SMI_SD_LOCAL_ONLY);
	for (size_t i = 0; n == -ENOENT && i < SMI_COUNT(places); i++)
		n = open_path(ctx, r, places[i]);
	return n;
}

/* What systemctl(1) takes: a name without a suffix is a service. */
static int match_unit(struct journal_reader *r, const char *unit)
{
	/* Its own lines, and what the manager and helpers write about it. */
	static const char *const fields[] = { "_SYSTEMD_UNIT", "UNIT",
					      "OBJECT_SYSTEMD_UNIT" };
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	for (size_t i = 0; i < SMI_COUNT(fields); i++) {
		int n;

		smi_buf_clear(&b);
		smi_buf_str(&b, fields[i]);
		smi_buf_char(&b, '=');
		smi_buf_str(&b, unit);
		if (!strchr(unit, '.'))
			smi_buf_str(&b, ".service");
		if (smi_buf_error(&b))
			return -ENOMEM;
		n = i ? r->sd.sd_journal_add_disjunction(r->j) : 0;
		if (n >= 0)
			n = r->sd.sd_journal_add_match(r->j, b.p, b.len);
		/* Who may write UNIT= is not checked by a match alone. */
		if (n >= 0 && i)
			n = r->sd.sd_journal_add_match(r->j, "_UID=0", 6);
		if (n < 0)
			return n;
	}
	return 0;
}

static int seek(struct journal_reader *r, const struct smi_journal_opts *o)
{
	uint64_t since = o->since > 0 ? (uint64_t)o->since / 1000 : 0;

	r->until = UINT64_MAX;
	if (o->until != INT64_MAX)
		r->until = (o->until > 0 ? (uint64_t)o->until / 1000 : 0) +
			   SLACK_US;
	if (since > SLACK_US)
		return r->sd.sd_journal_seek_realtime_usec(r->j,
							   since - SLACK_US);
	return r->sd.sd_journal_seek_head(r->j);
}

/* Is there an entry at all? Leaves the position before the first. */
static int look(struct journal_reader *r, const struct smi_journal_opts *o)
{
	int n = r->sd.sd_journal_seek_head(r->j);

	if (n >= 0)
		n = r->sd.sd_journal_next(r->j);
	if (n == 0)
		return -ENODATA;
	return n < 0 ? n : seek(r, o);
}

int smi_reader_journal_new(sm_ctx *ctx, const char *name,
			   const struct smi_journal_opts *o, char *why,
			   size_t why_len, struct smi_reader **out)
{
	struct journal_reader *r = smi_zalloc(sizeof(*r));
	int n;

	if (!r)
		return -ENOMEM;
	n = smi_reader_init(&r->head, &journal_ops, name);
	if (n < 0) {
		free(r);
		return n;
	}
	r->head.one_thread = true;
	r->names = o->fields;
	r->nnames = o->nfields;
	n = smi_dl_journal(&r->dl, &r->sd, why, why_len);
	if (n >= 0)
		n = o->path ? open_path(ctx, r, o->path) : open_system(ctx, r);
	/* A little more than a line may have: what is longer is then known. */
	if (n >= 0)
		n = r->sd.sd_journal_set_data_threshold(r->j,
							SMI_LINE_MAX + 4096);
	if (n >= 0 && o->unit)
		n = match_unit(r, o->unit);
	if (n >= 0)
		n = look(r, o);
	if (n < 0) {
		journal_free(&r->head);
		return n;
	}
	*out = &r->head;
	return 0;
}
