# Tests/blackbox/client.py — a raw-socket HTTP/1.1 client with a strict response parser
"""Nothing is forgiven: a response that RFC 9112 does not allow fails the test that read it. What follows a response
stays in the connection's buffer, so keep-alive and pipelining can be checked to the byte.
"""

import contextlib
import fcntl
import re
import select
import socket
import struct
import termios
import time

from .framework import Failure, brief, equal, eventually
from .process import unread

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)\Z")
VISIBLE = rb"[\x21-\x7e\x80-\xff]"
FIELD_LINE = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(" + VISIBLE + rb"(?:[\t\x20-\x7e\x80-\xff]*" + VISIBLE + rb")?)?[ \t]*\Z"
)
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]+)(?:;[\t\x20-\x7e]*)?\Z")


class Response:
    """One parsed response. `wire` holds the bytes that it was parsed from."""

    def __init__(self, status, reason, fields, body, wire):
        self.status, self.reason, self.fields, self.body, self.wire = status, reason, fields, body, wire

    def field(self, name):
        """The only value of a field, or None. Two of them fail the test."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        if len(values) > 1:
            raise Failure(f"{len(values)} {name} fields in one response: {self}")
        return values[0] if values else None

    def closes(self):
        """Whether it announces that the connection ends with it."""
        return "close" in [token.strip().lower() for token in (self.field("Connection") or "").split(",")]

    def __repr__(self):
        return f"<{self.status} {self.reason} {self.fields} body={brief(self.body, 120)}>"


class Connection:
    """A connection to a service. Every wait is bounded by `timeout` seconds."""

    def __init__(self, address, timeout=5.0, receive_buffer=None, source=None):
        family = family_of(address)
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        try:
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        if family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Sending

    def send(self, data):
        """Sends all of `data` in one go."""
        self.socket.sendall(data)

    def send_cut(self, data, *points, pause=0.001):
        """Sends `data` in pieces that end at `points`, with a pause after each, so that the server sees them apart."""
        start = 0
        for end in (*points, len(data)):
            if end > start:
                self.socket.sendall(data[start:end])
                if end < len(data):
                    time.sleep(pause)
            start = end

    def send_bytewise(self, data, pause=0.0005):
        """Sends one byte at a time."""
        self.send_cut(data, *range(1, len(data)), pause=pause)

    def offer(self, data, *points):
        """Sends like `send_cut` to a server that may have had enough before the end."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_cut(data, *points)

    def await_received(self, seconds=5.0):
        """Waits until the server has received all that was sent, so that what comes next finds it knowing that."""
        eventually(lambda: not self.unreceived(), lambda: f"{self.unreceived()} bytes are not received", seconds, 0.002)

    def unreceived(self):
        """The bytes on their way to the server, or waiting there to be received."""
        waiting = struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0]
        if self.socket.family == socket.AF_UNIX:
            return waiting
        return waiting + unread(self.socket.getpeername()[1], self.socket.getsockname()[1])

    def half_close(self):
        """Says that nothing more will be sent; receiving goes on."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with a RST instead of a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # Receiving

    def more(self):
        """Receives once into the buffer; false at the end of the stream."""
        try:
            data = self.socket.recv(262144)
        except TimeoutError:
            raise Failure(f"nothing came within {self.socket.gettimeout()} s; so far: {brief(self.buffer)}") from None
        self.buffer += data
        return bool(data)

    def need(self, count):
        """Receives until `count` bytes are there."""
        while len(self.buffer) < count:
            if not self.more():
                raise Failure(f"the connection ended {count - len(self.buffer)} bytes too early: {brief(self.buffer)}")

    def take(self, count):
        self.need(count)
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def take_line(self):
        """Takes a line with its CRLF off and returns it without."""
        while b"\n" not in self.buffer:
            self.need(len(self.buffer) + 1)
        line = self.take(self.buffer.index(b"\n") + 1)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\x00" in line:
            raise Failure(f"a line that does not end in CRLF: {brief(line)}")
        return line[:-2]

    def read_response(self, method="GET"):
        """Reads exactly one response to a request of `method` (interim ones, 1xx, count as one)."""
        status_line = self.take_line()
        wire = status_line + b"\r\n"
        match = STATUS_LINE.match(status_line)
        if not match:
            raise Failure(f"not a status line: {brief(status_line)}")
        status, fields = int(match[1]), []
        while line := self.take_line():
            wire += line + b"\r\n"
            field = FIELD_LINE.match(line)
            if not field:
                raise Failure(f"not a field line: {brief(line)}")
            fields.append((field[1].decode(), (field[2] or b"").decode("latin-1")))
        response = Response(status, match[2].decode("latin-1"), fields, b"", wire + b"\r\n")
        self.read_body(response, method)
        return response

    def read_body(self, response, method):
        length, coding = response.field("Content-Length"), response.field("Transfer-Encoding")
        if length is not None and coding is not None:
            raise Failure(f"both Content-Length and Transfer-Encoding: {response}")
        if length is not None and not re.fullmatch("[0-9]+", length):
            raise Failure(f"a Content-Length that is no number: {response}")
        if response.status < 200 or response.status == 204:
            if length is not None or coding is not None:
                raise Failure(f"a {response.status} with a length (RFC 9110 8.6): {response}")
        elif method == "HEAD" or response.status == 304:
            return
        elif length is not None:
            response.body = self.take(int(length))
            response.wire += response.body
        elif coding is not None:
            equal(coding.lower(), "chunked", "Transfer-Encoding")
            self.read_chunks(response)
        else:
            while self.more():
                pass
            response.body, self.buffer = self.buffer, b""
            response.wire += response.body

    def read_chunks(self, response):
        while True:
            line = self.take_line()
            response.wire += line + b"\r\n"
            match = CHUNK_LINE.match(line)
            if not match:
                raise Failure(f"not a chunk line: {brief(line)}")
            size = int(match[1], 16)
            if size == 0:
                while trailer := self.take_line():
                    response.wire += trailer + b"\r\n"
                response.wire += b"\r\n"
                return
            data = self.take(size + 2)
            if data[-2:] != b"\r\n":
                raise Failure(f"a chunk that does not end in CRLF: {brief(data)}")
            response.wire += data
            response.body += data[:-2]

    def exchange(self, data, method="GET"):
        """Sends a request and reads its response."""
        self.send(data)
        return self.read_response(method)

    def expect_end(self, what="the connection"):
        """Fails unless the server closes, cleanly and without another byte."""
        try:
            while self.more():
                pass
        except ConnectionResetError:
            raise Failure(f"{what} was reset instead of closed") from None
        if self.buffer:
            raise Failure(f"{what} carried more bytes before its end: {brief(self.buffer)}")

    def is_silent(self, seconds):
        """Whether nothing, neither a byte nor the end, comes for so long."""
        return not self.buffer and not select.select([self.socket], [], [], seconds)[0]

    def responses_until_end(self):
        """All responses up to the end of the stream; a reset between two of them counts as the end."""
        responses = []
        try:
            while self.buffer or self.more():
                responses.append(self.read_response())
        except ConnectionResetError:
            if self.buffer:
                raise Failure(f"reset in the middle of a response: {brief(self.buffer)}") from None
        return responses

    def data_segments(self):
        """How many TCP segments with data have come in (`tcpi_data_segs_in` of <linux/tcp.h>)."""
        return self.tcp_info(152)

    def empty_segments(self):
        """How many without data (`tcpi_segs_in` less those): acknowledgements, or a FIN on its own."""
        return self.tcp_info(140) - self.data_segments()

    def tcp_info(self, offset):
        return struct.unpack_from("I", self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), offset)[0]


def family_of(address):
    """The address family of a path, or of a pair of host and port."""
    if isinstance(address, str):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def request(target="/", method="GET", *fields, version="1.1", host="test", body=b""):
    """The bytes of a request. `fields` are whole lines without CRLF; `host=None` leaves the Host field out."""
    lines = [f"{method} {target} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines.extend(fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def chunked(*pieces, trailer=b""):
    """A chunked body of `pieces`."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailer + b"\r\n"
