/* SPDX-License-Identifier: MIT */
#include "base/ip.h"
#include "detect/port-check.h"

static const char *const remote_service[] = { "T1133" };
static const char *const database[] = { "T1133", "T1213" };
static const char *const container_api[] = { "T1133", "T1610", "T1611" };
static const char *const shared_files[] = { "T1133", "T1039" };
static const char *const clear_text[] = { "T1133", "T1040" };
static const char *const screen[] = { "T1133", "T1113", "T1056.001" };

static const struct smi_exposed docker = {
	.names = { "docker", "dockerd" },
	.ports = { 2375 },
	.severities = { SM_SEV_MEDIUM, SM_SEV_MEDIUM, SM_SEV_CRITICAL },
};
static const struct smi_exposed redis = {
	.names = { "redis", "valkey" },
	.ports = { 6379 },
	.severities = { SM_SEV_LOW, SM_SEV_LOW, SM_SEV_HIGH },
};
static const struct smi_exposed memcached = {
	.names = { "memcached", "memcache" },
	.ports = { 11211 },
	.severities = { SM_SEV_LOW, SM_SEV_MEDIUM, SM_SEV_HIGH },
};
static const struct smi_exposed mongodb = {
	.names = { "mongodb", "mongod" },
	.ports = { 27017, 27018, 27019 },
	.severities = { SM_SEV_LOW, SM_SEV_LOW, SM_SEV_HIGH },
};
static const struct smi_exposed elasticsearch = {
	.names = { "elasticsearch", "opensearch" },
	.ports = { 9200 },
	.severities = { SM_SEV_LOW, SM_SEV_LOW, SM_SEV_HIGH },
};
static const struct smi_exposed nfs = {
	.names = { "nfs", "nfsd" },
	.ports = { 2049 },
	.silent = true,
	.severities = { SM_SEV_LOW, SM_SEV_MEDIUM, SM_SEV_HIGH },
};
static const struct smi_exposed rpcbind = {
	.names = { "sunrpc", "rpcbind", "portmapper" },
	.ports = { 111 },
	.silent = true,
	.severities = { SM_SEV_LOW, SM_SEV_MEDIUM, SM_SEV_MEDIUM },
};
static const struct smi_exposed x11 = {
	.names = { "x11" },
	.ports = { 6000 },
	.last = 6009,
	.silent = true,
	.severities = { SM_SEV_LOW, SM_SEV_MEDIUM, SM_SEV_CRITICAL },
};
static const struct smi_exposed telnet = {
	.names = { "telnet" },
	.ports = { 23 },
	.severities = { SM_SEV_LOW, SM_SEV_MEDIUM, SM_SEV_CRITICAL },
};
static const struct smi_exposed ftp = {
	.names = { "ftp" },
	.ports = { 21 },
	.starttls = true,
	.severities = { SM_SEV_INFO, SM_SEV_MEDIUM, SM_SEV_MEDIUM },
};
static const struct smi_exposed rsync = {
	.names = { "rsync", "rsyncd" },
	.ports = { 873 },
	.severities = { SM_SEV_INFO, SM_SEV_LOW, SM_SEV_HIGH },
};
static const struct smi_exposed vnc = {
	.names = { "vnc", "rfb" },
	.ports = { 5900 },
	.last = 5909,
	.severities = { SM_SEV_LOW, SM_SEV_LOW, SM_SEV_CRITICAL },
};

static bool is_flag(const sm_record *rec, unsigned field)
{
	return smi_rec_int(rec, SM_KIND_PORT, field) != 0;
}

static bool is_called(const struct smi_exposed *x, const char *name)
{
	for (size_t i = 0; i < SMI_COUNT(x->names) && x->names[i]; i++)
		if (smi_span_eq_nocase(smi_span_str(name),
				       smi_span_str(x->names[i])))
			return true;
	return false;
}

static bool has_number(const struct smi_exposed *x, int64_t port)
{
	if (x->last && port >= x->ports[0] && port <= x->last)
		return true;
	for (size_t i = 0; i < SMI_COUNT(x->ports) && x->ports[i]; i++)
		if (x->ports[i] == port)
			return true;
	return false;
}

/* One that is reached, or a listener of TCP that may be. An open port of UDP has spoken:
 * it counts by what it said alone, which some of these services say by UDP as well. */
static bool is_served(const sm_record *rec)
{
	int64_t state = smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_STATE_CODE);

	return state == SM_PORT_OPEN ||
	       (state == SM_PORT_LISTENING &&
		!strcmp(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_PROTOCOL),
			"tcp"));
}

/* By the record's own address, or the one that its listener has. */
static bool is_loopback(const char *address)
{
	struct smi_ip ip;

	return smi_ip_parse(smi_span_str(address), &ip) &&
	       smi_ip_is_loopback(&ip);
}

