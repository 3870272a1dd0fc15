# Tests/blackbox/groups/systemd_reload.py — SIGHUP: the new configuration, checked first, and the log opened again

import re
import signal
import time

from ..client import request
from ..daemon import Daemon
from ..framework import equal, eventually, test, true
from ..websocket import TEXT, WebSocket, frame, handshake
from .log_lines import logged
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)


def ends_after(connection):
    """How long after one more request, and silence, the server closes the connection."""
    start = time.monotonic()
    equal(connection.exchange(request("/healthz")).status, 200, "status")
    connection.expect_end("an idle connection")
    return time.monotonic() - start


@test("IdleTimeout applies live, to new connections and to old ones")
def idle_timeout(run):
    with Daemon(run, {"IdleTimeout": "30s"}) as daemon:
        old = daemon.connect()
        equal(old.exchange(request("/healthz")).status, 200, "status")
        daemon.configure(IdleTimeout="1s")
        daemon.reload()
        with daemon.connect() as connection:
            true(0.7 < ends_after(connection) < 3, "IdleTimeout=1s does not hold on a new connection")
        with old:
            true(0.7 < ends_after(old) < 3, "IdleTimeout=1s does not hold on an old connection")


@test("RequestTimeout, MaxConnections and MaxMessage apply live")
def limits(run):
    with Daemon(run) as daemon:
        daemon.configure(RequestTimeout="1s", MaxMessage=100, MaxConnections=3)
        daemon.reload()
        with daemon.connect() as slow, WebSocket(daemon) as socket:
            start = time.monotonic()
            slow.send(b"GET /")
            equal(slow.read_response().status, 408, "status of a request that does not come whole")
            true(0.7 < time.monotonic() - start < 3, "RequestTimeout=1s does not hold")
            socket.send(frame(TEXT, b"x" * 101))
            socket.expect_failure(1009)
        with daemon.connect() as first, daemon.connect() as second, daemon.connect() as third:
            for connection in (first, second, third):
                equal(connection.exchange(request("/healthz")).status, 200, "status")
            with daemon.connect() as fourth:
                fourth.send(request("/healthz"))
                true(fourth.is_silent(0.5), "a fourth connection is served, with MaxConnections=3")
                first.close()
                equal(fourth.read_response().status, 200, "status after one has left")


@test("LogLevel and AccessLog apply live")
def log_keys(run):
    with Daemon(run) as daemon:
        daemon.get("/healthz")
        logged(daemon, r"\[HTTP\] ")
        daemon.configure(AccessLog="off")
        daemon.reload()
        daemon.get("/nothing-of-this-is-logged")
        daemon.configure(AccessLog="combined")
        daemon.reload()
        daemon.get("/healthz?combined")
        logged(daemon, r'127\.0\.0\.1 - - \[.*"GET /healthz\?combined HTTP/1\.1" 200 3 ')
        true(not any("nothing-of-this" in line for line in daemon.log()), "a request was logged with AccessLog=off")
        daemon.configure(AccessLog="tag", LogLevel="error")
        daemon.reload()
        size = len(daemon.log())
        daemon.get("/healthz")
        # At its end all lines are in the file.
        daemon.stop()
        equal(daemon.log()[size:], [], "lines with LogLevel=error")


@test("Origins apply live")
def origins(run):
    with Daemon(run) as daemon:
        WebSocket(daemon, "/ws", "Origin: https://other.example").finish()
        daemon.configure(Origins="https://example.org")
        daemon.reload()
        WebSocket(daemon, "/ws", "Origin: https://example.org").finish()
        with WebSocket(daemon, open=False) as socket:
            socket.send(handshake("/ws", "Origin: https://other.example"))
            equal(socket.read_response().status, 403, "status for another origin")


@test(
    "{0} cannot change live: a warning says that it takes effect after a restart, and the old value stays",
    cases=(("Workers", 4), ("Reactor", "ppoll"), ("Accept", "thread"), ("Listen", "127.0.0.1:1")),
)
def restart_only(run, key, value):
    with Daemon(run) as daemon:
        threads = len(daemon.process.threads())
        daemon.configure(**{key: value})
        daemon.reload()
        line = logged(daemon, rf"\[[A-Z]+\] .*\b{key}\b.*after a restart").string
        equal(sum("after a restart" in each for each in daemon.log()), 1, f"warnings beside {line!r}")
        equal(len(daemon.process.threads()), threads, "threads")
        equal(daemon.get("/healthz").status, 200, "status")


