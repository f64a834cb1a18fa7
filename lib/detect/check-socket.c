/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"

static const char *const remote_shell[] = { "T1059.004", "T1095" };
static const char *const sniffing[] = { "T1040", "T1205.002" };
static const char *const odd_port[] = { "T1571" };
static const char *const hidden_calls[] = { "T1562" };

#define STDIN_AND_STDOUT 3

static struct smi_span first_of(const sm_record *rec, unsigned field)
{
	const struct smi_strs *list = smi_rec_strs(rec, SM_KIND_PROCESS, field);

	return smi_span_str(list->n ? list->v[0] : "");
}

/* What starts a program for each connection, with that for its input and output. */
static bool is_super_server(struct smi_span name)
{
	static const char *const names[] = { "inetd",	"xinetd",
					     "systemd", "tcpserver",
					     "tcpsvd",	"rshd",
					     "in.rshd", "s6-tcpserver" };

	return smi_look_is_one(name, names, SMI_COUNT(names));
}

static bool is_on_connection(const sm_record *rec, double threshold,
			     struct smi_verdict *v)
{
	int64_t which = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_STD_PEERS);
	unsigned class = smi_look_class(rec);

	(void)threshold;
	if ((which & STDIN_AND_STDOUT) != STDIN_AND_STDOUT ||
	    !(class & SMI_PROGRAM_SCRIPTS))
		return false;
	v->detail = smi_span_str(
		smi_rec_str(rec, SM_KIND_PROCESS, SMI_PROC_STD_PEER));
	if (!(class & SMI_PROGRAM_SHELL) &&
	    is_super_server(smi_span_str(
		    smi_rec_str(rec, SM_KIND_PROCESS, SMI_PROC_PARENT_NAME)))) {
		v->severity = SM_SEV_LOW;
		v->note = "Its parent starts servers that way.";
	}
	return true;
}

/* It does what it is told from its input: no -c, no script. */
static bool has_work(const sm_record *rec)
{
	struct smi_strs args = smi_look_args(rec);

	for (size_t i = 1; i < args.n; i++)
		if (args.v[i][0] != '-' || strcmp(args.v[i], "-c") == 0 ||
		    strcmp(args.v[i], "-e") == 0)
			return true;
	return false;
}

static bool is_behind_relay(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	bool is_child = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_PPID) ==
			smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_RELAY_PID);

	(void)threshold;
	v->detail =
		smi_span_str(smi_rec_str(rec, SM_KIND_PROCESS, SMI_PROC_RELAY));
	if (v->detail.len == 0)
		return false;
	if (!has_work(rec))
		return true;
	v->severity = SM_SEV_MEDIUM;
	v->note = "It was told what to do when it was started, as small "
		  "servers are.";
	return is_child;
}

static bool listens_to_all(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	unsigned class = smi_look_class(rec);

	(void)threshold;
	v->detail = first_of(rec, SMI_PROC_RAW_SOCKETS);
	if (v->detail.len == 0 || class & SMI_PROGRAM_SNIFFER)
		return false;
	if (class & SMI_PROGRAM_SCRIPTS) {
		v->severity = SM_SEV_MEDIUM;
	} else if (smi_look_is_installed(rec)) {
		v->severity = SM_SEV_LOW;
		v->note = "It lies where only packages put programs.";
	}
	return true;
}

static bool listens_from_nowhere(const sm_record *rec, double threshold,
				 struct smi_verdict *v)
{
	struct smi_span exe = smi_look_exe(rec);

	(void)threshold;
	v->detail = first_of(rec, SMI_PROC_LISTENING);
	if (v->detail.len == 0)
		return false;
	if (smi_look_class(rec) & SMI_PROGRAM_NETCAT) {
		v->severity = SM_SEV_MEDIUM;
		v->note = "It is a tool that joins a connection with whatever "
			  "it is told to.";
		return true;
	}
	return smi_look_in_temp_dir(exe) || smi_look_exe_is_memfd(rec) ||
	       (smi_look_exe_is_deleted(rec) &&
		!smi_rec_has(rec, SMI_PROC_EXE_REPLACED));
}

