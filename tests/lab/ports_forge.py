# SPDX-License-Identifier: MIT
"""A host that answers SYNs with what no TCP would send: by port number one of FORGERIES,
behind a TUN device of the lab's tarpit."""
import fcntl
import os
import select
import socket
import struct
import threading

HOST = "198.18.13.1"
STRANGER = "198.18.13.99"
SYN, RST, ACK = 2, 4, 16


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(source, to, sport, dport, seq, ack, flags):
    ends = socket.inet_aton(source) + socket.inet_aton(to)
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff,
                      ack & 0xffffffff, 5 << 4, flags, 65535, 0, 0)
    total = checksum(ends + struct.pack("!HH", socket.IPPROTO_TCP, len(tcp)) +
                     tcp)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64,
                     socket.IPPROTO_TCP, 0) + ends
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


class Syn:
    def __init__(self, data):
        self.source, self.to = map(socket.inet_ntoa, (data[12:16], data[16:20]))
        tcp = data[(data[0] & 15) * 4:]
        self.sport, self.dport, self.seq = struct.unpack("!HHI", tcp[:8])
        self.flags = tcp[13]

    def answer(self, flags, ack=1, source=None, sport=None, dport=None):
        return packet(source or self.to, self.source, sport or self.dport,
                      dport or self.sport, 4711, self.seq + ack, flags)


# What is sent, how, and what it makes of the port.
FORGERIES = (
    ("honest SYN/ACK", lambda s: [s.answer(SYN | ACK)], "open"),
    ("SYN/ACK a thousand times",
     lambda s: [s.answer(SYN | ACK)] * 1000, "open"),
    ("SYN/ACK of another number", lambda s: [s.answer(SYN | ACK, 2),
                                             s.answer(SYN | ACK, 1 << 31),
                                             s.answer(SYN | ACK, 0)],
     "filtered"),
    ("RST of another number", lambda s: [s.answer(RST | ACK, 77)], "filtered"),
    ("SYN/ACK of another host",
     lambda s: [s.answer(SYN | ACK, source=STRANGER)], "filtered"),
    ("SYN/ACK of another port",
     lambda s: [s.answer(SYN | ACK, sport=9999)], "filtered"),
    ("SYN/ACK to another port",
     lambda s: [s.answer(SYN | ACK, dport=s.sport ^ 1)], "filtered"),
    ("RST without ACK", lambda s: [s.answer(RST)], "filtered"),
    ("honest RST", lambda s: [s.answer(RST | ACK)], "closed"),
    ("cut short", lambda s: [s.answer(SYN | ACK)[:n] for n in range(1, 40)],
     "filtered"),
)


def kind(port):
    return FORGERIES[port % len(FORGERIES)]


def what(port):
    return kind(port)[0]


def honest(port):
    return kind(port)[2]


class Forger:
    """with Forger(space, scanner, link): answers meanwhile."""

    def __init__(self, space, scanner, link):
        with space.entered():
            self.tun = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.tun, 0x400454ca,  # TUNSETIFF: IFF_TUN, IFF_NO_PI
                        struct.pack("16sH22x", b"forge", 0x1001))
        space.ip("link set forge up\nroute replace 198.18.13.0/24 dev forge")
        with space.entered():
            space.sysctl("ipv4/ip_forward", 1)
        scanner.ip(f"route replace 198.18.13.0/24 via 198.18.{link}.2")
        self.end, self.ended = os.pipe()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while True:
            ready, _, _ = select.select([self.tun, self.end], [], [])
            if self.end in ready:
                return
            data = os.read(self.tun, 2048)
            if len(data) < 40 or data[0] >> 4 != 4 or \
                    data[9] != socket.IPPROTO_TCP:
                continue
            syn = Syn(data)
            if syn.to == HOST and syn.flags == SYN:
                for forgery in kind(syn.dport)[1](syn):
                    self.send(forgery)

    def send(self, data):
        try:
            os.write(self.tun, data)
        except OSError:  # shorter than an IP header
            pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.write(self.ended, b"!")
        self.thread.join()
        for fd in (self.tun, self.end, self.ended):
            os.close(fd)
