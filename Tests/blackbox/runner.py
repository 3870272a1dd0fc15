# Tests/blackbox/runner.py — runs what test.py's command line asks for

import contextlib
import inspect
import signal
import time
import traceback
from pathlib import Path

from . import configurations, tools
from .framework import Failure, Outcome, Overdue, Skip
from .kept import Files
from .report import Report
from .selection import find_modules, parse, select
from .site import Remote, Server


def main(words):
    """Runs what the command line asks for; the exit status of test.py."""
    modules = find_modules()
    options = parse(words, modules)
    if options.configurations:
        print(configurations.shown())
        return 0
    run = Run(options, modules)
    tests = select(options, modules, run)
    if options.list:
        for test in tests:
            print(f"{test.group}: {test.name}")
        return 0
    return run.all(tests)


class Run:
    """One run of test.py. Tests get it to start servers and to see the options."""

    def __init__(self, options, modules):
        self.options, self.modules, self.report, self.files = options, modules, None, None
        self.executable = options.executable or tools.TOP / ".build/release/async-nostd"
        self.configuration, self.shared, self.shared_key, self.servers = {}, None, None, []
        self.build_problem = None if options.executable or options.no_build or options.url else "not built yet"

    # What tests use

    @property
    def folder(self):
        """Where tests write; it is removed at the end."""
        return self.files.folder

    def fresh(self, **options):
        """Starts a server in the current configuration; `options` (see `Server`) win over it."""
        if self.options.url:
            return Remote(self.options.url).again(**options)
        self.need_build()
        settings = {"workers": self.options.workers, "reactor": self.options.reactor, "accept": self.options.accept}
        chosen = {**settings, **configurations.options_of(self.configuration), **options}
        server = Server(self.executable, self.folder, fresh=self.fresh, **chosen)
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

    # Running

    def all(self, tests):
        """Runs these tests and reports on them; the exit status."""
        start = time.monotonic()
        self.report = Report(self.options.report, dict.fromkeys(test.group for test in tests))
        self.files = Files()
        try:
            self.each(tests)
        except KeyboardInterrupt:
            self.note(self.report.current or "run", Outcome("the run", time.monotonic() - start, "interrupted"))
        finally:
            for server in self.servers:
                server.kill()
            self.report.close(time.monotonic() - start, self.files.remove())
        return 1 if self.report.total.failed else 0

    def each(self, tests):
        if self.options.url:
            self.say(f"against http://{self.options.url[0]}:{self.options.url[1]}")
        if not self.options.url and any(getattr(test.module, "NEEDS_BUILD", True) for test in tests):
            with contextlib.suppress(Skip):
                self.need_build()
        for test in tests:
            if test.group != self.report.current:
                self.finish()
                self.report.begin(test.group)
            self.one(test)
        self.finish()

    def finish(self):
        """A group has ended: so does what its tests share."""
        self.release_shared()
        for module in self.modules:
            if module.GROUP == self.report.current and hasattr(module, "finish"):
                start, problem = time.monotonic(), None
                try:
                    module.finish()
                except Exception:
                    problem = traceback.format_exc()
                if problem:
                    self.note(module.GROUP, Outcome("what its tests share ends", time.monotonic() - start, problem))

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
            self.files.keep(path for server in used for path in server.files())
        self.note(test.group, Outcome(test.name, time.monotonic() - start, problem, skipped))
        for server in self.servers[first_server:]:
            if server is not self.shared:
                server.kill()
                server.remove_files()
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
                self.files.keep(self.shared.files())
            self.shared.remove_files()
            prefix = "".join(f"{value} " for _, value in configuration)
            name = f"{prefix}the server of the tests above stops with status 0"
            self.note(group, Outcome(name, time.monotonic() - start, problem))
        self.shared = self.shared_key = None

    # Reporting

    def note(self, group, outcome):
        self.report.note(group, outcome)

    def say(self, text):
        """Prints a line that is no outcome: a figure, say."""
        self.report.say(text)


def overdue(*_):
    raise Overdue


def where(failure):
    """The lines of the tests that led to a failure."""
    frames = [frame for frame in traceback.extract_tb(failure.__traceback__) if frame.filename != __file__]
    return "\n".join(f"at {Path(frame.filename).name}:{frame.lineno}: {frame.line}" for frame in frames)
