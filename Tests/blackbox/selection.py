# Tests/blackbox/selection.py — which tests a command line means: groups, sets of groups, and a pattern
"""A group is there as soon as a module of `groups` names it (see `framework`); one of its modules says for all of them
whether it belongs to `quick`, and whether it runs on request only.
"""

import argparse
import importlib
import pkgutil
import re
import urllib.parse
from pathlib import Path

from . import groups
from .configurations import FULL, PAIRWISE
from .framework import tests_of
from .kept import KEPT

REPORT = Path("/tmp/test_all_output.log")

EPILOG = """\
sets of groups, and groups of other groups' tests:
  all          every group but those that run on request ({on_request}); the default
  quick        in 90 s, if everything is built: {quick}, without their slow tests
  multi        the tests of transport (cuts, pipelines, crowds, slow peers, ends) of all groups, in {pairwise}
               configurations in which every two values of workers, reactor, acceptor and log meet;
               --configurations shows them
  multi-full   every test of http and concurrent that is not slow, in all {full} configurations

  python3 test.py                          all of it
  python3 test.py quick                    before a commit
  python3 test.py ws clients               some groups
  python3 test.py http -k chunked          what has a word in its name
  python3 test.py ws --url http://host:80  against a server that runs already

The last line is `N passed, N failed`, with `, N skipped` if any were. The exit status is 0 if none failed, 1 if any
did, and 2 if the command line is wrong or matches no test. All files of a run go with it; of failed tests, what their
servers wrote is kept in {kept}: the last MiB of a file, 32 MiB of a run, the last 5 runs.
"""


def find_modules():
    """Every module of the package `groups`, in the order in which groups run."""
    names = [entry.name for entry in pkgutil.iter_modules(groups.__path__)]
    modules = [importlib.import_module(f"{groups.__name__}.{name}") for name in names]
    return sorted(modules, key=lambda module: (module.ORDER, module.__name__))


def names_of(modules):
    """The names of their groups, each once, in order."""
    return list(dict.fromkeys(module.GROUP for module in modules))


def parse(words, modules):
    """The options of a command line, its sets replaced by groups; ends the process if it is wrong."""
    names = names_of(modules)
    on_request = names_of(module for module in modules if getattr(module, "ON_REQUEST", False))
    quick = names_of(module for module in modules if getattr(module, "QUICK", False))
    parser = argparse.ArgumentParser(
        prog="test.py",
        description="Runs the tests of async-nostd.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG.format(
            on_request=" ".join(on_request), quick=" ".join(quick), pairwise=len(PAIRWISE), full=len(FULL), kept=KEPT
        ),
    )
    parser.add_argument("group", nargs="*", help=f"all (the default), quick, or some of: {' '.join(names)}")
    parser.add_argument("--url", help="test a service that runs already, http://host:port (black-box groups only)")
    parser.add_argument("--list", action="store_true", help="print the names of the tests and run none")
    parser.add_argument("--configurations", action="store_true", help="print those of multi and run nothing")
    parser.add_argument("-k", metavar="PATTERN", default="", help="only tests in whose 'group: name' this is found")
    parser.add_argument("--reactor", choices=["auto", "io_uring", "epoll", "ppoll"], default="auto")
    parser.add_argument("--accept", choices=["thread", "workers"], default="workers")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--no-build", action="store_true", help="use the executable as it is")
    parser.add_argument("--executable", type=Path, help="test this server instead of .build/release/async-nostd")
    parser.add_argument("--report", type=Path, default=REPORT, help=f"where to write what is printed ({REPORT})")
    options = parser.parse_args(words)
    options.parser, options.pattern = parser, options.k
    asked = set(options.group or ["all"])
    if unknown := asked - {"all", "quick", *names}:
        parser.error(f"no group {min(unknown)!r}; there are: all quick {' '.join(names)}")
    options.wholly = asked | (set(names) - set(on_request) if "all" in asked else set())
    options.quickly = set(quick) if "quick" in asked else set()
    try:
        options.k = re.compile(options.k, re.IGNORECASE)
    except re.error as error:
        parser.error(f"-k: {error}")
    if options.url:
        url = urllib.parse.urlsplit(options.url)
        if url.scheme != "http" or not url.hostname:
            parser.error("--url: expected http://host:port")
        options.url = (url.hostname, url.port or 80)
    return options


def select(options, modules, run):
    """The tests that the command line asks for. A module may collect its own: `collect(run)`. None is an error."""
    chosen = []
    for module in modules:
        if options.url and not getattr(module, "AGAINST_URL", False):
            continue
        if module.GROUP in options.wholly:
            chosen += collected(module, run)
        elif module.GROUP in options.quickly:
            chosen += [test for test in collected(module, run) if not test.slow]
    found = [test for test in chosen if options.k.search(f"{test.group}: {test.name}")]
    if not found:
        options.parser.error(
            f"-k: {options.pattern!r} matches no test of {' '.join(options.group or ['all'])}"
            if chosen
            else f"no test of {' '.join(options.group)} can run against a service that runs already (--url)"
        )
    return found


def collected(module, run):
    return list(module.collect(run)) if hasattr(module, "collect") else tests_of(module)
