# Tests/blackbox/daemon.py — async-nostdd as systemd would start it: passed sockets, notifications, watchdog, journal

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

from .framework import Failure, Skip, eventually
from .listeners import address_of
from .notify import NotifySocket
from .process import Process
from .site import Server, Site, free_port, need_rings, set_limits

HEADER = Path("/usr/include/systemd/sd-daemon.h")

#: The section of each key that the tests set.
SECTIONS = {
    "Server": ["Listen", "AdminListen", "AdminRoutes", "Workers", "Reactor", "Accept", "DrainTimeout"],
    "Limits": ["MaxConnections", "HeapLimit"],
    "HTTP": ["IdleTimeout", "RequestTimeout", "WriteTimeout", "LingerTimeout", "MaxRequestHead", "MaxRequestBody"],
    "WebSocket": ["Origins", "PingInterval", "PingTimeout", "CloseTimeout", "CloseSpread", "MaxMessage", "MaxFrame"],
    "Log": ["LogFile", "LogLevel", "LogTruncate", "LogJournal", "AccessLog"],
}

#: What the environment of a daemon under test has from us alone.
MANAGED = ("NOTIFY_SOCKET", "WATCHDOG_", "LISTEN_", "JOURNAL_STREAM", "INVOCATION_ID", "LOGS_DIRECTORY", "ASYNC_NOSTD_")


def program(run, name="async-nostdd"):
    """The path of an executable beside the server under test. Without libsystemd's headers there is none."""
    run.need_build()
    path = run.executable.resolve().with_name(name)
    if not path.exists():
        if not HEADER.exists():
            raise Skip(f"libsystemd-dev is not installed, so there is no {name}")
        raise Failure(f"{path} was not built")
    return path


def configuration_text(keys):
    """A configuration file: `Key=value` lines under their sections; a list becomes a line for each."""
    lines = []
    for section, names in SECTIONS.items():
        chosen = [name for name in names if name in keys]
        lines += [f"[{section}]"] if chosen else []
        for name in chosen:
            values = keys[name] if isinstance(keys[name], (list, tuple)) else [keys[name]]
            lines += [f"{name}={value}" for value in values]
    if unknown := set(keys) - {name for names in SECTIONS.values() for name in names}:
        raise LookupError(f"the tests know no section for {unknown}")
    return "\n".join(lines) + "\n"


