# bench/runner/paths.py — where things lie, and which cores are whose

import os
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
TOP = BENCH.parent

#: All that the bench makes. Git ignores it; BENCH_WORK puts it elsewhere.
WORK = Path(os.environ.get("BENCH_WORK", BENCH / ".build")).resolve()
PROGRAMS, ROOT, ANSWERS, LOGS = WORK / "bin", WORK / "www", WORK / "answers", WORK / "log"

CORES = sorted(os.sched_getaffinity(0))


def cores(layout, side):
    """The cores of the "server" or the "load" in a layout."""
    if layout == "two":
        return set(CORES[:2])
    return {CORES[0] if side == "server" else CORES[-1]}


def workers(layout):
    return 2 if layout == "two" else 1


def make_folders():
    for folder in (PROGRAMS, ROOT, ANSWERS, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
