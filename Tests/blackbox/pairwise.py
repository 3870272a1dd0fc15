# Tests/blackbox/pairwise.py — few configurations in which every two values of different parameters meet
"""Most faults that depend on a configuration depend on one or two of its values (NIST SP 800-142). A pairwise cover
finds these at the price of about the product of the two longest lists of values.
"""

import itertools


def pairs_of(row):
    """The pairs of values that meet in a configuration: pairs of (parameter, value)."""
    return set(itertools.combinations(row.items(), 2))


def all_pairs(parameters):
    """All pairs that there are, in a fixed order."""
    names = itertools.combinations(parameters, 2)
    return [((a, x), (b, y)) for a, b in names for x in parameters[a] for y in parameters[b]]


def uncovered(rows, parameters):
    """The pairs that meet in none of the configurations."""
    met = set().union(*map(pairs_of, rows)) if rows else set()
    return [pair for pair in all_pairs(parameters) if pair not in met]


def cover(parameters):
    """Configurations in which every pair meets: each is the one of the whole product with the most pairs that have not
    met yet, the first of equals. Greedy, so not always the fewest; always the same.
    """
    product = [dict(zip(parameters, values)) for values in itertools.product(*parameters.values())]
    rows, missing = [], set(all_pairs(parameters))
    while missing:
        rows.append(max(product, key=lambda row: len(pairs_of(row) & missing)))
        missing -= pairs_of(rows[-1])
    return rows


def table(rows):
    """The configurations as lines of text, under the parameters' names."""
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip() for line in lines)
