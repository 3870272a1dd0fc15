# Tests/blackbox/groups/freestanding.py — small freestanding programs: start-up, threads, heap, task ABI

import signal

from .. import tools
from ..framework import Failure, test

GROUP, ORDER = "freestanding", 20

#: How often each program runs: what depends on the timing of threads runs often.
PROGRAMS = (
    ("check-start", 5),
    ("check-threads", 50),
    ("check-heap", 20),
    ("check-tasks", 200),
    ("check-library", 1),
    ("check-net", 5),
    ("check-channels", 20),
    ("check-sleepers", 5),
)


@test("{0} ends well, {1} times in a row", cases=PROGRAMS, limit=300.0)
def program(run, name, times):
    run.need_build()
    path = tools.TOP / ".build/release" / name
    if not path.exists():
        raise Failure(f"{path} was not built")
    for turn in range(1, times + 1):
        status, text = tools.command(path, limit=30)
        last = text.rstrip("\n").rpartition("\n")[2]
        if status != 0 or last != "ok":
            end = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
            raise Failure(f"run {turn} of {times}: {end}, last line {last!r}\n{text}")
