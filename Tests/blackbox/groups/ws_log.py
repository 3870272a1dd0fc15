# Tests/blackbox/groups/ws_log.py — what the log says of WebSockets: handshakes, messages, ends

import re
import signal
import time

from ..client import request
from ..framework import equal, eventually, test, true
from ..websocket import BINARY, PING, PONG, TEXT, WebSocket, close_frame, fragments, frame, handshake
from .log_lines import expect_form, logged
from .ws_frames import HELLO

GROUP, ORDER = "ws", 43

#: What every line ends with.
TIME = r" time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z"
WS_LINE = re.compile(
    r"\[WS\] fd=\d+ (?:"
    r"handshake complete route=/\S*(?: protocol=\S+)?|"
    r"message kind=(?:text|binary) bytes=\d+(?: repeat=\d+)?|"
    r"closed code=\d{4} by=(?:peer|server)(?: reason=[\x20-\x7e]+?)?)" + TIME
)


def expect_ws_form(lines):
    """Checks that each line of the log is a whole one, and that each [WS] line has its fields."""
    expect_form(lines)
    for line in lines:
        true(not line.startswith("[WS]") or WS_LINE.match(line), f"not a [WS] line: {line!r}")


def messages_in(lines):
    """Counts the messages that the lines stand for: (kind, bytes) → how many."""
    counts = {}
    for line in lines:
        if match := re.match(r"\[WS\] fd=\d+ message kind=(\w+) bytes=(\d+)(?: repeat=(\d+))?" + TIME, line):
            key = (match[1], int(match[2]))
            counts[key] = counts.get(key, 0) + int(match[3] or 1)
    return counts


@test("a handshake is logged, with its descriptor, and as a request with status 101: {0}", cases=("/ws", "/term"))
def handshakes(run, target):
    with run.fresh() as server, WebSocket(server, target):
        fd = logged(server, r"\[ACCEPT\] fd=(\d+) ")[1]
        logged(server, rf"\[HTTP\] fd={fd} method=GET route={target} status=101 bytes=0(?: |\Z)")
        logged(server, rf"\[WS\] fd={fd} handshake complete route={target}{TIME}")
        tags = [line.split()[0] for line in server.log() if f" fd={fd} " in line and not line.startswith("[ACCEPT]")]
        equal(tags, ["[HTTP]", "[WS]"], "order of the worker's lines")
        expect_ws_form(server.log())


@test(
    "a handshake that is refused with {0} for {1} is logged as a request, and not as a WebSocket",
    cases=(
        (426, "no Upgrade", request("/ws")),
        (426, "its version", handshake(version="8")),
        (400, "its key", handshake(key="short")),
        (404, "its target", handshake("/no")),
    ),
)
def refused(run, status, _, data):
    with run.fresh() as server, server.connect() as connection:
        equal(connection.exchange(data).status, status, "status")
        logged(server, rf"\[HTTP\] fd=\d+ method=GET .*status={status} ")
        true(not any(line.startswith("[WS]") for line in server.log()), "a [WS] line")


@test(
    "a message is logged with its kind and size: {0}",
    cases=(
        ("a text", frame(TEXT, b"twenty bytes of text"), "text", 20),
        ("a binary message", frame(BINARY, bytes(300)), "binary", 300),
        ("an empty text", frame(TEXT), "text", 0),
        ("a fragmented one, as a whole", fragments(TEXT, b"twenty bytes of text", 3), "text", 20),
        ("a large one", frame(BINARY, bytes(1 << 20)), "binary", 1 << 20),
    ),
)
def message(run, _, data, kind, size):
    with run.fresh() as server, WebSocket(server) as socket:
        with socket.sending(data):
            equal(len(socket.read_frame().payload), size, "bytes of the echo")
        logged(server, rf"\[WS\] fd=\d+ message kind={kind} bytes={size}{TIME}")
        equal(messages_in(server.log()), {(kind, size): 1}, "messages in the log")


@test("equal messages in one batch share a line with repeat=, others have their own; every one is counted")
def repeats(run):
    with run.fresh() as server, WebSocket(server) as socket:
        batch = HELLO * 10 + frame(TEXT, b"longer one") + HELLO + frame(BINARY, b"hello") * 2
        socket.send(batch)
        for _ in range(14):
            socket.read_frame()
        eventually(lambda: sum(messages_in(server.log()).values()) == 14, lambda: f"{messages_in(server.log())}")
        expected = {("text", 5): 11, ("text", 10): 1, ("binary", 5): 2}
        equal(messages_in(server.log()), expected, "messages in the log")
        lines = [line.partition("message ")[2] for line in server.log() if " message " in line]
        true(any("bytes=5 repeat=" in line for line in lines), f"no repeat= in {lines}")
        expect_ws_form(server.log())


