# Tests/mutants/suites.py — the tests that may kill a mutant, cheapest first

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

#: What each module's mutants are tried with, in this order: `unit`, the hosted tests, and groups of test.py.
SUITES = {
    "HTTP": ("unit", "http", "ws"),
    "WebSocket": ("unit", "ws"),
    "Net": ("unit", "http", "handlers", "freestanding", "ws", "concurrent"),
    "CTaskABI": ("freestanding", "handlers", "concurrent", "http", "ws"),
}

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SUITE = re.compile(r"(?m)^ *@Suite(?:\([^)]*\))? (?:final )?(?:struct|class|enum|actor) (\w+)")
TOTAL = re.compile(r"Test run with (\d+) tests? ")
FAILED_UNIT = re.compile(r"✘ Test (.+?)(?: with \d+ test cases?)? (?:recorded an issue|failed)")
FAILED_GROUP = re.compile(r"\bFAIL\b\s+(?:[\d.]+ s\s+)?(.*)")
#: An outcome that is no test of its own, so that it cannot be run alone.
AT_THE_END = "stops with status 0"


class Verdict:
    """What a suite made of a mutant: `by` names the test that failed, or the crash or the time; None: survived."""

    def __init__(self, by, seconds):
        self.by, self.seconds = by, seconds


class Suites:
    """Runs suites on mutants.

    What they do without a mutant is measured first, and kept: seconds, and the places reached. The unit tests run in
    parts, a Swift suite each, of which a mutant meets only those that reach it, the shortest first.
    """

    def __init__(self, copy, folder, say):
        self.copy, self.folder, self.say = Path(copy), Path(folder), say
        self.path = self.folder / "unmutated.json"
        self.known = json.loads(self.path.read_text()) if self.path.exists() else {}

    def run(self, name, number):
        """Runs a suite that reaches the mutant `number` until the first failure."""
        start, by = time.monotonic(), None
        for part in self.parts(name):
            if number in self.known[part]["reached"]:
                by = self.part(part, number)
            if by:
                break
        return Verdict(by, time.monotonic() - start)

    def reaches(self, name, number):
        return any(number in self.known[part]["reached"] for part in self.parts(name))

    def parts(self, name):
        if name != "unit":
            return [name]
        parts = [each for each in self.known if each.startswith("unit")]
        return sorted(parts, key=lambda each: self.known[each]["seconds"])

    # Without a mutant

    def measure(self, name):
        """Without a mutant a suite has to pass; this says how long it takes and which places it reaches."""
        if name != "unit":
            self.measure_part(name)
            return
        total = self.measure_part("unit")
        names = [each for folder in self.unit_targets() for each in suites_of(folder)]
        if sum(self.measure_part(f"unit.{each}") for each in names) == total:
            # Nothing is in the whole that is in none of its parts.
            self.known["unit"]["reached"] = []
            self.keep()

    def measure_part(self, part):
        if part not in self.known:
            reached, start = (self.folder / "reached").resolve(), time.monotonic()
            reached.write_bytes(bytes(4096))
            self.total = 0
            if by := self.part(part, 0, {"MUTANTS_REACHED": str(reached)}):
                raise SystemExit(f"{part} fails without a mutant: {by}")
            places = [number for number, byte in enumerate(reached.read_bytes()) if byte]
            seconds = round(time.monotonic() - start, 2)
            self.known[part] = {"seconds": seconds, "reached": places, "total": self.total}
            self.keep()
            self.say(f"{part} passes without a mutant, {seconds:.1f} s, and reaches {len(places)} places")
        return self.known[part]["total"]

    def keep(self):
        self.path.write_text(json.dumps(self.known))

    # One run

    def part(self, name, number, environment=None):
        """What killed a mutant, or None.

        A failure in a group of test.py counts if it comes again when its test runs alone: the machine may be busy.
        """
        environment = {**os.environ, "MUTANT": str(number), **(environment or {})}
        limit, ignored = self.known.get(name, {"seconds": 400.0})["seconds"] * 3 + 60, set()
        for attempt in range(3):
            by = self.once(name, environment, limit, ignored, tag=number)
            if by is None or not by.startswith("FAIL "):
                return by
            test = by.removeprefix("FAIL ")
            if self.fails_again(name, test, environment, limit, number):
                return by
            self.say(f"{number:4} {name}: did not fail again: {test}")
            ignored.add(test)
        return None

    def fails_again(self, name, test, environment, limit, number):
        if AT_THE_END in test or "build" == test:
            return self.once(name, environment, limit, (), tag=number) is not None
        pattern = "^" + re.escape(f"{name}: {test}") + "$"
        return self.once(name, environment, limit, (), ("-k", pattern), tag=number) is not None

    def once(self, name, environment, limit, ignored, words=(), tag=0):
        """One run; what killed the mutant, or None."""
        unit = name.startswith("unit")
        command = self.unit_command(name) if unit else self.group_command(name, words, tag)
        pattern = FAILED_UNIT if unit else FAILED_GROUP
        last = ""
        for line in lines_until(command, self.copy, environment, limit):
            if line is None:
                return "took too long"
            if isinstance(line, int):
                status = line
                break
            last = line or last
            match = pattern.search(line)
            if match and match[1].strip() not in ignored:
                return ("" if unit else "FAIL ") + match[1].strip()
            if match := TOTAL.search(line):
                self.total = int(match[1])
        if status < 0 or unit and status != 0:
            return f"crashed ({signal.Signals(-status).name if status < 0 else status}): {last[:100]}"
        return None

    def group_command(self, name, words, tag):
        report = self.folder / f"report-{name}-{tag}.log"
        return ["python3", "test.py", name, "--no-build", "--report", str(report), *words]

    def unit_command(self, name):
        [binary] = (self.copy / ".build-hosted/debug").glob("*PackageTests.xctest")
        targets = "|".join(each.name for each in self.unit_targets())
        suite = name.partition(".")[2]
        pattern = f"^({targets})\\." + (f"{suite}/" if suite else "")
        return [str(binary), "--testing-library", "swift-testing", "--filter", pattern]

    def unit_targets(self):
        return [each for each in sorted((self.copy / "Tests").glob("*Tests")) if self.concerns(each)]

    def concerns(self, folder):
        """Whether the tests of a target use a mutated module."""
        modules = "|".join(module for module, names in SUITES.items() if "unit" in names)
        pattern = re.compile(rf"(?m)^(?:@testable )?import ({modules})$")
        return any(pattern.search(path.read_text()) for path in folder.rglob("*.swift"))


def suites_of(folder):
    """The names of the Swift suites in a target."""
    return [name for path in sorted(folder.rglob("*.swift")) for name in SUITE.findall(path.read_text())]


#: Process groups that run now.
running = set()


def kill_all(*_):
    """SIGTERM ends what was started, too."""
    for group in list(running):
        os.killpg(group, signal.SIGKILL)
    os._exit(1)


def lines_until(command, folder, environment, limit):
    """The lines of a command's output, its exit status at last, or None when `limit` seconds are over.

    Whatever is left of it, children too, is killed when the caller looks no further.
    """
    child = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )
    running.add(child.pid)
    end, kept = time.monotonic() + limit, b""
    try:
        while True:
            ready, _, _ = select.select([child.stdout], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                yield None
                return
            part = os.read(child.stdout.fileno(), 65536)
            if not part:
                break
            *lines, kept = (kept + part).split(b"\n")
            for line in lines:
                yield COLOUR.sub("", line.decode(errors="replace"))
        yield child.wait(timeout=30)
    finally:
        running.discard(child.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()
