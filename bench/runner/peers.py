# bench/runner/peers.py — the servers that are measured, and how each is started

import re
import shlex
from dataclasses import dataclass


@dataclass
class Peer:
    """`command` is run without a shell. Its fields: {port}, {workers} and {forks} (as {workers}, but 0 for 1), {mode}
    (of the scenario), {answer} (a file with the whole answer), {root} (the page's folder), {work}, {programs} and
    {logs}; a word `@NAME` is a file of bench/peers with the same fields. `version` is a command, and a pattern for what
    it prints.
    """

    name: str
    command: str
    modes: tuple = ("http", "close")
    packages: tuple = ()
    version: tuple = ()
    what: str = ""

    def may(self, scenario):
        return scenario.mode in self.modes

    @property
    def is_ceiling(self):
        return self.name.startswith("ceiling-")

    @property
    def is_ours(self):
        return self.name.startswith("async-nostd")


EVERYTHING = ("http", "close", "ws")
OURS = "{programs}/async-nostd {workers} 127.0.0.1 {port}"

PEERS = [
    Peer("ceiling-epoll", "{programs}/epoll {port} {workers} {mode} {answer}", EVERYTHING, what="C; parses nothing"),
    Peer("ceiling-uring", "{programs}/uring {port} {workers} {mode} {answer}", EVERYTHING, what="C; parses nothing"),
    Peer("async-nostd", f"{OURS} --log-file {{logs}}/async-nostd.log", EVERYTHING, what="as shipped: it logs requests"),
    Peer("async-nostd-nolog", f"{OURS} --log-file off", EVERYTHING, what="the same with its log off"),
    Peer(
        "async-nostd-handlers",
        "{programs}/check-service {port} {workers}",
        ("work",),
        what="a program of its own that imports ours; in `work`",
    ),
    Peer(
        "nginx-static",
        "nginx -c @nginx-static.conf",
        packages=("nginx-light",),
        version=("nginx -v", r"nginx/(\S+)"),
        what="a file, kept open",
    ),
    Peer(
        "nginx-return",
        "nginx -c @nginx-return.conf",
        packages=("nginx-light",),
        version=("nginx -v", r"nginx/(\S+)"),
        what="`return 200`, from its memory",
    ),
    Peer(
        "haproxy",
        "haproxy -db -f @haproxy.conf",
        packages=("haproxy",),
        version=("haproxy -v", r"version (\S+)"),
        what="`http-request return`, from its memory",
    ),
    Peer(
        "lighttpd",
        "lighttpd -D -f @lighttpd.conf",
        packages=("lighttpd",),
        version=("lighttpd -v", r"lighttpd/(\S+)"),
        what="a file",
    ),
    Peer("h2o", "h2o -m worker -c @h2o.conf", packages=("h2o",), version=("h2o -v", r"version (\S+)"), what="a file"),
    Peer("hummingbird", "{programs}/hummingbird {port} {workers} {root}", EVERYTHING, what="Swift, on SwiftNIO"),
    Peer("flyingfox", "{programs}/flyingfox {port} {workers} {root}", EVERYTHING, what="Swift, with async/await"),
]
BY_NAME = {peer.name: peer for peer in PEERS}

#: `bench/run --quick`
QUICK = ["ceiling-epoll", "async-nostd", "async-nostd-handlers", "nginx-return"]


def of_argument(text):
    """`NAME=COMMAND` as a peer that can do everything; sanity checks take out what it cannot."""
    name, _, command = text.partition("=")
    if not re.fullmatch(r"[\w.-]+", name) or not shlex.split(command):
        raise SystemExit(f"'{text}': NAME=COMMAND is wanted, with {{port}} in the command")
    return Peer(name, command, EVERYTHING, what=f"`{command}`")