@test("each of 5,000 messages one after the other is logged exactly once")
def counted(run):
    with run.fresh() as server, WebSocket(server) as socket:
        for index in range(5000):
            socket.echo(b"x" * (index % 7))
        wanted = {("text", size): len(range(size, 5000, 7)) for size in range(7)}
        eventually(lambda: messages_in(server.log()) == wanted, lambda: f"{messages_in(server.log())}, not {wanted}")


@test("control frames are no messages")
def control(run):
    with run.fresh() as server, WebSocket(server) as socket:
        socket.send(frame(PING, b"p") + frame(PONG))
        socket.expect(PONG, b"p")
        socket.finish()
        logged(server, r"\[WS\] fd=\d+ closed ")
        equal(messages_in(server.log()), {}, "messages in the log")


@test(
    "an end is logged with its code and by whom: {0}",
    cases=(
        ("a Close 1000", close_frame(1000), "1000 by=peer"),
        ("a Close 4999 with a reason", close_frame(4999, b"private reason"), "4999 by=peer"),
        ("an empty Close", close_frame(), "1005 by=peer"),
        ("no mask", frame(TEXT, b"x", mask=None), "1002 by=server reason=unmasked frame"),
        ("a reserved bit", frame(TEXT, b"x", reserved=4), "1002 by=server reason=.+"),
        ("bad UTF-8", frame(TEXT, b"\xff"), "1007 by=server reason=.+"),
        ("a bad close code", close_frame(1005), "1002 by=server reason=.+"),
        (
            "a message that is too big",
            b"\x82\xff" + (1 << 40).to_bytes(8, "big") + bytes(4),
            "1009 by=server reason=.+",
        ),
    ),
)
def ends(run, _, data, pattern):
    with run.fresh() as server, WebSocket(server) as socket:
        fd = logged(server, r"\[ACCEPT\] fd=(\d+) ")[1]
        socket.offer(data)
        while socket.more():
            pass
        logged(server, rf"\[WS\] fd={fd} closed code={pattern}{TIME}")
        time.sleep(0.1)
        equal(sum(" closed code=" in line for line in server.log()), 1, "lines about the end")
        expect_ws_form(server.log())


@test(
    "a connection that ends without a Close is logged with 1006: {0}",
    cases=(
        ("closed", b"", False),
        ("reset", b"", True),
        ("closed inside a frame", HELLO[:7], False),
        ("reset inside a message", frame(TEXT, b"a", final=False), True),
    ),
)
def abnormal(run, _, data, reset):
    with run.fresh() as server:
        socket = WebSocket(server)
        socket.echo(b"hello")
        socket.send(data)
        time.sleep(0.05)
        socket.reset() if reset else socket.close()
        logged(server, rf"\[WS\] fd=\d+ closed code=1006 by=\w+(?: reason=.+)?{TIME}")
        time.sleep(0.1)
        equal(sum(" closed code=" in line for line in server.log()), 1, "lines about the end")
        expect_ws_form(server.log())


@test("SIGTERM is logged as 1001 by the server, once for each WebSocket")
def going_away(run):
    with run.fresh() as server:
        crowd = [WebSocket(server) for _ in range(10)]
        server.signal(signal.SIGTERM)
        for socket in crowd:
            socket.expect_close(1001)
            socket.send(close_frame(1001))
            socket.expect_end()
        equal(server.wait(3), 0, "exit status")
        ends = [line for line in server.log() if " closed code=" in line]
        equal(len([line for line in ends if re.search(r" closed code=1001 by=server", line)]), 10, f"ends in {ends}")
        expect_ws_form(server.log())


@test("a peer that never answers a ping is logged as 1011 by the server")
def ping_timeout(run):
    with run.fresh(settings={"pingInterval": "200ms", "pingTimeout": "200ms"}) as server, WebSocket(server) as socket:
        equal(socket.read_frame().opcode, PING, "opcode")
        socket.expect_failure(1011)
        logged(server, rf"\[WS\] fd=\d+ closed code=1011 by=server reason=.+{TIME}")


@test("no message and no reason forges a line")
def forged(run):
    text = b"x\r\n[WS] fd=1 forged\n[PANIC] forged\r"
    with run.fresh() as server, WebSocket(server, "/ws?\x22a=b") as socket:
        socket.echo(text)
        socket.send(close_frame(1000, text))
        socket.expect_failure(1000)
        logged(server, r"\[WS\] fd=\d+ closed code=1000 by=peer")
        true("forged" not in "\n".join(line for line in server.log() if not line.startswith("[WS] ")), "a forged line")
        expect_ws_form(server.log())
