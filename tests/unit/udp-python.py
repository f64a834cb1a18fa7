# SPDX-License-Identifier: MIT
"""udp-python.py UDP_DUMP: what UDP ports are asked, byte by byte, and what is made of
answers, both built here from the formats themselves."""
import struct
import subprocess
import sys

failed = 0


def check(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, not {want!r}"[:400], file=sys.stderr)


# --- formats ---------------------------------------------------------------------

def name(*labels):
    return b"".join(bytes([len(x)]) + x for x in labels) + b"\0"


def dns(flags, question, answers=b"", n=0, ident=b"sm"):
    return ident + struct.pack(">5H", flags, 1, n, 0, 0) + question + answers


def question(labels, kind, cls):
    return name(*labels) + struct.pack(">2H", kind, cls)


def rr(owner, kind, cls, data):
    return owner + struct.pack(">2HIH", kind, cls, 0, len(data)) + data


def ber(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


def number(n, size=1):
    return ber(2, n.to_bytes(size, "big"))


SYS_DESCR = bytes([0x2b, 6, 1, 2, 1, 1, 1, 0])
IDENT = ber(2, b"sysm")


def snmp(version, tag, value, community=b"public"):
    return ber(0x30, number(version), ber(4, community),
               ber(tag, IDENT, number(0), number(0),
                   ber(0x30, ber(0x30, ber(6, SYS_DESCR), value))))


def snmp3(engine, tag):
    usm = ber(0x30, ber(4, engine), number(0), number(0), ber(4), ber(4), ber(4))
    return ber(0x30, number(3),
               ber(0x30, IDENT, number(0xffe3, 3), ber(4, b"\4"), number(3)),
               ber(4, usm),
               ber(0x30, ber(4), ber(4),
                   ber(tag, IDENT, number(0), number(0), ber(0x30))))


def ike(cookie, version, exchange, flags, *payloads):
    """payloads: (type, body)"""
    kinds = [kind for kind, _ in payloads] + [0]
    body = b"".join(struct.pack(">BBH", after, 0, 4 + len(data)) + data
                    for (_, data), after in zip(payloads, kinds[1:]))
    return cookie + struct.pack(">BBBBII", kinds[0], version, exchange, flags,
                                0, 28 + len(body)) + body


def ike1_transform(last, n, cipher):
    body = struct.pack(">BBH", n, 1, 0) + cipher + bytes.fromhex(
        "80020002" "80030001" "80040002" "800b0001" "000c000400007080")
    return struct.pack(">BBH", 0 if last else 3, 0, 4 + len(body)) + body


def ike1():
    transforms = (ike1_transform(False, 1, bytes.fromhex("80010007800e0100")) +
                  ike1_transform(True, 2, bytes.fromhex("80010005")))
    proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0,
                           2) + transforms
    return ike(b"sysmsysm" + bytes(8), 0x10, 2, 0,
               (1, struct.pack(">II", 1, 1) + proposal))


def ike2():
    kinds = [(1, 12, bytes.fromhex("800e0100")), (2, 5, b""), (3, 12, b""),
             (4, 31, b""), (4, 14, b"")]
    transforms = b"".join(
        struct.pack(">BBHBBH", 3 if i < 4 else 0, 0, 8 + len(attr), kind, 0,
                    what) + attr
        for i, (kind, what, attr) in enumerate(kinds))
    proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0,
                           5) + transforms
    return ike(b"sysmsysm" + bytes(8), 0x20, 34, 8, (33, proposal),
               (34, struct.pack(">HH", 31, 0) +
                b"sysmonsysmonsysmonsysmonsysmon12"),
               (40, b"noncenoncenoncenoncenoncenonce12"))


def rpc_call(ident, program, version, procedure):
    return ident + struct.pack(">9I", 0, 2, program, version, procedure, 0, 0,
                               0, 0)


def rpc_reply(ident, status, body=b""):
    return ident + struct.pack(">5I", 1, 0, 0, 0, status) + body


