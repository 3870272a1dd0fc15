# Tests/blackbox/groups/browser_sockets.py — a script's WebSockets: messages, close codes, origins, the server's end

import json
import signal

from ..console import open_tab, origin_of
from ..elsewhere import Elsewhere
from ..framework import equal, test, true
from .browser import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

#: Opens a WebSocket, sends all messages when it is open, and closes it when as many have come back. Texts are sent as
#: text, lists of numbers as binary. The promise comes to what the script saw.
CONVERSE = """
(url, messages, ending) => new Promise(resolve => {
    const socket = new WebSocket(url), seen = { opened: false, errors: 0, received: [] };
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
        seen.opened = true;
        seen.extensions = socket.extensions;
        seen.protocol = socket.protocol;
        messages.forEach(each => socket.send(Array.isArray(each) ? new Uint8Array(each) : each));
        messages.length || socket.close(...ending);
    };
    socket.onmessage = ({ data }) => {
        seen.received.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
        seen.received.length === messages.length && socket.close(...ending);
    };
    socket.onerror = () => seen.errors++;
    socket.onclose = ({ code, reason, wasClean }) => resolve({ ...seen, code, reason, wasClean });
})
"""


def address(site, path="/ws"):
    return "ws" + origin_of(site).removeprefix("http") + path


def converse(tab, url, messages=(), *ending):
    """What a script sees that opens `url`, has `messages` echoed and closes, with a code and a reason or without."""
    return tab.evaluate(f"({CONVERSE})({json.dumps(url)}, {json.dumps(list(messages))}, {json.dumps(list(ending))})")


@test("a script has text and binary echoed over /ws, in order and in kind")
def messages(site):
    sent = ["text", [0, 1, 254, 255], "", [], "Grüße, 世界 🌍", "\0", list(range(256))]
    with open_tab(site) as tab:
        seen = converse(tab, address(site), sent)
        equal(seen["received"], sent, "the echoes")
        equal((seen["errors"], seen["wasClean"]), (0, True), "errors and the end")
        tab.in_order()


@test("no extension and no subprotocol is agreed on, though Chromium offers permessage-deflate")
def plain(site):
    with open_tab(site) as tab:
        seen = converse(tab, address(site), ["x"])
        equal((seen["extensions"], seen["protocol"]), ("", ""), "extensions and subprotocol")
        socket = next(each for each in tab.traffic.sockets.values() if each.url == address(site))
        true("permessage-deflate" in socket.fields["sec-websocket-extensions"], "Chromium offered nothing")


@test("500 messages and one of 1 MiB come back whole")
def many(site):
    large = "0123456789abcdef" * 65536
    with open_tab(site) as tab:
        received = tab.evaluate(f"""
            ({CONVERSE})({json.dumps(address(site))}, [...Array(500).keys()].map(String).concat("{large}"), [])
                .then(seen => [seen.code, seen.received.length, seen.received.slice(0, 500).every((x, i) => x == i),
                               seen.received[500].length, seen.received[500] === "{large}"])
        """)
        equal(received, [1005, 501, True, len(large), True], "code, count, order, length, equality")


@test(
    "a script that closes with {0} sees {2} in onclose, and that it was clean",
    cases=(
        ("no code", (), 1005),
        ("1000", (1000,), 1000),
        ("1000 and a reason", (1000, "done"), 1000),
        ("3001 and a reason", (3001, "Grüße"), 3001),
        ("4999 and 123 bytes of reason", (4999, "r" * 123), 4999),
    ),
)
def closing(site, name, ending, code):
    with open_tab(site) as tab:
        seen = converse(tab, address(site), ["x"], *ending)
        # The server echoes the code; the reason need not come back (RFC 6455 5.5.1).
        equal((seen["code"], seen["wasClean"], seen["errors"]), (code, True, 0), "code, wasClean, errors")
        true(seen["reason"] in ("", *ending[1:]), f"the reason {seen['reason']!r}")


@test("a WebSocket to {0}, which is no WebSocket's, fails with 1006", cases=("/", "/healthz", "/nothing"))
def no_socket(site, path):
    with open_tab(site) as tab:
        seen = converse(tab, address(site, path))
        equal((seen["opened"], seen["code"], seen["wasClean"]), (False, 1006, False), "opened, code, wasClean")


@test("a message over the limit is answered by 1009, which onclose sees")
def too_big(site):
    with site.fresh(settings={"maxMessage": "64K"}) as server, open_tab(server) as tab:
        seen = converse(tab, address(server), ["x" * 65536])
        equal(
            (len(seen["received"][0]), seen["code"]), (65536, 1005), "a message of exactly the limit: length and code"
        )
        seen = converse(tab, address(server), ["x" * 65537])
        equal((seen["received"], seen["code"], seen["wasClean"]), ([], 1009, True), "received, code, wasClean")


@test("with --origins the server's own page is let in; a page from elsewhere and one without origin are not")
def origins(site):
    with Elsewhere() as elsewhere, site.fresh(arguments=("--origins", "http://good.example")) as refusing:
        with open_tab(refusing, "/healthz") as tab:
            for origin in (elsewhere.origin, None, origin_of(refusing)):
                tab.goto(origin or "about:blank")
                equal(tab.evaluate("origin"), origin or "null", "the page's origin")
                seen = converse(tab, address(refusing))
                equal((seen["opened"], seen["code"]), (False, 1006), f"opened and code for {origin}")
        allowed = f"{elsewhere.origin} http://good.example"
        with site.fresh(arguments=("--origins", allowed)) as server, open_tab(server, "/healthz") as tab:
            tab.goto(elsewhere.origin)
            equal(converse(tab, address(server), ["x"])["received"], ["x"], "the echo for the page that is allowed")


@test("without --origins a page from elsewhere may open a WebSocket")
def any_origin(site):
    with Elsewhere() as elsewhere, open_tab(site, "/healthz") as tab:
        tab.goto(elsewhere.origin)
        equal(converse(tab, address(site), ["x"])["received"], ["x"], "the echo")


@test("SIGTERM closes a script's WebSocket with 1001, cleanly, and the server ends")
def going_away(site):
    with site.fresh() as server:
        server.own()
        with open_tab(server, "/healthz") as tab:
            tab.evaluate(f"""new Promise((resolve, reject) => {{
                const socket = new WebSocket({json.dumps(address(server))});
                window.end = new Promise(ended => socket.onclose = event => ended([event.code, event.wasClean]));
                socket.onopen = resolve;
                socket.onerror = reject;
            }})""")
            server.signal(signal.SIGTERM)
            equal(tab.evaluate("end"), [1001, True], "code and wasClean")
            equal(server.wait(), 0, "exit status")
