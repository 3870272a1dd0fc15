# bench/runner/server.py — a server while it runs: its start, its processes and what they use, its end

import itertools
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

from .paths import ANSWERS, BENCH, LOGS, PROGRAMS, ROOT, WORK, cores, workers


class Broken(Exception):
    """A server does not start, or does not answer as it should; the text says how."""


PORTS = itertools.cycle(range(20001, 30000))


def free_port():
    """A port that nothing listens on, and no server of this run had: each comes without connections in TIME_WAIT."""
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def command_of(peer, scenario, layout, port):
    """The words that start a peer, its configuration written."""
    count = workers(layout)
    fields = {
        "port": port,
        "workers": count,
        "forks": 0 if count == 1 else count,
        "mode": scenario.mode,
        "answer": ANSWERS / f"{scenario.answer}.http",
        "root": ROOT,
        "work": WORK,
        "programs": PROGRAMS,
        "logs": LOGS,
    }
    return [filled(word, fields) for word in shlex.split(peer.command)]


def filled(word, fields):
    """A word with its fields filled in; `@NAME` becomes the path of a file made so from bench/peers/NAME."""
    if not word.startswith("@"):
        return re.sub(r"\{(\w+)\}", lambda match: str(fields[match[1]]), word)
    text = (BENCH / "peers" / word[1:]).read_text()
    if "{pieces}" in text:
        text = text.replace("{pieces}", nginx_pieces()).replace("{joined}", joined_pieces())
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", str(value))
    path = WORK / word[1:]
    path.write_text(text)
    return str(path)


def page_pieces(size=3500):
    """nginx takes no parameter over 4 KiB: the page, in parts that it takes."""
    page = (ROOT / "index.html").read_text()
    return [page[at : at + size] for at in range(0, len(page), size)]


def nginx_pieces():
    quoted = (piece.replace("\\", "\\\\").replace('"', '\\"') for piece in page_pieces())
    return "\n".join(f'  geo $page{index} {{ default "{piece}"; }}' for index, piece in enumerate(quoted))


def joined_pieces():
    return "".join(f"${{page{index}}}" for index in range(len(page_pieces())))


class Server:
    """A server of this run, with all processes that it made. Use it with `with`: what is left at the end is killed."""

    def __init__(self, peer, scenario, layout):
        self.peer, self.port, self.errors = peer, free_port(), LOGS / f"{peer.name}.stderr"
        self.words = command_of(peer, scenario, layout, self.port)
        with open(self.errors, "w") as errors:
            self.process = subprocess.Popen(
                self.words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, cores(layout, "server")),
            )
        try:
            self.await_port()
        except BaseException:
            self.stop()
            raise

    def await_port(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    said = self.errors.read_text(errors="replace").strip().splitlines()
                    raise Broken(f"does not start: {said[-1] if said else 'it says nothing'}") from None
                time.sleep(0.02)
        time.sleep(0.1)  # workers that are forked after the socket is open

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def pids(self):
        return family(self.process.pid)

    def memory(self, field="Pss"):
        return memory(self.pids(), field)

    def cpu_seconds(self):
        """CPU time of all its threads so far."""
        total = 0
        for pid in self.pids():
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                    total += int(file.read().split()[0])
        return total / 1e9

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)  # a session of its own, without other processes
                self.process.wait(1)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                pass
        self.process.wait()


def end_with_servers():
    """Has SIGTERM end this program as Ctrl-C does, so that no server is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def family(pid):
    """A process and all its descendants."""
    found, left = [], [pid]
    while left:
        pid = left.pop()
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/children") as file:
                    left += map(int, file.read().split())
            found.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def memory(pids, field):
    """Bytes of user memory: `Rss`, or `Pss`, which counts what processes share once."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            total += int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.MULTILINE)[1]) * 1024
    return total
