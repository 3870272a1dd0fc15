# Tests/blackbox/groups/cli_listen.py — as many addresses as are allowed

import os

from ..framework import equal, test
from .cli import GROUP, ORDER, expect_error  # noqa: F401 (read by the runner)
from .log_lines import logged

MOST = 64


def addresses(role, count):
    """So many sockets without a file."""
    return " ".join(f"unix:@async-nostd-{os.getpid()}-{role}-{number}" for number in range(count))


@test(
    "as many addresses of AdminListen= as are allowed, and one of Listen=, are all listened on, with accept={0}",
    cases=("workers", "thread"),
)
def most(run, accept):
    with run.fresh(accept=accept, settings={"adminListen": addresses(accept + "-admin", MOST)}) as server:
        equal(server.get("/healthz").status, 200, "status")
        logged(server, rf"\[START\] listening fd=\d+ address=unix:@async-nostd-{os.getpid()}-{accept}-admin-{MOST - 1} ")


@test("one address more is refused by name")
def too_many(run):
    for key in ("listen", "adminListen"):
        words = ("1", "127.0.0.1", "0", "--set", f"{key}={addresses(key, MOST + 1)}")
        expect_error(run, words, 64, key, f"at most {MOST}")
