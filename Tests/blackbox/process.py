# Tests/blackbox/process.py — what /proc says about a process: memory, descriptors, threads, processor time

import contextlib
import os
import re
import time
from pathlib import Path


class Process:
    """Reads /proc/PID. Every figure is taken fresh."""

    def __init__(self, pid):
        self.pid = pid
        self.folder = Path(f"/proc/{pid}")

    def resident(self):
        """Resident memory in bytes, counted from the page tables (VmRSS of `status` may lag behind by some pages)."""
        for line in (self.folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
        raise LookupError("no Rss line in smaps_rollup")

    def descriptors(self):
        """The number of open descriptors."""
        return len(os.listdir(self.folder / "fd"))

    def of_threads(self, name):
        """The text of one file for each thread; threads that end meanwhile are left out."""
        texts = {}
        for task in sorted((self.folder / "task").iterdir(), key=lambda task: int(task.name)):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                texts[int(task.name)] = (task / name).read_text()
        return texts

    def threads(self):
        """Thread ids with their names."""
        return {thread: text.strip() for thread, text in self.of_threads("comm").items()}

    def processor_seconds(self):
        """Processor time used by all threads, in seconds (the scheduler's nanosecond count)."""
        return sum(self.thread_seconds().values())

    def thread_seconds(self):
        """Processor time of each thread, in seconds."""
        return {thread: int(text.split()[0]) / 1e9 for thread, text in self.of_threads("schedstat").items()}

    def ticks(self):
        """Clock ticks (10 ms) of user and system time of each thread."""
        fields = {thread: text.rpartition(")")[2].split() for thread, text in self.of_threads("stat").items()}
        return {thread: int(words[11]) + int(words[12]) for thread, words in fields.items()}

    def doings(self):
        """What each thread does: its state, and the number of the system call that it waits in, for a failure's report."""
        states = {thread: text.rpartition(")")[2].split()[0] for thread, text in self.of_threads("stat").items()}
        calls = self.of_threads("syscall")
        return "; ".join(f"{thread} {states.get(thread)} {text.split()[0]}" for thread, text in calls.items())

    def switches(self):
        """Context switches of each thread, voluntary and not."""
        pattern = re.compile(r"^(?:non)?voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE)
        return {thread: sum(map(int, pattern.findall(text))) for thread, text in self.of_threads("status").items()}

    def load(self, seconds):
        """The share of one processor that it uses during the next `seconds`."""
        before, start = self.processor_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.processor_seconds() - before) / (time.monotonic() - start)


def connections(port):
    """The TCP connections of a local port, in the kernel's words: 01 established, 08 closed by the peer alone (CLOSE_WAIT)."""
    found = []
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net") / name
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            columns = line.split()
            if int(columns[1].rpartition(":")[2], 16) == port and columns[3] not in ("06", "0A"):
                found.append(f"state {columns[3]} queues {columns[4]}")
    return found


def listens(port):
    """Whether some process listens on a TCP port of this machine; does not connect."""
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net") / name
        lines = path.read_text().splitlines()[1:] if path.exists() else []
        for line in lines:
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                return True
    return False
