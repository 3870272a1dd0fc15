# Tests/blackbox/groups/systemd_stop.py — the daemon's end: what was begun is finished, and nothing new begins

import contextlib
import itertools
import signal
import socket
import time

from ..client import Connection, request
from ..crowd import Crowd
from ..daemon import Daemon
from ..framework import Failure, brief, equal, eventually, test, true
from ..listeners import address_of, listening
from ..websocket import TEXT, WebSocket, close_frame, frame, handshake
from .concurrent import together
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)


def ask_until_end(connection, answered):
    """Asks again and again on one connection, until the server closes it, and calls `answered` for each answer.

    What has been answered in part must come whole; only between two answers may the connection end.
    """
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while True:
            connection.send(request("/"))
            if not connection.buffer and not connection.more():
                return
            response = connection.read_response()
            equal(response.status, 200, "status")
            answered()
            if response.closes():
                connection.expect_end("a connection after Connection: close")
                return
    if connection.buffer:
        raise Failure(f"reset inside a response: {brief(connection.buffer)}")


def talk_until_close(socket, answered):
    """Has messages echoed until the Close comes, which must be 1001, with all echoes whole."""
    for number in itertools.count():
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send(frame(TEXT, b"message %d" % number))
        came = socket.read_frame()
        if came.opcode != TEXT:
            equal((came.opcode, came.payload[:2]), (8, b"\x03\xe9"), f"the Close, {came}")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                socket.send(close_frame(1001))
            return
        equal(came.payload, b"message %d" % number, "echo")
        answered()


@test(
    "SIGTERM under load, {0}, --accept {1}: 64 clients and 64 WebSockets, every answer whole, every Close 1001, exit 0",
    cases=(("io_uring", "workers"), ("epoll", "workers"), ("ppoll", "workers"), ("io_uring", "thread")),
)
def loaded(run, reactor, accept):
    with Daemon(run, {"Reactor": reactor, "Accept": accept, "DrainTimeout": "10s"}) as daemon:
        connections = [daemon.connect(timeout=10) for _ in range(64)]
        sockets = [WebSocket(daemon, timeout=10) for _ in range(64)]
        served = set()

        def client(index):
            if index == 128:
                eventually(lambda: len(served) == 96, lambda: f"only {len(served)} of 96 are served", 10)
                time.sleep(0.3)
                daemon.signal(signal.SIGTERM)
            elif index < 64:
                ask_until_end(connections[index], lambda: served.add(index))
            elif index % 2:
                talk_until_close(sockets[index - 64], lambda: served.add(index))
            else:
                idle = sockets[index - 64]
                idle.expect_close(1001)
                idle.send(close_frame(1001))
                idle.expect_end("an idle WebSocket")

        together(129, client)
        daemon.await_end(seconds=6)
        true(not any("[PANIC]" in line for line in daemon.log()), "a panic")


@contextlib.contextmanager
def draining(run, pieces, **keys):
    """A daemon that drains, and connections on which each of `pieces` was sent before."""
    with Daemon(run, {"DrainTimeout": "8s", **keys}) as daemon, contextlib.ExitStack() as stack:
        connections = [stack.enter_context(daemon.connect()) for _ in pieces]
        for connection, piece in zip(connections, pieces, strict=True):
            connection.send(piece)
        for connection in connections:
            connection.await_received()
        daemon.await_stopping()
        daemon.process.await_rest()
        yield daemon, connections
        daemon.await_end()


def halves(data):
    return data[:20], data[20:]


@test("while it drains, answers say Connection: close and the connection ends, and an upgrade gets 503")
def refusing(run):
    (plain, rest), (upgrade, upgrade_rest) = halves(request("/healthz")), halves(handshake())
    with draining(run, [plain, upgrade]) as (_, connections):
        for connection, end, status in zip(connections, (rest, upgrade_rest), (200, 503), strict=True):
            response = connection.exchange(end)
            equal((response.status, response.closes()), (status, True), "status and Connection: close")
            connection.expect_end("a connection of a daemon that drains")


@test("idle connections are closed at once when it drains, and it ends as soon as the last is gone")
def idle(run):
    with Daemon(run, {"DrainTimeout": "8s"}) as daemon:
        connections = [daemon.connect() for _ in range(10)]
        for connection in connections:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
        start = daemon.await_stopping()
        for connection in connections:
            connection.expect_end("an idle connection")
        daemon.await_end(seconds=2)
        true(time.monotonic() - start < 2, "it waited, and nothing was under way")


@test("DrainTimeout is a hard limit: half a request and a WebSocket that never answers cannot stop it")
def limited(run):
    with Daemon(run, {"DrainTimeout": "1s", "CloseTimeout": "30s"}) as daemon, daemon.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\n")
        connection.await_received()
        with WebSocket(daemon) as stubborn:
            start = daemon.await_stopping()
            stubborn.expect_close(1001)
            daemon.await_end()
        true(0.8 < time.monotonic() - start < 3, f"it took {time.monotonic() - start:.1f} s instead of 1")


