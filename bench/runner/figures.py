# bench/runner/figures.py — medians over rounds, ratios within a round, and what counts as noise

import math
import statistics

#: A sample is quiet while all else on the machine takes less than this of one core.
QUIET = 0.30


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else math.nan


def quartiles(values):
    """Between which the middle half of the values lies."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def middle_of(samples):
    """One sample, with the medians of several: of two it is the mean."""
    return {key: statistics.median(each[key] for each in samples) for key in samples[0]}


def is_quiet(sample):
    return sample.get("others_busy", 9) + sample.get("stolen", 0) < QUIET


class Column:
    """The samples of a server in a scenario, one of each round. `rounds` are dictionaries: server to sample."""

    def __init__(self, rounds, name):
        self.rounds, self.name = rounds, name
        self.good = [each[name] for each in rounds if name in each and "wrong" not in each[name]]
        self.quiet = [sample for sample in self.good if is_quiet(sample)]

    @property
    def wrong(self):
        """Why there is no figure, if there is none."""
        if self.good:
            return None
        return next((each[self.name]["wrong"] for each in self.rounds if self.name in each), "was not measured")

    @property
    def is_noisy(self):
        """No quiet round at all: its rates and latencies say little."""
        return not self.quiet

    def median(self, key):
        """Over the quiet rounds, if there are any."""
        return median(self.values(key))

    def values(self, key):
        """In the quiet rounds, if there are any."""
        return [sample.get(key) for sample in self.quiet or self.good]

    def ratio(self, key="cpu"):
        """The cheapest ceiling's figure over this server's in the same round: its median over all rounds."""
        return median(self.ratios(key))

    def ratios(self, key="cpu"):
        """The same for each round."""
        return within_rounds(self.rounds, cheapest_ceiling(self.rounds, key), self.name, key)


def within_rounds(rounds, first, second, key):
    """One server's figure over the other's in each round that has both."""
    good = (each for each in rounds if all("wrong" not in each.get(name, {"wrong": ""}) for name in (first, second)))
    pairs = ((each[first].get(key), each[second].get(key)) for each in good)
    return [a / b for a, b in pairs if a and b]


def cheapest_ceiling(rounds, key):
    """The ceiling with the lowest median. Not the lowest figure of each round: of two noisy ones that is too low."""
    names = {name for each in rounds for name in each if name.startswith("ceiling-")}
    columns = [column for column in (Column(rounds, name) for name in names) if not column.wrong]
    return min(columns, key=lambda column: column.median(key)).name if columns else None