bool smi_port_faces_network(const sm_record *rec)
{
	const char *bound =
		smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_LISTEN_ADDRESS);

	if (!is_loopback(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_ADDRESS)))
		return true;
	return bound[0] && !is_loopback(bound);
}

/* SMI_NEXPOSURES: it is another service. */
static enum smi_exposure exposure_of(const struct smi_exposed *x,
				     const sm_record *rec)
{
	if (is_flag(rec, SMI_PORT_SAID)) {
		if (!is_called(x, smi_rec_str(rec, SM_KIND_PORT,
					      SMI_PORT_SERVICE)) &&
		    !is_called(x, smi_rec_str(rec, SM_KIND_PORT,
					      SMI_PORT_PRODUCT)))
			return SMI_NEXPOSURES;
		return is_flag(rec, SMI_PORT_ANYONE) ? SMI_EXPOSED_ANYONE
						     : SMI_EXPOSED_SAID;
	}
	/* It was asked, and did not answer as that service does. */
	if (is_flag(rec, SMI_PORT_ASKED) &&
	    (!x->silent || is_flag(rec, SMI_PORT_SPOKE)))
		return SMI_NEXPOSURES;
	return has_number(x, smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER))
		       ? SMI_EXPOSED_BY_NUMBER
		       : SMI_NEXPOSURES;
}

bool smi_port_is_exposed(const struct smi_exposed *x, const sm_record *rec,
			 struct smi_verdict *v)
{
	static const char *const notes[] = {
		[SMI_EXPOSED_BY_NUMBER] = "Only its number says what it is; "
					  "--services asks it.",
		[SMI_EXPOSED_SAID] = "It said what it is; that it serves "
				     "without a password was not seen.",
		[SMI_EXPOSED_ANYONE] = "It served without asking for a "
				       "password.",
	};
	enum smi_exposure how;

	if (!is_served(rec))
		return false;
	how = exposure_of(x, rec);
	if (how == SMI_NEXPOSURES || !x->severities[how] ||
	    !smi_port_faces_network(rec))
		return false;
	if (x->starttls && smi_rec_has(rec, SMI_PORT_TUNNEL))
		return false;
	v->severity = x->severities[how];
	v->note = smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_STATE_CODE) ==
				  SM_PORT_LISTENING
			  ? "It listens there; whether a firewall keeps "
			    "others out was not tried, and only its number "
			    "says what it is."
			  : notes[how];
	return true;
}

#define EXPOSED(of)                                                            \
	.kind = SM_KIND_PORT, .service = &(of), .c.key = SMI_PORT_ID,          \
	.c.severity = SM_SEV_MEDIUM,                                           \
	.c.fields = { SMI_PORT_STATE,	SMI_PORT_SERVICE,                      \
		      SMI_PORT_PRODUCT, SMI_PORT_LISTEN_ADDRESS,               \
		      SMI_PORT_SAID,	SMI_PORT_ANYONE,                       \
		      SMI_PORT_ASKED,	SMI_PORT_SPOKE,                        \
		      SMI_PORT_TUNNEL },                                       \
	.c.nfields = 9

