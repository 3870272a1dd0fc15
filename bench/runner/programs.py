# bench/runner/programs.py — builds what is measured and what measures, and fetches what every server has to answer

import re
import shutil
import subprocess

from . import answers, peers, scenarios
from .paths import BENCH, LOGS, PROGRAMS, TOP, WORK, make_folders
from .server import Server

#: program: sources, and what they need besides
SOURCES = {
    "load": (["load/*.c"], ["-flto"]),
    "probe": (["probe/probe.c"], []),
    "epoll": (["ceilings/epoll.c"], []),
    "uring": (["ceilings/uring.c"], ["-luring"]),
}
#: What of ours is measured: the server, and a program of its own that imports it.
OURS = ["async-nostd", "check-service"]
SWIFT_PEERS = ["hummingbird", "flyingfox"]
FLAGS = ["-O2", "-march=native", "-pthread", "-Wall", "-Wextra"]


def compile_all(names=SOURCES):
    """Compiles what is older than its sources."""
    make_folders()
    headers = [*BENCH.glob("*/*.h")]
    for name in names:
        patterns, libraries = SOURCES[name]
        sources = sorted(path for pattern in patterns for path in BENCH.glob(pattern))
        target = PROGRAMS / name
        newest = max(path.stat().st_mtime for path in [*sources, *headers])
        if not target.exists() or target.stat().st_mtime < newest:
            subprocess.run(["cc", *FLAGS, "-o", target, *sources, *libraries], check=True)


def build_ours():
    """The path of our static executable, built from this checkout. The one with handlers lies beside it."""
    for name in OURS:
        words = ["swift", "build", "-c", "release", "--product", name]
        subprocess.run(words, cwd=TOP, check=True, stdout=subprocess.DEVNULL)
    return TOP / ".build" / "release" / "async-nostd"


def build_swift_peers():
    """Builds the package of Swift peers. Returns why there are none, or nothing."""
    log, scratch = LOGS / "swift-peers.log", WORK / "swift"
    words = ["swift", "build", "-c", "release", "--scratch-path", str(scratch)]
    with open(log, "w") as output:
        status = subprocess.run(words, cwd=BENCH / "peers/swift", stdout=output, stderr=output).returncode
    if status != 0:
        said = re.findall(r"error: (.*)", log.read_text(errors="replace"))
        return f"cannot be built: {said[0]}" if said else f"cannot be built: see {log}"
    for name in SWIFT_PEERS:
        shutil.copy(scratch / "release" / name, PROGRAMS / name)
    return None


def swift_peer_versions():
    """What SwiftPM resolved, by the package's name in small letters."""
    listed = BENCH / "peers/swift/Package.resolved"
    text = listed.read_text() if listed.exists() else ""
    return dict(re.findall(r'"identity" : "([^"]+)".*?"version" : "([^"]+)"', text, re.DOTALL))


def use_ours(path):
    """Takes copies of our executables, as what is measured, and the server's answers as what all have to answer.
    Returns why there is no program with handlers, or nothing.
    """
    server, handlers = OURS
    beside = path.with_name(handlers)
    problem = None if beside.exists() else f"there is no {handlers} beside the async-nostd that is measured"
    take(path, server)
    if not problem:
        take(beside, handlers)
    fetch_answers(peers.BY_NAME["async-nostd-nolog"])
    return problem


def take(path, name):
    """Copies a program to where those that are measured are. One that runs still keeps its file."""
    make_folders()
    copy = PROGRAMS / name
    copy.unlink(missing_ok=True)
    shutil.copy(path, copy)


def fetch_answers(peer):
    with Server(peer, scenarios.BY_NAME["http"], "two") as server:
        answers.take_from(server)
