# Tests/blackbox/groups/systemd_journal.py — the journal: which lines go there, with what fields and priorities

import re
import signal
import subprocess
import time

from .. import tools
from ..client import Connection, request
from ..daemon import Daemon
from ..framework import equal, eventually, test, true
from ..journal import Journal
from ..listeners import address_of, listening
from .log_lines import logged
from .systemd_notify import GROUP, ORDER  # noqa: F401 (read by the runner)

#: What every entry has.
ALWAYS = ("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "TAG", "MESSAGE_ID")


def expect_entries(journal):
    """Every entry is complete, and in good form."""
    true(journal.entries, "no journal entry at all")
    for entry in journal.entries:
        missing = [name for name in ALWAYS if not entry.get(name)]
        equal(missing, [], f"fields that are missing in {entry}")
        equal(entry["SYSLOG_IDENTIFIER"], "async-nostd", "SYSLOG_IDENTIFIER")
        true(re.fullmatch("[0-7]", entry["PRIORITY"]), f"priority of {entry}")
        true(re.fullmatch("[0-9a-f]{32}", entry["MESSAGE_ID"]), f"MESSAGE_ID of {entry}")
        true(re.fullmatch("[A-Za-z]+", entry["TAG"]), f"TAG of {entry}")
        true(re.fullmatch("[0-9]+", entry.get("FD", "0")), f"FD of {entry}")
        true("\n" not in entry["MESSAGE"] and not entry["MESSAGE"].startswith("<"), f"message of {entry}")


@test("start, reload, signals and stop go to the journal with their fields; each kind has its MESSAGE_ID")
def life(run):
    journal = Journal(run.folder)
    with Daemon(run, journal=journal) as daemon:
        daemon.reload()
        daemon.signal(signal.SIGTERM)
        daemon.await_end()
        expect_entries(journal)
        starts = journal.find(TAG="START")
        true(len(starts) >= 2, f"start and stop: {starts}")
        true(len({entry["MESSAGE_ID"] for entry in (starts[0], starts[-1])}) == 2, "one MESSAGE_ID for start and stop")
        for entry in starts:
            true(entry["PRIORITY"] in "56", f"priority of {entry}, not notice or info")
        true(journal.find(TAG="SIGNAL"), f"no entry with TAG=SIGNAL: {journal.entries}")
        listener = next(entry for entry in starts if "listening" in entry["MESSAGE"])
        true(f"fd={listener['FD']} " in listener["MESSAGE"], f"FD= of the listener: {listener}")


@test("requests and connections do not go to the journal, one by one")
def quiet(run):
    journal = Journal(run.folder)
    with Daemon(run, journal=journal) as daemon:
        for target in ("/", "/nothing", "/healthz") * 20:
            daemon.get(target)
        eventually(lambda: sum("[HTTP]" in line for line in daemon.log()) >= 60, "not 60 [HTTP] lines in the log")
        # What is for the journal has come when it ends.
        daemon.stop()
        equal(journal.find(TAG="HTTP") + journal.find(TAG="WS"), [], "entries of requests")
        true(len(journal.entries) < 20, f"{len(journal.entries)} entries")


@test("a warning goes to the journal with priority 4: accepting pauses at MaxConnections")
def warning(run):
    journal = Journal(run.folder)
    with Daemon(run, {"MaxConnections": 2}, journal=journal) as daemon:
        crowd = [daemon.connect() for _ in range(4)]
        for connection in crowd:
            connection.send(request("/healthz"))
        entry = journal.wait(TAG="ACCEPT")
        equal(entry["PRIORITY"], "4", f"priority of {entry}")
        for connection in crowd:
            connection.close()
        expect_entries(journal)


@test("an error of the start goes to the journal with priority 3: a wrong descriptor, with its number")
def error(run):
    journal = Journal(run.folder)
    with open(run.folder / "no-socket", "w+b") as file:
        daemon = Daemon(run, sockets=[file], journal=journal, ready=False)
        true(daemon.wait() > 0, "it started")
    entry = journal.wait(lambda entry: int(entry["PRIORITY"]) <= 3, what=f"an error; {daemon.errors()!r}")
    true(re.search(r"\b3\b", entry["MESSAGE"]), f"no descriptor in {entry}")


@test(
    "a wrong configuration at the start: each line on standard error is FILE:LINE: …, {0}",
    cases=(("and <3> before it where that is the journal", "<3>"), ("without more elsewhere", "")),
)
def wrong_start(run, _, prefix):
    daemon = Daemon(
        run,
        {"IdleTimeout": "soon", "MaxConnections": 0},
        journal=Journal(run.folder) if prefix else None,
        environment=None if prefix else {"JOURNAL_STREAM": "1:1"},
        ready=False,
    )
    equal(daemon.wait(), 78, "exit status")
    path, keys = daemon.configuration_path, ("MaxConnections", "IdleTimeout")
    numbers = {line.partition("=")[0]: number for number, line in enumerate(path.read_text().splitlines(), 1)}
    begins = [f"{prefix}{path}:{numbers[key]}: {key}: " for key in keys]
    lines = daemon.errors().splitlines()
    equal([line[: len(start)] for line, start in zip(lines, begins)], begins, f"beginnings of {lines}")
    equal(len(lines), 2, f"number of lines, {lines}")


@test("a wrong configuration at SIGHUP goes to the journal, with file and line")
def configuration(run):
    journal = Journal(run.folder)
    with Daemon(run, journal=journal) as daemon:
        daemon.configuration_path.write_text("[HTTP]\nIdleTimeout=soon\n")
        daemon.reload()
        place = f"{daemon.configuration_path}:2: "
        entry = journal.wait(lambda entry: place in entry["MESSAGE"], what=place)
        true(int(entry["PRIORITY"]) <= 4, f"priority of {entry}")
        expect_entries(journal)


@test("LogJournal=no keeps everything out of the journal")
def off(run):
    journal = Journal(run.folder)
    with Daemon(run, {"LogJournal": "no"}, journal=journal) as daemon:
        daemon.reload()
        daemon.stop()
        equal(journal.entries, [], "entries")


@test("$JOURNAL_STREAM of another stream than standard error: nothing goes to the journal")
def another_stream(run):
    journal = Journal(run.folder)
    with Daemon(run, journal=journal, environment={"JOURNAL_STREAM": "1:1"}) as daemon:
        daemon.reload()
        daemon.stop()
        equal(journal.entries, [], "entries")


@test("without a journal, errors of the start are plain text on standard error, without <N>")
def plain(run):
    made = listening()
    port = address_of(made)[1]
    daemon = Daemon(run, {"Listen": f"127.0.0.1:{port}"}, ready=False)
    true(daemon.wait() > 0, "it started")
    true(daemon.errors() and not re.search(r"^<\d>", daemon.errors(), re.MULTILINE), f"printed {daemon.errors()!r}")


@test("LogFile=off: the journal gets what it gets otherwise")
def without_file(run):
    journal = Journal(run.folder)
    with Daemon(run, {"LogFile": "off"}, journal=journal) as daemon:
        daemon.get("/healthz")
        daemon.reload()
        daemon.stop()
    true(journal.find(TAG="START") and journal.find(TAG="SIGNAL"), f"it got {journal.entries}")
    expect_entries(journal)


@test("LogFile=-, {0}: each line comes once, on standard error or as an entry", cases=("a journal", "no journal"))
def once(run, where):
    journal = Journal(run.folder) if where == "a journal" else None
    with Daemon(run, {"LogFile": "-"}, journal=journal) as daemon:
        daemon.get("/healthz")
        daemon.reload()
        daemon.stop()
    lines = [re.sub(r"^<\d>| time=\S+$", "", line) for line in daemon.errors().splitlines()]
    lines += [f"[{entry['TAG']}] {entry['MESSAGE']}" for entry in journal.entries] if journal else []
    for words in ("[START] version", "[SIGNAL] name=SIGHUP", "[HTTP]", "[SIGNAL] name=SIGTERM", "[START] stopped"):
        equal(sum(words in line for line in lines), 1, f"lines with {words!r}, of {lines}")


@test("a journal that is not there does not keep the daemon from serving; standard error gets the lines, as <N>[TAG] …")
def absent(run):
    journal = Journal(run.folder)
    (journal.folder / "socket").unlink()
    with Daemon(run, journal=journal, notify=False, sockets=[made := listening()]) as daemon:
        with Connection(address_of(made)) as connection:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
        daemon.signal(signal.SIGHUP)
        logged(daemon, r"\[LOG\] opened again")
        with Connection(address_of(made)) as connection:
            equal(connection.exchange(request("/healthz")).status, 200, "status after SIGHUP")
        logged(daemon, r"\[START\]")
        eventually(
            lambda: re.search(r"^<6>\[START\] ", daemon.errors(), re.MULTILINE),
            lambda: f"standard error: {daemon.errors()!r}",
        )


@test("journalctl finds the entries by TAG=: in a journal that the entries are imported into")
def journalctl(run):
    remote = "/lib/systemd/systemd-journal-remote"
    tools.ensure(**{remote: "systemd-journal-remote"})
    journal = Journal(run.folder)
    with Daemon(run, {"MaxConnections": 1}, journal=journal) as daemon:
        with daemon.connect(), daemon.connect():
            journal.wait(TAG="ACCEPT")
        daemon.stop()
    stamp = int(time.time() * 1e6)
    export = "".join(
        f"__REALTIME_TIMESTAMP={stamp + index}\n__MONOTONIC_TIMESTAMP={index + 1}\n_BOOT_ID={'0' * 31}1\n"
        + "".join(f"{name}={value}\n" for name, value in entry.items())
        + "\n"
        for index, entry in enumerate(journal.entries)
    )
    place = run.folder / f"journal-{stamp}"
    place.mkdir()
    subprocess.run([remote, "-o", place / "test.journal", "-"], input=export.encode(), check=True, capture_output=True)
    for tag in ("ACCEPT", "START"):
        words = ["journalctl", "--directory", place, "-o", "cat", f"TAG={tag}"]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        equal(len(text.splitlines()), len(journal.find(TAG=tag)), f"lines of journalctl TAG={tag}: {text!r}")
