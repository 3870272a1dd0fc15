# Tests/blackbox/groups/ws_close.py — the closing handshake (RFC 6455 5.5.1, 7), and connections that end without one

import contextlib
import signal
import time

from ..framework import among, equal, test, true
from ..websocket import (
    BAD_CODES,
    BINARY,
    CLOSE,
    GOOD_CODES,
    PING,
    PONG,
    TEXT,
    WebSocket,
    close_frame,
    expect_refusal,
    frame,
    handshake,
    head,
)
from .ws_frames import AGAINST_URL, GROUP, HELLO, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)


@test("5.5.1, 7.4: the code {0} is echoed, then the server ends the connection first", cases=GOOD_CODES)
def good_codes(site, code):
    with WebSocket(site) as socket:
        socket.finish(code)


@test("7.4: the code {0} must not be sent: 1002", cases=BAD_CODES)
def bad_codes(site, code):
    expect_refusal(site, close_frame(code), 1002)


@test("7.4.2: a code every 97 from 0 to 5100, and around every 1000, is echoed or refused")
def sampled_codes(site):
    for code in sorted(
        {*range(0, 5100, 97), *(edge + step for edge in range(1000, 5001, 1000) for step in range(-3, 20))}
    ):
        good = code in GOOD_CODES or 3000 <= code <= 4999
        with WebSocket(site) as socket:
            socket.send(close_frame(code))
            socket.expect_failure(code if good else 1002)


@test("5.5.1: an empty Close is answered with an empty one")
def no_code(site):
    with WebSocket(site) as socket:
        socket.finish(None)


@test("5.5.1: a Close of one byte fails with 1002")
def one_byte(site):
    for byte in (b"\x03", b"\x00", b"\xff"):
        expect_refusal(site, frame(CLOSE, byte), 1002)


@test(
    "5.5.1: a reason is taken: {0}",
    cases=(
        ("one letter", b"x"),
        ("a sentence", b"That is all, thank you."),
        ("UTF-8", "Tschüß, 再见 🖐".encode()),
        ("a NUL", b"\x00"),
        ("123 bytes, the most there can be", b"r" * 123),
        ("123 bytes of UTF-8", "水".encode() * 41),
    ),
)
def reason(site, _, text):
    with WebSocket(site) as socket:
        socket.send(close_frame(1000, text))
        among(socket.expect_close(1000), ("", text.decode()), "reason of the answer")
        socket.expect_end()


