# SPDX-License-Identifier: MIT
"""Processes in cgroups that are called as container runtimes and systemd call theirs:
what sysmon tells of them, against /proc, the layouts and systemd-cgls."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys

SYSMON = sys.argv[1]
A = "3f6c0f1e9a7b42d58c1d2e3f405162733f6c0f1e9a7b42d58c1d2e3f40516273"
B = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
USER = "/user.slice/user-1000.slice/user@1000.service"
POD = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
SLICE = "kubepods-burstable-pod" + POD.replace("-", "_") + ".slice"
KUBE = "/kubepods.slice/kubepods-burstable.slice/" + SLICE

# path, runtime, container, unit, slice: as the documentation of each has it.
PLACES = [
    # Docker: cgroup drivers systemd and cgroupfs, rootless, in Docker, in a parent.
    (f"/system.slice/docker-{A}.scope", "docker", A, f"docker-{A}.scope",
     "system.slice"),
    (f"/docker/{A}", "docker", A, None, None),
    (f"{USER}/user.slice/docker-{A}.scope", "docker", A, "user@1000.service",
     "user-1000.slice"),
    (f"/system.slice/docker-{A}.scope/docker/{B}", "docker", B,
     f"docker-{A}.scope", "system.slice"),
    (f"/jobs.slice/docker-{A}.scope", "docker", A, f"docker-{A}.scope",
     "jobs.slice"),
    # Kubernetes: containerd by systemd and by cgroupfs, where the path does not say.
    (f"{KUBE}/cri-containerd-{A}.scope", "containerd", A,
     f"cri-containerd-{A}.scope", SLICE),
    (f"/kubepods/burstable/pod{POD}/{A}", None, A, None, None),
    (f"/kubepods/besteffort/pod{POD}/{A}", None, A, None, None),
    (f"/kubepods-burstable-pod{POD}.slice:cri-containerd:{A}", "containerd", A,
     None, None),
    # CRI-O by systemd (with crun's own directory below), its watcher, by cgroupfs.
    (f"{KUBE}/crio-{A}.scope", "cri-o", A, f"crio-{A}.scope", SLICE),
    (f"{KUBE}/crio-{A}.scope/container", "cri-o", A, f"crio-{A}.scope", SLICE),
    (f"{KUBE}/crio-conmon-{A}.scope", None, None, f"crio-conmon-{A}.scope",
     SLICE),
    (f"/kubepods/burstable/pod{POD}/crio-{A}", "cri-o", A, None, None),
    # Podman as root, in a pod, without root, by cgroupfs; its watcher.
    (f"/machine.slice/libpod-{A}.scope", "podman", A, f"libpod-{A}.scope",
     "machine.slice"),
    (f"/machine.slice/libpod-{A}.scope/container", "podman", A,
     f"libpod-{A}.scope", "machine.slice"),
    (f"/machine.slice/machine-libpod_pod_{B}.slice/libpod-{A}.scope", "podman",
     A, f"libpod-{A}.scope", f"machine-libpod_pod_{B}.slice"),
    (f"{USER}/user.slice/libpod-{A}.scope/container", "podman", A,
     "user@1000.service", "user-1000.slice"),
    (f"{USER}/user.slice/user-libpod_pod_{B}.slice/libpod-{A}.scope", "podman",
     A, "user@1000.service", "user-1000.slice"),
    (f"/libpod_parent/libpod-{A}", "podman", A, None, None),
    (f"/machine.slice/libpod-conmon-{A}.scope", None, None,
     f"libpod-conmon-{A}.scope", "machine.slice"),
    # LXC: liblxc 4 and later, before, and a system in it; its watcher.
    ("/lxc.payload.web", "lxc", "web", None, None),
    ("/lxc.payload.web/system.slice/cron.service", "lxc", "web", None, None),
    ("/lxc/101/ns/init.scope", "lxc", "101", None, None),
    ("/lxc.monitor.web", None, None, None, None),
    # systemd-nspawn@.service, and systemd's own units.
    ("/machine.slice/systemd-nspawn@deb.service/payload/init.scope",
     "systemd-nspawn", "deb", "systemd-nspawn@deb.service", "machine.slice"),
    ("/system.slice/ssh.service", None, None, "ssh.service", "system.slice"),
    ("/system.slice/system-getty.slice/getty@tty1.service", None, None,
     "getty@tty1.service", "system-getty.slice"),
    ("/user.slice/user-1000.slice/session-2.scope", None, None,
     "session-2.scope", "user-1000.slice"),
    (f"{USER}/app.slice/dbus.service", None, None, "user@1000.service",
     "user-1000.slice"),
    ("/init.scope", None, None, "init.scope", "-.slice"),
    # Nothing of these: a name of 64 digits in upper case, one of 63, a job.
    (f"/x-{A.upper()}", None, None, None, None),
    (f"/x-{A[1:]}", None, None, None, None),
    ("/batch/job 7", None, None, None, None),
]


def skip(why):
    print(f"SKIP: cgroups: {why}")
    sys.exit(77)


def mount_point():
    with open("/proc/mounts") as f:
        for line in f:
            words = line.split()
            if words[2] == "cgroup2":
                return words[1]
    skip("no cgroups of version 2")


def path_of(pid):
    """cgroups(7): the unified hierarchy; where it is not used, that of systemd."""
    paths = {}
    with open(f"/proc/{pid}/cgroup") as f:
        for line in f:
            _, names, path = line.rstrip("\n").split(":", 2)
            paths[names] = path
    path = paths.get("", "")
    return path if len(path) > 1 else paths.get("name=systemd", path)


def enter(top, path):
    """A process that sleeps in it."""
    os.makedirs(top + path, exist_ok=True)
    p = subprocess.Popen(["sleep", "1000"])
    with open(top + path + "/cgroup.procs", "w") as f:
        f.write(f"{p.pid}\n")
    return p


def rows():
    out = subprocess.run(
        [SYSMON, "ps", "--interval", "0", "--no-checks", "--format", "ndjson",
         "--fields", "pid,cgroup,container,runtime,unit,slice"],
        stdout=subprocess.PIPE, check=True).stdout
    found = (json.loads(line) for line in out.splitlines())
    return {r["pid"]: r for r in found if r["type"] == "process"}


def by_cgls(top):
    """The pids below each cgroup, as systemd-cgls draws them."""
    out = subprocess.run(["systemd-cgls", "--no-pager", "--full", top],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         env=dict(os.environ, LC_ALL="C.UTF-8"))
    found, parts = {}, []
    for line in out.stdout.decode().splitlines()[1:]:
        m = re.match(r"((?:│ |  )*)[├└]─(.*)$", line)
        if not m:
            continue
        depth, text = len(m.group(1)) // 2, m.group(2)
        # Newer ones tell the number of a directory, too.
        name = re.sub(r" \(#\d+\)…?$", "", text)
        if os.path.isdir("/".join([top, *parts[:depth], name])):
            parts[depth:] = [name]
        else:
            found[int(text.split()[0])] = "/" + "/".join(parts[:depth])
    return found


def compare(what, pid, got, want):
    if got != want:
        print(f"FAIL: {what} of {path_of(pid)!r}: {got!r}, expected {want!r}")
        return 1
    return 0


def check(started, top):
    bad = 0
    seen = rows()
    for p, (path, runtime, container, unit, part) in zip(started, PLACES):
        row = seen[p.pid]
        for what, want in (("cgroup", path), ("runtime", runtime),
                           ("container", container), ("unit", unit),
                           ("slice", part)):
            bad += compare(what, p.pid, row.get(what), want)
    # And everybody else, as far as they are there still.
    for pid, row in seen.items():
        try:
            path = path_of(pid)
        except OSError:
            continue
        if "cgroup" in row:
            bad += compare("cgroup", pid, row["cgroup"], path)
    if not shutil.which("systemd-cgls"):
        print("SKIP: cgroups: systemd-cgls: not installed")
        return bad
    drawn = by_cgls(top)
    if not drawn:
        print("SKIP: cgroups: systemd-cgls: draws nothing here")
        return bad
    for p in started:
        bad += compare("systemd-cgls", p.pid, drawn.get(p.pid),
                       seen[p.pid]["cgroup"])
    return bad


def remove(top):
    for where, _, _ in os.walk(top, topdown=False):
        try:
            os.rmdir(where)
        except OSError as e:
            print(f"{where}: {e}")


def main():
    if os.geteuid() != 0:
        skip("not root")
    if not hasattr(os, "unshare"):
        libc = __import__("ctypes").CDLL(None, use_errno=True)
        unshare = lambda: libc.unshare(0x02000000)
    else:
        unshare = lambda: os.unshare(os.CLONE_NEWCGROUP)
    top = f"{mount_point()}/sysmon-test.{os.getpid()}"
    try:
        os.mkdir(top)
    except OSError as e:
        skip(f"none can be made: {e.strerror}")
    started, bad = [], 1
    # From inside, its cgroups are at the root: the paths are those of a machine.
    child = os.fork()
    if child == 0:
        try:
            with open(top + "/cgroup.procs", "w") as f:
                f.write("0\n")
            if unshare():
                os._exit(77)
            for place in PLACES:
                started.append(enter(top, place[0]))
            bad = check(started, top)
        finally:
            for p in started:
                p.send_signal(signal.SIGKILL)
                p.wait()
            sys.stdout.flush()
            os._exit(1 if bad else 0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    remove(top)
    if status == 77:
        skip("no namespace of its own")
    sys.exit(status)


main()
