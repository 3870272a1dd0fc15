# Tests/blackbox/listeners.py — sockets that listen, as systemd makes them and passes them on

import socket

from .client import Connection, request
from .framework import equal


def listening(address="127.0.0.1", kind=socket.SOCK_STREAM):
    """A socket that listens: on a free port of an IP address, or on a Unix path or an abstract `@` name."""
    if address.startswith(("/", "@")):
        made, target = socket.socket(socket.AF_UNIX, kind), address.replace("@", "\0", 1)
    else:
        made, target = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind), (address, 0)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(target)
    made.listen(4096)
    return made


def address_of(made):
    """Where a socket can be reached, as `Connection` wants it; None for what is no socket."""
    if not hasattr(made, "getsockname"):
        return None
    name = made.getsockname()
    return name[:2] if isinstance(name, tuple) else name.decode() if isinstance(name, bytes) else name


def ask(place, target="/healthz", *fields):
    """One request on a connection of its own to a listening socket, or to an address."""
    with Connection(address_of(place) or place) as connection:
        return connection.exchange(request(target, "GET", *fields))


def expect_served(*places):
    """Each of these answers /healthz."""
    for place in places:
        response = ask(place)
        equal((response.status, response.body), (200, b"ok\n"), f"answer of {place}")
