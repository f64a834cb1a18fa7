/* SPDX-License-Identifier: MIT */
#include "match-rows.h"

#define R(lit)                                                                 \
	{                                                                      \
		(lit), sizeof(lit) - 1                                         \
	}
#define HTTP(fields, body) R("HTTP/1.1 200 OK\r\n" fields "\r\n" body)

const struct match_row match_rows[] = {
	/* RFC 4253, 4.2; versions as their servers print them. */
	{ "ssh", R("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n"), "ssh",
	  "OpenSSH", "9.2p1", "protocol 2.0; Debian-2+deb12u10", 0, NULL },
	{ "ssh", R("SSH-2.0-OpenSSH_8.8\n"), "ssh", "OpenSSH", "8.8",
	  "protocol 2.0", 0, NULL },
	{ "ssh", R("SSH-2.0-OpenSSH_for_Windows_9.5\r\n"), "ssh",
	  "OpenSSH for Windows", "9.5", "protocol 2.0", 0, NULL },
	{ "ssh", R("SSH-2.0-dropbear_2022.83\r\n"), "ssh", "Dropbear",
	  "2022.83", "protocol 2.0", 0, NULL },
	{ "ssh", R("SSH-2.0-libssh_0.10.6\r\n"), "ssh", "libssh", "0.10.6",
	  "protocol 2.0", 0, NULL },
	{ "ssh", R("SSH-2.0-libssh-0.7.0\r\n"), "ssh", "libssh", "0.7.0",
	  "protocol 2.0", 0, NULL },
	{ "ssh", R("SSH-2.0-Go\r\n"), "ssh", "Go x/crypto/ssh", "",
	  "protocol 2.0", 0, NULL },
	{ "ssh", R("SSH-1.99-Cisco-1.25\n"), "ssh", "Cisco SSH", "1.25",
	  "protocol 1.99", 0, NULL },
	{ "ssh", R("SSH-2.0-paramiko_3.4.0\r\n"), "ssh", "paramiko", "3.4.0",
	  "protocol 2.0", 0, NULL },
	{ "ssh", R("Exceeded MaxStartups\r\n"), "ssh", "OpenSSH", "",
	  "Exceeded MaxStartups", 0, NULL },

	/* RFC 5321, 4.2. */
	{ "smtp", R("220 mx.example.org ESMTP Postfix (Debian/GNU)\r\n"),
	  "smtp", "Postfix", "", "host mx.example.org; Debian/GNU", 0, NULL },
	{ "smtp",
	  R("220 mx.example.org ESMTP Exim 4.96 "
	    "Thu, 26 Nov 2026 14:00:00 +0000\r\n"),
	  "smtp", "Exim", "4.96", "host mx.example.org", 0, NULL },
	{ "smtp",
	  R("220 mx.example.org ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2; "
	    "Thu, 26 Nov 2026 14:00:00 GMT; (No UCE/UBE)\r\n"),
	  "smtp", "Sendmail", "8.17.1.9", "host mx.example.org", 0, NULL },
	{ "smtp", R("220 mx.example.org ESMTP OpenSMTPD\r\n"), "smtp",
	  "OpenSMTPD", "", "host mx.example.org", 0, NULL },
	{ "smtp",
	  R("220 mx.example.org Microsoft ESMTP MAIL Service ready at "
	    "Thu, 26 Nov 2026 14:00:00 +0000\r\n"),
	  "smtp", "Microsoft Exchange", "", "host mx.example.org", 0, NULL },
	{ "smtp",
	  R("220 mx.example.org Microsoft ESMTP MAIL Service, Version: "
	    "10.0.17763.1697 ready at Thu, 26 Nov 2026 14:00:00 +0000\r\n"),
	  "smtp", "Microsoft SMTP Service", "10.0.17763.1697",
	  "host mx.example.org", 0, NULL },
	{ "smtp",
	  R("220-mx.example.org ESMTP Exim 4.97.1 #2\r\n"
	    "220-We do not authorize the use of this system\r\n"
	    "220 and/or bulk e-mail.\r\n"),
	  "smtp", "Exim", "4.97.1", "host mx.example.org", 0, NULL },
	{ "smtp", R("220 [192.0.2.1] ready\r\n"), "smtp", "", "",
	  "host [192.0.2.1]", 0, NULL },
	{ "smtp", R("554 mx.example.org ESMTP not accepting messages\r\n"),
	  "smtp", "", "",
	  "refused: mx.example.org ESMTP not accepting messages", 0, NULL },
	{ "smtp", R("220 ftp.example.org ESMTP Postfix\r\n"), "smtp", "Postfix",
	  "", "host ftp.example.org", 0, NULL },
	{ "smtp", R("220 host.example.org LMTP Dovecot ready\r\n"), "lmtp",
	  "Dovecot", "", "host host.example.org", 0, NULL },

	/* RFC 959, 4.2. */
	{ "ftp", R("220 (vsFTPd 3.0.3)\r\n"), "ftp", "vsftpd", "3.0.3", "", 0,
	  NULL },
	{ "ftp", R("220 ProFTPD 1.3.8 Server (Debian) [192.0.2.1]\r\n"), "ftp",
	  "ProFTPD", "1.3.8", "", 0, NULL },
	{ "ftp", R("220 ProFTPD Server (Debian) [::ffff:127.0.0.1]\r\n"), "ftp",
	  "ProFTPD", "", "Debian", 0, NULL },
	{ "ftp",
	  R("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n"
	    "220-You are user number 1 of 50 allowed.\r\n"
	    "220 You will be disconnected after 15 minutes of inactivity.\r\n"),
	  "ftp", "Pure-FTPd", "", "", 0, NULL },
	{ "ftp",
	  R("220-FileZilla Server 1.8.0\r\n"
	    "220 Please visit https://filezilla-project.org/\r\n"),
	  "ftp", "FileZilla Server", "1.8.0", "", 0, NULL },
	{ "ftp", R("220 Microsoft FTP Service\r\n"), "ftp",
	  "Microsoft FTP Service", "", "", 0, NULL },
	{ "ftp", R("220 smtp.example.org FTP server ready.\r\n"), "ftp", "", "",
	  "", 0, NULL },
	{ "ftp", R("220 Welcome.\r\n"), "ftp", "", "", "", 0, NULL },
	{ "ftp", R("421 Too many connections from your IP\r\n"), "ftp", "", "",
	  "refused: Too many connections from your IP", 0, NULL },
	{ "ftp", R("500 OOPS: vsftpd: refusing to run\r\n"), "ftp", "vsftpd",
	  "", "refused: OOPS: vsftpd: refusing to run", 0, NULL },

	/* RFC 1939, 4; RFC 9051, 7.1. */
	{ "pop3", R("+OK Dovecot (Debian) ready.\r\n"), "pop3", "Dovecot", "",
	  "Debian", 0, NULL },
	{ "pop3", R("+OK Hello there.\r\n"), "pop3", "Courier", "", "", 0,
	  NULL },
	{ "pop3",
	  R("+OK mx.example.org Cyrus POP3 3.6.1-Debian-3.6.1-4+deb12u5 "
	    "server ready <1.2@mx.example.org>\r\n"),
	  "pop3", "Cyrus", "3.6.1-Debian-3.6.1-4+deb12u5", "", 0, NULL },
	{ "imap",
	  R("* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE "
	    "LITERAL+ STARTTLS LOGINDISABLED] Dovecot (Debian) ready.\r\n"),
	  "imap", "Dovecot", "", "Debian", 0, NULL },
	{ "imap", R("* PREAUTH IMAP4rev1 server logged in as Smith\r\n"),
	  "imap", "", "", "", IS_OPEN, NULL },
	{ "nntp",
	  R("200 news.example.org InterNetNews NNRP server INN 2.7.0 "
	    "ready\r\n"),
	  "nntp", "INN", "2.7.0", "", 0, NULL },

	/* Its packets HandshakeV10 and ERR_Packet. */
	{ "mysql",
	  R("\x63\0\0\0\x0a"
	    "5.5.5-10.11.6-MariaDB-0+deb12u1\0"
	    "\x1f\0\0\0"
	    "abcdefgh\0"
	    "\xfe\xf7\x2d\2\0\xff\x81\x15"
	    "\0\0\0\0\0\0\x1d\0\0\0"
	    "abcdefghijkl\0"
	    "mysql_native_password\0"),
	  "mysql", "MariaDB", "10.11.6", "0+deb12u1", 0, NULL },
	{ "mysql",
	  R("\x5b\0\0\0\x0a"
	    "8.0.36-0ubuntu0.22.04.1\0"
	    "\x0b\0\0\0"
	    "abcdefgh\0"
	    "\xff\xff\xff\2\0\xff\xdf\x15"
	    "\0\0\0\0\0\0\0\0\0\0"
	    "abcdefghijkl\0caching_sha2_password\0"),
	  "mysql", "MySQL", "8.0.36", "0ubuntu0.22.04.1; offers TLS", 0, NULL },
	{ "mysql",
	  R("\x44\0\0\0\xff\x6a\x04"
	    "Host '192.0.2.1' is not allowed to "
	    "connect to this MariaDB server"),
	  "mysql", "MariaDB", "",
	  "refused: Host '192.0.2.1' is not allowed to connect to this "
	  "MariaDB server",
	  0, NULL },

	/* RFC 6143, 7.1.1. */
	{ "vnc", R("RFB 003.008\n"), "vnc", "", "", "protocol 3.8", 0,
	  "vnc-security" },
	{ "vnc", R("RFB 003.003\n"), "vnc", "", "", "protocol 3.3", 0,
	  "vnc-security-3.3" },
	{ "vnc-security", R("\2\x13\1"), "vnc", "", "",
	  "security VeNCrypt; security none", IS_OPEN, NULL },
	{ "vnc-security", R("\1\2"), "vnc", "", "", "security VNC password", 0,
	  NULL },
	{ "vnc-security-3.3", R("\0\0\0\1"), "vnc", "", "", "security none",
	  IS_OPEN, NULL },
	{ "telnet", R("\xff\xfd\x18\xff\xfd\x20"), "telnet", "", "", "", 0,
	  NULL },
	{ "rsync", R("@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\n"), "rsync", "",
	  "", "protocol 31.0", 0, NULL },

	/* RFC 9112. */
	{ "http",
	  HTTP("Server: nginx/1.22.1\r\nContent-Type: text/html\r\n"
	       "Content-Length: 65\r\n",
	       "<html><head><TITLE>\n Welcome  to &lt;b&gt;\n</TITLE></head>"
	       "</html>"),
	  "http", "nginx", "1.22.1", "200; title: Welcome to &lt;b&gt;", 0,
	  NULL },
	{ "http",
	  R("HTTP/1.1 301 Moved Permanently\r\nserver: Apache/2.4.57 (Debian)"
	    "\r\nlocation: https://www.example.org/\r\n\r\n"),
	  "http", "Apache", "2.4.57",
	  "301; (Debian); location: https://www.example.org/", UP_TO_END,
	  NULL },
	{ "http",
	  R("HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\n"
	    "Content-Length: 79\r\nContent-Type: text/html\r\n\r\n<html><title>"
	    "400 The plain HTTP request was sent to HTTPS port"
	    "</title></html>\r\n"),
	  "http", "nginx", "1.22.1",
	  "400; title: 400 The plain HTTP request was sent to HTTPS port",
	  IS_TLS, NULL },
	{ "http",
	  R("HTTP/1.0 400 Bad Request\r\n\r\n"
	    "Client sent an HTTP request to an HTTPS server.\n"),
	  "http", "", "", "400", IS_TLS | UP_TO_END, NULL },
	{ "http",
	  R("HTTP/1.1 403 Forbidden\r\nX-Jenkins: 2.426.1\r\nServer: "
	    "Jetty(10.0.18)\r\nContent-Length: 0\r\n\r\n"),
	  "http", "Jenkins", "2.426.1", "403", 0, NULL },
	{ "http",
	  R("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
	    "Content-Length: 29\r\n\r\n{\"message\":\"page not found\"}\n"),
	  "http", "", "", "404", 0, "http-version" },
	{ "http-version",
	  HTTP("Content-Type: application/json\r\nContent-Length: 141\r\n"
	       "Server: Docker/20.10.24 (linux)\r\n",
	       "{\"Platform\":{\"Name\":\"\"},\"Version\":\"20.10.24+dfsg1\","
	       "\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\","
	       "\"Os\":\"linux\",\"KernelVersion\":\"6.1.0-13-amd64\"}\n"),
	  "docker", "Docker", "20.10.24+dfsg1",
	  "API 1.41; linux; kernel 6.1.0-13-amd64", IS_OPEN, NULL },
	{ "http-version",
	  HTTP("Content-Length: 45\r\n",
	       "{\"etcdserver\":\"3.4.23\",\"etcdcluster\":\"3.4.0\"}"),
	  "etcd", "etcd", "3.4.23", "cluster 3.4.0", 0, NULL },
	{ "http-version",
	  HTTP("Content-Length: 49\r\n",
	       "{\"major\":\"1\",\"gitVersion\":\"v1.27.3\",\"minor\":\"27\"}"),
	  "kubernetes", "Kubernetes", "1.27.3", "", 0, NULL },
	{ "http",
	  HTTP("content-type: application/json\r\ncontent-length: 115\r\n",
	       "{\"name\":\"n1\",\"cluster_name\":\"c1\",\"version\":{"
	       "\"number\":\"7.17.9\",\"build_hash\":\"ef4\"},"
	       "\"tagline\":\"You Know, for Search\"}"),
	  "elasticsearch", "Elasticsearch", "7.17.9", "cluster c1", IS_OPEN,
	  NULL },
	{ "http",
	  R("HTTP/1.0 302 Found\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Location: /graph\r\nContent-Length: 29\r\n\r\n"
	    "<a href=\"/graph\">Found</a>.\n\n"),
	  "http", "", "", "302; location: /graph", 0, "prometheus-build" },
	{ "prometheus-build",
	  HTTP("Content-Length: 74\r\n",
	       "{\"status\":\"success\",\"data\":{\"version\":\"2.42.0+ds\","
	       "\"goVersion\":\"go1.19.5\"}}"),
	  "prometheus", "Prometheus", "2.42.0+ds", "go1.19.5", IS_OPEN, NULL },
	{ "http",
	  R("HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain"
	    "\r\nContent-Length: 85\r\n\r\nIt looks like you are trying to "
	    "access MongoDB over HTTP on the native driver port.\r\n"),
	  "mongodb", "MongoDB", "", "", 0, "mongodb" },
	{ "http",
	  R("RTSP/1.0 400 Bad Request\r\nServer: GStreamer RTSP server\r\n"
	    "\r\n"),
	  "rtsp", "GStreamer", "", "400; RTSP server", UP_TO_END, NULL },

	/* RESP. */
	{ "redis", R("+PONG\r\n"), "redis", "Redis", "", "", IS_OPEN,
	  "redis-info" },
	{ "redis", R("-NOAUTH Authentication required.\r\n"), "redis", "Redis",
	  "", "asks for a password", 0, NULL },
	{ "redis", R("-ERR wrong number of arguments for 'get' command\r\n"),
	  "redis", "Redis", "", "", 0, "redis-info" },
	{ "redis-info",
	  R("$78\r\n# Server\r\nredis_version:7.0.15\r\n"
	    "redis_mode:standalone\r\nos:Linux 6.1.0 x86_64\r\n\r\n"),
	  "redis", "Redis", "7.0.15", "standalone; Linux 6.1.0 x86_64", IS_OPEN,
	  NULL },
	{ "redis-info",
	  R("$53\r\n# "
	    "Server\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\n\r\n"),
	  "redis", "Valkey", "8.0.1", "", IS_OPEN, NULL },
	{ "memcached", R("VERSION 1.6.18\r\n"), "memcached", "memcached",
	  "1.6.18", "", IS_OPEN, NULL },
	{ "memcached", R("CLIENT_ERROR unauthenticated\r\n"), "memcached",
	  "memcached", "", "asks for credentials", 0, NULL },

	/* PostgreSQL, "Message Formats". */
	{ "postgresql", R("S"), "postgresql", "PostgreSQL", "", "", 0,
	  "postgresql-startup" },
	{ "postgresql", R("N"), "postgresql", "PostgreSQL", "", "no TLS", 0,
	  "postgresql-startup" },
	{ "postgresql-startup",
	  R("R\0\0\0\x17\0\0\0\x0a"
	    "SCRAM-SHA-256\0\0"),
	  "postgresql", "PostgreSQL", "", "authentication SASL", 0, NULL },
	{ "postgresql-startup",
	  R("R\0\0\0\x08\0\0\0\0S\0\0\0\x2a"
	    "server_version\0"
	    "15.20 (Debian 15.20-0)\0"
	    "Z\0\0\0\5I"),
	  "postgresql", "PostgreSQL", "15.20", "(Debian 15.20-0)", IS_OPEN,
	  NULL },
	{ "postgresql-startup",
	  R("E\0\0\0\x29SFATAL\0C28000\0Mno pg_hba.conf entry\0\0"),
	  "postgresql", "PostgreSQL", "", "refused: no pg_hba.conf entry", 0,
	  NULL },

	/* MQTT 3.1.1, 3.2, 3.3 and 3.9. */
	{ "mqtt", R(" \x02\x00\x00"), "mqtt", "", "", "", IS_OPEN,
	  "mqtt-version" },
	{ "mqtt", R(" \x02\x00\x05"), "mqtt", "", "", "asks for credentials", 0,
	  NULL },
	{ "mqtt-version",
	  R("\x90\x03\x00\x01\x00"
	    "1-\x00\x13$SYS/broker/versionmosquitto version 2.0.11"),
	  "mqtt", "Mosquitto", "2.0.11", "", 0, NULL },

	/* AMQP 0-9-1, 4.2.5.5 and its method Connection.Start. */
	{ "amqp",
	  R("\x01\x00\x00\x00\x00\x00\xb0\x00\n\x00\n\x00\x09\x00\x00\x00\x8b"
	    "\x0c"
	    "capabilitiesF\x00\x00\x00\x15\x12publisher_confirmst\x01\x0c"
	    "cluster_nameS\x00\x00\x00\x0brabbit@"
	    "host\x08platformS\x00\x00\x00\x11"
	    "Erlang/OTP "
	    "25.2."
	    "3\x07productS\x00\x00\x00\x08RabbitMQ\x07versionS\x00\x00\x00\x06"
	    "3.10.8\x00\x00\x00\x0ePLAIN AMQPLAIN\x00\x00\x00\x05"
	    "en_US\xce"),
	  "amqp", "RabbitMQ", "3.10.8",
	  "Erlang/OTP 25.2.3; cluster rabbit@host", 0, NULL },
	{ "amqp", R("AMQP\x03\x01\x00\x00"), "amqp", "", "", "protocol 1.0.0",
	  0, NULL },

	/* The NATS client protocol. */
	{ "nats",
	  R("INFO "
	    "{\"server_id\":\"NDX\",\"server_name\":\"n1\",\"version\":\"2.9."
	    "10\",\"go\":\"go1.19.4\",\"host\":\"0.0.0.0\",\"port\":4222,"
	    "\"headers\":true,\"max_payload\":1048576,\"proto\":1,\"client_"
	    "ip\":\"127.0.0.1\"} \r\n"),
	  "nats", "nats-server", "2.9.10", "", IS_OPEN, NULL },
	{ "nats",
	  R("INFO "
	    "{\"server_id\":\"NDX\",\"version\":\"2.9.10\",\"auth_required\":"
	    "true,\"tls_required\":true}\r\n"),
	  "nats", "nats-server", "2.9.10", "asks for credentials; requires TLS",
	  0, NULL },

	/* RFC 1035, 4; the texts are those of the programs' sources or manuals. */
	{ "dns",
	  R("\x00"
	    "Csm\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00\x07version\x04"
	    "bind\x00\x00\x10\x00\x03\xc0\x0c\x00\x10\x00\x03\x00\x00\x00\x00"
	    "\x00\x19\x18"
	    "9.18.49-1~deb12u3-Debian"),
	  "dns", "BIND", "9.18.49-1~deb12u3-Debian", "offers recursion", 0,
	  NULL },
	{ "dns",
	  R("\x00"
	    "7sm\x85\x00\x00\x01\x00\x01\x00\x00\x00\x00\x07version\x04"
	    "bind\x00\x00\x10\x00\x03\xc0\x0c\x00\x10\x00\x03\x00\x00\x00\x00"
	    "\x00\r\x0c"
	    "dnsmasq-2.89"),
	  "dns", "dnsmasq", "2.89", "", 0, NULL },
	{ "dns",
	  R("\x00"
	    "9sm\x85\x00\x00\x01\x00\x01\x00\x00\x00\x00\x07version\x04"
	    "bind\x00\x00\x10\x00\x03\xc0\x0c\x00\x10\x00\x03\x00\x00\x00\x00"
	    "\x00\x0f\x0eunbound 1.17.1"),
	  "dns", "Unbound", "1.17.1", "", 0, NULL },
	{ "dns",
	  R("\x00@sm\x85\x00\x00\x01\x00\x01\x00\x00\x00\x00\x07version\x04"
	    "bind\x00\x00\x10\x00\x03\xc0\x0c\x00\x10\x00\x03\x00\x00\x00\x00"
	    "\x00\x16\x15none of your business"),
	  "dns", "", "", "version.bind none of your business", 0, NULL },
	{ "dns",
	  R("\x00\x1esm\x81\x05\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04"
	    "bind\x00\x00\x10\x00\x03"),
	  "dns", "", "", "version.bind REFUSED", 0, NULL },

	/* RFC 4511, 4.5.2, in BER of X.690. */
	{ "ldap",
	  R("0t\x02\x01\x07"
	    "do\x04\x00"
	    "0k0%\x04\x0bobjectClass1\x16\x04\x03top\x04\x0fOpenLDAProotDSE0%"
	    "\x04\x0enamingContexts1\x13\x04\x11"
	    "dc=example,dc=org0\x1b\x04\x14supportedLDAPVersion1\x03\x04\x01"
	    "3"),
	  "ldap", "OpenLDAP", "", "dc=example,dc=org", 0, NULL },
	{ "ldap",
	  R("0}\x02\x01\x07"
	    "dx\x04\x00"
	    "0t0\x1b\x04\nvendorName1\r\x04\x0b"
	    "389 Project05\x04\rvendorVersion1$\x04\"389-Directory/2.3.1 "
	    "B2023.017.00000\x1e\x04\x0enamingContexts1\x0c\x04\ndc=example"),
	  "ldap", "389 Project", "2.3.1", "dc=example", 0, NULL },
	{ "ldap",
	  R("0]\x02\x01\x07"
	    "dX\x04\x00"
	    "0T0/\x04\x17rootDomainNamingContext1\x14\x04\x12"
	    "DC=corp,DC=example0!\x04\x0b"
	    "dnsHostName1\x12\x04\x10"
	    "dc1.corp.example"),
	  "ldap", "Active Directory", "", "host dc1.corp.example", 0, NULL },
	{ "ldap",
	  R("0\x0c\x02\x01\x07"
	    "e\x07\n\x01"
	    "2\x04\x00\x04\x00"),
	  "ldap", "", "", "tells nothing unasked", 0, NULL },

	/* RFC 5531, 9; RFC 1833, 3. */
	{ "rpcbind",
	  R("\x80\x00\x00\x94smpm\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x86"
	    "\xa0\x00\x00\x00\x04\x00\x00\x00\x06\x00\x00\x00o\x00\x00\x00\x01"
	    "\x00\x01\x86\xa0\x00\x00\x00\x03\x00\x00\x00\x06\x00\x00\x00o\x00"
	    "\x00\x00\x01\x00\x01\x86\xa0\x00\x00\x00\x02\x00\x00\x00\x11\x00"
	    "\x00\x00o\x00\x00\x00\x01\x00\x01\x86\xa3\x00\x00\x00\x03\x00\x00"
	    "\x00\x06\x00\x00\x08\x01\x00\x00\x00\x01\x00\x01\x86\xa3\x00\x00"
	    "\x00\x04\x00\x00\x00\x06\x00\x00\x08\x01\x00\x00\x00\x01\x00\x01"
	    "\x86\xa5\x00\x00\x00\x03\x00\x00\x00\x06\x00\x00NP\x00\x00\x00"
	    "\x00"),
	  "rpcbind", "", "",
	  "portmapper 2-4 on 111; nfs 3-4 on 2049; mountd 3 on 20048", IS_OPEN,
	  NULL },
	{ "nfs",
	  R("\x80\x00\x00 "
	    "smnf\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04"),
	  "nfs", "", "", "versions 3-4", 0, NULL },

	/* [MS-SMB2] 2.2.4; [MS-RDPBCGR] 2.2.1.2. */
	{ "smb",
	  R("\x00\x00\x00\x80\xfeSMB@"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "A\x00\x03\x00\x11\x03\x01\x00"
	    "0123456789abcdef\x7f\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00"
	    "\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00"),
	  "smb", "", "", "SMB 3.1.1; signing required", 0, NULL },
	{ "smb",
	  R("\x00\x00\x00\x80\xfeSMB@"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "A\x00\x01\x00\x10\x02\x00\x00"
	    "0123456789abcdef\x7f\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00"
	    "\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00"),
	  "smb", "", "", "SMB 2.1; signing not required", 0, NULL },
	{ "rdp",
	  R("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12"
	    "4\x00\x02\x09\x08\x00\x02\x00\x00\x00"),
	  "rdp", "", "", "security CredSSP", 0, NULL },
	{ "rdp",
	  R("\x03\x00\x00\x0b\x06\xd0\x00\x00\x12"
	    "4\x00"),
	  "rdp", "", "", "security standard RDP security", 0, NULL },
	{ "rdp",
	  R("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12"
	    "4\x00\x03\x00\x08\x00\x02\x00\x00\x00"),
	  "rdp", "", "", "refused: 2", 0, NULL },

	/* X Window System Protocol, 8. */
	{ "x11",
	  R("\x01\x00\x0b\x00\x00\x00\r\x00\x8f\xa5\xb8\x00\x00\x00\x00\x00\xff"
	    "\xff\x1f\x00\x00\x01\x00\x00\x14\x00\xff\xff\x00\x00\x00\x00  "
	    "\x08\xff\x00\x00\x00\x00The X.Org Foundation"),
	  "x11", "X.Org", "21.1.7", "vendor The X.Org Foundation", IS_OPEN,
	  NULL },
	/* Of a real server, whose screens and visuals have not come yet. */
	{ "x11",
	  R("\x01\x00\x0b\x00\x00\x00S\x09\x8f\xa5\xb8\x00\x00\x00 \x00\xff"
	    "\xff\x1f\x00\x00\x01\x00\x00\x14\x00\xff\xff\x01\x06\x00\x00  "
	    "\x08\xff\x00\x00\x00\x00The X.Org Foundation\x01\x01 \x00"),
	  "x11", "X.Org", "21.1.7", "vendor The X.Org Foundation", IS_OPEN,
	  NULL },
	{ "x11",
	  R("\x00\x16\x0b\x00\x00\x00\x06\x00No protocol specified\n\x00\x00"),
	  "x11", "", "", "refused: No protocol specified", 0, NULL },

	/* bsonspec.org, and the OP_REPLY and OP_MSG of MongoDB. */
	{ "mongodb",
	  R("\x88\x00\x00\x00\x05\x00\x00\x00sysm\x01\x00\x00\x00\x08\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00"
	    "\x00"
	    "d\x00\x00\x00\x08ismaster\x00\x01\x03topologyVersion\x00\x12\x00"
	    "\x00\x00\x10"
	    "counter\x00\x06\x00\x00\x00\x00\x02setName\x00\x04\x00\x00\x00rs0"
	    "\x00\x10maxWireVersion\x00\x11\x00\x00\x00\x01ok\x00\x00\x00\x00"
	    "\x00\x00\x00\xf0\x3f\x00"),
	  "mongodb", "MongoDB", "", "replica set rs0", 0, "mongodb-build" },
	{ "mongodb-build",
	  R("N\x00\x00\x00\x05\x00\x00\x00sysm\xdd\x07\x00\x00\x00\x00\x00\x00"
	    "\x00"
	    "9\x00\x00\x00\x02version\x00\x07\x00\x00\x00"
	    "6.0.12\x00\x02gitVersion\x00\x04\x00\x00\x00"
	    "abc\x00\x01ok\x00\x00\x00\x00\x00\x00\x00\xf0\x3f\x00"),
	  "mongodb", "MongoDB", "6.0.12", "", 0, "mongodb-databases" },
	{ "mongodb-databases",
	  R("N\x00\x00\x00\x05\x00\x00\x00sysm\xdd\x07\x00\x00\x00\x00\x00\x00"
	    "\x00"
	    "9\x00\x00\x00\x04"
	    "databases\x00\x1d\x00\x00\x00\x03"
	    "0\x00\x15\x00\x00\x00\x02name\x00\x06\x00\x00\x00"
	    "admin\x00\x00\x00\x01ok\x00\x00\x00\x00\x00\x00\x00\xf0\x3f\x00"),
	  "mongodb", "MongoDB", "", "", IS_OPEN, NULL },
	{ "mongodb-databases",
	  R("T\x00\x00\x00\x05\x00\x00\x00sysm\xdd\x07\x00\x00\x00\x00\x00\x00"
	    "\x00\x3f\x00\x00\x00\x01ok\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
	    "errmsg\x00\x18\x00\x00\x00requires authentication\x00\x10"
	    "code\x00\r\x00\x00\x00\x00"),
	  "mongodb", "MongoDB", "", "asks for credentials", 0, NULL },

	/* RFC 6120, 4.3; RFC 2812, 5.1; RFC 8446, 6. */
	{ "xmpp",
	  R("<\x3fxml version='1.0'\x3f><stream:stream "
	    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' "
	    "from='localhost' id='1' xmlns='jabber:client'><stream:features><c "
	    "xmlns='http://jabber.org/protocol/caps' "
	    "node='http://prosody.im'/><starttls "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"),
	  "xmpp", "Prosody", "", "offers STARTTLS", 0, NULL },
	{ "xmpp",
	  R("<\x3fxml version='1.0'\x3f><stream:stream "
	    "xmlns:stream='http://etherx.jabber.org/streams' id='1' "
	    "xmlns='jabber:client'><stream:error><host-unknown "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></"
	    "stream:stream>"),
	  "xmpp", "", "", "", 0, NULL },
	{ "irc",
	  R(":irc.example.org 001 smprobe :Welcome\r\n:irc.example.org 002 "
	    "smprobe :Your host is irc.example.org\r\n:irc.example.org 004 "
	    "smprobe irc.example.org ngircd-26.1 abBcCFiIoqrRswx "
	    "abehiIklmMnoOPqQrRstvVz\r\n"),
	  "irc", "ngircd", "26.1", "server irc.example.org", 0, NULL },
	{ "irc",
	  R(":irc.example.org NOTICE * :*** Looking up your "
	    "hostname...\r\nERROR :Closing link: refused\r\n"),
	  "irc", "", "", "server irc.example.org; ERROR :Closing link: refused",
	  0, NULL },
	{ "tls",
	  R("\x15\x03\x01\x00\x02\x02"
	    "F"),
	  "tls", "", "", "", IS_TLS, NULL },

	/* As the servers of Debian 12 said them: slapd 2.5.13 with that suffix, smbd
	 * 4.17.12, RabbitMQ 3.10.8 on Erlang 25.2.3, named 9.18.49. */
	{ "ldap",
	  R("0\x82\x03`\x02\x01\x07"
	    "d\x82\x03Y\x04\x00"
	    "0\x82\x03"
	    "S0%\x04\x0bobjectClass1\x16\x04\x03top\x04\x0fOpenLDA"
	    "ProotDSE0*\x04\x15structuralObjectClass1\x11\x04\x0fO"
	    "penLDAProotDSE0\x1c\x04\rconfigContext1\x0b\x04\x09"
	    "c"
	    "n=config0%\x04\x0enamingContexts1\x13\x04\x11"
	    "dc=ex"
	    "ample,dc=org0\x81\xce\x04\x10supportedControl1\x81\xb9"
	    "\x04\x18"
	    "2.16.840.1.113730.3.4.18\x04\x17"
	    "2.16.84"
	    "0.1.113730.3.4.2\x04\x17"
	    "1.3.6.1.4.1.4203.1.10.1\x04"
	    "\x0c"
	    "1.3.6.1.1.22\x04\x16"
	    "1.2.840.113556.1.4.319\x04"
	    "\x17"
	    "1.2.826.0.1.3344810.2.3\x04\x0e"
	    "1.3.6.1.1.13"
	    ".2\x04\x0e"
	    "1.3.6.1.1.13.1\x04\x0c"
	    "1.3.6.1.1.120u\x04"
	    "\x12supportedExtension1_\x04\x17"
	    "1.3.6.1.4.1.4203.1"
	    ".11.1\x04\x17"
	    "1.3.6.1.4.1.4203.1.11.3\x04\x0b"
	    "1.3"
	    ".6.1.1.8\x04\x0e"
	    "1.3.6.1.1.21.3\x04\x0e"
	    "1.3.6.1.1"
	    ".21.10\x81\x9c\x04\x11supportedFeatures1\x81\x86\x04\x0c"
	    "1.3.6.1.1.14\x04\x16"
	    "1.3.6.1.4.1.4203.1.5.1\x04\x16"
	    "1.3.6.1.4.1.4203.1.5.2\x04\x16"
	    "1.3.6.1.4.1.4203.1.5"
	    ".3\x04\x16"
	    "1.3.6.1.4.1.4203.1.5.4\x04\x16"
	    "1.3.6.1"
	    ".4.1.4203.1.5.50\x1b\x04\x14supportedLDAPVersion1\x03"
	    "\x04\x01"
	    "30\x81\x80\x04\x17supportedSASLMechanisms1"
	    "e\x04\rSCRAM-SHA-512\x04\rSCRAM-SHA-384\x04\rSCRAM-SH"
	    "A-256\x04\rSCRAM-SHA-224\x04\x0bSCRAM-SHA-1\x04\nDIGE"
	    "ST-MD5\x04\x08"
	    "CRAM-MD5\x04\x04NTLM0\r\x04\x07"
	    "en"
	    "tryDN1\x02\x04\x00"
	    "0#\x04\x11subschemaSubentry1\x0e"
	    "\x04\x0c"
	    "cn=Subschema0\x0c\x02\x01\x07"
	    "e\x07\n\x01"
	    "\x00\x04\x00\x04\x00"),
	  "ldap", "OpenLDAP", "", "dc=example,dc=org", 0, NULL },
	{ "smb",
	  R("\x00\x00\x00\xfe\xfeSMB@\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "A\x00\x01\x00\x11"
	    "\x03\x01\x00vm\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x80\x00\x00\x00"
	    "\x80\x00\x00\x00\x80\x00\x18\xf9\x83\xd8\xbc}\xdd\x01"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00J\x00\xd0\x00"
	    "\x00\x00`H\x06\x06+\x06\x01\x05\x05\x02\xa0>0<\xa0\x0e"
	    "0\x0c\x06\n+\x06\x01\x04\x01\x82"
	    "7\x02\x02\n\xa3*0("
	    "\xa0&\x1b$not_defined_in_RFC4178@please_ignore\x00\x00"
	    "\x00\x00\x00\x00\x01\x00&\x00\x00\x00\x00\x00\x01\x00"
	    " \x00\x01\x00\xde\xf6\xad"
	    "45\x84"
	    "0\x89\xc0\x99\xb5"
	    "\xdb\x0e"
	    "8>\x00\x81\x1c\x1a\x0e\x05\x03!\x8d\x13\x7f"
	    "\xf4jo\xc1"
	    "3V"),
	  "smb", "", "", "SMB 3.1.1; signing not required", 0, NULL },
	{ "amqp",
	  R("\x01\x00\x00\x00\x00\x01\xed\x00\n\x00\n\x00\x09\x00\x00"
	    "\x01\xc8\x0c"
	    "capabilitiesF\x00\x00\x00\xc7\x12publi"
	    "sher_confirmst\x01\x1a"
	    "exchange_exchange_bindingst\x01"
	    "\nbasic.nackt\x01\x16"
	    "consumer_cancel_notifyt\x01\x12"
	    "connection.blockedt\x01\x13"
	    "consumer_prioritiest\x01"
	    "\x1c"
	    "authentication_failure_closet\x01\x10per_consu"
	    "mer_qost\x01\x0f"
	    "direct_reply_tot\x01\x0c"
	    "cluster"
	    "_nameS\x00\x00\x00\x06lab@vm\x09"
	    "copyrightS\x00\x00"
	    "\x00"
	    "7Copyright (c) 2007-2022 VMware, Inc. or its a"
	    "ffiliates.\x0binformationS\x00\x00\x00"
	    "9Licensed un"
	    "der the MPL 2.0. Website: https://rabbitmq.com\x08pla"
	    "tformS\x00\x00\x00\x11"
	    "Erlang/OTP 25.2.3\x07product"
	    "S\x00\x00\x00\x08RabbitMQ\x07versionS\x00\x00\x00\x06"
	    "3.10.8\x00\x00\x00\x0e"
	    "AMQPLAIN PLAIN\x00\x00\x00\x05"
	    "en_US\xce"),
	  "amqp", "RabbitMQ", "3.10.8", "Erlang/OTP 25.2.3; cluster lab@vm", 0,
	  NULL },
	{ "dns",
	  R("\x00"
	    "Csm\x85\x00\x00\x01\x00\x01\x00\x00\x00\x00\x07"
	    "version\x04"
	    "bind\x00\x00\x10\x00\x03\xc0\x0c\x00\x10"
	    "\x00\x03\x00\x00\x00\x00\x00\x19\x18"
	    "9.18.49-1~deb1"
	    "2u3-Debian"),
	  "dns", "BIND", "9.18.49-1~deb12u3-Debian", "", 0, NULL },
};
const size_t match_nrows = sizeof(match_rows) / sizeof(match_rows[0]);
