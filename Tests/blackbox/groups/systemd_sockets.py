# Tests/blackbox/groups/systemd_sockets.py — sockets that systemd passes: which are served, which refused

import os
import re
import signal
import socket
import time

from ..client import Connection, request
from ..daemon import Daemon, refused_start
from ..framework import equal, eventually, test, true
from ..listeners import address_of, ask, expect_served, listening
from ..process import listens
from ..site import free_port
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)


def warned(daemon, *words):
    """A line of the log or of standard error that has all of these words, whatever their case."""

    def find():
        lines = daemon.log() + daemon.errors().splitlines()
        return next((line for line in lines if all(word.lower() in line.lower() for word in words)), None)

    return eventually(find, lambda: f"no line with {words}\n{daemon.tail()}")


@test("one passed socket is served: {0}", cases=("127.0.0.1", "::1", "::", "a Unix path", "an abstract name"))
def one(run, kind):
    name = f"{run.folder}/one-{os.getpid()}.sock"
    made = listening({"a Unix path": name, "an abstract name": "@" + name}.get(kind, kind))
    with Daemon(run, sockets=[made]) as daemon:
        expect_served(made)
        if kind == "::":
            port = made.getsockname()[1]
            expect_served(("127.0.0.1", port), ("::1", port))
        daemon.stop()
    true(kind != "a Unix path" or os.path.exists(name), "it removed a socket file that is systemd's")


@test(
    "{0} passed sockets are all served, by --accept {1}",
    cases=((3, "workers"), (10, "workers"), (10, "thread"), (60, "workers"), (60, "thread")),
)
def many(run, count, accept):
    folder = f"{run.folder}/many-{time.monotonic_ns()}"
    kinds = ("127.0.0.1", "::1", folder + "-{}.sock", "@" + folder + "-{}.sock", "127.0.0.2")
    sockets = [listening(kinds[index % len(kinds)].format(index)) for index in range(count)]
    with Daemon(run, {"Accept": accept}, sockets):
        for _ in range(3):
            expect_served(*sockets)


@test("passed sockets are served alone: Listen= is for when there are none")
def alone(run):
    port = free_port()
    with Daemon(run, {"Listen": f"127.0.0.1:{port}"}, [listening()]):
        true(not listens(port), f"it listens on port {port} as well")


@test("a passed socket may be blocking or not")
def blocking(run):
    sockets = [listening(), listening()]
    sockets[0].setblocking(True)
    sockets[1].setblocking(False)
    with Daemon(run, sockets=sockets) as daemon:
        expect_served(*sockets)
        # The flag is that of the open file, which both processes share.
        true(not os.get_blocking(sockets[0].fileno()), "a worker could wait in accept for ever")
        true(daemon.process.load(0.5) < 0.05, "a thread spins")


