# Tests/blackbox/groups/log_file.py — the log as a file: mode, reopening, levels, the last words of a crash

import ctypes
import os
import re
import signal

from ..client import request
from ..framework import Failure, equal, eventually, test, true
from .log_lines import GROUP, ORDER, dropped_in, expect_form, logged, requests_in  # noqa: F401 (read by the runner)


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


@test(
    "{0} leaves a [PANIC] line, and the process dies by it", cases=("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT")
)
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
    with run.fresh(workers=2) as server:
        server.get("/healthz")
        thread = max(server.process.threads())
        true(
            ctypes.CDLL(None, use_errno=True).syscall(234, server.popen.pid, thread, int(signal.SIGSEGV)) == 0,
            "tgkill failed",
        )
        equal(server.wait(5), -signal.SIGSEGV, "exit status (negative: the signal)")
        logged(server, r"\[PANIC\] signal=")


@test("--log-level error keeps requests out of the log")
def quiet(run):
    with run.fresh(arguments=("--log-level", "error")) as server:
        for _ in range(20):
            server.get("/healthz")
        # At its end all lines are in the file.
        server.stop()
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
