# bench/runner/instructions.py — callgrind's instructions and strace's system calls for each request: no clock, no noise
"""Counts what executables of ours do in user space for one request or echo, and their system calls:

  bench/instructions .build/release/async-nostd
  bench/instructions old/async-nostd new/async-nostd --scenario http,close
  bench/instructions new/async-nostd --scenario browser --functions 20

One connection asks, one request at a time, a server with one worker; the figures are the difference of a long run and a
short one, for each request. A server that polls before it sleeps counts that too: look at pipelined scenarios then.
valgrind counts `rep movsb`, by which ours copies the page, as one instruction for each byte; it takes far less.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import answers, install
from .paths import BENCH
from .server import end_with_servers, family, free_port

SHORT, LONG = 200, 1200
#: scenario: what is sent (see `traffic`), and how much at once
SCENARIOS = {
    "http": ("GET", "", 1),
    "browser": ("GET", "browser", 1),
    "pipe16": ("GET", "", 16),
    "close": ("GET", "close", 1),
    "ws20": ("echo", 20, 1),
    "ws20p16": ("echo", 20, 16),
    "ws1k": ("echo", 1024, 1),
    "ws64k": ("echo", 65536, 1),
}
#: The fields that the load generator sends in this scenario.
BROWSER = "".join(
    f"{field}\r\n"
    for field in re.findall(r'^    "([\w-]+: .*)\\r\\n"', (BENCH / "load/batch.c").read_text(), re.MULTILINE)
)
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def traffic(port, kind, detail, depth, count):
    """Has `count` requests or messages answered."""
    if detail == "close":
        for _ in range(count):
            with answers.Client(port) as client:
                client.request("/", "Connection: close\r\n")
                client.answer()
        return
    with answers.Client(port) as client:
        client.socket.settimeout(30)
        if kind == "echo":
            client.request("/ws", UPGRADE)
            client.head()
            message = answers.frame(2, b"a" * detail)
        for _ in range(0, count, depth):
            if kind == "echo":
                client.send(message * depth)
                client.take((len(message) - 4) * depth)
            else:
                client.request("/", BROWSER if detail == "browser" else "", depth)
                for _ in range(depth):
                    client.answer()


def run_under(tool, executable, scenario, count):
    """Serves `count` requests under a tool (a list of words), and ends the server."""
    port = free_port()
    words = [*tool, str(executable), "1", "127.0.0.1", str(port), "--log-file", "off"]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            for attempt in range(300):
                try:
                    answers.Client(port).socket.close()
                    break
                except OSError:
                    time.sleep(0.1)
                    if process.poll() is not None or attempt == 299:
                        said.seek(0)
                        raise SystemExit(f"{' '.join(words)}: does not serve\n{said.read()}") from None
            traffic(port, *SCENARIOS[scenario], count)
        finally:
            # strace ends when the server does, which is its child; valgrind is the server.
            os.kill(family(process.pid)[-1], signal.SIGTERM)
            process.wait()


def instructions(executable, scenario, count, folder):
    """All instructions of a run."""
    out = folder / f"{executable.name}.{scenario}.{count}.callgrind"
    run_under(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"], executable, scenario, count)
    return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1]), out


def system_calls(executable, scenario, count, folder):
    """How often each was made."""
    out = folder / "strace"
    run_under(["strace", "-f", "-c", "-U", "calls,name", "-o", str(out)], executable, scenario, count)
    return {
        name: int(calls)
        for calls, name in re.findall(r"^\s*(\d+)\s+(\w+)$", out.read_text(), re.MULTILINE)
        if name != "total"
    }


def per_request(executable, scenario, folder):
    """Instructions for each request, the profile of the long run, and the system calls of a request."""
    short, _ = instructions(executable, scenario, SHORT, folder)
    long, profile = instructions(executable, scenario, LONG, folder)
    few, many = (system_calls(executable, scenario, count, folder) for count in (SHORT, LONG))
    calls = {name: (many[name] - few.get(name, 0)) / (LONG - SHORT) for name in many}
    shown = sorted(((share, name) for name, share in calls.items() if share >= 0.005), reverse=True)
    return (long - short) / (LONG - SHORT), profile, shown


def stripped(path, index, folder):
    """A copy without debug information, which valgrind 3.19 cannot read; the names of functions stay."""
    copy = folder / f"{index}-{Path(path).name}"
    if not Path(path).is_file():
        raise SystemExit(f"{path}: no such executable")
    subprocess.run(["strip", "--strip-debug", "-o", copy, path], check=True)
    return copy


def show_functions(profile, count):
    lines = subprocess.run(["callgrind_annotate", profile], capture_output=True, text=True).stdout.splitlines()
    starts = [index for index, line in enumerate(lines) if "file:function" in line]
    for line in lines[starts[0] + 2 :][:count] if starts else []:
        print("    " + line[:150])


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/instructions", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("executables", nargs="+", metavar="EXECUTABLE")
    parser.add_argument("--scenario", default=",".join(SCENARIOS), help=f"default {','.join(SCENARIOS)}")
    parser.add_argument("--functions", type=int, default=0, metavar="N", help="the N functions with the most of them")
    options = parser.parse_args(arguments)
    end_with_servers()
    install.install({"valgrind": "valgrind", "strace": "strace", "strip": "binutils"})
    if not all(map(shutil.which, ("valgrind", "strace"))):
        raise SystemExit("valgrind and strace are needed")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        copies = [stripped(path, index, folder) for index, path in enumerate(options.executables)]
        for scenario in options.scenario.split(","):
            if scenario not in SCENARIOS:
                raise SystemExit(f"unknown scenario {scenario}; there are {', '.join(SCENARIOS)}")
            first = None
            for path, copy in zip(options.executables, copies):
                count, profile, calls = per_request(copy, scenario, folder)
                first = first or count
                listed = ", ".join(f"{name} {share:.2f}" for share, name in calls)
                print(f"{scenario:9}{count:12,.1f} {count / first:7.3f}  calls: {listed}  {path}", flush=True)
                if options.functions:
                    show_functions(profile, options.functions)
