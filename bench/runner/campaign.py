# bench/runner/campaign.py — all samples of a run, interleaved: A B C, B C A, C A B

import subprocess
import sys

from . import answers, load, special
from .figures import is_quiet
from .server import Broken, Server

#: A scenario of these kinds takes long, and its figures hardly move.
FEWER_ROUNDS = {"idle": 3, "start": 3}


class Campaign:
    """Measures peers in scenarios. `results` is `{layout: {scenario: [{peer: sample}, …]}}`, with a dictionary for each
    round. `absent` are peers that could not be installed or built, and why.
    """

    def __init__(self, chosen, options, absent):
        self.peers, self.options, self.absent = chosen, options, absent
        self.results = {}

    def measure(self, layout, scenario):
        """All rounds of a scenario. Who does not answer as it should is not measured."""
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
            turn = number % max(len(fit), 1)
            samples = dict(refused)
            for peer in fit[turn:] + fit[:turn]:
                samples[peer.name] = self.sample(peer, layout, scenario)
                self.say(layout, scenario, number + 1, peer, samples[peer.name])
            rounds.append(samples)

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
        with Server(peer, scenario, layout) as server:
            return load.measure(server, scenario, layout, self.options.secs)

    def say(self, layout, scenario, number, peer, sample):
        """A line for whoever waits."""
        if "wrong" in sample:
            text = sample["wrong"]
        elif scenario.kind == "start":
            text = f"{sample['first_answer'] / 1e3:9.2f} ms, {sample['size']:,} bytes, {sample['rss'] >> 10:,} KiB"
        else:
            held = f", {sample['memory_each']:.0f} bytes each" if "memory_each" in sample else ""
            text = f"{sample['cpu']:9.3f} µs/op {sample['rate']:12,.0f}/s{held}, noise {load.noise(sample):.2f}"
        print(f"{layout:7}{scenario.name:9}{number:>2}  {peer.name:18} {text}", file=sys.stderr, flush=True)
