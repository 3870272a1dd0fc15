# Tests/blackbox/groups/handlers_tasks.py — the library: tasks beside the handlers, and handlers' objects in other tasks

import time

from ..framework import equal, eventually, test, true
from .handlers import GROUP, ORDER, Service, ask  # noqa: F401 (read by the runner)

#: Far more than the machine's noise, and far less than the million turns of each task take.
PATIENCE = 2.0


@test("with {0} workers, requests are answered while two tasks of each yield a million times", cases=(1, 2, 4))
def yields(run, workers):
    with Service(run, workers) as service:
        equal(ask(service, "/yields/1000000").body, b"yielding\n", "the tasks' start")
        with service.connect() as connection:
            for turn in range(50):
                begin = time.monotonic()
                equal(ask(service, f"/hello/{turn}").body, str(turn).encode(), "a new connection's answer")
                connection.send(b"GET /hello/old HTTP/1.1\r\nHost: x\r\n\r\n")
                equal(connection.read_response().body, b"old", "an old connection's answer")
                true(time.monotonic() - begin < PATIENCE, f"two requests took {time.monotonic() - begin:.1f} s")


@test("an exchange that is used in another worker's task ends the process, and not another client's response")
def misuse(run):
    service = Service(run, workers=2)
    service.__enter__()
    try:
        with service.connect() as connection:
            connection.send(b"GET /misuse HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: service.popen.poll() is not None, "the process goes on")
            true(service.popen.returncode < 0, f"exit status {service.popen.returncode}")
    finally:
        service.popen.kill()
        service.popen.wait()
