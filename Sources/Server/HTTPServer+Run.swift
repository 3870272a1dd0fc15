// Sources/Server/HTTPServer+Run.swift — a program's life around its server: until a signal, and then a bounded end.
// A file of its own, so that a program with a main loop of its own does not link `run`.

import Bytes
import Linux
import Net
import Options
import Runtime

/// What ends ``HTTPServer/run(until:drainingWithin:)``.
public enum ServerEnd: Sendable {
    /// SIGTERM, SIGINT or SIGHUP: the first one drains, a second one ends at once. Other signals do nothing.
    case signals
}

extension HTTPServer {
    /// Starts the workers, serves until `end` comes, and drains as ``drain()`` does for up to `time`. On the main
    /// thread, after ``listen(on:_:)``, instead of `Runtime.run`.
    ///
    /// Return from `main` then. Handlers that still run, or are suspended for ever, do not hold the process up.
    ///
    /// - Parameter time: how long requests in flight may take.
    /// - Returns: whether all connections have ended by themselves. If not, workers still run.
    /// - Throws: what signalfd(2) and the start of a thread say.
    @discardableResult
    public func run(until end: ServerEnd, drainingWithin time: Milliseconds) throws(Errno) -> Bool {
        let signals = try SignalDescriptor()
        var ending = ServerEnding()
        try Runtime.run()
        try start()
        while true {
            var entries: [1 of PollEntry] = [PollEntry(signals.descriptor, for: .readable)]
            _ = try Poll.wait(&entries, timeout: ending.hasBegun ? Config.drainCheckTime : -1)
            while let signal = signals.next() {
                guard signal == .terminate || signal == .interrupt || signal == .hangUp else { continue }
                guard !ending.hasBegun else { return false }
                ending.begin(self, within: time)
            }
            if ending.isOver { return Runtime.hasEnded }
        }
    }
}

/// How far a server's drain has come, as its control thread sees it.
///
///     serving ─ begin ─▶ draining ─ all workers have ended, or the time is up ─▶ over
public struct ServerEnding: ~Copyable {
    /// When the time is up, in ms of the monotonic clock; nil: serving.
    private var end: UInt64?

    /// Serving.
    package init() {}

    /// Whether the drain has begun.
    package var hasBegun: Bool { end != nil }

    /// Begins to drain `server`, for up to `time`. Once.
    package mutating func begin(_ server: HTTPServer, within time: Milliseconds) {
        end = Clock.monotonicMilliseconds + UInt64(time.rawValue)
        server.drain()
    }

    /// Whether all workers have ended, or the time is up. Ask every `Config.drainCheckTime` ms.
    package var isOver: Bool {
        guard let end else { return false }
        return Runtime.hasEnded || Clock.monotonicMilliseconds >= end
    }
}
