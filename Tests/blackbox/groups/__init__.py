# Tests/blackbox/groups/__init__.py — the tests; each module says to which group it belongs
