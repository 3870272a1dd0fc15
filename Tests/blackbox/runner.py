# Tests/blackbox/runner.py — the command line of test.py: which tests run, in what order, and the report

import argparse
import contextlib
import importlib
import inspect
import pkgutil
import re
import shutil
import signal
import tempfile
import time
import traceback
import urllib.parse
from pathlib import Path

from . import groups, tools
from .framework import Failure, Outcome, Overdue, Skip, tests_of
from .site import Remote, Server

REPORT = Path("/tmp/test_all_output.log")


def main(words):
    """Runs what the command line asks for; the exit status of test.py."""
    modules = find_modules()
    options = parse(words, modules)
    run = Run(options, modules)
    tests = run.select()
    if options.list:
        for test in tests:
            print(f"{test.group}: {test.name}")
        return 0
    with open(options.report, "w", buffering=1) as run.report:
        try:
            run.all(tests)
        except KeyboardInterrupt:
            run.say("interrupted")
            run.failed += 1
        finally:
            run.end()
        run.say(run.summary())
    return 1 if run.failed else 0


def find_modules():
    """Every module of the package `groups`, in the order in which groups run."""
    names = [entry.name for entry in pkgutil.iter_modules(groups.__path__)]
    modules = [importlib.import_module(f"{groups.__name__}.{name}") for name in names]
    return sorted(modules, key=lambda module: (module.ORDER, module.__name__))


def parse(words, modules):
    names = list(dict.fromkeys(module.GROUP for module in modules))
    parser = argparse.ArgumentParser(prog="test.py", description="Runs the tests of async-nostd.")
    parser.add_argument("group", nargs="*", help=f"all (the default), or some of: {' '.join(names)}")
    parser.add_argument("--url", help="test a service that runs already, http://host:port (black-box groups only)")
    parser.add_argument("--list", action="store_true", help="print the names of the tests and run none")
    parser.add_argument("-k", metavar="PATTERN", default="", help="only tests in whose 'group: name' this is found")
    parser.add_argument("--reactor", choices=["auto", "io_uring", "epoll", "ppoll"], default="auto")
    parser.add_argument("--accept", choices=["thread", "workers"], default="workers")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--no-build", action="store_true", help="use the executable as it is")
    parser.add_argument("--executable", type=Path, help="test this server instead of .build/release/async-nostd")
    parser.add_argument("--report", type=Path, default=REPORT, help=f"where to write what is printed ({REPORT})")
    options = parser.parse_args(words)
    options.group = names if not options.group or "all" in options.group else options.group
    if unknown := [name for name in options.group if name not in names]:
        parser.error(f"no group {unknown[0]!r}; there are: all {' '.join(names)}")
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


