# Tests/blackbox/groups/concurrent.py — many clients at once, and the end of the server under load

import os
import random
import signal
import threading
import time

from ..client import chunked, request
from ..flood import Batch, flood
from ..framework import Failure, equal, eventually, test, true

GROUP, ORDER, AGAINST_URL, SHARED_SITE = "concurrent", 70, True, True
TRANSPORT = True

#: Target, method, further lines, body, and the status of the answer.
KINDS = (
    ("/", "GET", (), b"", 200),
    ("/healthz", "GET", (), b"", 200),
    ("/nothing", "GET", (), b"", 404),
    ("/", "HEAD", (), b"", 200),
    ("/metrics", "GET", (), b"", 200),
    ("/", "POST", ("Content-Length: 6",), b"sized!", 405),
    ("/nothing", "POST", ("Transfer-Encoding: chunked",), chunked(b"some", b"chunks"), 404),
    ("/healthz?q=1", "GET", ("X-Filler: " + "f" * 300,), b"", 200),
)


def together(count, work):
    """Runs `work(index)` in `count` threads; the first failure of any of them fails the test."""
    failures = []

    def guarded(index):
        try:
            work(index)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(index,), daemon=True) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@test("32 clients with mixed requests, cut at random places, all get the right answers")
def mixed(site):
    page = site.get("/").body

    def client(index):
        chance = random.Random(index)
        for _ in range(3):
            with site.connect() as connection:
                for _ in range(20):
                    kinds = [chance.choice(KINDS) for _ in range(chance.randint(1, 5))]
                    data = b"".join(
                        request(target, method, *lines, body=body) for target, method, lines, body, _ in kinds
                    )
                    cuts = sorted(chance.randrange(1, len(data)) for _ in range(chance.randint(0, 3)))
                    connection.send_cut(data, *cuts, pause=chance.choice((0, 0, 0.001)))
                    for target, method, _, _, status in kinds:
                        response = connection.read_response(method)
                        equal(response.status, status, f"status of {method} {target}")
                        if (target, method) == ("/", "GET"):
                            true(response.body == page, "another page than before")

    together(32, client)


@test("128 connections with pipelined mixed batches: every byte of 40,000 answers is right")
def flooded(site):
    plan = [(target, method) for target, method, _, body, _ in KINDS if not body and target != "/metrics"]
    batches = [Batch(site, [random.choice(plan) for _ in range(8)]) for _ in range(20)]
    flood(site, 40_000, lanes=128, batches=batches)


@test("64 clients that connect, ask and leave, some rudely, while others are served")
def comings_and_goings(site):
    def client(index):
        chance = random.Random(index)
        for _ in range(20):
            connection = site.connect()
            manner = chance.randrange(4)
            if manner == 0:
                connection.send(request("/") * chance.randint(1, 50))
                connection.reset()
            elif manner == 1:
                connection.send(request("/")[: chance.randrange(5, 20)])
                connection.close()
            else:
                equal(connection.exchange(request("/healthz", "GET", "Connection: close")).body, b"ok\n", "body")
                connection.expect_end()
                connection.close()

    together(64, client)
    equal(site.get("/healthz").status, 200, "status afterwards")


@test("descriptors fall back to where they were after 500 clients")
def descriptors(site):
    site.own()
    site.get("/healthz")
    site.settle()
    before = site.process.descriptors()
    crowd = [site.connect() for _ in range(500)]
    for connection in crowd:
        equal(connection.exchange(request("/healthz")).status, 200, "status")
    for index, connection in enumerate(crowd):
        connection.reset() if index % 3 == 0 else connection.close()
    eventually(
        lambda: site.process.descriptors() <= before, lambda: f"{site.process.descriptors()} open, {before} before"
    )


@test("connections are spread over the workers")
def spread(site):
    site.own()
    if site.workers > 1:
        workers = [thread for thread, name in site.process.threads().items() if "worker" in name]
        before = site.process.thread_seconds()
        flood(site, 40_000, lanes=64)
        after = site.process.thread_seconds()
        used = [after[thread] - before[thread] for thread in workers]
        wanted = min(site.workers, os.cpu_count())
        true(sum(seconds > 0.0005 for seconds in used) >= wanted, f"processor seconds of the workers: {used}")


