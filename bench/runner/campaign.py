# bench/runner/campaign.py — all samples of a run, interleaved: A B C C B A, B C A A C B, C A B B A C

import subprocess
import sys

from . import answers, load, peers, scenarios, special
from .figures import is_quiet, middle_of
from .server import Broken, Server

#: How many turns a server has in a round: ours and the ceilings, whose ratio counts, in turns of half the length, right
#: beside each other, so that a machine that is slow for ten seconds is slow for all of them.
NEAR_TURNS, FAR_TURNS = 4, 2

#: A scenario of these kinds takes long, and its figures hardly move.
FEWER_ROUNDS = {"idle": 3, "start": 3}


def joined(samples):
    """One sample of a round's turns: the medians. What went wrong once went wrong."""
    wrong = [sample for sample in samples if "wrong" in sample]
    return wrong[0] if wrong else middle_of(samples)


def rotated(values, number):
    turn = number % max(len(values), 1)
    return values[turn:] + values[:turn]


def is_near(peer):
    return peer.is_ceiling or peer.is_ours


class Campaign:
    """Measures peers in scenarios. `results` is `{layout: {scenario: [{peer: sample}, …]}}`, with a dictionary for each
    round. `absent` are peers that could not be installed or built, and why.
    """

    def __init__(self, chosen, options, absent):
        self.peers, self.options, self.absent = chosen, options, absent
        self.results = {}

    def measure(self, layout, scenario):
        """All rounds of a scenario. A server that does not answer as it should is not measured."""
        fit, refused = [], {}
        for peer in self.peers:
            if not peer.may(scenario):
                continue
            problem = self.absent.get(peer.name) or self.problem_of(peer, layout, scenario)
            if problem:
                refused[peer.name] = {"wrong": problem}
                self.say(layout, scenario, "-", peer, refused[peer.name])
            else:
                fit.append(peer)
        rounds = self.results.setdefault(layout, {}).setdefault(scenario.name, [])
        for number in range(min(self.options.rounds, FEWER_ROUNDS.get(scenario.kind, self.options.rounds))):
            turns = {}
            for peer in self.order(fit, scenario, number):
                sample = self.sample(peer, layout, scenario)
                self.say(layout, scenario, number + 1, peer, sample)
                turns.setdefault(peer.name, []).append(sample)
            rounds.append({**refused, **{name: joined(samples) for name, samples in turns.items()}})

    def order(self, fit, scenario, number):
        """Whose turn it is in a round, there and back: what drifts with time meets all alike."""
        order = []
        for near in (True, False):
            group = rotated([peer for peer in fit if is_near(peer) == near], number)
            for turn in range(self.turns_of(near, scenario)):
                order += group[::-1] if turn % 2 else group
        return order

    def turns_of(self, near, scenario):
        if self.options.quick or scenario.kind != "load":
            return 1
        return NEAR_TURNS if near else FAR_TURNS

    def warm_up(self, seconds=10):
        """Load before the first sample: after a build, the host has to give memory back (bench/NOTES.md)."""
        scenario = scenarios.BY_NAME["http"]
        with Server(peers.BY_NAME["ceiling-epoll"], scenario, "two") as server:
            load.measure(server, scenario, "two", seconds)

    def problem_of(self, peer, layout, scenario):
        try:
            with Server(peer, scenario, layout) as server:
                answers.check(server, scenario)
        except (Broken, OSError) as error:
            return str(error)
        return None

    def sample(self, peer, layout, scenario):
        """A sample. If it went wrong, or others used the machine meanwhile, the better one of two."""
        sample = self.take(peer, layout, scenario)
        if "wrong" not in sample and (is_quiet(sample) or scenario.kind == "start" or self.options.quick):
            return sample
        again = self.take(peer, layout, scenario)
        if "wrong" in sample:
            return again
        return sample if "wrong" in again or load.noise(sample) < load.noise(again) else again

    def take(self, peer, layout, scenario):
        try:
            return self.take_or_raise(peer, layout, scenario)
        except (Broken, OSError, subprocess.CalledProcessError) as error:
            return {"wrong": str(error)}

    def take_or_raise(self, peer, layout, scenario):
        if scenario.kind == "start":
            return special.start(peer, scenario, layout)
        if scenario.kind == "idle":
            return special.idle(peer, scenario, layout, self.options.secs)
        if scenario.kind == "work":
            return special.work(peer, scenario, self.options.secs)
        with Server(peer, scenario, layout) as server:
            seconds = self.options.secs / self.turns_of(is_near(peer), scenario)
            return load.measure(server, scenario, layout, seconds, warmup=0.3)

    def say(self, layout, scenario, number, peer, sample):
        """A line that shows progress."""
        if "wrong" in sample:
            text = sample["wrong"]
        elif scenario.kind == "start":
            text = f"{sample['first_answer'] / 1e3:9.2f} ms, {sample['size']:,} bytes, {sample['rss'] >> 10:,} KiB"
        else:
            held = f", {sample['memory_each']:.0f} bytes each" if "memory_each" in sample else ""
            text = f"{sample['cpu']:9.3f} µs/op {sample['rate']:12,.0f}/s{held}, noise {load.noise(sample):.2f}"
        print(f"{layout:7}{scenario.name:9}{number:>2}  {peer.name:18} {text}", file=sys.stderr, flush=True)
