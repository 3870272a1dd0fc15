# Tests/blackbox/groups/binary_parts_runtime.py — a program links the optional parts of the runtime that it names

import re

from .. import tools
from ..framework import Failure, equal, test, true
from .binary import GROUP, ORDER  # noqa: F401 (read by the runner)

#: Optional parts: words of their symbols' mangled names, and what names them.
PARTS = (
    ("the ppoll reactor", "PpollReactor", "ReactorKind.ppoll"),
    ("io_uring", "IORing|RingTransferBatch", "ReactorKind.ioUring"),
    ("the log's rings", "RingSink|LogRing|LogSource|LogClock", "LogSetup.on"),
    ("the log's writer", "LogWriter|LogRecord", "LogWriter"),
)


def symbols(path):
    """The mangled names of an executable's functions."""
    tools.ensure(nm="binutils")
    if not path.exists():
        raise Failure(f"{path} was not built")
    lines = [line.split() for line in tools.output("nm", path).splitlines()]
    return [words[-1] for words in lines if words[-2] in "tTwW"]


@test("a server with one fixed answer does not link {0}", cases=PARTS)
def unnamed(run, _, words, naming):
    run.need_build()
    found = [name for name in symbols(tools.TOP / ".build/release/check-parts") if re.search(words, name)]
    equal(found, [], f"symbols, although nothing names {naming}")


@test("async-nostd, which names it, links {0}", cases=PARTS)
def named(run, _, words, naming):
    run.need_build()
    found = [name for name in symbols(run.executable) if re.search(words, name)]
    true(found, f"no symbol with {words}: does the test above still look for the right words?")
