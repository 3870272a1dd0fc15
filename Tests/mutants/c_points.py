# Tests/mutants/c_points.py — the places of mutation of a C file, found in clang's syntax tree

import json
import re
import subprocess

from points import OTHER_COMPARISON, Edit, Point, around, other_number

#: What is computed at compile time holds no mutants.
CONSTANT = ("EnumDecl", "StaticAssertDecl", "ConstantExpr", "FieldDecl", "TypedefDecl", "RecordDecl")

#: What each mutated C file begins with, on its first line, so that the numbers of lines stay.
PRELUDE = "#include <CMutants.h>\n#line 1\n"


def c_points(file, path, text, includes, random):
    """Every place of mutation in `text`, the contents of `path`."""
    words = ["clang", "-std=gnu11", "-fsyntax-only", "-Xclang", "-ast-dump=json", *(f"-I{each}" for each in includes)]
    tree = subprocess.run([*words, str(path)], check=True, capture_output=True).stdout
    # clang counts bytes.
    finder = Finder(file, path, text.encode(), random)
    finder.visit(json.loads(tree), None)
    unique = {(point.kind, point.start, point.end): point for point in finder.found}
    return [unique[key] for key in sorted(unique, key=lambda key: (key[1], key[2], key[0]))]


class Finder:
    def __init__(self, file, path, data, random):
        self.name, self.path, self.data, self.random, self.found = file, str(path), data, random, []
        self.current = None

    def visit(self, node, parent):
        self.note_file(node)
        kind = node.get("kind")
        if kind in CONSTANT or kind == "VarDecl" and parent["kind"] == "TranslationUnitDecl":
            self.skip(node)
            return
        if kind and self.current == self.path:
            self.consider(node, kind, parent)
        for child in node.get("inner", ()):
            if child:
                self.visit(child, node)

    def skip(self, node):
        """Passes by a node: positions name their file only where it changes."""
        for child in node.get("inner", ()):
            if child:
                self.note_file(child)
                self.skip(child)

    def note_file(self, node):
        for place in (node.get("loc", {}), *node.get("range", {}).values()):
            for each in (place.get("spellingLoc", {}), place.get("expansionLoc", {}), place):
                if "file" in each:
                    self.current = each["file"]

    # Kinds

    def consider(self, node, kind, parent):
        span = self.span(node)
        if span is None:
            return
        upwards = self.random.random() < 0.5
        start, end = span
        inner = node.get("inner", [])
        if kind == "BinaryOperator" and node["opcode"] in OTHER_COMPARISON:
            self.comparison(node, start, end)
        elif kind == "IntegerLiteral":
            text = self.text(start, end)
            if re.fullmatch(r"0[xX][0-9a-fA-F]+|[0-9]+", text):
                other = other_number(text, upwards)
                self.add("offset", start, end, other, f"(mutants_is({{n}}) ? {other} : {text})")
        elif kind in ("IfStmt", "ConditionalOperator") and (condition := self.span(inner[0])):
            text = self.text(*condition)
            self.add("branch", *condition, f"!({text})", ("(mutants_is({n}) != !!(", "))"))
        elif parent and self.is_statement(node, parent) and kind in ("CallExpr", "AtomicExpr", "ImplicitCastExpr"):
            if kind != "ImplicitCastExpr" or inner and inner[0].get("kind") in ("CallExpr", "AtomicExpr"):
                if self.data[end : end + 1] == b";":
                    self.add("call", start, end + 1, ";", ("{ if (!mutants_is({n})) ", " }"))

    def is_statement(self, node, parent):
        if parent["kind"] in ("CompoundStmt", "CaseStmt", "DefaultStmt", "LabelStmt"):
            return True
        if parent["kind"] in ("IfStmt", "WhileStmt", "ForStmt", "DoStmt"):
            return node is not parent["inner"][0] and node.get("type", {}).get("qualType") == "void"
        return False

    def comparison(self, node, start, end):
        left, right = (self.span(each) for each in node["inner"])
        if left is None or right is None:
            return
        between = self.text(left[1], right[0])
        if not re.fullmatch(r"[\s)]*" + re.escape(node["opcode"]) + r"[\s(]*", between):
            return
        place = left[1] + between.index(node["opcode"])
        whole, other = self.text(start, end), OTHER_COMPARISON[node["opcode"]]
        cut = place - start
        changed = whole[:cut] + other + whole[cut + len(node["opcode"]) :]
        self.add("comparison", start, end, changed, (f"(mutants_is({{n}}) ? ({changed}) : (", "))"))

    def add(self, kind, start, end, plain, schema):
        """Notes a place. A schema in two parts goes around what is there, which may hold other mutants."""
        start, end = self.characters(start), self.characters(end)
        edits = [Edit(start, end, schema)] if isinstance(schema, str) else around(start, end, *schema)
        self.found.append(Point(self.name, kind, start, end, [Edit(start, end, plain)], edits))

    # Positions

    def text(self, start, end):
        return self.data[start:end].decode()

    def characters(self, offset):
        return len(self.data[:offset].decode())

    def span(self, node):
        """Where a node's own text begins and ends, in bytes; None for what a macro or another file wrote in part."""
        begin, end = (node.get("range", {}).get(name, {}) for name in ("begin", "end"))
        if "expansionLoc" in begin and "expansionLoc" in end:
            begin, end = begin["expansionLoc"], end["expansionLoc"]
            if begin.get("offset") != end.get("offset") or node["kind"] not in ("AtomicExpr", "ImplicitCastExpr"):
                return None
            return self.macro_call(begin)
        if "offset" not in begin or "offset" not in end:
            return None
        return begin["offset"], end["offset"] + end["tokLen"]

    def macro_call(self, begin):
        """The name of a macro and its arguments."""
        start = begin["offset"]
        at = start + begin["tokLen"]
        if self.data[at : at + 1] != b"(":
            return None
        depth = 0
        for end in range(at, len(self.data)):
            depth += {b"(": 1, b")": -1}.get(self.data[end : end + 1], 0)
            if depth == 0:
                return start, end + 1
        return None
