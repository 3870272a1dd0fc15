# Tests/blackbox/groups/documents_reference.py — the tables and figures of docs/ and README against the programs

import inspect
import json
import math
import re
import sys

from .. import tools
from ..configurations import FULL, PAIRWISE
from ..daemon import program
from ..framework import equal, eventually, test, true
from ..kept import FILE_LIMIT, KEPT, RUN_LIMIT, RUNS
from ..markdown import DOCUMENTS, README, Document, bare
from ..websocket import WebSocket
from . import binary, fuzz, package_build, package_sandbox
from .documents import GROUP, ORDER, RESTART, allowed, documented, options, settings  # noqa: F401
from .log_lines import LINE

CONFIGURATION, DAEMON = Document("docs/configuration.md"), Document("docs/daemon.md")
HTTP, LOGGING, LIBRARY = Document("docs/http.md"), Document("docs/logging.md"), Document("docs/library.md")
PERFORMANCE, TESTING = Document("docs/performance.md"), Document("docs/testing.md")
SOURCES = tools.TOP / "Sources"


def source(name):
    """The text of the source file with this name, in whatever module it is."""
    return next(SOURCES.rglob(name)).read_text()


def table(document, *heading):
    """The rows of the tables with this heading; there must be some."""
    rows = document.rows(*heading)
    true(rows, f"{document.name} has no table with {heading}")
    return rows


def words(cell):
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


# Settings and options


def setting_rows():
    rows = table(CONFIGURATION, "key", "meaning", "allowed", "default", "reload")
    return {(section, bare(cells[0])): cells for section, cells, _ in rows}


@test("docs/configuration.md has every key in its section, in the order of --print-config, with its default")
def keys(run):
    static, daemon, rows = settings(program(run, "async-nostd")), settings(program(run)), setting_rows()
    equal(list(rows), list(static), "keys")
    for place, cells in rows.items():
        value = static[place] or {"Origins": "all"}.get(place[1], "none")
        value += f"; daemon: {daemon[place]}" if daemon[place] != static[place] else ""
        equal(cells[3], value, f"the default of {place[1]}")


@test("docs/configuration.md has the bounds and words that the programs allow")
def bounds(run):
    run.need_build()
    for (_, key), cells in setting_rows().items():
        right = allowed(run, key)
        if isinstance(right, str):
            equal(cells[2], right, f"what is allowed for {key}")
        elif right:
            equal(sorted(words(cells[2])), sorted(right), f"what is allowed for {key}")


@test("docs/configuration.md says of each setting whether SIGHUP applies it, as the manual page does")
def reload(run):
    for place, (_, text) in documented().items():
        equal(setting_rows()[place][4], "no" if RESTART in text else "yes", f"reload of {place[1]}")


@test("docs/configuration.md has the options of --help, and the arguments with their defaults")
def all_options(run):
    run.need_build()
    named = [word for _, cells, _ in table(CONFIGURATION, "option", "meaning") for word in words(cells[0])]
    equal({word.split()[0] for word in named} - {"--"}, options(run.executable) - {"--"}, "options")
    text = tools.output(run.executable, "--help")
    for _, cells, _ in table(CONFIGURATION, "argument", "meaning", "default"):
        found = re.search(rf"^  {bare(cells[0])} .*\(default (\S+)\)$", text, re.MULTILINE)
        equal(cells[2], found and found[1], f"the default of {cells[0]}")


# Answers


def statuses():
    """Names of status codes in the sources, with their numbers."""
    return dict(re.findall(r"static var `?(\w+)`?: Status \{ Status\((\d+)\)", source("Status.swift")))


@test("docs/http.md: each route answers as its table says")
def routes(run):
    with run.fresh() as server:
        for _, cells, _ in table(HTTP, "request", "answer"):
            method, target = bare(cells[0]).split()
            status, upgrade = int(cells[1][:3]), ()
            if status == 101:
                upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
                upgrade += ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",)
            equal(server.get(target, *upgrade, method=method).status, status, f"status of {cells[0]}")
            if "Allow" in cells[1]:
                true(server.get(target, method=method).field("Allow"), f"no Allow for {cells[0]}")
            if "426" in cells[1]:
                equal(server.get(target).status, 426, f"status of {cells[0]} without an upgrade")
        equal(server.get("/", "If-Match: \"other\"").status, 412, "status with another tag")


