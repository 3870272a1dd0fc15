# Tests/mutants/report.py — what came of the mutants: shares by module, and the survivors

import json

from suites import SUITES


class Results:
    """The mutants of a result folder, and what each suite made of them."""

    def __init__(self, folder):
        content = json.loads((folder / "mutants.json").read_text())
        self.commit, self.seed, self.mutants = content["commit"], content["seed"], content["mutants"]
        self.by, self.reached, self.tried = {}, set(), set()
        path = folder / "results.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            result = json.loads(line)
            number = result["number"]
            self.tried.add((number, result["suite"]))
            if "unreached" not in result:
                self.reached.add(number)
            if result["by"]:
                self.by[number] = f"{result['suite']}: {result['by']}"

    def state(self, mutant, suites):
        number = mutant["number"]
        if number in self.by:
            return "killed"
        if any((number, suite) not in self.tried for suite in suites[mutant["module"]]):
            return "open"
        return "survived" if number in self.reached else "unreached"

    def counts(self, module, suites):
        states = [self.state(each, suites) for each in self.mutants if module in (None, each["module"])]
        return [states.count(each) for each in ("killed", "survived", "unreached", "open")] + [len(states)]


def report(folders):
    """Prints a table for each folder and the survivors of the first."""
    all_results = [Results(folder) for folder in folders]
    for results in all_results:
        print(f"\n{results.commit}, seed {results.seed}")
        print(f"{'':10} {'killed':>7} {'survived':>9} {'unreached':>10} {'open':>5} {'all':>4}  share killed")
        for module in [*dict.fromkeys(each["module"] for each in results.mutants), None]:
            killed, *rest, open_, total = counts = results.counts(module, SUITES)
            share = f"{100 * killed / total:.1f} %" + (" so far" if open_ else "")
            print(f"{module or 'all':10} {counts[0]:7} {rest[0]:9} {rest[1]:10} {open_:5} {total:4}  {share}")
    first = all_results[0]
    for mutant in first.mutants:
        state = first.state(mutant, SUITES)
        if state in ("survived", "unreached"):
            print(f"\n{mutant['file']}:{mutant['line']}: {mutant['kind']}, {state} (mutant {mutant['number']})")
            print("\n".join(f"  - {line}" for line in mutant["before"].splitlines()))
            print("\n".join(f"  + {line}" for line in mutant["after"].splitlines()))
