# SPDX-License-Identifier: MIT
"""Servers of TCP for services.py: how each is set up and started, and what is known."""
import os
import shutil
import socket
import subprocess


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def run(*argv, **kw):
    return subprocess.run(argv, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **kw).stdout


def owned(path, user):
    os.makedirs(path, exist_ok=True)
    shutil.chown(path, user, None)
    return path


def certificate(d):
    if not os.path.exists(f"{d}/key.pem"):
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
            "-subj", "/CN=lab.example.org", "-keyout", f"{d}/key.pem",
            "-out", f"{d}/cert.pem")
    return f"{d}/cert.pem", f"{d}/key.pem"


def openssh(d, port):
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{d}/host")
    os.makedirs("/run/sshd", exist_ok=True)
    return ["/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", f"{d}/host",
            "-p", str(port), "-o", "DebianBanner=yes"]


def dropbear(d, port):
    run("dropbearkey", "-t", "ed25519", "-f", f"{d}/host")
    return ["dropbear", "-F", "-r", f"{d}/host", "-p", str(port), "-P", f"{d}/pid"]


def nginx(d, port):
    cert, key = certificate(d)
    conf = write(f"{d}/conf", f"""
daemon off; pid {d}/pid; error_log {d}/error;
events {{}}
http {{ access_log off; server {{
 listen {port} ssl; ssl_certificate {cert}; ssl_certificate_key {key};
 location / {{ default_type text/html; return 200 "<title>Lab</title>"; }} }} }}
""")
    return ["nginx", "-c", conf, "-e", f"{d}/error"]


def postgresql(d, port):
    owned(d, "postgres")
    bindir = max(os.scandir("/usr/lib/postgresql"),
                 key=lambda e: int(e.name)).path + "/bin"
    run("runuser", "-u", "postgres", "--", f"{bindir}/initdb", "-D", f"{d}/data",
        "--auth=scram-sha-256", f"--pwfile={write(d + '/pw', 'secret')}")
    return ["runuser", "-u", "postgres", "--", f"{bindir}/postgres", "-D", f"{d}/data",
            "-k", d, "-p", str(port), "-h", "127.0.0.1"]


def redis(d, port):
    return ["redis-server", "--port", str(port), "--dir", d, "--save", ""]


def mariadb(d, port):
    owned(d, "mysql")
    run("mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={d}/data")
    return ["mariadbd", "--no-defaults", "--user=mysql", f"--datadir={d}/data",
            f"--socket={d}/sock", f"--port={port}", "--bind-address=127.0.0.1"]


def postfix(d, port):
    for name in ("queue", "data", "etc"):
        os.makedirs(f"{d}/{name}")
    shutil.chown(f"{d}/data", "postfix")
    write(f"{d}/etc/main.cf", f"""
compatibility_level = 3.6
queue_directory = {d}/queue
data_directory = {d}/data
myhostname = mx.example.org
inet_interfaces = 127.0.0.1
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
maillog_file = /dev/stdout
maillog_file_prefixes = /dev
alias_maps =
alias_database =
""")
    write(f"{d}/etc/master.cf", f"""
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
""")
    return ["postfix", "-c", f"{d}/etc", "start-fg"]


def dovecot(d, port, protocol):
    conf = write(f"{d}/conf", f"""
protocols = {protocol}
base_dir = {d}/run
log_path = {d}/log
ssl = no
login_greeting = Dovecot (Debian) ready.
passdb {{
 driver = static
 args = nopassword=y
}}
service {protocol}-login {{
 inet_listener {protocol} {{
  port = {port}
 }}
 inet_listener {protocol}s {{
  port = 0
 }}
}}
""")
    return ["dovecot", "-F", "-c", conf]


def vsftpd(d, port):
    os.makedirs("/run/vsftpd/empty", exist_ok=True)
    return ["vsftpd", write(f"{d}/conf", f"""
listen=YES
listen_port={port}
background=NO
secure_chroot_dir=/run/vsftpd/empty
""")]


def memcached(_, port):
    return ["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", str(port), "-U", "0"]


def nats(_, port):
    return ["nats-server", "-a", "127.0.0.1", "-p", str(port)]


