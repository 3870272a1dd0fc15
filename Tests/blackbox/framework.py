# Tests/blackbox/framework.py — how a test is written: the decorator, the checks, the ways to end
"""A group module holds

    GROUP = "http"      # which group its tests belong to; several modules may share one
    ORDER = 40          # groups run in this order
    AGAINST_URL = True  # may run against a service that we did not start (default: no)
    QUICK = True        # the group's tests that are not slow belong to `test.py quick`
    ON_REQUEST = True   # the group runs only if it is named, not with `all`
    TRANSPORT = True    # the module's tests concern transport, unless they say otherwise: see `test`

    def finish(): ...   # called when the group's last test has ended, to end what its tests share
    def collect(run): ...  # the tests, instead of those that the module declares

and functions under `@test("a sentence")`. A test is passed a `Run` (see runner.py), or a `Site` that all tests of the
group share if the module says `SHARED_SITE = True`. It passes by returning. A test that is a generator yields
`Outcome`s and counts as that many tests. `NEEDS_BUILD = False`: the module does without the release build.
"""

import time
from dataclasses import dataclass, field


class Failure(AssertionError):
    """A test found something wrong; the text says what."""


class Skip(Exception):
    """A test cannot run here; the text says why."""


class Overdue(BaseException):
    """A test took longer than it may. Not an `Exception`: no test swallows it by accident."""


@dataclass
class Outcome:
    """One result inside a test that stands for many (the unit tests of the package, say)."""

    name: str
    seconds: float
    problem: str | None = None
    skipped: str | None = None


@dataclass
class Test:
    """One test: a sentence and the function that holds it true."""

    name: str
    body: object
    arguments: tuple = ()
    slow: bool = False
    limit: float = 60.0
    transport: bool | None = None
    module: object = field(default=None, repr=False)
    group: str = ""
    configuration: dict = field(default_factory=dict)


def test(sentence, cases=((),), slow=False, limit=60.0, transport=None):
    """Declares a test. With `cases`, one test for each row: the row formats the sentence and is passed to the function.

    `slow` tests stay out of `quick`, and of `multi`. What concerns `transport` depends on how bytes move (cuts,
    pipelines, crowds, peers that do not read, ends), so `multi` repeats it in other configurations of the server; what
    concerns only the bytes' meaning is the same in all of them. By default a test is as its module says.
    """

    def declare(body):
        rows = [case if isinstance(case, tuple) else (case,) for case in cases]
        tests = [Test(sentence.format(*row), body, row, slow, limit, transport) for row in rows]
        body.tests = getattr(body, "tests", []) + tests
        return body

    return declare


def tests_of(module):
    """The tests that a module declares, in the order of its text."""
    found = []
    for value in vars(module).values():
        for each in getattr(value, "tests", []) if getattr(value, "__module__", None) == module.__name__ else []:
            each.module, each.group = module, module.GROUP
            if each.transport is None:
                each.transport = getattr(module, "TRANSPORT", False)
            found.append(each)
    return found


def true(condition, complaint):
    """Fails with `complaint` unless `condition` holds."""
    if not condition:
        raise Failure(complaint)


def equal(actual, expected, what):
    """Fails unless the two are equal, and shows both."""
    if actual != expected:
        raise Failure(f"{what}: expected {brief(expected)}, got {brief(actual)}")


def among(actual, allowed, what):
    """Fails unless `actual` is one of `allowed`."""
    if actual not in allowed:
        raise Failure(f"{what}: expected one of {allowed}, got {brief(actual)}")


def eventually(condition, complaint, seconds=3.0, interval=0.01):
    """Waits until `condition()` is true and returns its value; fails with `complaint` when time is up.

    `complaint` is a text, or a function that makes one then.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(complaint() if callable(complaint) else complaint)
        time.sleep(interval)


def brief(value, limit=600):
    """`repr`, shortened in the middle."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit // 2]} … {text[-limit // 2 :]} ({len(text)} characters)"
