# Tests/blackbox/groups/concurrent_batches.py — what many clients sent while the server stood still comes at once
"""The server is stopped by SIGSTOP while its clients send, so that all of it is one wait's events: what then is received
and sent together is the same bytes, in the same order, as if each were alone.
"""

import contextlib
import random
import signal
import time

from ..client import request
from ..framework import equal, eventually, test, true
from ..websocket import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, close_frame, frame, handshake
from .concurrent import AGAINST_URL, GROUP, ORDER, SHARED_SITE, TRANSPORT  # noqa: F401 (read by the runner)


@contextlib.contextmanager
def standing_still(site):
    """The server does nothing meanwhile."""
    site.own()
    site.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        site.signal(signal.SIGCONT)


def opened(site, count, **options):
    """Connections that the server has served already."""
    connections = [site.connect(**options) for _ in range(count)]
    for connection in connections:
        equal(connection.exchange(request("/healthz")).status, 200, "status")
    return connections


@test("200 requests that come at once, for the page and for less, get 200 whole answers")
def answers(site):
    page = site.get("/").body
    connections = opened(site, 200)
    for _ in range(3):
        with standing_still(site):
            for index, connection in enumerate(connections):
                connection.send(request("/" if index % 3 else "/healthz"))
        for index, connection in enumerate(connections):
            true(connection.read_response().body == (page if index % 3 else b"ok\n"), f"answer {index}")
    for connection in connections:
        connection.close()


@test("100 pipelines of mixed requests that come at once: every answer is whole and in its place")
def pipelines(site):
    page = site.get("/").body
    chance = random.Random(1)
    kinds = (("/", page), ("/healthz", b"ok\n"), ("/nothing", None), ("/metrics", None))
    plans = [[chance.choice(kinds) for _ in range(chance.randint(1, 20))] for _ in range(100)]
    connections = opened(site, len(plans), timeout=20)
    with standing_still(site):
        for connection, plan in zip(connections, plans):
            connection.send(b"".join(request(target) for target, _ in plan))
    for connection, plan in zip(connections, plans):
        for target, body in plan:
            response = connection.read_response()
            equal(response.status, 404 if target == "/nothing" else 200, target)
            true(body is None or response.body == body, f"another body of {target}")
        connection.close()


@test("heads that end at every place around the batch's short buffer, 4,288 bytes, are understood")
def lengths(site):
    connections = opened(site, 64)
    with standing_still(site):
        for index, connection in enumerate(connections):
            short = request("/healthz", "GET", "X-Filler: ")
            connection.send(request("/healthz", "GET", "X-Filler: " + "f" * (4288 - 32 + index - len(short))))
    for connection in connections:
        equal(connection.read_response().status, 200, "status")
        equal(connection.exchange(request("/healthz")).status, 200, "status of the next one")
        connection.close()


@test("half of a head each from 100 clients at once, then the other half")
def halves(site):
    data = request("/healthz", "GET", "X-Filler: " + "f" * 200)
    connections = opened(site, 100)
    for part in (data[:100], data[100:]):
        with standing_still(site):
            for connection in connections:
                connection.send(part)
    for connection in connections:
        equal(connection.read_response().body, b"ok\n", "body")
        connection.close()


@test("requests, ends and resets that come at once: who asked is answered, and all descriptors come back")
def ends(site):
    site.own()
    site.settle()
    before = site.process.descriptors()
    connections = opened(site, 120)
    with standing_still(site):
        for index, connection in enumerate(connections):
            if index % 6 != 0:
                last = index % 6 == 1
                connection.send(request("/healthz", "GET", *(("Connection: close",) if last else ())))
            if index % 6 == 2:
                connection.half_close()
            if index % 6 == 3:
                connection.close()
            if index % 6 == 4:
                connection.reset()
    for index, connection in enumerate(connections):
        if index % 6 in (1, 2, 5):
            equal(connection.read_response().body, b"ok\n", f"body of {index}")
        if index % 6 in (1, 2):
            connection.expect_end()
        connection.close()
    site.settle()
    true(site.process.descriptors() <= before, f"{site.process.descriptors()} open, {before} before")


