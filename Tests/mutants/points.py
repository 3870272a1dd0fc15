# Tests/mutants/points.py — what a place of mutation is, whatever its language

from dataclasses import dataclass, field

#: The kinds of mutants, as issue 17 names them.
KINDS = ("comparison", "offset", "call", "branch")

#: What a comparison becomes. An ordering moves its border by one, an equality is turned round.
OTHER_COMPARISON = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` of a file become `text`. `partner` is where the other of a pair of brackets goes."""

    start: int
    end: int
    text: str
    partner: int = None


@dataclass
class Point:
    """A place that can be mutated.

    `plain` are the edits that make the mutant as a programmer would write it; `schema`, with `{n}` for its number,
    those after which the mutant can be chosen at run time; `helper`, what a Swift module declares for that.
    """

    file: str
    kind: str
    start: int
    end: int
    plain: list = field(repr=False)
    schema: list = field(repr=False)
    helper: str = ""


def apply(text, edits):
    """`text` with `edits` made. At one place closing brackets come first, inner before outer, then opening ones."""
    parts, at = [], 0
    for edit in [edit for _, edit in sorted(enumerate(edits), key=order)]:
        if edit.start < at:
            raise ValueError(f"edits overlap at {edit.start}")
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def order(numbered):
    number, edit = numbered
    if edit.end > edit.start:
        return edit.start, 3, 0, 0
    if edit.partner is None:
        return edit.start, 1, 0, 0
    if edit.partner < edit.start:
        return edit.start, 0, -edit.partner, -number
    return edit.start, 2, -edit.partner, number


def around(start, end, opening, closing):
    """The edits that put a text in brackets."""
    return [Edit(start, start, opening, end), Edit(end, end, closing, start)]


def other_number(text, upwards):
    """The literal `text`, one more, or one less where that is possible; and one less than what fills its type."""
    digits = text.replace("_", "").lower()
    value = int(digits, 0) if digits.startswith(("0x", "0b", "0o")) else int(digits)
    if value == 0:
        upwards = True
    elif value in (0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 2**63 - 1, 2**64 - 1):
        upwards = False
    value += 1 if upwards else -1
    return hex(value) if digits.startswith("0x") else bin(value) if digits.startswith("0b") else str(value)
