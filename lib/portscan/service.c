/* SPDX-License-Identifier: MIT */
#include "portscan/service.h"

/*
 * Names as IANA registers them (Service Name and Transport Protocol Port
 * Number Registry); what is not registered has the name of the program that is
 * found there.
 */
const struct smi_service_name smi_services_tcp[] = {
	{ 1, "tcpmux" },
	{ 7, "echo" },
	{ 9, "discard" },
	{ 11, "systat" },
	{ 13, "daytime" },
	{ 15, "netstat" },
	{ 17, "qotd" },
	{ 19, "chargen" },
	{ 20, "ftp-data" },
	{ 21, "ftp" },
	{ 22, "ssh" },
	{ 23, "telnet" },
	{ 25, "smtp" },
	{ 37, "time" },
	{ 42, "nameserver" },
	{ 43, "whois" },
	{ 49, "tacacs" },
	{ 53, "domain" },
	{ 67, "bootps" },
	{ 70, "gopher" },
	{ 79, "finger" },
	{ 80, "http" },
	{ 88, "kerberos" },
	{ 102, "iso-tsap" },
	{ 104, "acr-nema" },
	{ 106, "pop3pw" },
	{ 109, "pop2" },
	{ 110, "pop3" },
	{ 111, "sunrpc" },
	{ 113, "auth" },
	{ 119, "nntp" },
	{ 123, "ntp" },
	{ 135, "epmap" },
	{ 137, "netbios-ns" },
	{ 139, "netbios-ssn" },
	{ 143, "imap" },
	{ 161, "snmp" },
	{ 163, "cmip-man" },
	{ 177, "xdmcp" },
	{ 179, "bgp" },
	{ 194, "irc" },
	{ 199, "smux" },
	{ 210, "z3950" },
	{ 220, "imap3" },
	{ 264, "bgmp" },
	{ 311, "asip-webadmin" },
	{ 318, "pkix-timestamp" },
	{ 389, "ldap" },
	{ 427, "svrloc" },
	{ 443, "https" },
	{ 444, "snpp" },
	{ 445, "microsoft-ds" },
	{ 464, "kpasswd" },
	{ 465, "submissions" },
	{ 500, "isakmp" },
	{ 502, "mbap" },
	{ 512, "exec" },
	{ 513, "login" },
	{ 514, "shell" },
	{ 515, "printer" },
	{ 524, "ncp" },
	{ 530, "courier" },
	{ 540, "uucp" },
	{ 543, "klogin" },
	{ 544, "kshell" },
	{ 548, "afpovertcp" },
	{ 554, "rtsp" },
	{ 563, "nntps" },
	{ 587, "submission" },
	{ 593, "http-rpc-epmap" },
	{ 623, "oob-ws-http" },
	{ 631, "ipp" },
	{ 636, "ldaps" },
	{ 639, "msdp" },
	{ 646, "ldp" },
	{ 647, "dhcp-failover" },
	{ 655, "tinc" },
	{ 700, "epp" },
	{ 749, "kerberos-adm" },
	{ 830, "netconf-ssh" },
	{ 853, "domain-s" },
	{ 860, "iscsi" },
	{ 873, "rsync" },
	{ 902, "vmware-auth" },
	{ 989, "ftps-data" },
	{ 990, "ftps" },
	{ 992, "telnets" },
	{ 993, "imaps" },
	{ 995, "pop3s" },
	{ 1080, "socks" },
	{ 1099, "rmiregistry" },
	{ 1194, "openvpn" },
	{ 1352, "lotusnote" },
	{ 1414, "ibm-mqseries" },
	{ 1433, "ms-sql-s" },
	{ 1434, "ms-sql-m" },
	{ 1494, "ica" },
	{ 1521, "oracle" },
	{ 1524, "ingreslock" },
	{ 1701, "l2tp" },
	{ 1720, "h323hostcall" },
	{ 1723, "pptp" },
	{ 1801, "msmq" },
	{ 1812, "radius" },
	{ 1883, "mqtt" },
	{ 1900, "ssdp" },
	{ 1935, "rtmp" },
	{ 2000, "cisco-sccp" },
	{ 2049, "nfs" },
	{ 2082, "cpanel" },
	{ 2083, "cpanels" },
	{ 2086, "whm" },
	{ 2087, "whms" },
	{ 2095, "webmail" },
	{ 2096, "webmails" },
	{ 2181, "zookeeper" },
	{ 2375, "docker" },
	{ 2376, "docker-s" },
	{ 2377, "swarm" },
	{ 2379, "etcd-client" },
	{ 2380, "etcd-server" },
	{ 2401, "cvspserver" },
	{ 2404, "iec-104" },
	{ 2483, "oracle-net" },
	{ 2484, "oracle-nets" },
	{ 2628, "dict" },
	{ 3128, "squid" },
	{ 3260, "iscsi-target" },
	{ 3268, "msft-gc" },
	{ 3269, "msft-gc-ssl" },
	{ 3299, "saprouter" },
	{ 3306, "mysql" },
	{ 3389, "ms-wbt-server" },
	{ 3478, "stun" },
	{ 3632, "distcc" },
	{ 3690, "svn" },
	{ 4190, "sieve" },
	{ 4369, "epmd" },
	{ 4500, "ipsec-nat-t" },
	{ 4505, "salt-publish" },
	{ 4506, "salt-request" },
	{ 4786, "smart-install" },
	{ 4840, "opcua-tcp" },
	{ 4848, "glassfish-admin" },
	{ 5000, "upnp" },
	{ 5001, "commplex-link" },
	{ 5004, "rtp-data" },
	{ 5038, "asterisk-manager" },
	{ 5044, "beats" },
	{ 5060, "sip" },
	{ 5061, "sips" },
	{ 5222, "xmpp-client" },
	{ 5223, "xmpp-client-tls" },
	{ 5269, "xmpp-server" },
	{ 5280, "xmpp-bosh" },
	{ 5351, "nat-pmp" },
	{ 5353, "mdns" },
	{ 5355, "llmnr" },
	{ 5357, "wsdapi" },
	{ 5432, "postgresql" },
	{ 5555, "adb" },
	{ 5601, "kibana" },
	{ 5631, "pcanywheredata" },
	{ 5666, "nrpe" },
	{ 5667, "nsca" },
	{ 5671, "amqps" },
	{ 5672, "amqp" },
	{ 5683, "coap" },
	{ 5800, "vnc-http" },
	{ 5900, "vnc" },
	{ 5938, "teamviewer" },
	{ 5984, "couchdb" },
	{ 5985, "winrm" },
	{ 5986, "winrms" },
	{ 6000, "x11" },
	{ 6379, "redis" },
	{ 6443, "kube-apiserver" },
	{ 6514, "syslog-tls" },
	{ 6566, "sane-port" },
	{ 6600, "mpd" },
	{ 6633, "openflow-old" },
	{ 6653, "openflow" },
	{ 6667, "ircd" },
	{ 6697, "ircs-u" },
	{ 6881, "bittorrent" },
	{ 7000, "afs3-fileserver" },
	{ 7001, "weblogic" },
	{ 7077, "spark" },
	{ 7199, "cassandra-jmx" },
	{ 7474, "neo4j" },
	{ 7547, "cwmp" },
	{ 7687, "bolt" },
	{ 8009, "ajp13" },
	{ 8080, "http-alt" },
	{ 8086, "influxdb" },
	{ 8088, "radan-http" },
	{ 8089, "splunkd" },
	{ 8123, "clickhouse-http" },
	{ 8140, "puppet" },
	{ 8200, "vault" },
	{ 8291, "winbox" },
	{ 8300, "consul-rpc" },
	{ 8333, "bitcoin" },
	{ 8443, "https-alt" },
	{ 8500, "consul" },
	{ 8834, "nessus" },
	{ 8883, "mqtts" },
	{ 9000, "cslistener" },
	{ 9001, "tor-orport" },
	{ 9042, "cassandra" },
	{ 9050, "tor-socks" },
	{ 9090, "prometheus" },
	{ 9092, "kafka" },
	{ 9093, "alertmanager" },
	{ 9100, "jetdirect" },
	{ 9101, "bacula-dir" },
	{ 9102, "bacula-fd" },
	{ 9103, "bacula-sd" },
	{ 9160, "cassandra-thrift" },
	{ 9200, "elasticsearch" },
	{ 9300, "elasticsearch-node" },
	{ 9389, "adws" },
	{ 9418, "git" },
	{ 9600, "omron-fins" },
	{ 10000, "webmin" },
	{ 10050, "zabbix-agent" },
	{ 10051, "zabbix-trapper" },
	{ 10250, "kubelet" },
	{ 11211, "memcached" },
	{ 11371, "hkp" },
	{ 15672, "rabbitmq-mgmt" },
	{ 16509, "libvirt" },
	{ 16514, "libvirt-tls" },
	{ 17500, "dropbox" },
	{ 19132, "minecraft-bedrock" },
	{ 20000, "dnp3" },
	{ 24007, "glusterd" },
	{ 25565, "minecraft" },
	{ 25672, "rabbitmq-dist" },
	{ 26257, "cockroachdb" },
	{ 27017, "mongodb" },
	{ 27018, "mongodb-shard" },
	{ 27019, "mongodb-config" },
	{ 28017, "mongodb-http" },
	{ 32400, "plex" },
	{ 44818, "ethernet-ip" },
	{ 47808, "bacnet" },
	{ 50000, "db2" },
	{ 50070, "hdfs-namenode" },
	{ 51413, "transmission" },
	{ 61613, "stomp" },
	{ 61616, "activemq" },
	{ 64738, "mumble" },
};