@test("answers to peers that do not read, and to others, that leave together: none loses or mixes up a byte")
def slow_readers(site):
    page = site.get("/").body
    connections = opened(site, 8, receive_buffer=4096, timeout=20)
    # More than the kernel takes for a connection over loopback, 2.5 to 4 MB: one of the answers is cut. Some leave alone,
    # some with others in one send.
    rounds = 200
    for turn in range(rounds):
        with standing_still(site):
            for number, connection in enumerate(connections):
                connection.send(request("/") * (1, 2, 3)[(turn + number) % 3])
        # The server sends as much as it can before the next round stops it.
        equal(site.get("/healthz").status, 200, "status of another client's request")
    for number, connection in enumerate(connections):
        wanted = sum((1, 2, 3)[(turn + number) % 3] for turn in range(rounds))
        for answer in range(wanted):
            true(connection.read_response().body == page, f"answer {answer} has another page")
        connection.close()


@test("100 WebSockets whose messages of all sizes, pings and closes come at once get what they would get alone")
def messages(site):
    sockets = [WebSocket(site, timeout=20) for _ in range(100)]
    chance = random.Random(2)
    payloads = [chance.randbytes(chance.choice((0, 20, 125, 126, 1000, 4200, 4300, 70_000))) for _ in sockets]
    for turn in range(3):
        with standing_still(site):
            for index, (socket, payload) in enumerate(zip(sockets, payloads)):
                ping = frame(PING, b"ping") if index % 2 else b""
                close = close_frame(1000) if index % 3 == 0 and turn == 2 else b""
                if len(payload) < 70_000:
                    socket.send(frame(BINARY, payload) + ping + frame(TEXT, b"second") + close)
        for index, (socket, payload) in enumerate(zip(sockets, payloads)):
            if len(payload) == 70_000:
                socket.send(frame(BINARY, payload) + frame(TEXT, b"second"))
            socket.expect(BINARY, payload)
            if index % 2 and len(payload) < 70_000:
                socket.expect(PONG, b"ping")
            socket.expect(TEXT, b"second")
            if index % 3 == 0 and turn == 2 and len(payload) < 70_000:
                equal(socket.read_frame().opcode, CLOSE, "opcode")
                socket.expect_end()
    for socket in sockets:
        socket.close()


@test("handshakes, requests and refusals of 96 clients that come at once do not get into each other's way")
def upgrades(site):
    connections = [WebSocket(site, open=False, timeout=20) for _ in range(96)]
    for connection in connections:
        equal(connection.exchange(request("/healthz")).status, 200, "status")
    sent = (handshake() + frame(TEXT, b"hello"), request("/healthz"), b"GET / HTTP/1.1\r\n\r\n")
    with standing_still(site):
        for index, connection in enumerate(connections):
            connection.send(sent[index % 3])
    for index, connection in enumerate(connections):
        if index % 3 == 0:
            connection.read_handshake()
            connection.expect(TEXT, b"hello")
        else:
            equal(connection.read_response().status, (200, 400)[index % 3 - 1], "status")
        connection.close()


@test("requests that had come, unseen, before SIGTERM are answered, and idle connections closed", slow=True)
def unseen(site):
    with site.fresh(workers=1) as server:
        # More than one wait reports: the order to drain comes between two of them.
        asking, idle = opened(server, 700), opened(server, 10)
        with standing_still(server):
            for connection in asking:
                connection.send(request("/healthz"))
            server.signal(signal.SIGTERM)
        for index, connection in enumerate(asking):
            equal(connection.read_response().body, b"ok\n", f"body of {index}")
        for connection in asking + idle:
            connection.expect_end()
        equal(server.wait(5), 0, "exit status")


@test(
    "100 clients that come at once to accept={0} and maxConnections=10: ten are served, the others later",
    cases=("workers", "thread"),
    slow=True,
)
def crowd(site, accept):
    with site.fresh(accept=accept, workers=2, settings={"maxConnections": 10}) as server:
        with standing_still(server):
            connections = [server.connect() for _ in range(100)]
            for connection in connections:
                connection.send(request("/healthz"))

        def answered():
            return [connection for connection in connections if not connection.is_silent(0)]

        eventually(lambda: len(answered()) >= 10, lambda: f"{len(answered())} are served", seconds=5)
        time.sleep(0.3)
        served = answered()
        # Workers that accept by themselves do not see each other at once.
        true(10 <= len(served) <= (10 if accept == "thread" else 14), f"{len(served)} are served")
        waiting = [connection for connection in connections if connection not in served]
        for connection in served + waiting:
            equal(connection.read_response().status, 200, "status")
            connection.close()
