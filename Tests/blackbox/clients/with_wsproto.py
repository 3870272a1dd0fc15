# Tests/blackbox/clients/with_wsproto.py — scenarios played by PyPI's `wsproto`; run by groups/clients.py
"""with_wsproto.py HOST PORT SCENARIO: ends with 0 if the server did all that the library expects of it."""

import random
import socket
import sys

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason

LIMIT = 16 * 1024 * 1024


class Client:
    """A connection whose bytes `wsproto` writes and reads."""

    def __init__(self, address, target="/ws", extensions=(), subprotocols=()):
        self.socket = socket.create_connection(address, timeout=10)
        self.protocol, self.waiting = WSConnection(ConnectionType.CLIENT), []
        self.send(Request(host="test", target=target, extensions=list(extensions), subprotocols=list(subprotocols)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, event):
        self.socket.sendall(self.protocol.send(event))

    def receive(self):
        """The next event; None at the end of the stream."""
        while not self.waiting:
            data = self.socket.recv(262144)
            self.protocol.receive_data(data or None)
            self.waiting.extend(self.protocol.events())
            if not data:
                return self.waiting.pop(0) if self.waiting else None
        return self.waiting.pop(0)

    def opened(self):
        """Reads the answer to the handshake."""
        accepted = self.receive()
        assert isinstance(accepted, AcceptConnection), accepted
        assert not accepted.extensions and accepted.subprotocol is None, accepted
        return self

    def expect_message(self, data):
        """Reads one message, which may come in parts as bytes come in."""
        kind, parts = TextMessage if isinstance(data, str) else BytesMessage, []
        while True:
            part = self.receive()
            assert isinstance(part, kind), part
            parts.append(part.data)
            if part.message_finished:
                break
        assert type(data)().join(parts) == data

    def expect_close(self, code):
        """Reads the Close, and the end of the stream."""
        closed = self.receive()
        assert isinstance(closed, CloseConnection) and closed.code == code, closed
        return closed

    def expect_end(self):
        while data := self.socket.recv(4096):
            raise AssertionError(f"{data!r} after the Close")


def echo(address):
    """Messages of all sizes come back in their kind."""
    with Client(address).opened() as client:
        for data in ("", "Hello", "Grüße, 世界 🖐", "x" * 126, b"", b"\x00\xff", bytes(65_535), bytes(65_536)):
            client.send(Message(data=data))
            client.expect_message(data)


def fragmentation(address):
    """Fragments with pings between them come back as one message."""
    with Client(address).opened() as client:
        for pieces in (["one ", "two ", "three"], ["", "", ""], [b"a" * 70_000, b"b" * 125, b"c"]):
            for piece in pieces[:-1]:
                client.send(Message(data=piece, message_finished=False))
                client.send(Ping(payload=b"between"))
                pong = client.receive()
                assert isinstance(pong, Pong) and pong.payload == b"between", pong
            client.send(Message(data=pieces[-1]))
            client.expect_message(type(pieces[0])().join(pieces))


def ping(address):
    """Pings of 0, 1 and 125 bytes are answered; a pong is not."""
    with Client(address).opened() as client:
        client.send(Pong(payload=b"unasked"))
        for payload in (b"", b"x", bytes(range(125))):
            client.send(Ping(payload=payload))
            pong = client.receive()
            assert isinstance(pong, Pong) and pong.payload == payload, pong


def close(address):
    """The code of a Close comes back, then the server ends the connection."""
    for code in (CloseReason.NORMAL_CLOSURE, CloseReason.GOING_AWAY, 3000, 4999):
        with Client(address).opened() as client:
            client.send(CloseConnection(code=code, reason="bye"))
            client.expect_close(code)
            client.expect_end()


def limit(address):
    """The largest message comes back; one byte more, in fragments, is 1009."""
    data = random.Random(16).randbytes(LIMIT)
    with Client(address).opened() as client:
        client.send(Message(data=data))
        client.expect_message(data)
        client.send(Message(data=data, message_finished=False))
        client.send(Message(data=b"!"))
        client.expect_close(CloseReason.MESSAGE_TOO_BIG)


def failures(address):
    """What the server refuses, it refuses with the code that the library knows."""
    for wire, code in (
        (b"\x81\x05plain", CloseReason.PROTOCOL_ERROR),
        (b"\x83\x80mask", CloseReason.PROTOCOL_ERROR),
        (b"\x81\x81\x00\x00\x00\x00\xff", CloseReason.INVALID_FRAME_PAYLOAD_DATA),
        (b"\x88\x82\x00\x00\x00\x00\x03\xed", CloseReason.PROTOCOL_ERROR),
    ):
        with Client(address).opened() as client:
            client.socket.sendall(wire)
            client.expect_close(code)
            client.expect_end()


def offers(address):
    """Neither compression nor a subprotocol is taken up."""
    with Client(address, extensions=[PerMessageDeflate()], subprotocols=["chat"]).opened() as client:
        client.send(Message(data="not compressed " * 100))
        client.expect_message("not compressed " * 100)


def refusal(address):
    """A target that is no WebSocket is refused."""
    with Client(address, target="/nothing-here") as client:
        rejected = client.receive()
        assert isinstance(rejected, RejectConnection) and rejected.status_code == 404, rejected


if __name__ == "__main__":
    globals()[sys.argv[3]]((sys.argv[1], int(sys.argv[2])))
