# Tests/blackbox/groups/ws_fragments.py — fragmented messages (RFC 6455 5.4), and frames that are cut anywhere

import random

from ..framework import test, true
from ..websocket import BINARY, CONTINUATION, PING, PONG, TEXT, WebSocket, expect_refusal, fragments, frame
from .ws_frames import AGAINST_URL, GROUP, HELLO, ORDER, SHARED_SITE, pattern  # noqa: F401 (read by the runner)


@test(
    "5.4: {0} fails with 1002",
    cases=(
        ("a continuation without a beginning", frame(CONTINUATION, b"lost")),
        ("one that goes on without a beginning", frame(CONTINUATION, b"lost", final=False)),
        ("an empty continuation without a beginning", frame(CONTINUATION)),
        ("a text inside a text", frame(TEXT, b"a", final=False) + HELLO),
        ("a binary inside a text", frame(TEXT, b"a", final=False) + frame(BINARY, b"b")),
        ("a text inside a binary", frame(BINARY, b"a", final=False) + HELLO),
        ("a new beginning inside a message", frame(TEXT, b"a", final=False) * 2),
        ("a text behind an empty beginning", frame(TEXT, b"", final=False) + HELLO),
        ("a text behind a ping in a message", frame(TEXT, b"a", final=False) + frame(PONG) + HELLO),
    ),
)
def sequence(site, _, data):
    expect_refusal(site, data, 1002)


@test("5.4: a continuation after a whole message fails with 1002, the message being answered")
def late_continuation(site):
    expect_refusal(site, HELLO + frame(CONTINUATION, b"more"), 1002, [(TEXT, b"hello")])
    data = fragments(BINARY, b"abc", 1) + frame(CONTINUATION, b"more")
    expect_refusal(site, data, 1002, [(BINARY, b"abc")])


@test(
    "5.4: a fragmented message is answered as one frame: {0}",
    cases=(
        ("two fragments", [b"frag", b"mented"]),
        ("three fragments", [b"a", b"b", b"c"]),
        ("an empty first", [b"", b"message"]),
        ("an empty last", [b"message", b""]),
        ("an empty one in the middle", [b"mess", b"", b"age"]),
        ("nothing but empty ones", [b""] * 100),
        ("1,000 of one byte", [b"x"] * 1000),
        ("short and long ones", [b"a", b"b" * 125, b"c" * 126, b"d" * 70_000, b"", b"e" * 65_536, b"f"]),
    ),
)
def fragmented(site, _, pieces):
    last = len(pieces) - 1
    with WebSocket(site) as socket:
        for opcode in (TEXT, BINARY):
            frames = [
                frame(CONTINUATION if index else opcode, piece, final=index == last)
                for index, piece in enumerate(pieces)
            ]
            with socket.sending(b"".join(frames) + HELLO):
                socket.expect(opcode, b"".join(pieces))
                socket.expect(TEXT, b"hello")


@test("5.4: control frames between fragments are answered at once, and the message comes whole")
def interleaved(site):
    with WebSocket(site) as socket:
        for index, piece in enumerate((b"in", b"ter", b"", b"leav")):
            socket.send(frame(CONTINUATION if index else TEXT, piece, final=False))
            socket.send(frame(PING, b"%d" % index) + frame(PONG, b"unasked"))
            socket.expect(PONG, b"%d" % index)
        socket.send(frame(CONTINUATION, b"ed"))
        socket.expect(TEXT, b"interleaved")
        socket.send(frame(BINARY, b"1", final=False) + frame(PING, b"p") + frame(CONTINUATION, b"2") + HELLO)
        socket.expect(PONG, b"p")
        socket.expect(BINARY, b"12")
        socket.expect(TEXT, b"hello")


@test(
    "frames survive a cut at every byte: {0}",
    cases=(
        ("a text", HELLO, [(TEXT, b"hello")]),
        ("an empty text", frame(TEXT), [(TEXT, b"")]),
        ("a ping", frame(PING, b"ping"), [(PONG, b"ping")]),
        (
            "three at once",
            HELLO + frame(PING) + frame(BINARY, b"\x00\xff"),
            [(TEXT, b"hello"), (PONG, b""), (2, b"\x00\xff")],
        ),
        ("a length of 16 bits", frame(BINARY, bytes(130)), [(BINARY, bytes(130))]),
        (
            "fragments with a ping between",
            frame(TEXT, b"a", final=False) + frame(PING, b"!") + frame(CONTINUATION, b"b"),
            [(PONG, b"!"), (TEXT, b"ab")],
        ),
        ("UTF-8", frame(TEXT, "aß水𝄞".encode()), [(TEXT, "aß水𝄞".encode())]),
    ),
)
def cut_everywhere(site, _, data, answers):
    with WebSocket(site) as socket:
        for point in range(1, len(data)):
            socket.send_cut(data, point, pause=0.0005)
            for opcode, payload in answers:
                socket.expect(opcode, payload)


@test("a frame of 70,000 bytes survives a cut in each byte of its header and near its end", transport=True)
def cut_long(site):
    payload = pattern(70_000)
    data = frame(TEXT, payload)
    with WebSocket(site) as socket:
        for point in (*range(1, 20), *range(len(data) - 4, len(data))):
            socket.send_cut(data, point)
            socket.expect(TEXT, payload)


@test("frames that come byte by byte are answered", transport=True)
def bytewise(site):
    with WebSocket(site) as socket:
        data = HELLO + frame(PING, b"?") + fragments(BINARY, pattern(50), 7) + frame(TEXT, pattern(130))
        socket.send_bytewise(data, pause=0.0002)
        for opcode, payload in ((TEXT, b"hello"), (PONG, b"?"), (BINARY, pattern(50)), (TEXT, pattern(130))):
            socket.expect(opcode, payload)


@test("a random stream of frames, cut at random, is answered to the bit", transport=True)
def random_stream(site):
    chance = random.Random(17)
    for _ in range(20):
        data, answers = b"", []
        for _ in range(40):
            size = chance.choice((0, 1, 5, 125, 126, 127, 1000, 5000, 66_000))
            kind, payload = chance.choice((TEXT, BINARY, PING, PONG)), pattern(size)
            if kind in (TEXT, BINARY):
                data += fragments(
                    kind, payload, max(1, chance.choice((size, size // 2, size // 7))), chance.randbytes(4)
                )
                answers.append((kind, payload))
            else:
                data += frame(kind, payload[:125], chance.randbytes(4))
                answers += [(PONG, payload[:125])] if kind == PING else []
        cuts = sorted(chance.randrange(1, len(data)) for _ in range(30))
        with WebSocket(site) as socket, socket.sending(data, *cuts):
            for opcode, payload in answers:
                socket.expect(opcode, payload)
            true(socket.is_silent(0.005), "more than was asked for")
