# Tests/blackbox/groups/daemon_binary.py — what async-nostdd is made of: its imports, and which thread uses them

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor

from .. import tools
from ..daemon import Daemon, program
from ..framework import Skip, equal, test, true
from ..journal import Journal
from ..listeners import listening
from ..site import Server

GROUP, ORDER = "daemon-binary", 36

#: Every symbol that the daemon takes from a shared library, and what for. All calls are the main thread's.
IMPORTS = {
    "__libc_start_main": "glibc's _start (crt1.o) begins with it",
    "__cxa_finalize": "crtbegin.o names it, for a normal exit, which never happens",
    "__gmon_start__": "crti.o names it, for profiling; weak, and missing",
    "_ITM_deregisterTMCloneTable": "crtbegin.o names it, for transactional memory; weak, and missing",
    "_ITM_registerTMCloneTable": "the same",
    "sd_is_fifo": "to say what an unusable descriptor is",
    "sd_is_socket": "to check the sockets that systemd passes",
    "sd_is_special": "to say what an unusable descriptor is",
    "sd_journal_sendv": "the journal",
    "sd_listen_fds_with_names": "socket activation",
    "sd_notify": "READY=1 and all other notifications",
    "sd_notify_barrier": "the end waits until systemd has heard everything",
    "sd_watchdog_enabled": "WatchdogSec=",
}

#: What compilers emit calls to: glibc has them too, and libsystemd is to keep those.
OWN = ("memcpy", "memmove", "memset", "memcmp", "bcmp", "posix_memalign", "free", "__stack_chk_fail")

#: Those of them that the program cannot do without.
ALWAYS = ("memmove", "free")

#: The modules that may call libsystemd, as they stand in the names of their functions, and crtbegin.o's one function.
CALLERS = re.compile(r"\$[es]\w*?(7Systemd|6Daemon)|AsyncNostddMain|check_daemon|__do_global_dtors_aux")

#: Reactor, accept mode and number of workers.
SERVERS = [("epoll", "workers", 1), ("epoll", "thread", 4), ("ppoll", "workers", 4), ("ppoll", "thread", 1)]

#: What the interposer below stands before.
WATCHED = [name for name in IMPORTS if name.startswith("sd_")]

