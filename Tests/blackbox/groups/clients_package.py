# Tests/blackbox/groups/clients_package.py — Tests/Client, a package that depends on this one: debug builds, traps, misuse

import functools
import re
import signal
import subprocess

from .. import tools
from ..framework import equal, test, true

GROUP, ORDER, NEEDS_BUILD = "clients", 45, False

BUILDS = ("debug", "release")
SOURCE = tools.TOP / "Tests/Client/Sources/Main.swift"
#: What a debug build says of a trap: the file, a number if the line is not the one in SOURCE, the message.
MESSAGES = {
    "fatal": r"client/Main\.swift:LINE: Fatal error: as was asked",
    "index": r"Swift/\w+\.swift:\d+: Fatal error: Index out of range",
    "overflow": None,
    "precondition": r"client/Main\.swift:LINE: Precondition failed: the number is zero",
    "forced": r"client/Main\.swift:LINE: Fatal error: Unexpectedly found nil while unwrapping an Optional value",
    "library": r"Runtime/Scheduler\.swift:\d+: Precondition failed: no such worker",
}
#: What every build says of a use that cannot work.
MISUSES = {
    "workers": "workers or stackSize is out of bounds",
    "stack": "workers or stackSize is out of bounds",
    "unprepared": "call Runtime.prepare first",
    "task": "call Runtime.prepare first",
    "handle": "call Runtime.prepare first",
    "acceptor": "call start() before Runtime.run",
    "log": "make a LogWriter before Runtime.run",
    "park": "park() without a TaskHandle",
}


@functools.cache
def built(build):
    """Builds the package; returns the program's path."""
    scratch = tools.TOP / ".build-client"
    package = ("--package-path", "Tests/Client", "--scratch-path", scratch)
    tools.output("swift", "build", "-c", build, *package, limit=800)
    return scratch / build / "client"


def client(build, deed):
    """Runs the program; returns exit status, standard output and standard error."""
    words = (built(build), deed)
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout, done.stderr


def line_of(deed):
    """The line of SOURCE that goes wrong."""
    lines = SOURCE.read_text().splitlines()
    return max(number for number, line in enumerate(lines, 1) if line.strip().startswith(f"case .{deed}:"))


def panic(text, number):
    """The groups of the `[PANIC]` line, which is the last one of `text`."""
    form = r"\[PANIC\] signal=(\w+) ip=(\w+) image=\w+ address=\w+ thread=\d+(?: callers=(\S+))?(?: reason=(.+))?\n"
    match = re.fullmatch(r"(?s)(.*?)" + form, text)
    true(match, f"standard error: {text!r}")
    equal(match[2], signal.Signals(number).name, "the signal")
    return match[1], match[3], match[4], match[5]


@test("a {0} build runs dictionaries, sets, print and integers of 128 bits", cases=BUILDS, limit=900.0)
def ordinary(run, build):
    wide = 1 << 100
    lines = f"counted 15 7 50\nwide {wide // 3 % 1000} {wide // 7 % 1000}\nrounded 3 35\n"
    equal(client(build, "compute"), (0, lines, ""), "status, output, errors")


@test("a trap of a debug build says file, line and message: {0}", cases=tuple(MESSAGES), limit=900.0)
def trap_in_debug(run, deed):
    tools.ensure(addr2line="binutils")
    status, output, errors = client("debug", deed)
    equal((status, output), (-signal.SIGILL, ""), "status, output")
    before, address, callers, reason = panic(errors, signal.SIGILL)
    if MESSAGES[deed]:
        form = MESSAGES[deed].replace("LINE", str(line_of(deed)))
        true(re.fullmatch(form + "\n", before), f"the message: {before!r}")
        equal(reason, before.rstrip("\n"), "the panic's reason")
    places = where("debug", address, *callers.split(","))
    true(f"Main.swift:{line_of(deed)}\n" in places, f"the calls:\n{places}")


@test("a trap of a release build says where, for addr2line: {0}", cases=tuple(MESSAGES), limit=900.0)
def trap_in_release(run, deed):
    tools.ensure(addr2line="binutils")
    status, output, errors = client("release", deed)
    equal((status, output), (-signal.SIGILL, ""), "status, output")
    before, address, *_ = panic(errors, signal.SIGILL)
    equal(before, "", "what comes before the panic")
    places = where("release", address)
    true(f"Main.swift:{line_of(deed)}\n" in places, f"the place:\n{places}")


def where(build, *addresses):
    return tools.output("addr2line", "-Cfipe", built(build), *addresses)


@test("a stack overflow of a {0} build says so", cases=BUILDS, limit=900.0)
def overflow(run, build):
    status, _, errors = client(build, "recurse")
    equal(status, -signal.SIGSEGV, "status")
    size = 262144 if build == "debug" else 65536
    equal(panic(errors, signal.SIGSEGV)[3], f"stack overflow of worker 0 size={size}", "reason")


@test("a {0} build says what is wrong: {1}", cases=[(b, deed) for b in BUILDS for deed in MISUSES], limit=900.0)
def misuse(run, build, deed):
    status, output, errors = client(build, deed)
    equal((status, output), (-signal.SIGILL, ""), "status, output")
    before, *_, reason = panic(errors, signal.SIGILL)
    equal((before, reason), ("", MISUSES[deed]), "the panic's reason")
