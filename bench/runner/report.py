# bench/runner/report.py — RESULTS.md: the ratios at a glance, then a table for each scenario

from . import peers, scenarios, targets
from .figures import QUIET, Column, median

INTRODUCTION = """\
# Results

Made by `bench/run`; `bench/README.md` says how to read it. **CPU** is the time that all of a server's threads took on
the processor for one request or echo, in microseconds, kernel included. **Of ceiling** is the same figure of the
cheapest ceiling in the same round, divided by it: 1.00 is a server that costs nothing beside the kernel. All figures
are medians over rounds. **Calm p99** is the p99 of the median tenth of a second. `~`: in every round something else took more than {quiet:.0%} of a core, so rates and latencies
say little.
"""
COLUMNS = (
    "| server | CPU, µs | of ceiling | operations/s | server busy | p50, µs | calm p99, µs | p99, µs | p99.9, µs"
    " | quiet rounds |"
)
IDLE_COLUMNS = (
    "| server | memory each, bytes | CPU at rest | p50, µs: before, meanwhile | p99, µs: before, meanwhile"
    " | CPU, µs: before, meanwhile |"
)
START_COLUMNS = "| server | first answer, ms | file, stripped, bytes | memory (RSS), KiB | memory (PSS), KiB |"
WORK_COLUMNS = (
    "| server | CPU, µs: one worker, two | operations/s: one, two | busy: one, two | p50, µs: one, two"
    " | p99, µs: one, two |"
)
LAYOUTS = {
    "pinned": "Pinned: the server with one worker on one core, the load generator on another",
    "two": "Two: the server with two workers, the load generator with two threads, both on both cores",
}


def table(heading, rows):
    """Markdown: names to the left, figures to the right."""
    columns = heading.count("|") - 1
    return "\n".join([heading, "|---|" + "--:|" * (columns - 1), *rows]) + "\n"


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def shown(name):
    return f"**{name}**" if name.startswith("async-nostd") else name


def brief(reason, limit=110):
    """A reason that fits into a table."""
    reason = reason.replace("|", "/").replace("\n", " ")
    return reason if len(reason) <= limit else reason[: limit - 1] + "…"


def names_in(rounds):
    return list(dict.fromkeys(name for samples in rounds for name in samples))


def report(data):
    """All of RESULTS.md, from what `bench/results.json` holds."""
    parts = [INTRODUCTION.format(quiet=QUIET), about(data)]
    if "pinned" in data["results"]:
        parts.append("## At a glance\n\nOf ceiling, pinned.\n\n" + glance(data))
    parts.append("## What ours has to reach\n\n" + goals(data["results"]))
    for layout, results in data["results"].items():
        parts.append(f"## {LAYOUTS[layout]}\n")
        parts += [section(name, rounds) for name, rounds in results.items()]
        if layout == "two" and "pinned" in data["results"]:
            parts.append("### Two workers against one: operations/s\n\n" + scaling(data["results"]))
    return "\n".join(parts)


def about(data):
    facts = "\n".join(row(name, str(value)) for name, value in data["facts"].items())
    measured = "\n".join(row(shown(each["name"]), each["version"] or "-", each["what"]) for each in data["peers"])
    return (
        f"| | |\n|---|---|\n{facts}\n\n| server | version | what it serves from |\n|---|---|---|\n{measured}\n\n"
        "C with `cc -O2 -march=native`, ours with the flags of `Package.swift`, Swift peers with `-c release`, the others"
        " as Debian builds them. Logs of all but ours are off; configurations: `bench/peers/`.\n"
    )


def glance(data):
    """Ratios: a row for each server, and one for what ours has to reach."""
    results = data["results"]["pinned"]
    chosen = [each for each in scenarios.ALL if each.kind == "load" and each.name in results]
    heading = "| server | " + " | ".join(each.name for each in chosen) + " |"
    rows = []
    for name in (each["name"] for each in data["peers"]):
        cells = []
        for each in chosen:
            column = Column(results[each.name], name)
            cells.append("-" if column.wrong else f"{'~' * column.is_noisy}{column.ratio():.2f}")
        if set(cells) != {"-"}:
            rows.append(row(shown(name), *cells))
    wanted = [f"≥ {each.target:.2f}" if each.target else "" for each in chosen]
    return table(heading, [*rows, row("*what ours has to reach*", *wanted)])


