# Tests/blackbox/groups/package_sandbox.py — the service's sandbox: what systemd says of it, and what the process sees

import errno
import os
import re
import time

from .. import tools
from ..crowd import Crowd
from ..framework import equal, eventually, test, true
from ..machine import ADMIN_SOCKET, HTTP, LOGS, SERVICE, SOCKET, serving
from ..rings import are_allowed
from ..websocket import TEXT, WebSocket, frame

GROUP, ORDER, NEEDS_BUILD = "package", 75.5, False

#: The most that `systemd-analyze security` may find, of 10. The best of Debian 12's own services has 1.2.
EXPOSURE = 0.2


@test("systemd-analyze security finds an exposure of 0.2 of 10, or less")
def exposure(run):
    with serving(run) as machine:
        text = machine.output("systemd-analyze", "security", "--no-pager", "--offline=yes", machine.file_of(SERVICE))
        found = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", text)[1])
        true(found <= EXPOSURE, f"{found}:\n{text}")


@test("systemd-analyze verify has nothing to say of the units")
def verified(run):
    with serving(run) as machine:
        for unit in (SERVICE, SOCKET, ADMIN_SOCKET):
            said = machine.command("systemd-analyze", "verify", "--man=no", machine.file_of(unit))
            equal(said, (0, ""), f"exit status and output for {unit}")


@test("no thread has a capability, or can get one; all are filtered, and belong to async-nostd")
def privileges(run):
    with serving(run) as machine:
        machine.expect_answer()
        user = int(machine.output("id", "-u", "async-nostd"))
        threads = sorted(machine.process("task").iterdir())
        true(len(threads) > 1, f"threads: {threads}")
        for thread in threads:
            values = dict(re.findall(r"^(\w+):\t(.*)$", (thread / "status").read_text(), re.MULTILINE))
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                equal(int(values[name], 16), 0, f"{name} of {thread.name}")
            equal((values["NoNewPrivs"], values["Seccomp"]), ("1", "2"), f"NoNewPrivs and Seccomp of {thread.name}")
            equal(values["Uid"].split(), [str(user)] * 4, f"Uid of {thread.name}")
            equal(values["Groups"].split(), [values["Gid"].split()[0]] * len(values["Groups"].split()), "groups")


@test("it sees no network: an interface that is down, and none of the sockets but those it was passed")
def network(run):
    with serving(run) as machine:
        machine.expect_answer()
        own, outer = (os.readlink(machine.path(f"/proc/{pid}/ns/net")) for pid in (machine.main_pid(), 1))
        true(own != outer, "it is in the network of the machine")
        lines = machine.process("net/dev").read_text().splitlines()[2:]
        equal([line.split(":")[0].strip() for line in lines], ["lo"], "network interfaces")
        for name in ("tcp", "tcp6", "udp", "udp6", "route"):
            equal(machine.process(f"net/{name}").read_text().splitlines()[1:], [], f"/proc/net/{name}")


#: Where programs may be: the daemon and its libraries, and what the container has mounted below root's own folders.
ALLOWED = re.compile(
    "/usr/sbin/async-nostdd|(/usr)?/lib(64)?(/x86_64-linux-gnu)?|/run/(host|systemd)/.*|/dev/hugepages"
)


def refusal(act):
    """The error with which an action fails; None if it does not."""
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


@test("it can write to its log's directory, and nowhere else; homes are hidden, and /tmp is its own")
def files(run):
    with serving(run) as machine:
        machine.expect_answer()
        machine.path("/tmp/of-the-machine").touch()
        view = machine.process("root")  # as it sees the files, but with root's rights: the mounts alone hold us back
        for folder in (
            "/",
            "/etc",
            "/etc/async-nostd",
            "/usr/sbin",
            "/var",
            "/var/lib",
            "/var/log",
            "/run",
            "/srv",
            "/opt",
        ):
            equal(refusal((view / folder[1:] / "probe").touch), "EROFS", f"writing to {folder}")
        for file in ("proc/sys/kernel/core_pattern", "proc/sysrq-trigger"):
            true(not (view / file).exists(), f"it sees /{file}")
        equal(refusal((view / LOGS[1:] / "probe").touch), None, f"writing to {LOGS}")
        (view / LOGS[1:] / "probe").unlink()
        for folder in ("home", "root"):
            equal(os.listdir(view / folder), [], f"what it sees in /{folder}")
        true(not (view / "tmp/of-the-machine").exists(), "it sees the machine's /tmp")
        equal([name for name in os.listdir(view / "dev") if re.match("sd|vd|nvme|mem|kmsg|loop", name)], [], "devices")


