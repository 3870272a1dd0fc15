# Tests/blackbox/notify.py — the receiving end of $NOTIFY_SOCKET, as systemd's own would be (sd_notify(3))

import contextlib
import os
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from .framework import Failure, eventually


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


class NotifySocket:
    """Records every datagram that a daemon sends, on a thread of its own.

    `on_ready(message)` is called by that thread as soon as a `READY=1` has come. A barrier's descriptor is closed
    `hold` seconds after it came, which is what the sender of a barrier waits for.
    """

    def __init__(self, folder, abstract=False, hold=0.0, on_ready=None):
        self.path = f"{folder}/notify-{time.monotonic_ns()}.sock"
        self.name = "@" + self.path.removeprefix("/") if abstract else self.path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(self.name.replace("@", "\0", 1))
        self.hold, self.on_ready, self.closing = hold, on_ready, threading.Event()
        self.messages, self.problem = [], None
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self):
        try:
            while message := self.next():
                self.messages.append(message)
                if message.fields.get("READY") == "1" and self.on_ready:
                    self.on_ready(message)
                if message.descriptors:
                    self.closing.wait(self.hold)
                    for descriptor in message.descriptors:
                        os.close(descriptor)
        except Exception as error:
            self.problem = error

    def next(self):
        """The next datagram; None for the empty one by which `close` ends the thread."""
        data, ancillary, _, _ = self.socket.recvmsg(65536, 1024)
        now, sender, descriptors = time.monotonic(), 0, []
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                sender = struct.unpack("iII", content)[0]
            elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors += struct.unpack(f"{len(content) // 4}i", content)
        text = data.decode()
        fields = dict(line.partition("=")[::2] for line in text.rstrip("\n").split("\n"))
        return Message(now, sender, text, fields, descriptors) if data else None

    # What came

    def all(self, name, since=0.0):
        """The messages that have this field, in order, from the time `since` on."""
        return [message for message in list(self.messages) if name in message and message.time >= since]

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
        self.closing.set()
        if self.thread.is_alive():
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"", self.socket.getsockname())
            self.thread.join(10)
        self.socket.close()
        if not self.name.startswith("@"):
            os.unlink(self.path)

    def __repr__(self):
        if not self.messages:
            return "no message at all"
        first = self.messages[0].time
        return "; ".join(f"{each.time - first:.2f} s {each.text.strip()!r}" for each in list(self.messages))
