# Tests/blackbox/fuzzing.py — builds and runs the fuzz targets of Tests/Fuzz, keeps their corpora
"""A target is libFuzzer, with the address sanitizer, around a Swift function that reads an input in several ways and
aborts if two of them differ. Its corpus is a text file with an input on each line, escaped as in a string literal, so
that a change of it can be read; libFuzzer wants a folder of files, and gets one.
"""

import hashlib
import os
import re
import shutil

from . import tools
from .framework import Failure, Skip

HOME = tools.TOP / "Tests/Fuzz"
SCRATCH = tools.TOP / ".build-fuzz"
#: Where an input that fails is left, whatever becomes of the run's own folder.
FOUND = "/tmp/async-nostd-fuzz-"
#: Longest input. Long ones cost time and say little; limits are made small instead.
LONGEST = 1024

BUILD = ("swift", "build", "-c", "release", "--scratch-path", SCRATCH, "--sanitize", "fuzzer")
# SwiftPM takes more sanitizers than one, but swiftc only the last one it is told of.
SANITIZE = ("-Xswiftc", "-sanitize=address,fuzzer", "-Xcc", "-fsanitize=address")
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=16",
    "SWIFT_BACKTRACE": "enable=no",
    "ASYNC_NOSTD_FUZZ_PLANT": "",
}


def ensure_fuzzer(folder):
    """Skips the test unless this compiler can make a fuzzer."""
    if not shutil.which("swiftc"):
        raise Skip("no swiftc")
    source = folder / "empty.swift"
    source.write_text('@_cdecl("LLVMFuzzerTestOneInput") func f(_: UnsafePointer<UInt8>, _: Int) -> CInt { 0 }\n')
    words = ("-sanitize=address,fuzzer", "-parse-as-library", source, "-o", folder / "empty")
    status, text = tools.command("swiftc", *words, limit=120)
    if status != 0:
        raise Skip(f"swiftc has no libFuzzer: {(text.strip().splitlines() or ['?'])[-1]}")


class Target:
    """The fuzz target of a module, such as `http`."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.program = SCRATCH / "release" / f"fuzz-{name}"
        self.kept = HOME / "corpus" / f"{name}.txt"

    def build(self):
        """Builds it; what the build printed."""
        words = (*BUILD, *SANITIZE, "--product", f"fuzz-{self.name}")
        return tools.output(*words, environment={"ASYNC_NOSTD_HOSTED": "1", "ASYNC_NOSTD_FUZZ": "1"})

    def kept_inputs(self):
        """The inputs of the corpus; its first line is a heading."""
        return [unescaped(line) for line in self.kept.read_text().splitlines()[1:]]

    def collect(self, *inputs):
        """A new folder with these inputs, one in each file."""
        folder = self.folder / f"{self.name}-{len(list(self.folder.glob(f'{self.name}-*')))}"
        folder.mkdir()
        for each in inputs:
            (folder / hashlib.sha1(each).hexdigest()).write_bytes(each)
        return folder

    def fuzz(self, seconds, *folders, plant="", seed=0, longest=LONGEST):
        """Fuzzes; new inputs go to the first folder. Returns the exit status, the output, and the path of what failed."""
        artifact = f"{FOUND}{self.name}-"
        words = [self.program, f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={longest}", "-timeout=20"]
        words += [f"-dict={HOME / self.name}.dict", f"-artifact_prefix={artifact}", "-print_final_stats=1", *folders]
        environment = {**ENVIRONMENT, "ASYNC_NOSTD_FUZZ_PLANT": plant}
        status, text = tools.command(*words, environment=environment, limit=seconds + 100)
        found = re.search(r"Test unit written to (\S+)", text)
        return status, text, found and found[1]

    def merge(self, *folders):
        """Keeps the fewest inputs of these folders that reach all the code that all of them reach."""
        small = self.collect()
        options = ("-merge=1", "-set_cover_merge=1", "-use_counters=0", f"-max_len={LONGEST}")
        tools.output(self.program, *options, small, *folders, environment=ENVIRONMENT)
        inputs = sorted((path.read_bytes() for path in small.iterdir()), key=lambda each: (len(each), each))
        heading = self.kept.read_text().partition("\n")[0]
        self.kept.write_text("\n".join([heading, *map(escaped, inputs)]) + "\n")
        return len(inputs)


def figures(text):
    """What libFuzzer says at its end: runs, covered edges, features, inputs, and runs a second."""
    found = re.search(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+) corp: (\d+)\S* .*exec/s: (\d+)", text)
    if not found:
        raise Failure(f"libFuzzer did not come to its end\n{text[-4000:]}")
    return "{:,} runs, {:,} edges, {:,} features, {:,} inputs, {:,} runs a second".format(*map(int, found.groups()))


def shown(target, text, path):
    """A report on an input that failed: the complaint, the bytes, and how to try them again."""
    # What the target says of a disagreement is enough; of all else, what the sanitizer or Swift says, and the stack.
    found = re.search(r"^DISAGREEMENT.*?(?=^==\d+==)", text, re.MULTILINE | re.DOTALL)
    found = found or re.search(r"^(==\d+==|ALARM|.*Fatal error).*", text, re.MULTILINE | re.DOTALL)
    complaint = found[0] if found else text
    if len(complaint) > 6000:
        complaint = f"{complaint[:4500]}\n…\n{complaint[-1500:]}"
    lines = [complaint]
    if path and os.path.exists(path):
        with open(path, "rb") as file:
            content = file.read()
        lines += [f"input: {path}, {len(content)} bytes", f"hex:   {content.hex(' ')}", f"text:  {escaped(content)}"]
        lines.append(f"again: SWIFT_BACKTRACE=enable=no {target.program} {path}")
    return "\n".join(lines)


def escaped(content):
    """Bytes as one line of ASCII."""
    names = {0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t", 0x5C: "\\\\"}
    return "".join(names.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}") for byte in content)


def unescaped(line):
    """The bytes that `escaped` made a line of."""
    return line.encode("ascii").decode("unicode_escape").encode("latin-1")
