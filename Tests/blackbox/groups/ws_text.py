# Tests/blackbox/groups/ws_text.py — UTF-8 in text messages (RFC 6455 5.6, 8.1): what passes, and what fails how early

import random

from ..framework import test, true
from ..websocket import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    WebSocket,
    expect_refusal,
    fragments,
    frame,
    head,
    masked,
)
from .ws_frames import AGAINST_URL, GROUP, HELLO, ORDER, SHARED_SITE, pattern  # noqa: F401 (read by the runner)

VALID = (
    ("ASCII with all controls", bytes(range(128))),
    ("the Greek kosme", "κόσμε".encode()),
    ("the first of two bytes, U+0080", b"\xc2\x80"),
    ("the last of two bytes, U+07FF", b"\xdf\xbf"),
    ("the first of three bytes, U+0800", b"\xe0\xa0\x80"),
    ("the last before the surrogates, U+D7FF", b"\xed\x9f\xbf"),
    ("the first after the surrogates, U+E000", b"\xee\x80\x80"),
    ("the replacement character, U+FFFD", b"\xef\xbf\xbd"),
    ("the noncharacters U+FFFE and U+FFFF", b"\xef\xbf\xbe\xef\xbf\xbf"),
    ("a byte order mark", b"\xef\xbb\xbftext"),
    ("the first of four bytes, U+10000", b"\xf0\x90\x80\x80"),
    ("the last of all, U+10FFFF", b"\xf4\x8f\xbf\xbf"),
    ("combining marks and an emoji of many parts", "Z̃ 👩‍👩‍👧‍👦".encode()),
)

#: What it is, the bytes, and which of them proves that they cannot be UTF-8.
INVALID = (
    ("a continuation byte alone, 80", b"\x80", 0),
    ("a continuation byte alone, BF", b"\xbf", 0),
    ("FE", b"\xfe", 0),
    ("FF", b"\xff", 0),
    ("F5, which begins nothing", b"\xf5\x80\x80\x80", 0),
    ("F8, which began five bytes", b"\xf8\x88\x80\x80\x80", 0),
    ("FC, which began six bytes", b"\xfc\x84\x80\x80\x80\x80", 0),
    ("C0, a long slash", b"\xc0\xaf", 0),
    ("C1, a long U+007F", b"\xc1\xbf", 0),
    ("E0 80, a long slash", b"\xe0\x80\xaf", 1),
    ("E0 9F, a long U+07FF", b"\xe0\x9f\xbf", 1),
    ("F0 80, a long slash", b"\xf0\x80\x80\xaf", 1),
    ("F0 8F, a long U+FFFF", b"\xf0\x8f\xbf\xbf", 1),
    ("ED A0, the surrogate U+D800", b"\xed\xa0\x80", 1),
    ("ED BF, the surrogate U+DFFF", b"\xed\xbf\xbf", 1),
    ("a pair of surrogates", b"\xed\xa0\xbd\xed\xb8\x80", 1),
    ("F4 90, beyond U+10FFFF", b"\xf4\x90\x80\x80", 1),
    ("two bytes, the second missing", b"\xc3A", 1),
    ("three bytes, the second missing", b"\xe6A", 1),
    ("three bytes, the third missing", b"\xe6\xb0A", 2),
    ("four bytes, the fourth missing", b"\xf0\x9d\x84A", 3),
    ("a beginning inside a character", b"\xe6\xb0\xe6\xb0\xb4", 2),
    ("one continuation byte too many", b"\xc3\xa9\xa9", 2),
)


@test("8.1: a text with {0} comes back, whole and in fragments of one byte", cases=VALID)
def valid(site, _, data):
    with WebSocket(site) as socket:
        for padding in (b"", b"p" * 13, b"p" * 61):
            socket.echo(padding + data)
            socket.send(fragments(TEXT, padding + data, 1))
            socket.expect(TEXT, padding + data)


@test("8.1: {0} fails with 1007 at byte {2}, and not before, inside an unfinished frame", cases=INVALID)
def invalid(site, _, data, place):
    for padding in (b"", "pä".encode() * 11):
        sent = head(TEXT, 1000) + masked(padding + data, b"\x37\xfa\x21\x3d")
        start = len(sent) - len(data) + place
        with WebSocket(site) as socket:
            socket.send(HELLO + sent[:start])
            socket.expect(TEXT, b"hello")
            true(socket.is_silent(0.02), "it failed before the byte that proves it")
            socket.send(sent[start : start + 1])
            socket.expect_failure(1007)


