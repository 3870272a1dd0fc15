# Tests/blackbox/groups/documents_completion.py — completion in a real bash on a terminal, with real keys

import contextlib
import os
import pty
import re
import select
import shutil
import signal
import time

from .. import tools
from ..daemon import program
from ..framework import Skip, eventually, equal, test, true
from .documents import GROUP, ORDER, allowed, option_name, options, settings  # noqa: F401 (the first two: the runner)

SCRIPT = tools.TOP / "packaging/async-nostd.bash-completion"
LIBRARY = "/usr/share/bash-completion/bash_completion"

TAB, ALL = "\t", "\x1b*"  # `insert-completions` of readline(3): all that TAB might mean
PROGRAMS = ("async-nostd", "async-nostdd")


class Bash:
    """An interactive bash, in which the two programs are functions that show their arguments."""

    def __init__(self, folder):
        tools.ensure(**{LIBRARY: "bash-completion"})
        self.folder = folder
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.environ.update(TERM="dumb", INPUTRC="/dev/null", HISTFILE="/dev/null", PS1="")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.heard = ""
        show = "{ printf '<%s>' \"$#\" \"$@\"; echo '<end>'; }"
        self.type(f"source {LIBRARY}; source '{SCRIPT}'; " + "; ".join(f"{name}() {show}" for name in PROGRAMS))
        self.run("async-nostd")

    def type(self, line):
        os.write(self.terminal, line.encode() + b"\n")

    def run(self, line):
        """Types a line, and returns the arguments that its program got."""
        self.heard = ""
        self.type(line)
        found = eventually(lambda: self.listen(r"<\d+>(.*)<end>"), lambda: f"{line!r}: {self.heard!r}", 5.0)
        return re.findall(r"<([^>]*)>", found[1])

    def listen(self, pattern):
        while select.select([self.terminal], [], [], 0.02)[0]:
            self.heard += os.read(self.terminal, 65536).decode(errors="replace")
        return re.search(pattern, self.heard)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.terminal)


@contextlib.contextmanager
def shell(run):
    """A bash in a new folder with some files."""
    if not shutil.which("bash"):
        raise Skip("there is no bash")
    folder = run.folder / f"completion-{time.monotonic_ns()}"
    folder.mkdir()
    for name in ("two words.conf", "hello.sock"):
        (folder / name).touch()
    bash = Bash(folder)
    try:
        yield bash
    finally:
        bash.close()


@test("the completion parses, and begins with its name")
def parses(run):
    equal(tools.output("bash", "-n", SCRIPT), "", "bash -n says")
    true(SCRIPT.read_text().startswith("# packaging/async-nostd.bash-completion — "), "its first line")


@test("{0}: all long options of --help, and no other", cases=PROGRAMS)
def all_options(run, name):
    expected = {option for option in options(program(run, name)) if option.startswith("--")}
    with shell(run) as bash:
        equal(sorted(bash.run(f"{name} --{ALL}")), sorted(expected), "options")


@test("--set: all settings of --print-config and no other, each with = and no space behind it")
def all_settings(run):
    run.need_build()
    with shell(run) as bash:
        expected = [f"{option_name(key)}=" for _, key in settings(run.executable)]
        equal(sorted(bash.run(f"async-nostd --set {ALL}")[1:]), sorted(expected), "settings")
        equal(bash.run(f"async-nostd --set idleT{TAB}5s"), ["--set", "idleTimeout=5s"], "words")


@test("a choice: the words that the program allows, after --set NAME= and --set=NAME=")
def choices(run):
    run.need_build()
    with shell(run) as bash:
        for _, key in settings(run.executable):
            right, name = allowed(run, key), option_name(key)
            if isinstance(right, list):
                first, *others = bash.run(f"async-nostd --set {name}={ALL}")[1:]
                equal(sorted([first.removeprefix(f"{name}="), *others]), sorted(right), f"values of {name}")
                words = bash.run(f"async-nostdd --set={name}={right[-1][:-1]}{TAB}")
                equal(words, [f"--set={name}={right[-1]}"], "words")


@test("{0}: its few values, after a space and after =", cases=("--reactor", "--accept", "--log-level"))
def values(run, option):
    run.need_build()
    right = allowed(run, "".join(part.capitalize() for part in option.removeprefix("--").split("-")))
    with shell(run) as bash:
        equal(sorted(bash.run(f"async-nostd {option} {ALL}")[1:]), sorted(right), "values")
        equal(bash.run(f"async-nostd {option}={right[0][:2]}{TAB}"), [f"{option}={right[0]}"], "words")


@test(
    "{0} and TAB",
    cases=(
        ("--config tw", "--config", "two words.conf"),
        ("--config=tw", "--config=two words.conf"),
        ("--log-file o", "--log-file", "off"),
        ("--log-file h", "--log-file", "hello.sock"),
        ("--set logFile=h", "--set", "logFile=hello.sock"),
        ("--origins https://a.example --rea", "--origins", "https://a.example", "--reactor"),
        ("--set listen=unix:/run/a --chec", "--set", "listen=unix:/run/a", "--check-config"),
    ),
)
def one(run, line, *expected):
    with shell(run) as bash:
        equal(bash.run(f"async-nostd {line}{TAB}"), list(expected), "words")


@test("unix:/ and the beginning of a path")
def unix(run):
    with shell(run) as bash:
        equal(bash.run(f"async-nostd 2 unix:{bash.folder}/h{TAB}"), ["2", f"unix:{bash.folder}/hello.sock"], "words")


@test("nothing is offered where no list can exist: after {0!r}", cases=("", "--origins ", "--set maxFrame="))
def nothing(run, line):
    with shell(run) as bash:
        equal(bash.run(f"async-nostd {line}{ALL}"), line.split(), "words")
