# SPDX-License-Identifier: MIT
"""benign-day.py DIRECTORY SYSMON private|shared: starts servers, uses them, ends them,
and lets sysmon read what they logged. Status 77 when no server is here."""
import datetime
import glob
import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

TMP, SYSMON = sys.argv[1], sys.argv[2]
PRIVATE = sys.argv[3] == "private"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
STARTED = []
LOG = os.path.join(TMP, "log")
PATIENCE = 60


class Skip(Exception):
    pass


def tool(name):
    path = shutil.which(name, path=PATH)
    if not path:
        raise Skip("not installed")
    return path


def root_only():
    if not PRIVATE:
        raise Skip("needs root and a mount namespace")


def write(name, text):
    path = os.path.join(TMP, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def run(*argv, **kw):
    r = subprocess.run(argv, check=False, timeout=PATIENCE,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, **kw)
    if r.returncode:
        raise RuntimeError(f"{argv}: status {r.returncode}: "
                           + r.stdout.decode(errors="replace"))


def start(*argv, **kw):
    kw.setdefault("stdout", subprocess.DEVNULL)
    kw.setdefault("stderr", subprocess.DEVNULL)
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, **kw)
    STARTED.append(p)
    return p


def end(p, how=signal.SIGTERM):
    p.send_signal(how)
    try:
        p.wait(20)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
    STARTED.remove(p)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def until(what, condition):
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise RuntimeError(what + ": not within a minute")
        time.sleep(0.02)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
        return True
    except OSError:
        return False


def nobody():
    """For what refuses to run as root."""
    return {"user": 65534, "group": 65534, "extra_groups": []} \
        if os.getuid() == 0 else {}


def logged(name, word):
    try:
        with open(os.path.join(LOG, name), "rb") as f:
            return word.encode() in f.read()
    except OSError:
        return False


def mount(*argv):
    run("mount", *argv)


def make_private():
    """A /dev with a log socket of our own, an empty /run, our crontabs."""
    dev = os.path.join(TMP, "dev")
    os.mkdir(dev)
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", dev)
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        open(os.path.join(dev, name), "w").close()
        mount("--bind", "/dev/" + name, os.path.join(dev, name))
    for name in ("pts", "shm"):
        os.mkdir(os.path.join(dev, name))
        if os.path.isdir("/dev/" + name):
            mount("--bind", "/dev/" + name, os.path.join(dev, name))
    for name, to in (("fd", "/proc/self/fd"), ("ptmx", "pts/ptmx"),
                     ("stdin", "/proc/self/fd/0"),
                     ("stdout", "/proc/self/fd/1"),
                     ("stderr", "/proc/self/fd/2")):
        os.symlink(to, os.path.join(dev, name))
    mount("--rbind", dev, "/dev")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    threading.Thread(target=collect, args=(s,), daemon=True).start()


def collect(s):
    """What a syslog daemon does: drops the priority, and puts the host in."""
    with open(os.path.join(LOG, "syslog"), "ab", buffering=0) as f:
        while True:
            data = s.recv(65536).rstrip(b"\n\0")
            data = data[data.index(b">") + 1:]
            f.write(data[:16] + b"testhost " + data[16:] + b"\n")


def use_sshd():
    root_only()
    sshd, keygen, ssh = tool("sshd"), tool("ssh-keygen"), tool("ssh")
    port = free_port()
    key, host = os.path.join(TMP, "key"), os.path.join(TMP, "hostkey")
    for path in (key, host):
        run(keygen, "-q", "-t", "ed25519", "-N", "", "-f", path)
    shutil.copy(key + ".pub", os.path.join(TMP, "authorized_keys"))
    os.makedirs("/run/sshd", exist_ok=True)
    conf = write("sshd_config", f"""\
Port {port}
ListenAddress 127.0.0.1
HostKey {host}
PidFile none
StrictModes no
AuthorizedKeysFile {TMP}/authorized_keys
PasswordAuthentication no
PermitRootLogin yes
UsePAM no
LogLevel VERBOSE
""")
    p = start(sshd, "-D", "-f", conf)
    until("sshd", lambda: answers(port))
    for _ in range(8):
        run(ssh, "-F", "none", "-i", key, "-p", str(port),
            "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes",
            "-o", "UserKnownHostsFile=" + os.path.join(TMP, "known"),
            "root@127.0.0.1", "true")
    for _ in range(6):  # a monitor looks whether the port is open
        answers(port)
    until("sshd's log", lambda: logged("syslog", "Accepted publickey"))
    end(p)


