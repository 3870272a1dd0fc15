# Tests/blackbox/groups/log.py — what the log says: lines, fields, counts; its file; the last words of a crash

import os
import re
import signal
import time

from ..client import chunked, request
from ..flood import flood
from ..framework import Failure, equal, eventually, test, true

GROUP, ORDER = "log", 50

LINE = re.compile(r"\[[A-Za-z]+\] [\x20-\x7e]*\Z")
HTTP_LINE = re.compile(r"\[HTTP\] fd=(\d+) method=(\S+) route=(\S+) status=(\d{3}) bytes=(\d+)((?: [a-z]+=\S+)*)\Z")


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


@test("a connection is logged with its descriptor and peer: {0}", cases=(
    ("127.0.0.1", r"127\.0\.0\.1:{}"), ("::1", r"\[::1\]:{}")))
def accepted(run, ip, peer):
    with run.fresh(ip=ip) as server, server.connect() as connection:
        port = connection.socket.getsockname()[1]
        logged(server, rf"\[ACCEPT\] fd=\d+ peer={peer.format(port)}(?: [a-z]+=\S+)*\Z")


@test("a connection over a Unix socket is logged")
def accepted_unix(run):
    with run.fresh(ip=f"unix:{run.folder}/log.sock") as server, server.connect() as connection:
        equal(connection.exchange(request("/healthz")).status, 200, "status")
        logged(server, r"\[ACCEPT\] fd=\d+ peer=unix:")


@test("{0} {1} is logged with its status and the bytes of its body", cases=(
    ("GET", "/", 200), ("GET", "/healthz", 200), ("HEAD", "/", 200), ("GET", "/metrics", 200), ("POST", "/", 405)))
def served(run, method, target, status):
    with run.fresh() as server, server.connect() as connection:
        response = connection.exchange(request(target, method), method)
        fd = logged(server, r"\[ACCEPT\] fd=(\d+) ")[1]
        line = logged(server, r"\[HTTP\] ").string
        match = HTTP_LINE.match(line)
        true(match, f"not an [HTTP] line: {line!r}")
        equal(match.groups()[:5], (fd, method, target, str(status), str(len(response.body))), line)


@test("a request for nothing, a refused one and an unknown method are logged with their status: {0}", cases=(
    (404, request("/nothing-here")), (400, b"GET / HTTP/1.1\r\n\r\n"), (501, request("/", "BREW")), (505, b"GET / HTTP/7.0\r\n\r\n"),
    (431, request("/", "GET", "X: " + "a" * 20_000)), (414, request("/" + "a" * 9000))))
def refused(run, status, data):
    with run.fresh() as server, server.connect() as connection:
        equal(connection.exchange(data).status, status, "status")
        logged(server, rf"\[HTTP\] fd=\d+ .*status={status} ")
        expect_form(server.log())


@test("every line has a tag, whatever clients send")
def forms(run):
    with run.fresh(arguments=("--log-level", "debug")) as server:
        for data in (
            request("/"), request("/x" * 3000), request("/\x1b[31mred"), b"\x00\xff" * 200 + b"\r\n\r\n", b"\r\n\r\n\r\n\r\n\r\n\r\n",
            b"G\xe9T / HTTP/1.1\r\n\r\n", request("/", "X" * 300), request("/%0d%0a[PANIC]%20forged"), request("/", host="\xff\xfe"),
            request("/", "POST", "Transfer-Encoding: chunked", body=chunked(b"x")), request("/ [HTTP] fd=1"), request('/"\\\'<>')):
            with server.connect() as connection:
                connection.send(data)
                connection.half_close()
                connection.responses_until_end()
        time.sleep(0.3)
        true(len(server.log()) >= 12, "the log is too short")
        expect_form(server.log())


