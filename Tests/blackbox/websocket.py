# Tests/blackbox/websocket.py — a raw-socket WebSocket client (RFC 6455): strict when it reads, free when it writes
"""What it reads must be right to the bit: masked, fragmented or needlessly long frames of a server fail the test.
What it writes may be anything: every header bit, length form and mask is the test's choice, and so is every cut.
"""

import base64
import contextlib
import hashlib
import struct
import threading
from dataclasses import dataclass

from .client import Connection, request
from .framework import Failure, brief, equal, true

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

#: The key of RFC 6455 1.3 and the answer to it.
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#: The mask of RFC 6455 5.7.
MASK = b"\x37\xfa\x21\x3d"

#: Close codes at the borders of RFC 6455 7.4 and of IANA's registry. 1005, 1006 and 1015 never go over the wire.
GOOD_CODES = (*range(1000, 1004), *range(1007, 1015), 3000, 3001, 3999, 4000, 4001, 4999)
BAD_CODES = (0, 1, 255, 256, 998, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 32768, 65535)


@dataclass
class Frame:
    """One frame as it came."""

    opcode: int
    payload: bytes
    final: bool = True


# What a client sends


def handshake(
    target="/ws",
    *fields,
    method="GET",
    key=KEY,
    version="13",
    upgrade="websocket",
    connection="Upgrade",
    host="test",
    http="1.1",
    body=b"",
):
    """The bytes of an opening handshake. `fields` are further lines; what is None is left out."""
    named = {
        "Upgrade": upgrade,
        "Connection": connection,
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": version,
    }
    lines = [f"{name}: {value}" for name, value in named.items() if value is not None]
    return request(target, method, *lines, *fields, version=http, host=host, body=body)


def accept_for(key):
    """The Sec-WebSocket-Accept that belongs to a key (RFC 6455 4.2.2)."""
    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return base64.b64encode(digest).decode()


def masked(data, mask):
    """`data` under a mask (RFC 6455 5.3); the same again takes it off."""
    whole = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(data), "big")


def head(opcode, length, final=True, reserved=0, mask=MASK, form=None):
    """A frame's header. `form` is the number of length bytes, 0, 2 or 8, if it shall not be the shortest."""
    if form is None:
        form = 0 if length < 126 else 2 if length < 65536 else 8
    first = final << 7 | reserved << 4 | opcode
    short = {0: length, 2: 126, 8: 127}[form]
    extended = length.to_bytes(form, "big") if form else b""
    return bytes([first, (mask is not None) << 7 | short]) + extended + (mask or b"")


def frame(opcode, payload=b"", mask=MASK, **options):
    """A whole frame; `mask=None` sends it bare, and `options` are those of `head`."""
    return head(opcode, len(payload), mask=mask, **options) + (masked(payload, mask) if mask else payload)


def fragments(opcode, data, size, mask=MASK):
    """A message in frames of `size` bytes each."""
    if size == 1 and data:
        return single_byte_fragments(opcode, data, mask)
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    last = len(pieces) - 1
    return b"".join(
        frame(CONTINUATION if index else opcode, piece, mask, final=index == last) for index, piece in enumerate(pieces)
    )


def single_byte_fragments(opcode, data, mask):
    """The same for one byte each, fast enough for millions of them."""
    wire = bytearray(frame(CONTINUATION, data[:1], mask, final=False) * len(data))
    wire[0] |= opcode
    wire[-7] |= 0x80
    wire[6::7] = masked(data, mask[:1] * 4)
    return bytes(wire)


def close_payload(code=None, reason=b""):
    """The payload of a Close frame."""
    return b"" if code is None else struct.pack(">H", code) + reason


def close_frame(code=None, reason=b""):
    return frame(CLOSE, close_payload(code, reason))


# A connection