def dtls(kind, body):
    return struct.pack(">BHHIHH", kind, 0xfeff, 0, 0, 0, len(body)) + body


def client_hello():
    body = (b"\xfe\xfd" + b"sysmonsysmonsysmonsysmonsysmon12" + b"\0\0" +
            struct.pack(">H4H", 8, 0xc02b, 0xc02f, 0x2f, 0x9c) + b"\1\0")
    size = len(body).to_bytes(3, "big")
    return dtls(22, b"\1" + size + bytes(2) + bytes(3) + size + body)


def ldap_search():
    return ber(0x30, number(7), ber(
        0x63, ber(4), ber(10, b"\0"), ber(10, b"\0"), number(0), number(0),
        ber(1, b"\0"), ber(0x87, b"objectClass"),
        ber(0x30, ber(4, b"*"), ber(4, b"+"))))


def nbstat():
    return dns(0, b"\x20CK" + b"A" * 30 + b"\0" + struct.pack(">HH", 0x21, 1))


def netbios(text, kind, group):
    return text.ljust(15).encode() + bytes([kind]) + struct.pack(
        ">H", 0x8400 if group else 0x0400)


QUIC = (b"\xc0\x1a\x2a\x3a\x4a\x08sysmsysm\x08sysmsysm").ljust(1200, b"\0")
VERSION_BIND = question((b"version", b"bind"), 16, 3)
SERVICES = question((b"_services", b"_dns-sd", b"_udp", b"local"), 12, 1)

# --- questions -------------------------------------------------------------------

asked = {
    (53, 0): dns(0x100, VERSION_BIND),
    (53, 1): dns(0x100, question((), 2, 1)),
    (53, 2): dns(0x100, VERSION_BIND),
    (69, 0): struct.pack(">H", 1) + b"sysmon-probe\0octet\0",
    (111, 0): rpc_call(b"smpm", 100000, 2, 4),
    (123, 0): struct.pack(">BBbb", 4 << 3 | 3, 0, 6, -20) + bytes(36) +
    b"sysmsysm",
    (137, 0): nbstat(),
    (161, 0): snmp(1, 0xa0, ber(5)),
    (161, 1): snmp3(b"", 0xa0),
    (161, 2): snmp(0, 0xa0, ber(5)),
    (177, 0): struct.pack(">HHHB", 1, 2, 1, 0),
    (389, 0): ldap_search(),
    (443, 0): QUIC,
    (443, 1): client_hello(),
    (500, 0): ike2(),
    (500, 1): ike1(),
    (514, 0): b"",
    (520, 0): struct.pack(">BBHHH4I", 1, 2, 0, 0, 0, 0, 0, 0, 16),
    (623, 0): bytes.fromhex("0600ff06000011be80000000"),
    (1194, 0): bytes([7 << 3]) + b"sysmsysm" + bytes(5),
    (1434, 0): b"\3",
    (2049, 0): rpc_call(b"smnf", 100003, 0, 0),
    (3478, 0): struct.pack(">HHI", 1, 0, 0x2112a442) + b"sysmsysmsysm",
    (4500, 0): bytes(4) + ike2(),
    (4500, 1): bytes(4) + ike1(),
    (5351, 0): b"\0\0",
    (5353, 0): dns(0, SERVICES),
    (5683, 0): b"\x40\x01sm" + bytes([11 << 4 | 11]) + b".well-known" +
    b"\x04core",
    (5684, 0): client_hello(),
    (11211, 0): b"sm" + struct.pack(">3H", 0, 1, 0) + b"version\r\n",
    (51820, 0): b"",
}

# --- answers ---------------------------------------------------------------------

TXT = dns(0x8500, VERSION_BIND,
          rr(b"\xc0\x0c", 16, 3, b"\x099.18.19-1"), 1)
NTP = struct.pack(">BBbb", 4 << 3 | 4, 2, 6, -20) + bytes(8) + bytes(
    [192, 0, 2, 7]) + bytes(8) + b"sysmsysm" + bytes(16)