@test(
    "SIGHUP with a wrong configuration keeps the old one, and says so with file and line: {0}",
    cases=(
        ("an unknown key", "Nonsense=1", "Nonsense"),
        ("a wrong value", "IdleTimeout=soon", "IdleTimeout"),
        ("a value out of range", "Workers=100000", "Workers"),
    ),
)
def wrong(run, _, line, word):
    with Daemon(run, {"IdleTimeout": "30s"}) as daemon:
        text = daemon.configuration_path.read_text()
        section = "[Server]" if word == "Workers" else "[HTTP]"
        daemon.configuration_path.write_text(f"[HTTP]\nIdleTimeout=1s\n{section}\n{line}\n")
        start = time.monotonic()
        daemon.reload()
        place = re.escape(f"{daemon.configuration_path}:4: ")
        logged(daemon, rf"\[[A-Z]+\] .*{place}.*{word}")
        eventually(
            lambda: any("configuration" in status for status in daemon.notify.texts(since=start)),
            lambda: f"STATUS says nothing of the configuration: {daemon.notify.texts(since=start)}",
        )
        with daemon.connect() as connection:
            connection.exchange(request("/healthz"))
            true(connection.is_silent(1.8), "IdleTimeout=1s of the wrong file was taken over")
        daemon.configuration_path.write_text(text.replace("IdleTimeout=30s", "IdleTimeout=1s"))
        daemon.reload()
        with daemon.connect() as connection:
            true(0.7 < ends_after(connection) < 3, "the configuration was mended, and is not in force")


@test("at SIGHUP too, the command line wins over the environment, and that over the file")
def precedence(run):
    words, environment = ("--set", "idleTimeout=30s"), {"ASYNC_NOSTD_IDLE_TIMEOUT": "1s"}
    with Daemon(run, arguments=words, environment=environment) as daemon:
        daemon.configure(IdleTimeout="1s", RequestTimeout="19s")
        daemon.reload()
        logged(daemon, r"\[CONFIG\] RequestTimeout")
        true(not any("IdleTimeout" in line for line in daemon.log()), "IdleTimeout of the file won")
        with daemon.connect() as connection:
            connection.exchange(request("/healthz"))
            true(connection.is_silent(1.5), "IdleTimeout of the file or of the environment is in force")


@test("SIGHUP reads drop-ins, FILE.d/*.conf, in the order of their names: the last one wins")
def drop_ins(run):
    with Daemon(run, {"IdleTimeout": "30s"}) as daemon:
        folder = daemon.configuration_path.with_name(daemon.configuration_path.name + ".d")
        folder.mkdir()
        (folder / "20-last.conf").write_text("[HTTP]\nIdleTimeout=1s\n")
        (folder / "10-first.conf").write_text("[HTTP]\nIdleTimeout=20s\n")
        (folder / "30-other.txt").write_text("nonsense\n")
        daemon.reload()
        with daemon.connect() as connection:
            true(0.7 < ends_after(connection) < 3, "IdleTimeout=1s of the last drop-in does not hold")


@test("SIGHUP without its configuration file keeps the old configuration, and says so")
def missing(run):
    with Daemon(run) as daemon:
        daemon.configuration_path.unlink()
        daemon.reload()
        logged(daemon, rf"\[[A-Z]+\] .*{re.escape(str(daemon.configuration_path))}")
        equal(daemon.get("/healthz").status, 200, "status")


@test("SIGUSR1 opens the log again, and reads no configuration")
def reopen_only(run):
    with Daemon(run) as daemon:
        daemon.get("/healthz")
        logged(daemon, r"\[HTTP\] ")
        daemon.configure(AccessLog="off")
        old = daemon.log_path.with_suffix(".1")
        daemon.log_path.rename(old)
        daemon.signal(signal.SIGUSR1)
        eventually(daemon.log_path.exists, "no new file after SIGUSR1")
        logged(daemon, r"\[LOG\] opened again")
        daemon.get("/nothing")
        logged(daemon, r"\[HTTP\] .*status=404")
        true("status=404" not in old.read_text(), "the old file is still written to")
        equal(daemon.notify.all("RELOADING"), [], "RELOADING=1 for SIGUSR1")


@test("SIGUSR2 writes [DUMP] lines: workers, tasks, connections, heap; and serves on")
def dump(run):
    with Daemon(run, {"Workers": 3}) as daemon:
        crowd = [daemon.connect() for _ in range(7)]
        for connection in crowd:
            connection.exchange(request("/healthz"))
        for _ in range(3):
            lines = dumped(daemon)
            for number in range(3):
                true(any(re.search(rf"\bworker[= ]{number}\b", line) for line in lines), f"no worker {number}: {lines}")
        for connection in crowd:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
            connection.close()


def dumped(daemon):
    """The lines that SIGUSR2 adds to the log, as soon as they say everything."""
    before = len(daemon.log())
    daemon.signal(signal.SIGUSR2)

    def lines():
        found = [line for line in daemon.log()[before:] if line.startswith("[DUMP]")]
        words = ("worker", "task", "connection", "heap")
        return found if all(any(word in line for line in found) for word in words) else None

    return eventually(
        lines, lambda: f"no [DUMP] lines of workers, tasks, connections and heap: {daemon.log()[before:]}"
    )


@test("HeapLimit applies live")
def heap_limit(run):
    with Daemon(run, {"HeapLimit": "64M"}) as daemon:
        daemon.configure(HeapLimit="128M")
        daemon.reload()
        logged(daemon, r"\[CONFIG\] HeapLimit has changed")
        daemon.signal(signal.SIGUSR2)
        logged(daemon, rf"\[DUMP\] .*heap-limit={128 << 20}(?: |\Z)")