#: A library for LD_PRELOAD: each call is noted in a file, and ends the process if another thread than the main makes
#: it. All arguments are words, four at most.
INTERPOSER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char *name) {
    if (syscall(SYS_gettid) != syscall(SYS_getpid)) _exit(99);
    int file = open(getenv("WATCH_CALLS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || write(file, name, strlen(name)) < 0 || close(file) < 0) _exit(98);
}

#define WATCH(name)                                                                  \
    long name(long a, long b, long c, long d) {                                      \
        note(#name "\n");                                                            \
        long (*next)(long, long, long, long) = (typeof(next))dlsym(RTLD_NEXT, #name); \
        return next(a, b, c, d);                                                     \
    }
"""


def daemon(run):
    tools.ensure(readelf="binutils", objdump="binutils", nm="binutils")
    return program(run)


@test("it needs glibc and libsystemd, and no other library")
def needed(run):
    found = re.findall(r"\(NEEDED\).*\[(.*)\]", tools.output("readelf", "--dynamic", "--wide", daemon(run)))
    equal(sorted(found), ["libc.so.6", "libsystemd.so.0"], "shared libraries")


@test("it imports what its main thread calls, and nothing else")
def imports(run):
    found = set(imported(daemon(run)))
    true(not found - set(IMPORTS), f"nobody has explained {sorted(found - set(IMPORTS))}")
    true(not set(IMPORTS) - found, f"explained, and not imported: {sorted(set(IMPORTS) - found)}")


def imported(path):
    """The undefined names of the dynamic symbol table, without versions."""
    for line in tools.output("readelf", "--wide", "--dyn-syms", path).splitlines():
        columns = line.split()
        if len(columns) >= 8 and columns[6] == "UND":
            yield columns[7].partition("@")[0]


@test("it exports no function: libsystemd's memory stays glibc's")
def exports(run):
    lines = tools.output("nm", "--dynamic", "--defined-only", daemon(run)).splitlines()
    equal([line for line in lines if not line.endswith(": no symbols")], [], "exported symbols")


@test("{0} is the core's own, and nobody outside can see it", cases=OWN)
def own(run, name):
    kinds = [line.split()[1] for line in tools.output("nm", daemon(run)).splitlines() if line.endswith(f" {name}")]
    # The linker drops what nothing calls. What is there is ours alone.
    equal([kind for kind in kinds if kind != "t"], [], f"kinds of {name}, as nm has them")
    true(kinds or name not in ALWAYS, f"nm has no {name}: does the core still have its own?")


@test("only Systemd and Daemon reach a shared library, and by calls alone")
def callers(run):
    path = daemon(run)
    listing = tools.output("objdump", "--disassemble", "--no-show-raw-insn", "--section=.text", path)
    function, strangers, calls = None, set(), set()
    for line in listing.splitlines():
        if header := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            function = header[1]
        elif call := re.search(r"<(\w+)@plt>", line):
            calls.add(call[1])
            if not CALLERS.search(function):
                strangers.add(f"{function} calls {call[1]}")
    equal(sorted(strangers), [], "calls from elsewhere")
    true(set(WATCHED) <= calls, f"the disassembly shows no call of {sorted(set(WATCHED) - calls)}")
    # An address in the table of globals could be called from anywhere, through a pointer.
    pointed = re.findall(r"R_X86_64_(?:GLOB_DAT|64)\b.* (\w+)(?:@\S+)? \+ 0", tools.output("readelf", "-rW", path))
    true(not set(pointed) & set(WATCHED), f"addresses that are taken: {sorted(set(pointed) & set(WATCHED))}")


@test("under load, with notifications, watchdog and journal, only the main thread calls libsystemd")
def main_thread(run):
    tools.ensure(cc="gcc")
    source, library, calls = run.folder / "watch.c", run.folder / "watch.so", run.folder / "calls.txt"
    source.write_text(INTERPOSER + "".join(f"WATCH({name})\n" for name in WATCHED))
    tools.output("cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl")
    environment = {"LD_PRELOAD": library, "WATCH_CALLS": calls}
    with journal_of(run) as journal, listening() as socket:
        with Daemon(run, sockets=[socket], environment=environment, watchdog=0.1, journal=journal) as server:
            for _ in range(3):
                with ThreadPoolExecutor(16) as clients:
                    answers = list(clients.map(lambda _: server.get("/healthz").status, range(200)))
                equal(set(answers), {200}, "statuses")
                server.reload()
            server.await_stopping()
            server.await_end()
        made = set(calls.read_text().split())
    expected = {"sd_listen_fds_with_names", "sd_is_socket", "sd_watchdog_enabled", "sd_notify", "sd_notify_barrier"}
    true(made >= expected | ({"sd_journal_sendv"} if journal else set()), f"the only calls were {sorted(made)}")


@contextlib.contextmanager
def journal_of(run):
    """A journal of our own; None where there can be none."""
    try:
        journal = Journal(run.folder)
    except Skip:
        yield None
    else:
        yield journal


@test("without systemd it serves as any program does: {0}, {1}, {2} workers", cases=SERVERS)
def serves(run, reactor, accept, workers):
    with Server(program(run), run.folder, workers=workers, reactor=reactor, accept=accept) as server:
        for _ in range(8):
            equal(server.get("/healthz").status, 200, "status")
        names = [name for name in server.process.threads().values() if name.startswith("worker")]
        equal(len(names), workers, "number of worker threads")


@test("every address is bound before `main`, and what holds them is read-only then")
def bound(run):
    dynamic = tools.output("readelf", "--dynamic", "--wide", daemon(run))
    true("BIND_NOW" in dynamic and re.search(r"FLAGS_1.*\bNOW\b", dynamic), dynamic)
    headers = tools.output("readelf", "--program-headers", "--wide", daemon(run))
    true("GNU_RELRO" in headers, "no GNU_RELRO segment")
    true("TEXTREL" not in dynamic, "relocations in code")


@test("it is position-independent, and no memory is both writable and executable")
def hardened(run):
    path = daemon(run)
    true(re.search(r"Type:\s+DYN", tools.output("readelf", "--file-header", path)), "not position-independent")
    true(re.search(r"FLAGS_1.*\bPIE\b", tools.output("readelf", "--dynamic", "--wide", path)), "not marked as PIE")
    headers = tools.output("readelf", "--program-headers", "--wide", path)
    stack = re.search(r"GNU_STACK.* ([RWE ]{3}) 0", headers)
    true(stack and "E" not in stack[1], f"an executable stack, or none is named:\n{headers}")
    for line in headers.splitlines():
        true(not re.search(r"LOAD.* RWE 0x", line), f"writable and executable: {line}")
