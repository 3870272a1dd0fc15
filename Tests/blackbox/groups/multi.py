# Tests/blackbox/groups/multi.py — the quick tests of http and concurrent, in every configuration of the server

import dataclasses
import itertools

from ..framework import tests_of

GROUP, ORDER = "multi", 80

CONFIGURATIONS = tuple(itertools.product((1, 2, 4, 8, 16), ("io_uring", "epoll", "ppoll"), ("workers", "thread")))


def collect(run):
    """The tests that are not slow, once for each configuration."""
    modules = [module for module in run.modules if module.GROUP in ("http", "concurrent")]
    for workers, reactor, accept in CONFIGURATIONS:
        configuration = {"workers": workers, "reactor": reactor, "accept": accept}
        for module in modules:
            for each in tests_of(module):
                if not each.slow:
                    name = f"{workers} {reactor} {accept}: {each.name}"
                    yield dataclasses.replace(each, name=name, group=GROUP, configuration=configuration)
