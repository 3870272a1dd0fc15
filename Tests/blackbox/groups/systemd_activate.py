# Tests/blackbox/groups/systemd_activate.py — started by systemd-socket-activate(1), without systemd itself

import contextlib
import os
import shutil
import signal
import subprocess
import time

from ..client import Connection, request
from ..daemon import MANAGED, configuration_text, program
from ..framework import Skip, equal, eventually, test, true
from ..listeners import ask
from ..process import Process, listens
from ..site import free_port
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)

TOOL = "systemd-socket-activate"


@contextlib.contextmanager
def activated(run, ports, names=(), **keys):
    """systemd-socket-activate, which starts the daemon at the first connection; a pair of its process and the log."""
    if not shutil.which(TOOL):
        raise Skip(f"{TOOL} (package systemd) is not installed")
    base = run.folder / f"activate-{time.monotonic_ns()}"
    log, errors = base.with_suffix(".log"), base.with_suffix(".stderr")
    base.with_suffix(".conf").write_text(configuration_text({"Workers": 2, "LogFile": log, **keys}))
    words = [TOOL]
    for port in ports:
        words += ["-l", f"127.0.0.1:{port}"]
    words += [f"--fdname={':'.join(names)}"] if names else []
    words += [program(run), "--config", base.with_suffix(".conf")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(MANAGED)}
    with open(errors, "wb") as output:
        child = subprocess.Popen(
            list(map(str, words)), stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        eventually(lambda: all(listens(port) for port in ports), lambda: f"{TOOL}: {errors.read_text()!r}")
        yield child, log
        child.send_signal(signal.SIGTERM)
        equal(child.wait(5), 0, f"exit status after SIGTERM; {errors.read_text()!r}")
    finally:
        child.kill()
        child.wait()


@test("`systemd-socket-activate -l 127.0.0.1:PORT async-nostdd` serves from the first connection on")
def single(run):
    port = free_port()
    with activated(run, [port]) as (child, log):
        equal(Process(child.pid).threads()[child.pid], TOOL[:15], "the program that waits")
        for _ in range(20):
            equal(ask(("127.0.0.1", port)).body, b"ok\n", "body")
        true(len(Process(child.pid).threads()) >= 3, "not main thread and 2 workers")
        true(log.exists(), "no log")


@test("several -l: all are served")
def several(run):
    ports = [free_port() for _ in range(4)]
    with activated(run, ports):
        for port in reversed(ports):
            equal(ask(("127.0.0.1", port)).body, b"ok\n", "body")


@test("--fdname=http:admin gives the sockets their roles")
def named(run):
    ports = [free_port(), free_port()]
    with activated(run, ports, ["http", "admin"], AdminRoutes="admin"):
        equal(ask(("127.0.0.1", ports[0]), "/").status, 200, "status of / on http")
        equal(ask(("127.0.0.1", ports[0]), "/metrics").status, 404, "status of /metrics on http")
        equal(ask(("127.0.0.1", ports[1]), "/metrics").status, 200, "status of /metrics on admin")


@test("the first client, who woke it, is answered, and 50 who came at the same time")
def first(run):
    port = free_port()
    with activated(run, [port]):
        crowd = [Connection(("127.0.0.1", port)) for _ in range(51)]
        for connection in crowd:
            connection.send(request("/"))
        for connection in crowd:
            equal(connection.read_response().status, 200, "status")
            connection.close()
