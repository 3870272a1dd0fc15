# Tests/mutants/builder.py — a copy of a tree with all mutants compiled in, beside the product

import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOSTED, RELEASE = "hosted", "release"

#: Appended to the copy's Package.swift: every target may ask which mutant runs.
MANIFEST = """
// Added by Tests/mutants.
package.targets.append(.target(name: "CMutants", path: "Sources/CMutants"))
for target in package.targets where target.name != "CMutants" {
    if [.regular, .executable, .test].contains(target.type) { target.dependencies.append("CMutants") }
}
"""

ERROR = re.compile(r"(?m)^(/\S+?):(\d+):\d+: (?:fatal )?error: (.*)$")


class BuildFailure(Exception):
    """A build that failed, with its output."""


class Builder:
    def __init__(self, tree, work):
        self.tree, self.copy = Path(tree).resolve(), Path(work).resolve() / "tree"

    def make_copy(self):
        """Copies what git knows of the tree, as it lies there now. Build folders of an earlier copy stay."""
        names = subprocess.run(
            ["git", "-C", str(self.tree), "ls-files", "-z"], check=True, capture_output=True, text=True
        ).stdout.split("\0")
        self.copy.mkdir(parents=True, exist_ok=True)
        for old in self.copy.iterdir():
            if not old.name.startswith(".build"):
                shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        for name in filter(None, names):
            source, target = self.tree / name, self.copy / name
            if not source.exists() and not source.is_symlink():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
        shutil.copytree(HERE / "CMutants", self.copy / "Sources/CMutants")
        with open(self.copy / "Package.swift", "a") as manifest:
            manifest.write(MANIFEST)

    def write(self, files):
        """Puts instrumented sources in their places; what is the same already keeps its time."""
        for name, text in files.items():
            path = self.copy / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)

    def build(self, kind):
        """Builds the copy; raises BuildFailure."""
        words = ["swift", "build"]
        environment = dict(os.environ)
        if kind == HOSTED:
            words += ["--build-tests", "--scratch-path", ".build-hosted"]
            environment["ASYNC_NOSTD_HOSTED"] = "1"
        else:
            words += ["-c", "release"]
        ended = subprocess.run(
            words,
            cwd=self.copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if ended.returncode != 0:
            raise BuildFailure(ended.stdout)

    def errors(self, output):
        """Files (relative), lines and messages of the errors in a build's output, each once."""
        found = {}
        for match in ERROR.finditer(output):
            path = Path(match[1])
            if path.is_relative_to(self.copy):
                found.setdefault((str(path.relative_to(self.copy)), int(match[2])), match[3])
        return [(file, line, message) for (file, line), message in found.items()]


def build_all(builder, selection, kinds, say):
    """Builds until everything compiles; mutants that do not are replaced."""
    builder.make_copy()
    done = set()
    while len(done) < len(kinds):
        for kind in kinds:
            builder.write(selection.instrumented())
            try:
                builder.build(kind)
                done.add(kind)
                continue
            except BuildFailure as failure:
                output = str(failure)
            done.clear()
            wrong = {}
            for file, line, message in builder.errors(output):
                for mutant in culprits(builder, selection, file, line):
                    wrong.setdefault(mutant.number, (mutant, message))
            if not wrong:
                raise BuildFailure(output)
            for mutant, message in wrong.values():
                say(f"  not compilable: {mutant.point.file}:{mutant.line} {mutant.point.kind}: {message}")
            selection.reject([mutant for mutant, _ in wrong.values()])
            break


def culprits(builder, selection, file, line):
    """The mutants that an error is about. In a helper its operator's name says which."""
    if not file.endswith("/Mutants.swift"):
        return selection.at(file, line)
    lines = (builder.copy / file).read_text().splitlines()
    for text in reversed(lines[:line + 2]):
        if match := re.search(r"mutantRuns\((\d+)\)", text):
            return [each for each in selection.mutants if each.number == int(match[1])]
    return []
