# Tests/blackbox/groups/http_pipelines.py — all kinds of requests in one pipeline, and fields that come again

import time

from ..client import chunked, request
from ..framework import equal, test
from ..websocket import ACCEPT, CONTINUATION, PING, PONG, TEXT, WebSocket, close_frame, frame, handshake
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

TRANSPORT = True

#: Requests, their methods, and the status of what comes back. Some are answered at once, others have bodies to be read.
REQUESTS = (
    (request("/healthz"), "GET", 200),
    (request("/?x", "HEAD"), "HEAD", 200),
    (request("/nowhere"), "GET", 404),
    (request("/", "POST", "Content-Length: 5", body=b"12345"), "POST", 405),
    (request("/healthz"), "GET", 200),
    (request("/healthz", "GET", "Content-Length: 3", body=b"123"), "GET", 200),
    (request("/", "PUT", "Transfer-Encoding: chunked", body=chunked(b"abc", b"de")), "PUT", 405),
    (request("/", "OPTIONS"), "OPTIONS", 204),
    (request("/healthz", "HEAD"), "HEAD", 200),
    (request("/", "BREW"), "BREW", 501),
    (request("/healthz"), "GET", 200),
    (request("http://other/healthz"), "GET", 200),
)
FRAMES = (
    frame(TEXT, b"one")
    + frame(PING, b"p")
    + frame(TEXT, b"t", final=False)
    + frame(CONTINUATION, b"wo")
    + close_frame(1000)
)


def check_answers(socket):
    """Checks that all requests were answered in order."""
    for index, (data, method, status) in enumerate(REQUESTS):
        equal(socket.read_response(method).status, status, f"status of answer {index}, to {data[:30]}")


def check_frames(socket, echo=bytes):
    """Opens a WebSocket, checks that `echo` of each text comes back, and closes it."""
    socket.read_handshake(ACCEPT)
    socket.expect(TEXT, echo(b"one"))
    socket.expect(PONG, b"p")
    socket.expect(TEXT, echo(b"two"))
    socket.expect_failure(1000)


@test("requests of all kinds, a handshake and frames in one segment, cut at every byte", slow=True, limit=90.0)
def mixed(site):
    data = b"".join(row[0] for row in REQUESTS) + handshake() + FRAMES
    for point in range(len(data)):
        with WebSocket(site, open=False) as socket:
            socket.send_cut(data, point)
            check_answers(socket)
            check_frames(socket)


@test("requests of all kinds, a handshake and frames, byte by byte and in pieces of {0}", cases=(1, 2, 3, 7, 64, 500))
def pieces(site, size):
    data = b"".join(row[0] for row in REQUESTS) + handshake() + FRAMES
    with WebSocket(site, open=False) as socket:
        socket.send_cut(data, *range(size, len(data), size), pause=0.0003)
        check_answers(socket)
        check_frames(socket)


@test(
    "pages among short answers, {0} requests in one write, at a client with a window of {1} bytes",
    cases=((40, 65_536), (200, 4096)),
)
def pages(site, count, window):
    page = site.get("/").body
    rows = (("/", page), ("/healthz", b"ok\n"), ("/nowhere", b"404 Not Found\n"), ("/", page), ("/", page))
    with WebSocket(site, open=False, receive_buffer=window, timeout=20) as socket:
        data = b"".join(request(rows[index % len(rows)][0]) for index in range(count))
        with socket.sending(data + handshake() + frame(TEXT, b"one") * 100):
            time.sleep(0.3)
            for index in range(count):
                equal(socket.read_response().body == rows[index % len(rows)][1], True, f"body of answer {index}")
            socket.read_handshake()
            for _ in range(100):
                socket.expect(TEXT, b"one")


@test("16 requests with the same fields behind other request lines, in one segment, {0} times", cases=(1, 50))
def same_fields(site, times):
    fields = ("User-Agent: a test", "Accept: */*", "Accept-Language: en")
    lines = (("/healthz", "GET", 200), ("/", "HEAD", 200), ("/nowhere?a=b", "GET", 404), ("/", "DELETE", 405))
    rows = [(request(target, method, *fields), method, status) for target, method, status in lines] * 4
    with site.connect() as connection:
        for _ in range(times):
            connection.send(b"".join(row[0] for row in rows))
            for _, method, status in rows:
                equal(connection.read_response(method).status, status, "status")


@test("the same fields mean what they say in each request: HTTP/1.0, close, a body, another byte")
def other_meanings(site):
    closing, lasting = ("A: b", "Connection: close"), ("A: b", "Connection: keep-alive")
    for _ in range(3):
        for version, fields, closes in (
            ("1.1", lasting, False),
            ("1.0", lasting, False),
            ("1.1", ("A: b",), False),
            ("1.0", ("A: b",), True),
            ("1.1", closing, True),
            ("1.0", closing, True),
        ):
            with site.connect() as connection:
                data = request("/healthz", "GET", *fields, version=version)
                response = connection.exchange(data)
                equal((response.status, response.closes() or None), (200, closes or None), f"answer to {data}")
                if closes:
                    connection.expect_end()
                else:
                    equal(connection.exchange(request("/healthz")).status, 200, "status of the next answer")
        with site.connect() as connection:
            for size in (3, 5, 3, 0, 3):
                body = request("/", "POST", f"Content-Length: {size}", body=b"x" * size)
                connection.send(body * 3 + request("/healthz"))
                for _ in range(3):
                    equal(connection.read_response("POST").status, 405, "status of a request with a body")
                equal(connection.read_response().body, b"ok\n", "body of the next answer")


@test(
    "a section of fields of {0} bytes that comes again, and then with another last byte",
    cases=(1000, 1022, 1023, 1024, 1025, 1026, 4000),
)
def long_sections(site, size):
    start = len(b"Host: test\r\nA: \r\n\r\n")
    value = "b" * (size - start)
    with site.connect() as connection:
        for last in ("b", "b", "c", "\t", "b"):
            data = request("/healthz", "GET", f"A: {value[:-1]}{last}")
            equal(connection.exchange(data).body, b"ok\n", "body")
        data = request("/healthz", "GET", f"A: {value[:-1]}\x01")
        equal(connection.exchange(data).status, 400, "status with a control byte at the end")
        connection.expect_end()
