# Tests/blackbox/container.py — a container with a real systemd, seen from outside: its commands, files, network, units

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

from . import tools
from .framework import Failure, Skip, eventually

SCRIPT = tools.TOP / "packaging/system-container"
CANNOT = 77  # its exit status if the machine allows no container
NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLONE_NEWNET = 0x40000000


class Container:
    """A running packaging/system-container. `leader` is its systemd, by the process id that it has out here.

    It ends when its standard input does: whatever becomes of test.py, nothing of it stays.
    """

    def __init__(self, run):
        make_root()
        base = run.folder / f"container-{time.monotonic_ns()}"
        self.error_path, identity = base.with_suffix(".stderr"), base.with_suffix(".pid")
        with open(self.error_path, "wb") as errors:
            self.popen = subprocess.Popen(
                [SCRIPT, "--pid-file", identity, "--", "cat"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )

        def up():
            if self.popen.poll() is not None:
                problem = self.error_path.read_text().strip()
                raise (Skip if self.popen.returncode == CANNOT else Failure)(problem)
            return identity.exists()

        eventually(up, "the container is not up after a minute", 60, 0.05)
        self.leader = int(identity.read_text())

    # Commands

    def command(self, *words, **options):
        """Runs a command inside; exit status and output, both streams together."""
        environment = [f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        inside = ["nsenter", "--target", self.leader, *NAMESPACES, "--wd", "env", "-C", "/root", "-i", *environment]
        return tools.command(*inside, *words, **options)

    def output(self, *words, **options):
        """What a command inside printed; its failure fails the test."""
        status, text = self.command(*words, **options)
        if status != 0:
            raise Failure(f"{' '.join(map(str, words))}: exit status {status}\n{text}")
        return text

    def shell(self, script):
        """What a script printed, of which every line has to succeed."""
        return self.output("bash", "-euc", script)

    # Files and network

    def path(self, inside):
        """Where a path of the container is found from out here."""
        return Path(f"/proc/{self.leader}/root{inside}")

    def text(self, inside):
        return self.path(inside).read_text("latin-1")

    def copy(self, file, folder="/root"):
        """Copies a file in; returns where it is inside."""
        target = f"{folder}/{Path(file).name}"
        self.path(target).write_bytes(Path(file).read_bytes())
        return target

    @contextlib.contextmanager
    def network(self):
        """Meanwhile this thread is in the container's network, with the sockets it makes and all that it starts."""
        with open("/proc/thread-self/ns/net") as own, open(f"/proc/{self.leader}/ns/net") as other:
            enter(other)
            try:
                yield
            finally:
                enter(own)

    # Units

    def state(self, unit, *names):
        """Properties of a unit: one as a string, several as a dictionary."""
        text = self.output("systemctl", "show", unit, *(f"--property={name}" for name in names))
        values = dict(line.split("=", 1) for line in text.splitlines())
        return values if len(names) > 1 else values[names[0]]

    def await_state(self, unit, wanted, seconds=10.0):
        """Waits until ActiveState= and SubState= are `wanted`, as in "active/running"."""

        def state():
            values = self.state(unit, "ActiveState", "SubState")
            return f"{values['ActiveState']}/{values['SubState']}"

        eventually(lambda: state() == wanted, lambda: f"{unit} is {state()}, not {wanted}", seconds, 0.05)

    def journal(self, *words, form="cat"):
        """The lines of journalctl, up to now."""
        self.output("journalctl", "--sync")
        return self.output("journalctl", "--quiet", "--no-pager", "--boot", f"--output={form}", *words).splitlines()

    # Its end

    def power_off(self, seconds=30.0):
        """Ends it in good order: the exit status of its script, and what that complained about."""
        self.popen.stdin.close()
        try:
            return self.popen.wait(seconds), self.error_path.read_text()
        except subprocess.TimeoutExpired:
            self.popen.terminate()
            raise Failure(f"it still runs {seconds} s after the order to end") from None

    def tail(self, count=25):
        """The end of its journal, for a failure's report."""
        status, text = self.command("journalctl", "--no-pager", "--boot", f"--lines={count}", "--output=short-precise")
        return f"--- the journal's last lines\n{text}" if status == 0 else f"--- no journal: {text}"

    @contextlib.contextmanager
    def reported(self):
        """A failure inside shows the journal too."""
        try:
            yield self
        except Failure as failure:
            failure.args = (f"{failure}\n{self.tail()}",)
            raise


def make_root():
    """The container's root, which is made if there is none: half a minute here, and more where the mirror is slow."""
    if os.geteuid() != 0:
        raise Skip("needs root, for a container with systemd")
    tools.ensure(**{"systemd-nspawn": "systemd-container", "mmdebstrap": "mmdebstrap"})
    clock = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        status, text = tools.command(SCRIPT, "--root")
    finally:
        signal.setitimer(signal.ITIMER_REAL, *clock)
    if status != 0:
        raise (Skip if status == CANNOT else Failure)(text.strip())
    return Path(text.strip())


def enter(namespace):
    """setns(2) of this thread into a network namespace (Python has it from 3.12 on)."""
    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
