# Tests/blackbox/configurations.py — the configurations of the server in which tests are repeated

import dataclasses
import itertools

from . import pairwise
from .framework import tests_of

#: What of the server's configuration bytes may depend on, and the values that are tried.
PARAMETERS = {
    "workers": (1, 2, 4, 16),
    "reactor": ("io_uring", "epoll", "ppoll"),
    "accept": ("workers", "thread"),
    "log": ("info", "debug", "off"),
}
#: Those of `multi`: every two values meet.
PAIRWISE = tuple(pairwise.cover(PARAMETERS))
#: Those of `multi-full`: every three values of these meet, with the log as it is by default.
FULL = tuple(
    {"workers": workers, "reactor": reactor, "accept": accept}
    for workers, reactor, accept in itertools.product((1, 2, 4, 8, 16), PARAMETERS["reactor"], PARAMETERS["accept"])
)

#: What a configuration says of the log, as options of `Server`.
LOGS = {"info": {}, "debug": {"arguments": ("--log-level", "debug")}, "off": {"log_path": "off"}}


def options_of(configuration):
    """A configuration as options of `Server`."""
    options = {name: value for name, value in configuration.items() if name != "log"}
    return options | LOGS[configuration.get("log", "info")]


def repeated(modules, group, configurations, chosen):
    """The tests of these modules for which `chosen` is true and that are not slow, once for each configuration."""
    tests = [test for module in modules for test in tests_of(module) if chosen(test) and not test.slow]
    for configuration in configurations:
        words = " ".join(map(str, configuration.values()))
        for test in tests:
            yield dataclasses.replace(test, name=f"{words}: {test.name}", group=group, configuration=configuration)


def shown():
    """The configurations of `multi` as a table, and how many pairs meet in them."""
    missing, pairs = pairwise.uncovered(PAIRWISE, PARAMETERS), len(pairwise.all_pairs(PARAMETERS))
    product = len(list(itertools.product(*PARAMETERS.values())))
    head = f"{len(PAIRWISE)} configurations of {product} have {pairs - len(missing)} of {pairs} pairs of values"
    return "\n".join([head, pairwise.table(PAIRWISE), *(f"missing: {pair}" for pair in missing)])
