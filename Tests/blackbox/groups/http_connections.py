# Tests/blackbox/groups/http_connections.py — keep-alive, pipelining, cuts, half-close and sudden ends

import time

from ..client import request
from ..framework import equal, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

TRANSPORT = True

MIXED = (
    ("/healthz", "GET", 200),
    ("/nothing", "GET", 404),
    ("/", "HEAD", 200),
    ("/", "POST", 405),
    ("/healthz", "HEAD", 200),
    ("/", "GET", 200),
)


def mixed(count):
    """`count` requests of all kinds and the answers that must come back, in order."""
    plan = [MIXED[index % len(MIXED)] for index in range(count)]
    return b"".join(request(target, method) for target, method, _ in plan), plan


def read_all(connection, plan):
    for index, (target, method, status) in enumerate(plan):
        response = connection.read_response(method)
        equal(response.status, status, f"status of answer {index} ({method} {target})")
        if (target, method) == ("/healthz", "GET"):
            equal(response.body, b"ok\n", f"body of answer {index}")


@test("one connection carries 1,000 requests, one after the other")
def keep_alive(site):
    with site.connect() as connection:
        first = connection.exchange(request("/healthz"))
        for _ in range(999):
            response = connection.exchange(request("/healthz"))
            equal((response.status, response.body), (200, b"ok\n"), "status and body")
        equal(len(response.wire), len(first.wire), "length of the answer")


@test("HTTP/1.1 stays open without being asked, and the answer does not say close")
def persistent(site):
    with site.connect() as connection:
        true(not connection.exchange(request("/healthz")).closes(), "it says close")
        true(connection.is_silent(0.05), "something came after the answer")
        equal(connection.exchange(request("/healthz")).status, 200, "status")


@test("Connection: close is answered with close, then the end")
def close(site):
    with site.connect() as connection:
        true(
            connection.exchange(request("/", "GET", "Connection: close")).closes(), "no Connection: close in the answer"
        )
        connection.expect_end()


@test("the end comes in the segment of the last answer: {0}", cases=("/healthz", "/", "/nothing"))
def end_with_answer(site, target):
    def empty_segments():
        """Counts the empty segments that an answer with the end costs more than an answer alone."""
        with site.connect() as connection:
            counts = [connection.empty_segments()]
            for fields in ((), (), ("Connection: close",)):
                connection.exchange(request(target, "GET", *fields))
                counts.append(connection.empty_segments())
            connection.expect_end()
            return connection.empty_segments() - counts[2] - (counts[2] - counts[1])

    # An acknowledgement may come on its own now and then.
    least = min(empty_segments() for _ in range(10))
    true(least <= 0, f"{least} segments without data for the end")


@test("close is found in a list of connection options: {0}", cases=("foo, close", "close , keep-alive", ",,CLOSE,"))
def close_in_list(site, value):
    with site.connect() as connection:
        connection.exchange(request("/healthz", "GET", f"Connection: {value}"))
        connection.expect_end()


@test("what follows a request with Connection: close is not answered")
def nothing_after_close(site):
    with site.connect() as connection:
        connection.send(request("/", "GET", "Connection: close") + request("/healthz") * 3)
        equal(len(connection.responses_until_end()), 1, "number of answers")


@test("{0} pipelined requests in one write are answered in order", cases=(2, 16, 500))
def pipelined(site, count):
    with site.connect() as connection:
        data, plan = mixed(count)
        connection.send(data)
        read_all(connection, plan)
        true(connection.is_silent(0.02), "something came after the last answer")


@test("{0} pipelined answers leave in at most {1} segments", cases=((16, 2), (500, 12)))
def few_segments(site, count, limit):
    with site.connect() as connection:
        connection.exchange(request("/healthz"))
        before = connection.data_segments()
        connection.send(request("/healthz") * count)
        for _ in range(count):
            equal(connection.read_response().body, b"ok\n", "body")
        taken = connection.data_segments() - before
        true(taken <= limit, f"{taken} segments for {count} answers")


