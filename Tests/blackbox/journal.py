# Tests/blackbox/journal.py — a stand-in for journald: the native protocol on a socket of our own

import array
import mmap
import os
import shutil
import socket
import subprocess
import time

from .framework import Failure, Skip, eventually
from .receiver import Receiver


def need_namespaces():
    """Skips the test where no mount namespace can be made: a journal of our own needs one."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Skip("needs root and unshare(1), for a journal socket of its own")
    words = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/run"]
    if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=5).returncode != 0:
        raise Skip("the machine allows no mount namespace, so there can be no journal socket of our own")


class Journal(Receiver):
    """Receives journal entries (systemd.io/JOURNAL_NATIVE_PROTOCOL) on `folder`/socket.

    `Daemon` runs the program in a mount namespace where /run/systemd/journal/socket leads here.
    """

    def __init__(self, folder):
        need_namespaces()
        self.folder = folder / f"journal-{time.monotonic_ns()}"
        self.folder.mkdir()
        self.noted = []
        super().__init__(f"{self.folder}/socket")

    def note(self, data, ancillary):
        """An entry's bytes are a datagram, or a sealed file that comes with an empty one if they are too many."""
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                (descriptor,) = array.array("i", content)
                with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as memory:
                    data = memory[:]
                os.close(descriptor)
        self.noted.append(parse(data))

    @property
    def entries(self):
        """All entries that were sent so far, in order."""
        self.settle()
        return list(self.noted)

    def find(self, where=lambda entry: True, **fields):
        """The entries in which these fields have these values, and for which `where` is true."""
        found = [entry for entry in self.entries if where(entry)]
        return [entry for entry in found if all(entry.get(key) == fields[key] for key in fields)]

    def wait(self, where=lambda entry: True, seconds=3.0, what="", **fields):
        """The first such entry, waiting for it; `what` says what `where` looks for."""
        return eventually(
            lambda: self.find(where, **fields),
            lambda: f"no journal entry with {what or fields}; there came {self.entries}",
            seconds,
        )[0]

    def check(self):
        if self.problem:
            raise Failure(f"in the native journal protocol: {self.problem}") from self.problem


def parse(data):
    """One entry: `NAME=value` lines, or a NAME line, 64 bits of length, that many bytes, and a line feed."""
    entry, rest = {}, data
    while rest:
        line, end, rest = rest.partition(b"\n")
        if not end:
            raise ValueError(f"a line without an end in {data!r}")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[8 + size :]
            if len(value) != size or rest[:1] != b"\n":
                raise ValueError(f"{name!r} is not {size} bytes and a line feed in {data!r}")
            rest = rest[1:]
        key = name.decode("ascii")
        if key.startswith("_") or not key.replace("_", "A").isalnum() or key != key.upper() or len(key) > 64:
            raise ValueError(f"{key!r} is no name of a journal field")
        if key in entry:
            raise ValueError(f"{key} twice in {data!r}")
        entry[key] = value.decode()
    return entry
