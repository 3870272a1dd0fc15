# Tests/blackbox/devtools.py — the DevTools protocol: commands, answers and events over a pair of pipes
"""A message is JSON in UTF-8 with a NUL after it. A command has a number that its answer repeats; an event has none.
Both name a session, which is one tab, or none: then they are about the browser.

    call("Page.navigate", tab, url=…)  ──▶  {"id": 7, "method": …, "sessionId": tab, "params": {…}}
                                       ◀──  {"method": "Page.loadEventFired", "sessionId": tab, …}  to `listeners[tab]`
               returns the result      ◀──  {"id": 7, "result": {…}}

Nothing runs in the background: messages are taken in while somebody waits, in `call` or in `pump`.
"""

import json
import os
import select
import time

from .framework import Failure, brief


class Refused(Failure):
    """Chromium answered a command with an error."""


class Gone(Failure):
    """The browser has closed the pipe."""


class DevTools:
    """One browser's protocol. `listeners` maps a session to a function of an event's name and parameters."""

    def __init__(self, reading, writing):
        self.reading, self.writing = reading, writing
        self.buffer, self.number = b"", 0
        self.answers, self.listeners = {}, {}

    def post(self, method, session=None, /, **parameters):
        """Sends a command whose answer nobody waits for; returns its number."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self.writing, data) :]
        except BrokenPipeError:
            raise Gone(f"the browser is gone, before {method}") from None
        return self.number

    def call(self, method, session=None, /, seconds=20.0, **parameters):
        """Sends a command and waits for its result."""
        number, deadline = self.post(method, session, **parameters), time.monotonic() + seconds
        self.answers[number] = None
        try:
            while self.answers[number] is None:
                self.pump(deadline - time.monotonic())
                if self.answers[number] is None and time.monotonic() > deadline:
                    raise Failure(f"no answer to {method} {brief(parameters, 200)} within {seconds} s")
            answer = self.answers[number]
        finally:
            del self.answers[number]
        if "error" in answer:
            raise Refused(f"{method} {brief(parameters, 200)}: {answer['error'].get('message')}")
        return answer["result"]

    def pump(self, seconds):
        """Takes in what has come; waits up to `seconds` for the first of it."""
        if not select.select([self.reading], [], [], max(seconds, 0))[0]:
            return
        data = os.read(self.reading, 1 << 20)
        if not data:
            raise Gone("the browser has closed the pipe")
        *messages, self.buffer = (self.buffer + data).split(b"\0")
        for message in messages:
            self.dispatch(json.loads(message))

    def dispatch(self, message):
        """Keeps an answer that is waited for; hands an event to its session."""
        if "id" in message:
            if message["id"] in self.answers:
                self.answers[message["id"]] = message
        elif listener := self.listeners.get(message.get("sessionId")):
            listener(message["method"], message.get("params", {}))

    def close(self):
        """Closes both pipes; a browser that still runs ends by that."""
        os.close(self.reading)
        os.close(self.writing)
