/* SPDX-License-Identifier: MIT */
#include "logsrc/found.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "logsrc/rotation.h"

enum place_kind {
	SYSLOG, /* has what the journal has */
	WEB,
};

/* base is a name, or with a leading * how names end. A row whose twin was found
 * holds nothing new. */
static const struct place {
	enum place_kind kind;
	const char *dir, *base, *twin;
} places[] = {
	{ SYSLOG, "/var/log/", "auth.log", NULL },
	{ SYSLOG, "/var/log/", "secure", NULL },
	{ SYSLOG, "/var/log/", "syslog", NULL },
	{ SYSLOG, "/var/log/", "messages", "syslog" },
	{ WEB, "/var/log/nginx/", "*access.log", NULL },
	{ WEB, "/var/log/nginx/", "*error.log", NULL },
	{ WEB, "/var/log/apache2/", "*access.log", NULL },
	{ WEB, "/var/log/apache2/", "*error.log", NULL },
	{ WEB, "/var/log/httpd/", "*access_log", NULL },
	{ WEB, "/var/log/httpd/", "*error_log", NULL },
};

#define LOOKED_FOR                                                             \
	"no log with a line in it was found here: there is no journal with "   \
	"entries, and none of auth.log, secure, syslog and messages in "       \
	"/var/log, *access.log "                                               \
	"and *error.log in /var/log/nginx and /var/log/apache2, *_log in "     \
	"/var/log/httpd"

struct search {
	struct smi_log_opening *o;
	size_t found; /* that tell something, or may */
	size_t packed, refused;
	struct smi_buf first_packed, refused_names;
};

static bool fits(const struct place *p, struct smi_span base)
{
	if (p->base[0] == '*')
		return smi_span_ends(base, smi_span_str(p->base + 1));
	return smi_span_eq_str(base, p->base);
}

static int refuse(struct search *s, const char *path)
{
	if (s->refused++)
		smi_buf_str(&s->refused_names, ", ");
	smi_buf_str(&s->refused_names, path);
	return smi_buf_error(&s->refused_names);
}

static int take(struct search *s, const char *path)
{
	struct smi_reader *r;
	char why[256];
	int n = smi_reader_file_new(s->o->ctx, path, why, sizeof(why), &r);

	switch (n) {
	case 0:
		/* A pipe holds no past. */
		if (!r->is_file) {
			r->ops->free(r);
			return 0;
		}
		s->found += s->o->follow || r->size;
		return smi_log_add_reader(s->o, r);
	case -ENOMEM:
		return n;
	case -ENOTSUP:
	case -EMEDIUMTYPE:
		if (!s->packed++)
			smi_buf_str(&s->first_packed, path);
		return smi_buf_error(&s->first_packed);
	case -EACCES:
	case -EPERM:
		return refuse(s, path);
	default: /* rotated away since, or no log */
		return 0;
	}
}

/* Of one row of the table, in no order: families are sorted later. */
static int search_place(struct search *s, const struct place *p)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };
	SMI_AUTOCLOSE int fd = smi_fsroot_open(&s->o->ctx->root, p->dir,
					       O_RDONLY | O_DIRECTORY);
	struct dirent **names = NULL;
	int n, r = 0;

	if (fd == -EACCES)
		return refuse(s, p->dir);
	n = fd < 0 ? 0 : scandirat(fd, ".", &names, NULL, alphasort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (int i = 0; i < n; i++) {
		struct smi_rotated name = smi_rotated_parse(names[i]->d_name);

		if (r == 0 && fits(p, name.base)) {
			smi_buf_clear(&path);
			smi_buf_str(&path, p->dir);
			smi_buf_str(&path, names[i]->d_name);
			r = smi_buf_cstr(&path) ? take(s, path.p) : -ENOMEM;
		}
		free(names[i]);
	}
	free(names);
	return r;
}

static bool has_found(const struct search *s, const char *base)
{
	for (size_t i = 0; i < s->o->readers.n; i++) {
		struct smi_rotated r =
			smi_rotated_parse(s->o->readers.v[i]->name);

		if (smi_span_starts(r.base, SMI_SPAN("/var/log/")) &&
		    smi_span_eq_str(smi_span_skip(r.base, 9), base))
			return true;
	}
	return false;
}

/* true: it is read, and the files of the syslog daemon say the same. */
static int search_journal(struct search *s, bool *whole)
{
	struct smi_journal_opts jo = { .since = s->o->since,
				       .until = s->o->until,
				       .fields = s->o->journal_fields,
				       .nfields = s->o->njournal_fields };
	struct smi_out *out = s->o->out;
	struct smi_reader *r;
	char why[256] = "";
	bool hidden = smi_journal_is_hidden(&s->o->ctx->root);
	int n = smi_reader_journal_new(s->o->ctx, "journal", &jo, why,
				       sizeof(why), &r);

	*whole = false;
	if (n == -ENOMEM)
		return n;
	if (n == 0) {
		*whole = !hidden;
		s->found++;
		n = smi_log_add_reader(s->o, r);
		if (n < 0)
			return n;
	} else {
		smi_log(s->o->ctx, SM_LOG_INFO, "log", "no journal: %s",
			n == -ENOTSUP ? why : smi_strerror(-n));
	}
	if (n == -ENOTSUP &&
	    smi_journal_is_path(&s->o->ctx->root, "/var/log/journal")) {
		const char *args[] = { "why", why };

		return smi_out_notice(
			out, 0, "journal",
			"the journal was left out: it needs libsystemd: {why}",
			args, 2);
	}
	if (!hidden)
		return 0;
	return smi_out_notice(out, 0, "journal",
			      "the system's journal was left out: it may be "
			      "read by root and the group systemd-journal",
			      NULL, 0);
}

static int tell(struct search *s)
{
	struct smi_out *out = s->o->out;
	char count[24];
	const char *args[4] = { "names", NULL, "count", count };
	int n = 0;

	s->o->left_out += s->refused + s->packed;
	if (s->refused) {
		args[1] = smi_buf_cstr(&s->refused_names);
		n = args[1] ? smi_out_notice(out, 0, NULL,
					     "left out, because they may not "
					     "be read: {names}",
					     args, 2)
			    : -ENOMEM;
	}
	if (n < 0 || !s->packed)
		return n;
	args[0] = "first";
	args[1] = smi_buf_cstr(&s->first_packed);
	snprintf(count, sizeof(count), "%zu", s->packed);
	return args[1] ? smi_out_notice(out, 0, NULL,
					"{count} compressed logs were left "
					"out, because they cannot be unpacked "
					"here, of them {first}",
					args, 4)
		       : -ENOMEM;
}

int smi_log_find(struct smi_log_opening *o)
{
	struct search s = { .o = o };
	bool journal;
	int n = search_journal(&s, &journal);

	for (size_t i = 0; n >= 0 && i < SMI_COUNT(places); i++) {
		const struct place *p = &places[i];

		if (journal && p->kind == SYSLOG)
			continue;
		if (!p->twin || !has_found(&s, p->twin))
			n = search_place(&s, p);
	}
	if (n >= 0)
		n = tell(&s);
	if (n >= 0 && !s.found)
		n = smi_log_add_failure(o, "", ENOENT, LOOKED_FOR, NULL);
	smi_buf_free(&s.first_packed);
	smi_buf_free(&s.refused_names);
	return n;
}