static const struct smi_port_check exposed_checks[] = {
	{
		EXPOSED(docker),
		.c.id = "exposed-docker",
		.c.kind = "exposed_docker",
		SMI_PORT_ATTACK(container_api),
		.c.title = "The API of Docker at {subject} faces the network",
		.c.why = "Who reaches it starts containers that see the whole "
			 "machine, as root.",
		.c.next_step =
			"Take -H tcp:// out of the options of dockerd, or let "
			"it ask for certificates (--tlsverify). Look for "
			"containers and images that nobody here made.",
	},
	{
		EXPOSED(redis),
		.c.id = "exposed-redis",
		.c.kind = "exposed_redis",
		SMI_PORT_ATTACK(database),
		.c.title = "Redis at {subject} faces the network",
		.c.why = "Who may speak to it reads and changes all its data, "
			 "and can make it write files: that has been used to "
			 "leave keys and cron jobs.",
		.c.next_step =
			"Bind it to 127.0.0.1, set requirepass or ACLs, and "
			"let the firewall pass only who needs it. Look at "
			"authorized_keys and cron jobs of its user.",
	},
	{
		EXPOSED(memcached),
		.c.id = "exposed-memcached",
		.c.kind = "exposed_memcached",
		SMI_PORT_ATTACK(database),
		.c.title = "memcached at {subject} faces the network",
		.c.why = "By default it knows no passwords: who reaches it "
			 "reads and changes what programs keep there, sessions "
			 "for example.",
		.c.next_step = "Bind it to 127.0.0.1 (-l), turn UDP off "
			       "(-U 0), and let the firewall pass only who "
			       "needs it.",
	},
	{
		EXPOSED(mongodb),
		.c.id = "exposed-mongodb",
		.c.kind = "exposed_mongodb",
		SMI_PORT_ATTACK(database),
		.c.title = "MongoDB at {subject} faces the network",
		.c.why = "Databases that anybody may open are found within "
			 "hours, copied, and emptied for a ransom.",
		.c.next_step = "Set bindIp to the addresses that need it and "
			       "security.authorization to enabled. Look "
			       "whether the data is still there.",
	},
	{
		EXPOSED(elasticsearch),
		.c.id = "exposed-elasticsearch",
		.c.kind = "exposed_elasticsearch",
		SMI_PORT_ATTACK(database),
		.c.title = "Elasticsearch at {subject} faces the network",
		.c.why = "Who may speak to it reads and deletes all that is "
			 "indexed, logs of this network perhaps.",
		.c.next_step = "Set network.host to the addresses that need "
			       "it, and turn its security features on.",
	},
	{
		EXPOSED(nfs),
		.c.id = "exposed-nfs",
		.c.kind = "exposed_nfs",
		SMI_PORT_ATTACK(shared_files),
		.c.title = "NFS at {subject} faces the network",
		.c.why = "Without Kerberos it believes the user number that "
			 "the other side claims to have.",
		.c.innocent = "File servers of a local network are meant to "
			      "be like this.",
		.c.next_step = "Look at the exports: to whom, and with "
			       "no_root_squash or not. Let the firewall pass "
			       "only these.",
	},
	{
		EXPOSED(rpcbind),
		.c.id = "exposed-rpcbind",
		.c.kind = "exposed_rpcbind",
		SMI_PORT_ATTACK(remote_service),
		.c.title = "rpcbind at {subject} faces the network",
		.c.why = "It tells everybody which RPC services run and "
			 "where, and multiplies forged questions by UDP.",
		.c.next_step = "Turn rpcbind.socket off where no NFS before "
			       "version 4 is used; else let the firewall pass "
			       "only who needs it.",
	},
	{
		EXPOSED(x11),
		.c.id = "exposed-x11",
		.c.kind = "exposed_x11",
		SMI_PORT_ATTACK(screen),
		.c.title = "An X server at {subject} faces the network",
		.c.why = "Who is let in sees the screen and types for the "
			 "user; what is sent is not encrypted.",
		.c.next_step = "Start it with -nolisten tcp, and use ssh -X. "
			       "Ask xhost who is let in.",
	},
	{
		EXPOSED(telnet),
		.c.id = "exposed-telnet",
		.c.kind = "exposed_telnet",
		SMI_PORT_ATTACK(clear_text),
		.c.title = "Telnet at {subject} faces the network",
		.c.why = "Passwords and sessions cross the network as they "
			 "are typed, for everybody on the way to read.",
		.c.innocent = "Switches and consoles often have no other way "
			      "in.",
		.c.next_step = "Turn it off and use SSH; until then let the "
			       "firewall pass only the administrators.",
	},
	{
		EXPOSED(ftp),
		.c.id = "exposed-ftp",
		.c.kind = "exposed_ftp",
		SMI_PORT_ATTACK(clear_text),
		.c.title = "FTP without TLS at {subject} faces the network",
		.c.why = "It takes passwords as they are, for everybody on "
			 "the way to read.",
		.c.innocent = "Servers for public files have no passwords to "
			      "lose.",
		.c.next_step = "Use SFTP, or turn AUTH TLS on and refuse "
			       "logins without it.",
	},
	{
		EXPOSED(rsync),
		.c.id = "exposed-rsync",
		.c.kind = "exposed_rsync",
		SMI_PORT_ATTACK(shared_files),
		.c.title = "rsync at {subject} faces the network",
		.c.why = "Its modules are often open to all, and some can be "
			 "written; what is sent is not encrypted.",
		.c.innocent = "Mirrors of public files are meant to be like "
			      "this.",
		.c.next_step = "Look at auth users, hosts allow and read only "
			       "of each module, or use rsync through SSH.",
	},
	{
		EXPOSED(vnc),
		.c.id = "exposed-vnc",
		.c.kind = "exposed_vnc",
		SMI_PORT_ATTACK(screen),
		.c.title = "VNC at {subject} faces the network",
		.c.why = "Who is let in sees the screen and types for the "
			 "user; its own passwords have 8 characters at most.",
		.c.innocent = "Consoles of virtual machines are reached like "
			      "this.",
		.c.next_step = "Bind it to 127.0.0.1 and reach it through "
			       "SSH or a VPN.",
	},
};
SMI_PORT_CHECKS(exposed);
