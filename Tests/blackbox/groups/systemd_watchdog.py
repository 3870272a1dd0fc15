# Tests/blackbox/groups/systemd_watchdog.py — pings at half the interval, while every worker answers, and not otherwise

import itertools
import re
import time

from ..client import request
from ..daemon import Daemon
from ..flood import flood
from ..framework import equal, eventually, test, true
from ..journal import Journal
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)


def pings(daemon, since=0.0):
    """When WATCHDOG=1 came."""
    return [message.time for message in daemon.notify.all("WATCHDOG", since) if message["WATCHDOG"] == "1"]


def expect_pings(daemon, start, end, interval):
    """Between two times, no two pings are `interval` apart, and there are about two in each."""
    times = [start, *(ping for ping in pings(daemon, start) if ping <= end), end]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    true(max(gaps) < interval, f"{max(gaps):.3f} s without a ping, at an interval of {interval} s")
    expected, count = 2 * (end - start) / interval, len(times) - 2
    true(0.7 * expected - 1 <= count <= 1.3 * expected + 1, f"{count} pings, about {expected:.0f} expected")


@test("pings come at half of {0} s", cases=(0.3, 1.0, 2.0))
def rhythm(run, interval):
    with Daemon(run, watchdog=interval) as daemon:
        time.sleep(max(2.0, 3 * interval))
        expect_pings(daemon, daemon.told("READY").time, time.monotonic(), interval)


@test(
    "no pings without a watchdog of its own: {0}",
    cases=(
        ("no variables", {}),
        ("WATCHDOG_PID of another process", {"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"}),
    ),
)
def unwatched(run, _, environment):
    with Daemon(run, environment=environment) as daemon:
        time.sleep(1)
        equal(pings(daemon), [], "pings")


@test("$WATCHDOG_USEC without $WATCHDOG_PID is meant for it")
def any_process(run):
    with Daemon(run, environment={"WATCHDOG_USEC": "200000"}) as daemon:
        eventually(lambda: len(pings(daemon)) >= 3, "no pings")


@test("{0}, all workers idle for 10 s: pings go on, and the processor stays idle", cases=("epoll", "ppoll"), slow=True)
def idle(run, reactor):
    with Daemon(run, {"Workers": 4, "Reactor": reactor}, watchdog=0.2) as daemon:
        time.sleep(1)
        start, used = time.monotonic(), daemon.process.processor_seconds()
        time.sleep(10)
        used, end = daemon.process.processor_seconds() - used, time.monotonic()
        expect_pings(daemon, start, end, 0.2)
        true(used < 0.1, f"{used:.3f} s of processor time in 10 s")


@test("with a watchdog of a minute, 4 idle workers use no processor time", slow=True)
def asleep(run):
    with Daemon(run, {"Workers": 4}, watchdog=60) as daemon:
        time.sleep(2)
        switches, used = sum(daemon.process.switches().values()), daemon.process.processor_seconds()
        time.sleep(5)
        used = daemon.process.processor_seconds() - used
        switches = sum(daemon.process.switches().values()) - switches
        true(used < 0.005 and switches < 20, f"{used:.4f} s of processor time and {switches} switches in 5 s")


@test("pings go on under load, and while it drains")
def busy(run):
    with Daemon(run, {"DrainTimeout": "2s"}, watchdog=1.0) as daemon:
        start = time.monotonic()
        flood(daemon, 200_000)
        expect_pings(daemon, start, time.monotonic(), 1.0)
        with daemon.connect() as connection:
            connection.send(b"GET / HTTP/1.1\r\nHost: half")
            connection.await_received()
            start = daemon.await_stopping()
            daemon.await_end()
        expect_pings(daemon, start, time.monotonic(), 1.0)


def block(daemon, milliseconds, how="block"):
    """Has one worker do nothing else for so long; the connection that waits for its answer."""
    connection = daemon.connect(timeout=10)
    connection.send(request(f"/{how}/{milliseconds}"))
    return connection


@test("a worker that is blocked for less than half the interval costs no ping")
def hiccup(run):
    with Daemon(run, watchdog=1.0, name="check-daemon") as daemon:
        start = time.monotonic()
        for _ in range(10):
            with block(daemon, 250) as connection:
                equal(connection.read_response().status, 200, "status")
            # Or the worker accepts the next one before it has looked at anything else.
            time.sleep(0.02)
        expect_pings(daemon, start, time.monotonic(), 1.0)
        true(not any("[WATCHDOG]" in line for line in daemon.log()), f"a warning: {daemon.log()}")


