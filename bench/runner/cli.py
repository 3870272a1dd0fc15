# bench/runner/cli.py — `bench/run`
"""Measures this server beside others, in one run, and writes bench/RESULTS.md and bench/results.json.

bench/run                            everything: about an hour. As root it installs what is missing
bench/run --quick                    a smoke test: does it run? Prints, and writes nothing
bench/run --only async-nostd,nginx-return,ceiling-epoll --scenario http,ws20 --rounds 3 --no-write
bench/run --ours ../old/async-nostd --server new='../new/async-nostd {workers} 127.0.0.1 {port}'
"""

import argparse
import json
import sys
from pathlib import Path

from . import install, machine, peers, plot, programs, report, scenarios
from .campaign import Campaign
from .paths import BENCH
from .server import end_with_servers

#: If one of these is there and does not work in what it is measured in, the run has failed.
ALWAYS = ("async-nostd", "async-nostd-handlers", "ceiling-epoll")
LIBRARIES = {"cc": "gcc", "strip": "binutils", "/usr/include/liburing.h": "liburing-dev"}


def arguments_of(words):
    parser = argparse.ArgumentParser(
        prog="bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few peers, few scenarios, one short round")
    parser.add_argument("--only", metavar="NAMES", help="these servers: " + ", ".join(peers.BY_NAME))
    parser.add_argument(
        "--server", action="append", default=[], metavar="NAME=COMMAND", help="one more; {port}, {workers}"
    )
    parser.add_argument("--scenario", metavar="NAMES", help=", ".join(scenarios.BY_NAME))
    parser.add_argument("--layout", choices=["pinned", "two", "both"], help="default: both; `two` in fewer scenarios")
    parser.add_argument("--rounds", type=int, help="default 5")
    parser.add_argument("--secs", type=float, help="of each server in a round; default 2")
    parser.add_argument("--ours", metavar="PATH", help="a built async-nostd; default: builds this checkout")
    parser.add_argument(
        "--to", metavar="FOLDER", type=Path, default=BENCH, help="where the results go (default: bench)"
    )
    parser.add_argument("--no-write", action="store_true", help="prints the tables instead of writing them")
    options = parser.parse_args(words)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.secs = options.secs or (0.5 if options.quick else 2)
    options.layout = options.layout or ("pinned" if options.quick else "both")
    options.no_write = options.no_write or options.quick
    return options


def chosen_peers(options):
    names = options.only.split(",") if options.only else peers.QUICK if options.quick else list(peers.BY_NAME)
    unknown = [name for name in names if name not in peers.BY_NAME]
    if unknown:
        raise SystemExit(f"unknown server {', '.join(unknown)}; there are {', '.join(peers.BY_NAME)}")
    return [peers.BY_NAME[name] for name in names] + [peers.of_argument(text) for text in options.server]


def prepare(chosen, options):
    """Installs and builds what the chosen peers need. Returns the peers that cannot be had, with the reason."""
    packaged = {peer.command.split()[0]: package for peer in chosen for package in peer.packages}
    install.install({**LIBRARIES, **packaged})
    absent = {
        peer.name: f"{peer.command.split()[0]} is not installed"
        for peer in chosen
        if peer.packages and install.missing({peer.command.split()[0]: peer.packages[0]})
    }
    names = list(programs.SOURCES)
    if install.missing({"/usr/include/liburing.h": "liburing-dev"}):
        names.remove("uring")
        absent["ceiling-uring"] = "liburing-dev is not installed"
    programs.compile_all(names)
    problem = programs.use_ours(Path(options.ours or programs.build_ours()))
    if problem:
        absent["async-nostd-handlers"] = problem
    if {peer.name for peer in chosen} & set(programs.SWIFT_PEERS):
        problem = programs.build_swift_peers()
        absent.update({name: problem for name in programs.SWIFT_PEERS if problem})
    return absent


def described(chosen):
    """Name, version and ways of those who are measured."""
    swift = programs.swift_peer_versions()
    return [
        {"name": peer.name, "version": swift.get(peer.name) or install.version_of(peer), "what": peer.what}
        for peer in chosen
    ]


def layouts(options):
    """Each layout with its scenarios."""
    asked = scenarios.expand(options.scenario.split(",")) if options.scenario else None
    if options.layout != "two":
        yield "pinned", asked or scenarios.expand(scenarios.QUICK if options.quick else scenarios.BY_NAME)
    if options.layout != "pinned":
        yield "two", asked or scenarios.expand(scenarios.TWO)


def main(words):
    end_with_servers()
    options = arguments_of(words)
    chosen = chosen_peers(options)
    campaign = Campaign(chosen, options, prepare(chosen, options))
    data = {"facts": machine.facts(), "peers": described(chosen), "results": campaign.results}
    data["facts"]["rounds"] = f"{options.rounds} of {options.secs:g} s"
    if not options.quick:
        campaign.warm_up()
    for layout, wanted in layouts(options):
        for scenario in wanted:
            campaign.measure(layout, scenario)
            if not options.no_write:
                (options.to / "results.json").write_text(encoded(data))
    # What is written is what `bench/plot` will make of the file once more.
    data = shorter(data)
    if options.no_write:
        print(report.report(data))
    else:
        (options.to / "RESULTS.md").write_text(report.report(data))
        plot.draw(data, options.to / "results.svg")
    print(report.summary(data))
    broken = [name for name in ALWAYS if name not in campaign.absent and wrong_anywhere(data, name)]
    print(f"bench: {'failed for ' + ', '.join(broken) if broken else 'ok'}")
    sys.exit(1 if broken else 0)


def encoded(data):
    """As JSON, a line for each sample."""
    text = json.dumps(shorter(data), ensure_ascii=False)
    return text.replace("}, ", "},\n").replace("[{", "[\n{") + "\n"


def shorter(value):
    """The same without digits that say nothing."""
    if isinstance(value, dict):
        return {key: shorter(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shorter(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def wrong_anywhere(data, name):
    """Whether a server that must always work did not."""
    everything = (samples for layout in data["results"].values() for rounds in layout.values() for samples in rounds)
    return any("wrong" in samples.get(name, {}) for samples in everything)
