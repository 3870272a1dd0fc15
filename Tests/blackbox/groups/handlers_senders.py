# Tests/blackbox/groups/handlers_senders.py — the library: WebSockets that other tasks send to

import threading
import time

from ..client import request
from ..framework import equal, eventually, test, true
from ..websocket import BINARY, PING, PONG, TEXT, close_frame, frame
from .handlers import Service
from .handlers_ws import open_socket, resident

GROUP, ORDER = "handlers", 45

ROUTES = ("/listen", "/listen-idle", "/listen-wake")
LIMIT = 64 << 10


def ask(service, target):
    with service.connect() as connection:
        connection.socket.settimeout(20)
        return connection.exchange(request(target, "POST", "Content-Length: 0"), "POST").body.decode().strip()


def listen(service, route="/listen"):
    socket = open_socket(service, route)
    if route == "/listen-idle":
        socket.send(frame(TEXT, b"hello"))
    socket.expect(TEXT, b"listening")
    return socket


def numbered(index, size):
    return index.to_bytes(8, "little") + b"x" * (size - 8)


@test("messages of another task arrive whole and in order at {0}, beside the WebSocket's own", cases=ROUTES)
def order(run, route):
    with Service(run) as service, listen(service, route) as socket:
        for size in (8, 200, 20_000, 100_000):
            equal(ask(service, f"/send/100/{size}" if size < 100_000 else f"/send/1/{size}"), "queued", "the sender's result")
            for index in range(100 if size < 100_000 else 1):
                socket.expect(BINARY, numbered(index, size))
        socket.send(frame(PING, b"p"))
        socket.expect(PONG, b"p")
        socket.send(frame(TEXT, b"own"))
        socket.expect(TEXT, b"own" if route != "/listen-idle" else b"listening")
        socket.finish()
        eventually(lambda: ask(service, "/try/10") == "closed", "the sender does not learn of the end")


@test("a sender whose peer does not read waits; memory is bounded, others go on, and all arrives in the end: {0}", cases=ROUTES)
def backpressure(run, route):
    count, size = 3000, 10_000
    with Service(run) as service, listen(service, route) as socket:
        before = resident(service)
        results = []
        sender = threading.Thread(target=lambda: results.append(ask(service, f"/send/{count}/{size}")))
        sender.start()
        eventually(lambda: ask(service, "/try/1000") == "full", "the queue does not become full")
        equal(results, [], "a sender that should wait has ended")
        with listen(service, "/listen-wake") as other:
            ask(service, "/wake")
            other.expect(TEXT, b"woken")
        growth = resident(service) - before
        true(growth < 4 << 20, f"a peer that does not read costs {growth} bytes")
        seen = 0
        while seen < count:
            read = socket.read_frame()
            if read.payload[8:9] == b"x" and len(read.payload) == size:
                equal(read.payload, numbered(seen, size), "a message")
                seen += 1
        sender.join()
        equal(results, ["queued"], "the sender's result")


@test("a sender that waits for room ends when {0}", cases=("its task is cancelled", "the peer resets the connection", "the peer ends it"))
def ends(run, how):
    with Service(run) as service:
        socket = listen(service)
        results = []
        target = "/send/100000/10000" + ("?cancel" if how == "its task is cancelled" else "")
        sender = threading.Thread(target=lambda: results.append(ask(service, target)))
        sender.start()
        eventually(lambda: ask(service, "/try/1000") == "full", "the queue does not become full")
        if "resets" in how:
            socket.reset()
        elif "ends" in how:
            socket.close()
        sender.join(20)
        equal(results, ["closed"], "the sender's result")
        if "cancelled" in how:
            socket.reset()


@test("a message that is longer than the queue goes through if the queue is empty, and no other does beside it")
def long(run):
    size, sent = 3_000_000, 0
    with Service(run) as service, listen(service) as socket:
        # The kernel's buffers take some of them.
        while ask(service, f"/try/{size}") == "queued":
            sent += 1
            true(sent < 20, "the queue does not become full")
        for _ in range(sent):
            equal(socket.read_frame().payload[8:], b"x" * (size - 8), "the payload")
        equal(ask(service, f"/try/{size}"), "queued", "result when the peer has read all")
        equal(socket.read_frame().payload[8:], b"x" * (size - 8), "the payload")


