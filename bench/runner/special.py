# bench/runner/special.py — what is more than a load: connections held, two workers beside one, and the start

import contextlib
import json
import os
import shutil
import subprocess
import time

from . import load
from .figures import median, middle_of
from .paths import CORES, PROGRAMS, WORK, cores
from .server import Broken, Server, command_of, family, free_port, memory

HELD = 10_000
STARTS = 7
#: Turns with one worker, and as many with two, in a round.
PAIRS = 4
#: How long the server is left alone to see what it does then.
REST = 2.0


def idle(peer, scenario, layout, seconds, held=HELD):
    """Memory for each connection held, CPU time at rest, and latencies before and meanwhile."""
    with Server(peer, scenario, layout) as server:
        empty = load.measure(server, scenario, layout, seconds)
        if "wrong" in empty:
            return empty
        time.sleep(0.5)
        before = server.memory()
        words = [PROGRAMS / "load", "hold", "--port", server.port, "--connections", held, "--addresses", 8]
        words += ["--path", scenario.path, "--size", 1 if scenario.mode == "ws" else 0]
        with piped(words, layout) as holder:
            opened = json.loads(holder.stdout.readline() or '{"opened": 0}')["opened"]
            if opened < held:
                return {"wrong": f"holds {opened:,} connections"}
            time.sleep(1)
            each, busy = (server.memory() - before) / held, server.cpu_seconds()
            time.sleep(REST)
            busy = (server.cpu_seconds() - busy) / REST
            sample = load.measure(server, scenario, layout, seconds)
            if "wrong" in sample:
                return {"wrong": f"while it holds {held:,} connections: {sample['wrong']}"}
    extra = {"memory_each": each, "idle_busy": busy, "empty_p50": empty["p50"], "empty_p99": empty["p99"]}
    return {**sample, **extra, "empty_cpu": empty["cpu"]}


def work(peer, scenario, seconds):
    """With one worker and with two, in turns: a handler that computes leaves both cores to the workers."""
    samples = {"pinned": [], "two": []}
    for layout in ("pinned", "two", "two", "pinned") * (PAIRS // 2):
        with Server(peer, scenario, layout) as server:
            sample = load.measure(server, scenario, layout, seconds / PAIRS)
            if "wrong" in sample:
                return sample
            samples[layout].append(sample)
    one, two = (middle_of(turns) for turns in samples.values())
    scaling = median(b["rate"] / a["rate"] for a, b in zip(*samples.values()))
    return {**one, **{f"two_{key}": value for key, value in two.items()}, "scaling": scaling}


@contextlib.contextmanager
def piped(words, layout):
    """A program beside the server, which prints a line and goes on until its standard input is closed."""
    program = subprocess.Popen(
        [str(word) for word in words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores(layout, "load")),
    )
    try:
        yield program
    finally:
        program.stdin.close()
        program.wait()
        program.stdout.close()


def start(peer, scenario, layout):
    """The median of several starts, and the memory after the first answer."""
    core = CORES[0] if layout == "pinned" else -1
    times = []
    for _ in range(STARTS):
        port = free_port()
        words = [PROGRAMS / "probe", port, core, scenario.path, *command_of(peer, scenario, layout, port)]
        with piped(words, layout) as probe:
            found = json.loads(probe.stdout.readline() or "null")
            if not found:
                return {"wrong": "does not answer"}
            times.append(found["micros"])
            pids = family(found["pid"])
            resident, shared_once = memory(pids, "Rss"), memory(pids, "Pss")
    return {
        "first_answer": sorted(times)[STARTS // 2],
        "rss": resident,
        "pss": shared_once,
        "size": stripped_size(peer),
    }


def stripped_size(peer):
    """Of the executable file alone, without the libraries that it loads."""
    program = shutil.which(peer.command.split()[0].replace("{programs}", str(PROGRAMS)))
    if not program:
        raise Broken("has no executable file")
    copy = WORK / "stripped"
    subprocess.run(["strip", "-o", copy, program], check=True, stderr=subprocess.DEVNULL)
    return copy.stat().st_size