@test("docs/http.md has the statuses of all errors, and the codes of all closes")
def codes(run):
    listed = {cells[0] for _, cells, _ in table(HTTP, "status", "reason")}
    used = {statuses()[name] for name in used_names("RequestError.swift", "var status: Status", statuses())}
    true(len(used) > 5, f"statuses of RequestError: {used}")
    equal(used - listed, set(), "statuses that are not in the table")
    closes = dict(re.findall(r"static var (\w+): CloseCode \{ CloseCode\(rawValue: (\d+)\)", source("CloseCode.swift")))
    used = {closes[name] for name in used_names("WebSocketFailure.swift", "var code: CloseCode", closes)}
    equal({cells[0] for _, cells, _ in table(HTTP, "code", "reason")}, used | {closes["goingAway"]}, "codes")


def used_names(file, begin, names):
    """Which of the names a property of a source file returns."""
    body = source(file).partition(begin)[2].partition("\n    }\n")[0]
    results = re.findall(r":\s+\.(\w+)$", body, re.MULTILINE)
    true(results and all(name in names for name in results), f"{file}: {results}")
    return results


# Log and metrics


@test("docs/logging.md has all tags of the log, and its lines are of the log's form")
def tags(run):
    listed = [tag for _, cells, _ in table(LOGGING, "tag", "subject") for tag in words(cells[0])]
    equal(sorted(listed), sorted(tools.log_tags()), "tags")
    sample = next(block for block in LOGGING.blocks if block.word == "log").text.splitlines()
    for line in sample:
        true(LINE.match(line) and line.split()[0] in listed, f"not a line of the log: {line}")


