# Tests/blackbox/groups/clients.py — independent clients, PyPI's `websockets` and `wsproto`, against the server

import functools
import subprocess
import sys
from pathlib import Path

from .. import tools
from ..framework import Failure, Skip, test

GROUP, ORDER, AGAINST_URL, SHARED_SITE = "clients", 44, True, True

VERSIONS = {"websockets": "17.4", "wsproto": "1.3.2"}
#: Kept from run to run; another version gets another folder.
FOLDER = Path("/tmp/async-nostd-venv") / "-".join(f"{name}{version}" for name, version in VERSIONS.items())
PYTHON = FOLDER / "bin/python"
SCENARIOS = {
    "websockets": (
        "echo",
        "fragmentation",
        "ping",
        "close",
        "limit",
        "offers",
        "refusal",
        "term",
        "crowd",
        "pipeline",
    ),
    "wsproto": ("echo", "fragmentation", "ping", "close", "limit", "failures", "offers", "refusal"),
}


@functools.cache
def why_missing():
    """Makes sure of a virtual environment with the libraries in it; returns why there is none, or None if there is."""
    probe = (PYTHON, "-c", f"import {', '.join(VERSIONS)}")
    if PYTHON.exists() and tools.command(*probe)[0] == 0:
        return None
    make = (sys.executable, "-m", "venv", "--clear", FOLDER)
    pinned = [f"{name}=={version}" for name, version in VERSIONS.items()]
    install = (PYTHON, "-m", "pip", "install", "-q", "--retries", "1", "--timeout", "10", *pinned)
    for words in (make, install, probe):
        try:
            status, text = tools.command(*words, limit=60)
        except subprocess.TimeoutExpired:
            status, text = 1, "it takes too long"
        if status != 0:
            return f"could not be installed: {' '.join(pinned)}: {(text.strip() or 'no word').splitlines()[-1]}"
    return None


@test(
    "{0}: {1}",
    limit=150.0,
    cases=[(library, scenario) for library, scenarios in SCENARIOS.items() for scenario in scenarios],
)
def scenario(site, library, name):
    if problem := why_missing():
        raise Skip(problem)
    host, port = site.address
    script = Path(__file__).parent.parent / f"clients/with_{library}.py"
    status, text = tools.command(PYTHON, "-B", script, host, port, name, limit=60)
    if status != 0:
        raise Failure(f"{script.name} {name}: exit status {status}\n{text}")
