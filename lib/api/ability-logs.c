/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "api/ability.h"
#include "base/tz.h"
#include "detect/ruleset.h"
#include "logsrc/found.h"
#include "logsrc/packed.h"
#include "logsrc/reader.h"

#define LOGS	   "logs"
#define NAMES_MAX  5
#define WHY_LENGTH 256

int smi_ability_journal(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "journal",
		.part = LOGS,
		.status = SM_ABILITY_OK,
		.sentence = "The systemd journal is read.",
	};
	struct smi_journal_opts o = { .since = INT64_MIN, .until = INT64_MAX };
	struct smi_reader *r = NULL;
	char why[WHY_LENGTH] = "";
	int n = smi_reader_journal_new(ctx, "journal", &o, why, sizeof(why),
				       &r);

	if (n == -ENOMEM)
		return smi_fail_nomem(ctx);
	if (r)
		r->ops->free(r);
	if (smi_journal_is_hidden(&ctx->root)) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "Of the systemd journal only the messages of this "
			     "user may be read.";
		a.next_step =
			"Run it as root, or in the group systemd-journal.";
	} else if (n == -ENOTSUP &&
		   smi_journal_is_path(&ctx->root, "/var/log/journal")) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "The systemd journal cannot be read: it needs "
			     "libsystemd. ({why})";
		a.next_step = "Install libsystemd (libsystemd.so.0), and a "
			      "libsysmon that was built with it.";
		a.args[0] = "why";
		a.args[1] = why;
	} else if (n < 0) {
		a.sentence = "There is no systemd journal here with an entry; "
			     "log files are read.";
	}
	return smi_ability_tell(out, &a);
}

static void add_names(const struct smi_log_opening *o, struct smi_buf *names)
{
	for (size_t i = 0; i < o->readers.n && i < NAMES_MAX; i++) {
		smi_buf_str(names, i ? ", " : "");
		smi_buf_str(names, o->readers.v[i]->name);
	}
	if (o->readers.n > NAMES_MAX)
		smi_buf_str(names, ", ...");
}

static int tell_logs(const struct smi_log_opening *o, struct smi_out *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf names = { 0 };
	char count[24];
	struct smi_ability a = {
		.name = "found-logs",
		.part = LOGS,
		.status = SM_ABILITY_OK,
		.sentence = "Logs that are found here ({count}): {names}.",
		.args = { "count", count, "names" },
	};

	snprintf(count, sizeof(count), "%zu", o->readers.n);
	add_names(o, &names);
	a.args[3] = smi_buf_cstr(&names);
	if (!a.args[3])
		return smi_fail_nomem(smi_out_ctx(out));
	if (o->failures.n) {
		a.status = SM_ABILITY_MISSING;
		a.sentence = o->left_out
				     ? "No log that is found here may be read."
				     : "No log with a line in it is found "
				       "here; without a name there is nothing "
				       "to read.";
	} else if (o->left_out) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "Logs that are found here ({count}): {names}; "
			     "others are left out, see the notices.";
	}
	if (o->left_out)
		a.next_step = "Run it as root, or in the group that may read "
			      "logs (adm).";
	return smi_ability_tell(out, &a);
}

int smi_ability_logs(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_log_opening o = {
		.ctx = ctx,
		.out = out,
		.since = INT64_MIN,
		.until = INT64_MAX,
	};
	int r = smi_log_find(&o);

	if (r == 0)
		r = tell_logs(&o, out);
	smi_log_opening_done(&o);
	return r == -ENOMEM ? smi_fail_nomem(ctx) : r;
}

int smi_ability_packed(sm_ctx *ctx, struct smi_out *out)
{
	static const struct {
		int feature;
		const char *name, *library;
	} ways[] = {
		{ SM_FEATURE_GZIP, "gzip", "libz.so.1" },
		{ SM_FEATURE_XZ, "xz", "liblzma.so.5" },
		{ SM_FEATURE_ZSTD, "zstd", "libzstd.so.1" },
		{ SM_FEATURE_BZIP2, "bzip2", "libbz2.so.1.0" },
	};
	int r = 0;

	(void)ctx;
	for (size_t i = 0; i < SMI_COUNT(ways) && r == 0; i++) {
		bool has = sm_has_feature(ways[i].feature);
		const struct smi_ability a = {
			.name = ways[i].name,
			.part = LOGS,
			.status = has ? SM_ABILITY_OK : SM_ABILITY_LIMITED,
			.sentence =
				has ? "Logs that {format} packed are read."
				    : "Logs that {format} packed are not read: "
				      "{library} is not there.",
			.next_step = has ? NULL
					 : "Install {library}, and a libsysmon "
					   "that was "
					   "built with it.",
			.args = { "format", ways[i].name, "library",
				  ways[i].library },
		};

		r = smi_ability_tell(out, &a);
	}
	return r;
}

int smi_ability_zone(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "time-zone",
		.part = LOGS,
		.status = SM_ABILITY_OK,
		.sentence = "The zone of this machine is known, for stamps "
			    "without one.",
	};
	struct smi_tz *tz = NULL;
	int r = smi_tz_open(&ctx->root, NULL, &tz);

	smi_tz_free(tz);
	if (r == -ENOMEM)
		return smi_fail_nomem(ctx);
	if (r < 0) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence =
			"/etc/localtime cannot be used, and stamps without "
			"a zone are read as UTC. ({why})";
		a.next_step = "Install the zones (tzdata), or set TZ.";
		a.args[0] = "why";
		a.args[1] = smi_strerror(-r);
	}
	return smi_ability_tell(out, &a);
}

int smi_ability_rules(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "builtin-rules",
		.part = "rules",
		.status = SM_ABILITY_OK,
		.sentence = "{count} built-in rules can be used.",
		.args = { "count" },
	};
	sm_ruleset *rs = NULL;
	char count[24];
	int r = sm_ruleset_new(ctx, &rs);

	if (r == 0)
		r = sm_ruleset_add_builtin(rs);
	snprintf(count, sizeof(count), "%zu", sm_ruleset_size(rs));
	a.args[1] = count;
	sm_ruleset_unref(rs);
	if (r < 0)
		return r;
	if (!sm_has_feature(SM_FEATURE_REGEX_JIT)) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "{count} built-in rules can be used, more slowly: "
			     "the PCRE2 of this system does not compile "
			     "patterns to machine code.";
	}
	return smi_ability_tell(out, &a);
}

int smi_ability_history(sm_ctx *ctx, struct smi_out *out)
{
	bool has = sm_has_feature(SM_FEATURE_SQLITE);
	const struct smi_ability a = {
		.name = "sqlite",
		.part = "history",
		.status = has ? SM_ABILITY_OK : SM_ABILITY_LIMITED,
		.sentence = has ? "Runs can be kept in a history."
				: "Runs cannot be kept in a history: the "
				  "library of SQLite "
				  "is not there.",
		.next_step = has ? NULL
				 : "Install SQLite (libsqlite3.so.0), and a "
				   "libsysmon that "
				   "was built with it.",
	};

	(void)ctx;
	return smi_ability_tell(out, &a);
}
