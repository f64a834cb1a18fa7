# SPDX-License-Identifier: MIT
"""ss-compare.py LAB: the sockets of each process, by us and by ss(8)."""
import collections
import json
import os
import re
import socket
import subprocess
import sys


def run(*argv):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def address(text):
    """As we write them: ss has * for [::] and %lo behind an address."""
    text = re.sub(r"%[^:\]]*(?=[\]:])", "", text)
    text = re.sub(r"^\*:", "[::]:", text)
    return re.sub(r"^\[::ffff:([0-9.]+)\]", r"\1", text)


STATES = {"ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN_WAIT1",
          "FIN-WAIT-2": "FIN_WAIT2"}


def of_ss(protocol, option):
    """{pid: texts}"""
    found = collections.defaultdict(set)
    for line in run("ss", "-Hnp" + option).splitlines():
        words = line.split(None, 5)
        if len(words) < 6:
            continue
        state, _, _, local, peer, users = words
        text = f"{protocol} {address(local)}"
        if not peer.endswith(":*"):
            text += f" > {address(peer)}"
            if protocol == "tcp":
                text += " " + STATES.get(state, state.replace("-", "_"))
        for pid in re.findall(r"pid=(\d+)", users):
            found[int(pid)].add(text)
    return found


def of_all_ss():
    found = collections.defaultdict(set)
    for protocol, option in ("tcp", "ta"), ("udp", "ua"):
        for pid, texts in of_ss(protocol, option).items():
            found[pid] |= texts
    return found


def of_us(lab):
    found = collections.defaultdict(set)
    for line in run(lab + "/proc-dump",
                    "pid,listening,connections").splitlines():
        row = json.loads(line)
        if row["type"] == "process":
            texts = row.get("listening", []) + row.get("connections", [])
            found[row["pid"]] = {t for t in texts
                                 if t.startswith(("tcp ", "udp "))}
    return found


def listen(family, kind, at):
    s = socket.socket(family, kind)
    s.bind(at)
    if kind == socket.SOCK_STREAM:
        s.listen()
    return s


def open_some():
    """Listeners and connections of this process, of both families."""
    v4 = listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    udp = listen(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 0))
    client = socket.create_connection(v4.getsockname())
    server = v4.accept()[0]
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.connect(("127.0.0.1", udp.getsockname()[1]))
    some = [v4, udp, client, server, asking, client.dup()]
    try:
        both = listen(socket.AF_INET6, socket.SOCK_STREAM, ("::", 0))
        own = listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))
    except OSError:
        return some
    mapped = socket.create_connection(("127.0.0.1", both.getsockname()[1]))
    return some + [both, own, mapped, both.accept()[0],
                   socket.create_connection(own.getsockname()[:2])]


ELSEWHERE = """
import socket, sys
s = socket.create_server(("0.0.0.0", 0))
print(s.getsockname()[1], flush=True)
sys.stdin.read()
"""


def listen_elsewhere():
    """In a network namespace of its own: the process, and its port."""
    p = subprocess.Popen(["unshare", "-n", sys.executable, "-c", ELSEWHERE],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True)
    return p, p.stdout.readline().strip()


def check_elsewhere(lab):
    p, port = listen_elsewhere()
    if not port:
        p.wait()
        print("SKIP: another network namespace: not allowed here")
        return 0
    texts = of_us(lab)[p.pid]
    p.stdin.close()
    p.wait()
    if texts == {f"tcp 0.0.0.0:{port}"}:
        return 0
    print(f"in another network namespace: {texts}, not port {port}")
    return 1


def main():
    some = open_some()
    before, ours, after = of_all_ss(), of_us(sys.argv[1]), of_all_ss()
    bad = compared = 0
    for pid in before.keys() & after.keys():
        # What came or went meanwhile is nobody's fault.
        stay, either = before[pid] & after[pid], before[pid] | after[pid]
        compared += len(stay)
        for text in sorted(stay - ours[pid]):
            print(f"process {pid}: only ss has {text}")
            bad += 1
        for text in sorted(ours[pid] - either):
            if pid == os.getpid():
                print(f"process {pid}: only we have {text}")
                bad += 1
    mine = len(ours[os.getpid()])
    if mine < 5:
        sys.exit(f"{mine} sockets of this process")
    bad += check_elsewhere(sys.argv[1])
    print(f"{compared} sockets, {bad} differences, {len(some)} descriptors")
    sys.exit(bad > 0)


main()
