# Tests/blackbox/groups/documents.py — manual pages and the shipped configuration against the programs

import re
import signal
import subprocess

from .. import tools
from ..daemon import program
from ..framework import equal, eventually, test, true
from ..manual import FOLDER, PAGES, Page
from ..site import free_port
from .cli import started

GROUP, ORDER = "documents", 57
QUICK = True

SHIPPED = tools.TOP / "etc/async-nostd.conf"
RESTART = "Takes effect after a restart"


def said(executable, *words):
    """What a program prints, both streams together, with nothing in its environment and no file of its own."""
    done = subprocess.run(
        [str(word) for word in (executable, *words, "--config", "/dev/null")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={},
        text=True,
        timeout=10,
    )
    return done.stdout


def settings(executable):
    """The defaults, as --print-config shows them: values by section and key, in its order."""
    found, section = {}, ""
    for line in said(executable, "--print-config").splitlines():
        section = line if line.startswith("[") else section
        key, equals, value = line.partition("=")
        if equals:
            found[section, key] = value
    true(len(found) > 25, f"--print-config of {executable} shows {len(found)} settings")
    return found


def options(executable):
    """The options that --help names."""
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", said(executable, "--help")))


def option_name(key):
    """A key's name for --set: a small letter before the others."""
    return key[0].lower() + key[1:]


def documented():
    """What the page says of each key: pairs of the values that its line shows and the text, by section and key."""
    entries = {}
    for section, head, text in Page("async-nostd.conf.5").entries():
        if section.startswith("["):
            key, _, values = head.partition("=")
            entries[section, key] = (values, text)
    return entries


def shipped():
    """What etc/async-nostd.conf says of each key: pairs of the default and the comment, by section and key."""
    entries, section, comment = {}, "", []
    for line in SHIPPED.read_text().splitlines():
        if line.startswith("["):
            section = line
        elif found := re.fullmatch(r"#(\w+)=(.*)", line):
            entries[section, found[1]] = (found[2], " ".join(comment))
        comment = [*comment, line.removeprefix("# ")] if line.startswith("# ") else []
    return entries


def allowed(run, key):
    """What may be set, in the program's own words: `1ms to 24h`, or the words of a choice; None for other kinds."""
    text = said(run.executable, "--set", f"{option_name(key)}=!", "--check-config")
    if bounds := re.search(r"; (\S+ to \S+) is allowed", text):
        return bounds[1]
    words = re.search(r": must be (\w+(?:, \w+)* or \w+)$", text, re.MULTILINE)
    return re.split(r", | or ", words[1]) if words else None


# The pages


@test("the page {0} has no warning of groff, nor of mandoc", cases=PAGES)
def clean(run, name):
    tools.ensure(groff="groff-base", mandoc="mandoc")
    path = FOLDER / name
    for words in (("groff", "-man", "-ww", "-z", "-Tutf8", "-Kutf8"), ("mandoc", "-Tlint", "-Wstyle")):
        equal(tools.output(*words, path), "", f"{words[0]} says")
    equal(path.read_text().partition(" — ")[0], f'.\\" packaging/{name}', "the first line's beginning")


@test("{0}(8) has the options of --help, and no other", cases=("async-nostd", "async-nostdd"))
def all_options(run, name):
    page = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", Page(f"{name}.8").text(examples=False)))
    equal(page, options(program(run, name)), "options")


@test("the pages speak of no setting that does not exist")
def no_other_keys(run):
    run.need_build()
    names = {option_name(key) for _, key in settings(run.executable)}
    for name in PAGES:
        text = Page(name).text()
        for word in re.findall(r"--set (\w+)", text):
            true(word in names or word == "NAME", f"{name} sets {word}")
        for word in re.findall(r"ASYNC_NOSTD_(\w+)", text):
            capitals = "".join(part.capitalize() for part in word.split("_"))
            true(option_name(capitals) in names, f"{name} names the variable ASYNC_NOSTD_{word}")


@test("async-nostd(8) has all tags of the log, async-nostdd(8) all message ids of the journal")
def log_words(run):
    tags = tools.log_tags()
    listed = [head for section, head, _ in Page("async-nostd.8").entries() if section == "The log"]
    equal(sorted(", ".join(listed).split(", ")), sorted(tags), "tags")
    found = re.findall(r"messageID: 0x((?:[0-9a-f]{4}_){7}[0-9a-f]{4})", tools.swift_sources())
    ids = [word.replace("_", "") for word in found]
    equal(sorted(set(re.findall(r"\b[0-9a-f]{32}\b", Page("async-nostdd.8").text()))), sorted(ids), "message ids")


@test("async-nostdd(8) has the units, and where each socket listens")
def units(run):
    page = {head: text for section, head, text in Page("async-nostdd.8").entries() if section == "UNITS"}
    files = [path for kind in ("service", "socket") for path in FOLDER.glob(f"*.{kind}")]
    equal(sorted(page), sorted(path.name for path in files), "units")
    for path in files:
        for address in re.findall(r"^ListenStream=(\S+)", path.read_text(), re.MULTILINE):
            true(address in page[path.name], f"{path.name} listens on {address}, which the page does not say")


# The settings


@test("--help names every setting: by an option or word of its own, or at --set")
def help_has_all(run):
    run.need_build()
    text = said(run.executable, "--help")
    for _, key in settings(run.executable):
        kebab = re.sub(r"\B[A-Z]", lambda match: "-" + match[0], key).lower()
        true(re.search(rf"\b{option_name(key)}=|--{kebab} |^  {key.upper()} ", text, re.MULTILINE), f"not in it: {key}")


@test("async-nostd.conf(5) and etc/async-nostd.conf have every key in its section, in the order of --print-config")
def all_keys(run):
    run.need_build()
    equal(list(documented()), list(settings(run.executable)), "keys of the page")
    equal(list(shipped()), list(settings(run.executable)), "keys of the file")


@test("the defaults are those of --print-config: in the page, in the file, in --help")
def defaults(run):
    static, daemon = settings(program(run, "async-nostd")), settings(program(run))
    usage = dict(re.findall(r"\b([a-z]\w+)=(\d\w*)", said(run.executable, "--help").partition("Any setting")[0]))
    for place, value in static.items():
        key, text = place[1], documented()[place][1]
        said_default = re.search(r"[Bb]y default (\S*?)[.;,]?(?: |$)", text)
        true(said_default, f"the page names no default of {key}")
        equal(said_default[1], value or {"Origins": "all"}.get(key, "none"), f"the page's default of {key}")
        if daemon[place] != value:
            true(f"{daemon[place]} for async-nostdd(8)" in text, f"the page has no default of the daemon's {key}")
        equal(shipped()[place][0], daemon[place], f"the file's default of {key}")
        equal(usage.get(option_name(key), value), value, f"the default of {key} in --help")


@test("the bounds and the words that are allowed are those of the errors: in the page, in the file")
def bounds(run):
    run.need_build()
    for place, (values, text) in documented().items():
        key, right = place[1], allowed(run, place[1])
        if isinstance(right, str):
            true(right in text, f"the page does not say that {key} is {right}")
            true(right in shipped()[place][1], f"the file does not say that {key} is {right}")
        elif right == ["yes", "no"]:
            equal(values, "SWITCH", f"the page's values of {key}")
        elif right:
            equal(values.strip("{}").split("|"), right, f"the page's values of {key}")
            missing = [word for word in right if not re.search(rf"\b{word}\b", shipped()[place][1])]
            equal(missing, [], f"values of {key} that the file does not name")


@test("what takes effect after a restart only is said: a server is sent SIGHUP with every key changed")
def restart(run):
    run.need_build()
    path, log = run.folder / "reload.conf", run.folder / "reload.log"
    path.write_text(f"[Server]\nListen=127.0.0.1:{free_port()}\nWorkers=1\n[Log]\nLogFile={log}\n")
    with started(run, "--config", path) as server:
        eventually(lambda: log.exists() and "version=" in log.read_text(), "it does not start")
        path.write_text(changed(run))
        server.send_signal(signal.SIGHUP)
        eventually(lambda: "opened again" in log.read_text(), lambda: f"no reload: {log.read_text()}")
    reported = dict(re.findall(r"\[CONFIG\] (\w+) (has changed|takes effect after a restart)", log.read_text()))
    for place, (_, text) in documented().items():
        words = reported.get(place[1])
        equal(RESTART in text, words == "takes effect after a restart", f"the page; {place[1]} {words}")
        equal(RESTART in shipped()[place][1], RESTART in text, f"the file as the page, of {place[1]}")
        true(words, f"{place[1]} was changed, but nothing said of it")


def changed(run):
    """A configuration in which nothing is as it is by default."""
    lines = []
    for (section, key), value in settings(run.executable).items():
        right = allowed(run, key)
        if isinstance(right, list):
            new = next(word for word in reversed(right) if word != value)
        elif right:
            new = re.sub(r"\d+", "7", value)
        else:
            new = {"Origins": "https://a.example", "LogFile": "off"}.get(key, "127.0.0.1:1")
        lines += [section, f"{key}={new}"]
    return "\n".join(lines) + "\n"