@test("it can run no program but itself and what it is linked to")
def programs(run):
    with serving(run) as machine:
        machine.expect_answer()
        lines = machine.process("mountinfo").read_text().splitlines()
        mounts = {line.split()[4]: line.split()[5].split(",") for line in lines}  # of two at one place, the upper one
        executable = {path for path, options in mounts.items() if "noexec" not in options}
        equal({path for path in executable if not ALLOWED.fullmatch(path)}, set(), "mounts without noexec")


#: What the unit refuses: the daemon then does without. `examples/io_uring.conf` allows it.
REFUSED = {"io_uring_setup", "io_uring_enter"}


@test("each system call in the sources passes the filter of the unit, but io_uring's")
def filtered(run):
    with serving(run) as machine:
        wanted, passed = machine.text(machine.file_of(SERVICE)), set()
        names = ["@default", *" ".join(re.findall("^SystemCallFilter=(.*)", wanted, re.MULTILINE)).split()]
        for name in names:
            if name.startswith("@"):
                text = machine.output("systemd-analyze", "syscall-filter", "--no-pager", name)
                names += re.findall(r"^    (@?[\w-]+)$", text, re.MULTILINE)
            else:
                passed.add(name)
    files = [path for kind in ("swift", "c", "h", "S") for path in (tools.TOP / "Sources").rglob(f"*.{kind}")]
    used = {name for path in files for name in re.findall(r"\b__NR_(\w+)", path.read_text())}
    true(len(used) > 40, f"system calls in the sources: {used}")
    equal(used - passed, REFUSED, "system calls that the unit refuses")


@test("as installed it serves by epoll; with examples/io_uring.conf by io_uring, with the same answers")
def rings(run):
    starts = []

    def reactor(machine):
        """The one that the last start took, which is one more than at the last call."""
        machine.expect_answer()

        def found():
            return re.findall(r"^\[START\] version=.* reactor=(\S+)", "\n".join(machine.log()), re.MULTILINE)

        eventually(lambda: len(found()) > len(starts), "no line of the start in the log")
        starts[:] = found()
        return starts[-1]

    with serving(run) as machine:
        folder = "/etc/systemd/system/async-nostd.service.d"
        equal(reactor(machine), "epoll", "the reactor, as installed")
        example = "/usr/share/doc/async-nostd/examples/io_uring.conf"
        machine.output("install", "-D", "-m", "644", example, "-t", folder)
        try:
            machine.output("systemctl", "daemon-reload")
            machine.output("systemctl", "restart", SERVICE)
            if are_allowed():
                equal(reactor(machine), "io_uring", "the reactor, with the drop-in")
            with Crowd(HTTP), WebSocket(machine.site()) as socket:
                for number in range(20):
                    socket.send(frame(TEXT, b"%d" % number))
                    equal(socket.read_frame().payload, b"%d" % number, "echo")
        finally:
            machine.output("rm", "-r", folder)
            machine.output("systemctl", "daemon-reload")
            machine.output("systemctl", "restart", SERVICE)
        equal(reactor(machine), "epoll", "the reactor, without it again")


@test("under load, with WebSockets, reload and all signals, the filter of system calls stops nothing")
def unhindered(run):
    with serving(run) as machine:
        since, process, lines = machine.cursor(), machine.main_pid(), len(machine.log())
        with Crowd(HTTP), WebSocket(machine.site()) as socket:
            for name in ("HUP", "USR1", "USR2", "HUP"):
                machine.output("systemctl", "kill", "--kill-whom=main", f"--signal={name}", SERVICE)
                socket.send(frame(TEXT, name.encode()))
                equal(socket.read_frame().payload, name.encode(), "echo")
                time.sleep(0.2)
        equal(machine.main_pid(), process, "the process")
        said = machine.journal("--unit", SERVICE, f"--after-cursor={since}") + machine.log()[lines:]
        true(len(said) > 100, f"journal and log have {len(said)} lines")
        wrong = [line for line in said if re.search(r"EPERM|EACCES|not permitted|denied|\[PANIC\]", line)]
        equal(wrong, [], "complaints in journal and log")
