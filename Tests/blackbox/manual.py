# Tests/blackbox/manual.py — a manual page as its words: enough of man(7) to compare what it says with what is so

import re

from . import tools

FOLDER = tools.TOP / "packaging"
PAGES = ("async-nostd.8", "async-nostdd.8", "async-nostd.conf.5")

#: Macros whose arguments are set one behind the other, in two fonts by turns.
JOINING = (".BR", ".RB", ".BI", ".IB", ".IR", ".RI")
ESCAPES = {"\\-": "-", "\\~": " ", "\\ ": " ", "\\e": "\\", "\\(bu": "*"}


class Page:
    """A page: `lines` are pairs of a macro (or nothing) and the words behind it, without fonts."""

    def __init__(self, name):
        self.path = FOLDER / name
        self.lines = [parsed(line) for line in self.path.read_text().splitlines() if not line.startswith('.\\"')]

    def text(self, examples=True):
        """All its words; without the `examples`, which show other programs as well."""
        words, shown = [], True
        for macro, line in self.lines:
            shown = (shown or macro == ".EE") and macro != ".EX"
            if shown or examples:
                words.append(line)
        return " ".join(words)

    def entries(self):
        """The entries of tagged lists, `.TP` or `.TQ`: their section, the line that names them, the words below it."""
        found, section, below, before = [], "", None, ""
        for macro, line in self.lines:
            if before in (".TP", ".TQ"):
                below = []
                found.append((section, line, below))
            elif macro in (".SH", ".SS"):
                section, below = line, None
            elif below is not None and macro not in (".TP", ".TQ"):
                below.append(line)
            before = macro
        return [(section, head, " ".join(below)) for section, head, below in found]


def parsed(line):
    """A line of the source, as its macro and its words."""
    macro, _, rest = line.partition(" ") if line.startswith(".") else ("", "", line)
    if macro:
        arguments = [word.strip('"') for word in re.findall(r'"[^"]*"|(?:\\.|[^\s"\\])+', rest)]
        rest = ("" if macro in JOINING else " ").join(arguments)
    rest = re.sub(r"\\f[A-Z]", "", rest)
    return macro, re.sub(r"\\(?:\(..|.)", lambda match: ESCAPES[match[0]], rest)
