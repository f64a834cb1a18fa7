# SPDX-License-Identifier: MIT
"""attacks.py FILE...: the findings that these logs of attacks have, one a line, as
"FILE KIND SUBJECT COUNT". Text is cut where the documents of the services say that an
address stands; no regular expression and no rule of sysmon is used."""
import os
import sys

EVIL = "203.0.113.66"


def between(text, begin, end, last=False):
    at = text.rindex(begin) if last else text.index(begin)
    rest = text[at + len(begin):]
    return rest[:rest.index(end)] if end in rest else rest


def host_port(text):
    return text[:text.rindex(":")]


# The mark of a failed login, where its address stands, and how many it tells of.
LOGINS = {
    "sshd.log": ("Failed password for ",
                 lambda s: between(s, " from ", " ", True)),
    "dropbear.log": ("Bad password attempt for ",
                     lambda s: host_port(between(s, " from ", " ", True))),
    "postfix.log": ("SASL LOGIN authentication failed",
                    lambda s: between(between(s, "warning: ", ": "), "[", "]")),
    "dovecot.log": ("auth failed, ",
                    lambda s: between(s, "rip=", ",", True)),
    "exim.log": ("535 Incorrect", lambda s: between(s, ") [", "]")),
    "vsftpd.log": ("FAIL LOGIN: ",
                   lambda s: between(s, 'Client "', '"', True)),
    "proftpd.log": ("(Login failed): ", lambda s: between(
        between(s, "198.51.100.1 (", ")"), "[", "]")),
    "pure-ftpd.log": ("Authentication failed for user",
                      lambda s: between(s, "(?@", ")")),
    "nginx.log": ("password mismatch", lambda s: between(s, "client: ", ",")),
    "apache.log": ("Password Mismatch",
                   lambda s: host_port(between(s, "[client ", "]"))),
    "mariadb.log": ("(using password: YES)",
                    lambda s: between(s, "'@'", "'", True)),
    "samba.log": ("NT_STATUS_WRONG_PASSWORD",
                  lambda s: host_port(between(s, "[ipv4:", "]"))),
    "openvpn.log": ("verification failed for peer",
                    lambda s: host_port(s.split(": ", 1)[1].split(" ")[0])),
    "pam.log": ("pam_unix(cockpit:auth)", lambda s: between(s, "rhost=", " ")),
}
# Lines whose evil part makes them readable in two ways: nobody is accused.
TWO_WAYS = {"exim.log": "set_id=y)", "nginx.log": 'user "x"',
            "samba.log": "[x]"}
# Other findings: file, kind, a mark, subject, and the least count; None: the
# failed logins before.
OTHERS = [
    ("sshd.log", "success_after_failures", "Accepted password",
     "198.51.100.7", None),
    ("postfix.log", "mail_relay_probe", "Relay access denied",
     "198.51.100.7", 5),
    ("postfix.log", "recipient_enumeration", "User unknown in local",
     "198.51.100.7", 10),
    ("apache.log", "attacks_stopped", "ModSecurity: Access denied",
     "198.51.100.7", 5),
    ("redis.log", "protocol_attack", "SECURITY ATTACK", "198.51.100.7", 1),
    ("local.log", "root_equal_user", "name=eve, UID=0", "eve", 1),
    ("local.log", "root_equal_user", "UID from '1001' to '0'", "mallory", 1),
    ("local.log", "admin_added", "to group 'sudo'", "mallory", 1),
    ("local.log", "admin_added", "to group docker", "trent", 1),
    ("local.log", "new_user_sudo", "carol", "carol", 2),
    ("local.log", "log_cleared", "/var/log/auth.log", "alice", 1),
    ("kernel.log", "out_of_memory", "Out of memory", "web", 1),
    ("kernel.log", "syn_flood", "SYN flooding", "web", 1),
    ("kernel.log", "crash_storm", "segfault", "web", 10),
    ("kernel.log", "port_scan", " SYN URGP", "198.51.100.7", 10),
    ("kernel.log", "docker_exposed", "without --tlsverify", "web", 1),
    ("audit.log", "audit_disabled", "audit_enabled=0 old=1", "web", 1),
    ("audit.log", "audit_anomaly", "ANOM_LOGIN_FAILURES", "web", 1),
    ("pam.log", "account_locked", "temporarily locked", "root", 1),
]


def attempts(name, line):
    if "message repeated " in line:
        return int(between(line, "message repeated ", " times"))
    if name == "dovecot.log":
        return int(between(line, "auth failed, ", " attempts"))
    return 1


def expect(path):
    name = os.path.basename(path)
    lines = open(path, encoding="utf-8").read().splitlines()
    found = []
    tries = {}
    if name in LOGINS:
        mark, address = LOGINS[name]
        for line in lines:
            if mark not in line or TWO_WAYS.get(name, "\0") in line:
                continue
            who = address(line)
            tries[who] = tries.get(who, 0) + attempts(name, line)
    # A line each 29 seconds: any five of one address are within 600.
    for who, n in tries.items():
        if n >= 5:
            found.append((name, "brute_force", who, n))
    if name == "audit.log":
        n = sum("res=failed'" in s and "addr=198.51.100.7 " in s
                for s in lines)
        found.append((name, "audit_brute_force", "198.51.100.7", n))
    if name == "local.log":
        n = sum(any(m in s for m in ("FAILED SU", "failed auth for",
                                     "FAILED to authenticate"))
                for s in lines)
        found.append((name, "privilege_failures", "bob", n))
        found.append((name, "sudo_failures", "bob", 3))
    for file, kind, mark, subject, n in OTHERS:
        if file != name:
            continue
        count = sum(mark in s for s in lines)
        assert count, (name, mark)
        assert n is None or count >= n, (name, kind)
        if n is None:
            count = tries[subject]
        found.append((name, kind, subject, count))
    return found


for path in sys.argv[1:]:
    for row in expect(path):
        print(*row)
