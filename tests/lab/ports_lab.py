# SPDX-License-Identifier: MIT
"""A network to scan: hosts behind a clean link, loss, delay, a narrow line, walls and a
tarpit, in network namespaces without a name. They, and all that runs in them, end with
this process, however it ends. Needs root, iproute2, nftables and /dev/net/tun.

A scanner's own taps must not see what a lossy path then drops, so packets are lost in a
router; a nat hook turns conntrack on for a whole namespace, so the tarpit has its own."""
import contextlib
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
          "--no-new-privs"]
WELL_KNOWN = (1, 22, 25, 53, 80, 110, 143, 443, 993, 3306, 5432, 6379, 8080,
              65535)


class Profile:
    """One way to be scanned, and what is open there."""

    def __init__(self, net, opens, last=65535, by="direct", loss=0, line=None,
                 seed=None, at=None, wall=None):
        self.net, self.last, self.by = net, last, by
        self.loss, self.line, self.wall = loss, line, wall
        self.ports = f"1-{last}"
        self.v4 = at or f"198.18.{net}.1"
        self.v6 = "::1" if by == "local" else f"2001:db8:{net:x}::1"
        self.opens = some_ports(seed or net, opens, last)

    def target(self, family):
        return self.v6 if family == 6 else self.v4

    def truth(self, family=4):
        return {(self.target(family), port) for port in self.opens}


class Net(Profile):
    """254 hosts: every fifth has nothing open; silent(n): one that is not there."""

    def __init__(self, net, last, silent=lambda n: False):
        super().__init__(net, 0, last, at=f"198.18.{net}.1-254")
        some = random.Random(net)
        self.hosts = {f"198.18.{net}.{n}": sorted(
            some.sample(range(1, last + 1), 3) if n % 5 else [])
            for n in range(1, 255) if not silent(n)}
        self.silent = [f"198.18.{net}.{n}" for n in range(1, 255) if silent(n)]

    def truth(self, family=4):
        return {(host, port) for host, ports in self.hosts.items()
                for port in ports}


def some_ports(seed, n, last):
    some = random.Random(seed)
    ports = {p for p in WELL_KNOWN if p <= last} if n else set()
    while len(ports) < n:
        ports.add(some.randint(1, last))
    return sorted(ports)


# The line: delay of one direction in us, packets a second, packets that may wait.
PROFILES = {
    "local": Profile(0, 50, by="local", at="127.0.0.1", seed=101),
    "veth": Profile(1, 50),
    "net24": Net(2, 1000),
    "halfdark": Net(3, 20, silent=lambda n: n % 2 == 0),
    "filtered": Profile(4, 20, 1000, wall="drop"),
    "reject": Profile(5, 20, 1000,
                      wall="reject with icmpx type admin-prohibited"),
    "loss1": Profile(6, 200, by="router", loss=1),
    "loss3": Profile(7, 200, by="router", loss=3),
    "rtt50": Profile(8, 50, by="router", line=(25000, 0, 0)),
    "rtt50loss1": Profile(9, 50, by="router", loss=1, line=(25000, 0, 0)),
    "narrow": Profile(10, 22, 10000, by="router", line=(25000, 5000, 250)),
    "rtt3000": Profile(11, 10, 200, by="router", line=(1500000, 0, 0)),
    "tarpit": Profile(12, 1000, 1000, by="tarpit"),
}
LINKS = {  # to the scanner's neighbours: their network, the scanner being .1, ::1
    "direct": 240, "router": 241, "tarpit": 242}
BEHIND = 243  # between router and target


def missing():
    """What stands in the way of a lab, or None."""
    if os.geteuid() != 0:
        return "not root"
    for tool in ("ip", "nft"):
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return f"{tool} is not installed"
    if not os.path.exists("/dev/net/tun"):
        return "no /dev/net/tun"
    return None


def dies_with_us():
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


