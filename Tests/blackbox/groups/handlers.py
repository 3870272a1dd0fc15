# Tests/blackbox/groups/handlers.py — the library: handlers of all kinds, and the program in docs/library.md

import hashlib
import re
import shutil
import signal
import subprocess
import threading
import time

from .. import tools
from ..client import Connection, chunked, request
from ..framework import Failure, equal, eventually, test, true
from ..markdown import Document
from ..process import listens
from ..site import Site, free_port
from ..websocket import TEXT, WebSocket, frame

GROUP, ORDER = "handlers", 45


class Service:
    """`check-service` on a port of its own: the release build, or that at `path`."""

    def __init__(self, run, workers=2, path=None, words=()):
        if path is None:
            run.need_build()
            path = tools.TOP / ".build/release/check-service"
        self.port = free_port()
        self.popen = subprocess.Popen([str(path), str(self.port), str(workers), *words], stdin=subprocess.DEVNULL)

    def __enter__(self):
        end = time.monotonic() + 5
        while True:
            try:
                self.connect().close()
                return self
            except OSError:
                true(time.monotonic() < end and self.popen.poll() is None, "check-service does not answer")
                time.sleep(0.02)

    def __exit__(self, kind, *_):
        self.popen.send_signal(signal.SIGTERM)
        try:
            status = self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            status = "none: it had to be killed"
        if kind is None:
            equal(status, 0, "exit status")

    def connect(self):
        return Connection(("127.0.0.1", self.port))


def ask(service, target, method="GET", *fields, body=b""):
    with service.connect() as connection:
        return connection.exchange(request(target, method, *fields, body=body), method)


@test("a parameter of the path reaches the handler as it was sent")
def parameter(run):
    with Service(run) as service:
        for name in ("world", "a%20b", "x" * 1000):
            equal(ask(service, f"/hello/{name}").body, name.encode(), "body")


