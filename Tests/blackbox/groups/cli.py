# Tests/blackbox/groups/cli.py — the command line: help, version, wrong words, what the system refuses

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

from .. import tools
from ..client import Connection, request
from ..framework import Skip, equal, eventually, test, true
from ..process import listens
from ..site import free_port

GROUP, ORDER, QUICK = "cli", 55, True


def call(run, *words, **options):
    """Runs the server with these words, which must make it end: status, standard output, standard error."""
    run.need_build()
    done = subprocess.run(
        [str(run.executable), *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=10,
        **options,
    )
    return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def started(run, *words, program=None, seconds=5):
    """Runs a server with just these words; it has to end with status 0 when it is told to."""
    run.need_build()
    with open(run.folder / "cli.stderr", "wb") as errors:
        process = subprocess.Popen(
            [str(word) for word in (program or (run.executable,)) + words],
            cwd=tools.TOP,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
    try:
        yield process
        process.terminate()
        equal(process.wait(seconds), 0, "exit status after SIGTERM")
    finally:
        process.kill()
        process.wait()


def expect_health(address):
    with Connection(address) as connection:
        equal(connection.exchange(request("/healthz")).body, b"ok\n", "body")


def expect_error(run, words, status, *parts, **options):
    """It ends with `status`, says nothing on standard output, and one line with all `parts` on standard error."""
    actual, out, errors = call(run, *words, **options)
    equal((actual, out), (status, ""), f"status and standard output ({errors!r})")
    true(re.fullmatch(r"[^\n]+\n", errors), f"not one line: {errors!r}")
    for part in parts:
        true(part.lower() in errors.lower(), f"{part!r} is not in {errors!r}")


@test("{0} prints the usage on standard output and ends with 0", cases=("--help", "-h"))
def help_text(run, word):
    status, out, errors = call(run, word)
    equal((status, errors), (0, ""), "status and standard error")
    options = "--reactor --accept --log-file --log-level --origins --set --config --check-config --print-config --version"
    for part in ("WORKERS", "IP", "PORT", "8000", *options.split()):
        true(part in out, f"{part} is not in the help")
    true(
        all(len(line) <= 110 for line in out.splitlines()) and out.endswith("\n"),
        "a line of the help is too long, or not ended",
    )


@test("{0} prints name and version, and ends with 0", cases=("--version", "-V"))
def version(run, word):
    status, out, errors = call(run, word)
    equal((status, errors), (0, ""), "status and standard error")
    true(re.fullmatch(r"async-nostdd? \d+\.\d+\.\d+\n", out), f"printed {out!r}")


@test(
    "the wrong arguments {0} get one clear line and status 64",
    cases=(
        ("x", "x"),
        ("1.5", "1.5"),
        ("-1", "-1"),
        ("10000", "10000", "256"),
        ("257", "257", "256"),
        ("99999999999999999999", "9999"),
        ("1 localhost", "localhost"),
        ("1 1.2.3", "1.2.3"),
        ("1 1.2.3.256", "1.2.3.256"),
        ("1 ::g", "::g"),
        ("1 127.0.0.1 65536", "65536"),
        ("1 127.0.0.1 http", "http"),
        ("1 127.0.0.1 80 more", "more"),
        ("--reactor kqueue", "kqueue", "auto", "io_uring", "epoll", "ppoll"),
        ("--reactor", "--reactor"),
        ("--accept=none", "none", "thread", "workers"),
        ("--nonsense", "--nonsense"),
        ("--help=x", "--help"),
        ("--log-level loud", "loud", "debug"),
        ("--set idleTimeout", "idleTimeout"),
        ("--set nonsense=1", "nonsense"),
        ("--set idleTimeout=soon", "soon"),
        ("--set idleTimeout=25h", "25h", "1ms to 24h"),
        ("--set listen=localhost:80", "localhost:80", "host names"),
        ("--set closeSpread=30s", "closeSpread", "drainTimeout", "0s to 20s"),
        ("--origins example.org", "example.org", "https://"),
        ("--config", "--config"),
        ("--check-config=x", "--check-config"),
        ("1 unix:/tmp/x.sock 80", "80"),
        ("1 unix:" + "/x" * 60,),
        ("''",),
    ),
)
def wrong(run, words, *parts):
    expect_error(run, shlex.split(words), 64, *parts)


@test("a port that is in use: the system's reason, the address, status 1")
def port_in_use(run):
    with run.fresh() as server:
        expect_error(
            run,
            (1, "127.0.0.1", server.port, "--log-file", run.folder / "other.log"),
            1,
            "Address already in use",
            f"127.0.0.1:{server.port}",
        )
        equal(server.get("/healthz").status, 200, "status of the first server")


@test("an address that is not of this machine: the system's reason, the address, status 1")
def foreign_address(run):
    port = free_port()
    expect_error(
        run,
        (1, "192.0.2.1", port, "--log-file", run.folder / "x.log"),
        1,
        "Cannot assign requested address",
        f"192.0.2.1:{port}",
    )


@test("a port that needs a privilege: the system's reason, the address, status 1")
def no_permission(run):
    run.need_build()
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        raise Skip("anybody may listen on port 80 here")
    options = {}
    folder = Path("/tmp") / f"async-nostd-cli-{os.getpid()}"
    folder.mkdir(mode=0o777)
    try:
        folder.chmod(0o777)
        copy = shutil.copy(run.executable, folder / "async-nostd")
        os.chmod(copy, 0o755)
        if os.geteuid() == 0:
            options = {"user": 65534, "group": 65534, "extra_groups": []}
        done = subprocess.run(
            [copy, "1", "127.0.0.1", "80", "--log-file", str(folder / "log")],
            capture_output=True,
            text=True,
            timeout=10,
            **options,
        )
        equal((done.returncode, done.stdout), (1, ""), f"status and standard output ({done.stderr!r})")
        for part in ("Permission denied", "127.0.0.1:80"):
            true(part in done.stderr, f"{part!r} is not in {done.stderr!r}")
    finally:
        shutil.rmtree(folder)


@test(
    "a log that cannot be written, {0}: the system's reason, the path, status 1",
    cases=(
        ("no such directory", "/nonexistent/x.log", "No such file or directory"),
        ("a directory", "/tmp", "Is a directory"),
        ("a file as directory", "/etc/passwd/x.log", "Not a directory"),
    ),
)
def log_not_writable(run, _, path, reason):
    expect_error(run, (1, "127.0.0.1", free_port(), "--log-file", path), 1, reason, path)


@test("a log that is a symbolic link is refused, and its target untouched")
def log_is_link(run):
    target, link = run.folder / "precious", run.folder / "link.log"
    target.write_text("precious\n")
    link.symlink_to(target)
    expect_error(run, (1, "127.0.0.1", free_port(), "--log-file", link), 1, "symbolic links", str(link))
    equal(target.read_text(), "precious\n", "the target of the link")


@test("it listens on the IPv6 address {0}", cases=("::1", "::", "[::1]"))
def ipv6(run, ip):
    if not Path("/proc/net/if_inet6").exists():
        raise Skip("this machine has no IPv6")
    with run.fresh(ip=ip) as server:
        expect_health(("::1", server.port))
        if ip == "::":
            expect_health(("127.0.0.1", server.port))


@test("it listens on a Unix socket, of a path or of an abstract name: {0}", cases=("path", "abstract"))
def unix(run, kind):
    name = f"@async-nostd-test-{os.getpid()}" if kind == "abstract" else str(run.folder / "a.sock")
    address = "\0" + name[1:] if kind == "abstract" else name

    def accepts():
        try:
            Connection(address).close()
            return True
        except OSError:
            return False

    with started(run, 1, f"unix:{name}", "--log-file", run.folder / "unix.log"):
        eventually(accepts, "it does not listen on the Unix socket")
        expect_health(address)
    true(not os.path.exists(name), "the socket's file is left behind")


@test("a stale socket file is replaced, a live one refused, and another kind of file kept")
def unix_in_the_way(run):
    path = run.folder / "b.sock"
    words = (1, f"unix:{path}", "--log-file", run.folder / "other.log")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with run.fresh(ip=f"unix:{path}") as server:
        equal(server.get("/healthz").status, 200, "status in place of the stale one")
        expect_error(run, words, 1, "Address already in use", str(path))
        equal(server.get("/healthz").status, 200, "status of the first server")
    path.unlink(missing_ok=True)
    path.write_text("a file\n")
    expect_error(run, words, 1, str(path))
    equal(path.read_text(), "a file\n", "the file in the way")


@test("0 workers means one for every processor; each of N gets a thread: {0}", cases=(0, 1, 3, 16))
def worker_count(run, count):
    with run.fresh(workers=count) as server:
        server.get("/healthz")
        expected = count or len(os.sched_getaffinity(0))


        def named():
            return sum("worker" in name for name in server.process.threads().values())

        # Requests are served as soon as one of them runs.
        eventually(lambda: named() == expected, lambda: f"{named()} threads are named after workers, not {expected}")


@test("port 0 takes any port that is free")
def any_port(run):
    def port():
        links = [os.readlink(entry) for entry in Path(f"/proc/{process.pid}/fd").iterdir()]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in links:
                return int(columns[1].rpartition(":")[2], 16)
        return None

    with started(run, 1, "127.0.0.1", 0, "--log-file", run.folder / "any.log") as process:
        expect_health(("127.0.0.1", eventually(port, "it listens nowhere")))


@test("options may stand anywhere, with = or a space, and -- ends them")
def option_forms(run):
    port, log = free_port(), run.folder / "forms.log"
    with started(run, f"--log-file={log}", "1", "--reactor=ppoll", "127.0.0.1", "--accept", "thread", "--", port):
        eventually(lambda: listens(port), "it does not listen")
        expect_health(("127.0.0.1", port))
    true(log.exists(), "no log")


@test("without any word it listens on 0.0.0.0:8000 and logs to /tmp/async-nostd.log")
def defaults(run):
    if listens(8000):
        raise Skip("something listens on port 8000 already")
    log = Path("/tmp/async-nostd.log")
    old = log.read_text("latin-1") if log.exists() else None
    with started(run):
        eventually(lambda: listens(8000), "it does not listen on port 8000")
        expect_health(("127.0.0.1", 8000))
        eventually(lambda: "[HTTP] " in log.read_text("latin-1").removeprefix(old or ""), f"no [HTTP] line in {log}")
    if old is None:
        log.unlink()


@test("swift run starts the server, as the README says", slow=True, limit=300.0)
def swift_run(run):
    if run.options.executable or run.options.no_build:
        raise Skip("not with --executable or --no-build")
    port = free_port()
    program = ("swift", "run", "-c", "release", "async-nostd")
    with started(run, 2, "127.0.0.1", port, "--log-file", run.folder / "run.log", program=program, seconds=10):
        eventually(lambda: listens(port), "it does not listen", seconds=240)
        expect_health(("127.0.0.1", port))
