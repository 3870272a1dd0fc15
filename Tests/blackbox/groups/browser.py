# Tests/blackbox/groups/browser.py — the page in a real Chromium: loading, caching, and keeping to its policy

import json
import re

from ..chromium import Shared
from ..console import Console, browser_for, open_tab, origin_of
from ..elsewhere import Elsewhere
from ..framework import equal, test, true

GROUP, ORDER, AGAINST_URL, SHARED_SITE = "browser", 58, True, True
finish = Shared.end


@test("Chromium starts and shows /healthz")
def starts(site):
    with open_tab(site, "/healthz") as tab:
        equal(tab.text("body").strip(), "ok", "the text of the page")
        true(re.match(r"\w*Chrom", browser_for(site).version), "a browser that is no Chromium")


@test("the page loads and connects without an error, a warning or a request to elsewhere")
def loads(site):
    with Console(site) as console:
        tab, own = console.tab, origin_of(site).partition("://")[2]
        # The figures have come too when /metrics was asked once.
        tab.wait(lambda: any(each.finished for each in tab.traffic.of("/metrics")), "/metrics is not asked for")
        tab.in_order()
        for url in tab.traffic.urls():
            true(re.match(rf"(https?|wss?)://{re.escape(own)}/|data:", url), f"a request to {url}")
        for request in tab.traffic.requests.values():
            true(request.url.startswith("data:") or request.status == 200, f"{request.status} for {request.url}")
        equal([each.status for each in tab.traffic.sockets.values()], [101], "handshakes")
        true(tab.evaluate("document.compatMode === 'CSS1Compat' && !!document.title"), "no title, or quirks mode")


@test("the page is sent compressed with gzip")
def compressed(site):
    with open_tab(site) as tab:
        request = tab.traffic.of("/")[0]
        tab.wait(lambda: request.finished, "the page is not received whole")
        equal(request.answer.get("content-encoding"), "gzip", "Content-Encoding")
        true("accept-encoding" in request.answer.get("vary", "").lower(), "no Vary: Accept-Encoding")
        length = tab.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize")
        true(request.received < length, f"{request.received} bytes for a page of {length}")
        equal(tab.evaluate("document.characterSet"), "UTF-8", "character set")


@test("a page that is loaded again is validated by its ETag, and answered by 304")
def validated(site):
    with Console(site) as console:
        tab = console.tab
        tab.reload()
        console.await_state("open")
        first, second = tab.traffic.of("/")[:2]
        equal(second.fields.get("if-none-match"), first.answer["etag"], "If-None-Match of the second request")
        equal((first.status, second.status), (200, 304), "the two statuses")
        true(second.received < first.received, f"{second.received} bytes, and {first.received} for the first")
        tab.in_order()


#: Things that a foreign hand might put into the page, and a test of whether it worked; `$` is an address elsewhere.
INTRUDERS = {
    "a script in the text": ("script", "textContent", "window.broken = 1", "window.broken"),
    "a script from elsewhere": ("script", "src", "$/script.js", "window.broken"),
    "a style in the text": ("style", "textContent", "html { --broken: 1 }", "styled('--broken')"),
    "a style in an attribute": ("p", "style", "", "false"),
    "an image from elsewhere": ("img", "src", "$/image.png", "false"),
    "a frame": ("iframe", "src", "$/frame", "false"),
    "an object": ("embed", "src", "$/object", "false"),
}


@test("the policy stops {0}", cases=tuple(INTRUDERS))
def policy(site, name):
    tag, attribute, value, effect = INTRUDERS[name]
    with Elsewhere() as elsewhere, open_tab(site) as tab:
        value = value.replace("$", elsewhere.origin)
        tab.in_order()
        tab.evaluate(f"""
            window.styled = name => getComputedStyle(document.documentElement).getPropertyValue(name);
            const intruder = document.createElement({json.dumps(tag)});
            if ({json.dumps(attribute)} === "style") intruder.setAttribute("style", "color: red");
            else intruder[{json.dumps(attribute)}] = {json.dumps(value)};
            document.body.append(intruder);
            undefined
        """)
        problems = tab.traffic.problems
        tab.wait(
            lambda: any(each.startswith("policy: ") for each in problems), "no violation of the policy is reported"
        )
        true(not tab.evaluate(effect), "it had an effect")
        equal(elsewhere.paths, [], "requests that came elsewhere")


@test("the policy stops requests and WebSockets to elsewhere")
def connections(site):
    with Elsewhere() as elsewhere, open_tab(site) as tab:
        equal(
            tab.evaluate(f"fetch('{elsewhere.origin}/fetched').then(() => 'sent', () => 'stopped')"), "stopped", "fetch"
        )
        tab.wait(lambda: any("connect-src" in each for each in tab.traffic.problems), "no violation of connect-src")
        socket = elsewhere.origin.replace("http", "ws")
        stopped = f"""new Promise(resolve => {{
            const socket = new WebSocket({json.dumps(socket)});
            socket.onerror = () => resolve("stopped");
            socket.onopen = () => resolve("opened");
        }})"""
        equal(tab.evaluate(stopped), "stopped", "WebSocket")
        equal(elsewhere.paths, [], "requests that came elsewhere")


@test("the page keeps nothing when its tab is closed: no cookie, no storage, no worker")
def keeps_nothing(site):
    with Console(site) as console:
        console.echo("to be forgotten")
        kept = """Promise.all([indexedDB.databases(), navigator.serviceWorker?.getRegistrations() ?? [], caches.keys()])
            .then(lists => [document.cookie, localStorage.length, ...lists.map(list => list.length)])"""
        equal(console.tab.evaluate(kept), ["", 0, 0, 0, 0], "cookies, entries, databases, workers, caches")