@test("a worker that is blocked for most of the interval, again and again: the ping comes as soon as it answers")
def long_hiccup(run):
    with Daemon(run, watchdog=2.0, name="check-daemon") as daemon:
        eventually(lambda: len(pings(daemon)) >= 2, "no pings", 5)
        start = time.monotonic()
        # At all phases of the looks, which are a second apart.
        for pause in (0.1, 0.35, 0.6, 0.85):
            time.sleep(pause)
            with block(daemon, 1700) as connection:
                equal(connection.read_response().status, 200, "status")
        gaps = [after - before for before, after in itertools.pairwise([*pings(daemon, start), time.monotonic()])]
        true(max(gaps) < 1.95, f"{max(gaps):.3f} s without a ping, at an interval of 2 s")


@test("one blocked worker of {0}: pings stop within an interval; log, status and journal name it", cases=(1, 2, 4))
def stuck(run, workers):
    journal, interval = Journal(run.folder), 1.0
    with Daemon(run, {"Workers": workers}, watchdog=interval, journal=journal, name="check-daemon") as daemon:
        eventually(lambda: len(pings(daemon)) >= 2, "no pings")
        start = time.monotonic()
        with block(daemon, 4000) as connection:
            time.sleep(3.5)
            late = [round(ping - start, 2) for ping in pings(daemon, start + interval)]
            equal(late, [], f"pings later than {interval} s after the block began")
            line = next((line for line in daemon.log() if line.startswith("[WATCHDOG]")), None)
            true(line, f"no [WATCHDOG] line: {daemon.log()[-5:]}")
            number = re.search(r"\bworker[= ](\d+)", line)
            true(number and int(number[1]) < workers, f"no worker is named in {line!r}")
            name = re.compile(rf"\bworker[= ]{number[1]}\b")
            true(any(name.search(text) for text in daemon.notify.texts(since=start)), f"STATUS: {daemon.notify}")
            entry = journal.wait(TAG="WATCHDOG")
            true(name.search(entry["MESSAGE"]), f"the journal's entry: {entry}")
            true(int(entry["PRIORITY"]) <= 3, f"its priority: {entry}")
            equal(connection.read_response().status, 200, "status after the block")
        daemon.signal(15)
        daemon.await_end()


@test(
    "a worker that {0} for 3 s: WATCHDOG=trigger is {1}",
    cases=(("sleeps and will not wake", "sent once or more", "hang", True), ("computes", "not sent", "block", False)),
)
def deadlock(run, _, __, how, proven):
    with Daemon(run, watchdog=0.6, name="check-daemon") as daemon:
        with block(daemon, 3000, how) as connection:
            equal(connection.read_response().status, 200, "status after it")
        triggers = [message.time for message in daemon.notify.all("WATCHDOG") if message["WATCHDOG"] == "trigger"]
        equal(bool(triggers), proven, f"WATCHDOG=trigger among {daemon.notify}")


@test("the other workers serve on while one is blocked")
def others(run):
    # With Accept=thread, each of the four has a quarter of the connections.
    with Daemon(run, {"Workers": 4, "Accept": "thread"}, watchdog=1.0, name="check-daemon") as daemon:
        crowd = [daemon.connect(timeout=1) for _ in range(32)]
        with block(daemon, 1500):
            time.sleep(0.1)
            answered = 0
            for connection in crowd:
                connection.send(request("/healthz"))
            time.sleep(0.5)
            for connection in crowd:
                answered += not connection.is_silent(0)
            true(20 <= answered <= 28, f"{answered} of 32 connections were answered by the 3 other workers")
            time.sleep(1)
        for connection in crowd:
            connection.close()


@test("a worker that is blocked gets no new connections, and the log names it once; Accept={0}", cases=("workers", "thread"))
def no_connections(run, accept):
    with Daemon(run, {"Workers": 2, "Accept": accept}, name="check-daemon") as daemon:
        with block(daemon, 4000) as connection:
            time.sleep(1.2)
            for _ in range(20):
                with daemon.connect(timeout=2) as other:
                    other.send(request("/healthz"))
                    equal(other.read_response().status, 200, "a new connection's status")
            # The line is written by another thread than the one that names the worker.
            eventually(lambda: any("blocked-for=" in line for line in daemon.log()), "no line that names it")
            named = [line for line in daemon.log() if line.startswith("[WORKER]") and "blocked-for=" in line]
            equal(len(named), 1, f"lines that name a blocked worker: {named}")
            equal(connection.read_response().status, 200, "status after the block")
        eventually(lambda: any("turns-again-after=" in line for line in daemon.log()), "no line at its end")
        equal(sum("blocked-for=" in line for line in daemon.log()), 1, "lines that name a blocked worker")