def rabbitmq(d, port):
    owned(d, "rabbitmq")
    env = {"HOME": d, "RABBITMQ_MNESIA_BASE": f"{d}/db", "RABBITMQ_LOG_BASE": d,
           "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(port),
           "RABBITMQ_NODENAME": "lab@localhost", "RABBITMQ_PLUGINS_EXPAND_DIR": f"{d}/expand",
           "RABBITMQ_ENABLED_PLUGINS_FILE": write(f"{d}/plugins", "[].\n"),
           "RABBITMQ_DIST_PORT": str(port + 1), "PATH": os.environ["PATH"]}
    return ["runuser", "-u", "rabbitmq", "--", "env", "-i",
            *(f"{k}={v}" for k, v in env.items()),
            "/usr/lib/rabbitmq/bin/rabbitmq-server"]


def bind(d, port):
    owned(d, "bind")
    return ["named", "-f", "-u", "bind", "-c", write(f"{d}/conf", f"""
options {{ directory "{d}"; pid-file none; session-keyfile none;
 listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
 recursion no; dnssec-validation no; }};
controls {{}};
""")]


def samba(d, port):
    for name in ("lock", "state", "cache", "pid", "private", "ncalrpc"):
        os.makedirs(f"{d}/{name}")
    conf = write(f"{d}/conf", f"""
[global]
 smb ports = {port}
 bind interfaces only = yes
 interfaces = lo
 lock directory = {d}/lock
 state directory = {d}/state
 cache directory = {d}/cache
 pid directory = {d}/pid
 private dir = {d}/private
 ncalrpc dir = {d}/ncalrpc
 log file = {d}/log
 disable spoolss = yes
""")
    return ["smbd", "-F", "--no-process-group", "-s", conf]


def mosquitto(d, port):
    return ["mosquitto", "-c", write(f"{d}/conf", f"""
listener {port} 127.0.0.1
allow_anonymous true
""")]


def slapd(d, port):
    os.makedirs(f"{d}/db")
    conf = write(f"{d}/conf", f"""
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {d}/pid
database mdb
suffix "dc=example,dc=org"
directory {d}/db
""")
    return ["slapd", "-d", "0", "-f", conf, "-h", f"ldap://127.0.0.1:{port}/"]


def xvfb(_, port):
    if port - 6000 > 100:
        return None
    return ["Xvfb", f":{port - 6000}", "-nolock", "-ac", "-listen", "tcp",
            "-nolisten", "unix"]


def rpcbind(_, port):
    return ["rpcbind", "-f"] if port == 111 else None


def rsync(d, port):
    return ["rsync", "--daemon", "--no-detach", f"--port={port}",
            f"--config={write(d + '/conf', 'use chroot = no' + chr(10))}"]


def vnc(_, port):
    return ["Xtigervnc", ":77", "-rfbport", str(port), "-SecurityTypes", "None",
            "-interface", "127.0.0.1", "-nolock", "-nolisten", "unix"]


def ngircd(d, port):
    return ["ngircd", "-n", "-f", write(f"{d}/conf", f"""
[Global]
 Name = irc.example.org
 Info = lab
 Listen = 127.0.0.1
 Ports = {port}
[Options]
 Ident = no
 PAM = no
 DNS = no
""")]


def prometheus(d, port):
    return ["prometheus", f"--storage.tsdb.path={d}",
            f"--config.file={write(d + '/conf', 'scrape_configs: []' + chr(10))}",
            f"--web.listen-address=127.0.0.1:{port}"]


def etcd(d, port):
    return ["etcd", "--data-dir", d, "--advertise-client-urls",
            f"http://127.0.0.1:{port}", "--listen-client-urls",
            f"http://127.0.0.1:{port}"]


