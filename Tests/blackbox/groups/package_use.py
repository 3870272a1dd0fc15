# Tests/blackbox/groups/package_use.py — the installed service in use: start, status, sockets, reload

import re
import socket
import sys
import time

from .. import tools
from ..client import Connection, request
from ..framework import Outcome, equal, eventually, test
from ..machine import ADMIN, ADMIN_SOCKET, HTTP, SERVICE, SOCKET, UNIX, own_machine, serving
from ..packages import package
from ..websocket import WebSocket

GROUP, ORDER, NEEDS_BUILD = "package", 75.2, False


@test("dpkg -i, systemctl start async-nostd.socket, curl: the service is inactive until the first request starts it")
def three_commands(run):
    with own_machine(run) as machine:
        deb = machine.copy(package(run))
        machine.output("dpkg", "-i", deb)
        machine.output("systemctl", "start", SOCKET)
        machine.await_state(SOCKET, "active/listening")
        machine.await_state(SERVICE, "inactive/dead")
        equal(machine.output("curl", "-sS", "http://localhost:8080/healthz"), "ok\n", "what curl printed")
        machine.await_state(SERVICE, "active/running")
        equal(machine.output("systemctl", "--failed", "--no-legend"), "", "units that failed")


@test("it is installed even where port 8080 is taken; when it is free, the socket can be started")
def taken(run):
    with own_machine(run) as machine:
        with socket.create_server(("", 8080)):
            machine.install(package(run))
            machine.await_state(SOCKET, "failed/failed")
        machine.output("systemctl", "start", SOCKET)
        machine.expect_answer()


@test("the sockets are enabled: with sockets.target they listen, and the service waits for a request")
def enabled(run):
    with serving(run) as machine:
        for socket in (SOCKET, ADMIN_SOCKET):
            equal(machine.state(socket, "UnitFileState"), "enabled", f"UnitFileState of {socket}")
        machine.output("systemctl", "stop", SOCKET, ADMIN_SOCKET, SERVICE)
        machine.output("systemctl", "start", "sockets.target")
        machine.await_state(SOCKET, "active/listening")
        machine.await_state(ADMIN_SOCKET, "active/listening")
        machine.await_state(SERVICE, "inactive/dead")
        machine.expect_answer()


@test("systemctl status shows what it does: how many connections and WebSockets, while they change")
def status(run):
    with serving(run) as machine:

        def shows(connections, sockets):
            text = rf"Status: \"serving: {connections} connections?, {sockets} WebSockets?, \d+ requests? answered"
            eventually(
                lambda: re.search(text, machine.command("systemctl", "status", SERVICE)[1]),
                lambda: f"no {text!r} in {machine.command('systemctl', 'status', SERVICE)[1]}",
                4,
                0.2,
            )

        shows(0, 0)
        crowd = [Connection(HTTP) for _ in range(3)]
        for connection in crowd:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
        with WebSocket(machine.site()):
            shows(4, 1)
        for connection in crowd:
            connection.close()
        shows(0, 0)


@test("systemctl stop: the sockets stay, and the next request starts it again")
def stopped(run):
    with serving(run) as machine:
        machine.output("systemctl", "stop", SERVICE)
        machine.await_state(SERVICE, "inactive/dead")
        machine.await_state(SOCKET, "active/listening")
        machine.expect_answer()
        machine.await_state(SERVICE, "active/running")


@test("`test.py {0} --url http://127.0.0.1:8080` passes against it", cases=("http", "ws", "clients"), limit=180)
def against_url(run, group):
    words = [sys.executable, tools.TOP / "test.py", group, "--url", "http://127.0.0.1:8080"]
    start = time.monotonic()
    with serving(run, "[Server]\nAdminRoutes=everywhere\n"):
        status, text = tools.command(*words, "--report", run.folder / "url.log")
    passed = re.search(r"^(\d+) passed, (\d+) failed", text, re.MULTILINE)
    wrong = re.findall(r"(?m)^FAIL.*(?:\n    \|.*)*", text)
    good = passed and status == 0 and int(passed[1]) > 10
    yield Outcome(
        f"`test.py {group} --url http://127.0.0.1:8080`: {passed[0] if passed else 'no result'}",
        time.monotonic() - start,
        None if good else "\n".join(wrong) or text,
    )


@test("it is served on IPv4, on IPv6, and on /run/async-nostd/http.sock, to everybody")
def everywhere(run):
    with serving(run) as machine:
        for address in (HTTP, ("::1", 8080), UNIX):
            machine.expect_answer(address)
            machine.expect_answer(address, "/")
        words = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "curl", "-sS", "--unix-socket", UNIX)
        equal(machine.output(*words, "http://localhost/healthz"), "ok\n", "what curl as nobody printed")


@test(
    "{0}: /metrics on port 8081 only, of this machine, where there is nothing else but /healthz",
    cases=(("as it is installed", None, 200), ("AdminRoutes=admin", "[Server]\nAdminRoutes=admin\n", 404)),
)
def admin(run, _, settings, health):
    with serving(run, settings) as machine:
        answers = (("/metrics", 200, 404), ("/healthz", 200, health), ("/", 404, 200), ("/ws", 404, 426))
        for target, here, there in answers:
            machine.expect_answer(ADMIN, target, here)
            machine.expect_answer(("::1", 8081), target, here)
            machine.expect_answer(HTTP, target, there)
            machine.expect_answer(UNIX, target, there)
        equal(machine.listeners(8081), {"127.0.0.1", "::1"}, "addresses of port 8081")


@test("systemctl reload takes over a setting in the running process, and connections stay")
def reloaded(run):
    with serving(run) as machine, Connection(HTTP) as connection:
        equal(connection.exchange(request("/healthz")).status, 200, "status")
        process = machine.main_pid()
        machine.configure("[Limits]\n[HTTP]\nMaxRequestTarget=256\n")
        machine.reload()
        machine.expect_answer(target="/" + "a" * 300, status=414)
        equal(connection.exchange(request("/healthz")).status, 200, "status after the reload")
        equal(machine.main_pid(), process, "the process")
        machine.configure("[HTTP]\nMaxRequestTarget=lots\n")
        machine.reload()
        machine.expect_answer(target="/" + "a" * 300, status=414)
        machine.configure(None)
        machine.reload()
        machine.expect_answer(target="/" + "a" * 300, status=404)
        equal(machine.main_pid(), process, "the process")
