# Tests/blackbox/groups/ws_handshake.py — the opening handshake (RFC 6455 4) and what is on the wire around it

import base64
import random

from ..client import chunked, request
from ..framework import among, equal, test, true
from ..websocket import ACCEPT, WebSocket, accept_for, handshake

GROUP, ORDER, AGAINST_URL, SHARED_SITE = "ws", 43, True, True
QUICK = True


def answer(site, data, method="GET"):
    """Returns the answer to a handshake that must fail."""
    with site.connect() as connection:
        connection.offer(data)
        response = connection.read_response(method)
        true(response.status != 101, f"upgraded: {response}")
        return response


@test("4.2.2: the sample key of RFC 6455 1.3 gets its Sec-WebSocket-Accept, and nothing else comes")
def sample_key(site):
    with WebSocket(site, open=False) as socket:
        socket.send(handshake())
        response = socket.read_handshake(ACCEPT)
        equal(response.reason, "Switching Protocols", "reason")
        true(socket.is_silent(0.05), "something came after the handshake")
        socket.echo(b"hello")


@test("4.2.2: every key gets its own Sec-WebSocket-Accept")
def keys(site):
    chance = random.Random(6455)
    for data in (bytes(16), b"\xff" * 16, *(chance.randbytes(16) for _ in range(50))):
        key = base64.b64encode(data).decode()
        with WebSocket(site, open=False) as socket:
            socket.send(handshake(key=key))
            socket.read_handshake(accept_for(key))


@test(
    "4.2.1: {0} is accepted",
    cases=(
        ("Upgrade: WebSocket", handshake(upgrade="WebSocket")),
        ("Upgrade: WEBSOCKET", handshake(upgrade="WEBSOCKET")),
        ("websocket in a list of Upgrade", handshake(upgrade="h2c, websocket")),
        ("websocket in a second Upgrade field", handshake("/ws", "Upgrade: websocket", upgrade="h2c")),
        ("Connection: upgrade", handshake(connection="upgrade")),
        ("Connection: keep-alive, Upgrade", handshake(connection="keep-alive, Upgrade")),
        ("Connection: ,,UPGRADE ,", handshake(connection=",,UPGRADE ,")),
        ("Upgrade in a second Connection field", handshake("/ws", "Connection: Upgrade", connection="keep-alive")),
        ("a key between spaces", handshake(key="  dGhlIHNhbXBsZSBub25jZQ== \t")),
        ("a field name in capitals", handshake("/ws", "SEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ==", key=None)),
        ("a field name in small letters", handshake("/ws", "sec-websocket-version: 13", version=None)),
        ("a query in the target", handshake("/ws?token=1&x=%20")),
        ("an absolute target", handshake("http://test/ws")),
        ("any Origin", handshake("/ws", "Origin: https://anywhere.example")),
        ("the Origin null", handshake("/ws", "Origin: null")),
        ("an unknown field, a cookie, a User-Agent", handshake("/ws", "X-A: b", "Cookie: c=d", "User-Agent: e/1")),
        ("a head of 8 KiB", handshake("/ws", *(f"X-{index}: {'v' * 150}" for index in range(50)))),
    ),
)
def accepted(site, _, data):
    with WebSocket(site, open=False) as socket:
        socket.send(data)
        socket.read_handshake()
        socket.echo(b"after " + data[:20])


@test(
    "9.1: the extension offer {0!r} is not accepted, and the connection works without",
    cases=(
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover, permessage-bzip2",
        'foo; bar="baz, qux"',
        "x-webkit-deflate-frame",
    ),
)
def extensions(site, offer):
    with WebSocket(site, "/ws", f"Sec-WebSocket-Extensions: {offer}") as socket:
        socket.echo(b"not compressed")


@test("4.2.2: the subprotocol offer {0!r} is not answered", cases=("chat", "chat, superchat", "mqtt,soap"))
def subprotocols(site, offer):
    with WebSocket(site, "/ws", f"Sec-WebSocket-Protocol: {offer}", "Sec-WebSocket-Protocol: other") as socket:
        socket.echo(b"no subprotocol")


@test(
    "RFC 9110 15.5.22: {0} is answered with 426 and what is needed",
    cases=(
        ("a plain GET", request("/ws")),
        ("no Upgrade", handshake(upgrade=None)),
        ("no Connection", handshake(connection=None)),
        ("Connection: keep-alive", handshake(connection="keep-alive")),
        ("Upgrade: h2c", handshake(upgrade="h2c")),
        ("Upgrade: websockets", handshake(upgrade="websockets")),
        ("a plain GET of /term", request("/term")),
    ),
)
def not_an_upgrade(site, _, data):
    response = answer(site, data)
    equal(response.status, 426, f"status, {response}")
    equal((response.field("Upgrade") or "").lower(), "websocket", "Upgrade")
    options = [option.strip().lower() for option in (response.field("Connection") or "").split(",")]
    true("upgrade" in options, f"Connection without Upgrade: {response}")


@test("RFC 9110 7.8: HTTP/1.0 is not upgraded")
def old_http(site):
    among(answer(site, handshake(http="1.0")).status, (400, 426, 505), "status")


