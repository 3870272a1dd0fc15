# Tests/blackbox/groups/ws_messages.py — echoes, pings and pongs, batches, late readers, messages of 16 MiB

import random
import re
import time

from ..client import request
from ..framework import equal, eventually, test, true
from ..websocket import BINARY, PING, PONG, TEXT, WebSocket, close_frame, fragments, frame, handshake
from .http_patience import fill
from .ws_frames import AGAINST_URL, GROUP, HELLO, ORDER, SHARED_SITE, pattern  # noqa: F401 (read by the runner)

MEBIBYTE = 1 << 20


def peak(process):
    """Reads the most memory that was ever resident, in bytes."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", (process.folder / "status").read_text())[1]) * 1024


@test("a text comes back as a text")
def text_echo(site):
    with WebSocket(site) as socket:
        socket.echo(b"Hello, WebSocket!")
        socket.echo("Grüße 水 🖐".encode())
        socket.finish()


@test("a binary message comes back as a binary message")
def binary_echo(site):
    with WebSocket(site) as socket:
        socket.echo(bytes(range(256)), BINARY)
        socket.finish()


@test("a message of 64 KiB comes back")
def large_message(site):
    with WebSocket(site) as socket:
        for opcode in (TEXT, BINARY):
            with socket.sending(frame(opcode, pattern(65_536))):
                socket.expect(opcode, pattern(65_536))


@test(
    "messages of {0} bytes between small ones come back in their order, whole, cut and in fragments",
    cases=(32_767, 32_768, 65_536, 131_062, 131_072, 131_073, 300_000),
)
def long_between_short(site, size):
    data = pattern(size)
    wire = frame(TEXT, b"before") + frame(BINARY, data) + frame(TEXT, b"between") + fragments(BINARY, data, 20_000)
    with WebSocket(site) as socket:
        for points in ((), (14,), (size // 3, size), (size + 40, size + 5000)):
            with socket.sending(wire + frame(PING, b"behind"), *points):
                for opcode, payload in ((TEXT, b"before"), (BINARY, data), (TEXT, b"between"), (BINARY, data)):
                    socket.expect(opcode, payload)
                socket.expect(PONG, b"behind")


@test("1,000 messages one after the other come back")
def many_messages(site):
    with WebSocket(site) as socket:
        for index in range(1000):
            socket.echo(b"message %d" % index, (TEXT, BINARY)[index % 2])


@test("20 clients at once get their own messages back", transport=True)
def many_clients(site):
    crowd = [WebSocket(site) for _ in range(20)]
    for turn in range(10):
        for index, socket in enumerate(crowd):
            socket.send(frame(TEXT, b"client %d, message %d" % (index, turn)))
        for index, socket in enumerate(crowd):
            socket.expect(TEXT, b"client %d, message %d" % (index, turn))
    for socket in crowd:
        socket.finish()


@test("a fragmented message comes back whole")
def fragmented_message(site):
    with WebSocket(site) as socket:
        socket.send(fragments(TEXT, b"This message comes in many pieces.", 5))
        socket.expect(TEXT, b"This message comes in many pieces.")


@test("5.5.2, 5.5.3: a ping of {0} bytes is answered with a pong of the same", cases=(0, 1, 4, 124, 125))
def pings(site, size):
    with WebSocket(site) as socket:
        for payload in (pattern(size), bytes(size), b"\xff" * size):
            socket.send(frame(PING, payload))
            socket.expect(PONG, payload)
        socket.echo(b"after")


@test("5.5.3: 1,000 pings in one write are answered in order, the last one at least", transport=True)
def ping_batch(site):
    with WebSocket(site) as socket, socket.sending(b"".join(frame(PING, b"%d" % index) for index in range(1000))):
        last = -1
        while last < 999:
            came = socket.read_frame()
            equal(came.opcode, PONG, "opcode")
            true(last < int(came.payload) < 1000, f"pong {came.payload} after {last}")
            last = int(came.payload)


@test("5.5.3: unsolicited pongs are not answered: {0}", cases=(("one", 1), ("1,000", 1000)))
def pongs(site, _, count):
    with WebSocket(site) as socket:
        socket.send(frame(PONG) + frame(PONG, b"unasked") * count + frame(PONG, bytes(125)))
        true(socket.is_silent(0.05), "a pong was answered")
        socket.echo(b"after")


@test("{0} messages in one write are answered in at most {1} segments", cases=((16, 2), (1000, 6)), transport=True)
def few_segments(site, count, limit):
    with WebSocket(site) as socket:
        socket.echo(b"first")
        before = socket.data_segments()
        socket.send(HELLO * count)
        for _ in range(count):
            socket.expect(TEXT, b"hello")
        taken = socket.data_segments() - before
        true(taken <= limit, f"{taken} segments for {count} answers")


@test("pings and messages in one write are answered in order")
def mixed_batch(site):
    with WebSocket(site) as socket:
        socket.send((HELLO + frame(PING, b"p") + frame(PONG) + frame(BINARY, b"b")) * 50 + close_frame(1000))
        for _ in range(50):
            socket.expect(TEXT, b"hello")
            socket.expect(PONG, b"p")
            socket.expect(BINARY, b"b")
        socket.expect_failure(1000)


@test("50,000 messages are all answered though the client reads late", transport=True)
def late_reader(site):
    count = 50_000
    with WebSocket(site, timeout=20) as socket, socket.sending(frame(TEXT, b"a late reader") * count):
        time.sleep(0.2)
        wire = socket.take(15 * count)
        true(wire == b"\x81\x0da late reader" * count, "an answer is wrong")
        true(socket.is_silent(0.02), "more than was asked for")


@test("16 messages of 1 MiB come back to a client with a small window", transport=True)
def small_window(site):
    data = random.Random(64).randbytes(MEBIBYTE)
    with WebSocket(site, receive_buffer=8192, timeout=20) as socket, socket.sending(frame(BINARY, data) * 16):
        for _ in range(16):
            socket.expect(BINARY, data)


@test("a client that never reads is paused: its echoes are bounded, others are served, nothing spins", slow=True)
def never_reads(site):
    site.own()
    with WebSocket(site) as socket:
        socket.echo(b"warm")
    before = site.process.resident()
    crowd = [WebSocket(site, receive_buffer=4096) for _ in range(4)]
    sent = sum(fill(socket, frame(BINARY, bytes(1000)) * 100, 64 * MEBIBYTE) for socket in crowd)
    try:
        true(sent < 100 * MEBIBYTE, f"the server took {sent} bytes while their echoes stay unread")
        growth = site.process.resident() - before
        true(growth < 4 * MEBIBYTE, f"resident memory grew by {growth} bytes for 4 clients that do not read")
        true(site.process.load(0.5) < 0.1, "the server spins while the client does not read")
        start = time.monotonic()
        with WebSocket(site) as socket:
            socket.echo(b"another client")
        true(time.monotonic() - start < 1, "another client waited for more than a second")
    finally:
        for socket in crowd:
            socket.reset()


@test(
    "a message of 16 MiB comes back, sent in {0}",
    slow=True,
    cases=(
        ("one frame", 16 * MEBIBYTE),
        ("pieces of 1 byte", 1),
        ("pieces of 125 bytes", 125),
        ("pieces of 126 bytes", 126),
        ("pieces of 1,000 bytes", 1000),
        ("pieces of 4 KiB", 4096),
        ("pieces of 65,535 bytes", 65_535),
        ("pieces of 64 KiB", 65_536),
    ),
)
def sixteen_mebibytes(site, _, size):
    data = pattern(16 * MEBIBYTE)
    wire = fragments(TEXT, data, size)
    with site.fresh() as server, WebSocket(server, timeout=20) as socket:
        for _ in range(2):
            with socket.sending(wire):
                socket.expect(TEXT, data)
        if server.process:
            most = peak(server.process)
            true(most < 40 * MEBIBYTE, f"{most / MEBIBYTE:.1f} MiB were resident for one message of 16 MiB")
            eventually(
                lambda: server.process.resident() < 2 * MEBIBYTE,
                lambda: f"{server.process.resident()} bytes are resident after the message",
                seconds=5,
            )


@test("WebSockets and requests on other connections do not disturb each other", transport=True)
def beside_http(site):
    with WebSocket(site) as socket, site.connect() as connection:
        for index in range(50):
            socket.send(frame(TEXT, b"%d" % index))
            connection.send(request("/healthz"))
            equal(connection.read_response().body, b"ok\n", "body")
            socket.expect(TEXT, b"%d" % index)


@test("a descriptor that was a WebSocket serves HTTP again, and the other way round", transport=True)
def reused(site):
    for index in range(100):
        with WebSocket(site, open=False) as socket:
            if index % 2:
                equal(socket.exchange(request("/healthz")).status, 200, "status")
            else:
                socket.send(handshake())
                socket.read_handshake()
                socket.echo(b"%d" % index)
                socket.finish() if index % 4 else socket.reset()
