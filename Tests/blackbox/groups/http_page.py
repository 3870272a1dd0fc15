# Tests/blackbox/groups/http_page.py — the page at `/`: the document itself, and its compression

import base64
import gzip
import hashlib
import html.parser
import re

from .. import tools
from ..client import request
from ..framework import equal, eventually, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

#: What browsers send.
BROWSER = "Accept-Encoding: gzip, deflate, br, zstd"


class Document(html.parser.HTMLParser):
    """Collects the elements of a document, in order: names, attributes, and the texts of style and script."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.inside = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside in ("style", "script"):
            self.texts.append((self.inside, data))

    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def page(site):
    return site.get("/").body.decode()


def tags(site):
    """The entity tags of the page as it is, and gzip-coded."""
    return site.get("/").field("ETag"), site.get("/", BROWSER).field("ETag")


# The document


@test("the page refers to nothing outside of itself but its own server's paths")
def self_contained(site):
    text = page(site)
    for tag, attributes in Document(text).elements:
        true(tag not in ("img", "iframe", "object", "embed", "base", "audio", "video"), f"<{tag}>")
        true(tag != "script" or "src" not in attributes, f"<script {attributes}>")
        for name in ("href", "src", "action", "srcset", "data", "poster"):
            value = attributes.get(name) or ""
            true(re.match(r"(data:|/[a-z]|#|\Z)", value), f"<{tag} {name}={value!r}>")
    true("@import" not in text, "@import in the style")
    urls = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s'\"]*", text)) - {"http://www.w3.org/2000/svg"}
    equal(urls, set(), "addresses of others in the document")


@test(
    "the page has the elements by which it is driven: {0}", cases=("input log state rtt send binary connect figures",)
)
def elements(site, names):
    ids = Document(page(site)).ids()
    equal([name for name in names.split() if ids.count(name) != 1], [], "ids that are missing or there twice")
    equal(sorted(set(ids)), sorted(ids), "ids")


@test("the Content-Security-Policy allows the page's own style and script by their hashes, and nothing else")
def policy(site):
    response = site.get("/")
    rules = {}
    for rule in response.field("Content-Security-Policy").split(";"):
        name, *values = rule.split()
        true(name not in rules, f"{name} twice")
        rules[name] = values
    hashes = {}
    for tag, text in Document(response.body.decode()).texts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes.setdefault(tag, []).append(f"'sha256-{digest}'")
    expected = {
        "default-src": ["'none'"],
        "style-src": hashes["style"],
        "script-src": hashes["script"],
        "connect-src": ["'self'"],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    equal(rules, expected, "rules")


@test("the page has neither style attributes nor event handlers in attributes, which its policy would refuse")
def no_attributes(site):
    for tag, attributes in Document(page(site)).elements:
        wrong = [name for name in attributes if name == "style" or name.startswith("on")]
        equal(wrong, [], f"attributes of <{tag}>")


@test("the page says nosniff and no-referrer")
def hardening(site):
    response = site.get("/")
    equal(response.field("X-Content-Type-Options"), "nosniff", "X-Content-Type-Options")
    equal(response.field("Referrer-Policy"), "no-referrer", "Referrer-Policy")


@test("what packaging/make-page writes belongs to the page")
def generated(site):
    tools.output(tools.TOP / "packaging/make-page", "--check")


# Compression (RFC 9110 8.4, 12.5.3)


@test("the gzip-coded page is the page, and smaller")
def coded(site):
    plain, coded = site.get("/"), site.get("/", BROWSER)
    equal((plain.status, plain.field("Content-Encoding")), (200, None), "the page as it is")
    equal((coded.status, coded.field("Content-Encoding")), (200, "gzip"), "the page coded")
    equal(gzip.decompress(coded.body), plain.body, "the page behind the coding")
    equal(coded.field("Content-Length"), str(len(coded.body)), "Content-Length")
    true(len(coded.wire) < len(plain.wire), f"{len(coded.wire)} bytes against {len(plain.wire)}")
    true(len(coded.wire) <= 8 * 1024, f"{len(coded.wire)} bytes on the wire")


@test(
    "Accept-Encoding: {0} gets the page {1} (RFC 9110 12.5.3)",
    cases=(
        ("", "as it is"),
        ("br, zstd", "as it is"),
        ("gzip;q=0", "as it is"),
        ("gzip;q=0, *", "as it is"),
        ("identity, gzip;q=0.5", "as it is"),
        ("*;q=0", "as it is"),
        ("gzip;q=nonsense", "as it is"),
        ("gzip", "gzip-coded"),
        ("GZIP", "gzip-coded"),
        ("x-gzip", "gzip-coded"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip-coded"),
        ("*", "gzip-coded"),
        ("identity;q=0.5, gzip", "gzip-coded"),
    ),
)
def negotiated(site, value, outcome):
    response = site.get("/", f"Accept-Encoding: {value}")
    equal(response.field("Content-Encoding"), "gzip" if outcome == "gzip-coded" else None, "Content-Encoding")
    equal(response.field("Vary"), "Accept-Encoding", "Vary")


@test("two Accept-Encoding fields are one list (RFC 9110 5.3)")
def two_fields(site):
    equal(site.get("/", "Accept-Encoding: br", "Accept-Encoding: gzip").field("Content-Encoding"), "gzip", "coding")
    equal(site.get("/", "Accept-Encoding: gzip;q=0", "Accept-Encoding: *").field("Content-Encoding"), None, "coding")


@test("curl --compressed gets the page")
def curl(site):
    if isinstance(site.address, tuple):
        tools.ensure(curl="curl")
        host, port = site.address
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        equal(tools.output("curl", "-sS", "--noproxy", "*", "--compressed", url), page(site), "the page")


# Both


@test("HEAD has the fields of GET for {0}", cases=(("the page as it is",), ("the coded page",)))
def head(site, what):
    fields = (BROWSER,) if "coded" in what else ()
    with site.connect() as connection:
        got = connection.exchange(request("/", "GET", *fields))
        head = connection.exchange(request("/", "HEAD", *fields), "HEAD")
    drop_date = [[field for field in response.fields if field[0] != "Date"] for response in (got, head)]
    equal((head.status, drop_date[1], head.body), (got.status, drop_date[0], b""), "the answer to HEAD")


@test("a pipeline gets each answer as its own fields ask for it, in order", transport=True)
def pipeline(site):
    plain, coded = tags(site)
    asked = [
        ((), 200, None),
        ((BROWSER,), 200, "gzip"),
        ((f"If-None-Match: {plain}",), 304, None),
        ((BROWSER, f"If-None-Match: {coded}"), 304, None),
    ] * 10
    with site.connect() as connection:
        connection.send(b"".join(request("/", "GET", *fields) for fields, _, _ in asked))
        for number, (_, status, coding) in enumerate(asked):
            response = connection.read_response()
            equal((response.status, response.field("Content-Encoding")), (status, coding), f"answer {number}")


@test("HTTP/1.0 gets the page coded and its 304, as its fields ask")
def old(site):
    _, coded = tags(site)
    with site.connect() as connection:
        response = connection.exchange(request("/", "GET", BROWSER, version="1.0"))
        equal(response.field("Content-Encoding"), "gzip", "Content-Encoding")
        connection.expect_end()
    with site.connect() as connection:
        fields = (BROWSER, f"If-None-Match: {coded}", "Connection: keep-alive")
        for _ in range(2):
            equal(connection.exchange(request("/", "GET", *fields, version="1.0")).status, 304, "status")


@test("the log says what was sent: status, and bytes of the body as they went out")
def logged(site):
    site.own()
    _, tag = tags(site)
    length = len(site.get("/", BROWSER).body)
    site.get("/", BROWSER, f"If-None-Match: {tag}")
    site.get("/", BROWSER, method="HEAD")
    for line in (
        f"method=GET route=/ status=200 bytes={length}",
        "method=GET route=/ status=304 bytes=0",
        "method=HEAD route=/ status=200 bytes=0",
    ):
        eventually(lambda line=line: any(line in entry for entry in site.log()), f"no line with {line}")
