# Tests/blackbox/groups/ws_echo.py — echoes in batches: what stands behind whole messages, outputs that are full

import random
import time

from ..client import request
from ..framework import test
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
from .ws_frames import AGAINST_URL, GROUP, ORDER, SHARED_SITE, pattern  # noqa: F401 (read by the runner)

#: The server's receive buffer, and its output buffer.
BUFFER = 128 << 10

#: A message in fragments, with a Ping between them, and another message.
BETWEEN = frame(BINARY, b"one", final=False) + frame(PING, b"p") + frame(CONTINUATION, b" two") + frame(TEXT, b"3")

#: What stands behind whole messages, what comes back for it, and the code with which that ends.
ENDINGS = (
    ("a message in part", head(TEXT, 200) + bytes(100), (), None),
    ("a header in part", head(BINARY, 300)[:5], (), None),
    ("a Ping and a message", frame(PING, b"p") + frame(TEXT, b"behind"), ((PONG, b"p"), (TEXT, b"behind")), None),
    ("a message in fragments", fragments(TEXT, "größer".encode(), 3), ((TEXT, "größer".encode()),), None),
    ("a message in fragments with a Ping between", BETWEEN, ((PONG, b"p"), (BINARY, b"one two"), (TEXT, b"3")), None),
    ("a Close", close_frame(4000) + frame(TEXT, b"too late"), (), 4000),
    ("a text that is not UTF-8", frame(TEXT, b"caf\xe9") + frame(TEXT, b"too late"), (), 1007),
    ("a text that ends in a character", frame(TEXT, b"\xf0\x9f\x98") + frame(TEXT, b"too late"), (), 1007),
    ("a frame without mask", frame(TEXT, b"bare", mask=None), (), 1002),
    ("a reserved bit", frame(TEXT, b"x", reserved=4) + frame(TEXT, b"too late"), (), 1002),
    ("a reserved opcode", frame(3, b"x") + frame(TEXT, b"too late"), (), 1002),
    ("a continuation of nothing", frame(CONTINUATION, b"x") + frame(TEXT, b"too late"), (), 1002),
    ("a length in a longer form", head(BINARY, 5, form=2) + bytes(5) + frame(TEXT, b"too late"), (), 1002),
    ("a message beyond the limit", head(BINARY, 1 << 30), (), 1009),
)


def check_ending(socket, before, answers, code):
    """Reads what comes back: the echoes, and then what follows from the ending."""
    for payload in before:
        socket.expect(TEXT, payload)
    for opcode, payload in answers:
        socket.expect(opcode, payload)
    if code is not None:
        socket.expect_failure(code)


@test(
    "{1} messages and {0}, in one write: the echoes come first",
    cases=[(row[0], n, row) for row in ENDINGS for n in (1, 3, 500)],
)
def ending(site, _, count, row):
    before = [b"message %d" % index for index in range(count)]
    with WebSocket(site) as socket:
        socket.offer(b"".join(frame(TEXT, payload) for payload in before) + row[1])
        check_ending(socket, before, *row[2:])


@test("two messages and {0}, cut at every byte", cases=[(row[0], row) for row in ENDINGS])
def cut_ending(site, _, row):
    before = ["zwölf".encode(), b""]
    data = b"".join(frame(TEXT, payload) for payload in before) + row[1]
    for point in range(1, min(len(data), 60)):
        with WebSocket(site) as socket:
            socket.offer(data, point)
            check_ending(socket, before, *row[2:])


@test("the rest of a message that came behind others is echoed when it comes, cut at every byte")
def rest(site):
    last = frame(BINARY, pattern(130))
    for point in range(1, len(last)):
        with WebSocket(site) as socket:
            socket.send(frame(TEXT, b"first") + last[:point])
            socket.expect(TEXT, b"first")
            socket.send(last[point:] + frame(TEXT, b"behind"))
            socket.expect(BINARY, pattern(130))
            socket.expect(TEXT, b"behind")


@test("messages of lengths around {0} in one write come back", cases=(125, 126, 65535, 65536, BUFFER))
def lengths(site, edge):
    sizes = [edge + step for step in range(-12, 13)]
    random.Random(edge).shuffle(sizes)
    sizes = [each for size in sizes for each in (size, 0, 1)]
    with WebSocket(site) as socket, socket.sending(b"".join(frame(TEXT, pattern(size)) for size in sizes)):
        for size in sizes:
            socket.expect(TEXT, pattern(size))


@test(
    "{0} messages of {1} bytes in one write come back",
    cases=((26, 5000), (120, 4096), (120, 4095), (3, 40_000)),
    transport=True,
)
def long_batch(site, count, size):
    sent = [pattern(size - index) for index in range(count)]
    with WebSocket(site) as socket, socket.sending(b"".join(frame(BINARY, payload) for payload in sent)):
        for payload in sent:
            socket.expect(BINARY, payload)


@test("answers, a handshake and messages in one write: the output is full to the byte, or one more", limit=90.0)
def full_output(site):
    with site.connect() as connection:
        answer = len(connection.exchange(request("/healthz")).wire)
    with WebSocket(site, open=False) as socket:
        socket.send(handshake())
        welcome = len(socket.read_handshake().wire)
    count = (BUFFER - 20_000) // answer
    left = BUFFER - count * answer - welcome
    for size in (*range(left - 14, left + 3), 1, left // 2):
        # Twice: the second one has to wait for room, if the first one has not.
        data = request("/healthz") * count + handshake() + frame(BINARY, pattern(size)) * 2 + frame(TEXT, b"last")
        with WebSocket(site, open=False) as socket, socket.sending(data):
            socket.take(count * answer)
            socket.read_handshake()
            for _ in range(2):
                socket.expect(BINARY, pattern(size))
            socket.expect(TEXT, b"last")


@test(
    "a peer with a small window that reads late gets all echoes in order, whatever their sizes",
    limit=90.0,
    transport=True,
)
def late_reader(site):
    chance, sent = random.Random(7), []
    sizes = (0, 1, 124, 125, 126, 127, 1000, 16_384, 65_534, 65_535, 65_536, 65_537, 100_000, 131_050, 131_062, 131_072)
    for _ in range(120):
        payload = pattern(chance.choice(sizes))
        kind = chance.randrange(6)
        if kind == 0:
            sent.append((frame(PING, payload[:125]), (PONG, payload[:125])))
        elif kind == 1:
            sent.append((fragments(BINARY, payload, 50_000), (BINARY, payload)))
        else:
            sent += [(frame(TEXT, payload), (TEXT, payload))] * chance.choice((1, 1, 5))
    with WebSocket(site, receive_buffer=4096, timeout=30) as socket, socket.sending(b"".join(each for each, _ in sent)):
        time.sleep(0.4)
        for _, (opcode, payload) in sent:
            socket.expect(opcode, payload)
        socket.send(frame(TEXT, b"last"))
        socket.expect(TEXT, b"last")