@test("what a server logs, and what it answers at /metrics, has the words of docs/logging.md")
def lines(run):
    def keys_of(line):
        return [line.split()[0], *re.findall(r" (\w+)=", line)]

    shown = [keys_of(line) for line in next(b for b in LOGGING.blocks if b.word == "log").text.splitlines()]
    with run.fresh() as server:
        with server.connect() as connection:
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            equal(connection.read_response().status, 200, "status")
            connection.send(b"GET /a%0d HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        with WebSocket(server):
            pass
        eventually(lambda: any("[WS]" in line for line in server.log()), "no line of the WebSocket")
        server.stop()
        for line in server.log():
            known = any(keys_of(line)[0] == each[0] and set(keys_of(line)) <= set(each) | {"time"} for each in shown)
            true(known or keys_of(line)[0] in ("[WS]", "[ppoll]", "[HTTP]"), f"docs/logging.md shows no such line: {line}")


# Figures


@test("docs/daemon.md has the units, where their sockets listen, and the service's times")
def units(run):
    rows = {bare(cells[0]): cells[1] for _, cells, _ in table(DAEMON, "unit", "what it is")}
    folder = tools.TOP / "packaging"
    files = [path for kind in ("service", "socket") for path in folder.glob(f"*.{kind}")]
    equal(sorted(rows), sorted(path.name for path in files), "units")
    for path in files:
        equal(
            [each for each in words(rows[path.name]) if re.search(r":\d|^\d|\.sock$", each)],
            re.findall(r"^ListenStream=(\S+)", path.read_text(), re.MULTILINE),
            f"where {path.name} listens",
        )
    text, unit = "\n".join(DAEMON.lines), (folder / "async-nostd.service").read_text()
    for key, sentence in (("RestartSec", "every `{}` until"), ("WatchdogSec", "hang of `{}`")):
        value = re.search(rf"^{key}=(\S+)", unit, re.MULTILINE)[1]
        true(sentence.format(value) in text, f"{key}={value} is not in docs/daemon.md")
    weeks = re.search(r"rotate (\d+)", (folder / "async-nostd.logrotate").read_text())[1]
    true(f"logrotate keeps {weeks} weeks" in text, f"logrotate keeps {weeks} weeks")


@test("the sizes and bounds in the documents are those that tests hold")
def held(run):
    kib, safe = binary.SIZE_LIMIT // 1024, [name for name in binary.SAFE_MODULES if name[0].isupper()]
    seconds = re.search(r'"ASYNC_NOSTD_FUZZ_SECONDS", "(\d+)"', inspect.getsource(fuzz))[1]
    for document, sentence in (
        (Document(README), f"stripped less than {kib} KiB"),
        (PERFORMANCE, f"smaller than {kib} KiB"),
        (DAEMON, f"at most {package_build.LIMIT:,} bytes"),
        (DAEMON, f"`{package_sandbox.EXPOSURE}` of 10"),
        (LOGGING, f"every {constant('logFlushTime')} ms"),
        (TESTING, f"in {len(PAIRWISE)} configurations"),
        (TESTING, f"in {len(FULL)} configurations"),
        (TESTING, f"the last {FILE_LIMIT >> 20} MiB of a file, {RUN_LIMIT >> 20} MiB of a run, the last {RUNS} runs"),
        (TESTING, f"`{KEPT}`"),
        (LOGGING, f"A new file has mode {constant('logFileMode'):04o} "),
        (DAEMON, f"has {constant('freshTimeout') // 1000} second for its first request"),
        (HTTP, f"the trailers are longer than {constant('maxTrailers') // 1024} KiB"),
        (TESTING, f"runs each target for {seconds} s"),
        (Document("SECURITY.md"), f"{', '.join(safe[:-1])} and {safe[-1]} hold no `unsafe` code"),
        (Document("SECURITY.md"), re.search(r"<(\S+@\S+)>", (tools.TOP / "debian/control").read_text())[1]),
    ):
        true(sentence in " ".join(document.lines), f"{document.name} does not say {sentence!r}")


def constant(name):
    """A number of Config: one number, or a product."""
    text = re.search(rf"static let {name}\b[^=]*= (\w+(?: \* \w+)*)", source("Config.swift"))[1]
    return math.prod(int(factor, 0) for factor in text.split(" * "))


@test("docs/testing.md lists all groups of test.py, and no other")
def groups(run):
    listed = [bare(cells[0]) for _, cells, _ in table(TESTING, "group", "subject")]
    equal(sorted(listed), sorted({module.GROUP for module in run.modules}), "groups")


@test("the figures in docs/performance.md are those of bench/results.json")
def results(run):
    sys.path.insert(0, str(tools.TOP / "bench"))
    try:
        from runner import targets
        from runner.figures import Column
    finally:
        sys.path.remove(str(tools.TOP / "bench"))
    data = json.loads((tools.TOP / "bench/results.json").read_text())["results"]
    heading = next(line for line in PERFORMANCE.lines if line.startswith("| server |"))
    scenarios = [cell.strip() for cell in heading.split("|")[2:-1]]
    for _, cells, number in table(PERFORMANCE, "server", *scenarios):
        for scenario, shown in zip(scenarios, cells[1:], strict=True):
            column = Column(data["pinned"][scenario], bare(cells[0]))
            right = "-" if column.wrong else f"{'~' * column.is_noisy}{column.ratio():.2f}"
            equal(shown, right, f"line {number}, {scenario}")
    goals = {goal.what: (goal.wanted, goal.shown) for goal in targets.all_of(data)}
    for _, (what, *figures), number in table(PERFORMANCE, "of async-nostd", "wanted", "measured"):
        equal(tuple(figures), goals.get(what), f"line {number}, {what}")


# Programs


@test("the core of a service in README is that of the whole program in docs/library.md, line by line")
def core(run):
    shown = next(block for block in Document(README).blocks if block.language == "swift").text.splitlines()
    whole = next(block for block in LIBRARY.blocks if block.word.endswith("Main.swift")).text.splitlines()
    rest = iter(line.strip() for line in whole)
    for line in filter(None, map(str.strip, shown)):
        true(line in rest, f"docs/library.md has no such line, or not in this order: {line}")


@test("the links to manual pages in the documents are pages that the package installs")
def manuals(run):
    pages = {path.name.rpartition(".")[::2] for path in (tools.TOP / "packaging").glob("*.[58]")}
    for name in DOCUMENTS:
        for page, chapter in re.findall(r"`(async-nostd[\w.]*)\((\d)\)`", "\n".join(Document(name).lines)):
            true((page, chapter) in pages, f"{name}: there is no {page}({chapter})")