@test(
    "4.2.2, 4.4: Sec-WebSocket-Version {0} is answered with 426 and the version that is spoken",
    cases=(
        ("12", handshake(version="12")),
        ("14", handshake(version="14")),
        ("0", handshake(version="0")),
        ("8, as in drafts", handshake(version="8")),
        ("113", handshake(version="113")),
        ("130", handshake(version="130")),
        ("1", handshake(version="1")),
        ("13x", handshake(version="13x")),
        ("thirteen", handshake(version="thirteen")),
        ("absent", handshake(version=None)),
    ),
)
def versions(site, _, data):
    response = answer(site, data)
    equal((response.status, response.field("Sec-WebSocket-Version")), (426, "13"), "status and version")


@test(
    "4.2.1: {0} is refused",
    cases=(
        ("an empty version", handshake(version=""), (400, 426)),
        ("two versions", handshake("/ws", "Sec-WebSocket-Version: 8"), (400, 426)),
        ("a list of versions", handshake(version="13, 8"), (400, 426)),
        ("no key", handshake(key=None), (400,)),
        ("an empty key", handshake(key=""), (400,)),
        ("a key of 15 bytes", handshake(key=base64.b64encode(bytes(15)).decode()), (400,)),
        ("a key of 17 bytes", handshake(key=base64.b64encode(bytes(17)).decode()), (400,)),
        ("a key of 18 bytes", handshake(key=base64.b64encode(bytes(18)).decode()), (400,)),
        ("a key of 32 bytes", handshake(key=base64.b64encode(bytes(32)).decode()), (400,)),
        ("a key without padding", handshake(key="dGhlIHNhbXBsZSBub25jZQ"), (400,)),
        ("a key with half its padding", handshake(key="dGhlIHNhbXBsZSBub25jZQ="), (400,)),
        ("a key with too much padding", handshake(key="dGhlIHNhbXBsZSBub25jZQ==="), (400,)),
        ("a key with padding inside", handshake(key="dGhlIHNhbXBsZSBub=5jZQ=="), (400,)),
        ("a key with a space inside", handshake(key="dGhlIHNhbXBsZSBub2 jZQ=="), (400,)),
        ("a key in the alphabet for URLs", handshake(key="_-hlIHNhbXBsZSBub25jZQ=="), (400,)),
        ("a key with an asterisk", handshake(key="dGhlIHNhbXBsZSBub25j*Q=="), (400,)),
        ("a list of keys", handshake(key="dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="), (400,)),
        ("two keys", handshake("/ws", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), (400,)),
        ("no Host", handshake(host=None), (400,)),
        ("two Hosts", handshake("/ws", "Host: other"), (400,)),
        ("a sized body", handshake("/ws", "Content-Length: 5", body=b"hello"), (400,)),
        ("a chunked body", handshake("/ws", "Transfer-Encoding: chunked", body=chunked(b"hello")), (400,)),
        ("a target that is nothing", handshake("/nothing-here"), (404,)),
        ("a target below /ws", handshake("/ws/"), (404,)),
    ),
)
def refused(site, _, data, statuses):
    among(answer(site, data).status, statuses, "status")


@test("4.2.1: {0} /ws is refused with 405 and Allow", cases=("POST", "PUT", "DELETE", "PATCH"))
def other_methods(site, method):
    for data in (handshake(method=method), request("/ws", method)):
        response = answer(site, data, method)
        equal(response.status, 405, "status")
        true("GET" in (response.field("Allow") or ""), f"Allow: {response}")


@test("4.2.1: HEAD /ws never upgrades")
def head_method(site):
    for data in (handshake(method="HEAD"), request("/ws", "HEAD")):
        among(answer(site, data, "HEAD").status, (400, 405, 426), "status")


@test("RFC 9110 7.8: a request to upgrade a page that is none of WebSocket is answered as if it had not asked")
def other_route(site):
    with site.connect() as connection:
        equal(connection.exchange(handshake("/healthz")).body, b"ok\n", "body")
        equal(connection.exchange(request("/healthz")).body, b"ok\n", "body of the next answer")


@test(
    "10.2: with --origins only those origins connect: {1} gets {0}",
    cases=(
        (101, "https://a.example"),
        (101, "https://b.example"),
        (403, "https://c.example"),
        (403, "http://a.example"),
        (403, "https://a.example.evil.test"),
        (403, "https://a.exampl"),
        (403, "https://a.example:8443"),
        (403, "https://a.example https://b.example"),
        (403, "evil.test/https://a.example"),
        (403, "null"),
        (403, ""),
        (403, None),
    ),
)
def origins(site, status, origin):
    with site.fresh(arguments=("--origins", "https://a.example https://b.example")) as server:
        fields = [] if origin is None else [f"Origin: {origin}"]
        with WebSocket(server, open=False) as socket:
            socket.send(handshake("/ws", *fields))
            if status == 101:
                socket.read_handshake()
                socket.echo(b"hello")
            else:
                equal(socket.read_response().status, 403, "status")


@test("10.2: with --origins two Origin fields are refused")
def two_origins(site):
    with site.fresh(arguments=("--origins", "https://a.example")) as server:
        fields = ("Origin: https://a.example", "Origin: https://a.example")
        among(answer(server, handshake("/ws", *fields)).status, (400, 403), "status")
