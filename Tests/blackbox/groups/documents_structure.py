# Tests/blackbox/groups/documents_structure.py — the table of PROJECT_STRUCTURE.md that Tests/structure/count prints

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from .. import tools
from ..framework import equal, test, true
from ..markdown import Document
from .documents import GROUP, ORDER  # noqa: F401 (read by the runner)

SCRIPT = tools.TOP / "Tests/structure/count"


def loaded():
    """The script as a module; its name has no ending that Python knows."""
    loader = SourceFileLoader("structure_count", str(SCRIPT))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@test("PROJECT_STRUCTURE.md has the table of Tests/structure/count: its columns, a row for each way, numbers in them")
def ways(run):
    count, lines = loaded(), Document("PROJECT_STRUCTURE.md").lines
    true(count.COLUMNS in lines, f"no line {count.COLUMNS}")
    begin = lines.index(count.COLUMNS) + 2
    rows = [cells(line) for line in lines[begin : begin + len(count.WAYS)]]
    equal([row[0] for row in rows], count.WAYS, "ways")
    for row in rows:
        true(all(cell.isdigit() for cell in row[1:]), f"no number: {row}")


@test("a setting is written by hand in at most 4 places")
def setting(run):
    count = loaded()
    found = count.written(tools.TOP)
    true("Sources/Settings/SettingsTable.swift" in found, f"it is not in the table: {found}")
    places = sum(map(count.places, found.values()))
    true(places <= 4, f"{places} places: {found}")


@test("no file of Sources has more than 400 lines")
def short_files(run):
    paths = [path for path in (tools.TOP / "Sources").rglob("*") if path.suffix in {".swift", ".c", ".h", ".S"}]
    true(len(paths) > 150, f"{len(paths)} files")
    lengths = {path: len(path.read_text().splitlines()) for path in paths}
    equal({str(path): length for path, length in lengths.items() if length > 400}, {}, "longer files")
