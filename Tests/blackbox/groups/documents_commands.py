# Tests/blackbox/groups/documents_commands.py — the commands in the Markdown files: run as they stand, or known to a test

import contextlib
import inspect
import io
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from .. import selection, tools
from ..client import Connection, request
from ..daemon import MANAGED, program
from ..framework import Failure, Skip, equal, eventually, test, tests_of, true
from ..markdown import DOCUMENTS, Document, commands_of
from ..process import listens
from ..site import free_port
from .documents import GROUP, ORDER  # noqa: F401 (read by the runner)

LANGUAGES = ("console", "sh", "text", "ini", "swift", "")
#: Ports of the examples. Each test has free ones in their place.
PORTS = re.compile(r"\b(?:8000|808[0-9]|4808[0-9])\b")
SOCKET = "/run/hello.sock"
#: Marks where a command's output ends.
END = "end of output:"


@dataclass
class Elsewhere:
    """Commands that are not run here, since they need root, systemd or a long time, and the test that runs them."""

    pattern: str
    group: str
    test: str
    words: tuple  # what the test's module, or one of tests' tools, has to hold


PACKAGE = "dpkg -i, systemctl start async-nostd.socket, curl: "
ELSEWHERE = (
    Elsewhere(r"swift run -c release async-nostd\b.*", "cli", "swift run starts", ("swift", "run", "async-nostd")),
    Elsewhere(
        r"swift build -c release(?: --product async-nostd)?", "cli", "swift run starts", ('"swift", "build", "-c"',)
    ),
    Elsewhere(r"swift run -c release hello &", "handlers", "the service in docs/library.md", ('"swift", "build"',)),
    Elsewhere(r"curl .*/hello/world", "handlers", "the service in docs/library.md", ("/hello/world",)),
    Elsewhere(r"addr2line -Cfipe \.build/.*", "clients", "a trap of a release build says where", ('"addr2line", "-Cfipe"',)),
    Elsewhere(r"dpkg -i async-nostd_\S+", "package", PACKAGE, ('"dpkg", "-i"',)),
    Elsewhere(r"systemctl start async-nostd.socket", "package", PACKAGE, ('"systemctl", "start", SOCKET',)),
    Elsewhere(r"curl -sS http://localhost:8080/healthz", "package", PACKAGE, ("http://localhost:8080/healthz",)),
    Elsewhere(
        r"systemctl status async-nostd.service", "package", "systemctl status shows", ('"systemctl", "status", SERVICE',)
    ),
    Elsewhere(r"packaging/system-container \S+", "package", PACKAGE, ("packaging/system-container",)),
    Elsewhere(
        r"apt-get install .*", "package", "`dpkg-buildpackage -us", ("build-essential", "debhelper", "libsystemd-dev")
    ),
    Elsewhere(r"dpkg-buildpackage -us -uc -b", "package", "`dpkg-buildpackage -us", ('"-us", "-uc", "-b"',)),
    Elsewhere(r"journalctl -u async-nostd .*", "package", "journalctl -u async-nostd shows", ("TAG=START", "--priority=")),
)


def plain(command):
    """A command without the remark behind it."""
    return re.sub(r"\s+# .*", "", command).strip()


def elsewhere(command):
    return next((each for each in ELSEWHERE if re.fullmatch(each.pattern, plain(command))), None)


def is_of_tests(command):
    return re.match(r"(?:[A-Z_]+=\S+ )*python3 test\.py\b", command)


def is_server(command):
    return command.startswith("async-nostd ")


def blocks(name, language=None):
    return [block for block in Document(name).blocks if language in (None, block.language)]


CONSOLES = [(name, block.line) for name in DOCUMENTS for block in blocks(name, "console")]


def is_run_here(name, line):
    block = next(block for block in blocks(name) if block.line == line)
    return not all(elsewhere(command) for command, _ in commands_of(block))


# What is not run


