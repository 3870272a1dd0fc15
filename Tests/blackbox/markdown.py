# Tests/blackbox/markdown.py — the Markdown files of the repository as what the tests compare: blocks, tables, links

import re
from dataclasses import dataclass

from . import tools

README = "README.md"
#: What is written by hand. bench/RESULTS.md is written by bench/run.
DOCUMENTS = (
    *sorted(path.name for path in tools.TOP.glob("*.md")),
    *sorted(str(path.relative_to(tools.TOP)) for path in tools.TOP.glob("docs/*.md")),
    "bench/README.md",
    "bench/NOTES.md",
)
FENCE = "```"


@dataclass
class Block:
    """A fenced block: its language, the word behind that (a file's name), its text, the line where it begins."""

    language: str
    word: str
    text: str
    line: int


class Document:
    """A Markdown file. `prose` are its lines outside of fenced blocks, as pairs of number and text."""

    def __init__(self, name):
        self.name, self.path = name, tools.TOP / name
        self.lines = self.path.read_text().splitlines()
        self.blocks, self.prose = [], []
        block = None
        for number, line in enumerate(self.lines, 1):
            if line.startswith(FENCE):
                if block is None:
                    language, _, word = line.removeprefix(FENCE).partition(" ")
                    block = Block(language, word, "", number)
                else:
                    self.blocks.append(block)
                    block = None
            elif block:
                block.text += line + "\n"
            else:
                self.prose.append((number, line))

    def spans(self):
        """The words between single backticks, with their line's number."""
        return [(number, span) for number, line in self.prose for span in re.findall(r"`([^`]+)`", line)]

    def links(self):
        """Targets of links and pictures, with their line's number."""
        return [(number, target) for number, line in self.prose for target in re.findall(r"\]\(([^)\s]+)\)", line)]

    def anchors(self):
        """What `#…` may name: the headings, as GitHub makes them into anchors."""
        headings = [line.lstrip("#").strip() for _, line in self.prose if re.match("#+ ", line)]
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def rows(self, *wanted):
        """The rows of all tables whose heading has the cells `wanted`: triples of section, row, line number.

        The section is the heading above the table; cells are without spaces around them and without backticks.
        """
        found, section, inside = [], "", False
        for number, line in self.prose:
            if re.match("#+ ", line):
                section = line.lstrip("#").strip()
            if not line.startswith("|"):
                inside = False
                continue
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if inside and not re.fullmatch(r"[|:\- ]+", line):
                found.append((section, cells, number))
            elif tuple(cells) == wanted:
                inside = True
        return found


def bare(cell):
    """A cell without backticks and stars."""
    return cell.replace("`", "").replace("**", "")


def commands_of(block):
    """The commands of a block with the output that follows each: pairs of texts.

    In `console` blocks commands begin with the prompt of the first line, `$ ` or `# `, and continue in the lines below as
    long as the shell would ask for more; in `sh` blocks each line is one.
    """
    if block.language == "sh":
        return [(line, "") for line in block.text.splitlines() if line and not line.startswith("#")]
    found, prompt = [], block.text[:2]
    for line in block.text.splitlines() if block.language == "console" else ():
        if line.startswith(prompt):
            found.append([line[2:], ""])
        elif found and not found[-1][1] and is_open(found[-1][0]):
            found[-1][0] += "\n" + line
        elif found:
            found[-1][1] += line + "\n"
    return [tuple(pair) for pair in found]


def is_open(command):
    """Whether a command goes on in the next line: a quotation is open, or a backslash ends it."""
    return command.count("'") % 2 == 1 or command.endswith("\\")
