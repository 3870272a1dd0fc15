# Tests/blackbox/groups/log_lines.py — what the log says: lines, fields, counts

import re

from ..client import Connection, chunked, request
from ..flood import flood
from ..framework import equal, eventually, test, true
from ..site import free_port

GROUP, ORDER = "log", 50

LINE = re.compile(r"\[[A-Za-z]+\] [\x20-\x7e]*\Z")
HTTP_LINE = re.compile(r"\[HTTP\] fd=(\d+) method=(\S+) route=(\S+) status=(\d{3}) bytes=(\d+)((?: [a-z]+=.*)?)\Z")


def logged(server, pattern, seconds=2.0):
    """The first line that matches, waiting for it for a while; the match."""
    expression = re.compile(pattern)

    def find():
        return next((match for line in server.log() if (match := expression.match(line))), None)

    return eventually(find, lambda: f"no line matches {pattern!r}; the log ends with {server.log()[-10:]}", seconds)


def requests_in(lines):
    """How many requests the [HTTP] lines stand for: each one, or as many as its `repeat=`."""
    count = 0
    for line in lines:
        if line.startswith("[HTTP] "):
            repeat = re.search(r" repeat=(\d+)", line)
            count += int(repeat[1]) if repeat else 1
    return count


def dropped_in(lines):
    return sum(int(match[1]) for line in lines if (match := re.match(r"\[LOG\] .*dropped=(\d+)", line)))


def expect_form(lines):
    for line in lines:
        true(LINE.match(line), f"not a line of the log: {line!r}")
        true(not line.startswith("[HTTP]") or HTTP_LINE.match(line), f"not an [HTTP] line: {line!r}")


@test(
    "a connection is logged with its descriptor and peer: {0}",
    cases=(("127.0.0.1", r"127\.0\.0\.1:{}"), ("::1", r"\[::1\]:{}")),
)
def accepted(run, ip, peer):
    with run.fresh(ip=ip) as server, server.connect() as connection:
        port = connection.socket.getsockname()[1]
        logged(server, rf"\[ACCEPT\] fd=\d+ peer={peer.format(port)}(?: [a-z]+=\S+)*\Z")


@test("a connection over a Unix socket is logged")
def accepted_unix(run):
    with run.fresh(ip=f"unix:{run.folder}/log.sock") as server, server.connect() as connection:
        equal(connection.exchange(request("/healthz")).status, 200, "status")
        logged(server, r"\[ACCEPT\] fd=\d+ peer=unix:")


@test(
    "{0} {1} is logged with its status and the bytes of its body",
    cases=(
        ("GET", "/", 200),
        ("GET", "/healthz", 200),
        ("HEAD", "/", 200),
        ("GET", "/metrics", 200),
    ),
)
def served(run, method, target, status):
    with run.fresh() as server, server.connect() as connection:
        response = connection.exchange(request(target, method), method)
        fd = logged(server, r"\[ACCEPT\] fd=(\d+) ")[1]
        line = logged(server, r"\[HTTP\] ").string
        match = HTTP_LINE.match(line)
        true(match, f"not an [HTTP] line: {line!r}")
        equal(match.groups()[:5], (fd, method, target, str(status), str(len(response.body))), line)


@test(
    "a request for nothing, a refused one and an unknown method are logged with their status: {0}",
    cases=(
        (404, request("/nothing-here")),
        (405, request("/", "POST")),
        (400, b"GET / HTTP/1.1\r\n\r\n"),
        (501, request("/", "BREW")),
        (505, b"GET / HTTP/7.0\r\n\r\n"),
        (431, request("/", "GET", "X: " + "a" * 20_000)),
        (414, request("/" + "a" * 9000)),
    ),
)
def refused(run, status, data):
    with run.fresh() as server, server.connect() as connection:
        equal(connection.exchange(data).status, status, "status")
        logged(server, rf"\[HTTP\] fd=\d+ .*status={status} ")
        expect_form(server.log())


@test("a connection for administration that follows one for everybody is logged with its own routes")
def routes_of_both(run):
    port, asked = free_port(), []
    with run.fresh(workers=1, settings={"adminListen": f"127.0.0.1:{port}"}) as server:
        idle = server.process.descriptors()
        # Both are the first route of their router, and say the same otherwise.
        for address, target in ((server.address, "/"), (("127.0.0.1", port), "/healthz"), (server.address, "/")):
            with Connection(address) as connection:
                equal(connection.exchange(request(target, "HEAD"), "HEAD").status, 200, "status")
            asked.append(target)
            # The next one gets the same connection object.
            eventually(lambda: server.process.descriptors() == idle, "the connection stays open")
        eventually(lambda: len(served_routes(server)) == len(asked), lambda: f"the log ends with {server.log()[-10:]}")
        equal(served_routes(server), asked, "routes")


def served_routes(server):
    return [match[3] for line in server.log() if (match := HTTP_LINE.match(line))]


