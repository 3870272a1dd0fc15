# Tests/blackbox/groups/handlers_chat.py — the library: the chat room of Examples/chat

import functools
import shutil
import signal
import subprocess
import threading

from .. import tools
from ..framework import Failure, equal, eventually, test, true
from ..process import listens
from ..site import Site, free_port
from ..websocket import TEXT, WebSocket, frame

GROUP, ORDER = "handlers", 45

MEMBERS, SLOW, MESSAGES, SIZE = 20, 3, 200, 20_000


class Reader(threading.Thread):
    """Reads all that one member is sent, until it has seen every message."""

    def __init__(self, socket):
        super().__init__()
        self.socket, self.seen, self.left, self.error = socket, [], set(), None

    def run(self):
        try:
            while len(self.seen) < MESSAGES or len(self.left) < SLOW:
                name, text = self.socket.read_frame().payload.split(b": ", 1)
                if text.startswith(b"#"):
                    self.seen.append((name, int(text[1:].split(b" ")[0])))
                elif text == b"has left":
                    self.left.add(name)
        except Exception as error:
            self.error = error


@functools.cache
def build():
    # SwiftPM does not see all that has changed in a package beside this one: from nothing, once a run.
    folder = tools.TOP / "Examples/chat"
    shutil.rmtree(folder / ".build", ignore_errors=True)
    tools.output("swift", "build", "-c", "release", folder=folder, limit=380)


def join(site, name, **options):
    socket = WebSocket(site, "/chat", **options)
    socket.send(frame(TEXT, name))
    while socket.read_frame().payload != name + b": has come":
        pass
    return socket


@test("the chat room, {0} workers: all readers see all messages in one order, and no slow one delays them", cases=(1, 2, 8), slow=True, limit=400.0)
def room(run, workers):
    build()
    port = free_port()
    program = tools.TOP / "Examples/chat/.build/release/chat"
    with subprocess.Popen([str(program), str(port), str(workers)]) as popen:
        try:
            eventually(lambda: listens(port), "it does not listen")
            site = Site(("127.0.0.1", port))
            slow = [join(site, b"slow%d" % index, receive_buffer=4096) for index in range(SLOW)]
            readers = [Reader(join(site, b"member%d" % index, timeout=20)) for index in range(MEMBERS - SLOW)]
            for reader in readers:
                reader.start()
            for index in range(MESSAGES):
                # No reader is a slow one because Python's threads are slow: it is never more than a queue behind.
                eventually(lambda: all(len(reader.seen) > index - 10 or reader.error for reader in readers), "readers wait", 30)
                readers[index % len(readers)].socket.send(frame(TEXT, b"#%d " % index + b"x" * SIZE))
            for reader in readers:
                reader.join(60)
                if reader.error:
                    raise Failure(f"{reader.socket}: {reader.error!r}, after {len(reader.seen)} messages")
                equal(len(reader.seen), MESSAGES, "messages")
                equal(reader.seen == readers[0].seen, True, "whether two readers have seen the same order")
                equal(reader.left, {b"slow%d" % index for index in range(SLOW)}, "members that were put out")
            equal(len(set(readers[0].seen)), MESSAGES, "different messages")
            for index in range(len(readers)):
                numbers = [number for name, number in readers[0].seen if name == b"member%d" % index]
                equal(numbers, sorted(numbers), "the order of one member's messages")
            true(popen.poll() is None, "the room has ended")
            popen.send_signal(signal.SIGTERM)
            for reader in readers:
                reader.socket.expect_close(1001)
                reader.socket.close()
            for socket in slow:
                socket.close()
            equal(popen.wait(10), 0, "exit status")
        finally:
            popen.kill()


@test("the chat room has less than 80 lines")
def short(run):
    text = (tools.TOP / "Examples/chat/Sources/chat/Main.swift").read_text()
    true(len(text.splitlines()) < 80, f"it has {len(text.splitlines())} lines")
