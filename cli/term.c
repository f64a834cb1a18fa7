/* SPDX-License-Identifier: MIT */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "lang.h"

void term_hold_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
			return;
}

/* 0: not set, or no number that can be meant. */
static unsigned from_environment(const char *name, unsigned least)
{
	const char *env = getenv(name);
	unsigned long n = env ? strtoul(env, NULL, 10) : 0;

	return n >= least && n <= 10000 ? (unsigned)n : 0;
}

unsigned term_width(int fd)
{
	unsigned n = from_environment("COLUMNS", 20);
	struct winsize ws;

	if (!n && !ioctl(fd, TIOCGWINSZ, &ws) && ws.ws_col >= 20)
		n = ws.ws_col;
	return n ? n : 80;
}

unsigned term_height(int fd)
{
	unsigned n = from_environment("LINES", 5);
	struct winsize ws;

	if (!n && !ioctl(fd, TIOCGWINSZ, &ws) && ws.ws_row >= 5)
		n = ws.ws_row;
	return n ? n : 24;
}

int64_t term_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

bool term_color(int when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	const char *force = getenv("CLICOLOR_FORCE");

	if (when != TERM_COLOR_AUTO)
		return when == TERM_COLOR_ALWAYS;
	if (no && *no)
		return false;
	if (force && *force && strcmp(force, "0"))
		return true;
	return isatty(STDOUT_FILENO) && !(term && !strcmp(term, "dumb"));
}

/* The length of the UTF-8 sequence at s, 0 for what is none; code is its number.
 * The table is that of RFC 3629. */
static unsigned decode(const unsigned char *s, uint32_t *code)
{
	unsigned n = *s < 0x80	 ? 1
		     : *s < 0xc2 ? 0
		     : *s < 0xe0 ? 2
		     : *s < 0xf0 ? 3
		     : *s < 0xf5 ? 4
				 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (!n)
		return 0;
	*code = n == 1 ? *s : *s & (0x7fu >> n);
	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

/* What the formats for people show escaped: lib/report/escape.c has the reasons. */
static bool is_harmless(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} unprintable[] = {
		{ 0x0000, 0x001f },   { 0x007f, 0x009f },
		{ 0x00ad, 0x00ad },   { 0x034f, 0x034f },
		{ 0x0600, 0x0605 },   { 0x061c, 0x061c },
		{ 0x06dd, 0x06dd },   { 0x070f, 0x070f },
		{ 0x0890, 0x0891 },   { 0x08e2, 0x08e2 },
		{ 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },
		{ 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },
		{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
		{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
		{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	if ((c & 0xfffe) == 0xfffe)
		return false;
	for (size_t i = 0; i < sizeof(unprintable) / sizeof(*unprintable); i++)
		if (c >= unprintable[i].first && c <= unprintable[i].last)
			return false;
	return true;
}

size_t term_escape(const char *text, bool lines, char *out, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = 0;

	while (*s && len + 17 < size) {
		uint32_t c = 0;
		unsigned n = decode(s, &c);

		if (n && (is_harmless(c) || (c == '\n' && lines))) {
			memcpy(out + len, s, n);
			len += n;
			s += n;
			continue;
		}
		for (n = n ? n : 1; n; n--)
			len += (size_t)snprintf(out + len, 5, "\\x%02x", *s++);
	}
	out[len] = '\0';
	return len;
}

static bool put(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s += n;
		len -= (size_t)n;
	}
	return true;
}

void say(const char *fmt, ...)
{
	char raw[4096], line[8192] = "sysmon: ";
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), tr(fmt), ap);
	va_end(ap);
	len += term_escape(raw, false, line + len, sizeof(line) - len - 1);
	line[len++] = '\n';
	put(STDERR_FILENO, line, len);
}

static int failed, shown_to = STDOUT_FILENO;
static unsigned lines_shown;
static size_t bytes_shown;

unsigned show_to(int fd)
{
	unsigned n = lines_shown;

	shown_to = fd;
	lines_shown = 0;
	bytes_shown = 0;
	failed = 0;
	return n;
}

size_t shown_bytes(void)
{
	return bytes_shown;
}

int show_error(void)
{
	return failed;
}

void show(const char *fmt, ...)
{
	char raw[4096], text[8192];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), tr(fmt), ap);
	va_end(ap);
	len = term_escape(raw, true, text, sizeof(text));
	for (size_t i = 0; i < len; i++)
		lines_shown += text[i] == '\n';
	if (failed || shown_to < 0)
		return;
	if (put(shown_to, text, len))
		bytes_shown += len;
	else
		failed = errno;
}
