# SPDX-License-Identifier: MIT
"""syslog.py WAY FILE JSON [hangs-up | nothing] -- COMMAND...: a syslog server of that way
(unix, udp, tcp, tls with cert.pem and key.pem) whose address, FILE or a port, stands for
SERVER in the command. Its messages are read by RFC 5424, strictly, and compared with the
findings of the JSON file that it writes. The server that hangs up closes each connection
after a message; with "nothing" none may come."""
import json
import re
import socket
import ssl
import subprocess
import sys
import threading

NAME = r'[!#-<>-\\^-~]{1,32}'
VALUE = r'(?:[^"\\\]]|\\.)*'
MESSAGE = re.compile(
    r'<(\d{1,3})>1 '
    r'(-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) '
    r'([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) '
    rf'\[({NAME})((?: {NAME}="{VALUE}")*)\] (.*)', re.S)
PARAM = re.compile(rf' ({NAME})="({VALUE})"', re.S)
SEVERITY = {"info": 6, "low": 5, "medium": 4, "high": 3, "critical": 2}


def read_message(data):
    text = data.decode("utf-8")
    assert not re.search("[\0-\x1f\x7f-\x9f\u202e\u2066]", text), text
    assert len(data) <= 8192, len(data)
    m = MESSAGE.fullmatch(text)
    assert m, text
    pri, when, host, app, procid, msgid, sd, params, said = m.groups()
    assert int(pri) // 8 == 10 and app == "libsysmon" and procid == "-", text
    assert sd == "sysmon@32473" and host != "-", text
    assert said.isascii() or said.startswith("\ufeff"), text
    got = [(k, re.sub(r'\\(["\\\]])', r"\1", v))
           for k, v in PARAM.findall(params)]
    assert len(dict(got)) == len(got), text
    return int(pri) % 8, when, msgid, dict(got), said.lstrip("\ufeff")


def frames(data):
    while data:
        head, data = data.split(b" ", 1)
        assert head.isdigit() and head[:1] != b"0" and len(data) >= int(head)
        yield data[:int(head)]
        data = data[int(head):]


class Server:
    def __init__(self, way, path, hangs_up):
        self.way, self.hangs_up, self.got, self.stream = way, hangs_up, [], b""
        family = socket.AF_UNIX if way == "unix" else socket.AF_INET
        self.socket = socket.socket(
            family, socket.SOCK_STREAM if way[0] == "t" else socket.SOCK_DGRAM)
        self.socket.bind(path if way == "unix" else ("127.0.0.1", 0))
        self.name = f"unix:{path}"
        if way != "unix":
            self.name = f"{way}:127.0.0.1:{self.socket.getsockname()[1]}"
        self.tls = None
        if way == "tls":
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain("cert.pem", "key.pem")
        if way[0] == "t":
            self.socket.listen()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        self.socket.settimeout(0.2)
        while True:
            try:
                if self.way[0] == "t":
                    self.accept()
                else:
                    self.got.append(self.socket.recv(65536))
            except TimeoutError:
                if self.ended.is_set():
                    return

    def accept(self):
        peer = self.socket.accept()[0]
        if self.tls:
            try:
                peer = self.tls.wrap_socket(peer, server_side=True)
            except (ssl.SSLError, OSError):
                peer.close()  # it was not trusted
                return
        self.take(peer)

    def take(self, peer):
        data = b""
        with peer:
            while part := peer.recv(65536):
                data += part
                if self.hangs_up:
                    break
        self.got += frames(data)

    def end(self):
        self.ended.set()
        self.thread.join()
        self.socket.close()
        return [read_message(m) for m in self.got]


def shown(finding, member):
    """As text, the member of a finding of json."""
    value = finding[member]
    text = ",".join(value) if isinstance(value, list) else str(value)
    return re.sub("[\u202a-\u202e]", lambda m: f"\\u{{{ord(m[0]):x}}}", text)


def compare(finding, message):
    severity, when, msgid, params, said = message
    assert severity == SEVERITY[finding["severity"]], message
    assert when == finding["last"] and msgid == finding["kind"][:32], message
    for name, value in params.items():
        whole = shown(finding, name)
        assert value == whole or len(value) >= 150, (name, value, whole)
    assert {"id", "rule", "kind", "severity", "count"} <= params.keys()
    for name in ("source_ip", "user", "port", "pid", "subject", "attack"):
        assert (name in params) == (finding.get(name) not in (None, "", [])), name
    assert said[:100] == shown(finding, "title")[:100], message


def main():
    way, path, doc = sys.argv[1:4]
    at = sys.argv.index("--")
    server = Server(way, path, "hangs-up" in sys.argv[4:at])
    try:
        command = [a.replace("SERVER", server.name) for a in sys.argv[at + 1:]]
        status = subprocess.run(command, stdin=subprocess.DEVNULL,
                                check=False).returncode
    finally:
        messages = server.end()
    report = json.load(open(doc))
    findings = {f["id"]: f for f in report["findings"]}
    accepted = report["summary"]["allowed"]
    if accepted and not {"hangs-up", "nothing"} & set(sys.argv[4:at]):
        severity, _, msgid, params, said = messages.pop()
        assert (severity, msgid) == (SEVERITY["info"], "accepted"), msgid
        assert params == {"count": str(accepted)}, params
        assert said.endswith(f": {accepted}"), said
    last = {m[3]["id"]: m for m in messages}
    if "nothing" in sys.argv[4:at]:
        assert findings and not last, last
    elif "hangs-up" in sys.argv[4:at]:
        assert last and last.keys() <= findings.keys(), (last, findings)
    else:
        assert last.keys() == findings.keys() and findings, (last, findings)
    for key, message in last.items():
        compare(findings[key], message)
    sys.exit(status)


if __name__ == "__main__":
    main()
