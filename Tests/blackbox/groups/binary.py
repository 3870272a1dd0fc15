# Tests/blackbox/groups/binary.py — static checks: what the executable is made of, and rules that the sources keep

import re
import shutil
from pathlib import Path

from .. import tools
from ..framework import Failure, Skip, equal, test, true

GROUP, ORDER, QUICK = "binary", 35, True

#: The whole static server, stripped, has to stay below this. The aim is 48 KiB; this keeps it from growing unseen.
SIZE_LIMIT = 258 * 1024
#: Modules in which the word `unsafe` must not stand.
SAFE_MODULES = ("AsyncNostd", "HTTP", "WebSocket", "Settings", "Daemon", "async-nostd", "async-nostdd")


def built(run):
    run.need_build()
    return run.executable


@test("the executable is linked statically, says `file`")
def static(run):
    tools.ensure(file="file")
    text = tools.output("file", "-L", built(run))
    true("statically linked" in text and "interpreter" not in text, text)


@test("the executable has no dynamic section and no interpreter")
def no_dynamic(run):
    tools.ensure(readelf="binutils")
    text = tools.output("readelf", "--dynamic", built(run))
    true("There is no dynamic section" in text, text)
    true("INTERP" not in tools.output("readelf", "--program-headers", built(run)), "it names an interpreter")


@test("no segment is both writable and executable, and the stack is neither")
def segments(run):
    tools.ensure(readelf="binutils")
    text = tools.output("readelf", "--program-headers", "--wide", built(run))
    stack = re.search(r"GNU_STACK.* ([RWE ]{3}) 0x", text)
    true(stack and "E" not in stack[1], f"an executable stack, or none is named:\n{text}")
    for line in text.splitlines():
        true(not re.search(r"LOAD.* RWE 0x", line), f"writable and executable: {line}")


@test("the executable has no undefined symbol")
def no_undefined(run):
    tools.ensure(nm="binutils")
    lines = tools.output("nm", "--undefined-only", built(run)).splitlines()
    equal([line for line in lines if not line.endswith(": no symbols")], [], "undefined symbols")


@test(f"the executable, stripped, is smaller than {SIZE_LIMIT // 1024} KiB")
def size(run):
    tools.ensure(strip="binutils")
    copy = run.folder / "stripped"
    shutil.copy(built(run), copy)
    tools.output("strip", "--strip-all", copy)
    run.say(f"     {copy.stat().st_size:12,} bytes")
    true(copy.stat().st_size < SIZE_LIMIT, f"{copy.stat().st_size} bytes, {SIZE_LIMIT} allowed")


API = re.compile(
    r"\s*(?:@\S+ )*(?:public|open) (?!struct \w+(?:<.*>)?: ~Copyable)"
    r"(?:final|static|func|var|let|class|enum|struct|init|protocol|typealias|mutating|consuming|borrowing|subscript)\b"
)


@test("the module {0} has no API of the library", cases=("Settings", "Service", "Systemd", "Daemon"))
def inner(run, module):
    for path in sorted((tools.TOP / "Sources" / module).glob("**/*.swift")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.partition("//")[0]
            # The compiler wants to see a non-copyable type's end in other modules.
            if API.match(code):
                raise Failure(f"{path.relative_to(tools.TOP)}:{number}: {line.strip()}: package?")


@test("the module {0} holds no unsafe code", cases=SAFE_MODULES)
def safe(run, module):
    folder = tools.TOP / "Sources" / module
    true(any(folder.glob("**/*.swift")), f"no Swift source in {folder}")
    for path in sorted(folder.glob("**/*.swift")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            true(not re.search(r"\bunsafe\b|\bUnsafe\w*", line.partition("//")[0]), f"{path}:{number}: {line}")


@test("each source file begins with its name and what it is")
def headers(run):
    wrong = []
    for path in sorted((tools.TOP / "Sources").glob("**/*")) + sorted((tools.TOP / "Tests").glob("**/*")):
        if path.suffix in (".swift", ".c", ".S", ".h", ".pml"):
            # A manifest begins with the version of its language.
            lines = [line for line in path.read_text().split("\n", 2) if not line.startswith("// swift-tools-version")]
            name, first = path.relative_to(tools.TOP), lines[0]
            if not re.match(rf"(//|/\*|#) {re.escape(str(name))} — \S", first):
                wrong.append(f"{name} begins with {first!r}")
    true(not wrong, "\n".join(wrong))


@test("no source file is longer than 300 lines (a warning only)")
def lengths(run):
    for path in sorted((tools.TOP / "Sources").glob("**/*")) + sorted((tools.TOP / "Tests").glob("**/*")):
        if path.suffix in (".swift", ".c", ".S", ".h", ".py"):
            count = path.read_text().count("\n")
            if count > 300:
                run.say(f"     warning: {path.relative_to(tools.TOP)} has {count} lines")


@test("no line of Swift has more than 120 columns")
def columns(run):
    for folder in ("Sources", "Tests"):
        for path in sorted((tools.TOP / folder).glob("**/*.swift")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                true(len(line) <= 120, f"{path.relative_to(tools.TOP)}:{number}: {len(line)} columns")


@test("nothing is left to do: no TODO, FIXME or XXX in the sources")
def unfinished(run):
    for folder in ("Sources", "Tests"):
        for path in sorted((tools.TOP / folder).glob("**/*")):
            if path.suffix in (".swift", ".c", ".S", ".h", ".pml"):
                for number, line in enumerate(path.read_text().splitlines(), 1):
                    true(not re.search(r"\b(TODO|FIXME|XXX)\b", line), f"{path}:{number}: {line}")


@test("all Swift sources are formatted as .swift-format says", limit=180.0)
def formatted(run):
    if not shutil.which("swift"):
        raise Skip("no swift command")
    lint = ("swift", "format", "lint", "--strict", "--parallel", "--recursive", "--configuration", ".swift-format")
    status, text = tools.command(*lint, "Package.swift", "Sources", "Tests")
    problems = [line for line in text.splitlines() if re.search(r": (error|warning): ", line)]
    if status != 0 or problems:
        raise Failure("\n".join(problems[:50]) or text)


@test("nothing in the freestanding build names a C library: {0}", cases=("Foundation", "Glibc", "Dispatch"))
def no_library(run, library):
    for path in sorted(Path(tools.TOP / "Sources").glob("**/*.swift")):
        true(
            not re.search(rf"^\s*(@\w+ )*import {library}\b", path.read_text(), re.MULTILINE),
            f"{path} imports {library}",
        )