const unsigned smi_services_ntcp = SMI_COUNT(smi_services_tcp);

const struct smi_service_name smi_services_udp[] = {
	{ 7, "echo" },
	{ 9, "discard" },
	{ 13, "daytime" },
	{ 17, "qotd" },
	{ 19, "chargen" },
	{ 37, "time" },
	{ 53, "domain" },
	{ 67, "bootps" },
	{ 68, "bootpc" },
	{ 69, "tftp" },
	{ 80, "http" },
	{ 88, "kerberos" },
	{ 111, "sunrpc" },
	{ 123, "ntp" },
	{ 137, "netbios-ns" },
	{ 138, "netbios-dgm" },
	{ 161, "snmp" },
	{ 162, "snmptrap" },
	{ 177, "xdmcp" },
	{ 389, "ldap" },
	{ 427, "svrloc" },
	{ 443, "https" },
	{ 464, "kpasswd" },
	{ 500, "isakmp" },
	{ 514, "syslog" },
	{ 520, "route" },
	{ 521, "ripng" },
	{ 546, "dhcpv6-client" },
	{ 547, "dhcpv6-server" },
	{ 623, "asf-rmcp" },
	{ 631, "ipp" },
	{ 853, "domain-s" },
	{ 1194, "openvpn" },
	{ 1434, "ms-sql-m" },
	{ 1645, "datametrics" },
	{ 1701, "l2tp" },
	{ 1812, "radius" },
	{ 1813, "radius-acct" },
	{ 1900, "ssdp" },
	{ 2049, "nfs" },
	{ 2152, "gtp-user" },
	{ 3478, "stun" },
	{ 3702, "ws-discovery" },
	{ 4433, "dtls" },
	{ 4500, "ipsec-nat-t" },
	{ 4789, "vxlan" },
	{ 5060, "sip" },
	{ 5349, "stuns" },
	{ 5351, "nat-pmp" },
	{ 5353, "mdns" },
	{ 5355, "llmnr" },
	{ 5683, "coap" },
	{ 5684, "coaps" },
	{ 6081, "geneve" },
	{ 6881, "bittorrent" },
	{ 8443, "https-alt" },
	{ 11211, "memcached" },
	{ 27015, "source-engine" },
	{ 47808, "bacnet" },
	{ 51820, "wireguard" },
};

