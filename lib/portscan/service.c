/* SPDX-License-Identifier: MIT */
#include "portscan/service.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

#include "base/span.h"

struct service {
	uint16_t port;
	char name[22];
};

/*
 * By port. Names as IANA registers them (Service Name and Transport Protocol Port
 * Number Registry); what is not registered has the name of the program that is
 * found there.
 */
static const struct service services[] = {
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
	{ 143, "imap4" },
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

/* Names that people type besides those of the table. */
static const struct service aliases[] = {
	{ 53, "dns" },	     { 135, "msrpc" },	      { 143, "imap4" },
	{ 445, "smb" },	     { 445, "cifs" },	      { 465, "smtps" },
	{ 548, "afp" },	     { 853, "dns-over-tls" }, { 1433, "mssql" },
	{ 3389, "rdp" },     { 5432, "postgres" },    { 80, "www" },
	{ 88, "kerberos5" }, { 2049, "nfsd" },	      { 502, "modbus" },
};

static bool find_name(const struct service *table, size_t n, const char *name,
		      uint16_t *port)
{
	for (size_t i = 0; i < n; i++) {
		if (!smi_span_eq_nocase(smi_span_str(table[i].name),
					smi_span_str(name)))
			continue;
		*port = table[i].port;
		return true;
	}
	return false;
}

bool smi_service_port(const char *name, uint16_t *port)
{
	struct servent entry, *found = NULL;
	char space[2048];

	if (find_name(services, SMI_COUNT(services), name, port) ||
	    find_name(aliases, SMI_COUNT(aliases), name, port))
		return true;
	if (getservbyname_r(name, "tcp", &entry, space, sizeof(space),
			    &found) != 0 ||
	    !found)
		return false;
	*port = ntohs((uint16_t)found->s_port);
	return *port != 0;
}

const char *smi_service_name(uint16_t port)
{
	size_t lo = 0, hi = SMI_COUNT(services);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (services[mid].port == port)
			return services[mid].name;
		if (services[mid].port < port)
			lo = mid + 1;
		else
			hi = mid;
	}
	return "";
}

const char *smi_service_lookup(uint16_t port, char out[SMI_SERVICE_STRLEN])
{
	const char *own = smi_service_name(port);
	struct servent entry, *found = NULL;
	char space[2048];

	if (own[0])
		return own;
	out[0] = '\0';
	if (getservbyport_r(htons(port), "tcp", &entry, space, sizeof(space),
			    &found) == 0 &&
	    found)
		snprintf(out, SMI_SERVICE_STRLEN, "%s", found->s_name);
	return out;
}
