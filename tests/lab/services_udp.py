# SPDX-License-Identifier: MIT
"""Servers of UDP for services.py. They are asked by the probe itself, each at its own
port: no other port gets their question."""
import os

from services_tcp import NONE, bind, owned, rpcbind, write


def own_port(start, port):
    """Only there."""
    return lambda d, at: start(d, at) if at == port else None


def chrony(d, _):
    """As a source of its own, whose clock it does not set."""
    owned(d, "_chrony")
    return ["chronyd", "-d", "-x", "-f", write(f"{d}/conf", f"""
local stratum 3
allow 127.0.0.1
bindaddress 127.0.0.1
cmdport 0
pidfile {d}/pid
driftfile {d}/drift
""")]


def snmpd(d, _):
    os.makedirs(f"{d}/state")
    conf = write(f"{d}/conf", """
rocommunity public 127.0.0.1
sysdescr A machine of the lab
""")
    return ["env", f"SNMP_PERSISTENT_DIR={d}/state", "snmpd", "-f", "-Lo", "-C", "-c",
            conf, "-p", f"{d}/pid", "udp:127.0.0.1:161"]


def memcached(_, port):
    return ["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", "0", "-U", str(port)]


def tftpd(d, port):
    owned(f"{d}/files", "nobody")
    # An address it looks up, which fails where there is only loopback.
    return ["in.tftpd", "-L", "-4", "-u", "nobody", "-s", "-a", f":{port}",
            f"{d}/files"]


def package(name):
    return ["dpkg-query", "-W", "-f", "${Version}", name], r"([\d.]+)"


# name, program, port, start, service, product, own version, what to know of it
SERVERS = (
    ("BIND", "named", 53, own_port(bind, 53), "dns", "BIND",
     (["named", "-v"], r"BIND (\S+)"),
     "nmap has ISC before the name, and leaves out the last word of the version"),
    ("chrony", "chronyd", 123, own_port(chrony, 123), "ntp", "",
     (["chronyd", "--version"], r"version ([\d.]+)"), NONE + " but that of itself"),
    ("Net-SNMP", "snmpd", 161, own_port(snmpd, 161), "snmp", "",
     (["snmpd", "--version"], r"version: +([\d.]+)"),
     NONE + "; nmap asks for the engine of SNMPv3 as well, which names its maker"),
    ("memcached", "memcached", 11211, own_port(memcached, 11211), "memcached",
     "memcached", (["memcached", "--version"], r"([\d.]+)"),
     "nmap has the name of the service alone"),
    ("rpcbind", "rpcbind", 111, rpcbind, "rpcbind", "", package("rpcbind"), NONE),
    ("tftpd-hpa", "in.tftpd", 69, own_port(tftpd, 69), "tftp", "",
     (["in.tftpd", "-V"], r"tftp-hpa ([\d.]+)"), NONE),
)


def is_up(port):
    """A socket without a peer is bound to it."""
    with open("/proc/net/udp", encoding="ascii") as f:
        return any(line.split()[1].endswith(f":{port:04X}") for line in f)


# What the command and nmap need to ask these.
ASK, PEER = ["--udp"], ["-sU"]
