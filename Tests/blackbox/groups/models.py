# Tests/blackbox/groups/models.py — the Promela models of the lock-free protocols, checked by spin

import re
import time

from .. import tools
from ..framework import Outcome, test

GROUP, ORDER, NEEDS_BUILD = "models", 30, False


@test("Tests/models/run", limit=600.0)
def models(run):
    """The script prints a line for each model, then `N passed, N failed`."""
    tools.ensure(spin="spin", gcc="gcc")
    start = time.monotonic()
    status, text = tools.command("bash", "Tests/models/run", limit=590)
    match = re.search(r"^(\d+) passed, (\d+) failed", text, re.MULTILINE)
    complete = match and int(match[1]) > 0
    for line in text.splitlines():
        if complete and not line.startswith(match[0]) and line.strip():
            yield Outcome(line.strip(), 0.0)
    problem = None if complete and status == 0 and match[2] == "0" else f"exit status {status}\n{text}"
    yield Outcome(match[0] if match else "Tests/models/run", time.monotonic() - start, problem)
