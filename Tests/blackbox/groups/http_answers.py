# Tests/blackbox/groups/http_answers.py — what single requests are answered with: routes, methods, versions, fields

import email.utils
import re
import time

from ..client import request
from ..framework import among, equal, eventually, test, true

GROUP, ORDER, AGAINST_URL, SHARED_SITE = "http", 40, True, True
QUICK = True

ROUTES = ("/", "/healthz", "/metrics")
METRIC_LINE = re.compile(
    r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*",?)*\})? (\S+)( -?[0-9]+)?\Z'
)


def metrics(site):
    """The samples of /metrics: name → sum over all labels."""
    samples = {}
    for line in site.get("/metrics").body.decode().splitlines():
        if line and not line.startswith("#"):
            name = re.split(r"[{ ]", line, maxsplit=1)[0]
            samples[name] = samples.get(name, 0) + float(line.rpartition("}")[2].split()[-1 if "}" in line else 1])
    return samples


@test("GET / answers 200 with the page as text/html", transport=True)
def page(site):
    response = site.get("/")
    equal(response.status, 200, "status")
    true(response.field("Content-Type").lower().startswith("text/html"), f"Content-Type: {response}")
    equal(response.field("Content-Length"), str(len(response.body)), "Content-Length")
    true(
        b"<html" in response.body.lower() and b"</html>" in response.body.lower(),
        "the page is not a whole HTML document",
    )


@test("GET {0} has a Date of now, as an IMF-fixdate (RFC 9110 5.6.7)", cases=ROUTES + ("/nothing-here",))
def date(site, target):
    text = site.get(target).field("Date")
    true(text, "no Date field")
    true(
        re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", text),
        f"Date: {text}",
    )
    moment = email.utils.parsedate_to_datetime(text)
    true(abs(moment.timestamp() - time.time()) <= 2, f"Date is {moment.timestamp() - time.time():.1f} s off: {text}")
    equal(email.utils.format_datetime(moment, usegmt=True), text, "Date with the right day of the week")


@test("HEAD {0} answers like GET, without the body", cases=ROUTES + ("/nothing-here",))
def head(site, target):
    with site.connect() as connection:
        got = connection.exchange(request(target))
        head = connection.exchange(request(target, "HEAD"), "HEAD")
        equal(connection.exchange(request("/healthz")).body, b"ok\n", "the answer after the HEAD")
    varying = ("date", "content-length") if target == "/metrics" else ("date",)
    fields = [[field for field in response.fields if field[0].lower() not in varying] for response in (head, got)]
    equal((head.status, fields[0]), (got.status, fields[1]), "status and fields of HEAD")
    true(head.field("Content-Length"), "HEAD without Content-Length")


@test("GET /healthz answers 200 with ok")
def health(site):
    response = site.get("/healthz")
    equal((response.status, response.body), (200, b"ok\n"), "status and body")
    true(response.field("Content-Type").startswith("text/plain"), f"Content-Type: {response}")


@test("GET /metrics is Prometheus text 0.0.4")
def metrics_format(site):
    response = site.get("/metrics")
    equal(response.status, 200, "status")
    parts = [part.strip() for part in response.field("Content-Type").split(";")]
    equal((parts[0], "version=0.0.4" in parts), ("text/plain", True), "Content-Type")
    text = response.body.decode()
    true(text.endswith("\n"), "the last line does not end")
    typed = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            among(kind, ("counter", "gauge", "histogram", "summary", "untyped"), line)
            true(name not in typed, f"two TYPE lines for {name}")
            typed[name] = kind
        elif line.startswith("# HELP "):
            true(len(line.split(" ", 3)) == 4, f"HELP without a text: {line}")
        elif line and not line.startswith("#"):
            match = METRIC_LINE.match(line)
            true(match, f"not a sample: {line!r}")
            float(match[4])
            name = re.split(r"[{ ]", line, maxsplit=1)[0]
            family = re.sub("_(bucket|sum|count)$", "", name) if name not in typed else name
            true(family in typed, f"a sample without a TYPE before it: {line}")
            true(typed[family] != "counter" or name.endswith("_total"), f"a counter that is not called _total: {line}")
    true(typed, "no metric at all")


@test("the metrics count the requests", transport=True)
def metrics_count(site):
    names = [name for name in metrics(site) if name.endswith("requests_total")]
    true(names, "no metric is called …requests_total")
    before = metrics(site)[names[0]]
    with site.connect() as connection:
        for _ in range(50):
            connection.exchange(request("/healthz"))

    def rise():
        return metrics(site)[names[0]] - before

    eventually(lambda: rise() >= 50, lambda: f"{names[0]} rose by {rise()} after 50 requests", interval=0.02)