const unsigned smi_services_nudp = SMI_COUNT(smi_services_udp);

/* Names that people type besides those of the table. */
static const struct smi_service_name aliases[] = {
	{ 53, "dns" },	     { 135, "msrpc" },	      { 143, "imap4" },
	{ 445, "smb" },	     { 445, "cifs" },	      { 465, "smtps" },
	{ 548, "afp" },	     { 853, "dns-over-tls" }, { 1433, "mssql" },
	{ 3389, "rdp" },     { 5432, "postgres" },    { 80, "www" },
	{ 88, "kerberos5" }, { 2049, "nfsd" },	      { 502, "modbus" },
};

/* Of the file; the one of Debian has 13 KiB. */
#define MAX_FILE (1u << 20)

void smi_services_free(struct smi_services *s)
{
	smi_buf_free(&s->text);
	smi_vec_free(&s->list);
}

static struct smi_span next_word(struct smi_span *line)
{
	struct smi_span rest = smi_span_trim(*line), word = rest;

	word.len = 0;
	while (word.len < rest.len && rest.p[word.len] != ' ' &&
	       rest.p[word.len] != '\t')
		word.len++;
	*line = smi_span_skip(rest, word.len);
	return word;
}

/* "ssh  22/tcp  # comment", the name first and further ones behind. */
static bool add_line(struct smi_services *s, struct smi_span line)
{
	struct smi_service_entry e;
	struct smi_span number;
	uint64_t port;

	line = smi_span_head(line, smi_span_find(line, '#'));
	e.name = next_word(&line);
	number = next_word(&line);
	e.udp = smi_span_ends(number, SMI_SPAN("/udp"));
	if ((!e.udp && !smi_span_ends(number, SMI_SPAN("/tcp"))) ||
	    !smi_span_uint(smi_span_head(number, number.len - 4), 65535,
			   &port) ||
	    port == 0)
		return true;
	if (!e.udp)
		smi_ports_add(&s->named, (uint16_t)port);
	for (e.port = (uint16_t)port; e.name.len; e.name = next_word(&line))
		if (!smi_vec_push(&s->list, e))
			return false;
	return true;
}

