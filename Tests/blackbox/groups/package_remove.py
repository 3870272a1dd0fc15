# Tests/blackbox/groups/package_remove.py — removing the package, installing it again, purging it; and the end of it all

import platform

from .. import tools
from ..client import Connection
from ..container import make_root
from ..framework import equal, test, true
from ..machine import HTTP, LOGS, SERVICE, SOCKET, UNIX, machine, own_machine
from ..packages import newer, package

GROUP, ORDER, NEEDS_BUILD = "package", 75.9, False

#: Everything on the machine's disk but what others write there: dpkg's records, caches, the journal, temporary files.
PATHS = r"""
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /root
        -o -path /var/lib/dpkg -o -path /var/log/journal -o -path /var/cache -o -path /var/lib/systemd/catalog
        -o -path /var/log/dpkg.log -o -path /var/lib/logrotate \) -prune -o -print
    find /run -xdev -name '*async-nostd*'
"""


def refused():
    """Whether nobody listens at the HTTP port."""
    try:
        Connection(HTTP).close()
    except ConnectionRefusedError:
        return True
    return False


@test("removed, reinstalled, upgraded, purged: settings and logs stay until the purge, and then nothing but the user")
def life(run):
    with own_machine(run) as machine:
        script = PATHS.replace("\n        -o", " -o")
        before = set(machine.shell(script).splitlines())
        machine.install(package(run))
        machine.expect_answer()
        machine.configure("[HTTP]\nMaxRequestTarget=300\n")

        machine.output("dpkg", "--remove", "async-nostd")
        true(refused(), "somebody still listens")
        true(not machine.path(UNIX).exists(), f"{UNIX} is still there")
        equal(machine.command("pgrep", "async-nostd")[1], "", "processes")
        true(machine.path("/etc/async-nostd/async-nostd.conf").exists(), "the configuration was removed")
        true(any("route=/healthz" in line for line in machine.log()), "the log was removed")
        equal(machine.output("systemctl", "list-units", "--no-legend", "async-nostd*"), "", "units")

        machine.install(package(run))
        machine.await_state(SOCKET, "active/listening")
        machine.expect_answer(target="/" + "a" * 310, status=414)
        machine.install(newer(run))
        machine.expect_answer(target="/" + "a" * 310, status=414)

        machine.output("dpkg", "--purge", "async-nostd")
        true(refused(), "somebody still listens")
        true(not machine.path(LOGS).exists(), f"{LOGS} is still there")
        equal(machine.output("systemctl", "--failed", "--no-legend"), "", "units that failed")
        left = sorted(set(machine.shell(script).splitlines()) - before)
        equal([path for path in left if path not in USER_FILES], [], "what the purge left")
        machine.output("id", "async-nostd")
        equal(machine.command("dpkg-query", "--show", "async-nostd")[0], 1, "dpkg-query's status")


#: What making a user leaves: the files as they were before.
USER_FILES = ("/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/.pwd.lock")


@test(
    "piuparts finds nothing: installed, removed, installed again and purged in a root without systemd running",
    limit=300,
)
def piuparts(run):
    root = make_root()
    tools.ensure(piuparts="piuparts")
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    words = ["--existing-chroot", root, "--distribution", suite, "--no-upgrade-test"]
    words += ["--ignore", "/var/lib/logrotate/status"]  # logrotate's own, when piuparts has it try what is left
    words += ["--log-file", run.folder / "piuparts.log", package(run)]
    status, text = tools.command("piuparts", *words)
    true(status == 0, f"exit status {status}\n" + "\n".join(text.splitlines()[-40:]))


@test("the container of the tests above has no unit that failed, and powers off in good order; the daemon ends in time")
def power_off(run):
    shared = machine(run)
    with shared.reported():
        equal(shared.output("systemctl", "--failed", "--no-legend"), "", "units that failed")
        late = [line for line in shared.journal("--unit", SERVICE) if "timed out. " in line]
        equal(late, [], "complaints about how long the service took")
        equal(shared.power_off(), (0, ""), "exit status and complaints")
