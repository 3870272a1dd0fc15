# Tests/blackbox/groups/binary_parts.py — a program links only the parts that it names

import re

from .. import tools
from ..framework import equal, test, true

GROUP, ORDER = "binary", 36

PROGRAM = "check-fixed-answer"
#: Symbols of parts that hang on registration, by what a program names to have them.
PARTS = {
    "a WebSocket route": r"WebSocket|MessageAssembler|FrameDecoder|Handshake|4SHA1|cbytes_unmask|cbytes_utf8",
    "the access log in tags": r"TagAccessLog",
    "the access log in the Combined Log Format": r"CombinedAccessLog",
}


def symbols(run, name):
    """The names of the functions and data of an executable that is not stripped."""
    tools.ensure(nm="binutils", swift="swift")
    tools.output("swift", "build", "-c", "release", "--product", name)
    text = tools.output("nm", "--defined-only", "--format=just-symbols", tools.TOP / ".build/release" / name)
    names = text.split()
    true(len(names) > 100, f"{name} has no symbols")
    return names


@test("a program with one fixed answer links nothing of {}", list(PARTS.items()))
def absent(run, part, pattern):
    found = [name for name in symbols(run, PROGRAM) if re.search(pattern, name)]
    equal(found, [], f"symbols of {part}, which the program does not name")


@test("the service names {} and links it", list(PARTS.items()))
def present(run, part, pattern):
    found = [name for name in symbols(run, "async-nostd") if re.search(pattern, name)]
    true(found, f"no symbol of {part}: what the pattern does not find shows nothing")