@test("every line has a tag, whatever clients send")
def forms(run):
    with run.fresh(arguments=("--log-level", "debug")) as server:
        for data in (
            request("/"),
            request("/x" * 3000),
            request("/\x1b[31mred"),
            b"\x00\xff" * 200 + b"\r\n\r\n",
            b"\r\n\r\n\r\n\r\n\r\n\r\n",
            b"G\xe9T / HTTP/1.1\r\n\r\n",
            request("/", "X" * 300),
            request("/%0d%0a[PANIC]%20forged"),
            request("/", host="\xff\xfe"),
            request("/", "POST", "Transfer-Encoding: chunked", body=chunked(b"x")),
            request("/ [HTTP] fd=1"),
            request("/\"\\'<>"),
        ):
            with server.connect() as connection:
                connection.send(data)
                connection.half_close()
                connection.responses_until_end()
        eventually(lambda: len(server.log()) >= 12, lambda: f"the log is too short: {server.log()}")
        # At its end all lines are in the file.
        server.stop()
        expect_form(server.log())


@test(
    "no request forges a line: CR and LF in {0}",
    cases=(
        ("the target", b"GET /\r\n[HTTP] fd=1 method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("the target, escaped", b"GET /%0D%0A[HTTP]%20fd=1%20method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("the target, bare", b"GET /\n[HTTP] fd=1 method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("the method", b"G\n[HTTP] fd=1 method=FORGED\nET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a field", b"GET / HTTP/1.1\r\nHost: x\r\nX: y\n[HTTP] fd=1 method=FORGED\r\n\r\n"),
        ("the target of a query", b"GET /?\r[HTTP] fd=1 method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
    ),
)
def forged(run, _, data):
    with run.fresh() as server:
        with server.connect() as connection:
            connection.send(data)
            connection.half_close()
            connection.responses_until_end()
        server.get("/healthz")
        logged(server, r"\[HTTP\] .* route=/healthz ")
        text = server.log_path.read_bytes()
        true(not re.search(rb"(^|[\r\n])\[HTTP\] fd=1 method=FORGED", text), text.decode("latin-1"))
        expect_form(server.log())


def tag_of(reactor):
    """With io_uring it is epoll that says who is ready."""
    return "ppoll" if reactor == "ppoll" else "epoll"


@test("the reactor says how many descriptors it watches: {0}", cases=("io_uring", "epoll", "ppoll"))
def monitoring(run, reactor):
    with run.fresh(reactor=reactor, workers=1, arguments=("--log-level", "debug")) as server:
        crowd = [server.connect() for _ in range(10)]
        line = re.compile(rf"^\[{tag_of(reactor)}\] monitoring (\d+) fds(?: |$)", re.MULTILINE)

        def watched():
            # The line is written now and then, by a worker that has something to do.
            crowd[0].exchange(request("/healthz"))
            return max(map(int, line.findall("\n".join(server.log()))), default=0)

        eventually(
            lambda: watched() >= 10,
            lambda: f"it says {watched()}, not 10 connections and more",
            seconds=5,
            interval=0.1,
        )
        for connection in crowd:
            connection.close()


@test("the reactor says when it removes a closed descriptor: {0}", cases=("io_uring", "epoll", "ppoll"))
def removing(run, reactor):
    with run.fresh(reactor=reactor, arguments=("--log-level", "debug")) as server:
        connection = server.connect()
        connection.exchange(request("/healthz"))
        fd = logged(server, r"\[ACCEPT\] fd=(\d+) ")[1]
        connection.reset()
        logged(server, rf"\[{tag_of(reactor)}\] removing closed fd={fd}(?: |\Z)")
        true(server.process.load(0.3) < 0.05, "a thread spins on the closed descriptor")


@test("each of 1,000 requests of many kinds is logged exactly once")
def counted(run):
    with run.fresh() as server:
        sent = 0
        for _ in range(10):
            with server.connect() as connection:
                for target, method in (("/", "GET"), ("/nothing", "GET"), ("/healthz", "HEAD"), ("/", "POST")) * 25:
                    connection.exchange(request(target, method), method)
                    sent += 1
        eventually(
            lambda: requests_in(server.log()) + dropped_in(server.log()) >= sent,
            lambda: f"{requests_in(server.log())} requests logged of {sent}",
        )
        equal((requests_in(server.log()), dropped_in(server.log())), (sent, 0), "requests logged and lines dropped")


def expect_count(server, sent, batch):
    """All requests are in the log, but for those of dropped lines; such a line stood for `batch` at the most."""

    def complete():
        lines = server.log()
        return requests_in(lines) + batch * dropped_in(lines) >= sent

    eventually(
        complete,
        lambda: f"{requests_in(server.log())} logged, {dropped_in(server.log())} lines dropped, {sent} sent",
        seconds=5,
    )
    logged = requests_in(server.log())
    true(logged <= sent, f"{logged} requests logged of {sent}")
    true(logged == sent or dropped_in(server.log()) > 0, f"{logged} requests logged of {sent}, and no line dropped")


@test("each of 10,000 pipelined requests is logged, as a line or within a repeat")
def counted_batches(run):
    with run.fresh() as server:
        sent = 0
        for _ in range(10):
            # A flood asks once for each target to know what to expect.
            sent += 16 + flood(server, 1000, lanes=4)[0]
        expect_count(server, sent, 16)


@test("what a flood of 300,000 requests drops from the log is counted in the log")
def dropped(run):
    with run.fresh() as server:
        expect_count(server, 16 + flood(server, 300_000)[0], 16)
        expect_form(server.log())
