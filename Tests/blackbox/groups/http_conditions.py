# Tests/blackbox/groups/http_conditions.py — If-Match and If-None-Match (RFC 9110 8.8.3, 13, 15.4.5)

import re

from ..client import request
from ..framework import equal, test, true
from .http_answers import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)
from .http_page import BROWSER, tags


@test("both codings of the page have strong tags of their own (RFC 9110 8.8.3.3), and caches ask each time")
def strong_tags(site):
    plain, coded = tags(site)
    for tag in (plain, coded):
        true(re.fullmatch(r'"[\x21\x23-\x7e]+"', tag or ""), f"ETag: {tag}")
    true(plain != coded, f"one tag for two representations: {plain}")
    equal((plain, coded), tags(site), "the tags of the next two responses")
    for fields in ((), (BROWSER,)):
        equal(site.get("/", *fields).field("Cache-Control"), "no-cache", "Cache-Control")


def answers(site, method, field, value):
    """For each coding of the page: the condition, and the answer to it. Its connection must go on afterwards."""
    for tag, fields in zip(tags(site), ((), (BROWSER,))):
        with site.connect() as connection:
            line = f"{field}: " + value.replace("{}", tag)
            yield line, connection.exchange(request("/", method, line, *fields), method)
            equal(connection.exchange(request("/healthz")).body, b"ok\n", f"the answer after that to {line}")


MATCHING = ("{}", "W/{}", "*", '"x", {}', '"x",{},"y"', '{}, W/"x"', ",, {} ,", '"a,b", {}')


@test(
    "{0} with If-None-Match: {1} answers 304 (RFC 9110 13.1.2)",
    cases=[(m, v) for m in ("GET", "HEAD") for v in MATCHING],
)
def not_modified(site, method, value):
    for line, response in answers(site, method, "If-None-Match", value):
        equal(response.status, 304, f"status, after {line}")


@test("304 has Date, ETag, Cache-Control and Vary, and no field about a body (RFC 9110 15.4.5)")
def not_modified_fields(site):
    for tag, fields in zip(tags(site), ((), (BROWSER,))):
        response = site.get("/", f"If-None-Match: {tag}", *fields)
        equal(sorted(name for name, _ in response.fields), ["Cache-Control", "Date", "ETag", "Vary"], "fields")
        equal(response.field("ETag"), tag, "ETag")
        equal((response.field("Cache-Control"), response.field("Vary")), ("no-cache", "Accept-Encoding"), "values")


@test(
    "If-None-Match: {0} does not match, and gets the page",
    cases=('"x"', 'W/"x"', "", "x", '"', "*x", "w/{}", '"x" {}', "x{}", '"{}'),
)
def modified(site, value):
    tag, _ = tags(site)
    response = site.get("/", "If-None-Match: " + value.replace("{}", tag))
    equal((response.status, response.body), (200, site.get("/").body), "status and body")


@test("the tag of the other coding does not match: it is another representation")
def other_coding(site):
    plain, coded = tags(site)
    equal(site.get("/", f"If-None-Match: {coded}").status, 200, "status for the tag of the coded page")
    equal(site.get("/", f"If-None-Match: {plain}", BROWSER).status, 200, "status for the tag of the plain page")
    equal(site.get("/", f"If-None-Match: {plain}, {coded}", BROWSER).status, 304, "status for both")


@test("two If-None-Match fields are one list (RFC 9110 5.3)")
def two_lists(site):
    equal(site.get("/", 'If-None-Match: "x"', f"If-None-Match: {tags(site)[0]}").status, 304, "status")


@test(
    "{0} with If-Match: {1} gets the page: it is what is wanted (RFC 9110 13.1.1)",
    cases=[(m, v) for m in ("GET", "HEAD") for v in ("{}", "*", '"x", {}', '"x",{},"y"', 'W/"x", {}', ",, {} ,")],
)
def wanted(site, method, value):
    for tag, fields in zip(tags(site), ((), (BROWSER,))):
        response = site.get("/", "If-Match: " + value.replace("{}", tag), *fields, method=method)
        equal((response.status, response.field("ETag")), (200, tag), "status and tag")


@test(
    "{0} with If-Match: {1} is answered 412, and the connection goes on (RFC 9110 13.1.1, 15.5.13)",
    cases=[(m, v) for m in ("GET", "HEAD") for v in ('"x"', "W/{}", "", "x", '"x", W/{}', "*x", '"{}')],
)
def unwanted(site, method, value):
    for line, response in answers(site, method, "If-Match", value):
        equal(response.status, 412, f"status, after {line}")
        equal(response.body, b"" if method == "HEAD" else b"412 Precondition Failed\n", "body")
        equal(response.field("Content-Length"), "24", "Content-Length")
        equal(response.field("ETag"), None, "ETag")


@test("If-Match is judged before If-None-Match (RFC 9110 13.2.2)")
def both_conditions(site):
    plain, coded = tags(site)
    for match, none, status in (('"x"', plain, 412), (plain, plain, 304), (plain, coded, 200), (coded, "*", 412)):
        equal(site.get("/", f"If-None-Match: {none}", f"If-Match: {match}").status, status, f"{match} and {none}")


@test("two If-Match fields are one list (RFC 9110 5.3)")
def two_wishes(site):
    equal(site.get("/", 'If-Match: "x"', f"If-Match: {tags(site)[0]}").status, 200, "status where one has the tag")
    equal(site.get("/", 'If-Match: "x"', 'If-Match: "y"').status, 412, "status where none has it")


@test("of what has no tag, lists know nothing, and * that it is there (RFC 9110 13.1)")
def star(site):
    for line, status in (
        ("If-None-Match: *", 304),
        ('If-None-Match: "x"', 200),
        ("If-Match: *", 200),
        ('If-Match: "x"', 412),
    ):
        equal(site.get("/healthz", line).status, status, f"status of /healthz with {line}")


@test("where there is nothing, conditions make no difference (RFC 9110 13.2.1)")
def nothing_there(site):
    for line in ("If-Match: *", 'If-Match: "x"', "If-None-Match: *"):
        equal(site.get("/nothing", line).status, 404, f"status with {line}")
        equal(site.get("/", line, method="DELETE").status, 405, f"status of DELETE with {line}")


@test("If-Modified-Since says nothing about a page without a date (RFC 9110 13.1.3)")
def no_date(site):
    response = site.get("/", "If-Modified-Since: Fri, 31 Dec 2099 23:59:59 GMT")
    equal((response.status, response.field("Last-Modified")), (200, None), "status and Last-Modified")


@test("what has no tag is none of those that a client has: {0}", cases=("/healthz", "/metrics"))
def untagged(site, target):
    response = site.get(target, 'If-None-Match: "x"', BROWSER)
    equal((response.status, response.field("Content-Encoding")), (200, None), "status and Content-Encoding")
