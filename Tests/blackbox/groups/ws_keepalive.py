# Tests/blackbox/groups/ws_keepalive.py — pings of the server's own (RFC 6455 5.5.2): to whom, when, and what follows

import itertools
import time

from ..client import request
from ..framework import equal, eventually, test, true
from ..websocket import BINARY, CONTINUATION, PING, PONG, TEXT, Frame, WebSocket, frame, handshake, head

GROUP, ORDER = "ws", 43

SHORT = {"pingInterval": "200ms", "pingTimeout": "200ms"}
#: A time of 200 ms is kept by a coarse timer: never early, and late by no more than this.
EARLIEST, LATEST = 0.18, 1.0


def await_ping(socket, since):
    """Checks that the server's next frame is a Ping, 200 ms after `since`; returns its payload."""
    came = socket.read_frame()
    seconds = time.monotonic() - since
    equal(came.opcode, PING, f"opcode of {came}")
    true(EARLIEST <= seconds <= LATEST, f"pinged after {seconds:.2f} s")
    return came.payload


def await_timeout(socket, since):
    """Checks that the server closes with 1011, 200 ms after `since`."""
    socket.expect_failure(1011)
    seconds = time.monotonic() - since
    true(EARLIEST <= seconds <= LATEST, f"closed after {seconds:.2f} s")


@test("a silent peer is pinged, again and again while it answers: {0}", cases=("/ws", "/term"))
def pinged(run, target):
    with run.fresh(settings=SHORT) as server, WebSocket(server, target) as socket:
        if target == "/term":
            equal(socket.read_frame().opcode, TEXT, "opcode of the welcome")
        for _ in range(3):
            payload = await_ping(socket, time.monotonic())
            socket.send(frame(PONG, payload))
        socket.echo(b"alive")
        socket.finish()


@test("a peer is pinged after an echo that had to wait for it")
def pinged_after_waiting(run):
    message = bytes(8 << 20)
    with run.fresh(settings=SHORT) as server, WebSocket(server, receive_buffer=4096) as socket:
        with socket.sending(frame(BINARY, message)):
            # It is larger than what server, kernel and client hold together.
            time.sleep(0.5)
            while (came := socket.read_frame()).opcode == PING:
                pass
            equal((came.opcode, len(came.payload)), (BINARY, len(message)), "the echo")
        equal(socket.read_frame().opcode, PING, "opcode")


@test("a peer that does not answer a ping is closed with 1011, then ended")
def unanswered(run):
    with run.fresh(settings=SHORT) as server, WebSocket(server) as socket:
        socket.echo(b"hello")
        await_ping(socket, time.monotonic())
        await_timeout(socket, time.monotonic())


@test(
    "pingInterval and pingTimeout are separate: {0} and {1}",
    cases=(("200ms", "600ms"), ("600ms", "200ms")),
    slow=True,
)
def separate(run, interval, timeout):
    seconds = {"200ms": 0.2, "600ms": 0.6}
    with run.fresh(settings={"pingInterval": interval, "pingTimeout": timeout}) as server:
        with WebSocket(server) as socket:
            moments = [time.monotonic()]
            equal(socket.read_frame().opcode, PING, "opcode")
            moments.append(time.monotonic())
            socket.expect_failure(1011)
            moments.append(time.monotonic())
        for index, wanted in enumerate((seconds[interval], seconds[timeout])):
            took = moments[index + 1] - moments[index]
            true(wanted * 0.9 <= took <= wanted + 0.8, f"{('pinged', 'closed')[index]} after {took:.2f} s")


LIFE = (
    ("messages", [frame(TEXT, b"hello")] * 12),
    ("pings", [frame(PING)] * 12),
    ("unsolicited pongs", [frame(PONG, b"x")] * 12),
    ("fragments", [frame(TEXT, b"f", final=False)] + [frame(CONTINUATION, b"g", final=False)] * 11),
    ("single bytes of a frame", [head(BINARY, 1000)] + [b"b"] * 11),
    ("single bytes of a header", [bytes([byte]) for byte in head(BINARY, 100_000)]),
)


@test("any traffic counts as life, so that no ping is sent: {0}", cases=LIFE, slow=True)
def busy(run, _, pieces):
    with run.fresh(settings=SHORT) as server, WebSocket(server) as socket:
        moments = [time.monotonic()]
        for piece in pieces:
            socket.send(piece)
            moments.append(time.monotonic())
            time.sleep(0.06)
            while not socket.is_silent(0):
                came = socket.read_frame()
                # If this process was kept waiting, there was no traffic meanwhile.
                longest = max(after - before for before, after in itertools.pairwise([*moments, time.monotonic()]))
                true(came.opcode in (TEXT, PONG) or longest > EARLIEST, f"{came} while there is traffic")


