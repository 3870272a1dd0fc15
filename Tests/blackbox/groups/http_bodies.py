# Tests/blackbox/groups/http_bodies.py — request bodies: sized and chunked, discarded to the byte; Expect

import time

from ..client import chunked, request
from ..framework import among, equal, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

CHUNKED = "Transfer-Encoding: chunked"
#: Looks like a request; a body that holds it must not be answered as one.
LURE = request("/healthz") * 3


def expect_discarded(site, data, status, cuts=()):
    """Checks that the request gets `status`, and the one right behind it an answer: not a byte too many or too few."""
    with site.connect() as connection:
        connection.send_cut(data + request("/healthz"), *cuts)
        equal(connection.read_response().status, status, "status")
        equal(connection.read_response().body, b"ok\n", "body of the answer behind it")
        true(not connection.buffer and connection.is_silent(0.01), "an answer too many")


@test(
    "a sized body of {0} bytes is discarded and the next request answered",
    cases=(0, 1, 100, 16_384, 131_072, 3_000_000),
)
def sized(site, size):
    expect_discarded(site, request("/", "POST", f"Content-Length: {size}", body=b"b" * size), 405)
    expect_discarded(site, request("/nothing", "POST", f"Content-Length: {size}", body=b"b" * size), 404)


@test("GET with a body is answered and the body discarded")
def get_with_body(site):
    expect_discarded(site, request("/", "GET", f"Content-Length: {len(LURE)}", body=LURE), 200)
    expect_discarded(site, request("/", "GET", CHUNKED, body=chunked(LURE, LURE)), 200)


@test("HEAD with a body is answered without one, and the body discarded")
def head_with_body(site):
    with site.connect() as connection:
        connection.send(request("/", "HEAD", f"Content-Length: {len(LURE)}", body=LURE) + request("/healthz"))
        equal(connection.read_response("HEAD").status, 200, "status")
        equal(connection.read_response().body, b"ok\n", "body of the answer behind it")


@test("a body that looks like requests is not answered: {0}", cases=("sized", "chunked"))
def lure(site, kind):
    body = LURE if kind == "sized" else chunked(LURE, LURE)
    expect_discarded(
        site, request("/", "POST", f"Content-Length: {len(LURE)}" if kind == "sized" else CHUNKED, body=body), 405
    )


@test(
    "a chunked body is discarded: {0}",
    cases=(
        ("empty", chunked()),
        ("one chunk", chunked(b"hello")),
        ("many chunks", chunked(*[b"x" * size for size in range(1, 300)])),
        ("large chunks", chunked(b"y" * 200_000, b"z" * 65_536)),
        ("upper-case hexadecimal", b"A\r\n0123456789\r\n0\r\n\r\n"),
        ("leading zeros", b"0005\r\nhello\r\n000\r\n\r\n"),
        ("extensions", b'5;a=b;c="d;e\\"f"\r\nhello\r\n0;last\r\n\r\n'),
        ("trailers", chunked(b"hello", trailer=b"X-Checksum: 1234\r\nX-Other: z\r\n")),
    ),
)
def chunked_bodies(site, _, body):
    expect_discarded(site, request("/", "POST", CHUNKED, body=body), 405)


@test("the coding's name is read in any case: {0}", cases=("Chunked", "CHUNKED", "chunked ", "\tchunked"))
def coding_case(site, value):
    expect_discarded(site, request("/", "POST", f"Transfer-Encoding: {value}", body=chunked(b"hello")), 405)


@test("a chunked body survives a cut at every byte", transport=True)
def chunked_cut(site):
    data = request("/", "POST", CHUNKED, body=b"5;x=y\r\nhello\r\nB\r\nhello world\r\n0\r\nX-T: v\r\n\r\n")
    for point in range(len(data) - 48, len(data)):
        expect_discarded(site, data, 405, [point])


@test("a sized body survives a cut at every byte", transport=True)
def sized_cut(site):
    data = request("/", "POST", "Content-Length: 20", body=b"12345678901234567890")
    for point in range(len(data) - 24, len(data) + 1):
        expect_discarded(site, data, 405, [point])