@test("a body of {0} bytes comes back, sized and in chunks", cases=(0, 1, 1000, 131072, 1_000_000, 5_000_000))
def echo(run, size):
    data = bytes(index * 7 % 251 for index in range(4096)) * (size // 4096 + 1)
    data = data[:size]
    with Service(run) as service:
        for field, body in ((f"Content-Length: {size}", data), ("Transfer-Encoding: chunked", chunked(*filter(None, [data])))):
            with service.connect() as connection:
                # Sent on a thread of its own: the server does not read more than it can send back.
                sender = threading.Thread(target=connection.send, args=(request("/echo", "POST", field, body=body),))
                sender.start()
                equal(connection.read_response("POST").body == data, True, f"the body, {field.split(':')[0]}")
                sender.join()
                equal(connection.exchange(request("/hello/again")).body, b"again", "body of the next answer")


@test("handlers that compute at the same time each answer what they were asked for")
def computing(run):
    def digest(count):
        value = bytes(20)
        for _ in range(count):
            value = hashlib.sha1(value).digest()
        return value

    counts = [0, 1, 2, 500, 3000]
    expected = [digest(count) for count in counts]
    with Service(run) as service:
        connections = [service.connect() for _ in range(8)]
        for connection in connections:
            connection.send(b"".join(request(f"/digest/{count}") for count in counts))
        for connection in connections:
            equal([connection.read_response("GET").body for _ in counts], expected, "digests")
            connection.close()


@test("a handler that reads a body sees every byte once, and the head still, at every cut")
def counted(run):
    data = b"0123456789"
    expected = f"bytes=10 sum={sum(data)} path=/count".encode()
    sized = request("/count", "POST", "Content-Length: 10", body=data)
    pieces = request("/count", "POST", "Transfer-Encoding: chunked", body=b"3\r\n012\r\n7;x=y\r\n3456789\r\n0\r\nA: b\r\n\r\n")
    with Service(run) as service:
        for whole in (sized, pieces):
            for cut in range(1, len(whole)):
                with service.connect() as connection:
                    connection.send(whole[:cut])
                    time.sleep(0.002)
                    connection.send(whole[cut:] + request("/hello/next"))
                    equal(connection.read_response("POST").body, expected, f"body, cut at {cut}")
                    equal(connection.read_response().body, b"next", f"body of the next, cut at {cut}")


@test("handlers that sleep do not hold each other up, and keep their requests")
def sleeping(run):
    with Service(run, workers=1) as service:
        start = time.monotonic()
        crowd = [service.connect() for _ in range(200)]
        for index, connection in enumerate(crowd):
            connection.send(request("/sleep", "GET", f"X-Name: {index}"))
        for index, connection in enumerate(crowd):
            equal(connection.read_response().body, str(index).encode(), "body")
            connection.close()
        taken = time.monotonic() - start
        true(0.2 <= taken < 2, f"200 sleeps of 0.2 s took {taken:.2f} s")


@test("pipelined requests are answered in order though the first one sleeps")
def pipelined(run):
    with Service(run) as service, service.connect() as connection:
        connection.send(request("/sleep?first") + request("/hello/second") + request("/sleep?third"))
        bodies = [connection.read_response().body for _ in range(3)]
        equal(bodies, [b"first", b"second", b"third"], "bodies")


@test("a streamed answer comes in chunks, and as a whole to HTTP/1.0")
def streamed(run):
    with Service(run) as service:
        response = ask(service, "/stream/57")
        equal((response.field("Transfer-Encoding"), response.body), ("chunked", b"piece\n" * 57), "answer")
        with service.connect() as connection:
            connection.send(b"GET /stream/57 HTTP/1.0\r\n\r\n")
            head, _, body = read_all(connection).partition(b"\r\n\r\n")
            true(b"transfer-encoding" not in head.lower(), f"chunks for HTTP/1.0: {head}")
            equal(body, b"piece\n" * 57, "body")
        response = ask(service, "/stream/3", "HEAD")
        equal((response.status, response.body), (200, b""), "answer to HEAD")


def read_all(connection):
    data = b""
    while piece := connection.socket.recv(65536):
        data += piece
    return data


@test("an answer of 20 MB arrives whole, also at a client that takes its time")
def large(run):
    with Service(run) as service:
        equal(len(ask(service, "/large").body), 20_000_000, "bytes")
        with service.connect() as connection:
            connection.send(request("/large"))
            time.sleep(0.5)
            equal(connection.read_response().body == b"x" * 20_000_000, True, "the body")


@test("a handler without an answer gives 500, and one that stops in the middle ends its chunks")
def unanswered(run):
    with Service(run) as service:
        equal(ask(service, "/nothing").status, 500, "status")
        equal(ask(service, "/unended").body, b"begun\n", "body")


@test("an answer before the body: the body is read all the same, or not asked for")
def early(run):
    with Service(run) as service, service.connect() as connection:
        connection.send(request("/early", "POST", "Content-Length: 5", body=b"12345") + request("/hello/next"))
        equal(connection.read_response("POST").status, 403, "status")
        equal(connection.read_response().body, b"next", "body of the next answer")
        connection.send(request("/early", "POST", "Content-Length: 5", "Expect: 100-continue"))
        response = connection.read_response("POST")
        equal((response.status, response.closes()), (403, True), "status and close, without a 100")


@test("a body that a handler waits for has to come in time, and be well formed")
def broken(run):
    with Service(run) as service:
        with service.connect() as connection:
            connection.send(request("/count", "POST", "Content-Length: 10", body=b"half"))
            start = time.monotonic()
            equal(connection.socket.recv(100), b"", "an answer to half a body")
            true(0.5 < time.monotonic() - start < 3, "the connection ended too early or too late")
        with service.connect() as connection:
            connection.send(request("/count", "POST", "Transfer-Encoding: chunked", body=b"5\r\nabcdeX"))
            equal(connection.read_response("POST").status, 400, "status")
        equal(ask(service, "/count", "POST", "Content-Length: 17000000").status, 413, "status")


#: A route whose handler is suspended for ever, to be added to the service in docs/library.md.
NEVER = """router.on(.get, "/never") { _ throws(ExchangeError) in
            await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
        }
        """


@test("the service in docs/library.md builds, answers, and ends at SIGTERM whatever handlers do", slow=True, limit=300.0)
def documented(run):
    folder = run.folder / "hello"
    shutil.rmtree(folder, ignore_errors=True)
    # The package is known by its directory's name, whatever that is here.
    (folder.parent / "async-nostd").symlink_to(tools.TOP)
    port = free_port()
    for block in Document("docs/library.md").blocks:
        if block.language == "swift":
            path = folder.parent / block.word
            path.parent.mkdir(parents=True, exist_ok=True)
            text = block.text.replace("8080", str(port))
            path.write_text(text.replace('router.echo("/ws")', NEVER + 'router.echo("/ws")'))
    tools.output("swift", "build", "-c", "release", folder=folder, limit=280)
    with subprocess.Popen([str(folder / ".build/release/hello")]) as popen:
        try:
            site = Site(("127.0.0.1", port))
            eventually(lambda: listens(port), "it does not listen")
            equal(site.get("/hello/world").body, b"world", "body")
            equal(site.get("/values/x").status, 404, "status of a handler that has thrown an error")
            with WebSocket(site, "/three") as session:
                equal(session.read_frame().payload, b"three messages, please", "the first message")
            with WebSocket(site, "/ticker") as ticker:
                equal(ticker.read_frame().payload, b"tick", "what a task of its own has sent")
            for route in ("/ws", "/say"):
                with WebSocket(site, route) as socket:
                    socket.send(frame(TEXT, b"hello"))
                    equal(socket.read_frame().payload, b"hello", f"an echo at {route}")
            waiting = site.connect()
            waiting.send(request("/never"))
            time.sleep(0.1)
        finally:
            popen.terminate()
            start = time.monotonic()
        equal(popen.wait(10), 0, "exit status")
        taken = time.monotonic() - start
        true(0.4 < taken < 3, f"with a handler that never answers it took {taken:.2f} s")
        waiting.close()


@test("a handler that has begun to answer gives no leave to send the body any more")
def late_leave(run):
    with Service(run) as service, service.connect() as connection:
        connection.send(request("/echo", "POST", "Expect: 100-continue", "Content-Length: 5"))
        # Without leave it sends the body after a while (RFC 9110 10.1.1).
        time.sleep(0.1)
        connection.send(b"hello")
        response = connection.read_response()
        equal((response.status, response.body), (200, b"hello"), "what follows the request")


@test("a body shorter than announced ends the connection behind it; what is longer is cut, and the connection goes on")
def wrong_lengths(run):
    with Service(run) as service:
        with service.connect() as connection:
            connection.send(request("/sized/60/12") + request("/hello/x"))
            while connection.more():
                pass
            sent = bytes(connection.buffer)
            true(sent.endswith(b"\r\n\r\npiece\npiece\n"), f"something follows the short body: {sent[-60:]}")
        with service.connect() as connection:
            equal(connection.exchange(request("/sized/15/60")).body, b"piece\npiece\npie", "body")
            equal(connection.exchange(request("/hello/x")).body, b"x", "the next body")
