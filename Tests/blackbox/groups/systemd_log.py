# Tests/blackbox/groups/systemd_log.py — the daemon's log: its file, rotation under load, the formats of requests

import datetime
import itertools
import re
import signal
import threading
import time

from ..client import request
from ..daemon import Daemon
from ..framework import equal, eventually, test, true
from ..listeners import expect_served, listening
from ..websocket import handshake
from .concurrent import together
from .log_lines import dropped_in, expect_form, logged, requests_in
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)

#: A line of Apache's combined format, its quoted parts escaped as Apache does.
QUOTED = r'"((?:[^"\\\x00-\x1f\x7f-\xff]|\\["\\bnrtvf]|\\x[0-9a-fA-F]{2})*)"'
COMBINED = re.compile(
    rf"(\S+) - - \[(\d\d/[A-Z][a-z]{{2}}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}})\] "
    rf"{QUOTED} (\d{{3}}) (\d+|-) {QUOTED} {QUOTED}\Z"
)


@test("the log is $LOGS_DIRECTORY/async-nostd.log unless LogFile= says otherwise")
def folder(run):
    place = run.folder / f"logs-{time.monotonic_ns()}"
    place.mkdir()
    with Daemon(run, {"LogFile": None}, environment={"LOGS_DIRECTORY": place}) as daemon:
        daemon.get("/healthz")
        daemon.log_path = place / "async-nostd.log"
        logged(daemon, r"\[HTTP\] ")
        equal(oct(daemon.log_path.stat().st_mode & 0o777), "0o640", "mode of the log")
    with Daemon(run, environment={"LOGS_DIRECTORY": place / "none"}) as daemon:
        daemon.get("/healthz")
        logged(daemon, r"\[HTTP\] ")


@test("the log is appended to, so that a crash's last lines survive the next start")
def appended(run):
    with Daemon(run) as daemon:
        daemon.get("/before")
        logged(daemon, r"\[HTTP\] .*status=404")
        daemon.signal(signal.SIGSEGV)
        equal(daemon.wait(), -signal.SIGSEGV, "exit status (negative: the signal)")
        old = daemon.log_path.read_bytes()
        true(b"[PANIC] " in old, "no [PANIC] line")
        daemon.start()
        daemon.await_ready()
        daemon.get("/healthz")
        logged(daemon, r"\[HTTP\] .* route=/healthz ")
        true(daemon.log_path.read_bytes().startswith(old), "the lines of the crash are gone")
        expect_form(daemon.log())


@test("LogTruncate=yes empties the log at the start, but not at SIGHUP")
def truncated(run):
    with Daemon(run, {"LogTruncate": "yes"}) as daemon:
        daemon.get("/before")
        logged(daemon, r"\[HTTP\] .*status=404")
        daemon.reload()
        true(any("status=404" in line for line in daemon.log()), "SIGHUP emptied the log")
        daemon.signal(signal.SIGTERM)
        daemon.await_end()
        daemon.start()
        daemon.await_ready()
        true(not any("status=404" in line for line in daemon.log()), "lines of the last start are still there")


@test("AccessLog=off writes no line for a request")
def off(run):
    with Daemon(run, {"AccessLog": "off"}) as daemon:
        for target in ("/", "/healthz", "/nothing"):
            daemon.get(target)
        with daemon.connect() as connection:
            connection.exchange(b"GET / HTTP/7.0\r\n\r\n")
        # At its end all lines are in the file.
        daemon.stop()
        equal([line for line in daemon.log() if re.search(r"\[HTTP\]|GET", line)], [], "lines of requests")


@test(
    "AccessLog=combined: {0}",
    cases=(
        ("a page", "/", (), 200, None),
        ("a query", "/healthz?a=1&b=2", (), 200, "GET /healthz?a=1&b=2 HTTP/1.1"),
        ("nothing there", "/nothing", (), 404, None),
        ("a referer and a browser", "/", ("Referer: http://x.example/y", "User-Agent: curl/8"), 200, None),
        ("quotes in the fields", "/", ('Referer: "a"', 'User-Agent: x" 200 0 "y\\'), 200, None),
        ("bytes over 0x7f in the fields", "/", ("Referer: \xe9\xff", "User-Agent: \x80"), 200, None),
        ("a quote in the target", '/"x"', (), None, None),
    ),
)
def combined(run, _, target, fields, status, line):
    with Daemon(run, {"AccessLog": "combined"}) as daemon:
        before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        response = daemon.get(target, *fields)
        true(status in (None, response.status), f"status {response.status}, not {status}")
        match = eventually(
            lambda: next((match for each in daemon.log() if (match := COMBINED.match(each))), None),
            lambda: f"no combined line: {daemon.log()}",
        )
        address, moment, asked, logged_status, size, referer, agent = match.groups()
        equal((address, int(logged_status)), ("127.0.0.1", response.status), "address and status")
        equal(size, str(len(response.body)) if response.body else size, "bytes")
        moment = datetime.datetime.strptime(moment, "%d/%b/%Y:%H:%M:%S %z")
        true(0 <= (moment - before).total_seconds() < 3, f"time {moment}, it was {before}")
        if '"' not in target:
            equal(asked, line or f"GET {target} HTTP/1.1", "request line")
        given = dict(field.split(": ", 1) for field in fields)
        equal(
            (unescaped(referer), unescaped(agent)),
            (given.get("Referer", "-"), given.get("User-Agent", "-")),
            "referer and user agent",
        )


