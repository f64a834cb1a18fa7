/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"
#include "record/shell-args.h"

static const char *const hijacking[] = { "T1496.001" };
static const char *const script_deletion[] = { "T1059", "T1070.004" };
static const char *const scripting[] = { "T1059", "T1140" };

/*
 * What miners are given. Each kind is one sign, whatever number of them is there; the
 * words of one argument together are one, too.
 */
enum {
	SIGN_URL = 1 << 0,
	SIGN_OPTION = 1 << 1,
	SIGN_POOL = 1 << 2,
	SIGN_PROGRAM = 1 << 3,
	SIGN_BUSY = 1 << 4,
};
static const struct {
	const char *text;
	unsigned sign;
} miner_words[] = {
	{ "stratum+tcp:", SIGN_URL },
	{ "stratum+ssl:", SIGN_URL },
	{ "stratum+tls:", SIGN_URL },
	{ "stratum2+tcp:", SIGN_URL },
	{ "--donate-level", SIGN_OPTION },
	{ "--randomx-", SIGN_OPTION },
	{ "--nicehash", SIGN_OPTION },
	{ "--cpu-max-threads-hint", SIGN_OPTION },
	{ "randomx", SIGN_OPTION },
	{ "rx/0", SIGN_OPTION },
	{ "cryptonight", SIGN_OPTION },
	{ "--coin=monero", SIGN_OPTION },
	{ "--coin=XMR", SIGN_OPTION },
	{ "minexmr.", SIGN_POOL },
	{ "supportxmr.", SIGN_POOL },
	{ "nanopool.org", SIGN_POOL },
	{ "2miners.com", SIGN_POOL },
	{ "moneroocean.", SIGN_POOL },
	{ "hashvault.", SIGN_POOL },
	{ "nicehash.com", SIGN_POOL },
	{ "c3pool.", SIGN_POOL },
	{ "unmineable.", SIGN_POOL },
	{ "herominers.", SIGN_POOL },
	{ "minergate.", SIGN_POOL },
	{ "xmrpool.", SIGN_POOL },
};
#define BUSY_PERCENT 80.0

/* By the first byte of a word: the bytes that may be its second. */
static const char *const second_bytes[256] = {
	['-'] = "-",  ['2'] = "m",  ['c'] = "r3", ['h'] = "ae", ['m'] = "io",
	['n'] = "ai", ['r'] = "ax", ['s'] = "tu", ['u'] = "n",	['x'] = "m",
};

static bool may_begin_word(const char *p)
{
	const char *second = second_bytes[(unsigned char)p[0]];

	while (second && *second && *second != p[1])
		second++;
	return second && *second;
}

/* The first of the words, in their order, that text begins with. */
static size_t find_word(struct smi_span text)
{
	size_t i = 0;

	while (i < SMI_COUNT(miner_words) &&
	       !smi_span_starts(text, smi_span_str(miner_words[i].text)))
		i++;
	return i;
}

/* All arguments of all processes pass here: one walk for all words. */
static unsigned sign_of(struct smi_span arg)
{
	size_t first = SMI_COUNT(miner_words);

	for (size_t i = 0; i + 1 < arg.len; i++)
		if (may_begin_word(arg.p + i))
			first = SMI_MIN(first,
					find_word(smi_span_skip(arg, i)));
	return first < SMI_COUNT(miner_words) ? miner_words[first].sign : 0;
}

static bool is_busy(const sm_record *rec)
{
	unsigned field = smi_rec_has(rec, SMI_PROC_CPU_PERCENT)
				 ? SMI_PROC_CPU_PERCENT
				 : SMI_PROC_CPU_PERCENT_LIFETIME;

	return smi_rec_real(rec, SM_KIND_PROCESS, field) > BUSY_PERCENT;
}

/* Builds and films keep processors busy too: that alone is never enough, nor is
 * anything else. */
static bool is_miner(const sm_record *rec, double threshold,
		     struct smi_verdict *v)
{
	struct smi_strs args = smi_look_args(rec);
	unsigned signs = 0;

	(void)threshold;
	for (size_t i = 1; i < args.n; i++) {
		unsigned sign = sign_of(smi_span_str(args.v[i]));

		if (sign && !signs)
			v->detail = smi_span_str(args.v[i]);
		signs |= sign;
	}
	if (smi_program_class(smi_look_exe(rec)) & SMI_PROGRAM_MINER) {
		signs |= SIGN_PROGRAM;
		if (!v->detail.len)
			v->detail = smi_look_exe(rec);
	}
	if (!signs)
		return false;
	signs |= is_busy(rec) ? SIGN_BUSY : 0;
	return (signs & (signs - 1)) != 0;
}

