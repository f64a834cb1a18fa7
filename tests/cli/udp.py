# SPDX-License-Identifier: MIT
"""udp.py FILE: servers of UDP on 127.0.0.1. Writes the ports of one that answers, one
that is silent, one that answers from another port, and one that nobody has."""
import os
import select
import socket
import sys


def bound():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    return s


answers, silent, moved, other, free = (bound() for _ in range(5))
ports = [s.getsockname()[1] for s in (answers, silent, moved, free)]
free.close()
with open(sys.argv[1] + ".new", "w") as f:
    print(*ports, file=f)
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    for s in select.select([answers, silent, moved], [], [])[0]:
        data, who = s.recvfrom(65536)
        if s is not silent:
            (answers if s is answers else other).sendto(b"\x1b[31mhi", who)
