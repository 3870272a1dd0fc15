# Tests/blackbox/groups/documents_markdown.py — the Markdown files as texts: length, links, paths that they name

import re
import shlex

from .. import tools
from ..framework import equal, test, true
from ..markdown import DOCUMENTS, README, Document, bare
from .binary import SAFE_MODULES
from .documents import GROUP, ORDER  # noqa: F401 (read by the runner)

LIMIT, SCREEN, COLUMNS = 150, 30, 130

#: Where the first folder of a path may lie, and where a file may that is named without one.
BASES = ("", "Sources", "Tests", "Tests/blackbox", "Tests/blackbox/groups", "bench")
PATH = re.compile(r"\.?[\w+*-][\w.+*-]*(?:/[\w.+*-]+)+/?")
FILE = re.compile(r"[\w+-]+(?:\.[\w-]+)*\.(?:swift|c|h|S|py|pml|md|html|json|svg|conf)")
#: Not in the repository: made by those who use it, or by systemd.
FOREIGN = {"hello", "old", "new"}
PLACEHOLDER = re.compile(r"(?:^|/)[A-Z]+(?:\.\w+)?$")


def expanded(word):
    """A word as the shell would expand its braces."""
    if match := re.search(r"\{([^{}]*,[^{}]*)\}", word):
        parts = match[1].split(",")
        return [each for part in parts for each in expanded(word[: match.start()] + part + word[match.end() :])]
    return [word]


def exists(path, document):
    """Whether a path is there: from the top, from the document, from the folder of the sources or the tests."""
    folders = [tools.TOP / base for base in BASES] + [document.path.parent]
    return any(next(folder.glob(f"{path.rstrip('/')}{end}"), None) for folder in folders for end in ("", "*"))


@test(f"README has at most {LIMIT} lines, and says for whom it is and what it is not in the first {SCREEN}")
def short(run):
    lines = Document(README).lines
    true(len(lines) <= LIMIT, f"{len(lines)} lines")
    for words in ("**For whom**", "**What it is not**"):
        true(words in lines[:SCREEN], f"no {words} in the first {SCREEN} lines")


@test("no line of prose in {0} has more than 130 columns, but for rows of tables", cases=DOCUMENTS)
def columns(run, name):
    long = [number for number, line in Document(name).prose if len(line) > COLUMNS and not line.startswith("|")]
    equal(long, [], "lines that are too long")


@test("the links of {0} lead to files and headings that exist", cases=DOCUMENTS)
def links(run, name):
    document = Document(name)
    for number, target in document.links():
        if re.match("[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        aim = document.path if not path else document.path.parent / path
        true(aim.exists(), f"{name}:{number}: no {target}")
        if anchor:
            other = Document(str(aim.resolve().relative_to(tools.TOP)))
            true(anchor in other.anchors(), f"{name}:{number}: {aim.name} has no heading for #{anchor}")


@test("each page of docs/ is linked in README, and lists its own sections")
def reachable(run):
    linked = {target.partition("#")[0] for _, target in Document(README).links()}
    for name in DOCUMENTS:
        if name.startswith("docs/"):
            true(name in linked, f"README has no link to {name}")
            page = Document(name)
            sections = [line.removeprefix("## ") for _, line in page.prose if line.startswith("## ")]
            listed = [line[3:].partition("]")[0] for _, line in page.prose if line.startswith("- [")]
            equal(listed, sections, f"the list of sections in {name}")


@test("the paths and files that {0} names exist", cases=[name for name in DOCUMENTS if name != "CHANGELOG.md"])
def paths(run, name):
    document, wrong = Document(name), []
    made = {block.word for block in document.blocks if block.word}
    tops = {entry.name for base in ("", "Sources", "Tests") for entry in (tools.TOP / base).iterdir()}
    for number, span in present(document):
        for word in expanded(span) if " " not in span else split(span):
            path = PATH.fullmatch(word)
            known = path and word.split("/")[0] in tops - FOREIGN
            if not (known or FILE.fullmatch(word)) or PLACEHOLDER.search(word) or any(each.endswith(word) for each in made):
                continue
            if not exists(word, document) and not (FILE.fullmatch(word) and found_anywhere(word)):
                wrong.append(f"{name}:{number}: {word}")
    true(not wrong, "\n".join(["not there:", *wrong]))


def present(document):
    """The words between backticks, with their line's number, but for those of decisions, which name what will be."""
    lines = [number for number, line in document.prose if line.startswith("## ")]
    begin = next((number for number in lines if document.lines[number - 1] == "## Decisions"), 0)
    end = next((number for number in lines if number > begin), 0)
    return [(number, span) for number, span in document.spans() if not begin or not begin <= number < end]


def split(span):
    """The words of a command; none, if it cannot be split."""
    try:
        return shlex.split(span)
    except ValueError:
        return []


def found_anywhere(file):
    folders = ("Sources", "Tests", "bench", "docs", "etc", "packaging", "debian")
    return any(next((tools.TOP / folder).rglob(file), None) for folder in folders)


@test("the types that PROJECT_STRUCTURE.md names exist, but for its decisions")
def types(run):
    sources = "\n".join(path.read_text() for path in (tools.TOP / "Sources").rglob("*.swift"))
    declared = {"Task", *re.findall(r"\b(?:class|struct|enum|protocol|typealias) (\w+)", sources)}
    for number, span in present(Document("PROJECT_STRUCTURE.md")):
        if re.fullmatch(r"[A-Z][a-z]\w+", span):
            true(span in declared, f"PROJECT_STRUCTURE.md:{number}: there is no type {span}")


@test("PROJECT_STRUCTURE.md has every module, and says which hold no unsafe code")
def modules(run):
    rows = Document("PROJECT_STRUCTURE.md").rows("module", "what it holds", "`unsafe`", "tests")
    listed = {name: cells[2] for _, cells, _ in rows for name in bare(cells[0]).split(", ")}
    equal(set(listed), {path.name for path in (tools.TOP / "Sources").iterdir() if path.is_dir()}, "modules")
    equal({name for name, word in listed.items() if word == "**none**"}, set(SAFE_MODULES), "modules without unsafe code")
