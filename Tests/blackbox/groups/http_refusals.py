# Tests/blackbox/groups/http_refusals.py — what the server must refuse: malformed requests, smuggling, limits

from ..client import request
from ..framework import among, equal, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

#: Follows each refused request in the same write; its answer must never be seen.
SMUGGLED = request("/healthz")
HOST = "Host: x\r\n"


def expect_refusal(site, data, statuses, cuts=()):
    """Checks that the last answer has one of the statuses and says close, and that nothing behind it is answered."""
    with site.connect() as connection:
        connection.offer(data + SMUGGLED, *cuts)
        responses = connection.responses_until_end()
        true(responses, "closed without an answer")
        among(responses[-1].status, statuses, "status of the refusal")
        true(responses[-1].closes(), f"the refusal does not say close: {responses[-1]}")
        true(
            not any(response.body == b"ok\n" for response in responses),
            f"the smuggled request was answered: {responses}",
        )
        true(len(responses) <= 2, f"{len(responses)} answers to one request")


def post(*lines, body=b"hello"):
    return ("POST / HTTP/1.1\r\n" + HOST + "".join(lines) + "\r\n").encode("latin-1") + body


SMUGGLING = (
    (
        "Content-Length and Transfer-Encoding",
        post("Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", body=b"0\r\n\r\n"),
        (400,),
    ),
    (
        "Transfer-Encoding and Content-Length",
        post("Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", body=b"0\r\n\r\n"),
        (400,),
    ),
    ("two different Content-Length", post("Content-Length: 5\r\n", "Content-Length: 6\r\n"), (400,)),
    ("two equal Content-Length", post("Content-Length: 5\r\n", "Content-Length: 5\r\n"), (400,)),
    ("a list in Content-Length", post("Content-Length: 5, 5\r\n"), (400,)),
    ("a Content-Length of +5", post("Content-Length: +5\r\n"), (400,)),
    ("a Content-Length of -5", post("Content-Length: -5\r\n"), (400,)),
    ("a Content-Length of 0x5", post("Content-Length: 0x5\r\n"), (400,)),
    ("a Content-Length of 5x", post("Content-Length: 5x\r\n"), (400,)),
    ("a Content-Length of 5 0", post("Content-Length: 5 0\r\n"), (400,)),
    ("an empty Content-Length", post("Content-Length: \r\n"), (400,)),
    ("a Content-Length beyond 64 bits", post("Content-Length: 18446744073709551621\r\n"), (400, 413)),
    (
        "Transfer-Encoding in HTTP/1.0",
        b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        (400,),
    ),
    ("chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", body=b"0\r\n\r\n"), (400,)),
    ("chunked twice in two fields", post("Transfer-Encoding: chunked\r\n" * 2, body=b"0\r\n\r\n"), (400,)),
    ("chunked before another coding", post("Transfer-Encoding: chunked, gzip\r\n", body=b"0\r\n\r\n"), (400, 501)),
    ("an unknown coding", post("Transfer-Encoding: gzip, chunked\r\n", body=b"0\r\n\r\n"), (501,)),
    ("the coding identity", post("Transfer-Encoding: identity\r\n"), (400, 501)),
    ("the coding xchunked", post("Transfer-Encoding: xchunked\r\n", body=b"0\r\n\r\n"), (400, 501)),
    ("a quoted coding", post('Transfer-Encoding: "chunked"\r\n', body=b"0\r\n\r\n"), (400, 501)),
    ("a coding behind a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", body=b"0\r\n\r\n"), (400, 501)),
    ("an empty Transfer-Encoding", post("Transfer-Encoding:\r\n"), (400, 501)),
    ("a bare LF after the request line", b"GET / HTTP/1.1\nHost: x\r\n\r\n", (400,)),
    ("a bare LF after a field", b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", (400,)),
    ("a bare LF as the empty line", b"GET / HTTP/1.1\r\nHost: x\r\n\n", (400,)),
    ("bare LFs only", b"GET / HTTP/1.1\nHost: x\n\n", (400,)),
    ("a bare CR in a value", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", (400,)),
    ("a bare CR in the request line", b"GET /\r HTTP/1.1\r\nHost: x\r\n\r\n", (400,)),
    ("CR CR LF", b"GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", (400,)),
    ("a space before the colon", post("Content-Length : 5\r\n"), (400,)),
    ("a tab before the colon", post("Transfer-Encoding\t: chunked\r\n", body=b"0\r\n\r\n"), (400,)),
    ("a folded field", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", (400,)),
    ("a field folded by a tab", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n", (400,)),
    ("white space before the first field", b"GET / HTTP/1.1\r\n Host: x\r\n\r\n", (400,)),
    ("an empty field name", b"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", (400,)),
    ("a field without a colon", b"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", (400,)),
    ("a NUL in a value", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", (400,)),
    ("a control character in a value", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x1bb\r\n\r\n", (400,)),
    ("a DEL in a value", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x7fb\r\n\r\n", (400,)),
    ("a NUL in a name", b"GET / HTTP/1.1\r\nHost: x\r\nX\x00: b\r\n\r\n", (400,)),
    ("a brace in a name", b"GET / HTTP/1.1\r\nHost: x\r\nX{}: b\r\n\r\n", (400,)),
    ("a name beyond ASCII", b"GET / HTTP/1.1\r\nHost: x\r\nX\xe9: b\r\n\r\n", (400,)),
)


@test("smuggling: {0} is refused", cases=SMUGGLING)
def smuggling(site, _, data, statuses):
    expect_refusal(site, data, statuses)


@test("smuggling is refused wherever the request is cut", transport=True)
def smuggling_cut(site):
    for _, data, statuses in SMUGGLING[:2] + SMUGGLING[5:7]:
        for point in range(20, len(data), 7):
            expect_refusal(site, data, statuses, [point])


@test(
    "a chunked body with {0} is refused",
    cases=(
        ("a size that is not a number", b"x\r\nhello\r\n0\r\n\r\n"),
        ("no size", b"\r\nhello\r\n0\r\n\r\n"),
        ("a negative size", b"-5\r\nhello\r\n0\r\n\r\n"),
        ("a plus sign", b"+5\r\nhello\r\n0\r\n\r\n"),
        ("a 0x size", b"0x5\r\nhello\r\n0\r\n\r\n"),
        ("a size beyond 64 bits", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
        ("a space before the size", b" 5\r\nhello\r\n0\r\n\r\n"),
        ("a bare LF after the size", b"5\nhello\r\n0\r\n\r\n"),
        ("a bare CR after the size", b"5\rhello\r\n0\r\n\r\n"),
        ("data longer than the size", b"5\r\nhello!\r\n0\r\n\r\n"),
        ("no CRLF after the data", b"5\r\nhello0\r\n\r\n"),
        ("LF after the data", b"5\r\nhello\n0\r\n\r\n"),
        ("a NUL in an extension", b"5;a\x00\r\nhello\r\n0\r\n\r\n"),
        ("a LF in an extension", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
        ("an endless extension", b"5;" + b"e" * 5000 + b"\r\nhello\r\n0\r\n\r\n"),
        ("a folded trailer", b"0\r\nX: a\r\n b\r\n\r\n"),
        ("a trailer without a colon", b"0\r\nnonsense\r\n\r\n"),
        ("a bare LF at its end", b"0\r\n\n"),
        ("endless trailers", b"0\r\n" + b"X-T: trailer\r\n" * 1000 + b"\r\n"),
    ),
)
def bad_chunks(site, _, body):
    expect_refusal(site, request("/", "POST", "Transfer-Encoding: chunked", body=body), (400, 413, 431))


@test(
    "the request line {0!r} is refused",
    cases=(
        ("GET  / HTTP/1.1", (400,)),
        ("GET / HTTP/1.1 ", (400,)),
        ("GET /  HTTP/1.1", (400,)),
        (" GET / HTTP/1.1", (400,)),
        ("GET\t/ HTTP/1.1", (400,)),
        ("GET /", (400, 505)),
        ("GET", (400,)),
        ("GET HTTP/1.1", (400,)),
        ("G@T / HTTP/1.1", (400,)),
        ("GET / a HTTP/1.1", (400,)),
        ("GET nothing HTTP/1.1", (400,)),
        ("GET * HTTP/1.1", (400,)),
        ("GET /\x01 HTTP/1.1", (400,)),
        ("GET /\x7f HTTP/1.1", (400,)),
        ("GET /\xe9 HTTP/1.1", (400,)),
        ("GET /#top HTTP/1.1", (400,)),
        ("GET ftp://x/ HTTP/1.1", (400,)),
        ("GET http:///healthz HTTP/1.1", (400,)),
        ("GET / http/1.1", (400, 505)),
        ("GET / HTTP/11", (400, 505)),
        ("GET / HTTP/1", (400, 505)),
        ("GET / HTTP/1.", (400, 505)),
        ("GET / HTTP/1.1x", (400, 505)),
        ("GET / HTTP/01.1", (400, 505)),
        ("GET / HTTPS/1.1", (400, 505)),
        ("GET / HTTP/2.0", (505,)),
        ("GET / HTTP/0.9", (400, 505)),
        ("GET / HTTP/3.0", (505,)),
        ("GET / HTTP/9.9", (505,)),
    ),
)
def bad_request_line(site, line, statuses):
    expect_refusal(site, f"{line}\r\n{HOST}\r\n".encode("latin-1"), statuses)


@test("the start of an HTTP/2 connection is refused")
def http2_preface(site):
    with site.connect() as connection:
        connection.offer(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        among(connection.read_response().status, (400, 505), "status")


@test("the start of a TLS connection is refused and closed")
def tls_hello(site):
    with site.connect() as connection:
        connection.offer(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(range(160)) + b"\r\n\r\n")
        equal([response.status for response in connection.responses_until_end()], [400], "answers")


@test("a request without Host is refused with 400 (RFC 9112 3.2)")
def no_host(site):
    expect_refusal(site, request("/", host=None), (400,))
    expect_refusal(site, request("http://example.test/", host=None), (400,))


@test("two Host fields are refused with 400")
def two_hosts(site):
    expect_refusal(site, request("/", "GET", "Host: test"), (400,))
    expect_refusal(site, request("/", "GET", "hOST: other"), (400,))


@test(
    "the Host {0!r} is refused with 400",
    cases=("a b", "a/b", "a,b", "user@host", "a#b", "a?b", "[::1", "host:port", "caf\xe9", "<x>"),
)
def bad_host(site, host):
    expect_refusal(site, request("/", host=host), (400,))


@test("a target of 9,000 bytes is refused with 414")
def long_target(site):
    expect_refusal(site, request("/" + "a" * 9000), (414,))


@test("a target without an end is refused with 414 while it still comes", transport=True)
def endless_target(site):
    with site.connect() as connection:
        connection.offer(b"GET /" + b"a" * 70_000)
        equal([response.status for response in connection.responses_until_end()], [414], "answers")


@test("a head of 17,000 bytes is refused with 431")
def large_head(site):
    expect_refusal(site, request("/", "GET", *(f"X-{index}: {'v' * 200}" for index in range(80))), (431,))


@test("a field without an end is refused with 431 while it still comes", transport=True)
def endless_field(site):
    with site.connect() as connection:
        connection.offer(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000)
        equal([response.status for response in connection.responses_until_end()], [431], "answers")


@test("101 fields are refused with 431")
def many_fields(site):
    expect_refusal(site, request("/", "GET", *(f"X-{index}: y" for index in range(100))), (431,))


@test("a method without an end is refused")
def endless_method(site):
    with site.connect() as connection:
        connection.offer(b"A" * 70_000)
        statuses = [response.status for response in connection.responses_until_end()]
        true(statuses and statuses[0] in (400, 414, 431, 501), f"answers: {statuses}")


@test("endless empty lines before a request are refused", transport=True)
def endless_lines(site):
    with site.connect() as connection:
        connection.offer(b"\r\n" * 5000)
        connection.half_close()
        statuses = [response.status for response in connection.responses_until_end()]
        true(statuses in ([400], []), f"answers: {statuses}")


@test("a refusal does not disturb the answers before it", transport=True)
def refusal_in_a_pipeline(site):
    with site.connect() as connection:
        connection.offer(request("/healthz") * 10 + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n" + request("/healthz"))
        statuses = [response.status for response in connection.responses_until_end()]
        equal(statuses, [200] * 10 + [400], "answers")


@test(
    "a refusal behind {0} pipelined answers, for which the output has hardly room, is whole",
    transport=True,
    cases=(900, 1015, 1020, 1100),
)
def crowded_refusals(site, count):
    ask = b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n"
    for heads in (0, 221):
        with site.connect(timeout=10) as connection:
            asked = b"HEAD" + ask[3:]
            connection.send(asked * heads + ask * (count - heads) + b"GET / HTTP/1.1\r\n\r\n")
            for index in range(count):
                method = "HEAD" if index < heads else "GET"
                equal(connection.read_response(method).status, 200, f"status of answer {index}")
            response = connection.read_response()
            equal((response.status, response.body), (400, b"400 Bad Request\n"), "the refusal")
            connection.expect_end()


@test(
    "a refused HEAD request gets no body: {0}",
    cases=(
        (400, b"HEAD / HTTP/1.1\r\n\r\n"),
        (417, b"HEAD / HTTP/1.1\r\nHost: x\r\nExpect: y\r\n\r\n"),
        (413, b"HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627777\r\n\r\n"),
    ),
)
def refused_heads(site, status, data):
    with site.connect() as connection:
        connection.send(data)
        response = connection.read_response("HEAD")
        equal(response.status, status, "status")
        true(int(response.field("Content-Length")) > 0, f"no length of what GET would get: {response}")
        connection.expect_end()


@test(
    "a line end too many behind a body is not a request: it is thrown away, and the connection goes on or is idle",
    transport=True,
)
def stray_line_ends(site):
    with site.fresh(settings={"requestTimeout": "300ms", "idleTimeout": "1s"}) as server, server.connect() as connection:
        connection.send(request("/", "POST", "Content-Length: 5", body=b"hello\r\n"))
        equal(connection.read_response().status, 405, "status")
        true(connection.is_silent(0.6), "the end, or an answer, to an empty line")
        for piece in (b"\r", b"\n", b"\r\n\r\n", request("/healthz")):
            connection.send(piece)
        equal(connection.read_response().status, 200, "status of the next request")
        connection.send(b"\r\n")
        connection.expect_end()
