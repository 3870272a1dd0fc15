# Tests/blackbox/groups/settings_table.py — every row of the program's table is where people look for a setting

import re
import subprocess

from .. import tools
from ..framework import equal, test, true
from ..manual import FOLDER, Page
from .cli import GROUP, ORDER, call  # noqa: F401 (the first two: the runner)

SCRIPT = tools.TOP / "packaging/make-settings"
RESTART = "Takes effect after a restart"


FIELDS = ("section", "name", "kind", "allowed", "default", "daemon", "effect", "option", "above", "help", "note")


def rows():
    """The rows of the table, as the hosted build prints them: dictionaries by `FIELDS`."""
    words = ("swift", "run", "--quiet", "--scratch-path", ".build-hosted", "settings-table")
    text = tools.output(*words, environment={"ASYNC_NOSTD_HOSTED": "1"})
    found = [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in text.splitlines() if "\t" in line]
    true(len(found) > 25, f"the table has {len(found)} rows")
    return found


def names(key):
    """What a setting is called where people look: key, name for --set, option, operand."""
    kebab = re.sub(r"\B[A-Z]", lambda match: "-" + match[0], key).lower()
    return key, key[0].lower() + key[1:], f"--{kebab}", key.upper()


def default(row, program="default"):
    """A default as people read it."""
    return row[program] or {"origins": "all"}.get(row["kind"], "none")


@test("packaging/make-settings has nothing to write", limit=300.0)
def up_to_date(run):
    done = subprocess.run([SCRIPT, "--check"], stderr=subprocess.PIPE, text=True)
    equal(done.stderr, "", "make-settings --check says")
    equal(done.returncode, 0, "its exit status")


@test("--help and --print-config have every setting of the table, with its default", limit=300.0)
def printed(run):
    _, usage, _ = call(run, "--help")
    _, configuration, _ = call(run, "--print-config")
    for row in rows():
        key, name, option, operand = names(row["name"])
        true(re.search(rf"(^|\n| ){name}=|^  {option} |^  {operand} ", usage, re.MULTILINE), f"--help: no {key}")
        true(f"\n{key}={row['default']}\n" in configuration, f"--print-config: no {key}={row['default']}")
        if row["option"]:
            true(f"  {row['option']} " in usage, f"--help: no {row['option']}")


@test("the shipped file has every setting of the table, with default, bounds, words and what needs a restart", limit=300.0)
def shipped(run):
    blocks = (tools.TOP / "etc/async-nostd.conf").read_text().split("\n\n")
    for row in rows():
        line = f"#{row['name']}={row['daemon']}"
        block = next((block for block in blocks if line in block.splitlines()), None)
        true(block, f"no line {line}")
        text = " ".join(word.removeprefix("# ") for word in block.splitlines())
        for word in row["allowed"].split("|"):
            true(word in text, f"{row['name']}: {word} is not in {text!r}")
        equal(RESTART in text, row["effect"] == "restart", f"{row['name']}: a restart is named")


@test("async-nostd.conf(5) has every setting of the table, with default, bounds, words and what needs a restart", limit=300.0)
def manual(run):
    entries = {head.partition("=")[0]: (head, text) for _, head, text in Page("async-nostd.conf.5").entries()}
    for row in rows():
        true(row["name"] in entries, f"{FOLDER.name}: no {row['name']}")
        head, text = entries[row["name"]]
        true(f"y default {default(row)}" in text, f"{row['name']}: default {default(row)} is not in {text!r}")
        for word in row["allowed"].split("|"):
            true(word in head + text or head.endswith("SWITCH"), f"{row['name']}: {word} is not in {head + text!r}")
        equal(RESTART in text, row["effect"] == "restart", f"{row['name']}: a restart is named")


@test("README or a document has every setting of the table in a row of a table, with its default", limit=300.0)
def documents(run):
    paths = (tools.TOP / "README.md", *(tools.TOP / "docs").glob("*.md"))
    lines = [line for path in paths for line in path.read_text().splitlines() if line.startswith("| `")]
    for row in rows():
        key, name, option, operand = names(row["name"])
        found = [line for line in lines if re.match(rf"\| .*`({key}|{name}|{operand}|{option} .*)`.* \|", line)]
        true(found, f"no row of {key}")
        shown = default(row)
        true(
            any(re.search(rf"[ `;]{re.escape(shown)}[ `;,]", line) for line in found),
            f"no default {shown} of {key} in {found}",
        )