@test("every fenced block is of a language that a test knows, and every command in one is run, or known to a test")
def known(run):
    for name in DOCUMENTS:
        for block in blocks(name):
            true(block.language in LANGUAGES, f"{name}:{block.line}: a block of {block.language!r}")
            if block.language == "sh":
                for command, _ in commands_of(block):
                    ours = is_of_tests(command) or command.startswith("bench/") or is_server(command)
                    true(ours or elsewhere(command), f"{name}:{block.line}: no test runs {command!r}")


@test("the tests that run a document's commands elsewhere exist, and have their words")
def exist(run):
    tests = [(each.group, each.name, module) for module in run.modules for each in tests_of(module)]
    helpers = "".join(path.read_text() for path in sorted((tools.TOP / "Tests/blackbox").glob("*.py")))
    for entry in ELSEWHERE:
        modules = [module for group, name, module in tests if group == entry.group and name.startswith(entry.test)]
        true(modules, f"no test {entry.group}: {entry.test}")
        text = inspect.getsource(modules[0]) + helpers
        for word in entry.words:
            true(word in text, f"{entry.group}: {entry.test}: no {word!r} there")


@test("every call of test.py in a document, in a block or a line, names tests that exist")
def of_tests(run):
    found = set()
    for name in DOCUMENTS:
        document = Document(name)
        for block in document.blocks:
            found |= {(name, plain(command)) for command, _ in commands_of(block) if is_of_tests(command)}
        for _, span in document.spans():
            if re.match(r"(?:python3 )?test\.py [a-z-]", span):
                found.add((name, "python3 " + span.removeprefix("python3 ")))
    true(len(found) > 5, f"calls of test.py: {found}")
    for name, command in sorted(found):
        words = shlex.split(command.partition("test.py")[2])
        try:
            with contextlib.redirect_stderr(io.StringIO()) as said:
                tests = selection.select(selection.parse(words, run.modules), run.modules, run)
        except SystemExit:
            raise Failure(f"{name}: {command!r}: {said.getvalue()}") from None
        true(tests, f"{name}: {command!r} lists no test")


@test("every call of the bench in a document is one that it understands")
def of_bench(run):
    for name in DOCUMENTS:
        document = Document(name)
        commands = [command for block in document.blocks for command, _ in commands_of(block)]
        commands += [span for _, span in document.spans()]
        for command in filter(lambda command: re.match(r"bench/\w+( |$)", command), commands):
            path, _, rest = command.partition(" ")
            options = re.findall(r"(?<!\S)--[a-z-]+", rest)
            true((tools.TOP / path).exists(), f"{name}: no {path}")
            usage = tools.output(tools.TOP / path, "--help") if options else ""
            for option in options:
                true(option in usage, f"{name}: {path} has no option {option}")


# What is run


@contextlib.contextmanager
def workshop(run):
    """A folder in which the repository's files and the built programs are, and an environment for commands there."""
    tools.ensure(curl="curl")
    folder = run.folder / f"documents-{time.monotonic_ns()}"
    (folder / "bin").mkdir(parents=True)
    (folder / ".build").mkdir()
    (folder / ".build/release").symlink_to(program(run).parent)
    for path in (program(run, "async-nostd"), program(run)):
        (folder / "bin" / path.name).symlink_to(path)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(MANAGED)}
    yield folder, {**environment, "PATH": f"{folder}/bin:{environment['PATH']}", "ASYNC_NOSTD_LOG_FILE": f"{folder}/log"}


class Examples:
    """Replaces the ports and paths of the examples by free ones, always in the same way."""

    def __init__(self, folder):
        self.folder, self.ports = folder, {}

    def __call__(self, text):
        text = PORTS.sub(lambda match: str(self.ports.setdefault(match[0], free_port())), text)
        return text.replace(SOCKET, f"{self.folder}/hello.sock")


