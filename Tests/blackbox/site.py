# Tests/blackbox/site.py — a service under test: one that runs somewhere, or one that we start and stop

import os
import random
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

from .client import Connection, request
from .framework import Failure, Skip, equal, eventually
from .process import Process, connections, listens
from .rings import are_allowed, deny


class Site:
    """Where requests go. `process` and `log_path` are None when the service is not ours."""

    process = None
    log_path = None

    def __init__(self, address, fresh=None):
        self.address = address
        self.make_fresh = fresh

    def connect(self, **options):
        return Connection(self.address, **options)

    def get(self, target="/", *fields, method="GET"):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.exchange(request(target, method, *fields), method)

    def fresh(self, **options):
        """A service of its own for one test, with `options` of `Server`; to be used in a `with`."""
        return self.make_fresh(**options)

    def own(self):
        """This site, if its process and log can be looked at; else the test is skipped."""
        if self.process is None:
            raise Skip("needs a server that the tests started themselves")
        return self

    def settle(self):
        """Waits until the number of descriptors stands still."""
        counts = [-1]

        def still():
            counts.append(self.process.descriptors())
            time.sleep(0.05)
            return counts[-1] == counts[-2]

        eventually(still, "the number of descriptors does not come to rest", seconds=5)

    def tail(self):
        """What the service left to read after a failure."""
        return ""

    def files(self):
        """The files that it wrote."""
        return []

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Remote(Site):
    """A service that runs already (`--url`)."""

    def __init__(self, address):
        super().__init__(address, self.again)

    def again(self, **options):
        if options:
            raise Skip("needs a server that the tests started themselves")
        return self


class Server(Site):
    """A server process with its log and its standard error."""

    def __init__(
        self,
        executable,
        folder,
        workers=2,
        reactor="auto",
        accept="workers",
        ip="127.0.0.1",
        port=None,
        log_path=None,
        descriptors=None,
        settings=None,
        arguments=(),
        denies=None,
        fresh=None,
    ):
        need_rings(reactor)
        self.port = None if ip.startswith("unix:") else port or free_port()
        super().__init__(ip.removeprefix("unix:") if self.port is None else (ip, self.port), fresh)
        name = f"{self.port}" if self.port else "unix"
        self.log_path = Path(log_path or folder / f"server-{name}-{time.monotonic_ns()}.log")
        self.error_path = folder / f"{self.log_path.name}.stderr"
        self.command = [str(executable), str(workers), ip] + ([str(self.port)] if self.port else [])
        self.command += ["--reactor", reactor, "--accept", accept, "--log-file", str(self.log_path), *arguments]
        for name, value in (settings or {}).items():
            self.command += ["--set", f"{name}={value}"]
        with open(self.error_path, "wb") as errors:
            self.popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                preexec_fn=lambda: prepare(descriptors, denies),
            )
        self.process, self.awaited = Process(self.popen.pid), False
        self.workers, self.reactor, self.accept = workers, reactor, accept
        self.await_listening()

    def await_listening(self, seconds=5.0):
        deadline = time.monotonic() + seconds
        while not (listens(self.port) if self.port else self.accepts()):
            if self.popen.poll() is not None:
                raise Failure(f"the server ended at once, {self.ending()}: {' '.join(self.command)}\n{self.tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise Failure(f"the server does not listen after {seconds} s: {' '.join(self.command)}\n{self.tail()}")
            time.sleep(0.002)

    def accepts(self):
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    # What it left behind

    def log(self):
        """The log's lines so far."""
        return self.log_path.read_text("latin-1").splitlines() if self.log_path.is_file() else []

    def errors(self):
        return self.error_path.read_text("latin-1") if self.error_path.exists() else ""

    def tail(self, count=20):
        """The last lines of its standard error and of its log, for a failure's report."""
        parts = []
        for title, lines in (("standard error", self.errors().splitlines()), (str(self.log_path), self.log())):
            if lines:
                parts.append("\n".join([f"--- the last lines of {title}", *lines[-count:]]))
        return "\n".join(parts)

    def files(self):
        """Its log and its standard error, if they lie in the folder of the run."""
        return [path for path in (self.log_path, self.error_path) if path.parent == self.error_path.parent]

    def remove_files(self):
        """Removes them: logs of a whole run would be some hundred megabytes."""
        for path in self.files():
            path.unlink(missing_ok=True)

    def ending(self):
        """How the process ended, in words."""
        status = self.popen.poll()
        if status is None:
            return "still running"
        return f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"

    # Its end

    def await_draining(self):
        """Waits, after SIGTERM, until every worker drains."""
        eventually(lambda: any("[SIGNAL] name=SIG" in line for line in self.log()), "no [SIGNAL] line in the log")
        self.process.await_rest()

    def signal(self, number):
        os.kill(self.popen.pid, number)

    def wait(self, seconds=5.0):
        """Waits for the end of the process and returns its status (negative: the signal that killed it)."""
        self.awaited = True
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            doings = f"{self.process.doings()}; {connections(self.port) if self.port else ''}"
            raise Failure(f"the server still runs {seconds} s after it should have ended; {doings}") from None

    def stop(self, seconds=8.0):
        """SIGTERM; the server has to end with status 0. A WebSocket that a test has left open keeps it for 5 s."""
        self.signal(signal.SIGTERM)
        equal(self.wait(seconds), 0, "exit status after SIGTERM")

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()

    def close(self):
        """A server that still runs has to stop in good order; one that ended must have been waited for by the test."""
        try:
            if self.popen.poll() is None:
                self.stop()
            elif not self.awaited:
                raise Failure(f"the server ended by itself: {self.ending()}")
        finally:
            self.kill()

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        else:
            self.kill()


def need_rings(reactor):
    """Skips a test of io_uring where there can be none."""
    if reactor == "io_uring" and not are_allowed():
        raise Skip("this kernel has no io_uring, or forbids it")


def prepare(descriptors, denies):
    """In the process that is to be the server: limits, and a system call that fails (`deny`'s two arguments)."""
    set_limits(descriptors)
    if denies:
        deny(*denies)


def set_limits(descriptors):
    """Runs in the server's process before the server: no core files, and only so many descriptors."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def free_port():
    """A TCP port that is free, below the range from which clients get theirs."""
    while True:
        port = random.randrange(10240, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
        return port
