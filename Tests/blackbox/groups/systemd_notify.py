# Tests/blackbox/groups/systemd_notify.py — what the daemon tells systemd: ready, status, reloading, stopping, barrier

import itertools
import re
import signal
import socket
import time

from ..client import request
from ..daemon import Daemon, refused_start
from ..framework import Failure, equal, eventually, test, true
from ..listeners import address_of, ask, listening
from ..notify import NotifySocket
from ..process import Process
from ..site import free_port
from ..websocket import WebSocket
from .log_lines import logged

GROUP, ORDER = "systemd", 70

#: Every assignment that sd_notify(3) knows and that this daemon has a use for.
KNOWN = {
    *("READY", "STATUS", "RELOADING", "MONOTONIC_USEC", "STOPPING", "EXTEND_TIMEOUT_USEC"),
    *("ERRNO", "BARRIER", "WATCHDOG", "MAINPID"),
}


def expect_form(daemon):
    """Every message is well formed, and comes from the main process."""
    true(daemon.notify.messages, "no notification at all")
    for message in daemon.notify.messages:
        equal(message.sender, daemon.popen.pid, f"process that sent {message.text!r}")
        for line in message.text.rstrip("\n").split("\n"):
            name, equals, value = line.partition("=")
            true(equals and name in KNOWN and value, f"not an assignment of sd_notify(3): {line!r}")
            true(value.isprintable(), f"control characters in {line!r}")


@test("READY=1 is said once, when every worker runs and every listener accepts: {0}", cases=("passed", "its own"))
def ready(run, whose):
    for _ in range(10):
        begin(run, [listening(), listening("::1")] if whose == "passed" else [])


def begin(run, sockets):
    """One start; what READY=1 promises is looked at in the moment it comes, while the daemon goes on."""
    port, seen = free_port(), []
    addresses = [address_of(made) for made in sockets] or [("127.0.0.1", port)]

    def look(message):
        seen.append(len(Process(message.sender).threads()))
        seen.extend(ask(address).status for address in addresses)

    keys = {"Workers": 3} | ({} if sockets else {"Listen": f"127.0.0.1:{port}"})
    with Daemon(run, keys, sockets, notify=NotifySocket(run.folder, on_ready=look)) as daemon:
        eventually(lambda: len(seen) > len(addresses), "it does not answer at READY=1", seconds=6)
        true(seen[0] >= 4, f"{seen[0]} threads at READY=1, not main thread and 3 workers")
        equal(set(seen[1:]), {200}, "status of an answer at READY=1")
        equal(len(daemon.notify.all("READY")), 1, "messages with READY=1")
        expect_form(daemon)


@test("$NOTIFY_SOCKET may be {0}", cases=("a path", "an abstract name"))
def kinds(run, kind):
    notify = NotifySocket(run.folder, abstract=kind == "an abstract name")
    with Daemon(run, notify=notify) as daemon:
        equal(daemon.get("/healthz").status, 200, "status")
        expect_form(daemon)


@test("{0} the daemon serves all the same", cases=("without $NOTIFY_SOCKET", "with one where nobody listens"))
def unheard(run, kind):
    environment = {"NOTIFY_SOCKET": f"{run.folder}/nobody.sock"} if "nobody" in kind else {}
    with Daemon(run, notify=False, environment=environment) as daemon:
        equal(daemon.get("/healthz").status, 200, "status")
        daemon.signal(signal.SIGHUP)
        logged(daemon, r"\[LOG\] opened again")
        equal(daemon.get("/healthz").status, 200, "status")


@test("STATUS= says how many connections, WebSockets and workers there are")
def figures(run):
    with Daemon(run) as daemon:
        connections, sockets = [daemon.connect() for _ in range(5)], [WebSocket(daemon) for _ in range(2)]
        pattern = re.compile(r"\b7 conn.*\b2 (?:ws|WebSocket).*\b2 workers", re.IGNORECASE)
        eventually(
            lambda: any(pattern.search(text) for text in daemon.notify.texts()),
            lambda: f"no STATUS with 7 connections, 2 WebSockets, 2 workers: {daemon.notify.texts()}",
        )
        start = time.monotonic()
        for connection in [*connections, *sockets]:
            connection.close()
        eventually(
            lambda: any(re.search(r"\b0 conn", text) for text in daemon.notify.texts(since=start)),
            lambda: f"no STATUS with 0 connections after all have left: {daemon.notify.texts(since=start)}",
        )


@test("STATUS= comes at most once a second, and only when it has changed")
def measured(run):
    with Daemon(run) as daemon:
        start = time.monotonic()
        while time.monotonic() < start + 4:
            with daemon.connect() as connection:
                connection.exchange(request("/healthz"))
            time.sleep(0.02)
        times = [message.time for message in daemon.notify.all("STATUS", since=start)]
        gaps = [round(after - before, 3) for before, after in itertools.pairwise(times)]
        true(1 <= len(times) <= 5, f"{len(times)} STATUS messages in 4 s")
        true(all(gap >= 0.9 for gap in gaps), f"STATUS messages came {gaps} s after each other")
        time.sleep(1.5)
        idle = time.monotonic()
        time.sleep(3)
        equal(daemon.notify.texts(since=idle), [], "STATUS of an idle daemon")
        texts = daemon.notify.texts()
        true(all(before != after for before, after in itertools.pairwise(texts)), f"the same again: {texts}")
        expect_form(daemon)