def use_nginx():
    nginx = tool("nginx")
    port = free_port()
    base = os.path.join(TMP, "nginx")
    os.makedirs(base + "/html/shop", exist_ok=True)
    for i in range(60):
        write(f"nginx/html/shop/{i}.html", "<p>A page.\n")
    write("nginx/html/index.html", "<p>Welcome.\n")
    write("nginx/html/robots.txt", "User-agent: *\nAllow: /\n")
    write("nginx/html/sitemap.xml", "<urlset/>\n")
    conf = write("nginx/nginx.conf", f"""\
daemon off; pid {base}/pid; error_log {LOG}/nginx-error.log info;
events {{ worker_connections 64; }}
http {{
access_log {LOG}/nginx-access.log combined;
client_body_temp_path {base}/b; proxy_temp_path {base}/p;
fastcgi_temp_path {base}/f; uwsgi_temp_path {base}/u;
scgi_temp_path {base}/s;
server {{ listen 127.0.0.1:{port}; root {base}/html; }}
}}
""")
    with open(conf, "a", encoding="utf-8") as f:
        if os.getuid() == 0:
            f.write("user root;\n")
    p = start(nginx, "-p", base, "-c", conf)
    until("nginx", lambda: answers(port))

    def get(path, agent, method="GET"):
        r = urllib.request.Request(f"http://127.0.0.1:{port}{path}",
                                   headers={"User-Agent": agent},
                                   method=method)
        try:
            urllib.request.urlopen(r, timeout=PATIENCE).read()
        except urllib.error.HTTPError:
            pass

    bot = "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://bot.example/)"
    human = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
    for path in ["/robots.txt", "/sitemap.xml", "/"] + \
            [f"/shop/{i}.html" for i in range(60)]:
        get(path, bot)
    for path in ("/", "/favicon.ico", "/?q=select+a+gift+from+our+shop",
                 "/?q=O%27Brien+%26+sons&sort=price%20desc",
                 "/shop/7.html?utm_source=mail&id=1-2", "/old-page.html",
                 "/?title=C%2B%2B+%3Cvector%3E&lang=en"):
        get(path, human)
    get("/", human, "HEAD")
    end(p, signal.SIGQUIT)


def use_postgresql():
    here = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    bindir = here[-1] if here else os.path.dirname(tool("initdb"))
    if not os.path.exists(bindir + "/initdb"):
        raise Skip("not installed")
    base = os.path.join(TMP, "pg")
    os.mkdir(base)
    who = nobody()
    if who:
        os.chown(base, 65534, 65534)
    os.chdir(base)
    env = dict(os.environ, LC_ALL="C", HOME=base)
    run(bindir + "/initdb", "-D", base + "/data", "-A", "trust", "-N",
        "-U", "shop", env=env, **who)
    port = free_port()
    with open(os.path.join(LOG, "postgresql.log"), "wb") as log:
        p = start(bindir + "/postgres", "-D", base + "/data", "-k", base,
                  "-p", str(port), "-c", "listen_addresses=127.0.0.1",
                  "-c", "log_line_prefix=%m [%p] %q%u@%d ",
                  "-c", "log_connections=on", "-c", "log_timezone=UTC",
                  "-c", "log_disconnections=on", "-c", "fsync=off",
                  stderr=log, env=env, **who)
    until("PostgreSQL", lambda: logged("postgresql.log", "ready to accept"))

    def sql(text):
        subprocess.run((bindir + "/psql", "-h", "127.0.0.1", "-p", str(port),
                        "-U", "shop", "-d", "postgres", "-c", text),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=env, timeout=PATIENCE, **who)

    sql("CREATE TABLE orders (id int PRIMARY KEY)")
    for _ in range(2):
        sql("INSERT INTO orders VALUES (1)")  # the second: duplicate key
    sql("SELCT 1")
    for _ in range(8):
        sql("SELECT count(*) FROM orders")
    end(p, signal.SIGINT)
    os.chdir(TMP)


