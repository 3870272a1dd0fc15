# Tests/blackbox/groups/ws_limits.py — limits on frames, messages, memory and output: Close 1009, 1011, and the end

import contextlib
import time

from ..framework import equal, eventually, test, true
from ..websocket import BINARY, CONTINUATION, PING, PONG, TEXT, WebSocket, expect_refusal, fragments, frame, head
from .http_patience import LATEST, fill
from .ws_frames import HELLO, pattern

GROUP, ORDER = "ws", 43

KIBIBYTE, MEBIBYTE = 1 << 10, 1 << 20
SIZES = (1, 125, 126, 1000, 65_535, 65_536, 100_000, 1_000_000)


@test("maxMessage={0}: a message of that size passes, one byte more is 1009 at its header", cases=SIZES)
def whole_messages(run, size):
    with run.fresh(settings={"maxMessage": size}) as server:
        for opcode in (TEXT, BINARY):
            with WebSocket(server) as socket:
                for _ in range(3):
                    with socket.sending(frame(opcode, pattern(size))):
                        socket.expect(opcode, pattern(size))
                socket.send(head(opcode, size + 1))
                socket.expect_failure(1009)


@test("maxMessage={0}: fragments of that size together pass, and the one that goes beyond is 1009", cases=SIZES[:-1])
def fragmented_messages(run, size):
    with run.fresh(settings={"maxMessage": size}) as server:
        for piece in sorted({1, 125, size // 2 + 1, size}):
            if size // piece > 2000:
                continue
            with WebSocket(server) as socket:
                for _ in range(2):
                    with socket.sending(fragments(TEXT, pattern(size), piece)):
                        socket.expect(TEXT, pattern(size))
            all_but_the_last = fragments(BINARY, pattern(size) + b"!", size)[: -len(frame(CONTINUATION, b"!"))]
            expect_refusal(server, all_but_the_last + head(CONTINUATION, 1), 1009)


@test("maxFrame={0}: frames of that size pass, also many in a message; one byte more is 1009", cases=SIZES)
def frames(run, size):
    with run.fresh(settings={"maxFrame": size}) as server:
        data = frame(TEXT, pattern(size)) + fragments(BINARY, pattern(size * 3), size)
        with WebSocket(server) as socket, socket.sending(data):
            socket.expect(TEXT, pattern(size))
            socket.expect(BINARY, pattern(size * 3))
        expect_refusal(server, head(TEXT, size + 1), 1009)
        expect_refusal(server, frame(TEXT, pattern(size), final=False) + head(CONTINUATION, size + 1), 1009)


@test(
    "the smaller of maxFrame and maxMessage counts: {0}",
    cases=(
        ("the frame", 100, 1000),
        ("the message", 1000, 100),
        ("both", 100, 100),
    ),
)
def both_limits(run, _, largest_frame, largest_message):
    settings = {"maxFrame": largest_frame, "maxMessage": largest_message}
    with run.fresh(settings=settings) as server, WebSocket(server) as socket:
        socket.echo(pattern(100))
        socket.send(head(TEXT, 101))
        socket.expect_failure(1009)


@test("pings, pongs and empty fragments count for nothing: maxMessage=10")
def control_frames(run):
    with run.fresh(settings={"maxMessage": 10}) as server, WebSocket(server) as socket:
        socket.send(frame(TEXT, b"12345", final=False))
        socket.send((frame(PING, bytes(125)) + frame(PONG, bytes(125)) + frame(CONTINUATION, final=False)) * 20)
        socket.send(frame(CONTINUATION, b"67890"))
        for _ in range(20):
            socket.expect(PONG, bytes(125))
        socket.expect(TEXT, b"1234567890")


@test("maxFrame=1: pings of 125 bytes and Closes with a reason pass")
def control_frames_are_no_frames(run):
    with run.fresh(settings={"maxFrame": 1}) as server, WebSocket(server) as socket:
        socket.send(frame(PING, bytes(125)))
        socket.expect(PONG, bytes(125))
        socket.send(frame(8, b"\x03\xe8a long reason"))
        socket.expect_failure(1000)


@test("by default 16 MiB and one byte are 1009 at the header, in one frame and in two")
def defaults(run):
    with run.fresh() as server:
        expect_refusal(server, head(BINARY, 16 * MEBIBYTE + 1), 1009)
        two = frame(BINARY, bytes(8 * MEBIBYTE), final=False) + head(CONTINUATION, 8 * MEBIBYTE + 1)
        expect_refusal(server, two, 1009)


@test("what came before a message that is too long is answered")
def before(run):
    with run.fresh(settings={"maxMessage": 100}) as server:
        expect_refusal(server, HELLO * 3 + frame(TEXT, bytes(101)) + HELLO, 1009, [(TEXT, b"hello")] * 3)


@test("500 peers that announce 16 MiB and send a few bytes take no memory for the rest")
def announced(run):
    with run.fresh() as server:
        server.own()
        warm = [WebSocket(server) for _ in range(64)]
        for socket in warm:
            socket.echo(pattern(1000))
        before = server.process.resident()
        crowd = [WebSocket(server) for _ in range(500)]
        for socket in crowd:
            socket.send(head(BINARY, 16 * MEBIBYTE) + b"a few bytes")
        warm[0].echo(b"all came")
        time.sleep(0.2)
        each = (server.process.resident() - before) / len(crowd)
        true(each < 16 * KIBIBYTE, f"{each:.0f} bytes for each frame that was announced")
        for socket in warm + crowd:
            socket.close()


@test("with a heap of 4 MiB a message of 16 MiB closes with 1011, and others are served")
def out_of_memory(run):
    with run.fresh(settings={"heapLimit": "4M"}) as server, WebSocket(server) as other:
        for _ in range(3):
            with WebSocket(server) as socket, socket.sending(frame(BINARY, bytes(16 * MEBIBYTE))):
                socket.expect_failure(1011)
            other.echo(pattern(65_536))
        true(server.process.resident() < 6 * MEBIBYTE, f"{server.process.resident()} bytes are resident")


@test("a peer that reads nothing for the write timeout is cut off, and others are served meanwhile")
def write_timeout(run):
    with run.fresh(settings={"writeTimeout": "500ms"}) as server, WebSocket(server) as other:
        other.echo(b"before")
        descriptors = server.process.descriptors()
        with WebSocket(server, receive_buffer=4096) as socket:
            fill(socket, frame(BINARY, bytes(1000)) * 100, 64 * MEBIBYTE, quiet=0.2)
            equal(server.process.descriptors(), descriptors + 1, "descriptors while the peer is paused")
            other.echo(b"meanwhile")
            eventually(
                lambda: server.process.descriptors() == descriptors, "the connection is still open", seconds=LATEST + 1
            )
        other.echo(b"after")


@test("a peer that reads slowly is not cut off by the write timeout")
def slow_peer(run):
    with run.fresh(settings={"writeTimeout": "600ms"}) as server:
        socket = WebSocket(server, receive_buffer=4096)
        with socket, socket.sending(frame(BINARY, bytes(996)) * 8000):
            for _ in range(10):
                true(socket.take(800_000) == b"\x82\x7e\x03\xe4".ljust(1000, b"\0") * 800, "an echo is wrong")
                time.sleep(0.1)


@test("a client that is reset while an echo waits for it leaves nothing: {0} bytes a message", cases=(1000, 50_000))
def reset_with_echoes(run, size):
    with run.fresh(workers=1) as server:
        idle = server.process.descriptors()
        crowd = [WebSocket(server, receive_buffer=4096) for _ in range(3)]
        for socket in crowd:
            block_with_echoes(socket, frame(BINARY, bytes(size)))
        for socket in crowd:
            socket.reset()
        eventually(lambda: server.process.descriptors() == idle, "a connection that has ended is still open")


def block_with_echoes(socket, data):
    """Sends messages, each when the one before has been echoed, and reads none, until the server takes no more."""
    socket.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while socket.socket.send(data * max(1, 50_000 // len(data))):
            time.sleep(0.002)