@test("SIGHUP: RELOADING=1 with MONOTONIC_USEC in one message, then READY=1")
def reloading(run):
    with Daemon(run) as daemon:
        for _ in range(3):
            start = time.monotonic()
            daemon.signal(signal.SIGHUP)
            first = daemon.told("RELOADING", "1", since=start)
            last = daemon.told("READY", "1", since=start)
            true("MONOTONIC_USEC" in first, f"no MONOTONIC_USEC in {first.text!r}")
            moment = int(first["MONOTONIC_USEC"]) / 1e6
            true(start <= moment <= first.time, f"MONOTONIC_USEC={moment} s, not between {start} and {first.time}")
            true(first is not last and first.time <= last.time < start + 1, f"READY=1 at {last.time - start:.3f} s")
            equal(len(daemon.notify.all("RELOADING", since=start)), 1, "messages with RELOADING=1")
            equal(len(daemon.notify.all("READY", since=start)), 1, "messages with READY=1")
        expect_form(daemon)


@test("{0}: STOPPING=1 is the first message, BARRIER=1 alone with one descriptor the last", cases=("SIGTERM", "SIGINT"))
def stopping(run, name):
    with Daemon(run) as daemon:
        start = time.monotonic()
        daemon.signal(getattr(signal, name))
        daemon.await_end()
        messages = [message for message in daemon.notify.messages if message.time >= start]
        true(messages and messages[0].fields.get("STOPPING") == "1", f"first message: {messages[:1]}")
        true(messages[0].time - start < 0.5, f"STOPPING=1 after {messages[0].time - start:.2f} s")
        equal(messages[-1].text.strip(), "BARRIER=1", "last message")
        equal(len(messages[-1].descriptors), 1, "descriptors of the barrier")
        equal(sum("STOPPING" in message for message in messages), 1, "messages with STOPPING=1")
        true(not any("READY" in message for message in messages), "READY=1 after SIGTERM")
        expect_form(daemon)


@test("the end waits for the barrier, but not for ever", slow=True)
def barrier(run):
    with Daemon(run, notify=NotifySocket(run.folder, hold=1.0)) as daemon:
        daemon.await_stopping()
        daemon.told("BARRIER")
        time.sleep(0.7)
        true(daemon.popen.poll() is None, "it ended before its barrier was taken down")
        daemon.await_end(seconds=3)
    with Daemon(run, notify=NotifySocket(run.folder, hold=60.0)) as daemon:
        start = daemon.await_stopping()
        daemon.await_end(seconds=10)
        true(time.monotonic() - start > 1, "it did not wait for the barrier")


@test("while it drains, EXTEND_TIMEOUT_USEC comes again before it has run out, and no longer than DrainTimeout")
def extending(run):
    with Daemon(run, {"DrainTimeout": "4s", "RequestTimeout": "20s"}) as daemon:
        with daemon.connect() as connection:
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: half")
            connection.await_received()
            start = daemon.await_stopping()
            daemon.await_end(seconds=7)
            end = time.monotonic()
        true(3.5 < end - start < 6, f"it drained for {end - start:.1f} s, not 4")
        covered = start
        for message in daemon.notify.all("EXTEND_TIMEOUT_USEC", since=start):
            true(message.time <= covered + 1.2, f"a message {message.time - covered:.2f} s late: {daemon.notify}")
            covered = message.time + int(message["EXTEND_TIMEOUT_USEC"]) / 1e6
        true(covered >= end - 0.2, f"systemd's time was up {end - covered:.2f} s before the end: {daemon.notify}")
        count = len(daemon.notify.all("EXTEND_TIMEOUT_USEC"))
        true(3 <= count <= 8, f"{count} messages with EXTEND_TIMEOUT_USEC in 4 s")


@test(
    "what keeps it from starting is told as ERRNO=, and it ends with another status than 0: {0}",
    cases=(("a port in use", 98), ("an address that is not here", 99), ("a log file in no directory", 2)),
)
def fatal(run, problem, number):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        keys = {
            "a port in use": {"Listen": f"127.0.0.1:{taken.getsockname()[1]}"},
            "an address that is not here": {"Listen": "192.0.2.1:8000"},
            "a log file in no directory": {"LogFile": f"{run.folder}/none/async-nostd.log"},
        }[problem]
        daemon = refused_start(run, keys=keys)
    told = [message["ERRNO"] for message in daemon.notify.all("ERRNO")]
    equal(told, [str(number)], f"ERRNO ({daemon.notify})")
    if len(daemon.errors().splitlines()) != 1:
        raise Failure(f"not one line on standard error: {daemon.errors()!r}")