/*
 * Texts that give somebody far away a shell, or that run what was hidden or fetched:
 * one row each; all its parts must be in one argument.
 */
#define A_SHELL SM_SEV_HIGH, "a shell on a connection"
#define HIDDEN	SM_SEV_MEDIUM, "a hidden program"
#define FETCHED SM_SEV_LOW, "a program as it is fetched"
static const struct {
	const char *all[3];
	int severity;
	const char *what;
} payloads[] = {
	{ { "/dev/tcp/", "0>&1" }, A_SHELL },
	{ { "/dev/tcp/", "<&1" }, A_SHELL },
	{ { "/dev/tcp/", "sh -i" }, A_SHELL },
	{ { "/dev/tcp/", "while read" }, A_SHELL },
	{ { "/dev/udp/", "0>&1" }, A_SHELL },
	{ { "mkfifo", "nc ", "sh" }, A_SHELL },
	{ { "nc ", "-e /bin/" }, A_SHELL },
	{ { "ncat ", "-e /bin/" }, A_SHELL },
	{ { "socat ", "exec:", "tcp" }, A_SHELL },
	{ { "socat ", "EXEC:", "TCP" }, A_SHELL },
	{ { "socket", "dup2", "connect" }, A_SHELL },
	{ { "socket", "pty.spawn" }, A_SHELL },
	{ { "socket", "connect", "subprocess" }, A_SHELL },
	{ { "Socket", "STDIN", "exec" }, A_SHELL },
	{ { "socket(", "STDIN", "exec" }, A_SHELL },
	{ { "TCPSocket", "exec" }, A_SHELL },
	{ { "fsockopen", "exec" }, A_SHELL },
	{ { "net.connect", "child_process" }, A_SHELL },
	{ { "net.Socket", "child_process" }, A_SHELL },
	{ { "/inet/tcp/", "getline" }, A_SHELL },
	{ { "exec(", "b64decode" }, HIDDEN },
	{ { "eval(", "decode_base64" }, HIDDEN },
	{ { "eval(", "base64_decode" }, HIDDEN },
	{ { "exec(", "marshal.loads" }, HIDDEN },
};

/* Commands whose output another one runs: one of the first, then one of the last. */
static const struct {
	const char *maker;
	int severity;
	const char *what;
} makers[] = {
	{ "base64 -d", HIDDEN }, { "base64 --d", HIDDEN },
	{ "xxd -r", HIDDEN },	 { "openssl enc", HIDDEN },
	{ "curl ", FETCHED },	 { "wget ", FETCHED },
};
static const char *const runners[] = {
	"sh",		"bash",	  "dash", "zsh",     "sudo sh",
	"sudo bash",	"python", "perl", "/bin/sh", "/bin/bash",
	"sudo -E bash", "php",	  "ruby", "node",    "/usr/bin/env",
};

/* Something behind maker goes through a pipe into a program that runs it. */
static bool is_piped(struct smi_span text, const char *maker)
{
	const char *at = memmem(text.p, text.len, maker, strlen(maker));

	text = at ? smi_span_skip(text, (size_t)(at - text.p)) : SMI_SPAN("");
	while (text.len > 0) {
		text = smi_span_skip(text, smi_span_find(text, '|') + 1);
		while (text.len > 0 && text.p[0] == ' ')
			text = smi_span_skip(text, 1);
		for (size_t i = 0; i < SMI_COUNT(runners); i++) {
			size_t n = strlen(runners[i]);

			if (smi_span_starts(text, smi_span_str(runners[i])) &&
			    (text.len == n || strchr(" ;3)'\"", text.p[n])))
				return true;
		}
	}
	return false;
}

static bool has_all(struct smi_span text, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n && v[i]; i++)
		if (!smi_look_contains(text, v[i]))
			return false;
	return true;
}

