# Tests/blackbox/groups/handlers_suspended.py — the library: what a suspended handler's spans point at stays there

import random
import threading
import time

from ..client import Connection, chunked, request
from ..framework import equal, test, true
from .handlers import GROUP, ORDER, Service, ask  # noqa: F401 (read by the runner)

#: More than the kernel's buffers of both directions hold, so that the handler has to wait for its peer.
SIZE = 14_000_000


def bodies(seed):
    """The same random bytes, sized and in chunks of 900 bytes: with a large piece the handler waits in the middle of
    one write, with small ones between two."""
    body = random.Random(seed).randbytes(SIZE)
    pieces = [body[start : start + 900] for start in range(0, SIZE, 900)]
    return (
        (body, request("/echo", "POST", f"Content-Length: {SIZE}", body=body)),
        (body, request("/echo", "POST", "Transfer-Encoding: chunked", body=chunked(*pieces))),
    )


def send_until_stuck(connection, data):
    """Sends in a thread of its own until the peer takes no more. Returns the thread and how much was sent."""
    sent = [0]

    def send():
        connection.socket.settimeout(60)
        while sent[0] < len(data):
            sent[0] += connection.socket.send(data[sent[0] : sent[0] + 65536])

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    before, end = -1, time.monotonic() + 20
    while before != sent[0]:
        true(time.monotonic() < end, "the handler goes on although its peer does not read")
        before = sent[0]
        time.sleep(0.3)
    return thread, sent


def read_chunks(connection):
    """Reads an answer in chunks, and returns its body. Quicker than the strict client for thousands of chunks."""
    data = bytearray()
    while not data.endswith(b"\r\n0\r\n\r\n"):
        piece = connection.socket.recv(1 << 20)
        true(piece, "the answer ends too early")
        data += piece
    true(data.startswith(b"HTTP/1.1 200 "), "status")
    body, position = bytearray(), data.index(b"\r\n\r\n") + 4
    while True:
        line = data.index(b"\r\n", position)
        count = int(data[position:line], 16)
        if not count:
            return bytes(body)
        body += data[line + 2 : line + 2 + count]
        position = line + 2 + count + 2


@test("a span that a handler writes stays as it is while its peer does not read and others come and go", limit=60.0)
def spans(run):
    with Service(run, workers=1) as service:
        stuck = []
        for body, data in bodies(17):
            connection = Connection(("127.0.0.1", service.port), timeout=20, receive_buffer=65536)
            stuck.append((connection, body, *send_until_stuck(connection, data)))
        for connection, body, thread, sent in stuck:
            true(thread.is_alive() and sent[0] < len(body), "the whole body was taken, so that no handler had to wait")
        # Each of these has input of its own in a receive buffer; some leave in the middle.
        for turn in range(40):
            noise = random.Random(turn).randbytes(1 + turn * 3001)
            answer = ask(service, "/count", "POST", f"Content-Length: {len(noise)}", body=noise)
            equal(answer.body, f"bytes={len(noise)} sum={sum(noise)} path=/count".encode(), "another's body")
            equal(ask(service, f"/hello/turn-{turn}").body, f"turn-{turn}".encode(), "another's path")
            with service.connect() as leaver:
                leaver.send(request("/count", "POST", "Content-Length: 200000", body=noise[:100]))
        for connection, body, thread, _ in stuck:
            with connection:
                true(read_chunks(connection) == body, "what comes back is not what was sent")
                thread.join(20)
                true(not thread.is_alive(), "the body was not read to its end")
