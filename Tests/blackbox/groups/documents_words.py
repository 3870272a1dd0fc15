# Tests/blackbox/groups/documents_words.py — the words that CONTRIBUTING.md forbids: no folder gets more of them
"""`words.json` has how many each folder may hold; a folder that is not in it may hold none. After they have become fewer,
`ASYNC_NOSTD_WORDS=update python3 test.py documents -k forbid` writes that down.
"""

import json
import os
import re
import subprocess

from .. import tools
from ..framework import Skip, test, true
from .documents import GROUP, ORDER  # noqa: F401 (read by the runner)

COUNTS = tools.TOP / "Tests/blackbox/words.json"
FOLDERS = ("Sources", "Tests", "docs", "bench", "packaging", "etc", "debian", ".ci", "*.md", "Package.swift", "test.py")
#: Made by programs, or about the words themselves.
EXCEPT = re.compile(
    r"CONTRIBUTING\.md|bench/results\.|bench/RESULTS\.md|.*\.(?:png|gz|svg|html)|.*corpus.*"
    r"|Tests/blackbox/words\.json|Tests/blackbox/groups/documents_words\.py"
)

#: Verbs behind "who" that make a riddle of a subject: "who takes it" for "a client that accepts gzip".
VERBS = """asks calls came changes closes comes connects destroys does frees gets gives had has have holds is keeps knows
    listens may makes measures must needs opens owns passes pushes reads resumes sees sends sent sets speaks starts takes
    wakes wants waits was will writes"""
FORBIDDEN = re.compile(
    r"\b(?:nobody(?!['\",=)])|whoever|anybody|somebody)\b"
    rf"|\bwho (?:{'|'.join(VERBS.split())})\b"
    r"|\bhas (?:the|a|an|its|it|this|that|each|every|all|them|one|another) [\w-]+(?: \w+)? "
    r"(?:be|take|do|run|make|send|close|open|wait|fault|mean|end|lie|deal|wake|read|write|come|go|give|say|look)\b"
    r"|\b(?:is|are) to be\b|\bthere is to\b",
    re.IGNORECASE,
)

def found(path):
    """The forbidden words of a file, each with its line's number; those that end one line and begin the next, too."""
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return []
    # As one line: comments go on behind their marks.
    lines = [re.sub(r"^\s*(?:///?|#:?|\*|\.\\\")\s?", "", line).strip() for line in text.splitlines()]
    starts, flat = [], ""
    for line in lines:
        starts.append(len(flat))
        flat += line + " "
    return [(number_at(starts, match.start()), match[0]) for match in FORBIDDEN.finditer(flat)]


def number_at(starts, position):
    return max(index for index, start in enumerate(starts, 1) if start <= position)


def counted():
    """The files of the repository with what is forbidden in them."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", *FOLDERS], cwd=tools.TOP, capture_output=True, text=True)
    if listed.returncode != 0:
        raise Skip("no git repository")
    names = [name for name in listed.stdout.split("\0") if name and not EXCEPT.fullmatch(name)]
    paths = ((name, tools.TOP / name) for name in names)
    all_words = {name: found(path) for name, path in paths if path.is_file() and not path.is_symlink()}
    return {name: words for name, words in all_words.items() if words}


def folder_of(name):
    """What a file is counted with: the first two folders of its path, or one."""
    return "/".join(name.split("/")[:-1][:2]) or name


@test("no folder has more of the words that CONTRIBUTING.md forbids than words.json allows")
def words(run):
    allowed, now, folders = json.loads(COUNTS.read_text()), counted(), {}
    for name, words in now.items():
        folders.setdefault(folder_of(name), []).extend(f"{name}:{number}: {word}" for number, word in words)
    more = {folder: words for folder, words in folders.items() if len(words) > allowed.get(folder, 0)}
    text = "\n".join(line for words in more.values() for line in words)
    true(not more, f"more than words.json allows; CONTRIBUTING.md says how to write it:\n{text}")
    counts = {folder: len(words) for folder, words in sorted(folders.items())}
    if counts != allowed and os.environ.get("ASYNC_NOSTD_WORDS") == "update":
        COUNTS.write_text(json.dumps(counts, indent=4) + "\n")
    elif counts != allowed:
        run.say("     fewer than words.json allows; ASYNC_NOSTD_WORDS=update writes that down")
    run.say(f"     {sum(counts.values())} left in {len(counts)} folders")