class Space:
    """A network namespace, which is there as long as its descriptor."""

    def __init__(self):
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            if libc.unshare(NEWNET):
                raise OSError(ctypes.get_errno(), "unshare")
            self.fd = os.open("/proc/self/ns/net", os.O_RDONLY)
            self.path = f"/proc/{os.getpid()}/fd/{self.fd}"
            for name, value in (("ipv4/conf/all/rp_filter", 0),
                                ("ipv4/conf/default/rp_filter", 0),
                                ("ipv6/conf/all/disable_ipv6", 0),
                                ("ipv6/conf/default/accept_dad", 0),
                                ("ipv4/ip_local_port_range", "32768 60999")):
                self.sysctl(name, value)
        finally:
            libc.setns(home, NEWNET)
            os.close(home)
        self.ip("link set lo up")

    @staticmethod
    def sysctl(name, value):
        """Of the namespace that this process is in."""
        with open("/proc/sys/net/" + name, "w") as f:
            f.write(str(value))

    def enter(self):
        if libc.setns(self.fd, NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    @contextlib.contextmanager
    def entered(self):
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.enter()
        try:
            yield
        finally:
            libc.setns(home, NEWNET)
            os.close(home)

    def run(self, argv, text=None):
        return subprocess.run(argv, input=text, text=True, check=True,
                              preexec_fn=self.enter)

    def ip(self, lines, family=""):
        self.run(["ip"] + ([family] if family else []) + ["-batch", "-"],
                 lines + "\n")

    def filter(self, base, rules):
        """A chain of nftables."""
        self.run(["nft", "-f", "-"], "\n".join(
            ["table inet lab {", "chain lab {", f"type {base};", *rules, "}",
             "}", ""]))

    def start(self, argv):
        """Until it writes a line; it ends with its standard input."""
        def prepare():
            dies_with_us()
            self.enter()
        child = subprocess.Popen(argv, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, preexec_fn=prepare)
        if not child.stdout.readline():
            sys.exit(f"{argv[0]} did not start: status {child.wait()}")
        return child


def behind_router():
    return {n: p for n, p in PROFILES.items() if p.by == "router"}


class Lab:
    """with Lab(directory of the programs) as lab: lab.scanner is the namespace to scan
    from. Not entered."""

    def __init__(self, programs):
        self.programs = programs
        self.children = []

    def __enter__(self):
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(1))
        self.dir = tempfile.mkdtemp()
        os.chmod(self.dir, 0o755)
        try:
            self.build()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for child in self.children:
            child.stdin.close()
        for child in self.children:
            child.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def build(self):
        self.scanner, self.target = Space(), Space()
        self.router, self.tarpit = Space(), Space()
        self.spaces = {"direct": self.target, "router": self.router,
                       "tarpit": self.tarpit}
        for by, net in LINKS.items():
            self.link(self.scanner, self.spaces[by], by, net)
        self.link(self.router, self.target, "behind", BEHIND)
        self.forward()
        for name, profile in PROFILES.items():
            self.place(name, profile)
        self.lose()
        self.wall_off()
        self.listen()

    @staticmethod
    def link(near, far, name, net):
        over = "over" if name == "behind" else "uplink"
        near.ip(f"link add {name} type veth peer name {over} netns {far.path}")
        for space, device, end in ((near, name, 1), (far, over, 2)):
            space.ip(f"addr add 198.18.{net}.{end}/24 dev {device}\n"
                     f"addr add 2001:db8:{net:x}::{end}/64 dev {device}\n"
                     f"link set {device} up")

    def forward(self):
        """The target answers over the router where it was asked over it."""
        with self.router.entered():
            Space.sysctl("ipv4/ip_forward", 1)
            Space.sysctl("ipv6/conf/all/forwarding", 1)
        self.target.ip(f"route add default via 198.18.{BEHIND}.1 table 77\n"
                       f"route add 198.18.{LINKS['router']}.0/24 "
                       f"via 198.18.{BEHIND}.1")
        self.target.ip(f"route add default via 2001:db8:{BEHIND:x}::1 table 77\n"
                       f"route add 2001:db8:{LINKS['router']:x}::/64 "
                       f"via 2001:db8:{BEHIND:x}::1", "-6")

    def place(self, name, p):
        if p.by == "local":
            return
        net4, net6 = f"198.18.{p.net}.0/24", f"2001:db8:{p.net:x}::/64"
        gate4 = f"198.18.{LINKS[p.by]}.2"
        gate6 = f"2001:db8:{LINKS[p.by]:x}::2"
        self.scanner.ip(f"route add {net4} via {gate4}")
        self.scanner.ip(f"route add {net6} via {gate6}", "-6")
        host = self.tarpit if p.by == "tarpit" else self.target
        host.ip(f"route add local {net4} dev lo")
        host.ip(f"route add local {net6} dev lo", "-6")
        if p.by != "router":
            return
        self.target.ip(f"rule add from {net4} lookup 77")
        self.target.ip(f"rule add from {net6} lookup 77", "-6")
        self.router.ip(f"route add {net4} via 198.18.{BEHIND}.2")
        self.router.ip(f"route add {net6} via 2001:db8:{BEHIND:x}::2", "-6")
        if p.line:
            self.slow_down(name, p, net4, net6)

    def slow_down(self, name, p, net4, net6):
        device = name[:12]
        self.children.append(self.router.start(
            [self.programs + "/ports-line", device, *map(str, p.line)]))
        self.router.ip("\n".join(
            f"link set {device}{way} up txqueuelen 100000" for way in (0, 1)))
        for family, net in (("-4", net4), ("-6", net6)):
            self.router.ip(
                f"route add default dev {device}0 table {100 + p.net}\n"
                f"route add default dev {device}1 table {200 + p.net}\n"
                f"rule add to {net} iif uplink lookup {100 + p.net}\n"
                f"rule add from {net} iif behind lookup {200 + p.net}", family)

    def lose(self):
        """Once a packet: what comes out of a slow line was judged before it."""
        drop = "numgen random mod 1000 <"
        rules = [f"{ip} {way} {net} {drop} {10 * p.loss} drop"
                 for p in behind_router().values() if p.loss
                 for ip, net in (("ip", f"198.18.{p.net}.0/24"),
                                 ("ip6", f"2001:db8:{p.net:x}::/64"))
                 for way in ("saddr", "daddr")]
        self.router.filter(
            "filter hook forward priority 0",
            ['iifname != { "uplink", "behind" } accept', *rules])

    def wall_off(self):
        rules = [f"{ip} daddr {p.target(family)} tcp dport != "
                 f"{{ {', '.join(map(str, p.opens))} }} {p.wall}"
                 for p in PROFILES.values() if p.wall
                 for family, ip in ((4, "ip"), (6, "ip6"))]
        dark = PROFILES["halfdark"]
        rules.append(f"ip daddr 198.18.{dark.net}.0/24 "
                     "ip daddr & 0.0.0.1 == 0.0.0.0 drop")
        self.target.filter("filter hook input priority 0", rules)
        with self.target.entered():  # every reject is told, not some a second
            Space.sysctl("ipv4/icmp_ratemask", 0)
            Space.sysctl("ipv6/icmp/ratemask", 200)
        pit = PROFILES["tarpit"]
        self.tarpit.filter(
            "nat hook prerouting priority -100",
            [f"ip daddr {pit.v4} meta l4proto tcp dnat ip to {pit.v4}:7",
             f"ip6 daddr {pit.v6} meta l4proto tcp dnat ip6 to [{pit.v6}]:7"])

    def listen(self):
        def write(name, rows):
            path = os.path.join(self.dir, name)
            with open(path, "w") as f:
                f.writelines(f"{host} {port}\n" for host, port in sorted(rows))
            return path
        here, there = set(), set()
        for name, p in PROFILES.items():
            if p.by == "local":
                here |= p.truth(4) | p.truth(6)
            elif name != "tarpit":
                there |= p.truth(4)
                there |= set() if isinstance(p, Net) else p.truth(6)
        pit = PROFILES["tarpit"]
        for space, name, rows in ((self.scanner, "here", here),
                                  (self.target, "there", there),
                                  (self.tarpit, "pit",
                                   {(pit.v4, 7), (pit.v6, 7)})):
            self.children.append(space.start(
                [self.programs + "/ports-listen", write(name, rows)]))
