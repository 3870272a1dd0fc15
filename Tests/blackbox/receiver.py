# Tests/blackbox/receiver.py — a Unix datagram socket whose datagrams a thread notes down, as they come
"""Reading what was noted waits first until all that was sent before has been noted: a process may have ended, or said
the next thing elsewhere, while its datagrams are still in the socket's queue, and the thread has not run yet.
"""

import itertools
import socket
import threading
import time

from .framework import Failure

#: How a datagram of `settle` begins. Neither systemd's protocols nor the daemon's messages begin with a NUL.
MARK = b"\0mark "
LAST = MARK + b"last"


class Receiver:
    """A bound socket, and the thread that hands each datagram to `note`, in the order in which they were sent."""

    def __init__(self, address, options=()):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for option in options:
            self.socket.setsockopt(socket.SOL_SOCKET, option, 1)
        self.socket.bind(address)
        # Connected for good: a test may remove the path.
        self.marker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.marker.connect(address)
        self.numbers, self.marks, self.problem = itertools.count(), {}, None
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self):
        try:
            while True:
                data, ancillary, _, _ = self.socket.recvmsg(1 << 18, 1024)
                if data == LAST:
                    return
                if data.startswith(MARK):
                    self.marks.pop(data).set()
                else:
                    self.note(data, ancillary)
        except Exception as error:
            self.problem = error

    def note(self, data, ancillary):
        """Takes note of a datagram."""
        raise NotImplementedError

    def settle(self, seconds=10.0):
        """Waits until everything is noted that was sent before this call."""
        if threading.current_thread() is self.thread or not self.thread.is_alive():
            return
        mark, passed = MARK + b"%d" % next(self.numbers), threading.Event()
        self.marks[mark] = passed
        deadline = time.monotonic() + seconds
        self.marker.send(mark)
        while not passed.wait(0.1) and self.thread.is_alive():
            if time.monotonic() > deadline:
                raise Failure(f"what was sent is not received within {seconds} s")

    def close(self):
        if self.thread.is_alive():
            self.marker.send(LAST)
            self.thread.join(10)
        self.marker.close()
        self.socket.close()
