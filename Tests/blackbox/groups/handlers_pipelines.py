# Tests/blackbox/groups/handlers_pipelines.py — the library: answers with and without waiting in one pipeline

from ..client import chunked, request
from ..framework import equal, test
from ..websocket import WebSocket, handshake
from .handlers import GROUP, ORDER, Service  # noqa: F401 (read by the runner)
from .handlers_ws import Address
from .http_pipelines import FRAMES, check_frames

#: Requests, their methods, and the bodies that come back.
REQUESTS = (
    (request("/hello/one"), "GET", b"one"),
    (request("/echo", "POST", "Content-Length: 4", body=b"echo"), "POST", b"echo"),
    (request("/nowhere"), "GET", b"404 Not Found\n"),
    (
        request("/count", "POST", "Transfer-Encoding: chunked", body=chunked(b"ab", b"c")),
        "POST",
        b"bytes=3 sum=294 path=/count",
    ),
    (request("/hello/two"), "GET", b"two"),
    (request("/stream/11"), "GET", b"piece\n" * 11),
    (request("/early", "POST", "Content-Length: 2", body=b"no"), "POST", b"no\n"),
    (request("/hello/three"), "GET", b"three"),
)


@test("handlers that wait and others, bodies, a handshake and frames in one segment, cut at every byte", limit=120.0)
def mixed(run):
    data = b"".join(row[0] for row in REQUESTS) + handshake("/shout") + FRAMES
    with Service(run) as service:
        for point in range(len(data)):
            with WebSocket(Address(service), open=False) as socket:
                socket.send_cut(data, point)
                for sent, method, body in REQUESTS:
                    equal(socket.read_response(method).body, body, f"body of the answer to {sent[:30]}, cut at {point}")
                check_frames(socket, bytes.upper)
