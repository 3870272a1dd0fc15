# Tests/blackbox/groups/documents_safety.py — types marked @safe: their invariants, and the tests that break them

import re

from .. import tools
from ..framework import equal, test, true
from ..markdown import Document
from .documents import GROUP, ORDER  # noqa: F401 (read by the runner)

QUICK = True

MARKED = re.compile(r"\s*@safe\b.*\b(?:struct|class|enum|actor) (\w+)")
ROW = re.compile(r"\| `(\w+)` \| [^|]+ \| `([^`]+)`: `([^`]+)` \|")


def marked():
    """The comment of each type under Sources that is marked @safe, by its name."""
    found = {}
    for path in sorted((tools.TOP / "Sources").rglob("*.swift")):
        comment = []
        for line in path.read_text().splitlines():
            if match := MARKED.match(line):
                true(match[1] not in found, f"two types are called {match[1]}")
                found[match[1]] = "\n".join(comment)
            if line.lstrip().startswith("///"):
                comment.append(line)
            elif not line.lstrip().startswith("@"):
                comment = []
    true(len(found) > 20, f"{len(found)} types marked @safe")
    return found


def rows():
    """The table of docs/testing.md: type, file and what is found in it."""
    lines = Document("docs/testing.md").lines
    begin = lines.index("| type | what is tried | test |") + 2
    found = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        true(match := ROW.fullmatch(line), f"not a row of the table: {line}")
        found.append(match.groups())
    return found


@test("each type marked @safe names its invariant")
def invariants(run):
    equal([name for name, comment in marked().items() if "/// - Invariant: " not in comment], [], "types without one")


@test("each type marked @safe has a test that tries to break it")
def breaking(run):
    table = rows()
    equal(sorted(name for name, _, _ in table), sorted(marked()), "types in the table of docs/testing.md")
    for name, file, text in table:
        path = tools.TOP / file
        true(path.is_file(), f"{name}: there is no {file}")
        true(text in path.read_text(), f"{name}: {file} has no {text!r}")
