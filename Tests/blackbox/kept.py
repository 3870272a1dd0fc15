# Tests/blackbox/kept.py — the files of a run: its own folder, removed at its end, and what is kept of a failure
"""Everything that tests write lies in one folder under /tmp, and goes with the run, whatever came of it. Of a test that
fails, the files of its servers are copied to a folder of the run's own under `KEPT`: each cut to its last mebibyte, and
32 MiB in all; the last five such folders stay.
"""

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

KEPT = Path("/tmp/async-nostd-failed")
PREFIX, LOCK = "async-nostd-test-", ".lock"
MEBIBYTE = 1 << 20
#: Most bytes of one file that is kept (its end), of all files of a run, and most runs.
FILE_LIMIT, RUN_LIMIT, RUNS = MEBIBYTE, 32 * MEBIBYTE, 5


class Files:
    """The folder of a run. It is locked while the run lasts, so that what a killed run left can be told from it."""

    def __init__(self):
        remove_stale()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.lock = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        # What the tests' own libraries make goes there, too.
        tempfile.tempdir = str(self.folder)
        self.kept, self.room = KEPT / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}", RUN_LIMIT

    def keep(self, paths):
        """Copies what a failed test's server left, as far as there is room."""
        for path in paths:
            size = min(path.stat().st_size, FILE_LIMIT, self.room) if path.is_file() else 0
            if size:
                self.kept.mkdir(parents=True, exist_ok=True)
                with open(path, "rb") as source:
                    source.seek(-size, os.SEEK_END)
                    (self.kept / path.name).write_bytes(source.read(size))
                self.room -= size

    def remove(self):
        """Ends it; returns the folder with what is kept, if there is any."""
        tempfile.tempdir = None
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)
        if not self.kept.exists():
            return None
        for old in sorted(KEPT.iterdir())[:-RUNS]:
            shutil.rmtree(old, ignore_errors=True)
        return self.kept


def remove_stale():
    """Removes the folders of runs that were killed."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)
