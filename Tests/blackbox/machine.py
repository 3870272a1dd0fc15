# Tests/blackbox/machine.py — a container in which the package is installed and used

import contextlib
import socket
import struct
from pathlib import Path

from .client import Connection, request
from .container import Container
from .framework import equal, eventually
from .packages import once, package
from .process import Process
from .site import Remote

SERVICE, SOCKET, ADMIN_SOCKET = "async-nostd.service", "async-nostd.socket", "async-nostd-admin.socket"
HTTP, ADMIN, UNIX = ("127.0.0.1", 8080), ("127.0.0.1", 8081), "/run/async-nostd/http.sock"
LOGS, SETTINGS = "/var/log/async-nostd", "/etc/async-nostd/async-nostd.conf.d/test.conf"


class Machine(Container):
    """A container on which the package is used."""

    def install(self, deb):
        return self.output("dpkg", "-i", self.copy(deb))

    def file_of(self, unit):
        """The file that a unit comes from."""
        return self.state(unit, "FragmentPath")

    def main_pid(self):
        """The service's process, by its id in the container."""
        return int(self.state(SERVICE, "MainPID"))

    def process(self, name=""):
        """/proc/PID of the service's process, or a file in it."""
        return self.path(f"/proc/{self.main_pid()}/{name}")

    def site(self):
        """For whoever wants a `Site`."""
        return Remote(HTTP)

    def listeners(self, port):
        """The addresses on which a TCP port is listened to."""
        found = set()
        for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
            for line in Path(f"/proc/{self.leader}/net/{name}").read_text().splitlines()[1:]:
                address, number = line.split()[1].split(":")
                if int(number, 16) == port and line.split()[3] == "0A":
                    # Words of 32 bits, each in the machine's order.
                    words = struct.unpack(f">{len(address) // 8}I", bytes.fromhex(address))
                    found.add(socket.inet_ntop(family, struct.pack(f"<{len(words)}I", *words)))
        return found

    def cursor(self):
        """The journal's end at this moment, for --after-cursor=."""
        return self.journal("--lines=1", "--show-cursor")[-1].removeprefix("-- cursor: ")

    def configure(self, text):
        """Writes the settings that a test has in mind; None takes them back."""
        if text is None:
            self.path(SETTINGS).unlink(missing_ok=True)
        else:
            self.path(SETTINGS).write_text(text)

    def reload(self):
        """systemctl reload, which returns when the signal is sent; waits until the daemon has done what it asks for."""
        before = self.reopened()
        self.output("systemctl", "reload", SERVICE)
        self.await_reopened(before)
        Process(self.main_pid(), self.process()).await_rest()

    def reopened(self):
        """How often the log says that it was opened again, which is the last line of a reload."""
        return sum(line.startswith("[LOG] opened again") for line in self.log())

    def await_reopened(self, before=0):
        """Waits until the log has been opened again, once more than `before`."""
        eventually(lambda: self.reopened() > before, lambda: f"it was not opened again: {self.log()[-9:]}", 10, 0.02)

    def log(self):
        return self.text(f"{LOGS}/async-nostd.log").splitlines()

    def expect_answer(self, address=HTTP, target="/healthz", status=200, timeout=20.0):
        """A request on a connection of its own is answered with this status."""
        place = address if isinstance(address, tuple) else str(self.path(address))
        with Connection(place, timeout=timeout) as connection:
            response = connection.exchange(request(target))
        equal(response.status, status, f"status of {target} at {address}")
        return response


@once
def machine(run):
    """The container that most tests share, with the package installed."""
    made = Machine(run)
    with made.reported():
        made.install(package(run))
    return made


@contextlib.contextmanager
def own_machine(run):
    """A container for one test, without the package. The test is in its network."""
    made = Machine(run)
    try:
        with made.reported(), made.network():
            yield made
    finally:
        made.power_off()


@contextlib.contextmanager
def serving(run, settings=None):
    """The shared container, its service running with these settings. The test is in its network."""
    made = machine(run)
    with made.reported(), made.network():
        made.configure(settings)
        made.output("systemctl", "restart" if settings else "start", SERVICE)
        try:
            yield made
        finally:
            if settings or made.path(SETTINGS).exists():
                made.configure(None)
                made.command("systemctl", "restart", SERVICE)
