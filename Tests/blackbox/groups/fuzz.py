# Tests/blackbox/groups/fuzz.py — the parsers against plain ones, on inputs that libFuzzer makes up
"""`ASYNC_NOSTD_FUZZ_SECONDS` says how long each target is fuzzed. With `ASYNC_NOSTD_FUZZ_KEEP=1` the corpus is then
written anew: of the old inputs and the new ones, the fewest that reach the same code. So is an hour spent well:

    ASYNC_NOSTD_FUZZ_SECONDS=3600 ASYNC_NOSTD_FUZZ_KEEP=1 python3 test.py fuzz
"""

import os
import re

from ..framework import Failure, Skip, equal, test, true
from ..fuzzing import Target, ensure_fuzzer, escaped, figures, shown, unescaped

GROUP, ORDER, NEEDS_BUILD = "fuzz", 32, False

SECONDS = int(os.environ.get("ASYNC_NOSTD_FUZZ_SECONDS", "30"))
TARGETS = ("http", "websocket")

#: For each plant, an input that is some mutations away from it, and what the fuzzer has to say.
PLANTS = tuple(
    (target, plant, seed, complaint)
    for target, seed in (
        ("http", b"\0\0\0GET / HTTP/1.1\r\nHost: y\r\n\r\n"),
        ("websocket", b"\0\0\0\x82\x83\0\0\0\0abc"),
    )
    for plant, complaint in (("difference", "DISAGREEMENT"), ("overread", "AddressSanitizer: heap-buffer-overflow"))
)


def built(run, name):
    """A target whose program is there."""
    target = Target(name, run.folder)
    if not target.program.exists():
        raise Skip("it was not built")
    return target


@test("the fuzz target of {0} builds without warnings", cases=TARGETS, limit=900.0)
def build(run, name):
    ensure_fuzzer(run.folder)
    target = Target(name, run.folder)
    target.program.unlink(missing_ok=True)
    warnings = re.findall(r"^.*\.(?:swift|c|h):.*warning: .*$", target.build(), re.MULTILINE)
    equal(warnings, [], "warnings")


@test("the corpus of {0} is written as it is read", cases=TARGETS)
def corpus(run, name):
    for line in Target(name, run.folder).kept.read_text().splitlines()[1:]:
        equal(escaped(unescaped(line)), line, "an input")


@test("the fuzzer of {0} finds a planted {1} within a minute", cases=PLANTS, limit=120.0)
def planted(run, name, plant, seed, complaint):
    target = built(run, name)
    status, text, path = target.fuzz(60, target.collect(seed), plant=plant, seed=1, longest=100)
    true(status != 0 and path, f"it found nothing\n{text[-2000:]}")
    report = shown(target, text, path)
    true(complaint in report, f"it found something else\n{report}")
    os.unlink(path)


@test(
    f"{{0}}: all readers agree on the corpus, and on what {SECONDS} s of fuzzing make of it",
    cases=TARGETS,
    limit=SECONDS + 600.0,
)
def fuzz(run, name):
    target = built(run, name)
    new, kept = target.collect(), target.collect(*target.kept_inputs())
    status, text, path = target.fuzz(SECONDS, new, kept)
    if status != 0:
        raise Failure(shown(target, text, path))
    run.say(f"     {figures(text)}")
    if os.environ.get("ASYNC_NOSTD_FUZZ_KEEP") == "1":
        run.say(f"     {target.merge(kept, new):,} inputs kept in {target.kept}")
