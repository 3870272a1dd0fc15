# Tests/blackbox/groups/multi.py — the tests of transport, in configurations in which every two values meet

import sys

from .. import pairwise
from ..configurations import PAIRWISE, PARAMETERS, repeated
from ..framework import equal, test, tests_of

GROUP, ORDER = "multi", 80


def collect(run):
    """That no pair is missing, and the tests of transport."""
    yield from tests_of(sys.modules[__name__])
    yield from repeated(run.modules, GROUP, PAIRWISE, lambda each: each.transport)


@test(f"every two values of {', '.join(PARAMETERS)} meet in one of {len(PAIRWISE)} configurations")
def covered(_):
    equal(pairwise.uncovered(PAIRWISE, PARAMETERS), [], "pairs that do not meet")
    equal(len(pairwise.uncovered(PAIRWISE[:-1], PARAMETERS)) > 0, True, "whether the last configuration is needed")
