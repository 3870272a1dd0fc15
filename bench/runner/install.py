# bench/runner/install.py — has apt-get install peers and libraries, without letting their services start

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

#: Debian's scripts ask it before they start a service; 101 forbids it.
POLICY = Path("/usr/sbin/policy-rc.d")


def missing(programs):
    """Of a dictionary from programs (or paths) to packages: the packages that are not there."""
    return sorted(
        {package for program, package in programs.items() if not shutil.which(program) and not Path(program).exists()}
    )


def install(programs):
    """Installs what is missing. What cannot be installed is reported later, where it is needed."""
    packages = missing(programs)
    if not packages:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"bench: not installed, and only root can install it: {' '.join(packages)}")
        return
    print(f"bench: apt-get install {' '.join(packages)}", flush=True)
    with services_forbidden():
        # One by one: a package that cannot be had must not keep the others away.
        for package in packages:
            if not apt("install", "-y", "--no-install-recommends", package):
                apt("update")
                apt("install", "-y", "--no-install-recommends", package)


@contextmanager
def services_forbidden():
    """While packages are installed. A machine that has a policy already keeps it, if it forbids."""
    previous = POLICY.read_text() if POLICY.exists() else None
    if previous is None or "exit 101" not in previous:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if previous is None:
            POLICY.unlink()
        elif POLICY.read_text() != previous:
            POLICY.write_text(previous)


def apt(*words):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", "-q", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return done.returncode == 0


def version_of(peer):
    """What a peer's own program says of its version, or nothing."""
    if not peer.version:
        return ""
    words, pattern = peer.version
    try:
        done = subprocess.run(words.split(), capture_output=True, text=True)
    except OSError:
        return ""
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else ""
