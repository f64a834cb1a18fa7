# SPDX-License-Identifier: MIT
"""Listeners that nobody should have to talk to, a port each, on an address of the lab's
target."""
import contextlib
import socket
import struct
import threading

HOST = "198.18.1.20"
NASTY = (b"220 \x1b]0;owned\x07\x1b[31m <b>'\",\r\n\r\n\x00\xff\xfe\xc3( "
         b"=cmd|' /C calc'!A0 \xe2\x80\xae ]]> {title}\r\n")


def silent(peer, ended):
    ended.wait()


def drip(peer, ended):
    while not ended.wait(1):
        peer.send(b"2")


def flood(peer, ended):
    while not ended.is_set():
        peer.send(b"A" * 65536)


def flood_of_lines(peer, ended):
    while not ended.is_set():
        peer.send(b"220-more\r\n" * 5000)


def nasty(peer, ended):
    peer.send(NASTY)
    ended.wait()


def close(peer, ended):
    pass


def reset(peer, ended):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))


def half(peer, ended):
    """Its side is closed, and it listens on."""
    peer.shutdown(socket.SHUT_WR)
    ended.wait()


def echo(peer, ended):
    while not ended.is_set():
        data = peer.recv(65536)
        if not data:
            return
        peer.sendall(data)


def liar(peer, ended):
    """Answers of every protocol at once, all cut short."""
    peer.recv(65536)
    peer.send(b"\x16\x03\x03\xff\xff\x02\x00\xff\xff" + b"\xff" * 64)
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n"
              b"Server: " + NASTY)
    ended.wait()


def ssh(peer, ended):
    peer.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    ended.wait()


RUDE = (silent, drip, flood, flood_of_lines, nasty, close, reset, half, echo,
        liar, ssh)
PORTS = {20000 + n: fn for n, fn in enumerate(RUDE)}


class Rude:
    """with Rude(space): they listen meanwhile."""

    def __init__(self, space):
        self.ended, self.servers = threading.Event(), []
        with space.entered():
            for port, fn in PORTS.items():
                server = socket.socket()
                server.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
                server.bind((HOST, port))
                server.listen(64)
                self.servers.append(server)
                threading.Thread(target=self.accept, args=(server, fn),
                                 daemon=True).start()

    def accept(self, server, fn):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = server.accept()
                peer.settimeout(30)
                threading.Thread(target=self.serve, args=(peer, fn),
                                 daemon=True).start()

    def serve(self, peer, fn):
        with peer, contextlib.suppress(OSError):
            fn(peer, self.ended)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        for server in self.servers:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
