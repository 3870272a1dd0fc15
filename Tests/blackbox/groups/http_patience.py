# Tests/blackbox/groups/http_patience.py — time and memory: deadlines, clients that never read, limits on connections

import contextlib
import re
import selectors
import signal
import threading
import time

from ..client import request
from ..framework import Failure, among, equal, eventually, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

MEBIBYTE = 1 << 20
SHORT = {"requestTimeout": "500ms", "idleTimeout": "500ms", "writeTimeout": "500ms"}
#: A deadline of 500 ms is kept by a coarse timer: never early, and late by no more than this.
EARLIEST, LATEST = 0.45, 2.0


def seconds_to_end(connection, start):
    """Measures how long after `start` the server closes the connection; returns that and the statuses until then."""
    statuses = [response.status for response in connection.responses_until_end()]
    return time.monotonic() - start, statuses


def fill(connection, data, limit, quiet=0.5):
    """Sends `data` again and again, reading nothing, until the server stops taking it or `limit` bytes are sent."""
    connection.socket.setblocking(False)
    sent, last = 0, time.monotonic()
    while sent < limit and time.monotonic() - last < quiet:
        try:
            sent += connection.socket.send(data)
            last = time.monotonic()
        except BlockingIOError:
            time.sleep(0.005)
        except (BrokenPipeError, ConnectionResetError):
            break
    return sent


@test("a client that never reads is paused: memory stays bounded and others are served", slow=True)
def never_reads(site):
    site.own()
    site.get("/")
    before = site.process.resident()
    crowd = [site.connect(receive_buffer=4096) for _ in range(4)]
    sent = sum(fill(connection, request("/") * 1000, 64 * MEBIBYTE) for connection in crowd)
    try:
        true(sent < 100 * MEBIBYTE, f"the server took {sent} bytes of requests while their answers stay unread")
        growth = site.process.resident() - before
        true(growth < 4 * MEBIBYTE, f"resident memory grew by {growth} bytes for 4 clients that do not read")
        true(site.process.load(0.5) < 0.1, "the server spins while the client does not read")
        start = time.monotonic()
        equal(site.get("/healthz").status, 200, "status for another client")
        true(time.monotonic() - start < 1, "another client waited for more than a second")
    finally:
        for connection in crowd:
            connection.reset()


@test("a client that reads nothing for the write timeout is cut off", slow=True)
def write_timeout(site):
    with site.fresh(settings=SHORT) as server:
        server.get("/healthz")
        server.settle()
        descriptors = server.process.descriptors()
        with server.connect(receive_buffer=4096) as connection:
            fill(connection, request("/") * 1000, 64 * MEBIBYTE, quiet=0.2)
            equal(server.process.descriptors(), descriptors + 1, "descriptors while the client is paused")
            eventually(
                lambda: server.process.descriptors() == descriptors, "the connection is still open", seconds=LATEST + 1
            )


@test(
    "half a head answers 408 after the request timeout, then the end: {0}",
    slow=True,
    cases=(
        ("half a request line", b"GET / HT"),
        ("half the fields", b"GET / HTTP/1.1\r\nHost: x\r\nX-"),
        ("all but the last byte", request("/")[:-1]),
    ),
)
def request_timeout(site, _, data):
    with site.fresh(settings=SHORT) as server, server.connect() as connection:
        start = time.monotonic()
        connection.send(data)
        seconds, statuses = seconds_to_end(connection, start)
        equal(statuses, [408], "answers")
        true(EARLIEST <= seconds <= LATEST, f"closed after {seconds:.2f} s")


@test("a byte now and then does not prolong the request timeout", slow=True)
def dripping(site):
    with site.fresh(settings=SHORT) as server, server.connect() as connection:
        start = time.monotonic()
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100:
            try:
                connection.send(bytes([byte]))
            except OSError:
                break
            if time.monotonic() - start > LATEST or not connection.is_silent(0.05):
                break
        equal([response.status for response in connection.responses_until_end()], [408], "answers")
        true(time.monotonic() - start <= LATEST + 0.5, "a dripping client was served for too long")


@test("a body that stops coming ends the connection", slow=True)
def body_timeout(site):
    with site.fresh(settings=SHORT) as server, server.connect() as connection:
        start = time.monotonic()
        connection.send(request("/", "POST", "Content-Length: 100", body=b"half"))
        seconds, statuses = seconds_to_end(connection, start)
        among(statuses, ([], [408], [405], [405, 408]), "answers")
        true(seconds <= LATEST, f"closed after {seconds:.2f} s")


@test(
    "an idle connection is closed after the idle timeout, without a word: {0}",
    slow=True,
    cases=(("after a request", True), ("before any request", False)),
)
def idle_timeout(site, _, after_request):
    with site.fresh(settings=SHORT) as server:
        # From before the deadline begins, as this process may be kept waiting then.
        start = time.monotonic()
        connection = server.connect()
        if after_request:
            start = time.monotonic()
            connection.exchange(request("/healthz"))
        seconds, statuses = seconds_to_end(connection, start)
        connection.close()
        equal(statuses, [], "answers")
        true(EARLIEST <= seconds <= LATEST, f"closed after {seconds:.2f} s")


