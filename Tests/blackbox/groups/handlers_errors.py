# Tests/blackbox/groups/handlers_errors.py — the library: what becomes of the errors that handlers throw

from ..client import request
from ..framework import equal, test, true
from ..websocket import TEXT, close_frame, frame
from .handlers import Service
from .handlers_ws import open_socket

GROUP, ORDER = "handlers", 45


@test(
    "an error with status {0} is answered with it, and the connection goes on",
    cases=((404, b"no such thing"), (409, b"Conflict"), (500, b"Internal Server Error"), (299, b"")),
)
def answered(run, status, body):
    with Service(run) as service, service.connect() as connection:
        for _ in range(2):
            response = connection.exchange(request(f"/refused/{status}"))
            equal((response.status, response.body), (status, body), "the answer")
            equal(response.field("Connection"), None, "Connection")
        response = connection.exchange(request(f"/refused/{status}", "HEAD"), "HEAD")
        equal((response.status, response.body), (status, b""), "the answer to HEAD")
        equal(connection.exchange(request("/hello/again")).body, b"again", "the next body")


@test("an error with status 204 has no body, and one with an interim status is answered 500")
def odd(run):
    with Service(run) as service, service.connect() as connection:
        equal(connection.exchange(request("/refused/204")).status, 204, "status")
        equal(connection.exchange(request("/refused/100")).status, 500, "status")
        equal(connection.exchange(request("/hello/again")).body, b"again", "the next body")


@test("a service's own error, thrown by a function that it calls: the rest of the body is read, and the next request served")
def own(run):
    with Service(run) as service, service.connect() as connection:
        for path in ("/stored", "/unread"):
            body = b"x" * 200_000
            response = connection.exchange(request(path, "POST", f"Content-Length: {len(body)}", body=body), "POST")
            equal((response.status, response.body), (409, b"the store is full"), path)
        equal(connection.exchange(request("/hello/again")).body, b"again", "the next body")
        equal(connection.exchange(request("/stored", "POST", "Content-Length: 3", body=b"abc"), "POST").status, 200, "status")


@test("a body that is wrong: {0} answers {1}, and the connection ends", cases=(("/kept", 400), ("/stored", 422)))
def wrong(run, path, status):
    with Service(run) as service, service.connect() as connection:
        connection.send(request(path, "POST", "Transfer-Encoding: chunked") + b"3\r\nabcX")
        response = connection.read_response("POST")
        equal((response.status, response.field("Connection")), (status, "close"), "the answer")
        true(not connection.more(), "something follows the answer")


@test("a body that is too large is answered 413 before the handler runs, and a peer that ends in the body gets nothing")
def too_large(run):
    with Service(run) as service:
        with service.connect() as connection:
            connection.send(request("/stored", "POST", "Content-Length: 17000000"))
            equal(connection.read_response("POST").status, 413, "status")
        with service.connect() as connection:
            connection.send(request("/stored", "POST", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
            connection.half_close()
            true(not connection.more(), "something is answered")


@test("an error behind the response's head ends the connection, and one behind the whole response too")
def late(run):
    with Service(run) as service:
        for path, body in (("/late", b"begun\n"), ("/after", b"all\n")):
            with service.connect() as connection:
                connection.send(request(path) + request("/hello/x"))
                while connection.more():
                    pass
                sent = bytes(connection.buffer)
                equal(sent.count(b"HTTP/1.1"), 1, f"answers to {path}")
                true(body in sent and b"0\r\n\r\n" not in sent, f"{path}: {sent[-60:]}")


@test("a handler of a WebSocket closes it by an error, with the error's code: {0}", cases=("/rejecting", "/rejecting-session"))
def sockets(run, path):
    with Service(run) as service:
        with open_socket(service, path) as socket:
            socket.send(frame(TEXT, b"short"))
            socket.expect(TEXT, b"short")
            socket.send(frame(TEXT, b"x" * 10) + frame(TEXT, b"not answered"))
            socket.expect_close(4002, "too long")
            socket.expect_end("a WebSocket whose handler has thrown an error")
        with open_socket(service, path) as socket:
            # What the peer did wrong counts, not the type to which that was converted.
            socket.send(frame(TEXT, b"\xff"))
            socket.expect_failure(1007)
        with open_socket(service, path) as socket:
            socket.send(frame(TEXT, b"ok") + close_frame(1001))
            socket.expect(TEXT, b"ok")
            socket.expect_close(1001)


@test("an error with a code that must not be sent closes with 1011")
def unsendable(run):
    with Service(run) as service, open_socket(service, "/rejecting") as socket:
        socket.send(frame(TEXT, b""))
        socket.expect_close(1011, "unnamed")