@test("20,000 pipelined requests are all answered though the client reads late")
def late_reader(site):
    import threading

    count = 20_000
    with site.connect(timeout=20) as connection:
        sender = threading.Thread(target=connection.send, args=(request("/healthz") * count,))
        sender.start()
        time.sleep(0.1)
        size = len(connection.read_response().wire)
        rest = connection.take(size * (count - 1))
        sender.join()
        equal(rest.count(b"\r\n\r\nok\n"), count - 1, "answers")
        true(not connection.buffer and connection.is_silent(0.02), "more than was asked for")


@test("three pipelined requests survive a cut at every byte")
def cut_everywhere(site):
    data = request("/healthz") + request("/nothing", "GET", "X-A: b") + request("/", "HEAD")
    plan = [("/healthz", "GET", 200), ("/nothing", "GET", 404), ("/", "HEAD", 200)]
    with site.connect() as connection:
        for point in range(1, len(data)):
            connection.send_cut(data, point)
            read_all(connection, plan)


@test("a request that comes byte by byte is answered")
def bytewise(site):
    with site.connect() as connection:
        for _ in range(2):
            connection.send_bytewise(request("/healthz", "GET", "X-Field: value"))
            equal(connection.read_response().body, b"ok\n", "body")
        data, plan = mixed(6)
        connection.send_bytewise(data, pause=0)
        read_all(connection, plan)


@test("a head of 14 KiB that comes in 200 pieces is answered")
def many_pieces(site):
    data = request("/healthz", "GET", *(f"X-{index}: {'v' * 140}" for index in range(94)))
    with site.connect() as connection:
        connection.send_cut(data, *range(70, len(data), 70), pause=0.0002)
        equal(connection.read_response().status, 200, "status")


@test("after a half-close the whole answer comes, then the end: {0} requests", cases=(1, 16, 500))
def half_close(site, count):
    with site.connect() as connection:
        connection.send(request("/") * count)
        connection.half_close()
        body = connection.read_response().body
        for _ in range(count - 1):
            equal(connection.read_response().body, body, "body")
        connection.expect_end()


@test(
    "a half-close before any request, or in the middle of one, ends the connection: {0}",
    cases=(
        ("no byte", b""),
        ("half a head", b"GET / HTT"),
        ("half a body", request("/", "POST", "Content-Length: 9") + b"1234"),
    ),
)
def half_close_early(site, _, data):
    with site.connect() as connection:
        connection.send(data)
        connection.half_close()
        statuses = [response.status for response in connection.responses_until_end()]
        true(statuses in ([], [400], [405], [408], [405, 400]), f"answers: {statuses}")


@test(
    "clients that vanish leave the server whole: {0}",
    cases=(
        ("closed without a request", b"", False),
        ("reset without a request", b"", True),
        ("closed inside a head", b"GET / HTTP/1.1\r\nHo", False),
        ("reset inside a head", b"GET / HTTP/1.1\r\nHo", True),
        ("closed inside a body", request("/", "POST", "Content-Length: 99") + b"x", False),
        ("reset inside a body", request("/", "POST", "Content-Length: 99") + b"x", True),
        ("closed before the answers", request("/") * 300, False),
        ("reset before the answers", request("/") * 300, True),
    ),
)
def vanishing(site, _, data, reset):
    for _ in range(50):
        connection = site.connect()
        connection.send(data)
        connection.reset() if reset else connection.close()
    equal(site.get("/healthz").status, 200, "status afterwards")


@test("1,000 idle connections do not keep others from being served")
def idle_crowd(site):
    crowd = [site.connect() for _ in range(1000)]
    try:
        start = time.monotonic()
        for _ in range(20):
            equal(site.get("/healthz").status, 200, "status")
        true(time.monotonic() - start < 5, f"20 requests took {time.monotonic() - start:.1f} s")
        for connection in crowd[::10]:
            equal(connection.exchange(request("/healthz")).status, 200, "status on a connection of the crowd")
    finally:
        for connection in crowd:
            connection.close()


@test("a slow client does not delay another one")
def slow_neighbour(site):
    slow = [site.connect() for _ in range(32)]
    for connection in slow:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
    with site.connect() as quick:
        for _ in range(50):
            start = time.monotonic()
            equal(quick.exchange(request("/healthz")).status, 200, "status")
            true(time.monotonic() - start < 2, "a quick request took two seconds")
    for connection in slow:
        equal(connection.exchange(b"\r\n").status, 200, "status of the slow one")
        connection.close()
