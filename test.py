#!/usr/bin/env python3
# test.py — runs every test of async-nostd: unit, freestanding, models, black box. `python3 test.py --help` says how.

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "Tests"))

from blackbox.runner import main  # noqa: E402 (the path has to be set first)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
