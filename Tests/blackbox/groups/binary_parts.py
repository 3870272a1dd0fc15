# Tests/blackbox/groups/binary_parts.py — a program links only the parts that it names

import re

from .. import tools
from ..framework import Failure, equal, test, true

GROUP, ORDER = "binary", 36

#: The smallest server; it names no optional part.
PROGRAM = "check-fixed-answer"
#: Optional parts: words of their symbols' mangled names, and what a program names to have them.
PARTS = [
    ("WebSockets", r"WebSocket|MessageAssembler|FrameDecoder|Handshake|4SHA1|cbytes_unmask|cbytes_utf8", "router.webSocket"),
    ("the access log in tags", r"TagAccessLog", "AccessLogStyle.tag"),
    ("the access log in the Combined Log Format", r"CombinedAccessLog", "AccessLogStyle.combined"),
    ("the ppoll reactor", r"PpollReactor", "ReactorKind.ppoll"),
    ("io_uring", r"IORing|RingTransferBatch", "ReactorKind.ioUring"),
    ("the log's rings", r"RingSink|LogRing|LogSource|LogClock", "LogSetup.on"),
    ("the log's writer", r"LogWriter|LogRecord", "LogWriter"),
]


def symbols(path):
    """The names of the functions and data of an executable that is not stripped."""
    tools.ensure(nm="binutils")
    if not path.exists():
        raise Failure(f"{path} was not built")
    names = tools.output("nm", "--defined-only", "--format=just-symbols", path).split()
    true(len(names) > 100, f"{path.name} has no symbols")
    # For each generic async function the compiler leaves a pointer of 8 bytes, though the function is nowhere.
    return [name for name in names if not re.search(r"YaxYKFTu$", name)]


@test("a program with one fixed answer links nothing of {0}", cases=PARTS)
def absent(run, part, words, naming):
    run.need_build()
    found = [name for name in symbols(tools.TOP / ".build/release" / PROGRAM) if re.search(words, name)]
    equal(found, [], f"symbols of {part}, although the program does not name {naming}")


@test("async-nostd, which names it, links {0}", cases=PARTS)
def present(run, part, words, naming):
    run.need_build()
    found = [name for name in symbols(run.executable) if re.search(words, name)]
    true(found, f"no symbol with {words}: does the test above still look for the right words?")


#: What a program links that sends to WebSockets from elsewhere (`socket.sender`).
SENDERS = r"SendQueue|SendEntry|SendWaiter|WebSocketPost|ConnectionPost.*(?:append|wake)"


@test("{0} links nothing that sends to WebSockets from elsewhere, and check-service does", cases=(PROGRAM, "async-nostd"))
def senders(run, program):
    run.need_build()
    found = [name for name in symbols(tools.TOP / ".build/release" / program) if re.search(SENDERS, name)]
    equal(found, [], "symbols of senders, although the program does not name socket.sender")
    found = [name for name in symbols(tools.TOP / ".build/release/check-service") if re.search(SENDERS, name)]
    true(found, f"no symbol with {SENDERS}: does this test still look for the right words?")