@test(
    "AccessLog=combined: what is too long is cut, and the line stays one: {0}",
    cases=(
        ("letters", "x"),
        ("quotes", '"'),
        ("backslashes", "\\"),
        ("bytes over 0x7f", "\xff"),
    ),
)
def combined_long(run, _, letter):
    with Daemon(run, {"AccessLog": "combined"}) as daemon:
        for length in (100, 200, 255, 256, 257, 500, 1000, 4000):
            text = letter * length
            daemon.get("/" + "x" * length, f"Referer: {text}", f"User-Agent: {text}")
            with daemon.connect() as connection:
                connection.exchange(request("/" + text, "GET", f"Referer: {text}", f"User-Agent: {text}"))
        eventually(lambda: len([line for line in daemon.log() if " - - [" in line]) >= 16, "not 16 lines")
        for line in daemon.log():
            true(COMBINED.match(line) or re.match(r"\[[A-Za-z]+\] ", line), f"neither a tag nor combined: {line!r}")


@test("AccessLog=combined: the client of a Unix socket has a name of one word")
def combined_unix(run):
    made = listening(f"{run.folder}/combined-{time.monotonic_ns()}.sock")
    with Daemon(run, {"AccessLog": "combined"}, [made]) as daemon:
        expect_served(made)
        eventually(lambda: any(COMBINED.match(line) for line in daemon.log()), lambda: f"no line: {daemon.log()}")


def unescaped(text):
    """What a quoted part of a combined line stands for."""
    named = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f"}

    def one(match):
        code = match[1]
        return chr(int(code[1:], 16)) if code[0] == "x" else named.get(code, code)

    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, text)


@test("AccessLog=combined: each request has its line, pipelined or not, WebSockets and refused ones too")
def combined_count(run):
    with Daemon(run, {"AccessLog": "combined"}) as daemon:
        with daemon.connect() as connection:
            connection.send(request("/healthz") * 50 + request("/") * 50 + request("/nothing") * 50)
            for _ in range(150):
                connection.read_response()
            for data in (b"GET / HTTP/7.0\r\n\r\n", handshake(), request("/ws", "GET")):
                with daemon.connect() as other:
                    other.exchange(data)
        daemon.get("/", method="HEAD")

        def count():
            return sum(bool(COMBINED.match(line)) for line in daemon.log())

        eventually(lambda: count() >= 154, lambda: f"{count()} combined lines of 154; {daemon.log()[-8:]}")
        equal(count(), 154, "combined lines")
        equal(sum(line.startswith("[HTTP]") for line in daemon.log()), 0, "[HTTP] lines")
        for line in daemon.log():
            true(COMBINED.match(line) or re.match(r"\[[A-Za-z]+\] ", line), f"neither a tag nor combined: {line!r}")


def rotate(daemon, seconds):
    """SIGHUP every 100 ms; before every third, the file gets another name, as logrotate gives it."""
    end = time.monotonic() + seconds
    for step in itertools.count():
        time.sleep(0.1)
        if time.monotonic() > end:
            return
        if step % 3 == 0 and daemon.log_path.exists():
            daemon.log_path.rename(daemon.log_path.with_suffix(f".log.{step}"))
        daemon.signal(signal.SIGHUP)


@test(
    "SIGHUP every 100 ms for {0} s, with rotation: no request fails, and every one is in the log",
    cases=(20,),
    slow=True,
    limit=90.0,
)
def rotated(run, seconds):
    with Daemon(run) as daemon:
        sent, over = [0] * 16, threading.Event()

        def client(index):
            if index == 16:
                rotate(daemon, seconds)
                over.set()
                return
            with daemon.connect() as connection:
                while not over.is_set():
                    # Alone, and as a batch that is one line with repeat=.
                    for count in (1, 4):
                        connection.send(request("/healthz") * count)
                        for _ in range(count):
                            equal(connection.read_response().status, 200, "status")
                        sent[index] += count
                    # Leaves the processor to the daemon: the load is not the point here.
                    time.sleep(0.002)

        together(17, client)
        daemon.signal(signal.SIGTERM)
        daemon.await_end()
        files = [daemon.log_path, *daemon.log_path.parent.glob(f"{daemon.log_path.name}.[0-9]*")]
        texts = [path.read_text("latin-1") for path in files if path.exists()]
        true(len(texts) > 2 * seconds, f"{len(texts)} files after {seconds} s")
        lines = []
        for text in texts:
            true(text.endswith("\n") or not text, f"a file ends inside a line: {text[-100:]!r}")
            lines += text.splitlines()
        expect_form(lines)
        equal((requests_in(lines), dropped_in(lines)), (sum(sent), 0), "requests logged in all files, lines dropped")
        true(sum(sent) > 5000, f"only {sum(sent)} requests in {seconds} s")
        reloads = (len(daemon.notify.all("RELOADING")), len(daemon.notify.all("READY")) - 1)
        true(reloads[0] == reloads[1] > 5 * seconds, f"RELOADING=1 and READY=1 came {reloads} times")
