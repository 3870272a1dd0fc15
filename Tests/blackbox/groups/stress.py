# Tests/blackbox/groups/stress.py — a million requests, 50,000 connections, idle crowds, exhausted descriptors

import time

from ..client import request
from ..flood import cycles, flood
from ..framework import Failure, Skip, equal, eventually, test, true

GROUP, ORDER, AGAINST_URL = "stress", 60, True

KIBIBYTE, MEBIBYTE = 1 << 10, 1 << 20


def warm_up(site):
    """Lets every worker serve some connections, so that what is made once is made before memory is measured."""
    crowd = [site.connect() for _ in range(64)]
    for connection in crowd:
        equal(connection.exchange(request("/")).status, 200, "status")
    for connection in crowd:
        connection.close()
    if site.process:
        site.settle()


def expect_back(site, resident, descriptors):
    """Memory and descriptors are back near where they were."""
    eventually(
        lambda: site.process.descriptors() <= descriptors,
        lambda: f"{site.process.descriptors()} descriptors are open, {descriptors} were before",
    )
    eventually(
        lambda: site.process.resident() <= resident + MEBIBYTE,
        lambda: f"resident memory is {site.process.resident()}, and was {resident} before",
        seconds=5,
    )


@test("resident memory after the start is below 1 MiB with 2 workers")
def small_start(run):
    with run.fresh() as site:
        site.own()
        time.sleep(0.2)
        resident = site.process.resident()
        true(resident < MEBIBYTE, f"{resident} bytes are resident")
        eventually(
            lambda: len(site.process.threads()) >= site.workers + 1, lambda: f"threads: {site.process.threads()}"
        )


@test("1,000,000 requests over 64 keep-alive connections, then 50,000 connections of one request each", limit=300.0)
def million(run):
    with run.fresh() as site:
        warm_up(site)
        figures = (site.process.resident(), site.process.descriptors()) if site.process else None
        done, seconds = flood(site, 1_000_000)
        true(done >= 1_000_000, f"only {done} requests")
        run.say(f"     {done / seconds:12,.0f} requests a second, pipelined by 16")
        if figures:
            expect_back(site, *figures)
        seconds = cycles(site, 50_000)
        run.say(f"     {50_000 / seconds:12,.0f} connections a second")
        if figures:
            expect_back(site, *figures)


@test("200,000 requests without pipelining over 64 connections", limit=120.0)
def unpipelined(run):
    with run.fresh() as site:
        done, seconds = flood(site, 200_000, depth=1)
        run.say(f"     {done / seconds:12,.0f} requests a second, one at a time on each connection")


@test("5,000 idle keep-alive connections take at most 1 KiB each, and leave nothing behind", limit=120.0)
def idle_connections(run):
    with run.fresh() as site:
        warm_up(site)
        figures = (site.process.resident(), site.process.descriptors()) if site.process else None
        crowd = []
        try:
            for _ in range(5000):
                crowd.append(site.connect())
                crowd[-1].send(request("/"))
            for connection in crowd:
                equal(connection.read_response().status, 200, "status")
            if figures:
                growth = (site.process.resident() - figures[0]) / len(crowd)
                run.say(f"     {growth:12,.0f} bytes for each idle connection")
                true(growth <= KIBIBYTE, f"each idle connection takes {growth:.0f} bytes")
            for connection in crowd[::50]:
                equal(connection.exchange(request("/healthz")).status, 200, "status on a connection that was idle")
        finally:
            for connection in crowd:
                connection.close()
        if figures:
            expect_back(site, *figures)


def expect_rest(site, seconds):
    """No thread uses a clock tick, and none is scheduled more than now and then."""
    names = site.process.threads()
    ticks, switches = site.process.ticks(), site.process.switches()
    time.sleep(seconds)
    ticks_after, switches_after = site.process.ticks(), site.process.switches()
    for thread, name in names.items():
        used, switched = ticks_after[thread] - ticks[thread], switches_after[thread] - switches[thread]
        true(used == 0, f"thread {name} used {used} ticks in {seconds} s of idleness")
        true(switched <= 5, f"thread {name} was scheduled {switched} times in {seconds} s of idleness")


