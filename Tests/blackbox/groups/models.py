# Tests/blackbox/groups/models.py — the Promela models of the lock-free protocols, checked by spin

import re
import time

from .. import tools
from ..framework import Outcome, test

GROUP, ORDER, NEEDS_BUILD = "models", 30, False

VERDICT = re.compile(r"(passed|FAILED)  (.+)")
TOTAL = re.compile(r"(\d+) passed, (\d+) failed")


@test("Tests/models/run", limit=900.0)
def models(run):
    """The script prints a line for each model, what spin said after each that failed, and `N passed, N failed` last."""
    tools.ensure(spin="spin", gcc="gcc")
    lines, failure, total, status, start = [], None, None, None, time.monotonic()
    for line in tools.lines_of("bash", "Tests/models/run"):
        verdict = VERDICT.match(line) if isinstance(line, str) else None
        if failure and (verdict or not isinstance(line, str) or TOTAL.fullmatch(line)):
            yield Outcome(failure[0], time.monotonic() - start, "\n".join(failure[1]))
            failure, start = None, time.monotonic()
        if not isinstance(line, str):
            status = line
            continue
        lines.append(line)
        total = TOTAL.fullmatch(line) or total
        if verdict and verdict[1] == "FAILED":
            failure = (verdict[2], [line])
        elif verdict:
            yield Outcome(verdict[2], time.monotonic() - start)
            start = time.monotonic()
        elif failure:
            failure[1].append(line)
    good = total and int(total[1]) > 0 and (status == 0) == (total[2] == "0")
    yield Outcome("the models ran to their end", 0.0, None if good else f"exit status {status}\n" + "\n".join(lines))