static bool uses_io_uring(const sm_record *rec, double threshold,
			  struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_IO_URING) &&
	       !(smi_look_class(rec) &
		 (SMI_PROGRAM_DATABASE | SMI_PROGRAM_JIT | SMI_PROGRAM_WEB));
}

static const struct smi_check socket_checks[] = {
	{
		.id = "remote-shell",
		.kind = "remote_shell",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(remote_shell),
		SMI_CHECK_FIELDS(SMI_PROC_STD_PEERS, SMI_PROC_STD_PEER,
				 SMI_PROC_EXE, SMI_PROC_EXE_NLINK,
				 SMI_PROC_ARGS, SMI_PROC_PARENT_NAME),
		.key = SMI_PROC_NAME,
		.fn = is_on_connection,
		.title = "{name} (pid {pid}) takes its input from the network",
		.why = "Its standard input and output are a connection, "
		       "{detail}: whoever is at its other end types into it.",
		.innocent = "inetd and systemd start small servers like this; "
			    "ssh does not.",
		.next_step = "Close that connection, and look at its parent "
			     "and what it has started.",
	},
	{
		.id = "relayed-shell",
		.kind = "relayed_shell",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(remote_shell),
		SMI_CHECK_FIELDS(SMI_PROC_RELAY, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_ARGS,
				 SMI_PROC_PPID, SMI_PROC_PARENT_NAME,
				 SMI_PROC_PARENT_EXE),
		.key = SMI_PROC_NAME,
		.fn = is_behind_relay,
		.title = "{name} (pid {pid}) takes its input from the network "
			 "through a pipe",
		.why = "What is between it and the connection: {detail}. "
		       "Whoever is at the other end types into it.",
		.innocent = "People who copy files between machines put netcat "
			    "behind a pipe, but not behind a shell.",
		.next_step = "Close that connection, and look at the parent of "
			     "both and what they have started.",
	},
	{
		.id = "raw-socket",
		.kind = "raw_socket",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(sniffing),
		SMI_CHECK_FIELDS(SMI_PROC_RAW_SOCKETS, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_ARGS,
				 SMI_PROC_UNPACKAGED, SMI_PROC_EXE_ELSEWHERE),
		.key = SMI_PROC_EXE,
		.fn = listens_to_all,
		.title = "{name} (pid {pid}) can read the packets of others",
		.why = "It has the socket {detail}, which no port has to be "
		       "open for.",
		.innocent = "DHCP clients, network managers, tcpdump and "
			    "suricata have one and are not told.",
		.next_step = "Find out which package {exe} is from. A back "
			     "door that waits for a magic packet looks like "
			     "this.",
	},
	{
		.id = "odd-listener",
		.kind = "odd_listener",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(odd_port),
		SMI_CHECK_FIELDS(SMI_PROC_LISTENING, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_EXE_REPLACED,
				 SMI_PROC_ARGS),
		.key = SMI_PROC_EXE,
		.fn = listens_from_nowhere,
		.title = "{name} (pid {pid}) listens, and is no installed "
			 "program",
		.why = "It waits for connections at {detail}; its program is "
		       "{exe}.",
		.innocent = "Servers that somebody builds or tries out look "
			    "the same.",
		.next_step = "Ask {user} about it. Close the port at the "
			     "firewall until you know.",
	},
	{
		.id = "io-uring",
		.kind = "io_uring",
		.severity = SM_SEV_INFO,
		SMI_CHECK_ATTACK(hidden_calls),
		SMI_CHECK_FIELDS(SMI_PROC_IO_URING, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_ARGS),
		.key = SMI_PROC_EXE,
		.fn = uses_io_uring,
		.title = "{name} (pid {pid}) reads and writes by io_uring",
		.why = "What watches system calls does not see what it does "
		       "that way.",
		.innocent = "Databases, emulators and new run times use it for "
			    "its speed.",
		.next_step = "Nothing, if {name} is known to use it.",
	},
};
SMI_CHECKS(socket);
