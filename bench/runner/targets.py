# bench/runner/targets.py — what this server promises of its speed, and whether a run shows it

import operator
from dataclasses import dataclass

from . import scenarios
from .figures import Column, median, quartiles, within_rounds

OURS, SILENT, CEILING, HANDLERS = "async-nostd", "async-nostd-nolog", "ceiling-epoll", "async-nostd-handlers"
SCALING = "two workers over one, operations/s"
COMPARE = {"≥": operator.ge, "≤": operator.le, "<": operator.lt}


@dataclass
class Goal:
    """`wanted` is a comparison and a bound, as in "≤ 128 bytes"; `values` are what the rounds say, and their median
    counts. `excuse` says why the run could not show it.
    """

    what: str
    wanted: str
    values: list
    unit: str = ""
    excuse: str = ""

    @property
    def reached(self):
        if self.meets(median(self.values)):
            return "yes"
        if self.excuse:
            return self.excuse
        # A quarter of the rounds at least say yes.
        low, high = quartiles(self.values)
        is_noise = self.meets(low) or self.meets(high)
        return f"within the noise: {self.text(low)} to {self.text(high)}" if is_noise else "**no**"

    @property
    def shown(self):
        return self.text(median(self.values))

    def meets(self, value):
        compare, bound = self.wanted.split()[:2]
        return COMPARE[compare](value, float(bound))

    def text(self, value):
        return f"{value:,.3g}{self.unit}" if value < 1000 else f"{value:,.0f}{self.unit}"


def all_of(results):
    """The goals for which a run has the figures."""
    pinned, two = results.get("pinned", {}), results.get("two", {})
    for name, rounds in pinned.items():
        columns = {each: Column(rounds, each) for each in {each for samples in rounds for each in samples}}
        columns = {each: column for each, column in columns.items() if not column.wrong}
        kind = scenarios.BY_NAME[name].kind
        if (HANDLERS if kind == "work" else OURS) in columns:
            yield from KINDS[kind](name, columns)
    for name in two:
        one, other = (Column(each.get(name, []), OURS) for each in (pinned, two))
        if not one.wrong and not other.wrong:
            yield of_two(name, one, other)


def of_two(name, one, other):
    """Pinned, one worker and the load generator use so much of two cores; more than all of them there is not."""
    room = 2 / (one.median("server_busy") + one.median("load_busy"))
    excuse = f"the load generator leaves room for about {room:.2g}" if room < 1.7 else ""
    return Goal(f"{name}: {SCALING}", "≥ 1.7", [other.median("rate") / one.median("rate")], excuse=excuse)


def of_load(name, columns):
    ours, ceiling, silent = (columns.get(each) for each in (OURS, CEILING, SILENT))
    if scenarios.BY_NAME[name].target and any(each.startswith("ceiling-") for each in columns):
        yield Goal(f"{name}: CPU, of ceiling", f"≥ {scenarios.BY_NAME[name].target}", ours.ratios())
    if name in ("http1", "ws1") and ceiling:
        yield Goal(f"{name}: p50 over that of {CEILING}", "≤ 0.4", within_rounds(ours.rounds, OURS, CEILING, "p50"))
        yield Goal(f"{name}: CPU over that of {CEILING}", "< 1", within_rounds(ours.rounds, OURS, CEILING, "cpu"))
    peers = {each: column for each, column in columns.items() if not each.startswith(("ceiling-", "async-nostd"))}
    if peers:
        key = "calm_p99" if "--rate" in scenarios.BY_NAME[name].load else "p99"
        best = min(peers.values(), key=lambda column: column.median(key))
        # At its own limit the load generator makes the others wait for itself.
        is_loads = ours.median("load_busy") > 0.95 and ours.median("server_busy") < 0.9 and key == "p99"
        yield Goal(
            f"{name}: {key.replace('_', ' ')} over the best peer's ({best.name})",
            "≤ 1",
            within_rounds(ours.rounds, OURS, best.name, key),
            excuse="the load generator's: see close10k" if is_loads else "",
        )
    if silent:
        costs = [100 * (ratio - 1) for ratio in within_rounds(ours.rounds, OURS, SILENT, "cpu")]
        yield Goal(f"{name}: what the log adds to the CPU time", "≤ 5 %", costs, " %")


def of_idle(name, columns):
    ours = columns[OURS]
    yield Goal(f"{name}: memory of a connection", "≤ 128 bytes", ours.values("memory_each"), " bytes")
    yield Goal(f"{name}: CPU at rest", "≤ 0.05 %", [100 * busy for busy in ours.values("idle_busy")], " %")
    slower = [sample["p50"] / sample["empty_p50"] for sample in ours.good]
    yield Goal(f"{name}: p50 meanwhile over p50 before", "≤ 1.1", slower)


def of_start(name, columns):
    ours = columns[OURS]
    yield Goal("start: first answer", "≤ 5 ms", [time / 1e3 for time in ours.values("first_answer")], " ms")
    yield Goal("start: memory (RSS)", "< 1024 KiB", [size / 1024 for size in ours.values("rss")], " KiB")


def of_work(name, columns):
    yield Goal(f"{name}: {SCALING}", "≥ 1.7", columns[HANDLERS].values("scaling"))


KINDS = {"load": of_load, "work": of_work, "idle": of_idle, "start": of_start}
