# Tests/blackbox/groups/stress_ws.py — crowds of WebSockets, and peers that mean ill: others must not notice

import contextlib
import signal
import threading
import time

from ..framework import equal, eventually, test, true
from ..websocket import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    WebSocket,
    close_frame,
    fragments,
    frame,
    handshake,
    head,
)
from .http_patience import fill
from .stress import AGAINST_URL, GROUP, KIBIBYTE, MEBIBYTE, ORDER, expect_back  # noqa: F401 (read by the runner)


def warm_up(site):
    """Lets every worker serve some WebSockets, so that what is made once is made before memory is measured."""
    crowd = [WebSocket(site) for _ in range(64)]
    for socket in crowd:
        socket.echo(b"warm")
        socket.finish()
    if site.process:
        site.settle()


def open_crowd(site, count):
    """Many WebSockets, their handshakes all under way at once."""
    crowd = []
    for _ in range(count):
        crowd.append(WebSocket(site, open=False, timeout=10))
        crowd[-1].send(handshake())
    for socket in crowd:
        socket.read_handshake()
    return crowd


@test("5,000 idle WebSockets take at most 1 KiB each, echo afterwards, and all end with 1001 at SIGTERM", limit=120.0)
def idle_sockets(run):
    with run.fresh() as site:
        warm_up(site)
        figures = (site.process.resident(), site.process.descriptors()) if site.process else None
        crowd = open_crowd(site, 5000)
        try:
            for socket in crowd:
                socket.echo(b"a message of 20 byte")
            if figures:
                growth = (site.process.resident() - figures[0]) / len(crowd)
                run.say(f"     {growth:12,.0f} bytes for each idle WebSocket")
                true(growth <= KIBIBYTE, f"each idle WebSocket takes {growth:.0f} bytes")
            for socket in crowd[::10]:
                socket.echo(b"after a rest", BINARY)
            if not figures:
                return
            for socket in crowd[:1000]:
                socket.close()
            expect_back(site, figures[0] + 4000 * KIBIBYTE, figures[1] + 4000)
            site.signal(signal.SIGTERM)
            for socket in crowd[1000:]:
                socket.expect_close(1001)
                socket.send(close_frame(1001))
            for socket in crowd[1000:]:
                socket.expect_end()
            equal(site.wait(10), 0, "exit status")
        finally:
            for socket in crowd:
                socket.close()


@test("20,000 WebSockets come, echo and go: nothing is left behind", limit=120.0)
def comings_and_goings(run):
    with run.fresh() as site:
        warm_up(site)
        figures = (site.process.resident(), site.process.descriptors()) if site.process else None
        data, start = handshake() + frame(TEXT, b"hello") + close_frame(1000), time.monotonic()
        sources = [f"127.0.0.{index}" for index in range(2, 10)] if site.address[0] == "127.0.0.1" else [None]
        for turn in range(200):
            crowd = [WebSocket(site, open=False, source=sources[turn % len(sources)]) for _ in range(100)]
            for socket in crowd:
                socket.send(data)
            for socket in crowd:
                socket.read_handshake()
                socket.expect(TEXT, b"hello")
                socket.expect_failure(1000)
                socket.close()
        run.say(f"     {20_000 / (time.monotonic() - start):12,.0f} WebSockets a second")
        if figures:
            expect_back(site, *figures)


