# Tests/blackbox/groups/tsan.py — the task ABI in a harness on pthreads, under Thread Sanitizer

from ..framework import test
from .models import verdicts

GROUP, ORDER, NEEDS_BUILD = "tsan", 31, False


@test("Tests/tsan/run", limit=600.0)
def harness(run):
    """20 s of random tasks without a data race; each planted one must be found."""
    yield from verdicts("Tests/tsan/run", "the harness ran to its end")
