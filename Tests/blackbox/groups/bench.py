# Tests/blackbox/groups/bench.py — that the bench runs; how fast anything is, is no matter of tests

import os
import subprocess
import sys

from .. import tools
from ..framework import Skip, equal, test

GROUP, ORDER = "bench", 76


@test("`bench/run --quick` measures this server, ceilings and a peer", limit=300.0)
def quick(run):
    if os.geteuid() != 0:
        raise Skip("needs root, to install the peers")
    done = subprocess.run(
        [sys.executable, str(tools.TOP / "bench/run"), "--quick", "--ours", str(run.executable)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
    )
    equal(done.returncode, 0, "status of\n" + done.stdout[-2000:])
    equal(done.stdout.strip().splitlines()[-1], "bench: ok", "last line")
