# Tests/blackbox/groups/unit.py — the Swift unit tests of the pure modules, in the hosted build

import re
import time

from .. import tools
from ..framework import Outcome, test

GROUP, ORDER, NEEDS_BUILD, QUICK = "unit", 10, False, True

ENDED = re.compile(r"[✔✘] Test (.+?)(?: with \d+ test cases?)? (passed|failed) after ([0-9.]+) seconds")
ISSUE = re.compile(r"✘ Test (.+?) recorded an issue")
SKIPPED = re.compile(r"➜ Test (.+?) skipped(?:: \"(.*)\")?")
TOTAL = re.compile(r"[✔✘] Test run with (\d+) tests? ")


@test("swift test, hosted", limit=1500.0)
def swift_test(run):
    """Each Swift test is an outcome; a crash or a build that fails is one more, with the whole output."""
    start, lines, issues, ended, total, status = time.monotonic(), [], {}, 0, None, None
    command = ("swift", "test", "--scratch-path", ".build-hosted")
    subject = None
    for line in tools.lines_of(*command, environment={"ASYNC_NOSTD_HOSTED": "1"}):
        if isinstance(line, int):
            status = line
        elif match := ISSUE.match(line):
            subject = issues.setdefault(match[1], [])
            subject.append(line)
        elif line.startswith("↳") and subject is not None:
            subject.append(line)
        else:
            subject = None
            if match := TOTAL.match(line):
                total = int(match[1])
            elif match := ENDED.match(line):
                ended += 1
                problem = "\n".join(issues.get(match[1], [line])) if match[2] == "failed" else None
                yield Outcome(match[1].strip('"'), float(match[3]), problem)
            elif match := SKIPPED.match(line):
                yield Outcome(match[1].strip('"'), 0.0, skipped=match[2] or "disabled")
            lines.append(line)
    problem = None
    if total is None or ended == 0:
        problem = f"the tests did not run to their end (exit status {status})\n" + "\n".join(lines[-200:])
    elif status != 0 and not issues:
        problem = f"exit status {status} though no test failed\n" + "\n".join(lines[-200:])
    warnings = [line for line in lines if re.search(r"(?<!\w)warning: ", line)]
    if problem is None and warnings:
        problem = "warnings:\n" + "\n".join(warnings)
    yield Outcome("all unit tests ran to their end, without warnings", time.monotonic() - start, problem)
