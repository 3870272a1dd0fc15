# bench/runner/load.py — one sample: the load generator against a server

import json
import os
import subprocess

from .paths import PROGRAMS, cores


def measure(server, scenario, layout, seconds, warmup=0.4):
    """What the load generator prints, as a dictionary; with a key `wrong` if the sample does not count."""
    words = [PROGRAMS / "load", *scenario.load.split(), "--path", scenario.path, "--port", server.port]
    words += ["--seconds", seconds, "--warmup", warmup]
    if layout == "two" and "--connections 1 " not in scenario.load + " ":
        words += ["--threads", 2]
    for pid in server.pids():
        words += ["--pid", pid]
    try:
        done = subprocess.run(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds + warmup + 20,
            preexec_fn=lambda: os.sched_setaffinity(0, cores(layout, "load")),
        )
    except subprocess.TimeoutExpired:
        return {"wrong": "hangs"}
    if done.returncode != 0:
        return {"wrong": done.stderr.strip() or f"the load generator ended with {done.returncode}"}
    sample = json.loads(done.stdout)
    if server.process.poll() is not None:
        sample["wrong"] = f"died with {server.process.returncode}"
    elif sample["errors"] or sample["closed"] or sample["operations"] < 5:
        sample["wrong"] = f"{sample['errors']} errors, {sample['closed']} closed, {sample['operations']} answers"
    return sample


def noise(sample):
    """Cores' worth of CPU that neither the server nor the load generator used."""
    return sample.get("others_busy", 0) + sample.get("stolen", 0)
