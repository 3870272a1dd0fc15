// Sources/Service/Supervisor.swift — what watches over the process from outside, if anything does.

import Bytes
import Linux
import Logging
import Net
import Settings

/// The ways to a service manager, as the daemon fills them in; nobody listens otherwise. All are called on the control
/// thread, which is the main thread.
public struct Supervisor {
    /// Listening sockets that were passed to the process, non-blocking; if there are any, no other is made.
    public var listeners: [Listener] = []
    /// How often the manager wants to hear that the process is alive, in ms; nil: it does not.
    public var watchdogInterval: Int?
    /// Gets each line of the log that is a warning, an error or an event; nil: they go to the log alone.
    public var journal: ((borrowing LogRecord) -> Void)?
    /// The service serves, or has taken over a new configuration; with a line about its state.
    public var ready: (borrowing Span<UInt8>) -> Void = { _ in }
    /// Another line about its state.
    public var status: (borrowing Span<UInt8>) -> Void = { _ in }
    /// It takes over a new configuration.
    public var reloading: (borrowing Span<UInt8>) -> Void = { _ in }
    /// It is ending.
    public var stopping: (borrowing Span<UInt8>) -> Void = { _ in }
    /// It will take so many ms more.
    public var extendTimeout: (Int) -> Void = { _ in }
    /// It cannot go on.
    public var failed: (Errno, borrowing Span<UInt8>) -> Void = { _, _ in }
    /// All workers have answered since the last time.
    public var alive: () -> Void = {}
    /// A worker will never answer.
    public var deadlocked: () -> Void = {}
    /// Waits until all that was said has been heard.
    public var farewell: () -> Void = {}
    /// Whether there is anybody.
    public var isPresent = false

    /// Nobody.
    public init() {}
}