@test(
    "without sockets of its own it listens by itself, and says why: {0}",
    cases=(
        ("LISTEN_PID of another process", {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, "LISTEN_PID"),
        ("LISTEN_FDS=0", {"LISTEN_PID": "$$", "LISTEN_FDS": "0"}, None),
        ("LISTEN_FDS without LISTEN_PID", {"LISTEN_FDS": "1"}, None),
        ("LISTEN_PID without LISTEN_FDS", {"LISTEN_PID": "$$"}, None),
    ),
)
def not_ours(run, _, environment, warning):
    with Daemon(run, environment=environment) as daemon:
        equal(daemon.get("/healthz").status, 200, "status")
        if warning:
            warned(daemon, warning)


def unusable(run, kind):
    """Something that is no listening stream socket."""
    if kind == "a file":
        return open(run.folder / "no-socket", "w+b")
    if kind == "a directory":
        return Descriptor(os.open(run.folder, os.O_RDONLY))
    if kind == "a pipe":
        return os.fdopen(os.pipe()[0], "rb")
    if kind == "a UDP socket":
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        return made
    if kind == "a Unix datagram socket":
        return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if kind == "a socket that does not listen":
        return socket.socket()
    if kind == "a connected socket":
        with listening() as made:
            return socket.create_connection(made.getsockname())
    return listening(f"{run.folder}/seqpacket-{time.monotonic_ns()}.sock", socket.SOCK_SEQPACKET)


class Descriptor:
    """A bare descriptor with the `fileno` of a file."""

    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number


@test(
    "{0} instead of a listening socket ends the start, with the descriptor's number, and nothing listens elsewhere",
    cases=(
        "a file",
        "a directory",
        "a pipe",
        "a UDP socket",
        "a Unix datagram socket",
        "a socket that does not listen",
        "a connected socket",
        "a SEQPACKET socket",
    ),
)
def refused(run, kind):
    bad, port = unusable(run, kind), free_port()
    for sockets, number in (([bad], 3), ([listening(), bad], 4)):
        daemon = refused_start(run, str(number), keys={"Listen": f"127.0.0.1:{port}"}, sockets=sockets)
        true(re.search(rf"\b{number}\b", daemon.errors()), f"descriptor {number} is not named: {daemon.errors()!r}")
        true(not listens(port), f"it listened on port {port}")
        true(daemon.notify.all("ERRNO"), f"no ERRNO= for {kind}: {daemon.notify}")


@test(
    "a passed descriptor's name is in the message if it is unusable: {0}",
    cases=("a file", "a UDP socket"),
)
def named(run, kind):
    refused_start(run, "broken", "3", sockets=[unusable(run, kind)], names=["broken"])


@test(
    "variables that cannot be right end the start: {0}",
    cases=(
        ("LISTEN_FDS=two", {"LISTEN_FDS": "two"}, "LISTEN_"),
        ("LISTEN_FDS=-1", {"LISTEN_FDS": "-1"}, "LISTEN_"),
        ("LISTEN_FDS=99999999999", {"LISTEN_FDS": "99999999999"}, "LISTEN_"),
        ("LISTEN_FDS=2, of which one is closed", {"LISTEN_FDS": "2"}, "4"),
        ("LISTEN_FDNAMES for two of one", {"LISTEN_FDNAMES": "http:admin"}, "LISTEN_"),
        ("LISTEN_PID=self", {"LISTEN_PID": "self"}, "LISTEN_"),
    ),
)
def garbled(run, _, environment, part):
    port = free_port()
    refused_start(run, part, keys={"Listen": f"127.0.0.1:{port}"}, sockets=[listening()], environment=environment)
    true(not listens(port), f"it listened on port {port}")


@test("two daemons share one passed socket, and each serves")
def shared(run):
    made = listening()
    with Daemon(run, sockets=[made]) as first, Daemon(run, sockets=[made]) as second:
        address = address_of(made)
        for _ in range(200):
            with Connection(address) as connection:
                connection.exchange(request("/healthz"))

        def served():
            return [sum(line.startswith("[HTTP]") for line in daemon.log()) for daemon in (first, second)]

        eventually(lambda: sum(served()) >= 200, lambda: f"requests logged: {served()}, not 200")
        equal(sum(served()), 200, f"requests logged, {served()}")
        first.stop()
        for _ in range(50):
            expect_served(made)


@test("a passed socket outlives the daemon ({0}): clients wait in its queue for the next", cases=("SIGTERM", "SIGKILL"))
def outlived(run, name):
    made = listening()
    with Daemon(run, sockets=[made]) as daemon:
        expect_served(made)
        daemon.signal(getattr(signal, name))
        daemon.wait()
        waiting = [Connection(address_of(made)) for _ in range(20)]
        for connection in waiting:
            connection.send(request("/healthz"))
        daemon.start()
        daemon.await_ready()
        for connection in waiting:
            equal(connection.read_response().status, 200, "status for a client that came before the daemon")
            connection.close()


@test("connections of a passed socket have TCP_NODELAY, without the unit: {0}", cases=("127.0.0.1", "::1"))
def no_delay(run, address):
    made = listening(address)
    equal(made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 0, "TCP_NODELAY before")
    with Daemon(run, sockets=[made]):
        # What is accepted has the options of the socket that it came to, which both processes share.
        equal(made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1, "TCP_NODELAY of the passed socket")


@test("of passed sockets none is shut down after a drain")
def untouched(run):
    made = listening()
    with Daemon(run, sockets=[made]) as daemon:
        with Connection(address_of(made)) as connection:
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: half")
            connection.await_received()
            daemon.await_stopping()
            # The daemon drains and accepts no more; the kernel's queue does.
            with Connection(address_of(made)) as late:
                late.send(request("/healthz"))
                true(late.is_silent(0.5), "a daemon that drains has accepted a connection")
                connection.send(b"\r\n\r\n")
                equal(connection.read_response().status, 200, "status")
                daemon.await_end()
                true(late.is_silent(0.2), "a connection in the queue ended with the daemon")
                equal(made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1, "SO_ACCEPTCONN")
                daemon.start()
                daemon.await_ready()
                equal(late.read_response().status, 200, "status of the next daemon")
        equal(ask(made).status, 200, "status")
