# Tests/blackbox/chromium.py — a headless Chromium of our own: started on pipes, with a profile that nobody else has

import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from . import tools
from .devtools import DevTools
from .framework import Failure, eventually
from .tab import Tab

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: Quiet, offline, and awake: what a tab does must not depend on whether somebody could see its window.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--no-pings",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-renderer-backgrounding",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--force-color-profile=srgb",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--window-size=1200,760",
)


class Chromium:
    """A browser process with all that it starts, in a process group and a folder of its own.

    `hosts` are the only hosts that it can find; looking up any other name fails at once.
    """

    def __init__(self, hosts=("127.0.0.1",)):
        program = installed()
        self.folder = Path(tempfile.mkdtemp(prefix="async-nostd-chromium-"))
        self.errors = self.folder / "stderr"
        # Numbers from 10 up: the child moves its ends to 3 and 4, which must not be one of these.
        commands, ours = os.pipe()
        theirs = [high(commands)]
        mine, events = os.pipe()
        theirs.append(high(events))
        command = [program, *FLAGS, f"--user-data-dir={self.folder / 'profile'}"]
        command.append("--host-resolver-rules=MAP * ~NOTFOUND, " + ", ".join(f"EXCLUDE {host}" for host in hosts))
        with open(self.errors, "wb") as errors:
            self.popen = subprocess.Popen(
                [*command, "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env={**os.environ, "HOME": str(self.folder), "LANG": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
                close_fds=False,
                preexec_fn=lambda: (os.dup2(theirs[0], 3), os.dup2(theirs[1], 4)),
            )
        for descriptor in theirs:
            os.close(descriptor)
        self.devtools = DevTools(mine, ours)
        try:
            self.version = self.devtools.call("Browser.getVersion", seconds=40.0)["product"]
        except Failure as failure:
            self.kill()
            raise Failure(f"Chromium did not start: {failure}\n{self.last_words}") from None

    def open(self, url=None, **appearance):
        """A new tab, in a window and with a cache and a storage of its own; `appearance` as in `Tab.appear`."""
        context = self.devtools.call("Target.createBrowserContext", disposeOnDetach=True)["browserContextId"]
        target = self.devtools.call("Target.createTarget", url="about:blank", browserContextId=context, newWindow=True)
        tab = Tab(self.devtools, context, target["targetId"])
        if appearance:
            tab.appear(**appearance)
        if url:
            tab.goto(url)
        return tab

    def runs(self):
        return self.popen.poll() is None

    def processes(self):
        """The ids of all processes that were started with this browser's profile."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.folder).encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
        return found

    def kill(self):
        """SIGKILL to all of its processes; no tab has time to say goodbye."""
        if self.devtools is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self.devtools.close()
        self.devtools, self.last_words = None, self.errors.read_text("utf-8", "replace")[-4000:]
        eventually(lambda: not self.processes(), "processes of the browser survive their group's SIGKILL", seconds=10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self):
        """Asks it to end, then sees to it."""
        if self.devtools is not None and self.runs():
            with contextlib.suppress(Failure):
                self.devtools.post("Browser.close")
                self.popen.wait(5)
        self.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Shared:
    """The browser that all tests use one after another: starting one takes about a second."""

    browser = None

    @classmethod
    def get(cls, hosts):
        """The browser, started at the first call, and again after it was killed."""
        if cls.browser is None or not cls.browser.runs():
            cls.end()
            cls.browser = Chromium(hosts)
        return cls.browser

    @classmethod
    def end(cls):
        if cls.browser is not None:
            cls.browser.close()
            cls.browser = None


atexit.register(Shared.end)


def installed():
    """The path of Chromium. If there is none, root has it installed, and the running test's time stands still."""
    if not any(map(shutil.which, NAMES)):
        left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        try:
            tools.ensure(chromium="chromium")
        finally:
            signal.setitimer(signal.ITIMER_REAL, left)
    return next(filter(None, map(shutil.which, NAMES)))


def high(descriptor):
    """The same file under a number from 10 up; the old number is closed."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return copy