@test("8.1: {0} fails with 1007 inside an unfinished message, every byte in a fragment of its own", cases=INVALID)
def invalid_fragments(site, _, data, place):
    pieces = [frame(CONTINUATION, bytes([byte]), final=False) for byte in data[: place + 1]]
    expect_refusal(site, frame(TEXT, "ok: ä".encode(), final=False) + b"".join(pieces), 1007)


@test("8.1: {0} fails with 1007 in a whole frame, wherever it stands in 70 bytes", cases=INVALID)
def invalid_places(site, _, data, __):
    for start in (*range(18), 31, 32, 33, 47, 48, 63, 64, 65):
        expect_refusal(site, frame(TEXT, b"a" * start + data + b"z" * (70 - start)), 1007)


@test("8.1: {0} passes in a binary message", cases=INVALID)
def binary(site, _, data, __):
    with WebSocket(site) as socket:
        socket.echo(data, BINARY)
        socket.send(fragments(BINARY, data, 1))
        socket.expect(BINARY, data)


@test(
    "8.1: a text that ends inside a character fails with 1007: {0}",
    cases=(
        ("after C3", b"\xc3"),
        ("after E6", b"\xe6"),
        ("after E6 B0", b"\xe6\xb0"),
        ("after F0", b"\xf0"),
        ("after F0 9D", b"\xf0\x9d"),
        ("after F0 9D 84", b"\xf0\x9d\x84"),
    ),
)
def unfinished(site, _, data):
    for padding in (b"", b"padding", b"p" * 64):
        expect_refusal(site, frame(TEXT, padding + data), 1007)
        expect_refusal(site, fragments(TEXT, padding + data, 1), 1007)
    expect_refusal(site, frame(TEXT, data, final=False) + frame(CONTINUATION), 1007)


@test("5.6: a fragment may end inside a character, also before a ping or an empty fragment")
def split_characters(site):
    text = "aß水𝄞z".encode()
    with WebSocket(site) as socket:
        for point in range(len(text) + 1):
            first, second = frame(TEXT, text[:point], final=False), frame(CONTINUATION, text[point:])
            for between in (b"", frame(PING, b"p"), frame(CONTINUATION, b"", final=False)):
                socket.send(first + between + second)
                if between == frame(PING, b"p"):
                    socket.expect(PONG, b"p")
                socket.expect(TEXT, text)


@test("8.1: one message's state does not reach into the next: text, binary, text")
def states(site):
    with WebSocket(site) as socket:
        for _ in range(3):
            socket.echo("ä".encode())
            socket.echo(b"\xc3", BINARY)
            socket.send(fragments(BINARY, b"\xff\xc3", 1))
            socket.expect(BINARY, b"\xff\xc3")
            socket.send(fragments(TEXT, "水".encode(), 1))
            socket.expect(TEXT, "水".encode())
    expect_refusal(site, frame(BINARY, b"\xc3") + frame(TEXT, b"\xa4"), 1007, [(BINARY, b"\xc3")])


@test("5.6: all 1,112,064 characters of Unicode come back")
def everything(site):
    text = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000)))).encode()
    with WebSocket(site, timeout=20) as socket:
        with socket.sending(frame(TEXT, text)):
            socket.expect(TEXT, text)
        with socket.sending(fragments(TEXT, text, 4099)):
            socket.expect(TEXT, text)


@test("8.1: a long text that is not UTF-8 fails with 1007 behind {0} long ones that come back", cases=(0, 1, 20))
def long_text(site, count):
    good, bad = pattern(5000), pattern(4990) + b"\xc3" + pattern(9)
    data = frame(TEXT, good) * count + frame(TEXT, bad)
    expect_refusal(site, data, 1007, [(TEXT, good)] * count)


@test("8.1: what Python's decoder says of 1,500 random strings, the server says too")
def random_strings(site):
    chance = random.Random(81)
    alphabet = [b"a", b"\x7f", b"\x80", b"\xbf", b"\xc2", b"\xdf", b"\xe0", b"\xa0", b"\xed", b"\x9f", b"\xef", b"\xf0"]
    alphabet += [b"\x90", b"\xf4", b"\x8f", b"\xf5", "ä".encode(), "水".encode(), "𝄞".encode(), b"text of sixteen."]
    socket = WebSocket(site)
    for _ in range(1500):
        data = b"".join(chance.choice(alphabet) for _ in range(chance.choice((1, 2, 3, 3, 4, 8))))
        try:
            data.decode()
            socket.echo(data)
        except UnicodeDecodeError:
            socket.send(frame(TEXT, data))
            socket.expect_failure(1007)
            socket.close()
            socket = WebSocket(site)
    socket.finish()
