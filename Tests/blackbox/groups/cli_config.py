# Tests/blackbox/groups/cli_config.py — configuration: files, environment, command line; what is printed and refused

import os
import re
import subprocess

from .. import tools
from ..framework import Skip, equal, eventually, test, true
from ..process import listens
from ..site import free_port
from .cli import call, expect_health, started

GROUP, ORDER = "cli", 56

SHIPPED = tools.TOP / "etc" / "async-nostd.conf"


def write(run, name, text):
    """A file of this run's folder with `text`, which may be bytes."""
    path = run.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def printed(run, *words, **options):
    """The settings that --print-config shows, by their keys."""
    status, out, errors = call(run, "--print-config", *words, **options)
    equal((status, errors), (0, ""), "status and standard error")
    return dict(line.split("=", 1) for line in out.splitlines() if re.match(r"[A-Z]\w*=", line))


@test("--check-config without a word: configuration ok, status 0")
def check_nothing(run):
    equal(call(run, "--check-config"), (0, "configuration ok\n", ""), "status, output, errors")


@test("--check-config names every error of every source, and ends with 78")
def check_errors(run):
    path = write(run, "wrong.conf", "[HTTP]\nIdleTimeout=soon\nNoSuchKey=1\n[Nowhere]\nx=1\n[Log]\nLogLevel=loud\nx\n")
    drop_in = write(run, "wrong.conf.d/10.conf", "[WebSocket]\nMaxFrame=2G")
    environment = {**os.environ, "ASYNC_NOSTD_WORKERS": "many", "ASYNC_NOSTD_NONSENSE": "1"}
    status, out, errors = call(run, "--check-config", "--config", path, "--reactor", "kqueue", env=environment)
    equal((status, out), (78, ""), "status and standard output")
    expected = (
        rf"{path}:2: IdleTimeout: 'soon': not a time .*; 1ms to 24h is allowed",
        rf"{path}:3: NoSuchKey: no such key; IdleTimeout, .* are allowed in \[HTTP\]",
        rf"{path}:4: \[Nowhere\]: no such section; .*\[HTTP\].* are allowed",
        rf"{path}:7: LogLevel: 'loud': must be error, warning, info or debug",
        rf"{path}:8: 'x': neither \[Section\] nor Key=value",
        rf"{drop_in}:2: MaxFrame: '2G': out of range; 1 to 1G is allowed",
        r"environment: ASYNC_NOSTD_WORKERS: 'many': not a number; 0 to 256 is allowed",
        r"environment: ASYNC_NOSTD_NONSENSE: no such setting; it is ignored",
        r"command line: --reactor 'kqueue': must be auto, io_uring, epoll or ppoll",
    )
    lines = errors.splitlines()
    equal(len(lines), len(expected), f"lines in {errors!r}")
    for line, pattern in zip(lines, expected):
        true(re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}")


@test("a start with a wrong configuration says what a check says, and ends with 78")
def start_with_errors(run):
    path = write(run, "start.conf", "[HTTP]\nIdleTimeout=0s\n")
    checked = call(run, "--check-config", "--config", path)
    equal(call(run, 1, "127.0.0.1", free_port(), "--config", path), checked, "status, output, errors")
    equal(checked[0], 78, "status")


@test("a wrong command line alone is status 64, and beside a wrong file 78")
def statuses(run):
    path = write(run, "status.conf", "x\n")
    equal(call(run, 300)[0], 64, "status of a wrong word")
    status, _, errors = call(run, 300, "--config", path)
    equal(status, 78, "status with a wrong file")
    true("command line: WORKERS '300'" in errors and f"{path}:1: 'x'" in errors, f"errors are {errors!r}")


@test(
    "a file that cannot be read, {0}: its name and the reason, status 78",
    cases=(("missing", "No such file"), ("a folder", "Is a directory"), ("forbidden", "Permission denied")),
)
def unreadable(run, kind, reason):
    path = run.folder / f"unreadable-{kind[0]}.conf"
    options = {}
    if kind == "a folder":
        path.mkdir()
    elif kind == "forbidden":
        path.write_text("")
        path.chmod(0)
        if os.geteuid() == 0:
            options = {"user": 65534, "group": 65534, "extra_groups": []}
    try:
        status, out, errors = call(run, "--check-config", "--config", path, **options)
    except PermissionError as error:
        raise Skip("nobody may not run the executable, so root's rights stay") from error
    equal((status, out), (78, ""), "status and standard output")
    true(errors.startswith(f"{path}: cannot be read: {reason}"), f"errors are {errors!r}")


@test("the plain executable reads /etc only if it is told to; the file in etc/ is right, and sets AdminRoutes= alone")
def shipped_file(run):
    equal(call(run, "--check-config", "--config", SHIPPED), (0, "configuration ok\n", ""), "status, output, errors")
    equal(printed(run, "--config", SHIPPED), {**printed(run), "AdminRoutes": "metrics"}, "settings with the file")


