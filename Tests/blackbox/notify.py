# Tests/blackbox/notify.py — the receiving end of $NOTIFY_SOCKET, as systemd's own would be (sd_notify(3))

import contextlib
import os
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from .framework import Failure, eventually
from .receiver import Receiver


@dataclass
class Message:
    """One datagram: when it came (`time.monotonic`, which is CLOCK_MONOTONIC), from which process, with what."""

    time: float
    sender: int
    text: str
    fields: dict
    descriptors: list = field(default_factory=list)

    def __contains__(self, name):
        return name in self.fields

    def __getitem__(self, name):
        return self.fields[name]


class NotifySocket(Receiver):
    """Records every datagram that a daemon sends, on a thread of its own.

    `on_ready(message)` is called by that thread as soon as a `READY=1` has come. A barrier's descriptor is closed
    `hold` seconds after it came, which is what the sender of a barrier waits for.
    """

    def __init__(self, folder, abstract=False, hold=0.0, on_ready=None):
        self.path = f"{folder}/notify-{time.monotonic_ns()}.sock"
        self.name = "@" + self.path.removeprefix("/") if abstract else self.path
        self.hold, self.on_ready, self.noted, self.held = hold, on_ready, [], []
        super().__init__(self.name.replace("@", "\0", 1), options=[socket.SO_PASSCRED])

    def note(self, data, ancillary):
        now, sender, descriptors = time.monotonic(), 0, []
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                sender = struct.unpack("iII", content)[0]
            elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors += struct.unpack(f"{len(content) // 4}i", content)
        text = data.decode()
        fields = dict(line.partition("=")[::2] for line in text.rstrip("\n").split("\n"))
        message = Message(now, sender, text, fields, descriptors)
        self.noted.append(message)
        if message.fields.get("READY") == "1" and self.on_ready:
            self.on_ready(message)
        if descriptors:
            self.held += descriptors
            # By another thread, so that this one hears what else comes.
            timer = threading.Timer(self.hold, self.let_go)
            timer.daemon = True
            timer.start()

    def let_go(self):
        """Closes the descriptors of barriers."""
        while self.held:
            with contextlib.suppress(IndexError, OSError):
                os.close(self.held.pop())

    # What came

    @property
    def messages(self):
        """All messages that were sent so far, in order."""
        self.settle()
        return list(self.noted)

    def all(self, name, since=0.0):
        """The messages that have this field, in order, from the time `since` on."""
        return [message for message in self.messages if name in message and message.time >= since]

    def texts(self, name="STATUS", since=0.0):
        """The values of one field, in order."""
        return [message[name] for message in self.all(name, since)]

    def wait(self, name, value=None, seconds=5.0, since=0.0):
        """The first message with this field (and value), waiting for it."""

        def find():
            return next((each for each in self.all(name, since) if value is None or each[name] == value), None)

        wanted = name if value is None else f"{name}={value}"
        return eventually(find, lambda: f"no {wanted} within {seconds} s; there came {self}", seconds)

    def check(self):
        """Fails if the thread did, or the callback."""
        if self.problem:
            raise Failure(f"while receiving notifications: {self.problem}") from self.problem

    def close(self):
        super().close()
        self.let_go()
        if not self.name.startswith("@"):
            os.unlink(self.path)

    def __repr__(self):
        if not self.noted:
            return "no message at all"
        first = self.noted[0].time
        return "; ".join(f"{each.time - first:.2f} s {each.text.strip()!r}" for each in list(self.noted))
