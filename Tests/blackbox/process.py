# Tests/blackbox/process.py — what /proc says about a process: memory, descriptors, threads, processor time

import contextlib
import os
import re
import time
from pathlib import Path

from .framework import eventually


class Process:
    """Reads /proc/PID, or the folder where that of another namespace is seen. Every figure is taken fresh."""

    def __init__(self, pid, folder=None):
        self.pid = pid
        self.folder = Path(folder or f"/proc/{pid}")

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

    def states(self):
        """The letter of each thread's state: S asleep, R running or ready to run (proc_pid_stat(5))."""
        return {thread: text.rpartition(")")[2].split()[0] for thread, text in self.of_threads("stat").items()}

    def await_rest(self, seconds=5.0):
        """Waits until every thread has been seen asleep: what was asked of the process before this call is done then.

        Three times: the main thread wakes the workers, and to drain the last of these wakes all others once more. A
        thread that was woken is not asleep before it has seen to what it was woken for.
        """
        for _ in range(3):
            awake = set(self.states())

            def rest(awake=awake):
                awake &= {thread for thread, state in self.states().items() if state != "S"}
                return not awake

            eventually(rest, lambda: f"threads that do not come to rest: {self.doings()}", seconds, 0.001)

    def doings(self):
        """What each thread does: its state, and the number of the system call that it waits in, for a failure's report."""
        states = self.states()
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


def rows():
    """The rows of the kernel's tables of TCP sockets, in columns."""
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net") / name
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            yield line.split()


def port_in(column):
    """The port of an address in those tables."""
    return int(column.rpartition(":")[2], 16)


def connections(port):
    """The TCP connections of a local port, in the kernel's words: 01 established, 08 closed by the peer alone (CLOSE_WAIT)."""
    found = [row for row in rows() if port_in(row[1]) == port and row[3] not in ("06", "0A")]
    return [f"state {row[3]} queues {row[4]}" for row in found]


def unread(port, peer):
    """The bytes that have come from the port `peer` to a local port, and that its process has not received yet."""
    found = (row for row in rows() if (port_in(row[1]), port_in(row[2])) == (port, peer))
    return sum(int(row[4].partition(":")[2], 16) for row in found)


def listens(port):
    """Whether some process listens on a TCP port of this machine; does not connect."""
    return any(row[3] == "0A" and port_in(row[1]) == port for row in rows())