@test("SIGTERM under load: every answer that began is whole, and the exit status is 0", slow=True)
def terminated(site):
    counts, over = [0] * 32, threading.Event()
    with site.fresh() as server:
        page = server.get("/").body

        def client(index):
            """Asks in batches until the server is gone; it may go between two answers, never inside one."""
            batch = 1 + index % 4
            while not over.is_set():
                try:
                    connection = server.connect()
                except OSError:
                    return
                with connection:
                    try:
                        ended = False
                        while not ended:
                            connection.send(request("/") * batch)
                            for _ in range(batch):
                                ended = not connection.buffer and not connection.more()
                                if ended:
                                    break
                                equal(connection.read_response().body, page, "the page")
                                counts[index] += 1
                    except (ConnectionResetError, BrokenPipeError):
                        true(not connection.buffer, f"reset inside an answer: {connection.buffer[:200]}")

        def work(index):
            if index < 32:
                return client(index)
            time.sleep(0.3)
            try:
                server.stop(seconds=5)
            finally:
                over.set()

        together(33, work)
    true(sum(counts) > 100, f"only {sum(counts)} answers before the end")


@test("SIGINT ends it like SIGTERM", slow=True)
def interrupted(site):
    with site.fresh() as server, server.connect() as connection:
        connection.exchange(request("/healthz"))
        server.signal(signal.SIGINT)
        equal(server.wait(), 0, "exit status")
        connection.expect_end()


@test("idle connections do not hold the end up", slow=True)
def idle_end(site):
    with site.fresh() as server:
        crowd = [server.connect() for _ in range(200)]
        for connection in crowd[:100]:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
        start = time.monotonic()
        server.stop(seconds=5)
        true(time.monotonic() - start < 2, f"the end took {time.monotonic() - start:.1f} s")
        for connection in crowd:
            connection.close()


@test("a request in flight at SIGTERM is finished, with Connection: close, and then the server ends", slow=True)
def drained(site):
    with site.fresh() as server, server.connect() as connection:
        head = request("/healthz")
        connection.send(head[:-2])
        connection.await_received()
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        true(server.popen.poll() is None, "the server did not wait for the request in flight")
        server.await_draining()
        connection.send(head[-2:])
        response = connection.read_response()
        equal((response.status, response.body, response.closes()), (200, b"ok\n", True), "status, body and close")
        connection.expect_end()
        equal(server.wait(3), 0, "exit status")


def refuses(server):
    """Whether a new connection is refused, or ended without a byte."""
    try:
        with server.connect() as late:
            late.send(request("/healthz"))
            return late.socket.recv(1000) == b""
    except OSError:
        return True


@test("nobody can connect while the server drains", slow=True)
def no_new_connections(site):
    with site.fresh() as server, server.connect() as busy:
        busy.send(request("/healthz", "GET", "Content-Length: 10", body=b"half "))
        busy.await_received()
        server.signal(signal.SIGTERM)
        eventually(lambda: refuses(server), "it still answers a new connection")
        busy.send(b"whole")
        busy.read_response()
        equal(server.wait(3), 0, "exit status")


@test("the drain timeout bounds the end", slow=True)
def drain_timeout(site):
    with site.fresh(settings={"drainTimeout": "500ms"}) as server, server.connect() as connection:
        connection.send(request("/healthz", "GET", "Content-Length: 10", body=b"half "))
        connection.await_received()
        start = time.monotonic()
        server.stop(seconds=5)
        true(0.4 <= time.monotonic() - start <= 2.5, f"the end took {time.monotonic() - start:.1f} s")


@test("a second SIGTERM ends the server at once", slow=True)
def second_signal(site):
    with site.fresh() as server, server.connect() as connection:
        connection.send(request("/healthz", "GET", "Content-Length: 10", body=b"half "))
        connection.await_received()
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        true(server.popen.poll() is None, "the first SIGTERM did not wait for the request in flight")
        start = time.monotonic()
        server.signal(signal.SIGTERM)
        status = server.wait(3)
        true(time.monotonic() - start < 1, f"the end took {time.monotonic() - start:.1f} s")
        true(status >= 0, f"killed by {-status} instead of exiting")


@test("SIGPIPE does not kill the server")
def pipe(site):
    site.own()
    site.signal(signal.SIGPIPE)
    for _ in range(100):
        connection = site.connect()
        connection.send(request("/") * 200)
        connection.reset()
    equal(site.get("/healthz").status, 200, "status afterwards")


@test("stopping and starting on the same port works at once, twenty times", slow=True)
def restart(site):
    with site.fresh() as first:
        first.get("/healthz")
        port = first.port
        first.stop()
    for turn in range(20):
        with site.fresh(port=port) as server:
            try:
                equal(server.get("/healthz").status, 200, f"status after start {turn}")
            except OSError as error:
                raise Failure(f"start {turn}: {error}") from None
