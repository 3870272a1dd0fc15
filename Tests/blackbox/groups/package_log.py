# Tests/blackbox/groups/package_log.py — what the installed service has to tell: its journal, its log, logrotate

import gzip
import itertools
import json
import time

from ..crowd import Crowd
from ..framework import equal, eventually, test, true
from ..machine import HTTP, LOGS, SERVICE, serving
from .log_lines import expect_form, requests_in

GROUP, ORDER, NEEDS_BUILD = "package", 75.3, False


@test("journalctl -u async-nostd shows start, readiness, stop and an error; by TAG= and by priority too")
def journal(run):
    with serving(run) as machine:
        machine.output("systemctl", "restart", SERVICE)
        machine.expect_answer()
        machine.configure("[HTTP]\nIdleTimeout=soon\n")
        machine.reload()
        machine.configure(None)
        machine.output("systemctl", "stop", SERVICE)
        text = "\n".join(machine.journal("--unit", SERVICE))
        for words in ("Starting ", "version=", "listening", "Started ", "stopped", "IdleTimeout"):
            true(words in text, f"no {words!r} in the journal of the unit:\n{text}")
        tagged = machine.journal("--unit", SERVICE, "TAG=START", form="json")
        messages = [json.loads(line)["MESSAGE"] for line in tagged]
        true(any(message.startswith("[START] version=") for message in messages), f"no start in TAG=START: {messages}")
        equal(messages[-1], "[START] stopped", "the last of TAG=START")
        errors = machine.journal("--unit", SERVICE, "--priority=err")
        place = "/etc/async-nostd/async-nostd.conf.d/test.conf:2: IdleTimeout"
        true(any(place in line for line in errors), f"no error with {place}: {errors}")
        equal(machine.journal("--unit", SERVICE, "TAG=HTTP"), [], "requests in the journal")
        true(machine.journal("--identifier=async-nostd", "--priority=notice"), "nothing by SYSLOG_IDENTIFIER=")


@test("the log is async-nostd's own, for nobody else, and every line of it has its [TAG]")
def log_file(run):
    with serving(run) as machine:
        machine.reload()
        for target in ("/", "/nothing", "/healthz", "/metrics"):
            machine.expect_answer(target=target, status=200 if target in ("/", "/healthz") else 404)
        for text in ("route=/ ", "path=/nothing ", "route=/healthz ", "path=/metrics "):
            # Anywhere: the lines of two workers are in no order.
            eventually(lambda: any(text in line for line in machine.log()), lambda: f"no {text}in {machine.log()[-9:]}")
        lines = machine.log()
        expect_form(lines)
        for tag in ("[START]", "[ACCEPT]", "[HTTP]", "[SIGNAL]"):
            true(any(line.startswith(tag) for line in lines), f"no {tag} line in the log")
        shown = machine.output("stat", "--format=%U:%G %a", LOGS, f"{LOGS}/async-nostd.log")
        equal(shown.splitlines(), ["async-nostd:async-nostd 750", "async-nostd:async-nostd 640"], "owners and modes")


def all_lines(machine):
    """The lines of all logs, those that were rotated and compressed too; and how many logs there are."""
    logs = sorted(machine.path(LOGS).iterdir())
    texts = [gzip.decompress(log.read_bytes()) if log.suffix == ".gz" else log.read_bytes() for log in logs]
    return list(itertools.chain.from_iterable(text.decode().splitlines() for text in texts)), len(logs)


@test("logrotate turns the log over three times under load, and no line is lost")
def rotated(run):
    with serving(run) as machine:
        machine.expect_answer(target="/before", status=404)
        eventually(lambda: any("path=/before " in line for line in machine.log()), "the request is not in the log")
        before, count = all_lines(machine)
        inode = machine.path(f"{LOGS}/async-nostd.log").stat().st_ino
        with Crowd(HTTP) as crowd:
            for _ in range(3):
                machine.output("logrotate", "--force", "/etc/logrotate.conf")
                machine.await_reopened()
                time.sleep(0.5)
        answered = crowd.answered()
        eventually(
            lambda: requests_in(all_lines(machine)[0]) == requests_in(before) + answered,
            lambda: f"{requests_in(all_lines(machine)[0]) - requests_in(before)} lines for {answered} requests",
        )
        lines, after = all_lines(machine)
        expect_form(lines)
        equal(after, count + 3, "number of logs")
        log = machine.path(f"{LOGS}/async-nostd.log").stat()
        true(log.st_ino != inode and log.st_size > 0, "the new log is not written to")
        shown = machine.output("stat", "--format=%U:%G %a", f"{LOGS}/async-nostd.log")
        equal(shown, "async-nostd:async-nostd 640\n", "owner and mode of the new log")


@test("logrotate starts no service that does not run")
def rotated_idle(run):
    with serving(run) as machine:
        machine.output("systemctl", "stop", SERVICE)
        machine.output("logrotate", "--force", "/etc/logrotate.conf")
        machine.await_state(SERVICE, "inactive/dead")
        machine.expect_answer()
