# Tests/blackbox/clients/with_websockets.py — scenarios played by PyPI's `websockets`; run by groups/clients.py
"""with_websockets.py HOST PORT SCENARIO: ends with 0 if the server did all that the library expects of it."""

import asyncio
import itertools
import random
import sys

from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

LIMIT = 16 * 1024 * 1024


def echo(url):
    """Texts come back as `str`, binary messages as `bytes`, of whatever size."""
    with connect(url + "/ws", compression=None, max_size=None) as socket:
        for text in ("", "Hello", "Grüße, 世界 🖐", "x" * 125, "x" * 126, "ä" * 40_000, "x" * 65_536):
            socket.send(text)
            assert socket.recv() == text
        for size in (0, 1, 125, 126, 65_535, 65_536, 1_000_000):
            data = random.Random(size).randbytes(size)
            socket.send(data)
            assert socket.recv() == data


def fragmentation(url):
    """Messages in fragments come back whole, with pings between their fragments."""
    with connect(url + "/ws", compression=None) as socket:
        for pieces in (["one"], ["two ", "pieces"], ["", "empty", ""], list("many small pieces"), ["x" * 70_000] * 3):
            socket.send(iter(pieces))
            assert socket.recv() == "".join(pieces)
            socket.send(piece.encode() for piece in pieces)
            assert socket.recv() == "".join(pieces).encode()

        def with_pings():
            for index in range(5):
                assert socket.ping(b"%d" % index)
                yield f"part {index} "

        socket.send(with_pings())
        assert socket.recv() == "part 0 part 1 part 2 part 3 part 4 "


def ping(url):
    """Pings of the client's are answered, and its keepalive is content."""
    with connect(url + "/ws", ping_interval=0.05, ping_timeout=0.5) as socket:
        for payload in (None, b"", b"payload", bytes(125)):
            assert socket.ping(payload).wait(2), "no pong"
        for data in range(10):
            socket.ping(b"ping %d" % data)
        socket.send("between")
        assert socket.recv(timeout=1) == "between"
        try:
            socket.recv(timeout=0.5)
        except TimeoutError:
            return
        raise AssertionError("something came")


def close(url):
    """The closing handshake brings the code back."""
    for code, reason in ((1000, ""), (1000, "done"), (1001, ""), (3000, "registered"), (4999, "é" * 61)):
        socket = connect(url + "/ws")
        socket.send("last words")
        assert socket.recv() == "last words"
        socket.close(code, reason)
        assert socket.protocol.close_rcvd.code == code, socket.protocol.close_rcvd
        try:
            socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd_then_sent is False, "the server closed first"
        else:
            raise AssertionError("still open")


def limit(url):
    """The largest message comes back; one byte more ends the connection with 1009."""
    with connect(url + "/ws", compression=None, max_size=None) as socket:
        data = random.Random(16).randbytes(LIMIT)
        socket.send(data)
        assert socket.recv() == data
        try:
            socket.send(data + b"!")
            socket.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd.code == 1009, closed
        else:
            raise AssertionError("a message beyond the limit came back")


def offers(url):
    """Compression and subprotocols that are offered are not taken up, and all works without."""
    with connect(
        url + "/ws", compression="deflate", subprotocols=["chat", "superchat"], origin="https://x.example"
    ) as socket:
        assert not socket.protocol.extensions, socket.protocol.extensions
        assert socket.subprotocol is None
        socket.send("plain " * 1000)
        assert socket.recv() == "plain " * 1000


def refusal(url):
    """What is no WebSocket is refused in a way that the library understands."""
    try:
        connect(url + "/nothing-here")
    except InvalidStatus as error:
        assert error.response.status_code == 404, error
    else:
        raise AssertionError("connected to nothing")


def term(url):
    """/term greets, then echoes."""
    with connect(url + "/term") as socket:
        assert socket.recv(timeout=2).startswith("async-nostd")
        socket.send("echo")
        assert socket.recv(timeout=2) == "echo"


def crowd(url):
    """100 clients at once, each with 50 messages of its own, some ahead of their echoes."""

    async def client(number):
        chance = random.Random(number)
        async with connect_async(url + "/ws", max_size=None) as socket:
            for turn in range(10):
                batch = [f"{number} {turn} {index} " * chance.randint(1, 500) for index in range(5)]
                for text in batch:
                    await socket.send(text)
                for text in batch:
                    assert await socket.recv() == text

    async def everybody():
        await asyncio.gather(*map(client, range(100)))

    asyncio.run(everybody())


def pipeline(url):
    """A sender that is far ahead of its echoes gets them all, in order."""

    async def both():
        async with connect_async(url + "/ws", compression=None, max_size=None) as socket:

            async def send():
                for number in range(20_000):
                    await socket.send(f"message {number}")

            sender = asyncio.create_task(send())
            for number in itertools.islice(itertools.count(), 20_000):
                assert await socket.recv() == f"message {number}"
            await sender

    asyncio.run(both())


if __name__ == "__main__":
    globals()[sys.argv[3]](f"ws://{sys.argv[1]}:{sys.argv[2]}")
