# Tests/blackbox/groups/multi_full.py — all quick tests of http and concurrent, in every configuration: on request

from ..configurations import FULL, repeated

GROUP, ORDER, ON_REQUEST = "multi-full", 81, True


def collect(run):
    """The tests that are not slow, once for each configuration, whatever they concern."""
    return list(repeated(run.modules, GROUP, FULL, lambda each: each.group in ("http", "concurrent")))
