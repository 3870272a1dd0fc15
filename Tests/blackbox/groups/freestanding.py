# Tests/blackbox/groups/freestanding.py — small freestanding programs: start-up, threads, heap, task ABI

import signal

from .. import tools
from ..framework import Failure, equal, test
from ..site import Site
from ..websocket import TEXT, WebSocket, frame
from .handlers import Service, ask

GROUP, ORDER = "freestanding", 20

#: How often each program runs: what depends on the timing of threads runs often.
PROGRAMS = (
    ("check-start", 5),
    ("check-threads", 50),
    ("check-heap", 20),
    ("check-tasks", 50),
    ("check-stealing", 20),
    ("check-channels", 20),
    ("check-sleepers", 5),
    ("check-library", 1),
    ("check-net", 5),
)

#: The same in a debug build, which checks what a release build takes for granted.
IN_DEBUG = (("check-start", 1), ("check-threads", 3), ("check-heap", 1), ("check-tasks", 10), ("check-library", 1))


def in_debug(name):
    """Builds a program with its assertions; returns its path."""
    scratch = tools.TOP / ".build-debug"
    tools.output("swift", "build", "--scratch-path", scratch, "--product", name, limit=800)
    return scratch / "debug" / name


@test("{0} ends well, {1} times in a row", cases=PROGRAMS, limit=300.0)
def program(run, name, times):
    run.need_build()
    path = tools.TOP / ".build/release" / name
    if not path.exists():
        raise Failure(f"{path} was not built")
    repeat(path, times)


@test("{0} ends well in a debug build, {1} times in a row", cases=IN_DEBUG, limit=900.0)
def program_in_debug(run, name, times):
    repeat(in_debug(name), times)


@test("check-service answers in a debug build", limit=900.0)
def service_in_debug(run):
    with Service(run, path=in_debug("check-service")) as service:
        equal(ask(service, "/hello/world").body, b"world", "body")
        data = bytes(100_000)
        equal(ask(service, "/echo", "POST", f"Content-Length: {len(data)}", body=data).body, data, "the body's echo")
        equal(ask(service, "/sleep", "GET", "X-Name: late").body, b"late", "the body after a sleep")
        equal(ask(service, "/stream/57").body, b"piece\n" * 57, "pieces")
        with WebSocket(Site(("127.0.0.1", service.port)), "/shout") as socket:
            for size in (0, 5, 200):
                socket.send(frame(TEXT, b"x" * size))
                equal(socket.read_frame().payload, b"X" * size, "an answer")


def repeat(path, times):
    for turn in range(1, times + 1):
        status, text = tools.command(path, limit=30)
        last = text.rstrip("\n").rpartition("\n")[2]
        if status != 0 or last != "ok":
            end = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
            raise Failure(f"run {turn} of {times}: {end}, last line {last!r}\n{text}")