@test("a client that reads slowly but steadily gets everything, long after the write timeout", slow=True)
def slow_reader(site):
    count = 400
    with site.fresh(settings=SHORT) as server, server.connect(receive_buffer=65536) as connection:
        whole = len(connection.exchange(request("/")).wire) * count
        wire = request("/") * count
        sender = threading.Thread(target=connection.offer, args=(wire,), daemon=True)
        sender.start()
        # Over 3 s, and never more at once than a small part of what the kernel holds for this client.
        received, pace = 0, whole // 30
        while received < whole:
            data = connection.socket.recv(min(pace, whole - received))
            true(data, f"the connection ended after {received} of {whole} bytes")
            received += len(data)
            time.sleep(0.1 * len(data) / pace)
        sender.join()


@test("a body in the smallest chunks costs no more than its bytes", slow=True)
def small_chunks(site):
    body = b"1\r\nx\r\n" * 700_000 + b"0\r\n\r\n"
    with site.fresh() as server, server.connect() as connection:
        before = server.own().process.processor_seconds()
        connection.send(request("/", "POST", "Transfer-Encoding: chunked", body=body) + request("/healthz"))
        equal([connection.read_response().status for _ in range(2)], [405, 200], "statuses")
        seconds = server.process.processor_seconds() - before
        # It took 2 s when each chunk moved what lay behind it, and takes 0.02 s.
        true(seconds < 0.8, f"700,000 chunks of one byte cost {seconds:.2f} s of processor time")


@test("requests that keep coming keep the connection open beyond the idle timeout", slow=True)
def busy_beyond_timeout(site):
    with site.fresh(settings=SHORT) as server, server.connect() as connection:
        for _ in range(8):
            time.sleep(0.2)
            equal(connection.exchange(request("/healthz")).status, 200, "status")


@test("1,000 idle connections are all closed by the idle timeout, and nothing is left of them", slow=True)
def crowd_times_out(site):
    with site.fresh(settings=SHORT) as server:
        server.get("/healthz")
        server.settle()
        descriptors = server.process.descriptors()
        crowd = [server.connect() for _ in range(1000)]
        selector = selectors.DefaultSelector()
        for connection in crowd:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        deadline, open_ones = time.monotonic() + LATEST + 2, len(crowd)
        while open_ones and time.monotonic() < deadline:
            for key, _ in selector.select(0.1):
                equal(key.data.socket.recv(100), b"", "what came")
                selector.unregister(key.fileobj)
                open_ones -= 1
        for connection in crowd:
            connection.close()
        equal(open_ones, 0, "connections still open")
        eventually(lambda: server.process.descriptors() <= descriptors, "descriptors are left over")


@test("with maxConnections=10, the first are served and the others wait until there is room", slow=True)
def few_connections(site):
    with site.fresh(settings={"maxConnections": 10}, workers=1) as server:
        crowd = [server.connect() for _ in range(10)]
        for connection in crowd:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
        waiting = [server.connect() for _ in range(5)]
        for connection in waiting:
            connection.send(request("/healthz"))
        time.sleep(0.3)
        true(server.process.load(0.5) < 0.1, "the server spins while it has no room")
        for connection in crowd:
            connection.close()
        answered = 0
        for connection in waiting:
            with contextlib.suppress(Failure, ConnectionResetError):
                answered += connection.read_response().status in (200, 503)
            connection.close()
        equal(answered, 5, "waiting connections answered when room came")


@test("a slow reader's answer that waits at SIGTERM is sent whole; then the connection ends, and the server", slow=True)
def waits_at_the_end(site):
    with site.fresh() as server, server.connect(receive_buffer=4096, timeout=20) as slow, server.connect() as other:
        server.own()
        page, answers = len(server.get("/").wire), 0
        sent = bytes_sent(other)
        # Until the kernel takes only a part of an answer.
        while True:
            slow.send(request("/"))
            answers += 1
            time.sleep(0.005)
            now = bytes_sent(other)
            if now - sent < page:
                break
            sent = now
            true(answers < 1000, "the kernel takes everything")
        server.signal(signal.SIGTERM)
        time.sleep(0.2)
        for number in range(answers):
            equal(slow.read_response().status, 200, f"status of answer {number}")
        start = time.monotonic()
        slow.expect_end()
        equal(server.wait(5), 0, "exit status")
        true(time.monotonic() - start < 2, f"the end took {time.monotonic() - start:.2f} s")


def bytes_sent(connection):
    """Bytes that the server has sent to all clients before it answers this request."""
    text = connection.exchange(request("/metrics")).body.decode()
    return int(re.search(r"^async_nostd_sent_bytes_total (\d+)$", text, re.MULTILINE)[1])
