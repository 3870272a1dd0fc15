# Tests/blackbox/tools.py — running commands, and installing the programs that a test needs

import contextlib
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from .framework import Failure, Skip

TOP = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def process(words, environment=None, folder=TOP):
    """Runs a command with both its streams in one pipe. What is left of it, children too, is killed at the end."""
    child = subprocess.Popen(
        [str(word) for word in words],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()


def command(*words, environment=None, limit=900, folder=TOP):
    """Runs a command to its end; returns exit status and everything it printed, both streams together."""
    with process(words, environment, folder) as child:
        text, _ = child.communicate(timeout=limit)
        return child.returncode, text


def output(*words, **options):
    """What a command printed; its failure fails the test."""
    status, text = command(*words, **options)
    if status != 0:
        raise Failure(f"{' '.join(map(str, words))}: exit status {status}\n{text}")
    return text


def lines_of(*words, environment=None):
    """Runs a command and yields its lines as they come; the last value is its exit status (an int)."""
    with process(words, environment) as child:
        for line in child.stdout:
            yield line.rstrip("\n")
        yield child.wait()


def ensure(**programs):
    """Makes sure of programs: `ensure(spin="spin", readelf="binutils")` maps each to its Debian package. A path does too.

    Root has what is missing installed by apt-get; another user skips the test.
    """
    missing = {program: package for program, package in programs.items() if not shutil.which(program) and not Path(program).exists()}
    if not missing:
        return
    names = ", ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Skip(f"{names} not installed, and only root can install it")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "-y", "-q", "--no-install-recommends", *sorted(set(missing.values())))
    status, text = command(*install, environment=environment)
    if status != 0:
        command("apt-get", "update", "-q", environment=environment)
        status, text = command(*install, environment=environment)
    if status != 0:
        raise Skip(f"{names} could not be installed: {text.strip().splitlines()[-1]}")


def swift_sources():
    """The text of all Swift files under `Sources`, one behind the other."""
    return "".join(path.read_text() for path in sorted((TOP / "Sources").rglob("*.swift")))


def log_tags():
    """All tags of the log, as the sources have them."""
    text = swift_sources()
    return re.findall(r'LogTag\("(\[\w+\])"\)', text) + re.findall(r'"(\[PANIC\])', text)