def use_postfix():
    root_only()
    postfix = tool("postfix")
    conf = os.path.join(TMP, "postfix")
    shutil.copytree("/etc/postfix", conf, symlinks=True)
    for name in ("queue", "data", "mail"):
        os.makedirs(os.path.join(TMP, "pf", name))
    shutil.chown(os.path.join(TMP, "pf/data"), "postfix")
    os.chmod(os.path.join(TMP, "pf/mail"), 0o1777)
    dist = "/usr/share/postfix/master.cf.dist"
    with open(dist if os.path.exists(dist) else "/etc/postfix/master.cf",
              encoding="utf-8") as f:
        services = f.read()
    port = free_port()
    lines = []
    for line in services.splitlines():
        w = line.split()
        if len(w) >= 8 and not line[0].isspace() and not line.startswith("#"):
            w[4] = "n"
            if w[:2] == ["smtp", "inet"]:
                w[0] = f"127.0.0.1:{port}"
            line = " ".join(w)
        lines.append(line)
    write("postfix/master.cf", "\n".join(lines) + "\n")
    write("postfix/main.cf", f"""\
compatibility_level = 3.6
queue_directory = {TMP}/pf/queue
data_directory = {TMP}/pf/data
mail_spool_directory = {TMP}/pf/mail/
myhostname = mail.example.com
mydestination = mail.example.com, localhost
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:none
""")
    p = start(postfix, "-c", conf, "start-fg")
    until("postfix", lambda: answers(port))
    for i in range(10):
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as s:
            s.sendmail("alice@example.com", ["nobody@mail.example.com"],
                       f"Subject: failed delivery report {i}\n\nHello.\n")
    until("postfix's log", lambda: logged("syslog", "status=sent"))
    subprocess.run((postfix, "-c", conf, "stop"), timeout=PATIENCE,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end(p)


def use_cron():
    root_only()
    cron = tool("cron")
    for name in ("spool", "cron.d"):
        os.mkdir(os.path.join(TMP, name))
    tab = write("crontab", "@reboot root true\n"
                "@reboot nobody echo 0 errors, 0 failed\n")
    os.chmod(tab, 0o644)
    mount("--bind", tab, "/etc/crontab")
    mount("--bind", os.path.join(TMP, "cron.d"), "/etc/cron.d")
    mount("--bind", os.path.join(TMP, "spool"), "/var/spool/cron")
    os.mkdir("/var/spool/cron/crontabs", 0o1730)
    p = start(cron, "-f")
    until("cron's log", lambda: logged("syslog", "(nobody) CMD"))
    end(p)


# The stamps of syslog, of nginx's two logs and of PostgreSQL, each where it stands.
STAMPS = (
    (re.compile(rb"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"), "%b %e %H:%M:%S"),
    (re.compile(rb"(?<=\[)\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?= )"),
     "%d/%b/%Y:%H:%M:%S"),
    (re.compile(rb"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"), "%Y/%m/%d %H:%M:%S"),
    (re.compile(rb"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "%Y-%m-%d %H:%M:%S"),
)


def earlier(line, hours, year):
    for pattern, form in STAMPS:
        m = pattern.search(line)
        if not m:
            continue
        text, read = m.group().decode(), form.replace("%e", "%d")
        if "%Y" not in form:
            text, read = f"{year} {text}", "%Y " + read
        when = datetime.datetime.strptime(text, read)
        when -= datetime.timedelta(hours=hours)
        return (line[:m.start()] + when.strftime(form).encode()
                + line[m.end():])
    return line  # goes on with the one above


def make_day():
    """The servers were used as in one hour: a day has 24 of them, one like the
    other but for the time."""
    day = os.path.join(TMP, "day")
    year = time.gmtime().tm_year
    os.mkdir(day)
    for path in glob.glob(LOG + "/*"):
        with open(path, "rb") as f:
            lines = f.readlines()
        if not lines:
            continue
        with open(os.path.join(day, os.path.basename(path)), "wb") as f:
            for hours in range(23, -1, -1):
                f.writelines(earlier(line, hours, year) for line in lines)
    return sorted(glob.glob(day + "/*"))


def seconds(first, last):
    a, b = (datetime.datetime.fromisoformat(t[:19]) for t in (first, last))
    return (b - a).total_seconds()


def judge():
    files = make_day()
    r = subprocess.run([SYSMON, "logs", "--format", "ndjson"] + files,
                       stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
    records = [json.loads(line) for line in r.stdout.splitlines()]
    for c in records:
        if c["type"] == "coverage":
            print(f"{os.path.basename(c['source'])}: {c['lines']} lines, "
                  f"{c['matched']} taken by rules")
    # Less would be no day.
    for c in records:
        if c["type"] == "coverage" and not 22 * 3600 < seconds(
                c["first"], c["last"]) < 25 * 3600:
            print("FAILED: no day:", json.dumps(c))
            return True
    loud = [f for f in records
            if f["type"] == "finding" and f["severity"] != "info"]
    for f in loud:
        print("FAILED: an honest day has the finding", json.dumps(f))
    if r.returncode:
        print("FAILED: sysmon has the status", r.returncode)
    return bool(loud or r.returncode)


def main():
    os.mkdir(LOG)
    os.chmod(LOG, 0o777)
    os.environ["TZ"] = "UTC"
    if PRIVATE:
        make_private()
    used = 0
    for use in (use_sshd, use_nginx, use_postgresql, use_postfix, use_cron):
        name = use.__name__[4:]
        try:
            use()
            used += 1
        except Skip as why:
            print(f"SKIP: {name}: {why}")
    if not used:
        print("SKIP: benign-day: none of the servers is here")
        return 77
    return judge()


try:
    status = main()
finally:
    for process in STARTED:
        process.terminate()
    for process in STARTED:
        process.wait()
sys.exit(status)
