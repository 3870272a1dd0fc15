# Tests/blackbox/groups/http_fields.py — request fields that have to be understood: names, Host, values, sizes

from ..client import request
from ..framework import equal, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)


@test(
    "field names are read in any case: {0}",
    cases=("connection: close", "CONNECTION: CLOSE", "cOnNeCtIoN:close", "Connection:\t close \t"),
)
def field_case(site, line):
    with site.connect() as connection:
        true(connection.exchange(request("/healthz", "GET", line)).closes(), "no Connection: close in the answer")
        connection.expect_end()


@test("the Host field is read in any case: {0}", cases=("host", "HOST", "hOsT"))
def host_case(site, name):
    equal(site.get("/healthz").status, 200, "status")
    with site.connect() as connection:
        equal(connection.exchange(f"GET /healthz HTTP/1.1\r\n{name}:x\r\n\r\n".encode()).status, 200, "status")


@test(
    "the Host {0} is accepted",
    cases=("", "localhost", "example.test:8080", "127.0.0.1", "[::1]:8000", "a_b-c.d", "EXAMPLE"),
)
def good_host(site, host):
    with site.connect() as connection:
        equal(connection.exchange(request("/healthz", host=host)).status, 200, "status")


@test("a field value may hold obs-text and tabs")
def obs_text(site):
    equal(site.get("/healthz", "X-Name: caf\xe9\t\x80\xff", "X-Empty:", "X-Blank: \t ").status, 200, "status")


@test("a browser's request of 600 bytes is answered")
def browser(site):
    fields = (
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: de,en-US;q=0.7,en;q=0.3",
        "Cache-Control: max-age=0",
        'Sec-Ch-Ua: "Chromium";v="126", "Not:A-Brand";v="24"',
        "Sec-Fetch-Mode: navigate",
        "Upgrade-Insecure-Requests: 1",
        "Cookie: session=0123456789abcdef; theme=dark",
        "Connection: keep-alive",
    )
    equal(site.get("/", *fields).status, 200, "status")


@test("a head with 100 fields is answered", transport=True)
def many_fields(site):
    equal(site.get("/healthz", *(f"X-{index}: {index}" for index in range(99))).status, 200, "status")


@test("a target of 8,000 bytes is read, and found to be nowhere")
def long_target(site):
    equal(site.get("/" + "a" * 7999).status, 404, "status")


@test("one empty line before the request is skipped (RFC 9112 2.2)")
def leading_line(site):
    with site.connect() as connection:
        for _ in range(3):
            equal(connection.exchange(b"\r\n" + request("/healthz")).status, 200, "status")
