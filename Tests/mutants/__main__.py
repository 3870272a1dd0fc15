# Tests/mutants/__main__.py — counts how many small mistakes in the sources the tests notice; see --help

import argparse
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True

from builder import HOSTED, RELEASE, Builder, BuildFailure, build_all  # noqa: E402 (no bytecode before them)
from report import report  # noqa: E402
from selection import Selection  # noqa: E402
from suites import SUITES, Suites, kill_all  # noqa: E402

TOP = Path(__file__).resolve().parents[2]
COUNTS = {"HTTP": 60, "WebSocket": 40, "Net": 70, "CTaskABI": 30}


def parse():
    parser = argparse.ArgumentParser(prog="Tests/mutants", description="Counts the mutants that the tests kill.")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="choose mutants and build the copy that holds them all")
    make.add_argument("--tree", type=Path, default=TOP, help="the sources to mutate (this repository)")
    make.add_argument("--seed", type=int, default=17)
    make.add_argument("--counts", default=",".join(f"{key}={value}" for key, value in COUNTS.items()))
    run = commands.add_parser("run", help="run the tests on each mutant; goes on where an earlier run stopped")
    run.add_argument("--only", default="", help="modules, with commas; all by default")
    run.add_argument("--jobs", type=int, default=2, help="mutants that are tried at the same time (2)")
    run.add_argument("--minutes", type=float, default=1e9, help="begin no further mutant after this time")
    show = commands.add_parser("report", help="the share killed, and the survivors; of several runs, beside each other")
    show.add_argument("others", nargs="*", type=Path, help="result folders to put beside this one")
    for each in (make, run, show):
        each.add_argument("--work", type=Path, required=True, help="a folder outside of the tree, for copy and results")
    return parser.parse_args()


def say(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


def make(options):
    options.work.mkdir(parents=True, exist_ok=True)
    counts = {name: int(count) for name, count in (each.split("=") for each in options.counts.split(","))}
    if unknown := set(counts) - set(SUITES):
        raise SystemExit(f"no tests are named for {unknown}: see suites.py")
    selection = Selection(options.tree, options.seed, counts)
    kinds = [kind for kind in (HOSTED, RELEASE) if kind == RELEASE or any("unit" in SUITES[each] for each in counts)]
    builder = Builder(options.tree, options.work)
    try:
        build_all(builder, selection, kinds, say)
    except BuildFailure as failure:
        raise SystemExit(f"{failure}\nthe build fails, and no mutant is to blame")
    commit = subprocess.run(
        ["git", "-C", str(options.tree), "describe", "--always", "--dirty"], capture_output=True, text=True
    ).stdout.strip()
    content = {
        "commit": commit,
        "seed": options.seed,
        "mutants": [each.record() for each in selection.mutants],
        "rejected": [each.record() for each in selection.rejected],
    }
    (options.work / "mutants.json").write_text(json.dumps(content, indent=1))
    for name in ("results.jsonl", "unmutated.json"):
        (options.work / name).unlink(missing_ok=True)
    say(f"{len(selection.mutants)} mutants of {commit}, {len(selection.rejected)} places did not compile")


class Runner:
    """Tries mutants; each result is a line of `results.jsonl`: number, suite, what killed it, seconds."""

    def __init__(self, options):
        self.options, self.folder, self.lock = options, options.work, threading.Lock()
        self.mutants = json.loads((self.folder / "mutants.json").read_text())["mutants"]
        if options.only:
            self.mutants = [each for each in self.mutants if each["module"] in options.only.split(",")]
        self.suites = Suites(self.folder / "tree", self.folder, say)
        self.results = self.folder / "results.jsonl"
        self.killed, self.tried = set(), set()
        if self.results.exists():
            for line in self.results.read_text().splitlines():
                result = json.loads(line)
                self.tried.add((result["number"], result["suite"]))
                if result["by"]:
                    self.killed.add(result["number"])
        self.end = time.monotonic() + options.minutes * 60

    def run(self):
        longest = max(len(SUITES[each["module"]]) for each in self.mutants)
        for stage in range(longest):
            for name in dict.fromkeys(names[stage] for names in SUITES.values() if stage < len(names)):
                numbers = [
                    each["number"]
                    for each in self.mutants
                    if SUITES[each["module"]][stage : stage + 1] == (name,)
                    and each["number"] not in self.killed
                    and (each["number"], name) not in self.tried
                ]
                if numbers:
                    self.stage(name, numbers)

    def stage(self, name, numbers):
        self.suites.measure(name)
        say(f"== {name}: {len(numbers)} mutants")
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            list(pool.map(lambda number: self.one(name, number), numbers))

    def one(self, name, number):
        if time.monotonic() > self.end:
            return
        result = {"number": number, "suite": name, "by": None, "seconds": 0.0}
        if self.suites.reaches(name, number):
            verdict = self.suites.run(name, number)
            result.update(by=verdict.by, seconds=round(verdict.seconds, 1))
        else:
            result["unreached"] = True
        with self.lock:
            if result["by"]:
                self.killed.add(number)
            with open(self.results, "a") as file:
                file.write(json.dumps(result) + "\n")
            word = "killed" if result["by"] else "unreached" if "unreached" in result else "survives"
            say(f"{number:4} {word:9} {result['seconds']:6.1f} s  {result['by'] or ''}")


def main():
    options = parse()
    options.work = options.work.resolve()
    if options.work.is_relative_to(TOP):
        raise SystemExit("--work has to lie outside of the tree")
    os.nice(15)
    signal.signal(signal.SIGTERM, kill_all)
    if options.command == "make":
        make(options)
    elif options.command == "run":
        Runner(options).run()
    if options.command != "make":
        report([options.work, *getattr(options, "others", [])])


main()
