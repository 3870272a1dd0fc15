# Tests/blackbox/flood.py — load from one thread: many connections, pipelined batches, every byte checked

import random
import re
import selectors
import socket
import time

from .client import Connection, family_of, request
from .framework import Failure, brief

DATE = re.compile(rb"\r\nDate: [^\r]*\r\n")


class Batch:
    """Requests that go out in one write and the bytes that have to come back; only the dates in them may differ."""

    def __init__(self, site, targets):
        self.data, self.pieces, expected, position = b"", [], b"", 0
        with site.connect() as connection:
            for target, method in targets:
                self.data += request(target, method)
                connection.send(request(target, method))
                expected += connection.read_response(method).wire
        for match in DATE.finditer(expected):
            self.pieces.append((position, match.start() + 8, expected[position : match.start() + 8]))
            position = match.end() - 2
        self.pieces.append((position, len(expected), expected[position:]))
        self.count, self.size = len(targets), len(expected)

    def check(self, answer):
        for start, end, text in self.pieces:
            if answer[start:end] != text:
                raise Failure(f"wrong bytes in an answer: expected {brief(text)}, got {brief(answer[start:end])}")


class Lane:
    """One connection of a flood."""

    def __init__(self, site, batches):
        self.connection = Connection(site.address, timeout=20)
        self.batches, self.answer, self.batch, self.left = batches, bytearray(), None, 0

    def send(self):
        self.batch = random.choice(self.batches)
        self.connection.send(self.batch.data)

    def receive(self):
        """Receives once; true when the batch is answered whole."""
        data = self.connection.socket.recv(262144)
        if not data:
            raise Failure(f"the connection ended inside a batch, {len(self.answer)} of {self.batch.size} bytes")
        self.answer += data
        if len(self.answer) < self.batch.size:
            return False
        if len(self.answer) > self.batch.size:
            raise Failure(f"{len(self.answer) - self.batch.size} bytes more than asked for")
        self.batch.check(self.answer)
        self.answer.clear()
        return True


def flood(site, requests, lanes=64, batches=None, depth=16):
    """Sends at least `requests` requests over `lanes` connections and checks every answer.

    Returns how many it sent, and the seconds that it took.
    """
    batches = batches or [Batch(site, [("/", "GET")] * depth)]
    rounds = -(-requests // (lanes * batches[0].count))
    selector, done, start = selectors.DefaultSelector(), 0, time.monotonic()
    crowd = [Lane(site, batches) for _ in range(lanes)]
    try:
        for lane in crowd:
            lane.left = rounds
            selector.register(lane.connection.socket, selectors.EVENT_READ, lane)
            lane.send()
        busy = lanes
        while busy:
            ready = selector.select(10)
            if not ready:
                raise Failure(f"no answer within 10 s on {busy} connections, after {done} requests")
            for key, _ in ready:
                lane = key.data
                if lane.receive():
                    done += lane.batch.count
                    lane.left -= 1
                    if lane.left:
                        lane.send()
                    else:
                        selector.unregister(key.fileobj)
                        busy -= 1
    finally:
        for lane in crowd:
            lane.connection.close()
    return done, time.monotonic() - start


def cycles(site, count, parallel=32):
    """Connects, asks once and closes, `count` times, some at a time; half of them ask the server to close.

    Returns the seconds that it took.
    """
    start, selector, started, finished = time.monotonic(), selectors.DefaultSelector(), 0, 0
    asking, answers = (request("/healthz"), request("/healthz", "GET", "Connection: close")), {}
    sources = [f"127.0.0.{index}" for index in range(2, 10)] if site.address[0] == "127.0.0.1" else [None]

    def begin(number):
        connection = socket.socket(family_of(site.address))
        # Ports of one source address are few, and each rests for a while after its use.
        if source := sources[number % len(sources)]:
            connection.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
            connection.bind((source, 0))
        connection.connect(site.address)
        connection.send(asking[number % 2])
        answers[connection] = b""
        selector.register(connection, selectors.EVENT_READ, number)

    while finished < count:
        while started < count and len(answers) < parallel:
            begin(started)
            started += 1
        ready = selector.select(10)
        if not ready:
            raise Failure(f"no answer within 10 s, after {finished} connections")
        for key, _ in ready:
            data = key.fileobj.recv(4096)
            answers[key.fileobj] += data
            whole = answers[key.fileobj].endswith(b"\r\n\r\nok\n")
            if (key.data % 2 and data) or not (whole or not data):
                continue
            if not whole or not answers[key.fileobj].startswith(b"HTTP/1.1 200 "):
                raise Failure(f"connection {finished}: {brief(answers[key.fileobj])}")
            selector.unregister(key.fileobj)
            key.fileobj.close()
            del answers[key.fileobj]
            finished += 1
    return time.monotonic() - start