@test("a chunked body that comes byte by byte is discarded", transport=True)
def chunked_bytewise(site):
    data = request("/", "POST", CHUNKED, body=b"5\r\nhello\r\n10;e\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n")
    expect_discarded(site, data, 405, range(1, len(data)))


@test("16 pipelined requests with bodies are answered in order", transport=True)
def pipelined_bodies(site):
    with site.connect() as connection:
        one = request("/", "POST", "Content-Length: 5", body=b"hello") + request(
            "/healthz", "GET", CHUNKED, body=chunked(b"a", b"bc")
        )
        connection.send(one * 8)
        for _ in range(8):
            equal(connection.read_response().status, 405, "status")
            equal(connection.read_response().body, b"ok\n", "body")


@test(
    "Expect: 100-continue gets 100, then the answer: {0}",
    transport=True,
    cases=(("GET", "/healthz", 200), ("POST", "/nothing", 404), ("POST", "/", 405)),
)
def expect_continue(site, method, target, status):
    with site.connect() as connection:
        connection.send(request(target, method, "Content-Length: 5", "Expect: 100-continue"))
        response = connection.read_response()
        if response.status == 100:
            true(not response.fields and connection.is_silent(0.02), f"more than a bare 100: {response}")
            connection.send(b"hello")
            response = connection.read_response()
            equal(connection.exchange(request("/healthz")).body, b"ok\n", "body of the answer behind it")
        else:
            true(status >= 400, "no 100 before a good answer")
            true(response.closes(), "refused at once without closing: the client cannot know whether to send the body")
        equal(response.status, status, "status")


@test("Expect: 100-continue works for chunked bodies and in any case")
def expect_chunked(site):
    with site.connect() as connection:
        connection.send(request("/healthz", "GET", CHUNKED, "expect: 100-Continue"))
        equal(connection.read_response().status, 100, "status")
        connection.send(chunked(b"hello"))
        equal(connection.read_response().body, b"ok\n", "body")


@test("a client that does not wait for the 100 is answered as well", transport=True)
def expect_impatient(site):
    with site.connect() as connection:
        connection.send(
            request("/healthz", "GET", "Content-Length: 5", "Expect: 100-continue", body=b"hello") + request("/nothing")
        )
        response = connection.read_response()
        if response.status == 100:
            response = connection.read_response()
        equal(response.body, b"ok\n", "body")
        equal(connection.read_response().status, 404, "status of the answer behind it")


@test("Expect: 100-continue without a body, or from HTTP/1.0, gets no 100: {0}", cases=("1.1", "1.0"))
def expect_nothing(site, version):
    with site.connect() as connection:
        body = () if version == "1.1" else ("Content-Length: 5",)
        connection.send(
            request("/healthz", "GET", "Expect: 100-continue", *body, version=version, body=b"hello" if body else b"")
        )
        equal(connection.read_response().status, 200, "status")


@test("an expectation that is not 100-continue answers 417: {0}", cases=("200-ok", "100-continue, other", "magic"))
def expectation_failed(site, value):
    equal(site.get("/", f"Expect: {value}").status, 417, "status")


@test("a body of more than the limit is refused with 413, unread")
def too_large(site):
    with site.connect() as connection:
        connection.send(request("/", "POST", "Content-Length: 1073741825"))
        response = connection.read_response()
        equal((response.status, response.closes()), (413, True), "status and close")
        connection.expect_end()


@test("a client that goes on sending after a refusal still gets to read it (RFC 9112 9.6)", transport=True)
def lingering_close(site):
    with site.connect() as connection:
        connection.send(request("/", "POST", "Content-Length: 99999999999"))
        try:
            for _ in range(40):
                connection.send(b"x" * 50_000)
                time.sleep(0.0005)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            among(connection.read_response().status, (413,), "status")
        except ConnectionResetError:
            true(False, "the connection was reset before the answer could be read")