class Run:
    """One run of test.py. Tests get it to start servers and to see the options."""

    def __init__(self, options, modules):
        self.options, self.modules, self.report = options, modules, None
        self.passed = self.failed = self.skipped = 0
        self.folder = Path(tempfile.mkdtemp(prefix="async-nostd-test-"))
        self.executable = options.executable or tools.TOP / ".build/release/async-nostd"
        self.configuration, self.shared, self.shared_key, self.servers = {}, None, None, []
        self.build_problem = None if options.executable or options.no_build or options.url else "not built yet"

    # What tests use

    def fresh(self, **options):
        """Starts a server in the current configuration; `options` (see `Server`) win over it."""
        if self.options.url:
            return Remote(self.options.url).again(**options)
        self.need_build()
        settings = {"workers": self.options.workers, "reactor": self.options.reactor, "accept": self.options.accept}
        server = Server(self.executable, self.folder, fresh=self.fresh, **{**settings, **self.configuration, **options})
        self.servers.append(server)
        return server

    def need_build(self):
        """Builds the package once; a test that needs it is skipped if that fails (which is a failure of its own)."""
        if self.build_problem == "not built yet":
            with contextlib.suppress(Skip):
                # Without it there is no daemon, whose tests then are skipped.
                tools.ensure(**{"/usr/include/systemd/sd-daemon.h": "libsystemd-dev"})
            start = time.monotonic()
            status, text = tools.command("swift", "build", "-c", "release")
            self.build_problem = "the release build failed" if status else None
            self.note("build", Outcome("swift build -c release", time.monotonic() - start, text if status else None))
        if self.build_problem:
            raise Skip(self.build_problem)

    # Choosing

    def select(self):
        """The tests that the command line asks for. A module may collect its own: `collect(run)`."""
        chosen = []
        for module in self.modules:
            if module.GROUP in self.options.group and (not self.options.url or getattr(module, "AGAINST_URL", False)):
                chosen += module.collect(self) if hasattr(module, "collect") else tests_of(module)
        return [test for test in chosen if self.options.k.search(f"{test.group}: {test.name}")]

    # Running

    def all(self, tests):
        if self.options.url:
            self.say(f"against http://{self.options.url[0]}:{self.options.url[1]}")
        if tests and not self.options.url and any(getattr(test.module, "NEEDS_BUILD", True) for test in tests):
            with contextlib.suppress(Skip):
                self.need_build()
        group = None
        for test in tests:
            if test.group != group:
                self.release_shared()
                group = test.group
                self.say(f"== {group}")
            self.one(test)
        self.release_shared()

    def one(self, test):
        """Runs a test and notes what came of it."""
        start, first_server = time.monotonic(), len(self.servers)
        self.configuration, problem, skipped = test.configuration, None, None
        signal.signal(signal.SIGALRM, overdue)
        signal.setitimer(signal.ITIMER_REAL, test.limit)
        shared = None
        try:
            shared = self.shared_for(test) if getattr(test.module, "SHARED_SITE", False) else None
            result = test.body(shared or self, *test.arguments)
            if inspect.isgenerator(result):
                for outcome in result:
                    signal.setitimer(signal.ITIMER_REAL, test.limit)
                    self.note(test.group, outcome)
                return
        except Skip as skip:
            skipped = str(skip)
        except Overdue:
            problem = f"took longer than {test.limit:.0f} s\n{traceback.format_exc()}"
        except Failure as failure:
            problem = f"{failure}\n{where(failure)}"
        except Exception:
            problem = traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if isinstance(shared, Server) and shared.popen.poll() is not None:
            problem = f"the server died in this test: {shared.ending()}\n{problem or ''}"
        if problem:
            used = [server for server in self.servers[first_server:] if server is not shared] or [
                shared or Remote(None)
            ]
            problem += "".join(f"\n{server.tail()}" for server in used)
        self.note(test.group, Outcome(test.name, time.monotonic() - start, problem, skipped))
        for server in self.servers[first_server:]:
            if server is not self.shared:
                server.kill()
        self.servers = [self.shared] if isinstance(self.shared, Server) else []
        if isinstance(shared, Server) and shared.popen.poll() is not None:
            self.shared = self.shared_key = None

    def shared_for(self, test):
        """The site that the tests of one group in one configuration share; the first test of another one ends it."""
        key = (test.group, tuple(test.configuration.items()))
        if self.shared_key != key:
            self.release_shared()
            self.shared = self.fresh()
            self.shared_key = key
        return self.shared

    def release_shared(self):
        """Stops the shared server, which is a test as well."""
        if isinstance(self.shared, Server):
            start, problem, (group, configuration) = time.monotonic(), None, self.shared_key
            try:
                self.shared.close()
                if any(line.startswith("[PANIC]") for line in self.shared.log()):
                    raise Failure("the log has a [PANIC] line")
            except Failure as failure:
                problem = f"{failure}\n{self.shared.tail()}"
            prefix = "".join(f"{value} " for _, value in configuration)
            name = f"{prefix}the server of the tests above stops with status 0"
            self.note(group, Outcome(name, time.monotonic() - start, problem))
        self.shared = self.shared_key = None

    # Reporting

    def note(self, group, outcome):
        """Counts and prints one outcome; a failure is printed whole."""
        word = "FAIL" if outcome.problem else "skip" if outcome.skipped else "ok"
        self.failed += word == "FAIL"
        self.skipped += word == "skip"
        self.passed += word == "ok"
        reason = f"  ({outcome.skipped})" if outcome.skipped else ""
        self.say(f"{word:4} {outcome.seconds:7.2f} s  {outcome.name}{reason}")
        if outcome.problem:
            self.say("\n".join("    | " + line for line in f"{group}: {outcome.problem}".rstrip().splitlines()))

    def say(self, text):
        print(text, flush=True)
        self.report.write(text + "\n")

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")

    def end(self):
        for server in self.servers:
            server.kill()
        if self.failed:
            self.say(f"logs kept in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def overdue(*_):
    raise Overdue


def where(failure):
    """The lines of the tests that led to a failure."""
    frames = [frame for frame in traceback.extract_tb(failure.__traceback__) if frame.filename != __file__]
    return "\n".join(f"at {Path(frame.filename).name}:{frame.lineno}: {frame.line}" for frame in frames)
