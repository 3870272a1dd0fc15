# bench/runner/machine.py — what the figures were taken on

import os
import re
import subprocess
import time
from pathlib import Path

from .paths import CORES, TOP


def first(pattern, path):
    """The first match in a file of /proc or /etc, or a question mark."""
    try:
        found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else "?"


def said(*words):
    """The first line that a command prints."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, cwd=TOP)
    except OSError:
        return "?"
    return (done.stdout.strip() or "?").splitlines()[0]


def facts():
    """Name and value of everything that a reader of the figures may want to know."""
    memory = int(first(r"^MemTotal:\s+(\d+)", "/proc/meminfo")) >> 20
    processor = first(r"^model name\s*:(.*)", "/proc/cpuinfo")
    changed = " and changes" if said("git", "status", "--porcelain", "--", "Sources", "Package.swift") != "?" else ""
    return {
        "taken": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": said("git", "rev-parse", "--short", "HEAD") + changed,
        "processor": f"{processor}, {len(CORES)} cores, {memory} GiB",
        "hypervisor": said("systemd-detect-virt", "--vm"),
        "kernel": f"Linux {os.uname().release}",
        "system": first(r'^PRETTY_NAME="(.*)"', "/etc/os-release"),
        "Swift": first_version(said("swift", "--version")),
        "C compiler": said("cc", "--version"),
    }


def first_version(text):
    found = re.search(r"Swift version (\S+)", text)
    return found[1] if found else text
