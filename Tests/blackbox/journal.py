# Tests/blackbox/journal.py — a stand-in for journald: the native protocol on a socket of our own

import array
import contextlib
import mmap
import os
import shutil
import socket
import subprocess
import threading
import time

from .framework import Failure, Skip, eventually


def need_namespaces():
    """Skips the test where no mount namespace can be made: a journal of our own needs one."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Skip("needs root and unshare(1), for a journal socket of its own")
    words = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/run"]
    if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=5).returncode != 0:
        raise Skip("the machine allows no mount namespace, so there can be no journal socket of our own")


class Journal:
    """Receives journal entries (systemd.io/JOURNAL_NATIVE_PROTOCOL) on `folder`/socket.

    `Daemon` runs the program in a mount namespace where /run/systemd/journal/socket leads here.
    """

    def __init__(self, folder):
        need_namespaces()
        self.folder = folder / f"journal-{time.monotonic_ns()}"
        self.folder.mkdir()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{self.folder}/socket")
        self.entries, self.problem = [], None
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self):
        try:
            while data := self.next():
                self.entries.append(parse(data))
        except Exception as error:
            self.problem = error

    def next(self):
        """The next entry's bytes: a datagram, or a sealed file that came with an empty one if it was too large."""
        data, ancillary, _, _ = self.socket.recvmsg(1 << 18, 1024)
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                (descriptor,) = array.array("i", content)
                with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as memory:
                    data = memory[:]
                os.close(descriptor)
        return data

    def find(self, **fields):
        """The entries in which these fields have these values."""
        return [entry for entry in list(self.entries) if all(entry.get(key) == fields[key] for key in fields)]

    def wait(self, seconds=3.0, **fields):
        """The first such entry, waiting for it."""
        return eventually(
            lambda: self.find(**fields), lambda: f"no journal entry with {fields}; there came {self.entries}", seconds
        )[0]

    def check(self):
        if self.problem:
            raise Failure(f"in the native journal protocol: {self.problem}") from self.problem

    def close(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", f"{self.folder}/socket")
        self.thread.join(10)
        self.socket.close()


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