@test("the file in etc/ with every key uncommented gives the defaults; the static program empties its log")
def shipped_defaults(run):
    text = SHIPPED.read_text().replace("\nAdminRoutes=metrics\n", "\n")
    text = re.sub(r"^#(?=[A-Z]\w+=)", "", text, flags=re.MULTILINE)
    path = write(run, "all.conf", text)
    shipped, default = printed(run, "--config", path), printed(run)
    equal(shipped.keys(), default.keys(), "keys")
    differing = {key for key in default if default[key] != shipped[key]}
    equal(differing, set() if run.executable.name == "async-nostdd" else {"LogTruncate"}, "keys that differ")


@test("what --print-config prints gives the same settings again")
def round_trip(run):
    words = ("3", "unix:/tmp/a b", "--log-file", "/tmp/x y\\z", "--set", "adminListen=[::1]:1 unix:@a")
    words += ("--origins", "*", "--set", "closeSpread=7s", "--set", "accessLog=combined", "--set", "heapLimit=1048577")
    first = printed(run, *words, env={**os.environ, "ASYNC_NOSTD_PING_INTERVAL": "1234ms"})
    path = write(run, "round.conf", call(run, "--print-config", *words)[1])
    second = printed(run, "--config", path, env={**os.environ, "ASYNC_NOSTD_PING_INTERVAL": "1234ms"})
    equal(second, first, "the settings of what was printed")
    equal(second["PingInterval"], "1234ms", "PingInterval")
    equal(second["Listen"], r"unix:/tmp/a\x20b", "Listen")


@test("--print-config says where each value comes from")
def sources(run):
    path = write(run, "source.conf", "[HTTP]\nIdleTimeout=5s\nWriteTimeout=5s\n[Limits]\nMaxConnections=9\n")
    drop_in = write(run, "source.conf.d/a.conf", "# mine\n[HTTP]\nWriteTimeout=6s\n")
    environment = {**os.environ, "ASYNC_NOSTD_MAX_CONNECTIONS": "8"}
    out = call(run, "--print-config", "--config", path, "--set", "logLevel=debug", env=environment)[1]
    for place, setting in (
        (f"{path}:2", "IdleTimeout=5s"),
        (f"{drop_in}:3", "WriteTimeout=6s"),
        ("environment", "MaxConnections=8"),
        ("command line", "LogLevel=debug"),
    ):
        true(f"# {place}\n{setting}\n" in out, f"{setting} of {place} is not in {out!r}")
    true("\nRequestTimeout=20s\n" in out, "a default is missing")


@test("it serves as its file says, and the command line is over it")
def serves(run):
    port, other = free_port(), free_port()
    log = run.folder / "configured.log"
    path = write(
        run,
        "serve.conf",
        f"[Server]\r\nWorkers=1\r\nListen=127.0.0.1:{port}\r\n[Log]\r\nLogFile={log}\r\nLogLevel=\\\r\n  debug\r\n",
    )
    with started(run, "--config", path):
        eventually(lambda: listens(port), "it does not listen where its file says")
        expect_health(("127.0.0.1", port))
    true("[HTTP] " in log.read_text(), "no [HTTP] line in the log that the file names")
    with started(run, "2", "127.0.0.1", other, "--config", path):
        eventually(lambda: listens(other), "it does not listen where the command line says")
        true(not listens(port), "it listens where its file says, too")


@test("it listens on every address of Listen=")
def many_addresses(run):
    ports = [free_port(), free_port()]
    name = run.folder / "many.sock"
    addresses = " ".join([f"127.0.0.1:{port}" for port in ports] + [f"unix:{name}"])
    with started(run, "1", "--set", f"listen={addresses}", "--log-file", run.folder / "many.log"):
        for port in ports:
            eventually(lambda port=port: listens(port), f"it does not listen on port {port}")
            expect_health(("127.0.0.1", port))
        eventually(name.exists, "it does not listen on the Unix socket")
        expect_health(str(name))
    true(not name.exists(), "the socket's file is left behind")


@test("a file of a 1 MB line, of zeros, and of random bytes: refused with status 78, never a crash")
def garbage(run):
    samples = (b"x" * 1_000_000, bytes(100_000), os.urandom(500_000), b"[HTTP]\n" + b"\\\n" * 300_000)
    for index, data in enumerate(samples):
        path = write(run, f"garbage-{index}.conf", data)
        status, out, errors = call(run, "--check-config", "--config", path)
        true(status in (0, 78), f"status {status}")
        true(len(errors.splitlines()) <= 101 and errors.isascii(), f"{len(errors)} bytes of errors")
    big = write(run, "big.conf", b"#" * (1 << 20) + b"#")
    equal(call(run, "--check-config", "--config", big), (78, "", f"{big}: larger than 1 MiB\n"), "one byte too many")


@test("a server that is told to listen nowhere says so, and does not start")
def nowhere(run):
    run.need_build()
    done = subprocess.run([run.executable, "--set", "listen="], capture_output=True, text=True, timeout=10)
    equal(done.returncode, 1, f"exit status, {done.stderr!r}")
    true("nothing to listen on" in done.stderr and "Listen=" in done.stderr, f"standard error: {done.stderr!r}")
