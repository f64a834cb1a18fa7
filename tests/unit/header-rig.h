/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HEADER_RIG_H
#define TESTS_HEADER_RIG_H

#include "logsrc/header.h"
#include "suite.h"

/* Splits lines as those of one stream; its end is header_done(). */
static struct smi_line_room room;

static void header_done(void)
{
	smi_line_room_done(&room);
	room = (struct smi_line_room){ 0 };
}

static struct smi_line split(const char *raw, size_t len)
{
	struct smi_line line = { .raw = smi_span_of(raw, len), .room = &room };

	smi_header_split(&line);
	return line;
}

static void same(const char *what, struct smi_span got, const char *want)
{
	ck_assert_msg(smi_span_eq_str(got, want), "%s is \"%.*s\", not \"%s\"",
		      what, (int)got.len, got.p, want);
}

#endif