class WebSocket(Connection):
    """A connection to a site, past the opening handshake unless `open=False`."""

    def __init__(self, site, target="/ws", *fields, open=True, **options):
        super().__init__(site.address, **options)
        # Taking from the front of a bytearray costs the same however much is behind.
        self.buffer = bytearray()
        if open:
            try:
                self.send(handshake(target, *fields))
                self.read_handshake()
            except BaseException:
                self.close()
                raise

    def take(self, count):
        self.need(count)
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    # Receiving

    def read_handshake(self, accept=ACCEPT):
        """Reads the 101 and holds it to RFC 6455 4.2.2; nothing was offered that it may accept."""
        response = self.read_response()
        equal(response.status, 101, f"status of the handshake, {response}")
        equal((response.field("Upgrade") or "").lower(), "websocket", "Upgrade")
        options = [option.strip().lower() for option in (response.field("Connection") or "").split(",")]
        true("upgrade" in options and "close" not in options, f"Connection: {options}")
        equal(response.field("Sec-WebSocket-Accept"), accept, "Sec-WebSocket-Accept")
        for name in ("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"):
            equal(response.field(name), None, name)
        return response

    def read_frame(self):
        """Reads one frame, and checks that a server may send it (RFC 6455 5.1, 5.2, 5.5)."""
        first, second = self.take(2)
        final, opcode, length = bool(first & 0x80), first & 0x0F, second & 0x7F
        start = f"a frame that begins {first:02x} {second:02x}"
        true(not first & 0x70, f"{start}: reserved bits without an extension")
        true(opcode in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG), f"{start}: a reserved opcode")
        true(not second & 0x80, f"{start}: a server must not mask")
        if opcode >= CLOSE:
            true(final and length <= 125, f"{start}: a control frame in pieces, or longer than 125 bytes")
        if length == 126:
            length = int.from_bytes(self.take(2), "big")
            true(length > 125, f"{start}: a length of {length} in 16 bits")
        elif length == 127:
            length = int.from_bytes(self.take(8), "big")
            true(65535 < length < 1 << 63, f"{start}: a length of {length} in 64 bits")
        return Frame(opcode, self.take(length), final)

    def expect(self, opcode, payload):
        """The next frame is this one, whole."""
        came = self.read_frame()
        if came != Frame(opcode, payload):
            raise Failure(f"expected {brief(Frame(opcode, payload), 300)}, got {brief(came, 300)}")

    def expect_close(self, code, reason=None):
        """The next frame is a Close with this code (None: none), and a reason that is UTF-8; returns the reason."""
        came = self.read_frame()
        equal(came.opcode, CLOSE, f"opcode of {brief(came, 300)}, a Close {code} being expected")
        actual = struct.unpack(">H", came.payload[:2])[0] if len(came.payload) >= 2 else None
        equal(actual, code, f"code of {came}")
        text = came.payload[2:].decode()
        true(reason is None or text == reason, f"reason: expected {reason!r}, got {text!r}")
        return text

    def expect_failure(self, code):
        """The server fails the connection: Close with `code`, not another frame, the end (RFC 6455 7.1.7)."""
        reason = self.expect_close(code)
        self.expect_end(f"a WebSocket that failed with {code}")
        return reason

    # Both ways

    def echo(self, payload, opcode=TEXT, **options):
        """Sends a message in one frame and expects it back."""
        self.send(frame(opcode, payload, **options))
        self.expect(opcode, payload)

    def finish(self, code=1000):
        """The closing handshake from this side: the code comes back, then the server ends the connection first."""
        self.send(close_frame(code))
        self.expect_close(code)
        self.expect_end("a WebSocket after its closing handshake")
        self.close()

    @contextlib.contextmanager
    def sending(self, data, *points):
        """Sends like `offer` from another thread, so that answers may be read meanwhile."""
        sender = threading.Thread(target=self.offer, args=(data, *points), daemon=True)
        sender.start()
        yield
        sender.join(self.socket.gettimeout())
        true(not sender.is_alive(), "the server does not take all that is sent to it")


def expect_refusal(site, data, code, before=()):
    """Sends `data` on a WebSocket of its own: frames `before`, then the Close with `code`, then the end."""
    with WebSocket(site) as socket:
        socket.offer(data)
        for opcode, payload in before:
            socket.expect(opcode, payload)
        return socket.expect_failure(code)