@test("any traffic answers a ping: {0}", cases=LIFE, slow=True)
def answered(run, _, pieces):
    with run.fresh(settings=SHORT) as server, WebSocket(server) as socket:
        await_ping(socket, time.monotonic())
        time.sleep(0.1)
        start = time.monotonic()
        socket.send(pieces[0])
        came = socket.read_frame()
        if came.opcode != PING:
            came = socket.read_frame()
        equal(came.opcode, PING, f"opcode of {came}")
        true(time.monotonic() - start >= EARLIEST, "pinged again before the peer was silent for the interval")
        await_timeout(socket, time.monotonic())


@test("a pong with another payload than the ping's is traffic all the same")
def other_pong(run):
    with run.fresh(settings=SHORT) as server, WebSocket(server) as socket:
        for _ in range(2):
            await_ping(socket, time.monotonic())
            socket.send(frame(PONG, b"something else"))


@test("a ping comes between the fragments, and inside a frame, of a peer that has fallen silent")
def inside(run):
    with run.fresh(settings=SHORT) as server, WebSocket(server) as socket:
        data = frame(CONTINUATION, b"whole")
        for sent, rest in (
            (frame(TEXT, b"half, ", final=False), data),
            (frame(TEXT, b"half, ", final=False) + data[:8], data[8:]),
        ):
            socket.send(sent)
            payload = await_ping(socket, time.monotonic())
            if rest == data:
                socket.send(frame(PONG, payload))
            socket.send(rest)
            socket.expect(TEXT, b"half, whole")


@test(
    "200 silent peers are all pinged; those that answer stay, the others are closed and leave nothing behind",
    slow=True,
)
def crowd(run):
    with run.fresh(settings={"pingInterval": "400ms", "pingTimeout": "400ms"}) as server:
        equal(server.get("/healthz").status, 200, "status")
        server.settle()
        before = server.own().process.descriptors()
        answering, silent = ([WebSocket(server) for _ in range(100)] for _ in range(2))
        for _ in range(2):
            for socket in answering:
                equal(socket.read_frame().opcode, PING, "opcode")
                socket.send(frame(PONG))
        for socket in silent:
            equal(socket.read_frame().opcode, PING, "opcode")
            socket.expect_failure(1011)
            socket.close()
        for socket in answering:
            socket.send(frame(TEXT, b"alive"))
            while (came := socket.read_frame()).opcode == PING:
                pass
            equal(came, Frame(TEXT, b"alive"), "the echo")
            socket.close()
        eventually(lambda: server.process.descriptors() <= before, "descriptors are left over")


@test("the timeouts of HTTP do not end a WebSocket")
def http_timeouts(run):
    settings = {"idleTimeout": "300ms", "requestTimeout": "300ms"}
    with run.fresh(settings=settings) as server, WebSocket(server) as socket, WebSocket(server) as inside:
        inside.send(frame(TEXT, b"half", final=False) + b"\x80")
        time.sleep(0.8)
        socket.echo(b"still here")
        inside.send(frame(CONTINUATION, b" whole")[1:])
        inside.expect(TEXT, b"half whole")


@test("silent WebSockets use no processor time until their ping is due", slow=True)
def quiet(run):
    with run.fresh() as server:
        crowd = [WebSocket(server) for _ in range(100)]
        server.get("/healthz")
        time.sleep(1.2)
        load = server.own().process.load(0.6)
        true(load < 0.01, f"100 silent WebSockets use {load:.1%} of a processor")
        for socket in crowd:
            socket.close()


@test(
    "a server that slept longer than every timeout gives a new connection its whole time: {0}",
    slow=True,
    cases=(("a WebSocket", True), ("HTTP", False)),
)
def after_sleep(run, _, is_socket):
    times = dict.fromkeys(("pingInterval", "pingTimeout", "idleTimeout", "requestTimeout"), "800ms")
    with run.fresh(settings=times) as server:
        time.sleep(1.8)
        with WebSocket(server, open=False) as socket:
            time.sleep(0.3)
            if is_socket:
                socket.send(handshake())
                socket.read_handshake()
            else:
                equal(socket.exchange(request("/healthz")).status, 200, "status")
            true(socket.is_silent(0.6), "it did not get its time")


@test("HTTP connections are not pinged")
def no_http_pings(run):
    with run.fresh(settings=SHORT) as server, server.connect() as connection:
        connection.exchange(request("/healthz"))
        true(connection.is_silent(0.6), "something came")