def goals(results):
    """The promises, one by one."""
    rows = [row(goal.what, goal.wanted, goal.shown, goal.reached) for goal in targets.all_of(results)]
    return table("| of async-nostd | wanted | measured | reached |", rows)


def section(name, rounds):
    scenario = scenarios.BY_NAME[name]
    heading, cells, order = {
        "load": (COLUMNS, load_cells, "cpu"),
        "work": (WORK_COLUMNS, work_cells, "cpu"),
        "idle": (IDLE_COLUMNS, idle_cells, "memory_each"),
        "start": (START_COLUMNS, start_cells, "first_answer"),
    }[scenario.kind]
    columns = {each: Column(rounds, each) for each in names_in(rounds)}
    rows = []
    for each, column in sorted(columns.items(), key=lambda pair: pair[1].median(order) if not pair[1].wrong else 1e9):
        rows.append(row(shown(each), *([f"n/a: {brief(column.wrong)}"] if column.wrong else cells(column))))
    return f"### {name}: {scenario.title}\n\n" + table(heading, rows)


def load_cells(column):
    mark = "~" * column.is_noisy
    return (
        f"{column.median('cpu'):.3f}",
        f"{column.ratio():.2f}",
        f"{mark}{column.median('rate'):,.0f}",
        f"{column.median('server_busy'):.2f}",
        f"{mark}{column.median('p50'):.1f}",
        f"{mark}{column.median('calm_p99'):.1f}",
        f"{mark}{column.median('p99'):.1f}",
        f"{mark}{column.median('p999'):.1f}",
        f"{len(column.quiet)}/{len(column.rounds)}",
    )


def work_cells(column):
    def pair(key, digits):
        one, two = column.median(key), column.median("two_" + key)
        return f"{'~' * column.is_noisy}{one:,.{digits}f}, {two:,.{digits}f}"

    return (pair("cpu", 1), pair("rate", 0), pair("server_busy", 2), pair("p50", 0), pair("p99", 0))


def idle_cells(column):
    def pair(key):
        return f"{column.median('empty_' + key):.1f}, {'~' * column.is_noisy}{column.median(key):.1f}"

    return (
        f"{column.median('memory_each'):,.0f}",
        f"{column.median('idle_busy'):.2%}",
        pair("p50"),
        pair("p99"),
        pair("cpu"),
    )


def start_cells(column):
    return (
        f"{column.median('first_answer') / 1e3:.2f}",
        f"{column.median('size'):,.0f}",
        f"{column.median('rss') / 1024:,.0f}",
        f"{column.median('pss') / 1024:,.0f}",
    )


def scaling(results):
    """How much more two workers do. Here the load generator has to share the cores, so 2 is out of reach."""
    chosen = [name for name in results["two"] if name in results["pinned"] and scenarios.BY_NAME[name].kind == "load"]
    everyone = names_in([samples for name in chosen for samples in results["two"][name]])
    rows = []
    for name in everyone:
        pairs = [[Column(results[layout][each], name) for layout in ("pinned", "two")] for each in chosen]
        cells = [
            "-" if one.wrong or two.wrong else f"{two.median('rate') / one.median('rate'):.2f}" for one, two in pairs
        ]
        if set(cells) != {"-"}:
            rows.append(row(shown(name), *cells))
    return table("| server | " + " | ".join(chosen) + " |", rows)


def summary(data):
    """One line for a terminal: ours against the ceilings, where both were measured."""
    found = []
    for name, rounds in data["results"].get("pinned", {}).items():
        column = Column(rounds, peers.BY_NAME["async-nostd"].name)
        if scenarios.BY_NAME[name].kind == "load" and not column.wrong:
            found.append(f"{name} {median([column.ratio()]):.2f}")
    return "async-nostd, of ceiling: " + (", ".join(found) or "not measured")
