# Tests/mutants/suites.py — the tests that may kill a mutant, cheapest first

import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

#: What each module's mutants are tried with, in this order. `unit` is the hosted tests, the others are groups of test.py.
SUITES = {
    "HTTP": ("unit", "http", "ws"),
    "WebSocket": ("unit", "ws"),
    "Net": ("http", "handlers", "ws", "concurrent"),
    "CTaskABI": ("freestanding", "handlers", "concurrent", "http", "ws"),
}

FAILED_UNIT = re.compile(r"✘ Test (.+?)(?: with \d+ test cases?)? (?:recorded an issue|failed)")
FAILED_GROUP = re.compile(r"\bFAIL\b\s+(?:[\d.]+ s\s+)?(.*)")
#: An outcome that is no test of its own, so that it cannot be run alone.
AT_THE_END = "stops with status 0"


class Verdict:
    """What a suite made of a mutant: `by` names the test that failed, or the crash or the time; None: survived."""

    def __init__(self, by, seconds):
        self.by, self.seconds = by, seconds


class Suites:
    def __init__(self, copy, folder):
        self.copy, self.folder = Path(copy), Path(folder)
        self.seconds = {}

    def run(self, name, number, reached=None):
        """Runs a suite on the mutant `number` (0: none) until the first failure.

        A failure of a group of test.py counts if it comes again when its test runs alone, since the machine may be busy.
        """
        start, limit, ignored = time.monotonic(), self.seconds.get(name, 400.0) * 3 + 60, set()
        environment = {**os.environ, "MUTANT": str(number)}
        if reached:
            environment["MUTANTS_REACHED"] = str(reached)
        for attempt in range(3):
            by = self.once(name, environment, limit, ignored, tag=number)
            if by is None or name == "unit":
                break
            test = by.removeprefix("FAIL ")
            if test == by or self.fails_again(name, test, environment, limit, number):
                break
            ignored.add(test)
            by = None
        return Verdict(by, time.monotonic() - start)

    def fails_again(self, name, test, environment, limit, number):
        if AT_THE_END in test or "build" == test:
            return self.once(name, environment, limit, (), tag=number) is not None
        pattern = "^" + re.escape(f"{name}: {test}") + "$"
        return self.once(name, environment, limit, (), ("-k", pattern), tag=number) is not None

    def once(self, name, environment, limit, ignored, words=(), tag=0):
        """One run; what killed the mutant, or None."""
        unit = name == "unit"
        command = self.unit_command() if unit else self.group_command(name, words, tag)
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
        if status < 0 or unit and status != 0:
            return f"crashed ({signal.Signals(-status).name if status < 0 else status}): {last[:100]}"
        return None

    def group_command(self, name, words, tag):
        report = self.folder / f"report-{name}-{tag}.log"
        return ["python3", "test.py", name, "--no-build", "--report", str(report), *words]

    def unit_command(self):
        [binary] = (self.copy / ".build-hosted/debug").glob("*PackageTests.xctest")
        targets = [each.name for each in sorted((self.copy / "Tests").glob("*Tests")) if self.concerns(each)]
        return [str(binary), "--testing-library", "swift-testing", "--filter", f"^({'|'.join(targets)})\\."]

    def concerns(self, folder):
        """Whether the tests of a target use a mutated module."""
        modules = "|".join(module for module, names in SUITES.items() if "unit" in names)
        pattern = re.compile(rf"(?m)^(?:@testable )?import ({modules})$")
        return any(pattern.search(path.read_text()) for path in folder.rglob("*.swift"))


def lines_until(command, folder, environment, limit):
    """The lines of a command's output, its exit status at last, or None when `limit` seconds are over.

    Whatever is left of it, children too, is killed when the caller looks no further.
    """
    child = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )
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
                yield line.decode(errors="replace")
        yield child.wait(timeout=30)
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.stdout.close()
        child.wait()
