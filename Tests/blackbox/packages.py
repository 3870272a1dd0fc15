# Tests/blackbox/packages.py — the Debian package: building it twice, a newer one, what is in it

import concurrent.futures
import functools
import os
import shutil
import signal
from pathlib import Path

from . import tools
from .framework import Failure, Skip, true

#: The package to test, if it is there already.
GIVEN = os.environ.get("ASYNC_NOSTD_DEB")

#: What is no part of the sources.
LEFT_OUT = shutil.ignore_patterns(".git", ".build*", "__pycache__", "Package.resolved")
#: What `dpkg-buildpackage` needs beside Swift, and the package that brings it.
BUILDERS = {
    "/usr/share/build-essential": "build-essential",
    "dpkg-buildpackage": "dpkg-dev",
    "dh": "debhelper",
    "pkg-config": "pkg-config",
    "/usr/include/systemd/sd-daemon.h": "libsystemd-dev",
}


def once(make):
    """Remembers what a function of a `Run` returned. If it fails, so does the first test that calls it; the others are
    skipped, as what takes minutes is not tried again. The time of the test does not run meanwhile.
    """
    made, problems = {}, {}

    @functools.wraps(make)
    def remembered(run):
        if run in problems:
            raise Skip(problems[run])
        if run not in made:
            clock = signal.setitimer(signal.ITIMER_REAL, 0)
            try:
                made[run] = make(run)
            except Skip as skip:
                problems[run] = str(skip)
                raise
            except Failure:
                problems[run] = f"{make.__name__}: failed in a test above"
                raise
            finally:
                signal.setitimer(signal.ITIMER_REAL, *clock)
        return made[run]

    return remembered


def build(folder):
    """Builds the package in a copy of the sources at `folder`/async-nostd; returns the .deb."""
    tools.ensure(**BUILDERS)
    if not shutil.which("swift"):
        raise Skip("swift is not on PATH")
    sources = folder / "async-nostd"
    shutil.copytree(tools.TOP, sources, ignore=LEFT_OUT)
    tools.output("dpkg-buildpackage", "-us", "-uc", "-b", folder=sources, limit=1800)
    return only(folder, "async-nostd_*.deb")


def only(folder, pattern):
    """The only file of this name."""
    found = sorted(folder.glob(pattern))
    true(len(found) == 1, f"{pattern} in {folder}: {[path.name for path in found]} instead of one")
    return found[0]


@once
def builds(run):
    """Two packages, built at the same time in different places: as what is to be compared, and as it takes long."""
    if GIVEN:
        raise Skip("$ASYNC_NOSTD_DEB is given, so nothing is built")
    folders = [run.folder / "package", run.folder / "elsewhere/a-longer-name"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(build, folders))


@once
def package(run):
    """The .deb: that of $ASYNC_NOSTD_DEB, or one that is built."""
    return Path(GIVEN).resolve() if GIVEN else builds(run)[0]


@once
def contents(run):
    """A folder with what the package installs."""
    folder = run.folder / "contents"
    tools.output("dpkg-deb", "--extract", package(run), folder)
    return folder


@once
def newer(run):
    """The same package with a higher version."""
    folder = run.folder / "newer"
    tools.output("dpkg-deb", "--raw-extract", package(run), folder)
    control = folder / "DEBIAN/control"
    version = field(package(run), "Version")
    control.write_text(control.read_text().replace(f"\nVersion: {version}\n", f"\nVersion: {version}+newer\n"))
    tools.output("dpkg-deb", "--root-owner-group", "--build", folder, run.folder)
    return only(run.folder, "async-nostd_*+newer_*.deb")


def field(deb, name):
    """A field of a package's control file; "" if it has none of this name."""
    return tools.output("dpkg-deb", "--field", deb, name).strip()
