# Tests/blackbox/crowd.py — clients who come again and again while something happens to the service

import threading
import time

from .client import Connection, request
from .framework import Failure, equal, true


class Visitor:
    """A client that connects, asks once, and comes again, until it is told to stop."""

    def __init__(self, address, leave):
        self.address, self.leave = address, leave
        self.answered, self.problems = 0, []

    def run(self):
        while not self.leave.is_set():
            try:
                with Connection(self.address, timeout=20) as connection:
                    response = connection.exchange(request("/healthz", "GET", "Connection: close"))
                    equal(response.status, 200, "status")
                    connection.expect_end()
                    self.answered += 1
            except (Failure, OSError) as problem:
                self.problems.append(f"{type(problem).__name__}: {problem}")


class Crowd:
    """Visitors, some at a time. At its end each of their requests must have been answered."""

    def __init__(self, address, count=8):
        self.leave = threading.Event()
        self.visitors = [Visitor(address, self.leave) for _ in range(count)]
        self.threads = [threading.Thread(target=visitor.run, daemon=True) for visitor in self.visitors]

    def answered(self):
        return sum(visitor.answered for visitor in self.visitors)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(0.3)
        return self

    def __exit__(self, kind, *_):
        time.sleep(0 if kind else 0.3)
        self.leave.set()
        for thread in self.threads:
            thread.join()
        if kind is None:
            problems = [problem for visitor in self.visitors for problem in visitor.problems]
            equal(problems, [], f"what went wrong beside {self.answered()} answers")
            true(self.answered() > 100, f"only {self.answered()} answers")