@test(
    "idle for 10 s after 1,000 clients: no processor time and hardly a context switch, {0}",
    cases=("io_uring", "epoll", "ppoll"),
)
def rest(run, reactor):
    with run.fresh(reactor=reactor) as site:
        site.own()
        warm_up(site)
        for _ in range(10):
            crowd = [site.connect() for _ in range(100)]
            for connection in crowd:
                connection.send(request("/"))
            for connection in crowd:
                equal(connection.read_response().status, 200, "status")
                connection.close()
        site.settle()
        time.sleep(1)
        expect_rest(site, 10)


@test("idle for 5 s with 200 open connections: no processor time, {0}", cases=("io_uring", "epoll", "ppoll"))
def rest_with_connections(run, reactor):
    with run.fresh(reactor=reactor) as site:
        site.own()
        crowd = [site.connect() for _ in range(200)]
        for connection in crowd:
            equal(connection.exchange(request("/healthz")).status, 200, "status")
        time.sleep(1)
        expect_rest(site, 5)
        for connection in crowd:
            connection.close()


@test(
    "with 64 descriptors and 200 clients the first are served, nothing spins, and all is well when they leave: {0}",
    cases=("thread", "workers"),
)
def exhausted(run, accept):
    with run.fresh(descriptors=64, accept=accept) as site:
        site.own()
        equal(site.get("/healthz").status, 200, "status before")
        crowd = []
        try:
            crowd = [site.connect(timeout=1) for _ in range(200)]
            for connection in crowd:
                connection.send(request("/healthz"))
            served = 0
            for connection in crowd[:30]:
                served += connection.read_response().status == 200
            equal(served, 30, "the first 30 clients served")
            load = site.process.load(2)
            true(load < 0.1, f"the server uses {load:.0%} of a processor while it has no descriptor left")
            equal(crowd[0].exchange(request("/healthz")).status, 200, "status on a connection that is open")
        finally:
            for connection in crowd:
                connection.close()

        def serves():
            try:
                return site.get("/healthz").status == 200
            except (Failure, OSError):
                return False

        eventually(serves, "the server does not recover after the clients have left", seconds=10)
        for _ in range(100):
            equal(site.get("/healthz").status, 200, "status afterwards")


@test("10,000 connections at once are all served", limit=120.0)
def many_connections(run):
    with run.fresh() as site:
        import resource

        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 10_500:
            raise Skip("this shell may not open 10,500 descriptors")
        sources = [f"127.0.0.{index}" for index in range(2, 6)] if site.address[0] == "127.0.0.1" else [None]
        crowd = []
        try:
            for index in range(10_000):
                crowd.append(site.connect(source=sources[index % len(sources)], timeout=10))
            for connection in crowd:
                connection.send(request("/healthz"))
            for connection in crowd:
                equal(connection.read_response().body, b"ok\n", "body")
        finally:
            for connection in crowd:
                connection.close()


@test("with a heap of 4 MiB and 300 half-sent bodies accepting pauses, nothing spins, and all is well when they leave")
def heap_limit(run):
    with run.fresh(workers=2, settings={"heapLimit": "4M"}) as server:
        head = request("/", "POST", "Content-Length: 10", body=b"half")
        crowd = []
        for _ in range(300):
            # At once: were all of them accepted before the first body came, nobody would be left to pause for.
            crowd.append(server.connect())
            crowd[-1].send(head)
        eventually(lambda: any("paused reason=heap-limit" in line for line in server.log()), "accepting did not pause")
        true(server.process.load(1.0) < 0.1, "a thread spins while there is no memory")
        for connection in crowd:
            connection.close()
        eventually(lambda: server.get("/healthz").status == 200, "nobody is served afterwards")
        eventually(lambda: any("[ACCEPT] resumed" in line for line in server.log()), "the log does not say that it goes on")