@test(
    "8.1: a reason that is not UTF-8 fails with 1007: {0}",
    cases=(
        ("a lone continuation byte", b"\x80"),
        ("an unfinished character", b"abc\xe6\xb0"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("an overlong form", b"\xc0\xaf"),
        ("beyond U+10FFFF", b"\xf4\x90\x80\x80"),
        ("the last of 123 bytes", b"r" * 122 + b"\xff"),
    ),
)
def bad_reason(site, _, text):
    expect_refusal(site, close_frame(1000, text), 1007)


@test("5.5.1: nothing that comes after a Close is answered")
def after_close(site):
    data = HELLO + frame(PING, b"p") + close_frame(1001) + HELLO * 10 + frame(PING, b"late") + close_frame(1000)
    with WebSocket(site) as socket:
        socket.send(data)
        socket.expect(TEXT, b"hello")
        socket.expect(PONG, b"p")
        socket.expect_failure(1001)


@test("7.1.1: a peer that goes on sending after its Close gets the answer, not a reset")
def talks_on(site):
    with WebSocket(site) as socket, socket.sending(close_frame(1000) + frame(BINARY, bytes(65_000)) * 60):
        socket.expect_failure(1000)


@test("5.4, 5.5: a Close inside a fragmented message is answered")
def inside_message(site):
    with WebSocket(site) as socket:
        socket.send(frame(TEXT, b"never", final=False) + frame(PING) + close_frame(1000))
        socket.expect(PONG, b"")
        socket.expect_failure(1000)


@test("a Close that comes byte by byte, or cut anywhere, is answered")
def cut(site):
    data = close_frame(1000, b"bye")
    for point in range(1, len(data)):
        with WebSocket(site) as socket:
            socket.send_cut(data, point)
            socket.expect_failure(1000)
    with WebSocket(site) as socket:
        socket.send_bytewise(data)
        socket.expect_failure(1000)


@test("7.1.1: the server closes TCP first, at once, and does not wait for the peer")
def server_first(site):
    with WebSocket(site) as socket:
        start = time.monotonic()
        socket.finish()
        true(time.monotonic() - start < 0.5, f"the end came {time.monotonic() - start:.2f} s after the Close")


@test("7.1.4: a Close behind 16 messages of 64 KiB waits for all their echoes")
def close_behind_echoes(site):
    with WebSocket(site) as socket, socket.sending(frame(BINARY, bytes(65_536)) * 16 + close_frame(1000)):
        for _ in range(16):
            socket.expect(BINARY, bytes(65_536))
        socket.expect_failure(1000)


@test(
    "a peer that half-closes {0} is answered what it asked, then the connection ends",
    cases=(
        ("at once", b"", []),
        ("after a message", HELLO, [(TEXT, b"hello")]),
        ("after 100 messages and a ping", HELLO * 100 + frame(PING, b"p"), [(TEXT, b"hello")] * 100 + [(PONG, b"p")]),
        ("after a message of 1 MiB", frame(BINARY, bytes(1 << 20)), [(BINARY, bytes(1 << 20))]),
        ("inside a frame", HELLO + HELLO[:7], [(TEXT, b"hello")]),
        ("inside a message", frame(TEXT, b"half", final=False), []),
        ("after its Close", close_frame(1000), [(CLOSE, b"\x03\xe8")]),
    ),
)
def half_close(site, _, data, answers):
    with WebSocket(site) as socket:
        socket.send(data)
        socket.half_close()
        for opcode, payload in answers:
            socket.expect(opcode, payload)
        # Whether a Close comes before the end is the server's choice.
        if not (answers and answers[-1][0] == CLOSE) and (socket.buffer or socket.more()):
            equal(socket.read_frame().opcode, CLOSE, "opcode of the last frame")
        socket.expect_end()


@test(
    "peers that vanish leave the server whole: {0}",
    cases=(
        ("closed after a message", HELLO, False),
        ("reset after a message", HELLO, True),
        ("closed inside a header", HELLO[:1], False),
        ("reset inside a header", HELLO[:4], True),
        ("closed inside a payload", head(BINARY, 1 << 20) + bytes(70_000), False),
        ("reset inside a payload", head(BINARY, 1 << 20) + bytes(70_000), True),
        ("closed inside a message", frame(TEXT, b"a" * 70_000, final=False), False),
        ("reset inside a message", frame(TEXT, b"a" * 70_000, final=False), True),
        ("reset before the echoes", frame(BINARY, bytes(60_000)) * 4, True),
        ("closed before the echoes", frame(BINARY, bytes(60_000)) * 4, False),
        ("reset after a Close", close_frame(1000), True),
        ("reset after a failure", frame(3), True),
    ),
)
def vanishing(site, _, data, reset):
    for _ in range(20):
        socket = WebSocket(site)
        socket.send(data)
        socket.reset() if reset else socket.close()
    with WebSocket(site) as socket:
        socket.echo(b"still here")
        socket.finish()


# The server ends


@test("7.4.1: SIGTERM closes every WebSocket with 1001, and the server ends when all have answered", slow=True)
def going_away(site):
    with site.fresh() as server:
        server.own()
        crowd = [WebSocket(server, ("/ws", "/term")[index % 2]) for index in range(50)]
        for index, socket in enumerate(crowd):
            if index % 2:
                equal(socket.read_frame().opcode, TEXT, "opcode of the welcome")
            socket.echo(b"hello")
        server.signal(signal.SIGTERM)
        for socket in crowd:
            socket.expect_close(1001)
            socket.send(close_frame(1001))
        start = time.monotonic()
        for socket in crowd:
            socket.expect_end()
        equal(server.wait(3), 0, "exit status")
        true(time.monotonic() - start < 1, f"the end took {time.monotonic() - start:.2f} s after the last answer")


@test(
    "7.1.1: after SIGTERM {0} still gets the 1001, and the server waits for its Close",
    slow=True,
    cases=(
        ("a peer inside a frame", HELLO[:7], HELLO[7:]),
        ("a peer inside a message", frame(TEXT, b"a", final=False), frame(0, b"b")),
        ("a peer that goes on sending", b"", HELLO * 100),
        ("a peer that pings", b"", frame(PING, b"p")),
    ),
)
def going_away_from(site, _, before, after):
    with site.fresh() as server, WebSocket(server) as socket:
        server.own()
        socket.send(before)
        socket.await_received()
        server.signal(signal.SIGTERM)
        socket.expect_close(1001)
        time.sleep(0.2)
        true(server.popen.poll() is None, "the server did not wait for the peer's Close")
        socket.send(after + close_frame(1001))
        # 5.5.1: after its Close an endpoint sends no data; a Pong is none.
        while socket.buffer or socket.more():
            equal(socket.read_frame().opcode, PONG, "opcode of a frame after the Close")
        equal(server.wait(3), 0, "exit status")


@test("7.1.1: a peer that never answers the 1001 is waited for as long as closeTimeout says", slow=True)
def silent_peer(site):
    with site.fresh(settings={"closeTimeout": "500ms"}) as server, WebSocket(server) as socket:
        start = time.monotonic()
        server.signal(signal.SIGTERM)
        equal(server.wait(5), 0, "exit status")
        true(0.4 <= time.monotonic() - start <= 2.5, f"the end took {time.monotonic() - start:.2f} s")
        socket.expect_failure(1001)


@test("a second SIGTERM does not wait for the peers' Close", slow=True)
def second_signal(site):
    with site.fresh() as server, WebSocket(server.own()) as socket:
        server.signal(signal.SIGTERM)
        socket.expect_close(1001)
        server.signal(signal.SIGTERM)
        start = time.monotonic()
        true(server.wait(3) >= 0, "killed instead of exiting")
        true(time.monotonic() - start < 1, f"the end took {time.monotonic() - start:.2f} s")


@test("peers that close at the very time of SIGTERM get one Close each", slow=True)
def crossing(site):
    with site.fresh() as server:
        server.own()
        crowd = [WebSocket(server) for _ in range(50)]
        for index, socket in enumerate(crowd):
            socket.send(close_frame(3000))
            if index == 25:
                server.signal(signal.SIGTERM)
        for socket in crowd:
            came = socket.read_frame()
            among((came.opcode, came.payload[:2]), [(CLOSE, b"\x0b\xb8"), (CLOSE, b"\x03\xe9")], "the Close")
            socket.expect_end()
        equal(server.wait(3), 0, "exit status")


@test("a handshake in the kernel's queue at SIGTERM is answered or ended, and holds nothing up", slow=True)
def late_handshake(site):
    with site.fresh() as server:
        crowd = [server.own().connect() for _ in range(20)]
        for connection in crowd:
            connection.send(handshake())
        server.signal(signal.SIGTERM)
        start = time.monotonic()
        for connection in crowd:
            connection.offer(close_frame(1000))
        equal(server.wait(8), 0, "exit status")
        true(time.monotonic() - start < 6, f"the end took {time.monotonic() - start:.2f} s")
        for connection in crowd:
            connection.close()


@test("a client that did not read gets the Close behind what it missed, and closeTimeout from when it has read that", slow=True)
def late_reader(site):
    settings = {"closeTimeout": "500ms", "drainTimeout": "8s"}
    with site.fresh(settings=settings) as server, WebSocket(server.own(), timeout=10) as socket:
        # Until the server sends no more echoes, and so reads no more.
        socket.socket.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while True:
                socket.send(frame(BINARY, b"x" * 1000))
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        socket.socket.settimeout(10)
        while (received := socket.read_frame()).opcode == BINARY:
            pass
        equal(received.opcode, CLOSE, "opcode")
        start = time.monotonic()
        equal(server.wait(9), 0, "exit status")
        true(0.3 < time.monotonic() - start < 4, f"the end took {time.monotonic() - start:.2f} s")
