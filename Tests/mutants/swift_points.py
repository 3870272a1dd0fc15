# Tests/mutants/swift_points.py — the places of mutation of a Swift file, and how each is made selectable
#
# Nothing is parsed beyond tokens. A comparison or a range gets an operator of its own, a literal becomes a call, the
# end of a condition gets an operator that binds less than all others of a condition, and a statement gets an `if`
# around it. A place that then does not compile is no mutant: the builder takes the next one.

from points import OTHER_COMPARISON, Edit, Point, around, other_number
from swift_lexer import tokens_of

OPENING, CLOSING = "([{", ")]}"

#: Names that begin a statement which is no call, and calls that never return or do nothing in a release.
NOT_CALLS = set(
    "let var if guard for while repeat switch return throw break continue func struct enum class extension import case "
    "default do defer init deinit subscript public private fileprivate internal package static mutating nonmutating "
    "override final else catch in where consume discard yield precondition assert assertionFailure fatalError super "
    "protocol typealias operator precedencegroup indirect nonisolated consuming borrowing convenience lazy weak "
    "unowned get set _read _modify some any is as inout true false nil associatedtype prefix infix postfix".split()
)
#: What may stand before a call that is a statement.
BEFORE_CALLS = ("try", "unsafe", "await")
#: Characters of operators, for the digits of a mutant's number.
DIGITS = str.maketrans("0123456789", "←↑→↓↔↕↖↗↘↙")

#: What a mutated module declares: operators for conditions, and functions for the rest.
PRELUDE = """\
// Mutants.swift — made by Tests/mutants: the mutants of this module, chosen at run time.

import CMutants

precedencegroup MutatedCondition { higherThan: TernaryPrecedence lowerThan: LogicalDisjunctionPrecedence }
infix operator ⊻⊻: MutatedCondition

@inline(__always) func mutantRuns(_ number: Int32) -> Bool { mutants_is(number) }
@inline(__always) func ⊻⊻ (condition: Bool, number: Int32) -> Bool { mutantRuns(number) != condition }
@inline(__always) func mutated<T: ExpressibleByIntegerLiteral>(_ number: Int32, _ value: T, _ other: T) -> T {
    mutantRuns(number) ? other : value
}
"""

COMPARISON = """\
infix operator {op}: ComparisonPrecedence
@inline(__always) func {op} <T: {protocol}>(left: T, right: T) -> Bool {{
    mutantRuns({n}) ? left {other} right : left {plain} right
}}
@_disfavoredOverload @inline(__always) func {op} <T: BinaryInteger, U: BinaryInteger>(left: T, right: U) -> Bool {{
    mutantRuns({n}) ? left {other} right : left {plain} right
}}
"""
NIL_COMPARISON = """\
@_disfavoredOverload @inline(__always) func {op} <T: ~Copyable>(
    left: borrowing T?, right: _OptionalNilComparisonType
) -> Bool {{
    mutantRuns({n}) ? left {other} right : left {plain} right
}}
"""
RANGE = """\
infix operator {op}: RangeFormationPrecedence
@inline(__always) func {op} <T: FixedWidthInteger>(left: T, right: T) -> {type}<T> {{
    mutantRuns({n}) ? left {plain} (right {change} 1) : left {plain} right
}}
"""


def swift_points(file, text, random):
    """Every place of mutation in `text`; `random` decides for each literal and range in which direction it moves."""
    tokens = [token for token in tokens_of(text)]
    directives = {token.line for token in tokens if token.is_first and token.kind in "#@"}
    constants = constant_initializers(tokens)
    found = []
    for index, token in enumerate(tokens):
        upwards = random.random() < 0.5
        if token.line in directives or index == 0 or index + 1 == len(tokens):
            continue
        if token.kind == "operator":
            found += operator_points(file, tokens, index, upwards)
        elif token.kind == "number" and index not in constants and is_value(tokens, index):
            found += literal_point(file, token, upwards)
        elif token.kind == "name" and token.text in ("if", "guard"):
            found += condition_points(file, text, tokens, index)
        if begins_statement(tokens, index):
            found += call_point(file, text, tokens, index)
    return found


# Operators


def operator_points(file, tokens, index, upwards):
    token, before, after = tokens[index], tokens[index - 1], tokens[index + 1]
    is_spaced = token.spaced_left and token.spaced_right
    if token.text in OTHER_COMPARISON and is_spaced and before.text not in ("func", "operator"):
        other = OTHER_COMPARISON[token.text]
        return [operator_point(file, "comparison", token, other, COMPARISON + NIL_COMPARISON * (other in "!==="))]
    if token.text in ("..<", "...") and is_spaced == (token.spaced_left or token.spaced_right):
        if before.kind not in ",:([{" and after.kind not in ",)]}" and before.text not in ("case", "in", "="):
            other = f"{token.text} {'1 +' if upwards else '-1 +'} "
            return [operator_point(file, "offset", token, other, RANGE, "+" if upwards else "-")]
    if token.text == "?" and is_spaced:
        start, end = before.end, before.end
        return [Point(file, "branch", start, token.end, [Edit(token.start, token.end, "== false ?")], inverted(end))]
    return []


