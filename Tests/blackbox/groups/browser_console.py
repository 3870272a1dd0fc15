# Tests/blackbox/groups/browser_console.py — the console of the page: typing, echoes, history, binary, figures

import re

from ..console import Console, open_tab
from ..framework import equal, test, true
from ..tab import CONTROL
from .browser import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

TEXT, BINARY = 1, 2


@test("the state becomes open, and the welcome of /term is shown")
def welcome(site):
    with Console(site) as console:
        console.await_line("async-nostd")
        sockets = list(console.tab.traffic.sockets.values())
        equal([each.url.rpartition("/")[2] for each in sockets], ["term"], "where it connected to")


@test("a line typed key by key is shown, sent as one text message, and its echo is shown")
def echo(site):
    with Console(site) as console:
        console.echo("Hello, server 42!")
        socket = next(iter(console.tab.traffic.sockets.values()))
        equal(socket.sent, [(TEXT, "Hello, server 42!")], "frames sent")
        equal(socket.received[-1], (TEXT, "Hello, server 42!"), "the last frame received")
        equal(console.input(), "", "what is left in the input")
        for line in ("Grüße, Ωμέγα, 世界", "  spaces  kept ", "0"):
            console.echo(line)
        equal(
            [payload for _, payload in socket.sent[1:]], ["Grüße, Ωμέγα, 世界", "  spaces  kept ", "0"], "frames sent"
        )
        console.tab.in_order()


@test("the Send button sends too")
def send_button(site):
    with Console(site) as console:
        console.tab.click("#input")
        console.tab.type("by mouse")
        console.tab.click("#send")
        console.await_line("by mouse")


@test("markup that comes back is shown as the text that it is")
def markup(site):
    with Console(site) as console:
        line = "<img src=x onerror=alert(1)><b>bold</b>&amp;"
        console.echo(line)
        true(any(line in each for each in console.lines("in")), f"the log shows {console.lines('in')}")
        equal(console.tab.evaluate("document.querySelectorAll('#log img, #log b').length"), 0, "elements made of it")
        console.tab.in_order()


@test("bytes in hexadecimal go out as a binary message and come back as bytes")
def binary(site):
    with Console(site) as console:
        console.tab.click("#binary")
        console.say("de ad be ef 00 ff")
        socket = next(iter(console.tab.traffic.sockets.values()))
        console.tab.wait(lambda: len(socket.received) > 1, "no binary message comes back")
        equal(socket.sent, [(BINARY, "3q2+7wD/")], "frames sent (Base64)")
        equal(socket.received[-1], (BINARY, "3q2+7wD/"), "the last frame received (Base64)")
        console.await_line("de ad be ef 00 ff")
        console.tab.click("#binary")
        console.echo("text again")
        equal(socket.sent[-1], (TEXT, "text again"), "the last frame sent")
        console.tab.in_order()


@test("what is no hexadecimal is not sent as binary, and the page says so")
def not_hexadecimal(site):
    with Console(site) as console:
        notes = len(console.lines("note"))
        console.tab.click("#binary")
        console.say("xyz")
        console.tab.wait(lambda: len(console.lines("note")) > notes, "no note in the log")
        equal(next(iter(console.tab.traffic.sockets.values())).sent, [], "frames sent")


@test("Up and Down walk through what was sent, and a line that is not sent yet is kept")
def history(site):
    with Console(site) as console:
        for line in ("first", "second", "third"):
            console.echo(line)
        console.tab.type("draft")
        for key, expected in (
            ("ArrowUp", "third"),
            ("ArrowUp", "second"),
            ("ArrowUp", "first"),
            ("ArrowUp", "first"),
            ("ArrowDown", "second"),
            ("ArrowDown", "third"),
            ("ArrowDown", "draft"),
        ):
            console.tab.press(key)
            equal(console.input(), expected, f"the input after {key}")
        console.tab.press("ArrowUp")
        console.tab.press("Enter")
        console.await_line("third", count=2)


@test("Escape empties the input, Control-L the log")
def clearing(site):
    with Console(site) as console:
        console.echo("seen")
        console.tab.type("not to be sent")
        console.tab.press("Escape")
        equal(console.input(), "", "the input after Escape")
        console.tab.press("l", CONTROL)
        console.tab.until("!document.querySelector('#log .in, #log .out')", "lines are left in the log")
        console.echo("seen again")


@test("the time of a round trip is shown, in milliseconds, and is plausible")
def round_trip(site):
    with Console(site) as console:
        console.echo("how long?")
        console.tab.wait(lambda: re.search(r"\d", console.tab.text("#rtt")), "no figure in #rtt")
        text = console.tab.text("#rtt")
        match = re.search(r"(\d+(?:\.\d+)?)\s*(µs|ms|s)\b", text)
        true(match, f"#rtt shows {text!r}")
        milliseconds = float(match[1]) * {"µs": 0.001, "ms": 1, "s": 1000}[match[2]]
        true(0 < milliseconds < 5000, f"{milliseconds} ms")


@test("the button disconnects and connects again")
def button(site):
    with Console(site) as console:
        console.echo("before")
        console.tab.click("#connect")
        console.await_state("closed")
        socket = next(iter(console.tab.traffic.sockets.values()))
        console.tab.wait(lambda: socket.closed, "the WebSocket is not closed")
        console.tab.click("#connect")
        console.await_state("open")
        console.echo("after")
        console.tab.in_order()


@test("the log is bounded: of 700 lines and their echoes the newest are left")
def scrollback(site):
    with Console(site) as console:
        # As fast as a script can press Enter; the page sees the events that a form or a key makes.
        console.tab.click("#input")
        for index in range(700):
            console.tab.devtools.post("Input.insertText", console.tab.session, text=f"line {index}")
            console.tab.press("Enter", wait=index % 50 == 0)
        console.await_line("line 699", seconds=30.0)
        count = console.tab.evaluate("document.querySelectorAll('#log > *').length")
        true(100 <= count <= 1000, f"{count} lines in the log")
        true(
            not any(line.strip().endswith("line 0") for line in console.lines("out")), "the oldest line is still there"
        )


@test("the figures of /metrics are shown, and they follow what happens")
def figures(site):
    with site.fresh() as server, Console(server) as console:
        server.own()
        tab = console.tab

        def shown(label):
            figures = """Object.fromEntries([...document.querySelectorAll("#figures dt")]
                .map(label => [label.textContent.trim(), label.nextElementSibling.textContent.trim()]))"""
            return tab.evaluate(figures).get(label)

        def expect(label, figure):
            tab.wait(lambda: shown(label) == figure, lambda: f"{figure} {label}, but the page shows {shown(label)!r}")

        expect("workers", str(server.workers))
        expect("websockets", "1")
        with open_tab(server, "/healthz") as other:
            other.evaluate("""Promise.all([...Array(9)].map(() => new Promise(resolve => {
                const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
                socket.onopen = resolve;
                (window.sockets ??= []).push(socket);
            })))""")
            expect("websockets", "10")
        expect("websockets", "1")
        tab.in_order()
