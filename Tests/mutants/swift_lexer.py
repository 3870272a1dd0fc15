# Tests/mutants/swift_lexer.py — the tokens of a Swift file, as far as finding places of mutation needs them

import re
from dataclasses import dataclass

SPACE = re.compile(r"[ \t\r\n]+|//[^\n]*")
NUMBER = re.compile(r"0x[0-9A-Fa-f_]+|0b[01_]+|0o[0-7_]+|[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][-+]?[0-9]+)?")
NAME = re.compile(r"`\w+`|[A-Za-z_$][\w$]*")
OPERATOR = re.compile(r"[-+*/=<>!&|^~?.%]+")
STRING = re.compile(r'(#*)("""|")')


@dataclass
class Token:
    """`kind` is name, number, operator, string, or the punctuation character itself."""

    kind: str
    text: str
    start: int
    #: The line, from 1, and whether this is the line's first token.
    line: int
    is_first: bool
    spaced_left: bool = False
    spaced_right: bool = False

    @property
    def end(self):
        return self.start + len(self.text)


def tokens_of(text):
    """All tokens of a file. What is interpolated into a string is part of the string."""
    found, at, line, last_line = [], 0, 1, 0
    while at < len(text):
        if text.startswith("/*", at):
            end = comment_end(text, at)
        elif match := SPACE.match(text, at):
            end = match.end()
        else:
            kind, end = token_at(text, at)
            token = Token(kind, text[at:end], at, line, line != last_line)
            token.spaced_left = at == 0 or text[at - 1] in " \t\r\n"
            token.spaced_right = end == len(text) or text[end] in " \t\r\n"
            found.append(token)
            last_line = line + text.count("\n", at, end)
        line += text.count("\n", at, end)
        at = end
    return found


def token_at(text, at):
    if match := STRING.match(text, at):
        return "string", string_end(text, match)
    if match := NUMBER.match(text, at):
        return "number", match.end()
    if match := NAME.match(text, at):
        return "name", match.end()
    if match := OPERATOR.match(text, at):
        return "operator", match.end()
    return text[at], at + 1


def comment_end(text, at):
    depth, at = 1, at + 2
    while depth and at < len(text):
        step = 1 if text.startswith("/*", at) else -1 if text.startswith("*/", at) else 0
        depth += step
        at += 2 if step else 1
    return at


def string_end(text, match):
    """Where the string ends that opens at `match`."""
    hashes, quotes = match.groups()
    closing, escape, at = quotes + hashes, "\\" + hashes, match.end()
    while at < len(text):
        if text.startswith(closing, at):
            return at + len(closing)
        if text.startswith(escape, at):
            at += len(escape)
            at = interpolation_end(text, at) if text.startswith("(", at) else at + 1
        else:
            at += 1
    return at


def interpolation_end(text, at):
    depth = 0
    while at < len(text):
        if match := STRING.match(text, at):
            at = string_end(text, match)
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            break
    return at