@test("messages without payload have a bound too")
def empty(run):
    with Service(run) as service, listen(service) as socket:
        eventually(lambda: ask(service, "/try/10000") == "full", "the queue does not become full", seconds=20, interval=0)
        # Its task is cancelled while it waits.
        equal(ask(service, "/send/1000000/0?cancel"), "closed", "the result of a sender that should wait")
        socket.reset()


@test("a session is woken while it waits, and later if it does not wait; its messages still come")
def wake(run):
    with Service(run) as service, listen(service, "/listen-wake") as socket:
        for index in range(5):
            ask(service, "/wake")
            socket.expect(TEXT, b"woken")
            socket.send(frame(TEXT, b"m%d" % index))
            socket.expect(TEXT, b"m%d" % index)
        # Half a message is no reason not to be woken, and is not lost.
        whole = frame(TEXT, b"whole message")
        socket.send(whole[:9])
        ask(service, "/wake")
        socket.expect(TEXT, b"woken")
        socket.send(whole[9:])
        socket.expect(TEXT, b"whole message")
        socket.finish()
        ask(service, "/wake")


@test("to wake a session that does not ask for it changes nothing: {0}", cases=("/listen", "/listen-idle"))
def woken_in_vain(run, route):
    with Service(run) as service, listen(service, route) as socket:
        ask(service, "/wake")
        socket.send(frame(TEXT, b"next"))
        socket.expect(TEXT, b"next" if route == "/listen" else b"listening")
        socket.finish()


@test("a WebSocket is closed from elsewhere, behind what waits: {0}", cases=ROUTES + ("/listen-asleep",))
def closed(run, route):
    with Service(run) as service, listen(service, route) as socket:
        equal(ask(service, "/try/1000"), "queued", "result")
        ask(service, "/close")
        eventually(lambda: ask(service, "/try/1000") == "closed", "a message is taken behind the Close")
        socket.expect(BINARY, numbered(0, 1000))
        socket.expect_close(4003, "closed from elsewhere")
        socket.send(frame(TEXT, b"thrown away") + close_frame(4003))
        socket.expect_end("a WebSocket that another task has closed")


@test("a peer that does not answer a Close from elsewhere is closed after a while", slow=True)
def unanswered(run):
    with Service(run) as service:
        for route in ("/listen", "/listen-idle"):
            with listen(service, route) as socket:
                ask(service, "/close")
                socket.expect_close(4003)
                socket.socket.settimeout(10)
                socket.expect_end("a WebSocket whose Close is not answered")


@test("a session that sleeps is sent to meanwhile")
def asleep(run):
    with Service(run) as service, listen(service, "/listen-asleep") as socket:
        start = time.monotonic()
        equal(ask(service, "/try/1000"), "queued", "result")
        socket.expect(BINARY, numbered(0, 1000))
        true(time.monotonic() - start < 0.28, "the message has waited for the session")
        socket.finish()


@test("senders outlive their WebSockets, and leave no memory behind")
def outlived(run):
    with Service(run) as service:

        def crowd():
            sockets = [listen(service, ROUTES[index % 3]) for index in range(90)]
            for _ in range(3):
                ask(service, "/try/5000")
            for index, socket in enumerate(sockets):
                if index % 2:
                    socket.reset()
                else:
                    socket.close()
            for _ in range(3):
                ask(service, "/try/5000")
            ask(service, "/forget")

        crowd()
        crowd()
        before = resident(service)
        for _ in range(5):
            crowd()
        growth = resident(service) - before
        true(growth < 1 << 20, f"5 times 90 WebSockets with senders cost {growth} bytes")
        equal(ask(service, "/close"), "done", "result")
