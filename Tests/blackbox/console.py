# Tests/blackbox/console.py — the page at `/` in a tab, used as a person uses it

from .chromium import Shared
from .framework import Skip


def origin_of(site):
    """The address of a service as a browser writes it."""
    if isinstance(site.address, str):
        raise Skip("a browser needs a TCP port")
    ip, port = site.address
    return f"http://[{ip}]:{port}" if ":" in ip else f"http://{ip}:{port}"


def browser_for(site):
    """The browser that the tests share; it finds no host but the service's."""
    origin_of(site)
    return Shared.get((site.address[0],))


def open_tab(site, path="/", **appearance):
    """A tab with a page of the service, to be used in a `with`."""
    return browser_for(site).open(origin_of(site) + path, **appearance)


class Console:
    """A tab with the console. It is open when this returns, unless `opened` is false. To be used in a `with`."""

    def __init__(self, site, opened=True, **appearance):
        self.tab = open_tab(site, **appearance)
        try:
            if opened:
                self.await_state("open")
        except BaseException:
            self.tab.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tab.close()

    def state(self):
        """The state of its connection, in the page's words."""
        return self.tab.text("#state").strip().lower()

    def await_state(self, word, seconds=15.0):
        complaint = f"the state does not become {word!r}, it is {{!r}}"
        self.tab.wait(lambda: word in self.state(), lambda: complaint.format(self.state()), seconds)

    def lines(self, kind):
        """The lines of the log of one kind: `in`, `out` or `note`."""
        return self.tab.texts(f"#log .{kind}")

    def say(self, text):
        """Types a line and sends it with Enter."""
        self.tab.click("#input")
        self.tab.type(text)
        self.tab.press("Enter")

    def await_line(self, text, kind="in", count=1, seconds=15.0):
        """Waits until the log has `count` lines of a kind that hold a text; returns the newest."""

        def found():
            return [line for line in self.lines(kind) if text in line]

        def complaint():
            return (
                f"{len(found())} lines {kind!r} with {text!r} in the log, expected {count}; it has {self.lines(kind)}"
            )

        return self.tab.wait(lambda: len(found()) >= count and found(), complaint, seconds)[-1]

    def echo(self, text):
        """Says something, and waits until it is shown as sent and as come back."""
        before = sum(text in line for line in self.lines("in"))
        self.say(text)
        self.await_line(text, "out", before + 1)
        return self.await_line(text, "in", before + 1)

    def input(self):
        """What stands in the line to be typed."""
        return self.tab.evaluate("document.querySelector('#input').value")
