# Tests/blackbox/groups/systemd_roles.py — names of passed sockets, the admin role, and the daemon's own listening

import os
import socket
import time

from ..daemon import Daemon, refused_start
from ..framework import equal, test, true
from ..listeners import ask, expect_served, listening
from ..process import listens
from ..site import free_port
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)
from .systemd_sockets import warned

ADMIN_TARGETS = ("/metrics", "/healthz")


def expect_roles(http, admin, elsewhere=()):
    """The admin routes are on `admin`, and on `http` only those that are `elsewhere` too; the page is on `http`."""
    for target in ADMIN_TARGETS:
        equal(ask(admin, target).status, 200, f"status of {target} on the admin socket")
        equal(ask(http, target).status, 200 if target in elsewhere else 404, f"status of {target} on an http socket")
    equal(ask(http, "/").status, 200, "status of / on an http socket")


@test(
    "/metrics and /healthz on the passed socket `admin` and on the others: {0}",
    cases=(
        ("AdminRoutes=everywhere", ADMIN_TARGETS),
        ("AdminRoutes=metrics", ("/healthz",)),
        ("AdminRoutes=admin", ()),
        ("by default", ADMIN_TARGETS),
    ),
)
def passed(run, text, elsewhere):
    value = text.partition("=")[2] or None
    sockets = [listening(), listening(), listening("::1")]
    with Daemon(run, {"AdminRoutes": value}, sockets, names=["http", "admin", "http"]):
        for http in (sockets[0], sockets[2]):
            expect_roles(http, sockets[1], elsewhere)


@test("the order of passed sockets does not matter, and the admin one may be a Unix socket")
def order(run):
    admin, http = listening(f"{run.folder}/admin-{time.monotonic_ns()}.sock"), listening()
    with Daemon(run, {"AdminRoutes": "admin"}, [admin, http], names=["admin", "http"]):
        expect_roles(http, admin)


@test(
    "a passed socket of an unknown name serves http, with a warning: {0}",
    cases=(("web", True), ("unknown", False), ("admin2", True), ("", False)),
)
def unknown(run, name, expected):
    made = listening()
    with Daemon(run, {"AdminRoutes": "admin"}, [made], names=[name]) as daemon:
        equal(ask(made, "/").status, 200, "status of /")
        equal(ask(made, "/metrics").status, 404, "status of /metrics")
        if expected:
            warned(daemon, name, "http")


@test("AdminRoutes=admin with AdminListen=: the same on sockets of its own")
def own(run):
    http, admin = free_port(), free_port()
    keys = {"Listen": f"127.0.0.1:{http}", "AdminListen": f"127.0.0.1:{admin}", "AdminRoutes": "admin"}
    with Daemon(run, keys):
        expect_roles(("127.0.0.1", http), ("127.0.0.1", admin))


@test("Listen= takes several addresses: IPv4, IPv6, a Unix path, an abstract name")
def several(run):
    path = f"{run.folder}/own-{time.monotonic_ns()}.sock"
    first, second = free_port(), free_port()
    listen = [f"127.0.0.1:{first}", f"[::1]:{second}", f"unix:{path} unix:@{path}"]
    with Daemon(run, {"Listen": listen}) as daemon:
        expect_served(("127.0.0.1", first), ("::1", second), path, "\0" + path)
        daemon.stop()
    true(not os.path.exists(path), "the file of a socket of its own is left behind")


@test("Listen= with one address in use: the start ends, names the address, and listens on no other")
def taken(run):
    with socket.create_server(("127.0.0.1", 0)) as used:
        free, port = free_port(), used.getsockname()[1]
        refused_start(run, str(port), keys={"Listen": [f"127.0.0.1:{free}", f"127.0.0.1:{port}"]})
        true(not listens(free), f"it listens on port {free}")


@test("a stop and a start again on the same address of its own, at once")
def again(run):
    with Daemon(run) as daemon:
        for _ in range(3):
            with daemon.connect() as connection:
                connection.send(b"GET")
                daemon.signal(9)
                daemon.wait()
            daemon.start()
            daemon.await_ready()
            equal(daemon.get("/healthz").status, 200, "status")