static bool judge_text(struct smi_span text, struct smi_verdict *v)
{
	for (size_t i = 0; i < SMI_COUNT(payloads); i++) {
		if (has_all(text, payloads[i].all,
			    SMI_COUNT(payloads[i].all))) {
			v->severity = payloads[i].severity;
			v->detail = smi_span_str(payloads[i].what);
			return true;
		}
	}
	for (size_t i = 0; i < SMI_COUNT(makers); i++) {
		if (is_piped(text, makers[i].maker)) {
			v->severity = makers[i].severity;
			v->detail = smi_span_str(makers[i].what);
			return true;
		}
	}
	return false;
}

static bool joins_a_shell(struct smi_strs args)
{
	bool option = false, shell = false;

	for (size_t i = 1; i < args.n; i++) {
		struct smi_span arg = smi_span_str(args.v[i]);

		option |= smi_span_eq_str(arg, "-e") ||
			  smi_span_eq_str(arg, "-c") ||
			  smi_span_eq_str(arg, "--exec") ||
			  smi_span_eq_str(arg, "--sh-exec");
		shell |= smi_program_class(arg) & SMI_PROGRAM_SHELL;
		if (smi_look_contains(arg, "exec:/bin/") ||
		    smi_look_contains(arg, "EXEC:/bin/") ||
		    smi_look_contains(arg, "EXEC:bash") ||
		    smi_look_contains(arg, "exec:bash") ||
		    smi_look_contains(arg, "EXEC:sh") ||
		    smi_look_contains(arg, "exec:sh"))
			return true;
	}
	return option && shell;
}

/* The code of tools (-c "make test") is not told: only what such code is for. */
static bool has_payload(const sm_record *rec, double threshold,
			struct smi_verdict *v)
{
	unsigned class = smi_look_class(rec);
	struct smi_strs args = smi_look_args(rec);
	struct smi_span program = smi_look_program(rec);

	(void)threshold;
	if (class & SMI_PROGRAM_NETCAT) {
		v->severity = SM_SEV_HIGH;
		v->detail = SMI_SPAN("a shell on a connection");
		return joins_a_shell(args);
	}
	if (!(class & (SMI_PROGRAM_SCRIPTS | SMI_PROGRAM_MANY)))
		return false;
	/* What it starts may be another one that takes code. */
	for (size_t i = 1; i + 1 < args.n; i++)
		if (smi_shell_takes_code(program, args.v[i]) &&
		    judge_text(smi_span_str(args.v[i + 1]), v))
			return true;
	return false;
}

static bool is_script_deleted(const sm_record *rec, double threshold,
			      struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_rec_has(rec, SMI_PROC_SCRIPT_DELETED);
}

static const struct smi_check args_checks[] = {
	{
		.id = "miner",
		.kind = "miner",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(hijacking),
		SMI_CHECK_FIELDS(SMI_PROC_ARGS, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_CPU_PERCENT,
				 SMI_PROC_CPU_PERCENT_LIFETIME),
		.key = SMI_PROC_EXE,
		.fn = is_miner,
		.title = "{name} (pid {pid}) looks like a miner of coins",
		.why = "It has at least two signs of one, among them "
		       "\"{detail}\".",
		.innocent = "Somebody who mines on purpose looks the same.",
		.next_step = "Find out who started it and how it comes back "
			     "(cron, systemd, authorized_keys), then stop it.",
	},
	{
		.id = "inline-payload",
		.kind = "inline_payload",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(scripting),
		SMI_CHECK_FIELDS(SMI_PROC_ARGS, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_NAME,
		.fn = has_payload,
		.title = "{name} (pid {pid}) was started with {detail}",
		.why = "The code among its arguments makes {detail}.",
		.innocent = "Installers that are fetched and run at once, and "
			    "tools that send code this way, look the same.",
		.next_step = "Read its arguments, look at its connections, "
			     "and find out which process started it.",
	},
	{
		.id = "script-deleted",
		.kind = "script_deleted",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(script_deletion),
		SMI_CHECK_FIELDS(SMI_PROC_SCRIPT_DELETED, SMI_PROC_ARGS,
				 SMI_PROC_EXE),
		.key = SMI_PROC_SCRIPT_DELETED,
		.fn = is_script_deleted,
		.title = "{name} (pid {pid}) runs a script that has been "
			 "deleted",
		.why = "It was started with {script_deleted}, which is no "
		       "more.",
		.innocent = "Installers and what runs commands on many "
			    "machines delete their scripts at once.",
		.next_step = "Look at /proc/{pid}/fd: shells keep their script "
			     "open, and it can be copied from there.",
	},
};
SMI_CHECKS(args);
