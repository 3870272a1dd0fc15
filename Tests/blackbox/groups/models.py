# Tests/blackbox/groups/models.py — the Promela models of the lock-free protocols, checked by spin

import re
import time

from .. import tools
from ..framework import Outcome, test

GROUP, ORDER, NEEDS_BUILD = "models", 30, False

VERDICT = re.compile(r"(passed|FAILED)  (.+)")
TOTAL = re.compile(r"(\d+) passed, (\d+) failed")


def verdicts(script, claim):
    """An outcome for each `passed NAME` and `FAILED NAME` that a script prints, with the lines after a failure.

    Its last line is `N passed, M failed`; one more outcome, `claim`, is that it came.
    """
    lines, failure, total, status, start = [], None, None, None, time.monotonic()
    for line in tools.lines_of("bash", script):
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
    yield Outcome(claim, 0.0, None if good else f"exit status {status}\n" + "\n".join(lines))


@test("Tests/models/run", limit=900.0)
def models(run):
    tools.ensure(spin="spin", gcc="gcc")
    yield from verdicts("Tests/models/run", "the models ran to their end")