class Daemon(Server):
    """A running async-nostdd.

    `sockets` become descriptors 3, 4 and so on of the process, with `names`, as of sd_listen_fds(3); without any, it
    listens on a port of 127.0.0.1 by itself. `keys` are its configuration; `environment` wins over everything that is
    made here (None takes a variable out, and $$ is the daemon's process id). `watchdog` is in seconds. Unless
    `ready=False`, it has said READY=1 when the constructor returns.
    """

    def __init__(
        self,
        run,
        keys=None,
        sockets=(),
        names=None,
        environment=None,
        arguments=(),
        watchdog=None,
        journal=None,
        notify=True,
        ready=True,
        name="async-nostdd",
    ):
        need_rings((keys or {}).get("Reactor"))
        self.port = None if sockets else free_port()
        Site.__init__(self, ("127.0.0.1", self.port) if self.port else address_of(sockets[0]))
        self.executable, self.arguments, self.run = program(run, name), arguments, run
        self.base = run.folder / f"daemon-{time.monotonic_ns()}"
        self.log_path, self.error_path = self.base.with_suffix(".log"), self.base.with_suffix(".stderr")
        self.configuration_path = self.base.with_suffix(".conf")
        self.keys = {"Workers": 2, "LogFile": self.log_path}
        if not sockets:
            self.keys["Listen"] = f"127.0.0.1:{self.port}"
        self.configure(**(keys or {}))
        self.sockets, self.names, self.watchdog, self.journal = list(sockets), names, watchdog, journal
        self.notify = NotifySocket(run.folder) if notify is True else notify or None
        self.given, self.awaited = environment or {}, False
        run.servers.append(self)
        self.start()
        if ready:
            self.await_ready()

    # Its start

    def configure(self, **keys):
        """Writes its configuration file, with these changes (None takes a key out)."""
        self.keys = {key: value for key, value in {**self.keys, **keys}.items() if value is not None}
        self.configuration_path.write_text(configuration_text(self.keys))

    def start(self):
        """Starts a process; after the end of one, the next, with the same sockets and the same files."""
        # Far away from the numbers where the passed ones will be.
        copies = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, 100) for each in self.sockets]
        self.command = [self.executable, "--config", self.configuration_path, *self.arguments]
        self.started = time.monotonic()
        with open(self.error_path, "ab") as errors:
            self.popen = subprocess.Popen(
                [*self.namespace(), "bash", "-c", self.script(copies), "bash", *map(str, self.command)],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env=self.environment(errors),
                pass_fds=copies,
                cwd=self.run.folder,
                preexec_fn=lambda: set_limits(None),
            )
        for copy in copies:
            os.close(copy)
        self.process, self.awaited = Process(self.popen.pid), False

    def script(self, copies):
        """What comes before the program, in its own process: descriptors in their places, and its process id."""
        lines = ["set -e"]
        if self.journal:
            lines += [
                "mount -t tmpfs none /run",
                "mkdir -p /run/systemd/journal",
                f"ln -s {self.journal.folder}/socket /run/systemd/journal/socket",
            ]
        lines += [f"exec {3 + index}<&{copy}-" for index, copy in enumerate(copies)]
        lines += [f"export {name}=$$" for name in self.own_numbers()]
        return "\n".join([*lines, 'exec "$@"'])

    def namespace(self):
        return ["unshare", "--mount", "--propagation", "private"] if self.journal else []

    def own_numbers(self):
        """The variables that hold the process id, which only the process itself knows."""
        usual = (["LISTEN_PID"] if self.sockets else []) + (["WATCHDOG_PID"] if self.watchdog else [])
        given = [name for name, value in self.given.items() if value == "$$"]
        return [name for name in usual if name not in self.given] + given

    def environment(self, errors):
        values = {name: value for name, value in os.environ.items() if not name.startswith(MANAGED)}
        if self.notify:
            values["NOTIFY_SOCKET"] = self.notify.name
        if self.watchdog:
            values["WATCHDOG_USEC"] = str(round(self.watchdog * 1e6))
        if self.sockets:
            values["LISTEN_FDS"] = str(len(self.sockets))
            if self.names is not None:
                values["LISTEN_FDNAMES"] = ":".join(self.names)
        if self.journal:
            status = os.fstat(errors.fileno())
            values["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
        values.update((name, value) for name, value in self.given.items() if value != "$$")
        return {name: str(value) for name, value in values.items() if value is not None}

    def await_ready(self, seconds=5.0):
        """Waits for the READY=1 of this process; without a notify socket, until somebody answers."""

        def ready():
            if self.popen.poll() is not None:
                raise Failure(f"the daemon ended at once, {self.ending()}: {self.command}\n{self.tail()}")
            return self.notify.all("READY", since=self.started) if self.notify else self.accepts()

        eventually(ready, lambda: f"the daemon is not ready after {seconds} s\n{self.tail()}", seconds)

    # Talking to it

    def told(self, name, value=None, seconds=5.0, since=0.0):
        """The first notification with this field (and value), waiting for it."""
        return self.notify.wait(name, value, seconds, since)

    def reload(self, number=signal.SIGHUP):
        """SIGHUP; waits for the READY=1 that ends it, for each worker to have taken over what is new, and for the lines
        about it to be in the log and the journal: both come after that.
        """
        start = time.monotonic()
        self.signal(number)
        self.told("RELOADING", "1", since=start)
        ready = self.told("READY", "1", since=start)
        self.process.await_rest()
        return ready

    def await_stopping(self):
        """SIGTERM, and waits for STOPPING=1; returns the time of the signal."""
        start = time.monotonic()
        self.signal(signal.SIGTERM)
        if self.notify:
            self.told("STOPPING", "1", since=start)
        return start

    def await_end(self, status=0, seconds=8.0):
        """Waits for its end."""
        actual = self.wait(seconds)
        if actual != status:
            raise Failure(f"exit status: expected {status}, got {actual}\n{self.tail()}")

    # Its end

    def close(self):
        try:
            super().close()
            for part in (self.notify, self.journal):
                if part:
                    part.check()
        finally:
            self.kill()

    def kill(self):
        super().kill()
        if self.notify and self.notify.socket.fileno() >= 0:
            self.notify.close()

    def files(self):
        """Its configuration and all that it wrote, rotated logs too."""
        return [path for path in self.base.parent.glob(f"{self.base.name}.*") if path.is_file()]

    def tail(self, count=20):
        return super().tail(count) + (f"\n--- notifications\n{self.notify}" if self.notify else "")


def refused_start(run, *parts, seconds=5, **options):
    """Starts a daemon that must refuse to: status 1 to 255, `parts` in one line on standard error; returns it."""
    daemon = Daemon(run, ready=False, **options)
    status = daemon.wait(seconds)
    if status <= 0:
        raise Failure(f"exit status {status}\n{daemon.tail()}")
    lines = [line for line in daemon.errors().splitlines() if all(part.lower() in line.lower() for part in parts)]
    if not lines:
        raise Failure(f"no line with {parts} on standard error\n{daemon.tail()}")
    if daemon.notify and daemon.notify.all("READY"):
        raise Failure(f"it said READY=1: {daemon.notify}")
    return daemon
