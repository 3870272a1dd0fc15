# Tests/blackbox/groups/cli_reactor.py — io_uring where it can be had, and where it is denied

import errno

from ..framework import equal, test
from ..rings import IO_URING_SETUP, deny
from ..site import need_rings
from .cli import GROUP, ORDER, expect_error  # noqa: F401 (read by the runner)
from .log_lines import logged


@test("io_uring is used where the kernel allows it, and the log says so")
def uring(run):
    need_rings("io_uring")
    for reactor in ("auto", "io_uring"):
        with run.fresh(reactor=reactor) as server:
            equal(server.get("/healthz").status, 200, "status")
            logged(server, r"\[START\] version=.* reactor=io_uring(?: |\Z)")


@test("a kernel or sandbox that denies io_uring, with {0}: auto serves by epoll", cases=("EPERM", "ENOSYS", "EINVAL"))
def uring_denied(run, error):
    denies = (IO_URING_SETUP, getattr(errno, error))
    with run.fresh(reactor="auto", denies=denies) as server:
        equal(server.get("/healthz").status, 200, "status")
        logged(server, r"\[START\] version=.* reactor=epoll(?: |\Z)")
    words = (1, "127.0.0.1", 0, "--log-file", "off", "--reactor", "io_uring")
    expect_error(run, words, 1, "Reactor=io_uring", error, "auto", preexec_fn=lambda: deny(*denies))
