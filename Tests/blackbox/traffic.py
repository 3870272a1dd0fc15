# Tests/blackbox/traffic.py — what a tab asked the network for, and everything that it complained about

from dataclasses import dataclass, field


@dataclass
class Request:
    """One request of a tab, with the answer as it came over the wire (a 304 is a 304 here)."""

    url: str
    method: str
    fields: dict = field(default_factory=dict)
    status: int = 0
    answer: dict = field(default_factory=dict)
    received: int = 0
    finished: bool = False
    failure: str = ""


@dataclass
class Socket:
    """One WebSocket of a tab: the status of its handshake, and its frames as pairs of opcode and payload."""

    url: str
    fields: dict = field(default_factory=dict)
    status: int = 0
    sent: list = field(default_factory=list)
    received: list = field(default_factory=list)
    closed: bool = False


class Traffic:
    """Fed with a tab's events. `problems` are errors and warnings of the console, uncaught exceptions, violations of
    the Content-Security-Policy, requests that failed, and a crash: a page in order has none.
    """

    DOMAINS = ("Network", "Runtime", "Log", "Audits", "Inspector")

    def __init__(self):
        self.requests, self.sockets, self.problems, self.crashed = {}, {}, [], False
        self.handlers = {
            "Audits.issueAdded": self.issue,
            "Inspector.targetCrashed": self.crash,
            "Log.entryAdded": self.entry,
            "Network.loadingFailed": self.failed,
            "Network.loadingFinished": self.finished,
            "Network.requestWillBeSent": self.request,
            "Network.requestWillBeSentExtraInfo": self.request_fields,
            "Network.responseReceivedExtraInfo": self.answer_fields,
            "Network.webSocketClosed": self.socket_closed,
            "Network.webSocketCreated": self.socket_created,
            "Network.webSocketFrameReceived": self.socket_received,
            "Network.webSocketFrameSent": self.socket_sent,
            "Network.webSocketHandshakeResponseReceived": self.socket_answered,
            "Network.webSocketWillSendHandshakeRequest": self.socket_asked,
            "Runtime.consoleAPICalled": self.console,
            "Runtime.exceptionThrown": self.exception,
        }

    def take(self, event, values):
        """Notes what an event says."""
        if handler := self.handlers.get(event):
            handler(values)

    def of(self, path):
        """The requests for a path, oldest first."""
        return [request for request in self.requests.values() if request.url.partition("?")[0].endswith(path)]

    def urls(self):
        """Every address that was asked for, by HTTP and by WebSocket."""
        return [entry.url for entry in (*self.requests.values(), *self.sockets.values())]

    # Requests. What is said of a request may come before the request itself: `entry_of` makes it then.

    def entry_of(self, values):
        return self.requests.setdefault(values["requestId"], Request("", ""))

    def request(self, values):
        request = self.entry_of(values)
        request.url, request.method = values["request"]["url"], values["request"]["method"]

    def request_fields(self, values):
        self.entry_of(values).fields = lower(values["headers"])

    def answer_fields(self, values):
        request = self.entry_of(values)
        request.status, request.answer = values["statusCode"], lower(values["headers"])

    def finished(self, values):
        request = self.entry_of(values)
        request.received, request.finished = values["encodedDataLength"], True

    def failed(self, values):
        request = self.entry_of(values)
        request.failure = values.get("blockedReason") or values["errorText"]
        if not values.get("canceled"):
            self.problems.append(f"request failed: {request.url}: {request.failure}")

    # WebSockets

    def socket_created(self, values):
        self.sockets[values["requestId"]] = Socket(values["url"])

    def socket_asked(self, values):
        self.sockets[values["requestId"]].fields = lower(values["request"]["headers"])

    def socket_answered(self, values):
        self.sockets[values["requestId"]].status = values["response"]["status"]

    def socket_sent(self, values):
        frame = values["response"]
        self.sockets[values["requestId"]].sent.append((frame["opcode"], frame["payloadData"]))

    def socket_received(self, values):
        frame = values["response"]
        self.sockets[values["requestId"]].received.append((frame["opcode"], frame["payloadData"]))

    def socket_closed(self, values):
        self.sockets[values["requestId"]].closed = True

    # Complaints

    def console(self, values):
        if values["type"] in ("error", "warning", "assert"):
            words = (each.get("value", each.get("description", each["type"])) for each in values["args"])
            self.problems.append(f"console.{values['type']}: " + " ".join(map(str, words)))

    def exception(self, values):
        details = values["exceptionDetails"]
        self.problems.append(f"exception: {details.get('exception', {}).get('description', details['text'])}")

    def entry(self, values):
        entry = values["entry"]
        if entry["level"] in ("error", "warning"):
            self.problems.append(f"{entry['source']} {entry['level']}: {entry['text']} {entry.get('url', '')}".rstrip())

    def issue(self, values):
        details = values["issue"]["details"].get("contentSecurityPolicyIssueDetails")
        if details:
            blocked = details.get("blockedURL", details["contentSecurityPolicyViolationType"])
            self.problems.append(f"policy: {details['violatedDirective']} was violated by {blocked}")

    def crash(self, _):
        self.crashed = True
        self.problems.append("the tab has crashed")


def lower(fields):
    """Header fields with their names in small letters."""
    return {name.lower(): value for name, value in fields.items()}