class Shell:
    """A bash that runs one command after the other; their output, both streams together, comes back."""

    def __init__(self, folder, environment):
        self.popen = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, command, seconds=20):
        if command.endswith("&"):
            command = command.removesuffix("&") + "> background 2>&1 &"
        self.popen.stdin.write(f"{command}\nprintf '\\n{END}\\n'\n".encode())
        self.popen.stdin.flush()
        heard, deadline, stream = b"", time.monotonic() + seconds, self.popen.stdout.fileno()
        while not heard.endswith(f"\n{END}\n".encode()):
            if not select.select([stream], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure(f"{command!r} does not end; it says {heard.decode(errors='replace')!r}")
            piece = os.read(stream, 65536)
            true(piece, f"{command!r} ended the shell; it said {heard!r}")
            heard += piece
        return heard.decode(errors="replace").removesuffix(f"\n{END}\n")

    def close(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)
            time.sleep(0.1)
        self.popen.wait()


def matches(heard, expected):
    """Whether output is what a document shows, in which `…` stands for anything."""
    pattern = re.escape(expected.rstrip("\n")).replace("\\…\n", "…\n").replace("…", "(?s:.*)")
    return re.fullmatch(pattern, heard.rstrip("\n"))


@test("what {0} shows at line {1} is what happens", cases=[pair for pair in CONSOLES if is_run_here(*pair)])
def consoles(run, name, line):
    block = next(block for block in blocks(name) if block.line == line)
    commands = commands_of(block)
    if any("systemd-socket-activate" in command for command, _ in commands):
        if not shutil.which("systemd-socket-activate"):
            raise Skip("systemd-socket-activate is not installed")
    with workshop(run) as (folder, environment):
        examples = Examples(folder)
        for file in blocks(name, "ini"):
            (folder / (file.word or "nameless.conf")).write_text(examples(file.text))
        shell = Shell(folder, environment)
        try:
            for command, expected in ((examples(one), examples(other)) for one, other in commands):
                heard = shell.run(command)
                if command.endswith("&"):
                    ports = [port for port in examples.ports.values() if str(port) in command]
                    eventually(lambda ports=ports: all(map(listens, ports)), f"nothing listens after {command!r}", 5)
                true(matches(heard, expected), f"{command!r} says\n{heard}\nnot\n{expected}")
        finally:
            shell.close()


@test("the servers that the documents start, in blocks of sh, start, answer and stop")
def servers(run):
    commands = [
        plain(command)
        for name in DOCUMENTS
        for block in blocks(name, "sh")
        for command, _ in commands_of(block)
        if is_server(command)
    ]
    true(len(commands) >= 5, f"only {commands}")
    with workshop(run) as (folder, environment):
        environment["ASYNC_NOSTD_LISTEN"] = f"127.0.0.1:{free_port()}"  # for those that do not name a port
        for command in commands:
            examples = Examples(folder)
            words = shlex.split(examples(command))
            address = address_of(words, examples, environment)
            with subprocess.Popen(
                words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as popen:
                try:
                    eventually(lambda address=address: answers(address), f"{command!r} does not answer", 5)
                finally:
                    popen.terminate()
                equal(popen.wait(10), 0, f"exit status of {command!r}")


def address_of(words, examples, environment):
    """Where a server with these words listens."""
    if unix := next((word for word in words if word.startswith("unix:")), None):
        return unix.removeprefix("unix:")
    port = next(iter(examples.ports.values()), None) or int(environment["ASYNC_NOSTD_LISTEN"].rpartition(":")[2])
    return ("::1" if any("::" in word for word in words) else "127.0.0.1", port)


def answers(address):
    with contextlib.suppress(OSError), Connection(address) as connection:
        return connection.exchange(request("/healthz")).body == b"ok\n"


@test("the configuration files in the documents have no error")
def files(run):
    for name in DOCUMENTS:
        for block in blocks(name, "ini"):
            path = run.folder / f"{time.monotonic_ns()}.conf"
            path.write_text(block.text)
            tools.output(program(run), "--config", path, "--check-config")
