# Tests/blackbox/__init__.py — the black-box tests of async-nostd and the runner of all its tests
"""The parts, lowest first:

framework   how a test is written: the `test` decorator, `equal`, `true`, `Skip`
client      a raw-socket HTTP client with a strict response parser
websocket   a raw-socket WebSocket client on top of it: strict when it reads, free when it writes
process     what /proc says about a process: memory, descriptors, processor time
site        a service to test: one that runs somewhere (`Remote`) or one that we start (`Server`)
daemon      the service under systemd: `async-nostdd` with passed sockets, notifications, watchdog, journal
receiver    a socket whose datagrams are noted; notify the receiving end of $NOTIFY_SOCKET, journal a stand-in for
            journald on top of it; listeners sockets to pass on
flood       many connections from one thread, for load; crowd clients who come again and again
container   a container with a real systemd; machine one in which the package is installed, packages the package itself
devtools    the protocol of a headless Chromium; chromium starts it, tab is one tab of it, traffic what the tab loaded
console     the page at `/` in a tab, used as a person uses it
elsewhere   a second web server: another origin
screenshot  a command of its own, which makes a picture of the page
fuzzing     builds and runs the fuzz targets of Tests/Fuzz, keeps their corpora
tools       running commands, installing what is missing
selection   the command line: groups, sets of groups, a pattern; configurations those of the server in which tests are
            repeated, pairwise how few of them are enough
runner      runs what is selected; report what it prints; kept its files, and what is kept of a failure
groups/     the tests; a new group is a new module here
clients/    scenarios for libraries of PyPI, run with a Python that has these, by the group `clients`
"""
