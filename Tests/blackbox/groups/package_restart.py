# Tests/blackbox/groups/package_restart.py — restarts, upgrades, hangs, crashes, mistakes: nobody is refused meanwhile

import os
import time
from concurrent.futures import ThreadPoolExecutor

from ..crowd import Crowd
from ..framework import equal, eventually, test, true
from ..machine import HTTP, SERVICE, SOCKET, UNIX, own_machine, serving
from ..packages import field, newer, package

GROUP, ORDER, NEEDS_BUILD = "package", 75.4, False


@test(
    "five quick systemctl restart under load, {0}: no connection refused, reset, or left unanswered",
    cases=("TCP", "Unix"),
)
def restarts(run, kind):
    with serving(run) as machine:
        address = HTTP if kind == "TCP" else str(machine.path(UNIX))
        processes = {machine.main_pid()}
        with Crowd(address):
            for _ in range(5):
                machine.output("systemctl", "restart", SERVICE)
                processes.add(machine.main_pid())
        equal(len(processes), 6, "processes that served")
        machine.await_state(SOCKET, "active/running")


@test("an upgrade under load: no connection refused, reset, or left unanswered; the new program serves")
def upgrade(run):
    with own_machine(run) as machine:
        machine.install(package(run))
        machine.expect_answer()
        process = machine.main_pid()
        with Crowd(HTTP):
            machine.install(newer(run))
            time.sleep(0.5)
        installed = machine.output("dpkg-query", "--show", "--showformat=${Version}", "async-nostd")
        equal(installed, field(newer(run), "Version"), "the version that is installed")
        true(machine.main_pid() != process, "the service was not restarted")
        program = os.readlink(machine.process("exe"))
        equal(program, "/usr/sbin/async-nostdd", "the program that runs")
        equal(machine.output("systemctl", "--failed", "--no-legend"), "", "units that failed")


@test("an upgrade while the service does not run leaves it so, and the sockets listening")
def upgrade_idle(run):
    with own_machine(run) as machine:
        machine.install(package(run))
        machine.install(newer(run))
        machine.await_state(SERVICE, "inactive/dead")
        machine.await_state(SOCKET, "active/listening")
        machine.expect_answer()


def next_process(machine, process, seconds):
    """Waits until another process than this one serves; returns the seconds that it took."""
    start = time.monotonic()
    eventually(lambda: machine.main_pid() not in (0, process), "no other process", seconds, 0.1)
    machine.expect_answer()
    machine.await_state(SERVICE, "active/running")
    return time.monotonic() - start


@test("stopped by SIGSTOP, it is killed by the watchdog and started anew; nobody is refused or reset meanwhile")
def watchdog(run):
    with serving(run) as machine:
        machine.expect_answer()
        interval = float(machine.state(SERVICE, "WatchdogUSec").removesuffix("s"))
        process, since = machine.main_pid(), machine.cursor()
        machine.output("systemctl", "kill", "--kill-whom=main", "--signal=STOP", SERVICE)
        with ThreadPoolExecutor(32) as pool:
            clients = [pool.submit(machine.expect_answer, timeout=interval + 15) for _ in range(32)]
            took = next_process(machine, process, interval + 10)
            for client in clients:
                client.result()
        true(took < interval + 5, f"it took {took:.1f} s, at a watchdog of {interval} s")
        text = "\n".join(machine.journal("--unit", SERVICE, f"--after-cursor={since}"))
        true("Watchdog timeout" in text, f"no word of the watchdog in the journal:\n{text}")


@test(
    "killed by SIG{0}, it leaves a [PANIC] line and is started anew; the next request is answered",
    cases=("SEGV", "BUS", "ABRT"),
)
def crash(run, name):
    with serving(run) as machine:
        machine.expect_answer()
        process, since, lines = machine.main_pid(), machine.cursor(), len(machine.log())
        machine.output("systemctl", "kill", "--kill-whom=main", f"--signal={name}", SERVICE)
        # Until it is dead, its other threads may accept the request, and it would die with them.
        eventually(lambda: machine.main_pid() != process, "it lives on", 5, 0.01)
        machine.expect_answer()
        true(next_process(machine, process, 5) < 4, "it took more than 4 s")
        panics = [line for line in machine.log()[lines:] if line.startswith("[PANIC]")]
        equal(len(panics), 1, f"[PANIC] lines: {panics}")
        true(f"SIG{name}" in panics[0], f"no SIG{name} in {panics[0]!r}")
        text = "\n".join(machine.journal("--unit", SERVICE, f"--after-cursor={since}"))
        true(f"/{name}" in text, f"the journal does not say of what it died:\n{text}")


@test("with a wrong configuration it does not start, and says where; clients wait, and are answered when it is mended")
def mistake(run):
    with serving(run) as machine:
        machine.expect_answer()
        since = machine.cursor()
        machine.configure("[HTTP]\nIdleTimeout=soon\n")
        status, _ = machine.command("systemctl", "restart", SERVICE)
        true(status != 0, "systemctl restart says that all is well")
        with ThreadPoolExecutor(8) as pool:
            clients = [pool.submit(machine.expect_answer, timeout=30) for _ in range(8)]
            time.sleep(4)
            equal([client.done() for client in clients], [False] * 8, "clients who were answered, or refused")
            machine.configure(None)
            for client in clients:
                client.result()
        machine.await_state(SOCKET, "active/running")
        errors = machine.journal("--unit", SERVICE, f"--after-cursor={since}", "--priority=err")
        true(any("test.conf:2: IdleTimeout" in line for line in errors), f"no error with file and line: {errors}")