@test("no request forges a line: CR and LF in {0}", cases=(
    ("the target", b"GET /\r\n[HTTP] fd=1 method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("the target, escaped", b"GET /%0D%0A[HTTP]%20fd=1%20method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("the target, bare", b"GET /\n[HTTP] fd=1 method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("the method", b"G\n[HTTP] fd=1 method=FORGED\nET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a field", b"GET / HTTP/1.1\r\nHost: x\r\nX: y\n[HTTP] fd=1 method=FORGED\r\n\r\n"),
    ("the target of a query", b"GET /?\r[HTTP] fd=1 method=FORGED HTTP/1.1\r\nHost: x\r\n\r\n")))
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


@test("the reactor says how many descriptors it watches: {0}", cases=("epoll", "ppoll"))
def monitoring(run, reactor):
    with run.fresh(reactor=reactor, workers=1, arguments=("--log-level", "debug")) as server:
        crowd = [server.connect() for _ in range(10)]
        for connection in crowd:
            connection.exchange(request("/healthz"))
        counts = lambda: [int(match[1]) for line in server.log() if (match := re.match(rf"\[{reactor}\] monitoring (\d+) fds\Z", line))]
        eventually(lambda: max(counts(), default=0) >= 10, lambda: f"monitoring {counts()[-5:]}, not 10 connections and more")
        for connection in crowd:
            connection.close()


@test("the reactor says when it removes a closed descriptor: {0}", cases=("epoll", "ppoll"))
def removing(run, reactor):
    with run.fresh(reactor=reactor, arguments=("--log-level", "debug")) as server:
        connection = server.connect()
        connection.exchange(request("/healthz"))
        fd = logged(server, r"\[ACCEPT\] fd=(\d+) ")[1]
        connection.reset()
        logged(server, rf"\[{reactor}\] removing closed fd={fd}\Z")
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
        eventually(lambda: requests_in(server.log()) + dropped_in(server.log()) >= sent,
                   lambda: f"{requests_in(server.log())} requests logged of {sent}")
        equal((requests_in(server.log()), dropped_in(server.log())), (sent, 0), "requests logged and lines dropped")


@test("each of 10,000 pipelined requests is logged, as a line or within a repeat")
def counted_batches(run):
    with run.fresh() as server:
        sent = 16
        for _ in range(10):
            sent += flood(server, 1000, lanes=4)[0] + (16 if _ else 0)
        eventually(lambda: requests_in(server.log()) + dropped_in(server.log()) >= sent,
                   lambda: f"{requests_in(server.log())} logged, {dropped_in(server.log())} dropped, {sent} sent")
        true(requests_in(server.log()) <= sent, f"{requests_in(server.log())} logged of {sent}")


@test("what a flood of 300,000 requests drops from the log is counted in the log")
def dropped(run):
    with run.fresh() as server:
        sent = 16 + flood(server, 300_000)[0]
        eventually(lambda: requests_in(server.log()) + dropped_in(server.log()) >= sent,
                   lambda: f"{requests_in(server.log())} logged, {dropped_in(server.log())} dropped, {sent} sent", seconds=5)
        true(requests_in(server.log()) <= sent, f"{requests_in(server.log())} logged of {sent}")
        expect_form(server.log())


@test("the log is emptied at the start, and its mode is 0640")
def truncated(run):
    path = run.folder / "old.log"
    path.write_text("an old line\n" * 1000)
    path.chmod(0o640)
    with run.fresh(log_path=path) as server:
        server.get("/healthz")
        logged(server, r"\[HTTP\] ")
        true("an old line" not in path.read_text(), "old lines are still there")
    path.unlink()
    with run.fresh(log_path=path):
        equal(oct(path.stat().st_mode & 0o777), "0o640", "mode of a new file")


@test("SIGHUP opens the log again without emptying it")
def reopened(run):
    with run.fresh() as server:
        server.get("/healthz")
        logged(server, r"\[HTTP\] .* route=/healthz ")
        old = server.log_path.with_suffix(".1")
        server.log_path.rename(old)
        server.signal(signal.SIGHUP)
        eventually(server.log_path.exists, "no new file after SIGHUP")
        server.get("/nothing-here")
        logged(server, r"\[HTTP\] .* status=404 ")
        true("status=404" not in old.read_text(), "the old file is still written to")
        size = server.log_path.stat().st_size
        server.signal(signal.SIGHUP)
        server.get("/healthz")
        logged(server, r"\[HTTP\] .* route=/healthz ")
        true(server.log_path.stat().st_size > size, "the second SIGHUP emptied the file")


@test("the last lines are in the log after SIGTERM")
def flushed(run):
    with run.fresh() as server:
        with server.connect() as connection:
            for _ in range(500):
                connection.exchange(request("/healthz"))
            server.stop()
        equal(requests_in(server.log()) + dropped_in(server.log()), 500, "requests logged")


@test("{0} leaves a [PANIC] line, and the process dies by it", cases=("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"))
def panic(run, name):
    number = getattr(signal, name)
    with run.fresh() as server:
        server.get("/healthz")
        server.signal(number)
        status = server.wait(5)
        equal(status, -number, "exit status (negative: the signal)")
        match = logged(server, r"\[PANIC\] signal=(\S+) ip=(\S+)")
        true(match[1] in (name, str(int(number))), f"[PANIC] names {match[1]}")
        logged(server, r"\[HTTP\] .* route=/healthz ")
        expect_form(server.log())


@test("a fault in any thread leaves a [PANIC] line", slow=True)
def panic_in_worker(run):
    import ctypes

    with run.fresh(workers=2) as server:
        server.get("/healthz")
        thread = max(server.process.threads())
        true(ctypes.CDLL(None, use_errno=True).syscall(234, server.popen.pid, thread, int(signal.SIGSEGV)) == 0, "tgkill failed")
        equal(server.wait(5), -signal.SIGSEGV, "exit status (negative: the signal)")
        logged(server, r"\[PANIC\] signal=")


@test("--log-level error keeps requests out of the log")
def quiet(run):
    with run.fresh(arguments=("--log-level", "error")) as server:
        for _ in range(20):
            server.get("/healthz")
        time.sleep(0.3)
        equal([line for line in server.log() if re.match(r"\[(HTTP|ACCEPT)\]", line)], [], "lines")


@test("--log-file off writes no log, and - writes it to standard error")
def elsewhere(run):
    with run.fresh(log_path="off") as server:
        server.get("/healthz")
        true(not os.path.exists("off"), "a file of the name off")
    with run.fresh(log_path="-") as server:
        server.get("/healthz")
        eventually(lambda: "[HTTP] " in server.errors(), "no [HTTP] line on standard error")


@test("a log that cannot be written to at run time does not stop the server")
def full_device(run):
    if not os.path.exists("/dev/full"):
        raise Failure("/dev/full is missing")
    with run.fresh(log_path="/dev/full") as server:
        for _ in range(200):
            equal(server.get("/healthz").status, 200, "status")