@test("a second {0} ends it at once, with status 0", cases=("SIGTERM", "SIGINT"))
def impatient(run, name):
    with Daemon(run, {"DrainTimeout": "20s"}) as daemon, daemon.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\n")
        connection.await_received()
        daemon.await_stopping()
        time.sleep(0.3)
        true(daemon.popen.poll() is None, "the first SIGTERM did not wait for a request under way")
        start = time.monotonic()
        daemon.signal(getattr(signal, name))
        daemon.await_end(seconds=2)
        true(time.monotonic() - start < 1, "it took more than a second")


@test("SIGHUP, SIGUSR1 and SIGUSR2 while it drains: no READY=1 after STOPPING=1, and it ends as it would")
def signals_meanwhile(run):
    with draining(run, [b"GET /healthz HTTP/1.1\r\nHost: half"]) as (daemon, (connection,)):
        for _ in range(3):
            for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
                daemon.signal(number)
                time.sleep(0.03)
        connection.send(b"\r\n\r\n")
        equal(connection.read_response().status, 200, "status")
        stopping = daemon.told("STOPPING").time
        late = [message.text for message in daemon.notify.all("READY", since=stopping)]
        equal(late, [], "READY=1 after STOPPING=1")


@test("SIGTERM at any moment of the start ends it, with status 0 or by the signal")
def early(run):
    for step in range(40):
        daemon = Daemon(run, ready=False)
        time.sleep(step * 0.001)
        daemon.signal(signal.SIGTERM)
        status = daemon.wait(4)
        true(status in (0, -signal.SIGTERM), f"exit status {status} of SIGTERM after {step} ms")
        daemon.kill()


@test("CloseSpread=2s: 100 WebSockets are told 1001 over two seconds, and then it ends")
def spread(run):
    with Daemon(run, {"DrainTimeout": "8s", "CloseSpread": "2s"}) as daemon:
        sockets, moments = [WebSocket(daemon, timeout=8) for _ in range(100)], []

        def client(index):
            sockets[index].expect_close(1001)
            moments.append(time.monotonic())
            sockets[index].send(close_frame(1001))
            sockets[index].expect_end("a WebSocket")

        start = time.monotonic()
        daemon.signal(signal.SIGTERM)
        together(100, client)
        daemon.await_end(seconds=3)
        moments = sorted(moment - start for moment in moments)
        true(1.3 < moments[-1] < 2.6, f"the last was told after {moments[-1]:.2f} s")
        quarters = [sum(low <= moment < low + 0.5 for moment in moments) for low in (0, 0.5, 1, 1.5)]
        true(all(5 <= count <= 60 for count in quarters), f"told in each half second: {quarters}")


@test("without CloseSpread, 100 WebSockets are told at once")
def not_spread(run):
    with Daemon(run) as daemon:
        sockets = [WebSocket(daemon) for _ in range(100)]
        start = daemon.await_stopping()
        for socket in sockets:
            socket.expect_close(1001)
            socket.send(close_frame(1001))
        true(time.monotonic() - start < 1, f"it took {time.monotonic() - start:.2f} s")
        daemon.await_end(seconds=2)


@test(
    "six restarts on one passed socket under 8 clients, {0}, --accept {1}: none refused, reset or left unanswered",
    cases=(("io_uring", "workers"), ("epoll", "workers"), ("ppoll", "workers"), ("io_uring", "thread")),
)
def restarts(run, reactor, accept):
    made = listening()
    with Daemon(run, {"Reactor": reactor, "Accept": accept}, [made]) as daemon, Crowd(address_of(made)):
        for _ in range(6):
            time.sleep(0.5)
            daemon.signal(signal.SIGTERM)
            daemon.await_end()
            daemon.start()
            daemon.await_ready()


@test("two daemons in turn: the next is ready before the last has drained")
def overlapping(run):
    made = listening()
    with Daemon(run, {"DrainTimeout": "8s"}, [made]) as first, Connection(address_of(made)) as slow:
        slow.send(b"GET /healthz HTTP/1.1\r\nHost: half")
        slow.await_received()
        first.await_stopping()
        with Daemon(run, sockets=[made]) as second:
            for _ in range(50):
                with Connection(address_of(made)) as connection:
                    equal(connection.exchange(request("/healthz")).status, 200, "status of the second")
            slow.send(b"\r\n\r\n")
            equal(slow.read_response().status, 200, "status of the first")
            first.await_end()
            true(second.popen.poll() is None, "the second ended with the first")
            equal(made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1, "SO_ACCEPTCONN")
