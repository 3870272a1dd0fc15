# Tests/blackbox/report.py — what a run prints: outcomes, a line for each group, the failures once more, the count
"""A group begins with `== [3/17] http` and ends with `== [3/17] http: 392 passed, 0 failed, 41.3 s`. At the end come
all failures once more, what each group took, and last, alone on its line, `N passed, N failed`, with `, N skipped` if
there are any.
"""

import time
from dataclasses import dataclass


@dataclass
class Tally:
    """How many tests of a group, or of all, came to what, and the seconds that they took."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def count(self, word):
        """Counts one outcome."""
        self.passed += word == "ok"
        self.failed += word == "FAIL"
        self.skipped += word == "skip"

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


class Report:
    """Prints, and writes the same to a file."""

    def __init__(self, path, groups):
        self.file = open(path, "w", buffering=1)
        self.groups, self.current, self.began = list(groups), None, 0.0
        self.total, self.tallies, self.failures = Tally(), {}, []

    def say(self, text):
        print(text, flush=True)
        self.file.write(text + "\n")

    # Groups

    def place(self, group):
        return f"[{self.groups.index(group) + 1}/{len(self.groups)}] {group}"

    def begin(self, group):
        """A group begins, and the one before it has ended."""
        self.end_group()
        self.current, self.began = group, time.monotonic()
        self.say(f"== {self.place(group)}")

    def end_group(self):
        if self.current:
            tally = self.tallies.setdefault(self.current, Tally())
            tally.seconds = time.monotonic() - self.began
            self.say(f"== {self.place(self.current)}: {tally}, {tally.seconds:.1f} s")
        self.current = None

    # Outcomes

    def note(self, group, outcome):
        """Counts and prints one outcome; a failure is printed whole."""
        word = "FAIL" if outcome.problem else "skip" if outcome.skipped else "ok"
        self.total.count(word)
        self.tallies.setdefault(group, Tally()).count(word)
        reason = f"  ({outcome.skipped})" if outcome.skipped else ""
        self.say(f"{word:4} {outcome.seconds:7.2f} s  {outcome.name}{reason}")
        if outcome.problem:
            self.failures.append((group, outcome))
            self.say(quoted(outcome.problem))

    def close(self, seconds, kept):
        """The end of the report."""
        self.end_group()
        if self.failures:
            self.say("== failures")
        for group, outcome in self.failures:
            self.say(f"FAIL {group}: {outcome.name}\n{quoted(outcome.problem, 25)}")
        if len(self.tallies) > 1:
            self.say(f"== all groups: {seconds:.1f} s")
            for group, tally in self.tallies.items():
                self.say(f"{tally.seconds:8.1f} s  {group}: {tally}")
        if kept:
            self.say(f"what servers of failed tests wrote is kept in {kept}")
        self.say(str(self.total))
        self.file.close()


def quoted(text, limit=None):
    """The lines of a failure, moved in; no more than `limit`, if that is given."""
    lines = text.rstrip().splitlines()
    if limit and len(lines) > limit:
        lines[limit:] = [f"… ({len(lines) - limit} more lines above)"]
    return "\n".join("    | " + line for line in lines)