NAMES = (b"\2" + netbios("FILES", 0, False) + netbios("OFFICE", 0, True))
STATUS = (b"sm" + struct.pack(">5H", 0x8400, 0, 1, 0, 0) + b"\x20CK" +
          b"A" * 30 + b"\0" + struct.pack(">HHIH", 0x21, 1, 0, len(NAMES)) +
          NAMES)
MAPPING = b"".join(struct.pack(">5I", 1, 100003, v, 6, 2049)
                   for v in (3, 4)) + struct.pack(">I", 0)

answers = [
    (53, TXT, "dns|BIND|9.18.19-1||0"),
    (53, dns(0x8185, VERSION_BIND),
     "dns|||version.bind REFUSED; offers recursion|0"),
    (53, dns(0x0100, VERSION_BIND), "echo||||0"),
    (53, dns(0x8185, VERSION_BIND, ident=b"xx"), "-"),
    (53, TXT[:11], "-"),
    (69, struct.pack(">HH", 5, 1) + b"File not found\0",
     "tftp|||says File not found|0"),
    (69, struct.pack(">HH", 5, 99) + b"\0", "-"),
    (69, struct.pack(">HH", 3, 1) + b"data", "tftp||||1"),
    (111, rpc_reply(b"smpm", 0, MAPPING), "rpcbind|||nfs 3-4 on 2049|1"),
    (111, rpc_reply(b"none", 0, MAPPING), "-"),
    (123, NTP, "ntp|||version 4; stratum 2|0"),
    (123, NTP[:47], "-"),
    (123, NTP.replace(b"sysmsysm", b"forgedit"), "-"),
    (123, b"\xe4\1" + NTP[2:12] + b"GPS\0" + NTP[16:],
     "ntp|||version 4; stratum 1; source GPS; not synchronised|0"),
    (137, STATUS, "netbios-ns|||host FILES; group OFFICE|0"),
    (137, STATUS[:60], "netbios-ns||||0"),
    (137, STATUS[:50], "-"),
    (161, snmp(1, 0xa2, ber(4, b"Linux router 6.1")),
     "snmp|||SNMPv2c; community public; Linux router 6.1|1"),
    (161, snmp(0, 0xa2, ber(5)), "snmp|||SNMPv1; community public|1"),
    (161, snmp(1, 0xa0, ber(5)), "echo||||0"),
    (161, snmp3(bytes.fromhex("80001f8880aabbccdd"), 0xa8),
     "snmp|Net-SNMP||SNMPv3; engine of enterprise 8072|0"),
    (161, b"\x30\x84\xff\xff\xff\xff", "-"),
    (177, struct.pack(">HHH", 1, 5, 16) + b"\0\0\0\4host\0\6online"[:16],
     "xdmcp|||host host; online|1"),
    (443, b"\x80\0\0\0\0\x08sysmsysm\x08sysmsysm" + struct.pack(">2I", 1,
                                                             0x6b3343cf),
     "quic|||version 1; version 2|0"),
    (443, dtls(22, b"\3" + bytes(20)), "dtls||||0"),
    (500, ike(b"sysmsysmresponse", 0x20, 34, 0x20, (41, bytes(4))),
     "isakmp|||IKEv2|0"),
    (4500, bytes(4) + ike(b"sysmsysmresponse", 0x10, 5, 0, (11, bytes(8))),
     "isakmp|||IKEv1|0"),
    (500, ike(b"otherone" + bytes(8), 0x20, 34, 0x20, (41, bytes(4))), "-"),
    (520, struct.pack(">BBH", 2, 2, 0) + bytes(40), "rip|||RIPv2, 2 routes|1"),
    (623, bytes.fromhex("0600ff06000011be40000010") + bytes(8) + b"\x81" +
     bytes(7), "asf-rmcp|||IPMI|0"),
    (1194, bytes([8 << 3]) + b"theirsid" + b"\1" + bytes(4) + b"sysmsysm" +
     bytes(4), "openvpn||||0"),
    (1434, b"\5\x50\0ServerName;DB1;InstanceName;MAIN;IsClustered;No;"
     b"Version;15.0.2000.5;tcp;1433;;",
     "ms-sql-m|Microsoft SQL Server|15.0.2000.5|host DB1; instance MAIN|0"),
    (1900, b"HTTP/1.1 200 OK\r\nSERVER: Linux UPnP/1.0 x/2\r\n"
     b"LOCATION: http://192.0.2.1/d.xml\r\n\r\n",
     "ssdp|||Linux UPnP/1.0 x/2; at http://192.0.2.1/d.xml|0"),
    (2049, rpc_reply(b"smnf", 2, struct.pack(">2I", 3, 4)),
     "nfs|||versions 3-4|0"),
    (3478, struct.pack(">HHI", 0x101, 12, 0x2112a442) + b"sysmsysmsysm" +
     struct.pack(">HH", 0x8022, 6) + b"Coturn\0\0", "stun|||Coturn|0"),
    (3702, b"<s:Body><d:ProbeMatches><d:ProbeMatch><d:Types>dn:Printer"
     b"</d:Types></d:ProbeMatch></d:ProbeMatches></s:Body>",
     "ws-discovery|||dn:Printer|0"),
    (5060, b"SIP/2.0 200 OK\r\nServer: Asterisk/18.9\r\n\r\n",
     "sip|Asterisk|18.9|Asterisk/18.9|0"),
    (5351, struct.pack(">BBHI4B", 0, 128, 0, 9, 198, 51, 100, 7),
     "nat-pmp|||outer address 198.51.100.7|0"),
    (5353, dns(0x8400, SERVICES, rr(b"\xc0\x0c", 12, 1, name(
        b"_ssh", b"_tcp", b"local")), 1), "mdns|||_ssh._tcp.local|0"),
    (5683, b"\x60\x45sm\xc1\x28\xff</a>;rt=x", "coap|||2.05; </a>;rt=x|0"),
    (6881, b"d1:rd2:id20:aaaaaaaaaaaaaaaaaaaae1:t2:sm1:y1:re",
     "bittorrent|||a node of the DHT|0"),
    (11211, b"sm" + struct.pack(">3H", 0, 1, 0) + b"VERSION 1.6.18\r\n",
     "memcached|memcached|1.6.18||1"),
    (7, b"sysmon\r\n", "echo||||0"),
    (13, b"Tue Aug  4 10:00:00 2026\r\n", "daytime|||Tue Aug 4 10:00:00 2026|0"),
    (17, b"A fool and his money.\r\n", "qotd||||0"),
    (19, b" !\"#$%&'()*+,-./0123456789:;<=>?@\r\n", "chargen||||0"),
    (37, struct.pack(">I", 3990000000), "time||||0"),
    (514, b"anything", "-"),
    (40000, TXT, "-"),
]


def main():
    feed = "".join(f"{port} {data.hex()}\n" for port, data, _ in answers)
    out = subprocess.run([sys.argv[1]], input=feed, capture_output=True,
                         text=True, check=True).stdout
    questions, _, said = out.partition(".\n")
    table = {}
    for line in questions.splitlines():
        port, attempt, data = line.split(" ")
        table[int(port), int(attempt)] = bytes.fromhex(data)
    for key, want in asked.items():
        check(f"question {key}", table.get(key), want)
    for text in (1900, 3702, 5060, 6881):
        check(f"{text} is asked in text",
              all(b in b"\r\n" or 32 <= b < 127 for b in table[text, 0]), True)
    said = said.splitlines()
    check("answers", len(said), len(answers))
    for (port, data, want), got in zip(answers, said):
        check(f"{port} {data!r}", got, want)
    print(f"{len(asked)} questions, {len(answers)} answers, {failed} wrong")
    return failed > 0


sys.exit(main())
