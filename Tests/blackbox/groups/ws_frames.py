# Tests/blackbox/groups/ws_frames.py — data framing (RFC 6455 5): lengths, masks, reserved bits, fragments, cuts

import random

from ..framework import equal, test, true
from ..websocket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    WebSocket,
    close_frame,
    close_payload,
    expect_refusal,
    fragments,
    frame,
    head,
    masked,
)
from .ws_handshake import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

NAMES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
HELLO = frame(TEXT, b"hello")


def pattern(size):
    """Bytes of ASCII that differ from one place to the next."""
    return (bytes(range(32, 127)) * (size // 95 + 1))[:size]


@test(
    "5.2: a message of {0} bytes comes back, with its length in the shortest form",
    cases=(0, 1, 2, 7, 8, 15, 16, 124, 125, 126, 127, 128, 255, 256, 4096, 32767, 32768, 65535, 65536, 65537, 131072),
)
def lengths(site, size):
    with WebSocket(site) as socket:
        for opcode in (TEXT, BINARY):
            with socket.sending(frame(opcode, pattern(size)) + HELLO):
                socket.expect(opcode, pattern(size))
                socket.expect(TEXT, b"hello")


@test("5.2: every length from 0 to 300 and around the buffers' ends, one after the other")
def many_lengths(site):
    sizes = [*range(301), *(edge + step for edge in (4096, 16384, 65536, 131072, 262144) for step in range(-16, 17))]
    with WebSocket(site) as socket, socket.sending(b"".join(frame(BINARY, pattern(size)) for size in sizes)):
        for size in sizes:
            socket.expect(BINARY, pattern(size))


@test(
    "5.2: a length of {0} in {1} bytes is not the shortest form and fails with 1002",
    cases=((0, 2), (1, 2), (125, 2), (0, 8), (1, 8), (125, 8), (126, 8), (65535, 8)),
)
def long_forms(site, length, form):
    for opcode in (TEXT, BINARY):
        expect_refusal(site, head(opcode, length, form=form), 1002)


@test(
    "5.2: a length of 64 bits with the highest set fails with 1002: {0:x}",
    cases=(1 << 63, (1 << 63) + 5, (1 << 64) - 1),
)
def negative_lengths(site, length):
    expect_refusal(site, head(BINARY, length, form=8), 1002)


@test("5.2, 7.4.1: a length of {0} is beyond every limit: 1009 before any of it comes", cases=((1 << 63) - 1, 1 << 40))
def huge_lengths(site, length):
    expect_refusal(site, HELLO + head(BINARY, length), 1009, [(TEXT, b"hello")])


@test("5.1: a {0} frame without a mask fails with 1002", cases=NAMES.values())
def unmasked(site, name):
    opcode = {value: key for key, value in NAMES.items()}[name]
    started, payload = frame(TEXT, b"a", final=False) if opcode == CONTINUATION else b"", close_payload(1000)
    for data in (payload, b""):
        expect_refusal(site, started + frame(opcode, data, mask=None), 1002)


@test("5.3: any mask may be used, and a new one for each frame: lengths 0 to 70")
def masks(site):
    chance = random.Random(53)
    masks = [bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01", b"\x80\x00\x00\x00", *(chance.randbytes(4) for _ in range(4))]
    sent = [(chance.randbytes(size), mask) for size in range(71) for mask in masks]
    with WebSocket(site) as socket, socket.sending(b"".join(frame(BINARY, data, mask) for data, mask in sent)):
        for data, _ in sent:
            socket.expect(BINARY, data)


@test("5.3: the mask goes on where a frame is cut, at every byte")
def mask_cut(site):
    payload = random.Random(531).randbytes(70)
    data = frame(BINARY, payload, b"\x01\x20\x43\xf4")
    with WebSocket(site) as socket:
        for point in range(1, len(data)):
            socket.send_cut(data, point, min(point + 3, len(data)), pause=0.0003)
            socket.expect(BINARY, payload)


@test("5.2: the reserved bits {0:03b} fail with 1002, on every kind of frame", cases=range(1, 8))
def reserved_bits(site, bits):
    for opcode in NAMES:
        started = frame(TEXT, b"a", final=False) if opcode == CONTINUATION else b""
        expect_refusal(site, started + frame(opcode, close_payload(1000), reserved=bits), 1002)


@test("5.2: the reserved opcode {0:#x} fails with 1002", cases=(*range(3, 8), *range(11, 16)))
def reserved_opcodes(site, opcode):
    for final in (True, False):
        expect_refusal(site, frame(opcode, b"", final=final), 1002)
        expect_refusal(site, frame(opcode, b"payload", final=final), 1002)
    expect_refusal(site, frame(TEXT, b"a", final=False) + frame(opcode), 1002)


@test("5.5: a {0} of more than 125 bytes fails with 1002", cases=("close", "ping", "pong"))
def long_control(site, name):
    opcode = {value: key for key, value in NAMES.items()}[name]
    for length in (126, 127, 65535, 65536):
        expect_refusal(site, head(opcode, length), 1002)


@test("5.5: a {0} in fragments fails with 1002", cases=("close", "ping", "pong"))
def fragmented_control(site, name):
    opcode = {value: key for key, value in NAMES.items()}[name]
    expect_refusal(site, frame(opcode, close_payload(1000), final=False), 1002)
    expect_refusal(site, frame(opcode, b"", final=False) + frame(CONTINUATION), 1002)


@test(
    "7.1.7: the first byte that proves {0} is enough",
    cases=(
        ("a reserved bit", b"\xc1"),
        ("a reserved opcode", b"\x83"),
        ("a fragmented ping", b"\x09"),
        ("a continuation of nothing", b"\x80"),
        ("a missing mask", b"\x81\x05"),
        ("a long ping", b"\x89\xfe"),
        ("a needlessly long length of 16 bits", b"\x82\xfe\x00\x7d"),
        ("a needlessly long length of 64 bits", b"\x82\xff" + (65535).to_bytes(8, "big")),
        ("a text inside a message", frame(TEXT, b"a", final=False) + b"\x81"),
    ),
)
def early(site, _, data):
    expect_refusal(site, data, 1002)


@test("7.1.7: what came before a broken frame is answered, what comes after it is not")
def after_failure(site):
    broken = frame(TEXT, b"no mask", mask=None)
    data = HELLO * 3 + frame(PING, b"p") + broken + HELLO * 100 + close_frame(1000)
    expect_refusal(site, data, 1002, [(TEXT, b"hello")] * 3 + [(PONG, b"p")])


@test("7.1.7: a peer that goes on sending after its broken frame still gets the Close, not a reset")
def talks_on(site):
    with WebSocket(site) as socket, socket.sending(frame(3, b"reserved") + frame(BINARY, bytes(65_000)) * 60):
        socket.expect_failure(1002)


@test("5.1: the reason of a failure says what was wrong")
def reasons(site):
    for data in (frame(TEXT, b"x", mask=None), frame(3), frame(TEXT, b"x", reserved=4), frame(CONTINUATION)):
        true(expect_refusal(site, data, 1002), f"no reason for {data}")


@test("the client itself builds the frames of RFC 6455 5.7")
def own_frames(site):
    equal(frame(TEXT, b"Hello").hex(" "), "81 85 37 fa 21 3d 7f 9f 4d 51 58", "a masked Hello")
    equal(frame(TEXT, b"Hel", None, final=False) + frame(CONTINUATION, b"lo", None), b"\x01\x03Hel\x80\x02lo", "bare")
    equal(head(BINARY, 65536, mask=None).hex(), "827f0000000000010000", "a header of 65,536 bytes")
    equal(masked(b"Hello", b"\x37\xfa\x21\x3d").hex(), "7f9f4d5158", "a masked payload")
    equal(
        fragments(TEXT, b"abc", 1),
        b"".join(
            frame(op, data, final=last)
            for op, data, last in ((TEXT, b"a", False), (CONTINUATION, b"b", False), (CONTINUATION, b"c", True))
        ),
        "fragments of one byte",
    )
    equal(close_frame(1000), frame(CLOSE, b"\x03\xe8"), "a Close")
