# SPDX-License-Identifier: MIT
"""services.py SYSMON [NAME...]: starts servers from their packages, alone in a
network, a mount and a pid namespace, scans them with -s, and compares what the scan
says with what the server's own program says, and with nmap -sV. SERVICES_ODD=1 puts
those of TCP on ports that are not theirs, SERVICES_PEER=no leaves nmap out. Servers
without their package are left out."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import services_tcp
import services_udp
from services_tcp import NONE, run

ODD = 20000 if os.environ.get("SERVICES_ODD") else 0
INSIDE = "SERVICES_INSIDE"
KINDS = {"TCP": services_tcp, "UDP": services_udp}
START_LIMIT = 40  # seconds that a server may take


def start(server, top):
    """Its port, or why it is left out."""
    name, program, port, begin = server[:4]
    if not shutil.which(program):
        return None, f"no {program}"
    d = os.path.join(top, re.sub(r"\W+", "-", name))
    os.mkdir(d)
    os.chmod(d, 0o755)
    try:
        argv = begin(d, port + ODD)
    except (subprocess.CalledProcessError, OSError, LookupError, ValueError) as e:
        return None, f"cannot be set up: {e} {getattr(e, 'output', '') or ''}"
    if not argv:
        return None, "has no other port"
    with open(f"{d}.out", "wb") as out:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 cwd=d)
    return (child, d), port + ODD


def wait_for(kind, child, d, port):
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        if kind.is_up(port):
            return ""
        if child.poll() is not None:
            break
        time.sleep(0.05)
    with open(f"{d}.out", encoding="utf-8", errors="replace") as f:
        return f"did not start: {f.read()[-300:]!r}"


def own_version(command, pattern):
    try:
        text = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    except OSError:
        return ""
    found = re.search(pattern, text)
    return found.group(1) if found else ""


def scan(sysmon, kind, ports):
    out = run(sysmon, "scan", *kind.ASK, "--format", "ndjson",
              "-p", ",".join(map(str, ports)), "127.0.0.1")
    records = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {r["port"]: r for r in records if r["type"] == "port"}


def nmap(kind, ports):
    if not shutil.which("nmap") or os.environ.get("SERVICES_PEER") == "no":
        return {}
    out = run("nmap", "-n", "-Pn", *kind.PEER, "-sV", "-oX", "-",
              "-p", ",".join(map(str, ports)), "127.0.0.1")
    seen = {}
    for port, inner in re.findall(r'<port [^>]*portid="(\d+)">(.*?)</port>', out, re.S):
        tag = re.search(r"<service ([^>]*)", inner)
        seen[int(port)] = dict(re.findall(r'(\w+)="([^"]*)"', tag.group(1))) if tag else {}
    return seen


def judge(server, ours, own):
    """What is wrong; empty: nothing."""
    service, product = server[4:6]
    wrong = []
    # A web server behind TLS is https.
    if ours.get("service", "") not in (service, service + "s"):
        wrong.append(f"service {ours.get('service')!r}, not {service!r}")
    if ours.get("product", "").lower() != product.lower():
        wrong.append(f"product {ours.get('product')!r}, not {product!r}")
    version = ours.get("version", "")
    if version and version != own:
        wrong.append(f"version {version!r}, not {own!r}")
    if not version and product and not server[7].startswith(NONE):
        wrong.append("no version")
    return wrong


def agree(ours, theirs):
    if not theirs:
        return "-"
    same = theirs.get("product", "").lower().startswith(ours.get("product", "").lower())
    if ours.get("version", "") and theirs.get("version", "") != ours["version"]:
        return "product" if same else "no"
    return "yes" if same and ours.get("product") else "service"


def table(rows):
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]) - 1)]
    for r in rows:
        print("  ".join([c.ljust(w) for c, w in zip(r, widths)] + [r[-1]]).rstrip())


def summary(up, bad, left_out):
    for line in left_out:
        print(f"SKIP: {line}")
    print(f"{len(up)} servers, {bad} wrong, {len(left_out)} left out")
    return bad


def compare(sysmon, kind, names, top):
    up, bad, left_out = [], 0, []
    for server in kind.SERVERS:
        if names and server[0] not in names:
            continue
        started, port = start(server, top)
        if started:
            up.append((server, started, port))
        else:
            left_out.append(f"{server[0]}: {port}")
    for entry in list(up):
        why = wait_for(kind, *entry[1], entry[2])
        if why:
            up.remove(entry)
            left_out.append(f"{entry[0][0]}: {why}")
            bad += 1
    if not up:
        return summary(up, bad, left_out)
    ports = [port for _, _, port in up]
    ours, theirs = scan(sysmon, kind, ports), nmap(kind, ports)
    rows = [("server", "service", "sysmon says", "its own --version", "nmap -sV says",
             "agree", "notes")]
    for server, _, port in up:
        mine, other = ours.get(port, {}), theirs.get(port, {})
        own = own_version(*server[6])
        wrong = judge(server, mine, own)
        if other and not server[7] and agree(mine, other) != "yes":
            wrong.append("differs from nmap, and nobody said why")
        bad += bool(wrong)
        rows.append((server[0], mine.get("service", "-"),
                     f"{mine.get('product', '')} {mine.get('version', '')}".strip() or "-",
                     own, f"{other.get('product', '')} {other.get('version', '')}".strip()
                     or other.get("name", "-"), agree(mine, other),
                     "WRONG: " + "; ".join(wrong) if wrong else server[7]))
    table(rows)
    return summary(up, bad, left_out)


def in_namespaces(kind):
    """Those of a kind have namespaces of their own: some serve both."""
    names = sys.argv[2:]
    if names and not set(names) & {server[0] for server in KINDS[kind].SERVERS}:
        return 0
    return subprocess.run(["unshare", "--net", "--pid", "--mount", "--ipc", "--fork",
                           "--kill-child", "--mount-proc", sys.executable, *sys.argv],
                          env=dict(os.environ, **{INSIDE: kind}), check=False).returncode


def main():
    if os.geteuid() != 0:
        print("SKIP: services: needs root for its namespaces")
        return 77
    if INSIDE not in os.environ:
        return max(in_namespaces(kind) for kind in KINDS)
    kind = os.environ[INSIDE]
    # All that servers leave in /run, and they themselves, end with the namespaces.
    run("ip", "link", "set", "lo", "up")
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    os.makedirs("/run/lock")
    print(f"servers of {kind}", flush=True)
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        return compare(sys.argv[1], KINDS[kind], sys.argv[2:], top) != 0


if __name__ == "__main__":
    sys.exit(main())
