# Tests/blackbox/groups/browser_ends.py — tabs that come and go, and servers that go and come

import re
import signal

from ..chromium import Chromium
from ..console import Console, origin_of
from ..framework import equal, eventually, test, true
from .browser import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)


def open_sockets(server):
    """How many WebSockets the server says are open."""
    return int(re.search(r"^async_nostd_websockets_open (\d+)$", server.get("/metrics").body.decode(), re.MULTILINE)[1])


def expect_nobody(server, descriptors):
    """Nobody is connected: no WebSocket is counted, no descriptor is left, and no thread uses the processor."""
    eventually(lambda: open_sockets(server) == 0, lambda: f"{open_sockets(server)} WebSockets are open", seconds=10)
    eventually(
        lambda: server.process.descriptors() <= descriptors,
        lambda: f"{server.process.descriptors()} descriptors are open, {descriptors} were before",
        seconds=10,
    )
    load = server.process.load(1.0)
    true(load < 0.05, f"the server uses {load:.1%} of a processor while nobody is there")


def visited(server):
    """The number of descriptors of a server that has served a tab, which is gone."""
    with Console(server) as console:
        console.echo("first visit")
    eventually(lambda: open_sockets(server) == 0, "the WebSocket of a closed tab stays open")
    counts = [server.process.descriptors()]

    def stands():
        counts.append(server.process.descriptors())
        return len(counts) > 3 and len(set(counts[-3:])) == 1

    eventually(stands, lambda: f"the number of descriptors does not come to rest: {counts}", interval=0.05)
    return counts[-1]


@test("six tabs at once: each has its own echoes, and only these")
def tabs(site):
    consoles = []
    try:
        for _ in range(6):
            consoles.append(Console(site))
        for turn in range(3):
            for index, console in enumerate(consoles):
                console.say(f"tab {index} turn {turn}")
        for index, console in enumerate(consoles):
            console.await_line(f"tab {index} turn 2")
            echoes = [line for line in console.lines("in") if "turn" in line]
            equal(len(echoes), 3, f"echoes in tab {index}: {echoes}")
            true(all(f"tab {index} turn {turn}" in echoes[turn] for turn in range(3)), f"tab {index} shows {echoes}")
            console.tab.in_order()
    finally:
        for console in consoles:
            console.tab.close()


@test(
    "after {0} and a restart on the same port the page connects again, and echoes",
    cases=("SIGTERM", "SIGKILL"),
    limit=120.0,
)
def restart(site, name):
    with site.fresh() as server:
        server.own()
        with Console(server) as console:
            console.echo("before")
            server.signal(signal.Signals[name])
            server.wait()
            console.await_state("waiting")
            with site.fresh(port=server.port) as again:
                console.await_state("open", seconds=40.0)
                console.echo("after")
                equal(open_sockets(again), 1, "WebSockets open on the new server")


@test("while the server is down the page tries again and again, but not without a pause")
def backoff(site):
    with site.fresh() as server:
        server.own()
        with Console(server) as console:
            server.signal(signal.SIGKILL)
            server.wait()
            sockets = console.tab.traffic.sockets
            console.tab.wait(lambda: len(sockets) >= 4, lambda: f"{len(sockets)} attempts", seconds=20)
            console.await_state("waiting")
            true(len(sockets) < 12, f"{len(sockets)} attempts in so short a time")


@test("a tab that is closed says goodbye with 1001 or not at all, and leaves no descriptor")
def closed(site):
    with site.fresh() as server:
        server.own()
        descriptors = visited(server)
        with Console(server) as console:
            console.echo("still here")
        expect_nobody(server, descriptors)

        def closed_lines():
            return [line for line in server.log() if line.startswith("[WS]") and " closed " in line]

        eventually(lambda: len(closed_lines()) >= 2, lambda: f"lines in the log: {closed_lines()}")
        ends = closed_lines()
        equal(len(ends), 2, f"lines in the log: {ends}")
        true(all(re.search(r"code=(1001|1005|1006) by=peer", line) for line in ends), f"{ends}")


@test("who goes to another page and back finds the console open, with one WebSocket")
def back(site):
    site.own()
    with site.fresh() as server, Console(server) as console:
        console.echo("before")
        console.tab.goto(f"{origin_of(server)}/healthz")
        console.tab.evaluate("history.back()")
        console.tab.until("location.pathname === '/'", "the tab does not go back")
        console.await_state("open")
        console.echo("after")
        eventually(lambda: open_sockets(server) == 1, lambda: f"{open_sockets(server)} WebSockets are open")


@test("tabs that crash leave no thread that spins, and no descriptor")
def crash(site):
    with site.fresh() as server:
        server.own()
        descriptors, consoles = visited(server), []
        try:
            for _ in range(3):
                consoles.append(Console(server))
                consoles[-1].echo("not for long")
            equal(open_sockets(server), 3, "WebSockets open")
            true(server.process.descriptors() >= descriptors + 3, "no descriptor for each WebSocket")
            for console in consoles:
                console.tab.crash()
            eventually(lambda: open_sockets(server) == 0, "WebSockets of crashed tabs stay open", seconds=10)
            load = server.process.load(1.0)
            true(load < 0.05, f"the server uses {load:.1%} of a processor after the crash")
        finally:
            # The connections that Chromium kept for further requests are closed with the tab's context.
            for console in consoles:
                console.tab.close()
        expect_nobody(server, descriptors)


@test("a browser that is killed with all its tabs leaves no thread that spins, and no descriptor")
def killed(site):
    with site.fresh() as server:
        server.own()
        descriptors = visited(server)
        with Chromium((server.address[0],)) as browser:
            tabs = [browser.open(origin_of(server) + "/") for _ in range(3)]
            tabs[0].wait(lambda: open_sockets(server) == 3, "three tabs do not connect")
            browser.kill()
        expect_nobody(server, descriptors)
        with Console(server) as console:
            console.echo("another browser")