@test(
    "GET {0} answers 404",
    cases=(
        "/nothing-here",
        "/healthz/",
        "/Healthz",
        "/healthzz",
        "/health",
        "//",
        "/index.html",
        "/%2e%2e/etc/passwd",
        "/../../etc/passwd",
    ),
)
def unknown_path(site, target):
    with site.connect() as connection:
        equal(connection.exchange(request(target)).status, 404, "status")
        equal(connection.exchange(request("/healthz")).status, 200, "status of the request after it")


@test("GET {0} ignores the query", cases=("/healthz?", "/healthz?x=1&y=/nothing", "/healthz??a"))
def query(site, target):
    equal(site.get(target).body, b"ok\n", "body")


@test("{0} / answers 405 with Allow, and the connection stays usable", cases=("POST", "PUT", "DELETE", "PATCH"))
def wrong_method(site, method):
    with site.connect() as connection:
        response = connection.exchange(request("/", method, "Content-Length: 0"))
        equal(response.status, 405, "status")
        allowed = {name.strip() for name in response.field("Allow").split(",")}
        true({"GET", "HEAD"} <= allowed and method not in allowed, f"Allow: {allowed}")
        equal(connection.exchange(request("/healthz")).body, b"ok\n", "body of the request after it")


@test("POST {0} to a path that is not there answers 404", cases=("/nothing-here",))
def post_nowhere(site, target):
    equal(site.get(target, "Content-Length: 0", method="POST").status, 404, "status")


@test("OPTIONS {0} names the allowed methods", cases=("*", "/", "/healthz"))
def options(site, target):
    with site.connect() as connection:
        response = connection.exchange(request(target, "OPTIONS"))
        among(response.status, (200, 204), "status")
        true(
            {"GET", "HEAD"} <= {name.strip() for name in (response.field("Allow") or "").split(",")},
            f"Allow: {response}",
        )
        equal(connection.exchange(request("/healthz")).status, 200, "status of the request after it")


@test("the unknown method {0} answers 501", cases=("BREW", "get", "GETT", "G", "M-SEARCH", "PROPFIND", "X" * 100))
def unknown_method(site, method):
    equal(site.get("/", method=method).status, 501, "status")


@test("{0} is refused", cases=("CONNECT", "TRACE"))
def refused_method(site, method):
    with site.connect() as connection:
        response = connection.exchange(request("example.test:80" if method == "CONNECT" else "/", method))
        among(response.status, (405, 501), "status")


@test("HTTP/1.0 without keep-alive is answered and closed")
def old(site):
    with site.connect() as connection:
        response = connection.exchange(request("/healthz", version="1.0", host=None))
        equal((response.status, response.body), (200, b"ok\n"), "status and body")
        connection.expect_end()


@test("HTTP/1.0 with keep-alive stays open and says so")
def old_keep_alive(site):
    with site.connect() as connection:
        for _ in range(3):
            response = connection.exchange(
                request("/healthz", "GET", "Connection: Keep-Alive", version="1.0", host=None)
            )
            equal((response.status, response.field("Connection").lower()), (200, "keep-alive"), "status and Connection")


@test("HTTP/1.0 is never answered with a chunked body: {0}", cases=ROUTES)
def old_sized(site, target):
    with site.connect() as connection:
        response = connection.exchange(request(target, version="1.0"))
        equal((response.status, response.field("Transfer-Encoding")), (200, None), "status and Transfer-Encoding")
        connection.expect_end()


@test("a later minor version, HTTP/1.{0}, is served as HTTP/1.1 (RFC 9110 2.5)", cases=("2", "9"))
def later_minor(site, minor):
    with site.connect() as connection:
        for _ in range(2):
            equal(connection.exchange(request("/healthz", version=f"1.{minor}")).status, 200, "status")


@test(
    "the absolute-form target {0} is served",
    cases=(
        "http://example.test/healthz",
        "http://example.test:8000/healthz?x",
        "HTTP://EXAMPLE.test/healthz",
        "http://[::1]:80/healthz",
    ),
)
def absolute_form(site, target):
    equal(site.get(target).body, b"ok\n", "body")


@test("an absolute-form target without a path is the root: {0}", cases=("http://example.test", "http://example.test?x"))
def absolute_root(site, target):
    response = site.get(target)
    equal((response.status, response.body), (200, site.get("/").body), "status and body")


@test("curl gets the page")
def curl(site):
    from .. import tools

    if isinstance(site.address, tuple):
        tools.ensure(curl="curl")
        host, port = site.address
        text = tools.output(
            "curl", "-sS", "--noproxy", "*", "-i", f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        )
        true(text.startswith("HTTP/1.1 200 OK") and "</html>" in text.lower(), text)