static int read_file(struct smi_services *s, const struct smi_fsroot *root)
{
	struct smi_span rest, line;
	int r;

	if (s->read)
		return 0;
	r = smi_fsroot_read(root, "/etc/services", MAX_FILE, &s->text);
	if (r == -ENOMEM)
		return r;
	s->read = true;
	rest = r < 0 ? smi_span_of("", 0) : smi_buf_span(&s->text);
	while (smi_span_split(&rest, '\n', &line))
		if (!add_line(s, line))
			return -ENOMEM;
	return 0;
}

static const char *own_name(const struct smi_service_name *table, size_t n,
			    uint16_t port)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (table[mid].port == port)
			return table[mid].name;
		if (table[mid].port < port)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int name_in_file(struct smi_services *s, const struct smi_fsroot *root,
			uint16_t port, bool udp, struct smi_span *name)
{
	int r = read_file(s, root);

	if (r < 0 || (!udp && !smi_ports_has(&s->named, port)))
		return r;
	for (size_t i = 0; i < s->list.n; i++) {
		if (s->list.v[i].port != port || s->list.v[i].udp != udp)
			continue;
		*name = s->list.v[i].name;
		break;
	}
	return 0;
}

int smi_services_name(struct smi_services *s, const struct smi_fsroot *root,
		      uint16_t port, struct smi_span *name)
{
	const char *own = own_name(smi_services_tcp, smi_services_ntcp, port);

	*name = smi_span_str(own);
	return own ? 0 : name_in_file(s, root, port, false, name);
}

int smi_services_name_udp(struct smi_services *s, const struct smi_fsroot *root,
			  uint16_t port, struct smi_span *name)
{
	const char *own = own_name(smi_services_udp, smi_services_nudp, port);

	*name = smi_span_str(own);
	return own ? 0 : name_in_file(s, root, port, true, name);
}

static bool find_own(const struct smi_service_name *table, size_t n,
		     struct smi_span name, uint16_t *port)
{
	for (size_t i = 0; i < n; i++) {
		if (!smi_span_eq_nocase(smi_span_str(table[i].name), name))
			continue;
		*port = table[i].port;
		return true;
	}
	return false;
}

static int port_in_file(struct smi_services *s, const struct smi_fsroot *root,
			struct smi_span name, bool udp, uint16_t *port)
{
	int r = read_file(s, root);

	for (size_t i = 0; r == 0 && i < s->list.n; i++) {
		if (s->list.v[i].udp != udp ||
		    !smi_span_eq_nocase(s->list.v[i].name, name))
			continue;
		*port = s->list.v[i].port;
		return 0;
	}
	return r < 0 ? r : -ENOENT;
}

int smi_services_port(struct smi_services *s, const struct smi_fsroot *root,
		      struct smi_span name, uint16_t *port)
{
	if (find_own(smi_services_tcp, smi_services_ntcp, name, port) ||
	    find_own(aliases, SMI_COUNT(aliases), name, port))
		return 0;
	return port_in_file(s, root, name, false, port);
}

int smi_services_port_udp(struct smi_services *s, const struct smi_fsroot *root,
			  struct smi_span name, uint16_t *port)
{
	if (find_own(smi_services_udp, smi_services_nudp, name, port))
		return 0;
	return port_in_file(s, root, name, true, port);
}
