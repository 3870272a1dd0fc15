# Tests/blackbox/groups/handlers_ws.py — the library: WebSocket handlers of all kinds

import time

from ..framework import equal, eventually, test, true
from ..websocket import BINARY, CONTINUATION, PING, PONG, TEXT, WebSocket, close_frame, frame, fragments, handshake
from .handlers import Service, ask

GROUP, ORDER = "handlers", 45


class Address:
    """A service as `WebSocket` wants it."""

    def __init__(self, service):
        self.address = ("127.0.0.1", service.port)


def open_socket(service, target, *fields):
    return WebSocket(Address(service), target, *fields)


@test("a handler for messages answers text, binary, fragments, and many in one send")
def messages(run):
    with Service(run) as service, open_socket(service, "/shout") as socket:
        socket.send(frame(TEXT, b"Hello"))
        socket.expect(TEXT, b"HELLO")
        socket.send(frame(BINARY, b"x" * 70000))
        socket.expect(BINARY, b"70000")
        socket.send(fragments(TEXT, b"one two three", 3))
        socket.expect(TEXT, b"ONE TWO THREE")
        socket.send(b"".join(frame(TEXT, b"m%d" % index) for index in range(100)))
        for index in range(100):
            socket.expect(TEXT, b"M%d" % index)
        socket.finish()


@test("a handler for messages sees them whole at every cut")
def cuts(run):
    data = frame(TEXT, b"abc") + frame(PING, b"p") + frame(TEXT, b"de", final=False) + frame(CONTINUATION, b"f")
    with Service(run) as service:
        for point in range(1, len(data)):
            with open_socket(service, "/shout") as socket:
                socket.send_cut(data, point, pause=0.002)
                socket.expect(TEXT, b"ABC")
                socket.expect(PONG, b"p")
                socket.expect(TEXT, b"DEF")


@test("a handler that sleeps keeps its message, and others are served meanwhile")
def dozing(run):
    with Service(run, workers=1) as service:
        sockets = [open_socket(service, "/dozing") for _ in range(20)]
        start = time.monotonic()
        for index, socket in enumerate(sockets):
            socket.send(frame(TEXT, b"first %d" % index) + frame(TEXT, b"second %d" % index))
        for index, socket in enumerate(sockets):
            socket.expect(TEXT, b"first %d" % index)
            socket.expect(TEXT, b"second %d" % index)
            socket.close()
        true(time.monotonic() - start < 1.5, "20 handlers that sleep 100 ms each do not sleep together")


@test("a session has its request, its own state, and ends with 1000 when it returns")
def session(run):
    with Service(run) as service, open_socket(service, "/count/40") as socket:
        socket.send(frame(TEXT, b"a") + frame(BINARY, b"bb"))
        socket.expect(TEXT, b"messages=41 bytes=1")
        socket.expect(TEXT, b"messages=42 bytes=3")
        socket.send(frame(PING, b"alive"))
        socket.expect(PONG, b"alive")
        socket.send(fragments(BINARY, b"x" * 300000, 1000))
        socket.expect(TEXT, b"messages=43 bytes=300003")
        socket.send(frame(TEXT, b""))
        socket.expect_close(1000)
        socket.send(close_frame(1000))
        socket.expect_end("a WebSocket whose session has returned")


@test("a session learns of the peer's Close, of its end and of its reset, and leaves nothing behind")
def session_ends(run):
    with Service(run) as service:
        for index in range(30):
            socket = open_socket(service, "/count/0")
            if index % 3 == 0:
                socket.finish(1001)
            elif index % 3 == 1:
                socket.close()
            else:
                socket.send(frame(TEXT, b"half", final=False))
                socket.reset()
        equal(ask(service, "/hello/x").status, 200, "status")


@test("a session that sends more than is read waits for its peer, and all of it arrives")
def backpressure(run):
    count = 20000
    with Service(run) as service, open_socket(service, f"/flood/{count}") as socket:
        time.sleep(0.5)
        memory = resident(service)
        true(memory < 8 << 20, f"a peer that does not read yet costs the server {memory} bytes")
        for _ in range(count):
            socket.expect(BINARY, b"x" * 1000)
        socket.expect_close(1000)


@test("a session that sends and sleeps for ever is held up by a peer that does not read, and ends with it")
def ticking(run):
    with Service(run) as service:
        socket = open_socket(service, "/ticking")
        time.sleep(1)
        before = resident(service)
        time.sleep(1)
        growth = resident(service) - before
        true(growth < 1 << 20, f"a peer that does not read costs {growth} bytes a second")
        socket.reset()
        equal(ask(service, "/hello/x").status, 200, "status")


def resident(service):
    """Bytes of the service that are in memory."""
    with open(f"/proc/{service.popen.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


@test("a handler closes with a code and a reason of its own")
def leaving(run):
    with Service(run) as service, open_socket(service, "/leaving") as socket:
        socket.send(frame(TEXT, b"?") + frame(TEXT, b"is not answered any more"))
        socket.expect(TEXT, b"going")
        socket.expect_close(4001, "enough")
        socket.send(frame(TEXT, b"nor is this") + frame(PING) + close_frame(4001))
        socket.expect_end("a WebSocket that a handler has closed")


@test("a handler cannot send what is not UTF-8 as text: the WebSocket fails with 1011")
def garbled(run):
    with Service(run) as service, open_socket(service, "/garbled") as socket:
        socket.send(frame(TEXT, b"?"))
        socket.expect_failure(1011)


@test(
    "of the subprotocols {0!r} {1} is chosen",
    cases=(
        ("chat.v1", "chat.v1"),
        ("chat.v1, chat.v2", "chat.v2"),
        ("x,chat.v1 ,y", "chat.v1"),
        ("CHAT.V1", None),
        ("chat", None),
        (None, None),
    ),
)
def subprotocols(run, offer, chosen):
    with Service(run) as service:
        socket = WebSocket(Address(service), open=False)
        with socket:
            socket.send(handshake("/chat", *([f"Sec-WebSocket-Protocol: {offer}"] if offer else [])))
            response = socket.read_response()
            equal(response.status, 101, "status")
            equal(response.field("Sec-WebSocket-Protocol"), chosen, "Sec-WebSocket-Protocol")
            socket.expect(TEXT, b"hello")
            socket.expect(TEXT, (chosen or "none").encode())
            socket.echo(b"hi")


@test("SIGTERM: sessions and idle WebSockets get 1001, and what was begun is finished")
def drain(run):
    with Service(run) as service:
        sockets = [open_socket(service, target) for target in ("/shout", "/count/0", "/chat", "/dozing") * 4]
        for socket in sockets[2::4]:
            socket.expect(TEXT, b"hello")
            socket.expect(TEXT, b"none")
        for socket in sockets[3::4]:
            socket.send(frame(TEXT, b"just begun"))
        for socket in sockets:
            socket.await_received()
        service.popen.terminate()
        for socket in sockets[3::4]:
            socket.expect(TEXT, b"just begun")
        for socket in sockets:
            socket.expect_close(1001)
            socket.send(close_frame(1001))
            socket.expect_end("a WebSocket of a server that stops")
        eventually(lambda: service.popen.poll() is not None, "the service does not end")
        equal(service.popen.returncode, 0, "exit status")
