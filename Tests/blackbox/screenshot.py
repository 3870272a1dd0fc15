#!/usr/bin/env python3
# Tests/blackbox/screenshot.py — a picture of the page in use: screenshot.py URL FILE [--dark] [--width N] [--height N]

import argparse
import sys
import time
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blackbox.console import Console  # noqa: E402 (the path has to be set first)
from blackbox.framework import Failure, Skip  # noqa: E402
from blackbox.site import Remote  # noqa: E402


def main(words):
    """Has a short conversation in the console at URL and writes what it looks like to FILE, as PNG."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("url", help="where the service runs: http://host:port")
    parser.add_argument("file", type=Path)
    parser.add_argument("--dark", action="store_true", help="for a reader who prefers dark (default: light)")
    parser.add_argument("--width", type=int, default=1200, metavar="N", help="in pixels (default: 1200)")
    parser.add_argument("--height", type=int, default=760, metavar="N", help="in pixels (default: 760)")
    options = parser.parse_args(words)
    url = urllib.parse.urlsplit(options.url)
    site = Remote((url.hostname, url.port or 80))
    try:
        with Console(site, dark=options.dark, width=options.width, height=options.height, still=True) as console:
            converse(console)
            options.file.write_bytes(console.tab.screenshot())
    except (Failure, Skip) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def converse(console):
    """Some lines, some bytes, and a line that is being typed."""
    time.sleep(1.0)  # The page has just been laid out for the first time.
    exchange(console, "hello from a browser")
    exchange(console, "Grüße, Ωμέγα, привет: UTF-8 is checked as it comes")
    console.tab.click("#binary")
    exchange(console, "de ad be ef 00 ff")
    console.tab.click("#binary")
    exchange(console, '{"kind": "json", "fits": true}')
    console.tab.click("#input")
    console.tab.type("every answer shows how long it took")
    # Two looks at /metrics: from then on there are figures for each second.
    looks = console.tab.traffic.of("/metrics")
    seen = len([each for each in looks if each.finished])
    console.tab.wait(
        lambda: sum(each.finished for each in console.tab.traffic.of("/metrics")) >= seen + 2, "no figures"
    )


def exchange(console, line):
    """Sends a line and has its echo, and lets the page paint before and after: that would lengthen the time shown."""
    socket = next(iter(console.tab.traffic.sockets.values()))
    seen = len(socket.received)
    console.tab.click("#input")
    console.tab.type(line)
    time.sleep(0.5)
    console.tab.press("Enter")
    console.tab.wait(lambda: len(socket.received) > seen, "no echo")
    time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
