# bench/runner/scenarios.py — what is measured

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """`mode` is what a server has to be able to do: `http`, `close`, `ws` or `work`. `load` are the load generator's
    arguments; `answer` names what a ceiling sends, and what all have to answer. `target` is the ratio that ours has to
    reach, pinned (issue "speed").
    """

    name: str
    title: str
    mode: str
    load: str = ""
    answer: str = "page"
    target: float | None = None
    kind: str = "load"

    @property
    def path(self):
        if self.mode == "work":
            return "/digest/1000"
        return "/ws" if self.mode == "ws" else "/healthz" if self.answer == "small" else "/"


ALL = [
    Scenario("http", "GET / on 64 connections that stay", "http", "http", target=0.95),
    Scenario("browser", "the same, with the dozen header fields of a browser", "http", "http --browser", target=0.95),
    Scenario("pipe16", "GET /, 16 pipelined, 64 connections", "http", "http --depth 16", target=0.90),
    Scenario("small", "GET /healthz, 3 bytes: the server's own share is larger", "http", "http", "small"),
    Scenario("small16", "GET /healthz, 16 pipelined", "http", "http --depth 16", "small"),
    Scenario("close", "GET /, a connection for each", "close", "close --addresses 32", "close", target=0.85),
    Scenario(
        "close10k",
        "the same, 10,000 connections a second, at even distances",
        "close",
        "close --addresses 32 --rate 10000",
        "close",
    ),
    Scenario("ws20", "echoes of 20 bytes, 64 WebSockets", "ws", "ws --size 20", target=0.95),
    Scenario("ws20p16", "the same, 16 messages in one write", "ws", "ws --size 20 --depth 16", target=0.90),
    Scenario("ws1k", "echoes of 1 KiB, 64 WebSockets", "ws", "ws --size 1024", target=0.95),
    Scenario("wstext1k", "the same as text, which has to be checked", "ws", "ws --size 1024 --text"),
    Scenario("ws64k", "echoes of 64 KiB, 16 WebSockets", "ws", "ws --size 65536 --connections 16", target=0.95),
    Scenario("http1", "GET / on one connection: latency", "http", "http --connections 1"),
    Scenario(
        "close1",
        "GET / on one connection after another: latency",
        "close",
        "close --addresses 32 --connections 1",
        "close",
    ),
    Scenario("ws1", "echoes of 20 bytes on one WebSocket: latency", "ws", "ws --size 20 --connections 1"),
    Scenario("work", "a handler that hashes 1,000 times, 64 connections", "work", "http", kind="work"),
    Scenario("idle", "10,000 connections held after one GET each", "http", "http", kind="idle"),
    Scenario("wsidle", "10,000 WebSockets held", "ws", "ws --size 20", kind="idle"),
    Scenario("start", "from exec to the first answer; size; memory", "http", kind="start"),
]
BY_NAME = {scenario.name: scenario for scenario in ALL}

#: What the layout with two workers is measured in.
TWO = ["http", "small", "pipe16", "close", "ws20", "ws1k"]
#: `bench/run --quick`
QUICK = ["http", "pipe16", "close", "close10k", "ws20", "work", "idle", "start"]


def expand(names):
    """Scenarios by their names; `idle` is both kinds of held connections."""
    chosen = [name for name in names for name in (["idle", "wsidle"] if name == "idle" else [name])]
    unknown = [name for name in chosen if name not in BY_NAME]
    if unknown:
        raise SystemExit(f"unknown scenario {', '.join(unknown)}; there are {', '.join(BY_NAME)}")
    return [BY_NAME[name] for name in dict.fromkeys(chosen)]
