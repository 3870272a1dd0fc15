# Tests/blackbox/groups/ws_opening.py — the bytes around the opening handshake: cuts, early frames, late readers

import signal
import time

from ..client import request
from ..framework import equal, eventually, test, true
from ..websocket import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, close_frame, frame, handshake
from .ws_handshake import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

HELLO = frame(TEXT, b"hello")


@test("/term greets with one text that begins async-nostd, then echoes; /ws does not greet")
def term(site):
    with WebSocket(site, "/term") as socket:
        came = socket.read_frame()
        equal((came.opcode, came.payload[:11]), (TEXT, b"async-nostd"), "the welcome")
        came.payload.decode()
        true(socket.is_silent(0.05), "more than one welcome")
        socket.echo(b"echo")
        socket.echo(b"\x00\xff", BINARY)
        socket.finish()
    with WebSocket(site) as socket:
        true(socket.is_silent(0.05), "/ws says something unasked")


@test("a handshake and its first frame survive a cut at every byte", transport=True)
def cut_everywhere(site):
    data = handshake() + HELLO
    for point in range(1, len(data)):
        with WebSocket(site, open=False) as socket:
            socket.send_cut(data, point)
            socket.read_handshake()
            socket.expect(TEXT, b"hello")


@test("a handshake and its first frames that come byte by byte", transport=True)
def bytewise(site):
    with WebSocket(site, open=False) as socket:
        socket.send_bytewise(handshake() + HELLO + frame(PING, b"?") + frame(BINARY, bytes(130)), pause=0.0002)
        socket.read_handshake()
        socket.expect(TEXT, b"hello")
        socket.expect(PONG, b"?")
        socket.expect(BINARY, bytes(130))


@test(
    "4.2.2: frames that come with the request are not lost: {0}",
    cases=(
        ("one message", HELLO, [(TEXT, b"hello")]),
        ("half a frame", HELLO[:3], []),
        ("a header", frame(BINARY, bytes(1000))[:8], []),
        ("a ping", frame(PING, b"p"), [(PONG, b"p")]),
        ("a message and half a frame", HELLO + HELLO[:7], [(TEXT, b"hello")]),
        ("1,000 messages", HELLO * 1000, [(TEXT, b"hello")] * 1000),
        ("a message of 300 KiB", frame(BINARY, bytes(307200)), [(BINARY, bytes(307200))]),
        ("a Close", close_frame(1000), [(CLOSE, b"\x03\xe8")]),
        ("a message and a Close", HELLO + close_frame(1001), [(TEXT, b"hello"), (CLOSE, b"\x03\xe9")]),
    ),
)
def with_request(site, _, data, answers):
    with WebSocket(site, open=False) as socket, socket.sending(handshake() + data):
        socket.read_handshake()
        for opcode, payload in answers:
            socket.expect(opcode, payload)
        if answers and answers[-1][0] == CLOSE:
            socket.expect_end()
        else:
            true(socket.is_silent(0.03), "an answer to half a frame")


@test("requests before the handshake in the same write are answered before it")
def pipelined(site):
    with WebSocket(site, open=False) as socket:
        socket.send(request("/healthz") * 3 + request("/nothing") + handshake() + HELLO)
        statuses = [socket.read_response().status for _ in range(4)]
        equal(statuses, [200, 200, 200, 404], "statuses")
        socket.read_handshake()
        socket.expect(TEXT, b"hello")


@test("what follows the handshake is frames: a request there fails with 1002")
def no_more_http(site):
    with WebSocket(site, open=False) as socket:
        socket.offer(handshake() + request("/healthz"))
        socket.read_handshake()
        socket.expect_failure(1002)


@test("a connection that carried requests, and a 426, becomes a WebSocket")
def late_upgrade(site):
    with WebSocket(site, open=False) as socket:
        for _ in range(20):
            equal(socket.exchange(request("/healthz")).status, 200, "status")
        refusal = socket.exchange(request("/ws"))
        equal(refusal.status, 426, "status")
        if not refusal.closes():
            socket.send(handshake())
            socket.read_handshake()
            socket.echo(b"after all")


@test("the 101 and the echoes behind it arrive whole at a client that reads late", transport=True)
def slow_reader(site):
    with WebSocket(site, open=False, receive_buffer=4096, timeout=10) as socket:
        # Pages fill what the kernel takes, so that the 101 has to wait for room.
        data = request("/") * 500 + handshake() + frame(BINARY, bytes(1 << 20)) + HELLO
        with socket.sending(data):
            time.sleep(0.3)
            page = socket.read_response().body
            for _ in range(499):
                true(socket.read_response().body == page, "another page than before")
            socket.read_handshake()
            socket.expect(BINARY, bytes(1 << 20))
            socket.expect(TEXT, b"hello")


@test(
    "clients that vanish around the handshake leave the server whole: {0}",
    transport=True,
    cases=(
        ("reset inside it", handshake()[:80], True),
        ("closed inside it", handshake()[:80], False),
        ("reset at once after it", handshake(), True),
        ("closed at once after it", handshake(), False),
        ("reset with frames behind it", handshake() + HELLO * 100, True),
        ("closed with frames behind it", handshake() + HELLO * 100, False),
    ),
)
def vanishing(site, _, data, reset):
    for _ in range(30):
        connection = site.connect()
        connection.send(data)
        connection.reset() if reset else connection.close()
    with WebSocket(site) as socket:
        socket.echo(b"still here")


@test("a handshake that ends while the server drains is answered with 503", slow=True)
def draining(site):
    with site.fresh() as server, server.own().connect() as connection:
        data = handshake()
        connection.send(data[:-2])
        connection.await_received()
        server.signal(signal.SIGTERM)
        server.await_draining()
        connection.send(data[-2:])
        response = connection.read_response()
        equal((response.status, response.closes()), (503, True), "status and close")
        connection.expect_end()
        equal(server.wait(3), 0, "exit status")
        eventually(lambda: any("status=503" in line for line in server.log()), "no [HTTP] line with 503")
