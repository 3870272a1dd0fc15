# bench/runner/compare.py — A against B in short turns (A B B A), and how sure the difference is
"""Each of A and B is "PATH [OPTION...]", an executable of ours with options, or a whole command with {port}:

  bench/compare old/async-nostd new/async-nostd
  bench/compare new/async-nostd 'new/async-nostd --reactor ppoll' --scenario http,ws20 --rounds 12
  bench/compare --log-on old/async-nostd new/async-nostd

Every round starts both servers, and the load generator turns to them as A B B A, so that what drifts meets both. B/A is
the CPU time for each operation of B over that of A, the median of the rounds; between brackets lie the middle half of
them. "8/9" says that B was the cheaper one in 8 of 9 rounds. A against A shows how far to believe it: try that first.
"""

import argparse
import shlex
import statistics
from pathlib import Path

from . import answers, load, programs
from .figures import middle_of, quartiles
from .peers import EVERYTHING, OURS, Peer
from .scenarios import expand
from .server import Server, end_with_servers

DEFAULT = "http,browser,pipe16,small16,close,ws20,ws20p16,ws1k,ws64k"


COLUMNS = [
    "",
    "A µs/op",
    "B µs/op",
    "B/A",
    "middle half",
    "cheaper",
    "rate",
    "p50 A",
    "p50 B",
    "p99 A",
    "p99 B",
    "noise",
]
WIDTHS = [9, 9, 7, 15, 9, 7, 9, 9, 9, 9, 7]


def peer_of(name, text, log_on):
    """A side of the comparison: a command, or the options of an executable."""
    if "{port}" in text:
        return Peer(name, text, EVERYTHING)
    path, *options = shlex.split(text)
    path = Path(path).resolve()
    if not path.is_file():
        raise SystemExit(f"{path}: no such executable")
    if not any(word.startswith("--log-file") for word in options):
        options += ["--log-file", f"{{logs}}/compare-{name}.log" if log_on else "off"]
    program = OURS.replace("{programs}/async-nostd", shlex.quote(str(path)))
    return Peer(name, f"{program} {' '.join(map(shlex.quote, options))}", EVERYTHING)


def turns(pair, scenario, options):
    """One round: the mean of each side's samples, or None if one of them went wrong."""
    sums = {}
    with Server(pair[0], scenario, options.layout) as first, Server(pair[1], scenario, options.layout) as second:
        for side in (0, 1, 1, 0):
            sample = load.measure((first, second)[side], scenario, options.layout, options.secs, 0.15)
            if "wrong" in sample:
                raise SystemExit(f"{scenario.name}: {pair[side].name} {sample['wrong']}")
            sums.setdefault(side, []).append(sample)
    return [middle_of(sums[side]) for side in (0, 1)]


def compare(pair, scenario, options):
    """Prints a scenario's line."""
    for peer in pair:
        with Server(peer, scenario, options.layout) as server:
            answers.check(server, scenario)
    rounds = []
    for number in range(options.rounds):
        # The server that starts first also has a different layout of memory.
        a, b = turns(pair, scenario, options) if number % 2 == 0 else turns(pair[::-1], scenario, options)[::-1]
        rounds.append((a, b))
    ratios = sorted(b["cpu"] / a["cpu"] for a, b in rounds)
    low, high = quartiles(ratios)

    def middle(side, key):
        return statistics.median(each[side][key] for each in rounds)

    cheaper = f"{sum(ratio < 1 for ratio in ratios)}/{len(ratios)}"
    cells = [scenario.name, f"{middle(0, 'cpu'):.3f}", f"{middle(1, 'cpu'):.3f}", f"{statistics.median(ratios):.3f}"]
    cells += [f"[{low:.3f} {high:.3f}]", cheaper, f"{middle(1, 'rate') / middle(0, 'rate'):.3f}"]
    cells += [f"{middle(side, key):.1f}" for key in ("p50", "p99") for side in (0, 1)]
    cells.append(f"{statistics.median(load.noise(side) for each in rounds for side in each):.2f}")
    print(line(cells), flush=True)


def line(cells):
    return cells[0].ljust(9) + "".join(cell.rjust(width) for cell, width in zip(cells[1:], WIDTHS))


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a", metavar="A")
    parser.add_argument("b", metavar="B")
    parser.add_argument("--scenario", default=DEFAULT, help=f"with commas between them (default {DEFAULT})")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--secs", type=float, default=0.6, help="of each of the four turns of a round")
    parser.add_argument("--layout", choices=["pinned", "two"], default="pinned")
    parser.add_argument("--log-on", action="store_true", help="both log as shipped, to files (default: no log)")
    options = parser.parse_args(arguments)
    end_with_servers()
    programs.compile_all(["load"])
    pair = [peer_of(name, text, options.log_on) for name, text in (("A", options.a), ("B", options.b))]
    programs.fetch_answers(pair[0])
    print(line(COLUMNS))
    for scenario in expand(options.scenario.split(",")):
        compare(pair, scenario, options)