def operator_point(file, kind, token, other, helper, change=""):
    """The token becomes an operator of its own: its number in arrows, after the old name."""
    name = f"{token.text}{{arrows}}"
    values = {
        "op": name,
        "n": "{n}",
        "plain": token.text,
        "other": other,
        "change": change,
        "protocol": "Equatable" if token.text in ("==", "!=") else "Comparable",
        "type": "ClosedRange" if token.text == "..." else "Range",
    }
    text = helper
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    text = text.replace("{{", "{").replace("}}", "}")
    edit = Edit(token.start, token.end, name)
    return Point(file, kind, token.start, token.end, [Edit(token.start, token.end, other)], [edit], text)


def filled(text, number):
    """A schema's or a helper's text for the mutant `number`."""
    return text.replace("{n}", str(number)).replace("{arrows}", str(number).translate(DIGITS))


def inverted(end):
    return [Edit(end, end, " ⊻⊻ {n}")]


# Literals


def literal_point(file, token, upwards):
    if not token.text.replace("_", "").isalnum():
        return []  # 1.5
    other = other_number(token.text, upwards)
    schema = [Edit(token.start, token.end, f"mutated({{n}}, {token.text}, {other})")]
    return [Point(file, "offset", token.start, token.end, [Edit(token.start, token.end, other)], schema)]


def is_value(tokens, index):
    """Whether a literal is an expression: no raw value of a case, no index of a tuple, no count in a type."""
    before, after = tokens[index - 1], tokens[index + 1]
    if before.text.endswith(".") and not before.text.endswith(".."):
        return False
    if before.text == "<" and not before.spaced_left or after.text == "of":
        return False
    return not (before.text == "=" and tokens[index - 3].text in ("case", ",") and tokens[index - 2].kind == "name")


def constant_initializers(tokens):
    """Indices of all tokens in initial values of globals and static variables: they are computed at compile time."""
    found, depth, start_depth = set(), 0, None
    for index, token in enumerate(tokens):
        if start_depth is not None and token.is_first and depth <= start_depth:
            start_depth = None
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if start_depth is not None:
            found.add(index)
        elif token.text in ("let", "var") and (depth == 0 or tokens[index - 1].text == "static"):
            if any(each.text == "=" for each in tokens[index:] if each.line == token.line):
                start_depth = depth
    return found


# Conditions


def condition_points(file, text, tokens, index):
    """One for each clause of an `if` or `guard` that is a truth value."""
    found, depth, start = [], 0, index + 1
    for place in range(index + 1, len(tokens)):
        token = tokens[place]
        ends = depth == 0 and (token.kind in "{," or token.text == "else")
        if ends:
            first, last = tokens[start], tokens[place - 1]
            words = {first.text, tokens[start + 1].text if first.text == "unsafe" else ""}
            if place > start and not words & {"let", "var", "case", "#"}:
                clause = f"!({text[first.start:last.end]})"
                plain = [Edit(first.start, last.end, clause)]
                found.append(Point(file, "branch", first.start, last.end, plain, inverted(last.end)))
            start = place + 1
            if token.kind != ",":
                break
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
    return found


# Calls


def begins_statement(tokens, index):
    token, before = tokens[index], tokens[index - 1]
    if token.kind != "name":
        return False
    if before.kind == "{" or before.kind == ";" or before.text == "in" and token.is_first:
        return True
    if before.kind == ":":
        first = next(each for each in reversed(tokens[:index]) if each.is_first)
        return first.text in ("case", "default")
    if not token.is_first or before.kind in ",([" or before.text in BEFORE_CALLS + ("return", "in", "else"):
        return False
    if before.kind == "operator":
        return before.text in ("?", "!", ">") and not before.spaced_left
    return True


def call_point(file, text, tokens, index):
    """The statement at `index`, if it is a call: names, dots, arguments, up to its line's end or a closing brace."""
    place = index
    while tokens[place].text in BEFORE_CALLS:
        place += 1
    if tokens[place].text == "_" and tokens[place + 1].text == "=":
        place += 2
        while tokens[place].text in BEFORE_CALLS:
            place += 1
    if tokens[place].kind != "name" or tokens[place].text in NOT_CALLS or tokens[place].text[0].isupper():
        if not (tokens[place].text[0].isupper() and tokens[place + 1].text == "."):
            return []
    last, place = None, place + 1
    while place < len(tokens):
        token = tokens[place]
        if token.kind in "([" and not token.is_first or token.kind == "{" and last is not None and not token.is_first:
            place = matching(tokens, place)
            last = place if tokens[place].kind in ")}" else None
            place += 1
        elif token.text in (".", "?.", "!.") and tokens[place + 1].kind == "name":
            last, place = None, place + 2
        else:
            break
    if last is None or place >= len(tokens) or is_result(tokens, index, place):
        return []
    if not (tokens[place].is_first and tokens[place].kind != "operator" or tokens[place].kind in "};"):
        return []
    start, end = tokens[index].start, tokens[last].end
    schema = around(start, end, "if !mutantRuns({n}) { ", " }")
    return [Point(file, "call", start, end, [Edit(start, end, "")], schema)]


def is_result(tokens, first, after):
    """Whether the statement is all of a body, and so perhaps its value."""
    if tokens[first - 1].kind != "{" or tokens[after].kind != "}":
        return False
    return any(each.text in ("->", "var") for each in tokens[:first] if each.line == tokens[first - 1].line)


def matching(tokens, place):
    """The index of the bracket that closes the one at `place`."""
    depth = 0
    for index in range(place, len(tokens)):
        depth += (tokens[index].kind in OPENING) - (tokens[index].kind in CLOSING)
        if depth == 0:
            return index
    return len(tokens) - 1
