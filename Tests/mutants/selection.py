# Tests/mutants/selection.py — which places of a tree become mutants

import random
from dataclasses import dataclass
from pathlib import Path

import c_points
import swift_points
from points import Point, apply

#: A number is an index into a page that CMutants maps.
HIGHEST_NUMBER = 4095


@dataclass
class Mutant:
    number: int
    module: str
    point: Point
    line: int
    before: str
    after: str

    def record(self):
        """What is kept of it in a file."""
        return {
            "number": self.number,
            "module": self.module,
            "kind": self.point.kind,
            "file": self.point.file,
            "line": self.line,
            "before": self.before,
            "after": self.after,
        }


class Selection:
    """The mutants of some modules, chosen by a seed; those that do not compile give their place to the next ones."""

    def __init__(self, tree, seed, counts):
        self.tree, self.counts, self.texts, self.next_number = Path(tree), counts, {}, 1
        self.waiting, self.mutants, self.rejected = {}, [], []
        for module, count in counts.items():
            chance = random.Random(f"{seed}:{module}")
            points = self.points(module, chance)
            chance.shuffle(points)
            self.waiting[module] = points
            self.take(module, count)

    def points(self, module, chance):
        folder = self.tree / "Sources" / module
        if not folder.is_dir():
            raise SystemExit(f"no module {module} in {self.tree}")
        found = []
        for path in sorted([*folder.rglob("*.swift"), *folder.rglob("*.c")]):
            file, text = str(path.relative_to(self.tree)), path.read_text()
            self.texts[file] = text
            if path.suffix == ".swift":
                found += swift_points.swift_points(file, text, chance)
            else:
                includes = [each for each in sorted((self.tree / "Sources").glob("*/include"))]
                found += c_points.c_points(file, path, text, includes, chance)
        return found

    def take(self, module, count):
        """Makes the next `count` places of a module mutants."""
        for _ in range(min(count, len(self.waiting[module]))):
            point = self.waiting[module].pop(0)
            text = self.texts[point.file]
            line = text.count("\n", 0, point.start)
            changed = apply(text, point.plain).splitlines()
            span = text.count("\n", point.start, point.end) + 1
            lost = len(text.splitlines()) - len(changed)
            before = "\n".join(each.strip() for each in text.splitlines()[line : line + span])
            after = "\n".join(each.strip() for each in changed[line : line + span - lost])
            self.mutants.append(Mutant(self.next_number, module, point, line + 1, before, after))
            self.next_number += 1
        if self.next_number > HIGHEST_NUMBER:
            raise SystemExit("too many mutants")

    def reject(self, mutants):
        """Replaces mutants that do not compile."""
        for mutant in mutants:
            self.mutants.remove(mutant)
            self.rejected.append(mutant)
        for mutant in mutants:
            self.take(mutant.module, 1)

    def at(self, file, line):
        """The mutants on a line; else the ones on the last line before it that has any."""
        here = [each for each in self.mutants if each.point.file == file and each.line <= line]
        on_line = [each for each in here if each.line + each.before.count("\n") >= line]
        return on_line or [each for each in here if each.line == max(other.line for other in here)]

    # The instrumented sources

    def instrumented(self):
        """File names and contents in which all mutants are, each chosen by its number at run time."""
        files, helpers = {}, {}
        for file, text in self.texts.items():
            mutants = [each for each in self.mutants if each.point.file == file]
            if not mutants:
                files[file] = text
                continue
            edits = []
            for mutant in mutants:
                for edit in mutant.point.schema:
                    content = swift_points.filled(edit.text, mutant.number)
                    edits.append(type(edit)(edit.start, edit.end, content, edit.partner))
                helpers.setdefault(mutant.module, []).append(
                    swift_points.filled(mutant.point.helper, mutant.number)
                )
            changed = apply(text, edits)
            files[file] = changed if file.endswith(".swift") else c_points.PRELUDE + changed
        for module in self.counts:
            if any(file.startswith(f"Sources/{module}/") and file.endswith(".swift") for file in self.texts):
                files[f"Sources/{module}/Mutants.swift"] = "\n".join([swift_points.PRELUDE, *helpers.get(module, [])])
        return files
