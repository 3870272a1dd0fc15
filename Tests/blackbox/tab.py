# Tests/blackbox/tab.py — one tab: pages, scripts, keys and clicks as a person makes them, pictures

import base64
import contextlib
import json
import time

from .devtools import Gone, Refused
from .framework import Failure, brief, true
from .traffic import Traffic

#: Keys with a name: the code of the key on the board, its number for `keyCode`, and the text that it types.
KEYS = {
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    "Tab": ("Tab", 9, ""),
}
ALT, CONTROL, SHIFT = 1, 2, 8


class Tab:
    """One tab of a browser; `traffic` holds what it loaded and complained about since it was opened."""

    def __init__(self, devtools, context, target):
        self.devtools, self.context, self.target = devtools, context, target
        self.session = devtools.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.traffic, self.loads = Traffic(), 0
        devtools.listeners[self.session] = self.take
        for domain in (*Traffic.DOMAINS, "Page"):
            self.call(f"{domain}.enable")
        # Every window believes that it has the focus: keys work in all of them, and none is throttled.
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def take(self, event, values):
        self.loads += event == "Page.loadEventFired"
        self.traffic.take(event, values)

    def call(self, method, /, **parameters):
        """A command of the protocol for this tab."""
        return self.devtools.call(method, self.session, **parameters)

    # Pages

    def goto(self, url):
        """Loads a page, and waits until it says that it is loaded."""
        loads = self.loads
        result = self.call("Page.navigate", url=url)
        if result.get("errorText"):
            raise Failure(f"{url} could not be loaded: {result['errorText']}")
        self.wait(lambda: self.loads > loads, f"{url} does not finish loading")

    def reload(self):
        """What F5 does: what is in the cache is asked for again, with the conditions that the cache knows."""
        loads = self.loads
        self.call("Page.reload")
        self.wait(lambda: self.loads > loads, "the page does not finish reloading")

    # Scripts

    def evaluate(self, expression):
        """The value of an expression in the page, or what the promise that it is comes to."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if details := answer.get("exceptionDetails"):
            text = details.get("exception", {}).get("description", details["text"])
            raise Failure(f"{brief(expression, 200)}: {text}")
        return answer["result"].get("value")

    def wait(self, condition, complaint, seconds=15.0):
        """Waits until `condition()` is true and returns its value; takes in events meanwhile.

        `complaint` is a text, or a function that makes one when time is up.
        """
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise Failure(f"{complaint() if callable(complaint) else complaint} (waited {seconds} s)")
            self.devtools.pump(0.02)
        return value

    def until(self, expression, complaint, seconds=15.0):
        """Waits until an expression in the page is true; a page that is just being replaced is asked again."""

        def holds():
            with contextlib.suppress(Refused):
                return self.evaluate(expression)

        return self.wait(holds, complaint, seconds)

    def text(self, selector):
        """The text of an element, as it is laid out."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    def texts(self, selector):
        """The texts of all elements that a selector finds."""
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(each => each.innerText)")

    # A person's hands

    def press(self, key, modifiers=0, wait=True):
        """Presses and releases a key: one of `KEYS`, or a character."""
        if key in KEYS:
            code, number, text = KEYS[key]
        else:
            code, number, text = (f"Key{key.upper()}" if key.isascii() and key.isalpha() else ""), 0, key
            number = ord(key.upper()) if key.isascii() and key.isalnum() else 0
        if modifiers & (ALT | CONTROL):
            text = ""
        common = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        send = (
            self.call if wait else lambda *words, **parameters: self.devtools.post(*words, self.session, **parameters)
        )
        send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **common)
        send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        """Types a text, key by key. Only the last one is waited for: the browser keeps them in order."""
        for index, character in enumerate(text):
            self.press(character, wait=index + 1 == len(text))

    def click(self, selector):
        """Clicks into the middle of an element with the mouse."""
        x, y = self.evaluate(
            f"(box => [box.x + box.width / 2, box.y + box.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    # Looks

    def appear(self, dark=None, width=None, height=760, phone=False, still=None):
        """Sets what the page may know of its reader: dark or light, size in CSS pixels, a phone, less motion."""
        features = []
        if dark is not None:
            features.append({"name": "prefers-color-scheme", "value": "dark" if dark else "light"})
        if still is not None:
            features.append({"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"})
        if features:
            self.call("Emulation.setEmulatedMedia", features=features)
        if width:
            scale = 2 if phone else 1
            size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}
            self.call("Emulation.setDeviceMetricsOverride", **size)

    def screenshot(self):
        """The visible part of the page as a PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", optimizeForSpeed=False)["data"])

    # Ends

    def crash(self):
        """Makes the tab's process crash: no script of the page runs any more, no handler, no goodbye."""
        self.devtools.post("Page.crash", self.session)
        self.wait(lambda: self.traffic.crashed, "the tab does not crash")

    def close(self):
        """Closes the tab, and with it its context: cache, storage, connections that were kept."""
        self.devtools.listeners.pop(self.session, None)
        with contextlib.suppress(Gone, OSError):
            self.devtools.call("Target.disposeBrowserContext", browserContextId=self.context)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def in_order(self):
        """Fails if the tab has complained about anything."""
        true(not self.traffic.problems, "the page has problems:\n" + "\n".join(self.traffic.problems))