@test("1,000,000 echoes over 64 WebSockets, in batches of 100", limit=120.0)
def million(run):
    batch, answer = frame(TEXT, b"twenty bytes of text") * 100, b"\x81\x14twenty bytes of text" * 100
    with run.fresh() as site:
        warm_up(site)
        figures = (site.process.resident(), site.process.descriptors()) if site.process else None
        crowd, start = open_crowd(site, 64), time.monotonic()
        for _ in range(1_000_000 // 100 // len(crowd) + 1):
            for socket in crowd:
                socket.send(batch)
            for socket in crowd:
                true(socket.take(len(answer)) == answer, "an echo is wrong")
        run.say(f"     {1_000_000 / (time.monotonic() - start):12,.0f} echoes a second")
        for socket in crowd:
            socket.finish()
        if figures:
            expect_back(site, *figures)


@contextlib.contextmanager
def besieged(site, attack, attackers=4):
    """Runs `attack(socket, stop)` on some WebSockets meanwhile; each stops when `stop` is set, or its connection ends."""
    stop = threading.Event()

    def guarded():
        with contextlib.suppress(OSError), WebSocket(site, timeout=10) as socket:
            attack(socket, stop)

    threads = [threading.Thread(target=guarded, daemon=True) for _ in range(attackers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)
    true(not any(thread.is_alive() for thread in threads), "an attacker hangs")


def slowest_echo(site, seconds):
    """The longest that an echo takes on a few quiet WebSockets and a new one each time."""
    slowest, end = 0.0, time.monotonic() + seconds
    crowd = [WebSocket(site) for _ in range(4)]
    while time.monotonic() < end:
        start = time.monotonic()
        for socket in crowd:
            socket.echo(b"quiet")
        with WebSocket(site) as socket:
            socket.echo(b"new")
        slowest = max(slowest, (time.monotonic() - start) / 5)
        time.sleep(0.01)
    for socket in crowd:
        socket.close()
    return slowest


def flood_of(data, start=b""):
    """An attack that sends `data` again and again after `start`, and throws the answers away."""

    def attack(socket, stop):
        socket.socket.setblocking(False)
        rest = start + data
        while not stop.is_set():
            try:
                rest = rest or data
                rest = rest[socket.socket.send(rest) :]
            except BlockingIOError:
                time.sleep(0.001)
            with contextlib.suppress(BlockingIOError):
                while socket.socket.recv(262144):
                    pass
        socket.reset()

    return attack


def never_read(socket, stop):
    """An attack that asks for echoes and reads none."""
    fill(socket, frame(BINARY, bytes(10_000)) * 10, 1 << 30, quiet=0.5)
    stop.wait()
    socket.reset()


def endless_message(socket, stop):
    """An attack that sends a message up to just below the limit, and leaves it unfinished."""
    socket.offer(frame(BINARY, bytes(65_536), final=False) + frame(CONTINUATION, bytes(65_536), final=False) * 255)
    stop.wait()
    socket.reset()


@test(
    "{0} on 4 connections: the echoes of others keep coming, and memory stays within {1} MiB",
    limit=30.0,
    cases=(
        ("a flood of pings", 4, flood_of(frame(PING, bytes(125)) * 500)),
        ("a flood of empty pings", 4, flood_of(frame(PING) * 10_000)),
        ("a flood of pongs", 4, flood_of(frame(PONG, bytes(125)) * 500)),
        ("a flood of empty messages", 4, flood_of(frame(TEXT) * 10_000)),
        (
            "a flood of empty fragments",
            4,
            flood_of(frame(CONTINUATION, final=False) * 10_000, frame(TEXT, final=False)),
        ),
        ("a flood of messages in fragments of 1 byte", 4, flood_of(fragments(TEXT, b"x" * 50_000, 1))),
        ("a flood of messages of 1 MiB", 24, flood_of(frame(BINARY, bytes(MEBIBYTE)))),
        ("peers that never read", 12, never_read),
        ("messages of 16 MiB that do not end", 4 * 17 + 4, endless_message),
    ),
)
def floods(run, _, mebibytes, attack):
    with run.fresh() as site:
        warm_up(site)
        figures = (site.process.resident(), site.process.descriptors()) if site.process else None
        with besieged(site, attack):
            time.sleep(0.2)
            slowest = slowest_echo(site, 2.0)
            grown = site.process.resident() - figures[0] if figures else 0
        run.say(f"     {slowest * 1000:12.1f} ms for the slowest echo, {grown / MEBIBYTE:.1f} MiB more memory")
        true(slowest < 1, f"an echo took {slowest:.2f} s")
        true(grown < mebibytes * MEBIBYTE, f"resident memory grew by {grown} bytes")
        if figures:
            expect_back(site, *figures)


@test("1,000 peers that vanish without a word, in all states, are gone once they are pinged")
def vanished(run):
    states = (b"", frame(TEXT, b"hello")[:5], frame(TEXT, b"half", final=False), head(BINARY, 100_000) + bytes(5000))
    with run.fresh(settings={"pingInterval": "1s", "pingTimeout": "1s"}) as site:
        warm_up(site)
        figures = site.own().process.resident(), site.process.descriptors()
        crowd = open_crowd(site, 1000)
        for index, socket in enumerate(crowd):
            socket.send(states[index % len(states)])
        eventually(
            lambda: site.process.descriptors() <= figures[1], "connections are left over", seconds=12, interval=0.1
        )
        for socket in crowd:
            socket.close()
        expect_back(site, *figures)
