# Tests/blackbox/groups/concurrent_ws.py — many WebSockets at once, beside HTTP, with all kinds of ends

import random
import signal
import threading

from ..client import request
from ..framework import among, equal, eventually, test, true
from ..websocket import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, close_frame, fragments, frame, handshake, head
from .concurrent import AGAINST_URL, GROUP, ORDER, SHARED_SITE, TRANSPORT, together  # noqa: F401 (read by the runner)
from .ws_frames import pattern


def converse(socket, chance, turns):
    """Some messages and pings in random pieces, each answered as it should be."""
    for _ in range(turns):
        payload = pattern(chance.choice((0, 5, 125, 126, 3000, 70_000)))
        opcode = chance.choice((TEXT, BINARY))
        data = fragments(opcode, payload, max(1, len(payload) // chance.randint(1, 4)), chance.randbytes(4))
        data += frame(PING, payload[:20], chance.randbytes(4))
        cuts = sorted(chance.randrange(1, len(data)) for _ in range(chance.randint(0, 3)))
        with socket.sending(data, *cuts):
            socket.expect(opcode, payload)
            socket.expect(PONG, payload[:20])


@test("64 WebSockets at once with messages of all sizes, cut at random places, get every echo right")
def conversations(site):
    def client(index):
        chance = random.Random(index)
        with WebSocket(site, ("/ws", "/ws?x=1")[index % 2], timeout=20) as socket:
            converse(socket, chance, 8)
            socket.finish(chance.choice((1000, 1001, 3000, None)))

    together(64, client)


@test("WebSockets and HTTP clients at the same time, and connections that turn from one into the other")
def mixed(site):
    page = site.get("/").body

    def client(index):
        chance = random.Random(index)
        for _ in range(3):
            with WebSocket(site, open=False, timeout=20) as socket:
                for _ in range(chance.randint(0, 5)):
                    true(socket.exchange(request("/")).body == page, "another page than before")
                if index % 2:
                    socket.send(handshake() + frame(TEXT, b"with the handshake"))
                    socket.read_handshake()
                    socket.expect(TEXT, b"with the handshake")
                    converse(socket, chance, 3)
                else:
                    equal(socket.exchange(request("/healthz", "GET", "Connection: close")).body, b"ok\n", "body")
                    socket.expect_end()

    together(64, client)


@test("64 WebSocket clients that come and leave, most of them rudely, while others talk")
def abrupt_ends(site):
    rude = (
        b"",
        handshake()[:70],
        handshake(),
        handshake() + frame(TEXT, b"hello") * 50,
        handshake() + frame(TEXT, b"half", final=False),
        handshake() + head(BINARY, 1 << 20) + bytes(50_000),
        handshake() + frame(BINARY, bytes(100_000)),
        handshake() + frame(TEXT, b"no mask", mask=None) + frame(TEXT, b"more") * 50,
        handshake() + close_frame(1000),
        handshake() + frame(PING, b"p") * 100 + b"\x89",
    )

    def client(index):
        chance = random.Random(index)
        for _ in range(15):
            if chance.randrange(3) == 0:
                with WebSocket(site, timeout=20) as socket:
                    converse(socket, chance, 2)
                    socket.finish()
                continue
            connection = site.connect()
            connection.send(chance.choice(rude))
            if chance.randrange(2):
                connection.half_close()
            connection.reset() if chance.randrange(2) else connection.close()

    together(64, client)
    with WebSocket(site) as socket:
        socket.echo(b"still here")


@test("descriptors fall back to where they were after 500 WebSockets with all kinds of ends")
def descriptors(site):
    site.own()
    site.get("/healthz")
    site.settle()
    before = site.process.descriptors()
    crowd = [WebSocket(site) for _ in range(500)]
    for index, socket in enumerate(crowd):
        socket.echo(b"hello")
        if index % 4 == 0:
            socket.finish()
        elif index % 4 == 1:
            socket.reset()
        elif index % 4 == 2:
            socket.send(frame(TEXT, b"\xff"))
            socket.expect_failure(1007)
        socket.close()
    eventually(
        lambda: site.process.descriptors() <= before, lambda: f"{site.process.descriptors()} open, {before} before"
    )


@test(
    "SIGTERM while 32 WebSockets talk: each gets a Close 1001 between two frames, and the exit status is 0", slow=True
)
def terminated(site):
    with site.fresh() as server:
        server.own()
        ready = threading.Barrier(33)

        def client(index):
            with WebSocket(server, timeout=10) as socket:
                ready.wait()
                data = frame(TEXT, b"hello") * (1 + index % 4)
                while True:
                    socket.offer(data)
                    came = socket.read_frame()
                    among(came.opcode, (TEXT, CLOSE), "opcode")
                    if came.opcode == CLOSE:
                        equal(came.payload[:2], b"\x03\xe9", "code")
                        socket.send(close_frame(1001))
                        return socket.expect_end()

        def work(index):
            if index < 32:
                return client(index)
            ready.wait()
            threading.Event().wait(0.2)
            server.signal(signal.SIGTERM)
            return equal(server.wait(8), 0, "exit status")

        together(33, work)