NONE = "its protocol tells no version"
# name, program, port, start, service, product, own version, what to know of it
SERVERS = (
    ("OpenSSH", "/usr/sbin/sshd", 22, openssh, "ssh", "OpenSSH",
     (["ssh", "-V"], r"OpenSSH_(\S+)"),
     "nmap has the package's version behind it, which here is info"),
    ("Dropbear", "dropbear", 2222, dropbear, "ssh", "Dropbear",
     (["dropbear", "-V"], r"v([\d.]+)"), ""),
    ("nginx, TLS", "nginx", 443, nginx, "http", "nginx",
     (["nginx", "-v"], r"nginx/([\d.]+)"), ""),
    ("PostgreSQL", "runuser", 5432, postgresql, "postgresql", "PostgreSQL",
     (["psql", "--version"], r"PostgreSQL\) ([\d.]+)"),
     NONE + " before it is logged in; nmap has a range, by lines of its sources"),
    ("Redis", "redis-server", 6379, redis, "redis", "Redis",
     (["redis-server", "--version"], r"v=([\d.]+)"), ""),
    ("MariaDB", "mariadbd", 3306, mariadb, "mysql", "MariaDB",
     (["mariadbd", "--version"], r"Ver ([\d.]+)"),
     "nmap has the version with the prefix for old clients"),
    ("Postfix", "postfix", 25, postfix, "smtp", "Postfix",
     (["postconf", "-h", "mail_version"], r"([\d.]+)"), NONE),
    ("Dovecot, IMAP", "dovecot", 143, lambda d, p: dovecot(d, p, "imap"), "imap",
     "Dovecot", (["dovecot", "--version"], r"([\d.]+)"), NONE),
    ("Dovecot, POP3", "dovecot", 110, lambda d, p: dovecot(d, p, "pop3"), "pop3",
     "Dovecot", (["dovecot", "--version"], r"([\d.]+)"), NONE),
    ("vsftpd", "vsftpd", 21, vsftpd, "ftp", "vsftpd",
     (["sh", "-c", "vsftpd -v 0>&1"], r"version ([\d.]+)"), ""),
    ("memcached", "memcached", 11211, memcached, "memcached", "memcached",
     (["memcached", "--version"], r"([\d.]+)"), ""),
    ("NATS", "nats-server", 4222, nats, "nats", "nats-server",
     (["nats-server", "--version"], r"v([\d.]+)"),
     "nmap has the name of the port alone, and not what it says"),
    ("RabbitMQ", "rabbitmqctl", 5672, rabbitmq, "amqp", "RabbitMQ",
     (["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"], r"([\d.]+)"), ""),
    ("BIND", "named", 53, bind, "dns", "BIND",
     (["named", "-v"], r"BIND (\S+)"),
     "nmap has ISC before the name, and leaves out the last word of the version"),
    ("Samba", "smbd", 445, samba, "smb", "",
     (["smbd", "--version"], r"Version ([\d.]+)"),
     "SMB 2 names no program; nmap names the oldest of those that answer so"),
    ("Mosquitto", "mosquitto", 1883, mosquitto, "mqtt", "Mosquitto",
     (["mosquitto", "-h"], r"version ([\d.]+)"),
     "nmap has 'mosquitto version' for the name"),
    ("OpenLDAP", "slapd", 389, slapd, "ldap", "OpenLDAP",
     (["slapd", "-VV"], r"slapd ([\d.]+)"), NONE),
    ("Xvfb", "Xvfb", 6005, xvfb, "x11", "X.Org",
     (["dpkg-query", "-W", "-f", "${Version}", "xvfb"], r":([\d.]+)"),
     "nmap has no version: it does not read the release number"),
    ("rpcbind", "rpcbind", 111, rpcbind, "rpcbind", "",
     (["dpkg-query", "-W", "-f", "${Version}", "rpcbind"], r"([\d.]+)"), NONE),
    ("rsync", "rsync", 873, rsync, "rsync", "",
     (["rsync", "--version"], r"version ([\d.]+)"), NONE + " but that of itself"),
    ("TigerVNC", "Xtigervnc", 5907, vnc, "vnc", "",
     (["dpkg-query", "-W", "-f", "${Version}", "tigervnc-standalone-server"],
      r"([\d.]+)"), NONE + " but that of itself"),
    ("ngIRCd", "ngircd", 6667, ngircd, "irc", "ngIRCd",
     (["ngircd", "--version"], r"ngIRCd ([\d.]+)"),
     "nmap has no version: it does not log in"),
    ("Prometheus", "prometheus", 9090, prometheus, "prometheus", "Prometheus",
     (["prometheus", "--version"], r"version ([\w.+]+)"),
     "nmap has the web server's library: it does not ask for the version"),
    ("etcd", "etcd", 2379, etcd, "etcd", "etcd",
     (["etcd", "--version"], r"Version: ([\d.]+)"),
     "nmap has the name of the port alone: it does not ask for the version"),
)


def is_up(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


# What the command and nmap need to ask these.
ASK, PEER = ["-s"], ["-sT"]
