# Tests/blackbox/groups/handlers_lives.py — the library: handlers whose peer has left, whose time is up, or that never end

import contextlib
import itertools
import re
import signal
import subprocess
import time
from pathlib import Path

from ..client import request
from ..framework import equal, eventually, test, true
from ..site import Site
from ..websocket import TEXT, WebSocket, close_frame, frame
from .handlers import GROUP, ORDER, Service, ask  # noqa: F401 (read by the runner)

#: What a wait may take longer than it should on a busy machine, in seconds.
NOISE = 2.0


class Lives(Service):
    """`check-service` with a time for its end, and one for its handlers, in ms."""

    def __init__(self, run, workers=2, drain=5000, handler=0, reactor="epoll"):
        super().__init__(run, workers, words=(str(drain), str(handler), str(int(reactor == "ppoll"))))

    def count(self, name):
        """A number of `/lives`."""
        return int(re.search(rf"\b{name}=(\d+)", ask(self, "/lives").body.decode())[1])

    def states(self):
        """The states of the server's connections, as the kernel names them by number, in `/proc/net/tcp`."""
        with open("/proc/net/tcp", encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        return [row[3] for row in rows if row[1].endswith(f":{self.port:04X}") and row[3] not in ("0A", "06")]

    def begin(self, target, count=1):
        """Connections whose handlers have begun."""
        before = self.count("begun")
        connections = [self.connect() for _ in range(count)]
        for connection in connections:
            connection.send(request(target))
        eventually(lambda: self.count("begun") == before + count, "the handlers do not begin")
        return connections


def end(service, *, within, signals=1):
    """Sends SIGTERM, and more signals half a second later; the process must end in time. Returns its exit status."""
    start = time.monotonic()
    service.popen.send_signal(signal.SIGTERM)
    for _ in range(signals - 1):
        time.sleep(0.5)
        service.popen.send_signal(signal.SIGTERM)
    try:
        status = service.popen.wait(within + NOISE)
    except subprocess.TimeoutExpired:
        service.popen.kill()
        service.popen.wait()
        raise
    return status, time.monotonic() - start


@contextlib.contextmanager
def unended(service):
    """A service that a test ends itself."""
    try:
        yield service.__enter__()
    finally:
        service.popen.kill()
        service.popen.wait()


# MARK: The peer leaves


@test(
    "50 clients that {1} while their handlers wait for {0} leave no descriptor, and their handlers end, with {2}",
    cases=tuple(itertools.product(("sleep", "channel"), ("close", "reset"), ("epoll", "ppoll"))),
)
def crowd(run, what, how, reactor):
    with Lives(run, reactor=reactor) as service:
        crowd = service.begin(f"/wait/{what}", 50)
        for connection in crowd:
            getattr(connection, how)()
        eventually(lambda: service.count("ended") == 50, "handlers of clients that left wait on")
        equal(service.count("cancelled"), 50, "cancellation handlers that ran")
        eventually(lambda: len(service.states()) <= 2, "connections are left over")
        # The objects and tasks of those serve others as before.
        equal(ask(service, "/sleep?after").body, b"after", "body")


@test("the descriptors of 50 clients that reset are closed though their handlers wait for what does not come")
def broken(run):
    with Lives(run, drain=300) as service:
        for connection in service.begin("/wait/ever", 50):
            connection.reset()
        eventually(lambda: service.count("cancelled") == 50, "handlers are not cancelled")
        equal(service.count("ended"), 0, "handlers that have ended")
        descriptors = f"/proc/{service.popen.pid}/fd"
        eventually(lambda: len(list(Path(descriptors).iterdir())) < 20, "descriptors are left over")


@test("a client that closes loses its descriptor after LingerTimeout= though its handler waits for what does not come")
def uncancellable(run):
    with Lives(run, drain=300) as service:
        for connection in service.begin("/wait/ever", 50):
            connection.close()
        eventually(lambda: service.count("cancelled") == 50, "handlers are not cancelled")
        eventually(lambda: len(service.states()) <= 2, "connections are left over", seconds=1 + NOISE)
        equal(service.count("ended"), 0, "handlers that have ended")


@test("a session that waits for something else is cancelled when its peer leaves: {0}", cases=("close", "reset"))
def session(run, how):
    with Lives(run) as service:
        before = service.count("begun")
        sockets = [WebSocket(Site(("127.0.0.1", service.port)), "/wait/session") for _ in range(20)]
        eventually(lambda: service.count("begun") == before + 20, "the sessions do not begin")
        for socket in sockets:
            getattr(socket, how)()
        eventually(lambda: service.count("ended") == 20, "sessions of clients that left wait on")
        equal(service.count("cancelled"), 20, "cancellation handlers that ran")
        eventually(lambda: len(service.states()) <= 2, "connections are left over")
        equal(ask(service, "/sleep?after").body, b"after", "body")


@test("clients that leave behind bytes that no handler reads leave no descriptor after LingerTimeout=: {0}", cases=(
    "a request", "a message", "a Close frame"
))
def unread(run, what):
    with Lives(run) as service:
        before = service.count("begun")
        if what == "a request":
            crowd, rest = service.begin("/wait/sleep", 20), request("/hello/late")
        else:
            crowd = [WebSocket(Site(("127.0.0.1", service.port)), "/wait/session") for _ in range(20)]
            rest = frame(TEXT, b"late") if what == "a message" else close_frame(1000)
        eventually(lambda: service.count("begun") == before + 20, "the handlers do not begin")
        for client in crowd:
            client.send(rest)
            client.close()
        eventually(lambda: service.count("ended") == 20, "handlers of clients that left wait on", seconds=1 + NOISE)
        equal(service.count("cancelled"), 20, "cancellation handlers that ran")
        eventually(lambda: len(service.states()) <= 2, "connections are left over")


@test("a handler that goes on after its connection broke cannot write, and does no harm to others")
def writes(run):
    with Lives(run, workers=1) as service:
        for connection in service.begin("/wait/task/700", 20):
            connection.reset()
        eventually(lambda: service.count("cancelled") == 20, "handlers are not cancelled")
        with service.connect() as other:
            while service.count("ended") < 20:
                equal(other.exchange(request("/hello/other")).body, b"other", "another's body")
        equal(service.count("failed-writes"), 20, "writes that failed")


@test("a client that has ended its direction is answered by a handler that waits for {0}", cases=("sleep", "task/700"))
def half_closed(run, what):
    with Lives(run) as service:
        with service.connect() as connection:
            connection.send(request(f"/wait/{what}"))
            connection.half_close()
            equal(connection.read_response().body, b"cancelled", "body")
            equal(connection.socket.recv(1), b"", "what follows")
        (connection,) = service.begin(f"/wait/{what}")
        connection.half_close()
        equal(connection.read_response().body, b"cancelled", "body, where the end comes later")
        connection.close()


@test("all requests that came before the client ended its direction are answered")
def pipeline(run):
    with Lives(run) as service, service.connect() as connection:
        connection.send(request("/wait/sleep") + request("/hello/a") + request("/wait/channel") + request("/hello/b"))
        connection.half_close()
        bodies = [connection.read_response().body for _ in range(4)]
        equal(bodies, [b"cancelled", b"a", b"cancelled", b"b"], "bodies")


@test("a handler is not cancelled before it has read the body of a client that has ended its direction")
def upload(run):
    data = bytes(range(256)) * 4000
    with Lives(run) as service, service.connect() as connection:
        connection.send(request("/count", "POST", f"Content-Length: {len(data)}", body=data))
        connection.half_close()
        expected = f"bytes={len(data)} sum={sum(data)} path=/count".encode()
        equal(connection.read_response("POST").body, expected, "body")


# MARK: The handler's time


@test("a handler that takes longer than {1} is cancelled, and its client answered with 503 once", cases=(
    ("/wait/sleep", "HandlerTimeout"), ("/wait/ever", "HandlerTimeout"), ("/wait/short", "its route's own")
))
def late(run, target, _):
    with Lives(run, handler=400, drain=300) as service:
        start = time.monotonic()
        with service.connect() as connection:
            connection.send(request(target) + request("/hello/next"))
            response = connection.read_response()
            equal((response.status, response.field("Connection")), (503, "close"), "answer")
            equal(connection.socket.recv(1), b"", "what follows")
        true(0.2 <= time.monotonic() - start < 0.4 + NOISE, "too early or too late")
        eventually(lambda: service.count("cancelled") == 1, "the handler is not cancelled")
        equal(ask(service, "/wait/any").body, b"waited", "the answer of a route without a limit")
        equal(ask(service, "/sleep?quick").body, b"quick", "the answer of a quick handler")


@test("a handler whose time passes in the middle of its response ends the connection")
def late_response(run):
    with Lives(run, handler=400) as service, service.connect() as connection:
        connection.send(request("/begun/60000"))
        while connection.more():
            pass
        sent = bytes(connection.buffer)
        true(sent.endswith(b"\r\n6\r\nbegun\n\r\n"), f"not what was written: {sent[-60:]}")


@test("a connection whose handlers keep their time lives longer than that")
def in_time(run):
    with Lives(run, handler=500) as service, service.connect() as connection:
        start = time.monotonic()
        while time.monotonic() - start < 1.2:
            equal(connection.exchange(request("/sleep?x")).body, b"x", "body")
        time.sleep(0.8)
        equal(connection.exchange(request("/sleep?y")).body, b"y", "body after a pause")


# MARK: The end of the program


@test("a handler that {0} does not hold SIGTERM up for longer than the time to drain", cases=(
    ("is suspended for ever", "/wait/ever"), ("blocks its worker", "/block")
))
def bounded(run, _, target):
    with unended(Lives(run, workers=2, drain=700)) as service:
        with service.connect() as connection:
            connection.send(request(target))
            time.sleep(0.3)
            status, taken = end(service, within=0.7)
    equal(status, 0, "exit status")
    true(0.6 <= taken < 0.7 + NOISE, f"it took {taken:.2f} s")


@test("a second SIGTERM ends the program at once")
def second(run):
    with unended(Lives(run, drain=60_000)) as service:
        (connection,) = service.begin("/wait/ever")
        status, taken = end(service, within=0.5, signals=2)
        connection.close()
    equal(status, 0, "exit status")
    true(taken < 0.5 + NOISE, f"it took {taken:.2f} s")


@test("SIGTERM ends a program whose connections are idle before its time, and lets a handler answer")
def prompt(run):
    with unended(Lives(run, drain=30_000)) as service:
        idle = service.connect()
        equal(idle.exchange(request("/hello/x")).body, b"x", "body")
        with service.connect() as connection:
            connection.send(request("/sleep?last"))
            time.sleep(0.05)
            status, taken = end(service, within=1.0)
            equal(connection.read_response().body, b"last", "body")
        idle.close()
    equal(status, 0, "exit status")
    true(taken < 0.2 + NOISE, f"it took {taken:.2f} s")


@test("SIGTERM lets a handler answer that waits for tasks of workers without a connection")
def others(run):
    with unended(Lives(run, workers=4, drain=30_000)) as service:
        connections = service.begin("/wait/workers", 8)
        status, taken = end(service, within=1.0)
        for connection in connections:
            equal(connection.read_response().body, b"waited", "body")
            connection.close()
    equal(status, 0, "exit status")
    true(taken < 1.0 + NOISE, f"it took {taken:.2f} s")
