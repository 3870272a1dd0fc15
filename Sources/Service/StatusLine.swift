// Sources/Service/StatusLine.swift — one line about what the server does, for `systemctl status`.

import Bytes
import Linux
import Net
import Primitives
import Runtime
import Server

/// Tells the supervisor how things are: at most once a second, and only what has changed.
///
/// Nothing wakes the process for it: connections come and go with log lines, which wake the control thread anyway.
/// Where a change was held back because the second was not over, the next look is at its end.
struct StatusLine {
    private var connections = -1
    private var webSockets = -1
    private var requests = -1
    /// When the next line may be sent, in ms of the monotonic clock.
    private var earliest: UInt64 = 0

    /// Shows `body` the line if there is a new one.
    ///
    /// - Returns: ms until there may be one that is held back now; nil: look again when something has happened.
    mutating func update(
        _ verb: StaticString, _ server: HTTPServer, _ body: (borrowing Span<UInt8>) -> Void
    ) -> Int? {
        let before = self
        count(server)
        guard connections != before.connections || webSockets != before.webSockets || requests != before.requests else {
            return nil
        }
        let now = Clock.monotonicMilliseconds
        guard now >= earliest else {
            self = before
            return Int(earliest - now)
        }
        earliest = now + UInt64(Config.statusInterval)
        write(verb, body)
        return nil
    }

    /// Shows `body` the line as it is now, whatever was sent before.
    mutating func show(_ verb: StaticString, _ server: HTTPServer, _ body: (borrowing Span<UInt8>) -> Void) {
        count(server)
        earliest = Clock.monotonicMilliseconds + UInt64(Config.statusInterval)
        write(verb, body)
    }

    private mutating func count(_ server: HTTPServer) {
        var (connections, webSockets) = (0, 0)
        ConnectionLoop.forEach { loop in
            connections += loop.openCount.value
            webSockets += loop.managedCount.value
        }
        (self.connections, self.webSockets, requests) = (connections, webSockets, 0)
        for index in server.metrics.indices { requests += server.metrics[index].requests }
    }

    private func write(_ verb: StaticString, _ body: (borrowing Span<UInt8>) -> Void) {
        let counted = self
        var text: [128 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            line.append(verb)
            line.append(": ", counted.connections)
            line.append(counted.connections == 1 ? " connection, " : " connections, ")
            line.append(decimal: counted.webSockets)
            line.append(counted.webSockets == 1 ? " WebSocket, " : " WebSockets, ")
            line.append(decimal: counted.requests)
            line.append(counted.requests == 1 ? " request answered, " : " requests answered, ")
            line.append(decimal: Scheduler.workerCount)
            line.append(Scheduler.workerCount == 1 ? " worker" : " workers")
        }
        body(text.span.extracting(first: length))
    }
}
