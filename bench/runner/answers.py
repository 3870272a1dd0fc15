# bench/runner/answers.py — what every server has to answer: taken from ours once, then looked for in the others

import base64
import hashlib
import os
import re
import socket

from .paths import ANSWERS, ROOT
from .server import Broken

#: For each answer of the ceilings: the path, and the fields of the request.
REQUESTS = {"page": ("/", ""), "small": ("/healthz", ""), "close": ("/", "Connection: close\r\n")}


class Client:
    """A connection for a few requests, with patience for slow servers."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, path, fields="", count=1):
        self.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n".encode() * count)

    def read(self, enough):
        while not enough(self.received):
            part = self.socket.recv(1 << 16)
            if not part:
                raise Broken(f"closes after {len(self.received)} bytes")
            self.received += part

    def take(self, length):
        self.read(lambda data: len(data) >= length)
        taken, self.received = self.received[:length], self.received[length:]
        return taken

    def head(self):
        self.read(lambda data: b"\r\n\r\n" in data)
        return self.take(self.received.index(b"\r\n\r\n") + 4)

    def answer(self):
        """Head and body of the next answer."""
        head = self.head()
        if not head.startswith(b"HTTP/1.1 200"):
            raise Broken(f"answers {head.splitlines()[0].decode('latin-1')}")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if not length:
            raise Broken("answers without Content-Length")
        return head, self.take(int(length[1]))


def take_from(server):
    """Keeps what ours answers: bodies for the peers, and whole answers for the ceilings."""
    for name, (path, fields) in REQUESTS.items():
        with Client(server.port) as client:
            client.request(path, fields)
            head, body = client.answer()
        (ANSWERS / f"{name}.http").write_bytes(head + body)
        (ROOT / (path[1:] or "index.html")).write_bytes(body)


def check(server, scenario):
    """Raises Broken unless the server answers as the scenario needs it."""
    try:
        if scenario.mode == "ws":
            check_echo(server.port)
        elif scenario.mode == "close":
            check_body(server.port, scenario.path, "Connection: close\r\n", ends=True)
        elif scenario.mode == "work":
            check_digest(server.port, scenario.path)
        else:
            check_body(server.port, scenario.path, count=16 if "--depth" in scenario.load else 2)
    except OSError as error:
        raise Broken(f"does not answer: {error}") from None


def check_digest(port, path):
    digest = bytes(20)
    for _ in range(int(path.rpartition("/")[2])):
        digest = hashlib.sha1(digest).digest()
    with Client(port) as client:
        client.request(path)
        if client.answer()[1] != digest:
            raise Broken(f"answers {path} with another digest")


def check_body(port, path, fields="", count=1, ends=False):
    expected = (ROOT / (path[1:] or "index.html")).read_bytes()
    with Client(port) as client:
        client.request(path, fields, count)
        for _ in range(count):
            _, body = client.answer()
            if body != expected:
                raise Broken(f"answers {path} with {len(body)} other bytes")
        if ends and client.socket.recv(1):
            raise Broken("does not close the connection")


def check_echo(port):
    key = base64.b64encode(os.urandom(16)).decode()
    with Client(port) as client:
        client.request(
            "/ws",
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n",
        )
        if not client.head().startswith(b"HTTP/1.1 101"):
            raise Broken("does not take a WebSocket")
        for opcode, payload in ((1, "häuser".encode()), (2, bytes(range(256)) * 4)):
            client.send(frame(opcode, payload))
            expected = bytes([0x80 | opcode]) + size_bytes(len(payload)) + payload
            if client.take(len(expected)) != expected:
                raise Broken("an echo is not what was sent")


def size_bytes(size, masked=0):
    """The length of a frame's payload, as its head says it."""
    if size < 126:
        return bytes([masked | size])
    return (
        bytes([masked | 126]) + size.to_bytes(2, "big")
        if size < 1 << 16
        else bytes([masked | 127]) + size.to_bytes(8, "big")
    )


def frame(opcode, payload):
    """A whole masked message."""
    key = os.urandom(4)
    masked = bytes(byte ^ key[index & 3] for index, byte in enumerate(payload))
    return bytes([0x80 | opcode]) + size_bytes(len(payload), 0x80) + key + masked
